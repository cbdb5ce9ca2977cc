"""Open media files with FFmpeg, safely: local files only, whatever their names and contents look like.

FFmpeg recognizes a format by its content, so a new audio or video format needs an entry here only if it is
sample-exact, or if `batch` and the studio are to find it by its suffix.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from lipwright.errors import InputError
from lipwright.media.file_errors import check_regular_file
from lipwright.media.time_limit import bounded_in_time

SAMPLE_EXACT_CONTAINERS = frozenset({"wav", "w64", "aiff", "flac", "caf", "wv"})
"""Containers that state their length to the sample."""

RECORDING_SUFFIXES = frozenset(
    {".wav", ".flac", ".mp3", ".m4a", ".aac", ".ogg", ".opus", ".aif", ".aiff", ".wma"}
    | {".mp4", ".mov", ".mkv"}
)
"""Suffixes of recordings: those that `batch` takes from a folder, and that the studio offers."""

MEDIA_TYPES = {".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/mp4", ".webm": "video/webm"}
"""Media types of the videos that browsers play, by suffix."""

LIST_FORMATS = frozenset({"concat", "hls", "dash", "webm_dash_manifest", "imf", "sdp", "rtsp"})
"""FFmpeg's demuxers of text that names other files."""

LIST_SIGNATURES = (b"ffconcat", b"#EXTM3U", b"\xef\xbb\xbf#EXTM")

MAX_ID3_BYTES = 1 << 20
"""Larger ID3 tags are skipped: FFmpeg needs 15 s for 20 MB of small frames."""


MAX_OPEN_CPU_S = 5.0
"""CPU time to open a file; four hours of video take 0.1 s. FFmpeg takes time that grows with the square
of the number of tags, and a file may hold a million."""


@contextmanager
def open_container(path: Path, demuxer: str | None = None, *, edits: bool = True) -> Iterator[InputContainer]:
    """Open a local file with PyAV.

    Args:
        path: The file, whatever its name looks like.
        demuxer: FFmpeg's name of the format to open it as; None guesses by content.
        edits: Whether the edit lists of MP4 choose and shift what is read.

    Raises:
        InputError: the file is a list of other files, which could change without the hash of the list
            changing.
    """
    options = {"protocol_whitelist": "file"}
    if not edits:
        options["ignore_editlist"] = "1"
    if demuxer is None and (tag := id3_bytes(path)) > MAX_ID3_BYTES:
        options["skip_initial_bytes"] = str(tag)
    with path.open("rb") as file:
        if file.read(8).startswith(LIST_SIGNATURES):
            raise _is_list(path)  # before FFmpeg opens the files it names
    too_slow = InputError(
        f"{path}: opening it takes too long, as if it held very many tags",
        hint="remove its tags: ffmpeg -i FILE -map_metadata -1 -c copy OUT",
    )
    with bounded_in_time(MAX_OPEN_CPU_S, too_slow):
        # "file:" keeps FFmpeg from taking a name such as "concat:a" for a protocol.
        container = av.open(f"file:{path}", format=demuxer, metadata_errors="replace", options=options)
    with container:
        if not LIST_FORMATS.isdisjoint(container.format.name.split(",")):
            raise _is_list(path)
        yield container


def _is_list(path: Path) -> InputError:
    return InputError(
        f"{path}: this is a list of other files, not a recording or a video",
        hint="name the file itself; several are joined by an editor or by ffmpeg",
    )


def id3_bytes(path: Path) -> int:
    """Length of the ID3v2 tags at the start of a file, one or several.

    Each has 10 bytes of header, with a size of four 7-bit digits.
    """
    total, file_bytes = 0, path.stat().st_size
    with path.open("rb") as file:
        while True:
            file.seek(total)
            header = file.read(10)
            if header[:3] != b"ID3" or len(header) < 10:
                return total
            a, b, c, d = header[6:10]
            end = total + 10 + (a << 21 | b << 14 | c << 7 | d)
            if end >= file_bytes:
                return total
            total = end


def check_plain_file(path: Path) -> None:
    """Refuse what cannot be a media file before a decoder sees it.

    Raises:
        InputError: missing, a folder, a pipe or device, empty.
    """
    check_regular_file(path)
    if path.stat().st_size == 0:
        raise InputError(f"{path}: the file is empty", hint="copy or download it again")


def packets_of(container: InputContainer, stream: Stream) -> Iterator[Any]:
    """Yield the packets of a stream, as PyAV's demux does.

    PyAV raises IndexError at a packet of a stream that was not there when the file was opened, as damaged
    transport streams have them; reading continues after it.
    """
    while True:
        try:
            yield from container.demux(stream)
        except IndexError:
            continue
        return


def frames_of(container: InputContainer, stream: Stream) -> Iterator[Any]:
    """Yield the frames of a stream, decoded from `packets_of`."""
    for packet in packets_of(container, stream):
        yield from packet.decode()


def video_streams(container: InputContainer) -> list[VideoStream]:
    """The video tracks of a file; a cover image is none."""
    # A stream without a decoder, such as an SVG, has no codec context.
    return [
        stream
        for stream in container.streams.video
        if stream.codec_context and not Disposition.attached_pic & stream.disposition
    ]


def contents(container: InputContainer) -> str:
    """Describe the contents of a file without audio, for a message."""
    if container.format.name == "tty":  # FFmpeg opens text files as terminal art
        return "a text file"
    kinds = sorted({stream.type for stream in container.streams})
    return f"{container.format.long_name}: {', '.join(kinds) or 'no streams'}"


def matroska_seconds(text: str) -> Fraction | None:
    """Parse Matroska's per-stream duration, such as "00:00:04.023000000"; None if it is malformed."""
    match = re.fullmatch(r"(\d{1,4}):(\d{1,2}):(\d{1,2}(?:\.\d{1,9})?)\0*", text.strip(), re.ASCII)
    if match is None:
        return None
    return Fraction(match[1]) * 3600 + Fraction(match[2]) * 60 + Fraction(match[3])
