"""Detect truncated files that FFmpeg decodes without an error.

Raw streams, such as MP3 without a Xing header, do not state their length, so truncation at the end of a
packet is not detected.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

from lipwright.media.input_containers import id3_bytes, open_container, packets_of

_STREAMED = 0x7FFF_F000
"""Size in bytes. If the header of a WAV file states a size of 0, or of at least this value, the file was
written to a pipe, and the header does not contain its real length."""

_OGG_PAGE_MAX = 65_307
"""Maximum size of an Ogg page in bytes (RFC 3533): a header of 27 bytes, 255 segment sizes of 1 byte each,
and 255 segments of 255 bytes each."""

_MP3_FRAME_MAX = 2_881
"""Maximum size of an MP3 frame in bytes, at 640 kbit/s (free format) and a sample rate of 32 kHz."""

_XING_FRAMES, _XING_BYTES = 1, 2
"""Flag bits of a Xing or Info tag. _XING_FRAMES is set if the tag contains the number of frames, _XING_BYTES
if it contains the number of bytes; each of the two is a 32-bit number."""


def missing_bytes(path: Path, container: str) -> int:
    """Return the number of bytes missing from a file, according to its header; 0 if unknown.

    `container` is FFmpeg's name of the format; WAV, Ogg and MP3 are examined.
    """
    examine = {"wav": _missing_from_wav, "ogg": _missing_from_ogg, "mp3": _missing_from_mp3}.get(container)
    return examine(path) if examine else 0


def holds_its_samples(path: Path) -> bool:
    """Return True if an MP4 contains all samples listed in its tables.

    Its edit list may declare a greater length, which is not a sign of truncation.
    """
    with open_container(path, edits=False) as container:
        stream = container.streams.best("audio")
        if stream is None or stream.duration is None:
            return False
        return sum(packet.duration or 0 for packet in packets_of(container, stream)) >= stream.duration


def _missing_from_wav(path: Path) -> int:
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(12)[:4] != b"RIFF":
            return 0  # RF64 and big-endian files state their size elsewhere
        while len(header := file.read(8)) == 8:
            name, length = struct.unpack("<4sI", header)
            if name == b"data":
                return max(0, file.tell() + length - size) if 0 < length < _STREAMED else 0
            file.seek(length + length % 2, os.SEEK_CUR)
    return 0


def _missing_from_ogg(path: Path) -> int:
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _OGG_PAGE_MAX))
        tail = file.read()
    at = tail.rfind(b"OggS")
    if at < 0:
        return 0
    if len(tail) < at + 27:
        return at + 27 - len(tail)
    segments = tail[at + 26]
    lengths = tail[at + 27 : at + 27 + segments]
    if len(lengths) < segments:
        return segments - len(lengths)
    return max(0, at + 27 + segments + sum(lengths) - len(tail))


def has_lost_ogg_pages(path: Path) -> bool:
    """Return True if pages of an Ogg file are missing because bytes are damaged."""
    with path.open("rb") as file:
        while header := file.read(27):
            if header[:4] != b"OggS" or len(header) < 27:
                return True
            file.seek(sum(file.read(header[26])), os.SEEK_CUR)
    return False


def _missing_from_mp3(path: Path) -> int:
    """Return the number of missing bytes, according to the Xing or Info tag of an MP3; 0 if unknown."""
    size = path.stat().st_size
    start = id3_bytes(path)
    with path.open("rb") as file:
        file.seek(start)
        first = file.read(_MP3_FRAME_MAX)
    at = max(first.find(b"Xing"), first.find(b"Info"))
    if at < 0 or len(first) < at + 16:
        return 0
    flags = int.from_bytes(first[at + 4 : at + 8], "big")
    if not flags & _XING_BYTES:
        return 0
    field = at + (12 if flags & _XING_FRAMES else 8)
    announced = int.from_bytes(first[field : field + 4], "big")
    # Tag editors change the size of the file, so a difference of less than half a percent is not a cut.
    return missing if (missing := start + announced - size) > announced // 200 else 0
