"""A film from somebody else's machine: opened as what its name says, and counted before it is used.

FFmpeg guesses a file's format by its content, and some formats (playlists,
concatenations) make it open other files. A film that a server sent is therefore
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
from lipwright.media.decode import check_plain_file
from lipwright.media.playback import to_rgb
from lipwright.media.translate import CORRUPT_HINT, reading

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
class Counted:
    """What a film really holds."""

    frames: int
    """Those that decode."""
    size: FrameSize


def count_frames(path: Path) -> Counted:
    """Decode a film once, to its end.

    Raises:
        InputError: damaged, truncated, without pictures, of a format that is not taken, or of pictures
            that change their size midway.
    """
    frames, size = 0, None
    with _open(path) as container, reading(path):
        for frame in container.decode(container.streams.video[0]):
            now = FrameSize(frame.width, frame.height)
            if size is not None and now != size:
                raise InputError(f"{path}: its pictures change from {size} to {now}", hint=CORRUPT_HINT)
            size = now
            frames += 1
    if size is None:
        raise InputError(f"{path}: no picture can be decoded from it", hint=CORRUPT_HINT)
    return Counted(frames, size)


def received_frames(path: Path) -> Generator[NDArray[np.uint8]]:
    """The pictures in order of presentation.

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
    """The last picture, shape (height, width, 3), RGB.

    Raises:
        InputError: as `count_frames`.
    """
    last = None
    with _open(path) as container, reading(path):
        for frame in container.decode(container.streams.video[0]):
            last = frame
        if last is not None:
            return to_rgb(VideoReformatter(), last)
    raise InputError(f"{path}: no picture can be decoded from it", hint=CORRUPT_HINT)


@contextmanager
def _open(path: Path) -> Iterator[InputContainer]:
    check_plain_file(path)
    suffix = path.suffix.lower()
    if suffix not in CONTAINERS:
        raise InputError(f"{path}: not a film of a known kind", hint=f"one of {', '.join(CONTAINERS)}")
    with reading(path):
        container = av.open(
            f"file:{path}",
            format=CONTAINERS[suffix],
            metadata_errors="replace",
            options={"protocol_whitelist": "file"},
        )
    with container:
        if not container.streams.video:
            raise InputError(f"{path}: there is no picture track in it", hint=CORRUPT_HINT)
        container.streams.video[0].thread_type = "AUTO"
        yield container
