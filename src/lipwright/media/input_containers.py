"""Open media files with FFmpeg safely: whatever a file's name and content, only that local file is opened.

FFmpeg recognizes formats by content. A further audio or video format needs an entry here only if its length
is exact to the sample, or if `batch` and the studio should find it by its suffix.
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
"""Containers whose header states the length of the audio exactly, in samples."""

RECORDING_SUFFIXES = frozenset(
    {".wav", ".flac", ".mp3", ".m4a", ".aac", ".ogg", ".opus", ".aif", ".aiff", ".wma"}
    | {".mp4", ".mov", ".mkv"}
)
"""Suffixes of the recordings that `batch` takes from a folder and that the studio accepts."""

MEDIA_TYPES = {".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/mp4", ".webm": "video/webm"}
"""Media types of the videos that browsers play, by suffix."""

LIST_FORMATS = frozenset({"concat", "hls", "dash", "webm_dash_manifest", "imf", "sdp", "rtsp"})
"""FFmpeg's demuxers for text files that list other files."""

LIST_SIGNATURES = (b"ffconcat", b"#EXTM3U", b"\xef\xbb\xbf#EXTM")

MAX_ID3_BYTES = 1 << 20
"""Maximum size of ID3 tags that FFmpeg reads; larger tags are skipped, because FFmpeg needs 15 s for a tag of
20 MB that consists of many small entries."""


MAX_OPEN_CPU_S = 5.0
"""Maximum CPU time for opening a file; a video of four hours is opened in 0.1 s. The time that FFmpeg needs
grows with the square of the number of tags, and a file may contain a million tags."""


@contextmanager
def open_container(path: Path, demuxer: str | None = None, *, edits: bool = True) -> Iterator[InputContainer]:
    """Open a local file with PyAV.

    Args:
        path: The file; its name may look like a URL or protocol.
        demuxer: FFmpeg's name of the format; None to detect it by content.
        edits: Apply the edit lists of MP4.

    Raises:
        InputError: the file is a list of other files, which could change while the hash of the list stays the
            same; or opening it takes too long.
    """
    options = {"protocol_whitelist": "file"}
    if not edits:
        options["ignore_editlist"] = "1"
    if demuxer is None and (tag := id3_bytes(path)) > MAX_ID3_BYTES:
        options["skip_initial_bytes"] = str(tag)
    with path.open("rb") as file:
        if file.read(8).startswith(LIST_SIGNATURES):
            raise _is_list(path)  # before FFmpeg opens the listed files
    too_slow = InputError(
        f"{path}: opening the file takes too long, probably because it contains very many tags",
        hint="remove the tags: ffmpeg -i FILE -map_metadata -1 -c copy OUT",
    )
    with bounded_in_time(MAX_OPEN_CPU_S, too_slow):
        # With "file:", FFmpeg does not take a name such as "concat:a" for a protocol.
        container = av.open(f"file:{path}", format=demuxer, metadata_errors="replace", options=options)
    with container:
        if not LIST_FORMATS.isdisjoint(container.format.name.split(",")):
            raise _is_list(path)
        yield container


def _is_list(path: Path) -> InputError:
    return InputError(
        f"{path}: this is a list of other files, not a recording or a video",
        hint="give the recording itself; join several recordings with an editor or ffmpeg",
    )


def id3_bytes(path: Path) -> int:
    """Return the total length of the ID3v2 tags at the start of a file, in bytes.

    Each tag has a header of 10 bytes, which contains its size as four 7-bit digits.
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
    """Raise an error for a path that cannot be a media file, before a decoder reads it.

    Raises:
        InputError: the file is missing, a folder, a pipe, a device, or empty.
    """
    check_regular_file(path)
    if path.stat().st_size == 0:
        raise InputError(f"{path}: the file is empty", hint="copy or download the file again")


def packets_of(container: InputContainer, stream: Stream) -> Iterator[Any]:
    """Yield the packets of a stream, like PyAV's demux, but from damaged files too.

    PyAV raises IndexError at a packet of a stream that was not known when the file was opened, which occurs
    in damaged transport streams; reading continues after such packets.
    """
    while True:
        try:
            yield from container.demux(stream)
        except IndexError:
            continue
        return


def frames_of(container: InputContainer, stream: Stream) -> Iterator[Any]:
    """Yield the decoded frames of a stream."""
    for packet in packets_of(container, stream):
        yield from packet.decode()


def video_streams(container: InputContainer) -> list[VideoStream]:
    """Return the video tracks of a file; cover images are left out."""
    # Streams without a decoder, such as SVG, have no codec context.
    return [
        stream
        for stream in container.streams.video
        if stream.codec_context and not Disposition.attached_pic & stream.disposition
    ]


def contents(container: InputContainer) -> str:
    """Describe a file without audio for an error message: its format and the kinds of its streams."""
    if container.format.name == "tty":  # FFmpeg opens any text file as terminal art
        return "a text file"
    kinds = sorted({stream.type for stream in container.streams})
    return f"{container.format.long_name}: {', '.join(kinds) or 'no streams'}"


def matroska_seconds(text: str) -> Fraction | None:
    """Parse the duration of a stream in Matroska, such as "00:00:04.023000000"; None if it is malformed."""
    match = re.fullmatch(r"(\d{1,4}):(\d{1,2}):(\d{1,2}(?:\.\d{1,9})?)\0*", text.strip(), re.ASCII)
    if match is None:
        return None
    return Fraction(match[1]) * 3600 + Fraction(match[2]) * 60 + Fraction(match[3])
