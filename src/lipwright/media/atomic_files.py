"""Write output files completely or not at all.

A result is written under a hidden name next to its target, flushed to the disk and renamed over it. Hidden
names contain the process id of the writer and a random number, so that the next run can distinguish the files
of a dead process from those of a running one.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from zlib import crc32

from lipwright.errors import OutputError
from lipwright.media.file_errors import check_regular_file, reading, writing
from lipwright.system import is_running

_HIDDEN = ".lipwright-"


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Provide a path to write to; that file replaces `target` when the block ends without an exception.

    On any exception, including Ctrl-C, the new file is removed and `target` stays unchanged. If `target` is a
    symbolic link, the file to which it points is replaced.

    Yields:
        A path in the target's folder, with the target's suffix, at which no file exists yet.

    Raises:
        OutputError: the folder is missing, there is no permission or space, or the target is not a regular
            file.
    """
    check_target(target)
    remove_leftovers(target)
    part = hidden_sibling(target, f"part{target.suffix}")
    try:
        yield part
        with writing(target):
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            part.replace(target.resolve())
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def check_target(target: Path) -> None:
    """Check that `target` can be written, before the work starts.

    Raises:
        OutputError: `target` cannot be written; the message says why.
    """
    with writing(target):
        real = target.resolve()
        is_folder, exists, is_file = real.is_dir(), real.exists(), real.is_file()
        has_folder, may_write = real.parent.is_dir(), os.access(real.parent, os.W_OK | os.X_OK)
    if is_folder:
        raise OutputError(f"{target}: this is a folder", hint="give the path of a file inside the folder")
    if exists and not is_file:
        raise OutputError(f"{target}: this is not a regular file", hint="choose another name")
    if not has_folder:
        raise OutputError(f"{target}: there is no folder {target.parent}", hint="create the folder first")
    if not may_write:
        raise OutputError(
            f"{target}: no permission to write in {target.parent}",
            hint="choose another folder or change its permissions",
        )


def hidden_sibling(target: Path, role: str) -> Path:
    """Return a new hidden name in the target's folder, for a temporary file.

    If the run is killed, `remove_leftovers` finds the file by this name. `role` ends in a suffix, such as
    "staged.mp4". If `target` is a symbolic link, the folder of the linked file is used.
    """
    real = target.resolve()
    return real.with_name(f"{_mark(real)}{_writer(os.getpid())}-{secrets.token_hex(4)}.{role}")


def remove_leftovers(target: Path) -> None:
    """Remove the temporary files (see `hidden_sibling`) that dead processes left next to `target`."""
    real = target.resolve()
    for entry in real.parent.glob(f"{_mark(real)}*"):
        _remove_of_dead(entry, entry.name.removeprefix(_mark(real)))


def write_text_atomically(target: Path, text: str) -> None:
    """Write a text as UTF-8, so that `target` is at any time either the old file or the complete new one.

    Raises:
        OutputError: the file cannot be written.
    """
    with replacing(target) as part, writing(target):
        part.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal.

    Raises:
        InputError: the file cannot be read, or is not a regular file.
    """
    check_regular_file(path)
    with reading(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def same_file(a: Path, b: Path) -> bool:
    """Return True if two paths lead to the same file, even if one is a link or the spelling differs."""
    with suppress(OSError):
        if a.samefile(b):
            return True
    return a.resolve() == b.resolve()


def _mark(target: Path) -> str:
    """Return the prefix of all hidden names for a target.

    If `target` is itself a hidden name for another file, the prefix of that hidden name is returned.
    """
    if own := re.match(rf"{_HIDDEN}[0-9a-f]{{8}}\.", target.name):
        return own[0]
    # The hidden name contains no part of the target's name, which may have the maximum length of a name.
    return f"{_HIDDEN}{crc32(os.fsencode(target)):08x}."


def _remove_of_dead(entry: Path, writer: str) -> None:
    """Remove a hidden file if the process that wrote it has ended.

    `writer` is the file's name without the prefix (see `_mark`); it begins with the process id.
    """
    pid = writer.partition("-")[0]
    if not pid.isdecimal():
        return
    if int(pid) == os.getpid():  # in containers, an earlier run may have had this process id
        alive = writer.startswith(f"{_writer(os.getpid())}-")
    else:
        alive = os.name != "nt" and is_running(int(pid))  # on Windows, an open file cannot be removed
    if not alive:
        with suppress(OSError):
            entry.unlink()


@cache
def _writer(pid: int) -> str:
    """Return the part of hidden names that identifies this process.

    It contains the process id `pid`, and a random number that is drawn once per process.
    """
    return f"{pid}-{secrets.token_hex(4)}"
