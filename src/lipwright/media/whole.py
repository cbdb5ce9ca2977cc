"""Cut-off files that FFmpeg plays to their end without a word.

Raw streams (MP3 without a length header, for one) do not say how long they should
be; a cut through those goes unseen.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

_STREAMED = 0x7FFF_F000
"""Programs that write WAV into a pipe announce 0 bytes, or some number from here on."""

_OGG_PAGE_MAX = 65_307
"""Bytes of the largest Ogg page: 27 of header, 255 segment sizes, 255 segments of 255 (RFC 3533)."""


def missing_bytes(path: Path, container: str) -> int:
    """Bytes that a WAV or Ogg file announces and does not hold; 0 where it is whole or unknown.

    Args:
        path: The file.
        container: FFmpeg's name of its container.
    """
    if container == "wav":
        return _missing_from_wav(path)
    if container == "ogg":
        return _missing_from_ogg(path)
    return 0


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
