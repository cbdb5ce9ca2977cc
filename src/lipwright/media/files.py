"""Output files that appear whole or not at all.

A result is written to a hidden name beside its target, flushed to the disk and
renamed over it. Hidden names carry the writer's process id and a number it drew, so that the
next run can tell a dead writer's leavings from a living one's work.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from zlib import crc32

from lipwright.errors import OutputError
from lipwright.media.exceptions import writing


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A path to write to; it becomes `target` when the block ends well.

    On any exception, Ctrl-C included, the path is removed and `target` stays as
    it was. A symbolic link is followed: what it points at is replaced.

    Yields:
        A fresh name in the target's folder with the target's suffix; no file yet.

    Raises:
        OutputError: the folder is missing, there is no right or no room, or the
            target is something other than a plain file.
    """
    check_target(target)
    real = target.resolve()
    _clear_stale(real)
    part = real.with_name(f"{_prefix(real)}{_writer(os.getpid())}-{secrets.token_hex(4)}.part{real.suffix}")
    try:
        yield part
        with writing(target):
            _flush(part)
            part.replace(real)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def check_target(target: Path) -> None:
    """See that `target` can be written, before the work starts.

    Raises:
        OutputError: with the reason.
    """
    with writing(target):
        real = target.resolve()
        is_folder, exists, is_file = real.is_dir(), real.exists(), real.is_file()
        has_folder, may_write = real.parent.is_dir(), os.access(real.parent, os.W_OK | os.X_OK)
    if is_folder:
        raise OutputError(f"{target}: this is a folder", hint="name a file inside it")
    if exists and not is_file:
        raise OutputError(f"{target}: not a plain file", hint="choose another name")
    if not has_folder:
        raise OutputError(f"{target}: no such folder as {target.parent}", hint="make the folder first")
    if not may_write:
        raise OutputError(
            f"{target}: no right to write in {target.parent}",
            hint="choose another folder or change its permissions",
        )


def hidden_beside(target: Path, role: str) -> Path:
    """A fresh hidden name in the target's folder, for work that a killed run may leave behind.

    Args:
        target: What the work is for; a link is followed.
        role: What it is, and its suffix, such as "staged.mp4".
    """
    real = target.resolve()
    return real.with_name(f".{_mark(real)}{_writer(os.getpid())}-{secrets.token_hex(4)}.{role}")


def clear_hidden(target: Path) -> None:
    """Remove what dead writers left under such names, half-written parts of it included."""
    real = target.resolve()
    for entry in real.parent.iterdir():
        name = entry.name.lstrip(".")
        if entry.name.startswith(".") and name.startswith(_mark(real)):
            _remove_of_dead(entry, name.removeprefix(_mark(real)))


def write_text_atomically(target: Path, text: str) -> None:
    """Write UTF-8 text so that `target` is the old file or the whole new one.

    Raises:
        OutputError: it cannot be written.
    """
    with replacing(target) as part, writing(target):
        part.write_text(text, encoding="utf-8", newline="\n")


def same_file(a: Path, b: Path) -> bool:
    """True where two paths lead to one file, by whatever names, links or spellings."""
    with suppress(OSError):
        if a.samefile(b):
            return True
    return a.resolve() == b.resolve()


def _prefix(target: Path) -> str:
    # A name may have 255 bytes, and the target may have used them all.
    return f".{target.stem.encode(errors='ignore')[:100].decode(errors='ignore')}."


def _mark(target: Path) -> str:
    # It holds no part of the target's name, which may be as long as names can be.
    return f"lipwright-{crc32(os.fsencode(target)):08x}."


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _clear_stale(target: Path) -> None:
    """Remove parts of this target whose writer is dead (killed, or the power went)."""
    prefix, suffix = _prefix(target), f".part{target.suffix}"
    for entry in target.parent.iterdir():
        if not (entry.name.startswith(prefix) and entry.name.endswith(suffix)):
            continue
        _remove_of_dead(entry, entry.name.removeprefix(prefix))


def _remove_of_dead(entry: Path, writer: str) -> None:
    """Remove a file whose writer, as whose name `writer` begins, is dead."""
    pid = writer.partition("-")[0]
    if not pid.isdecimal():
        return
    if int(pid) == os.getpid():  # or of one before us: in a container every run may have the same
        alive = writer.startswith(f"{_writer(os.getpid())}-")
    else:
        alive = _is_running(int(pid))
    if not alive:
        with suppress(OSError):
            entry.unlink()


@cache
def _writer(pid: int) -> str:
    """How this process signs the files it writes; the number is drawn once."""
    return f"{pid}-{secrets.token_hex(4)}"


def _is_running(pid: int) -> bool:
    if os.name == "nt":  # signal 0 would end the process there, and an open file cannot be removed
        return pid == os.getpid()
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
