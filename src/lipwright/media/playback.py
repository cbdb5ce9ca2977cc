"""A finished film, read back: its frames with their instants, its sound to the sample."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from lipwright.errors import InputError
from lipwright.media.decode import AudioFormat, check_plain_file, open_container, open_sound
from lipwright.media.translate import CORRUPT_HINT, reading

_CONVERSION = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
_HD_HEIGHT = 720
"""Untagged films of this height or more are taken as BT.709, smaller ones as BT.601: what players do."""


def read_film_frames(path: Path) -> Iterator[tuple[Fraction, NDArray[np.uint8]]]:
    """Frames in order of presentation.

    Yields:
        The instant in seconds from the film's start, exact, and the picture: shape
        (height, width, 3), RGB.

    Raises:
        InputError: missing, damaged, or without a picture track.
    """
    check_plain_file(path)
    converter = VideoReformatter()
    with reading(path), open_container(path) as container:
        if not container.streams.video:
            raise InputError(f"{path}: there is no picture track in it", hint=CORRUPT_HINT)
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        start = Fraction(container.start_time or 0, 1_000_000)
        for frame in container.decode(stream):
            instant = (frame.pts or 0) * (frame.time_base or Fraction(0)) - start
            yield instant, to_rgb(converter, frame)


def read_film_audio(path: Path) -> tuple[NDArray[Any], AudioFormat]:
    """The whole sound of a film, every channel, as decoded, priming taken away.

    Returns:
        Shape (channels, n) in the codec's own sample type, and its format.

    Raises:
        InputError: missing, damaged or without sound.
    """
    with open_sound(path) as decoder:
        blocks = list(decoder.blocks())
        return np.concatenate(blocks, 1), decoder.format


def to_rgb(converter: VideoReformatter, frame: VideoFrame) -> NDArray[np.uint8]:
    """A decoded frame as RGB, shape (height, width, 3), by its own matrix and range or the usual guess."""
    known = {
        int(Colorspace.ITU709),
        int(Colorspace.ITU601),
        int(Colorspace.SMPTE240M),
        int(Colorspace.BT2020),
    }
    guess = Colorspace.ITU709 if frame.height >= _HD_HEIGHT else Colorspace.ITU601
    full_range = frame.color_range == ColorRange.JPEG
    rgb = converter.reformat(
        frame,
        format="rgb24",
        src_colorspace=frame.colorspace if int(frame.colorspace) in known else guess,
        src_color_range=ColorRange.JPEG if full_range else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=_CONVERSION,
    )
    return rgb.to_ndarray().astype(np.uint8, copy=False)
