"""A finished video, read back: its frames with their instants, its audio to the sample."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from lipwright.errors import InputError
from lipwright.media.audio_decoder import AudioFormat, check_plain_file, open_audio, open_container
from lipwright.media.exceptions import CORRUPT_HINT, reading

_CONVERSION = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
_QUICK = Interpolation.FAST_BILINEAR
_HD_HEIGHT = 720
"""Untagged videos of this height or more are taken as BT.709, smaller ones as BT.601: what players do."""


def read_video_frames(
    path: Path, *, longest_px: int | None = None, exact: bool = True
) -> Iterator[tuple[Fraction, NDArray[np.uint8]]]:
    """Frames in order of presentation.

    Args:
        path: A video.
        longest_px: Larger frames are scaled down to this width or height; None leaves them.
        exact: Colours to the last bit; else as fast as can be, which landmarks do not mind.

    Yields:
        The instant in seconds from the video's start, exact, and the image: shape
        (height, width, 3), RGB.

    Raises:
        InputError: missing, damaged, or without an image track.
    """
    check_plain_file(path)
    converter = VideoReformatter()
    with reading(path), open_container(path) as container:
        if not container.streams.video:
            raise InputError(f"{path}: there is no image track in it", hint=CORRUPT_HINT)
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        start = Fraction(container.start_time or 0, 1_000_000)
        for frame in container.decode(stream):
            instant = (frame.pts or 0) * (frame.time_base or Fraction(0)) - start
            yield instant, to_rgb(converter, frame, longest_px, _CONVERSION if exact else _QUICK)


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What a video's container says of it."""

    frames: int
    """About: 0 where it does not tell."""
    frame_rate: Fraction
    """Frames per second, exact, as it is written there; 0 where it does not tell."""
    has_audio: bool
    audio_rate_hz: int
    """0 without audio."""


def video_facts(path: Path) -> VideoFacts:
    """Look at a video without decoding it.

    Raises:
        InputError: missing, no video, or without an image track.
    """
    check_plain_file(path)
    with reading(path), open_container(path) as container:
        if not container.streams.video:
            raise InputError(f"{path}: there is no image track in it", hint="give a video, not a recording")
        stream = container.streams.video[0]
        seconds = (container.duration or 0) / 1_000_000
        frames = stream.frames or round(seconds * float(stream.average_rate or 0))
        frame_rate = stream.guessed_rate or Fraction(0)
        audio = container.streams.audio[0] if container.streams.audio else None
        audio_rate_hz = 0 if audio is None else int(audio.sample_rate)
        return VideoFacts(frames, frame_rate, audio is not None, audio_rate_hz)


def read_video_audio(path: Path) -> tuple[NDArray[Any], AudioFormat]:
    """The whole audio of a video, every channel, as decoded, priming taken away.

    Returns:
        Shape (channels, n) in the codec's own sample type, and its format.

    Raises:
        InputError: missing, damaged or without audio.
    """
    with open_audio(path) as decoder:
        blocks = list(decoder.blocks())
        return np.concatenate(blocks, 1), decoder.format


def to_rgb(
    converter: VideoReformatter,
    frame: VideoFrame,
    longest_px: int | None = None,
    interpolation: Interpolation = _CONVERSION,
) -> NDArray[np.uint8]:
    """A decoded frame as RGB, shape (height, width, 3), by its own matrix and range or the usual guess."""
    known = {
        int(Colorspace.ITU709),
        int(Colorspace.ITU601),
        int(Colorspace.SMPTE240M),
        int(Colorspace.BT2020),
    }
    guess = Colorspace.ITU709 if frame.height >= _HD_HEIGHT else Colorspace.ITU601
    full_range = frame.color_range == ColorRange.JPEG
    shrink = min(1.0, (longest_px or math.inf) / max(frame.width, frame.height))
    rgb = converter.reformat(
        frame,
        width=max(2, round(frame.width * shrink)),
        height=max(2, round(frame.height * shrink)),
        format="rgb24",
        src_colorspace=frame.colorspace if int(frame.colorspace) in known else guess,
        src_color_range=ColorRange.JPEG if full_range else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=interpolation,
    )
    return rgb.to_ndarray().astype(np.uint8, copy=False)
