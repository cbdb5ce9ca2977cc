"""Convert exceptions of PyAV and the operating system to lipwright's errors."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av.error

from lipwright.errors import InputError, OutputError

CORRUPT_HINT = "open the file in a player; if it plays, convert it: audio to WAV or FLAC, video to MP4"
_READ_HINTS: dict[type[BaseException], tuple[str, str]] = {
    FileNotFoundError: ("no such file", "check the path"),
    IsADirectoryError: ("this is a folder, not a file", "give the path of a file inside the folder"),
    NotADirectoryError: ("part of this path is not a folder", "check the path"),
    PermissionError: ("no permission to read this file", "change its permissions"),
    av.error.InvalidDataError: ("not a readable audio or video file, or corrupted", CORRUPT_HINT),
    av.error.DemuxerNotFoundError: ("the container format cannot be read", CORRUPT_HINT),
    av.error.DecoderNotFoundError: ("the codec cannot be decoded", CORRUPT_HINT),
    av.error.PatchWelcomeError: (
        "the file uses a rare variant of its codec, which cannot be decoded",
        CORRUPT_HINT,
    ),
    EOFError: ("the file ends before anything can be decoded", "copy or download the file again"),
    MemoryError: (
        "there is not enough memory to decode the file",
        "close other programs, or use a shorter file",
    ),
}
"""Message and hint for each class of exceptions and its subclasses; PyAV's exceptions inherit from
Python's."""

_WRITE_HINTS: dict[int, tuple[str, str]] = {
    errno.ENOSPC: ("no space left on the disk", "free some space or write elsewhere"),
    errno.EDQUOT: ("the disk quota is used up", "free some space or write elsewhere"),
    errno.EFBIG: ("the file would be larger than the file system allows", "write to another disk"),
    errno.EACCES: ("no permission to write to this path", "choose another folder or change its permissions"),
    errno.EPERM: ("no permission to write to this path", "choose another folder or change its permissions"),
    errno.EROFS: ("the disk is read-only", "choose another folder"),
    errno.ENOENT: ("no such folder", "create the folder first"),
    errno.ENOTDIR: ("part of the path is not a folder", "choose another folder"),
    errno.EISDIR: ("this is a folder", "give the path of a file"),
    errno.ENAMETOOLONG: ("the name is too long", "use a shorter name"),
}


def require_file(path: Path, role: str = "") -> None:
    """Raise InputError if there is no file at `path`.

    The message contains `role`, which says what the file is for, in case the user gave several files.
    """
    if not path.is_file():
        missing, hint = _READ_HINTS[FileNotFoundError]
        told = "not a file" if path.exists() else missing
        raise InputError(f"{path}: {told} ({role})" if role else f"{path}: {told}", hint=hint)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """While `path` is read, raise InputError instead of exceptions of PyAV and the operating system."""
    try:
        yield
    except (av.error.FFmpegError, OSError, MemoryError, EOFError, UnicodeError, ValueError) as error:
        if isinstance(error, av.error.PermissionError) and os.access(path, os.R_OK):
            # Some decoders reject damaged data with this exception.
            raise InputError(f"{path}: the file is damaged: {_plain(error)}", hint=CORRUPT_HINT) from error
        reason, hint = next(
            (_READ_HINTS[kind] for kind in type(error).__mro__ if kind in _READ_HINTS),
            (f"cannot be read ({_plain(error)})", CORRUPT_HINT),
        )
        raise InputError(f"{path}: {reason}", hint=hint) from error


def check_regular_file(path: Path) -> None:
    """Raise an error unless a path is a regular file; only such a file can be read more than once.

    Raises:
        InputError: the file is missing, a folder, a pipe or a device.
    """
    with reading(path):
        mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise InputError(
            f"{path}: this is a folder, not a file", hint="give the path of a file inside the folder"
        )
    if not stat.S_ISREG(mode):
        raise InputError(
            f"{path}: this is a pipe or a device, not a regular file",
            hint="save the data to a file first, because the data are read more than once",
        )


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """While `path` is written, raise OutputError instead of exceptions of PyAV and the operating system."""
    try:
        yield
    except (av.error.FFmpegError, OSError, MemoryError) as error:
        reason, hint = _WRITE_HINTS.get(
            getattr(error, "errno", None) or 0, (f"cannot be written ({_plain(error)})", "try another folder")
        )
        raise OutputError(f"{path}: {reason}", hint=hint) from error


def _plain(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
