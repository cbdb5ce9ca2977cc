"""A video from somebody else's machine: opened as what its name says, and counted before it is used.

FFmpeg guesses a file's format by its content, and some formats (playlists,
concatenations) make it open other files. A video that a server sent is therefore
opened in the format of its suffix, or not at all.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from lipwright.domain.media import FrameSize
from lipwright.errors import InputError
from lipwright.media.audio_decoder import check_plain_file
from lipwright.media.exceptions import CORRUPT_HINT, reading
from lipwright.media.video_reader import to_rgb

CONTAINERS: Mapping[str, str] = {
    ".mp4": "mp4",
    ".mov": "mov",
    ".m4v": "mp4",
    ".mkv": "matroska",
    ".webm": "matroska",
    ".avi": "avi",
}
"""Suffix -> FFmpeg's demuxer."""


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """What a video really holds."""

    frames: int
    """Those that decode."""
    size: FrameSize


def count_frames(path: Path) -> VideoInfo:
    """Decode a video once, to its end.

    Raises:
        InputError: damaged, truncated, without images, of a format that is not taken, or of images
            that change their size midway.
    """
    frames, size = 0, None
    with _open(path) as container, reading(path):
        for frame in container.decode(container.streams.video[0]):
            now = FrameSize(frame.width, frame.height)
            if size is not None and now != size:
                raise InputError(f"{path}: its images change from {size} to {now}", hint=CORRUPT_HINT)
            size = now
            frames += 1
    if size is None:
        raise InputError(f"{path}: no image can be decoded from it", hint=CORRUPT_HINT)
    return VideoInfo(frames, size)


def received_frames(path: Path) -> Generator[NDArray[np.uint8]]:
    """The images in order of presentation.

    Yields:
        Shape (height, width, 3), RGB.

    Raises:
        InputError: as `count_frames`.
    """
    converter = VideoReformatter()
    with _open(path) as container, reading(path):
        for frame in container.decode(container.streams.video[0]):
            yield to_rgb(converter, frame)


def last_frame(path: Path) -> NDArray[np.uint8]:
    """The last image, shape (height, width, 3), RGB.

    Raises:
        InputError: as `count_frames`.
    """
    last = None
    with _open(path) as container, reading(path):
        for frame in container.decode(container.streams.video[0]):
            last = frame
        if last is not None:
            return to_rgb(VideoReformatter(), last)
    raise InputError(f"{path}: no image can be decoded from it", hint=CORRUPT_HINT)


@contextmanager
def _open(path: Path) -> Iterator[InputContainer]:
    check_plain_file(path)
    suffix = path.suffix.lower()
    if suffix not in CONTAINERS:
        raise InputError(f"{path}: not a video of a known kind", hint=f"one of {', '.join(CONTAINERS)}")
    with reading(path):
        container = av.open(
            f"file:{path}",
            format=CONTAINERS[suffix],
            metadata_errors="replace",
            options={"protocol_whitelist": "file"},
        )
    with container:
        if not container.streams.video:
            raise InputError(f"{path}: there is no image track in it", hint=CORRUPT_HINT)
        container.streams.video[0].thread_type = "AUTO"
        yield container
