"""What lipwright asks of the operating system: cores, processes, threads, and temporary folders."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from lipwright.errors import LipwrightError

try:
    import fcntl
except ImportError:  # Windows has no such lock: folders of killed processes stay there
    fcntl = None  # type: ignore[assignment]

PREFIX = "lipwright-"
LOCK_NAME = ".lock"
MIN_AGE_S = 60.0
"""Minimum age for removal: younger folders may not be locked yet."""
JOIN_S = 11.0
"""How long the end waits for a call in progress: a little longer than a webhook may take."""


def usable_cores() -> int:
    """Return the number of cores that this process may run on: in a container fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):  # not on Windows and macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def is_running(pid: int) -> bool:
    """Return whether a process of this machine is alive; True on Windows, which cannot be asked."""
    if os.name == "nt":  # there signal 0 would end the process
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):  # it is somebody else's
        return True
    return True


@contextmanager
def repeating(work: Callable[[], None], every_s: float) -> Iterator[None]:
    """Call a function again and again, in a thread, while the block runs.

    A call that fails does not end it: a disk that is full now may not be so later.
    """
    stopped = threading.Event()

    def run() -> None:
        while not stopped.wait(every_s):
            with suppress(LipwrightError):
                work()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join(JOIN_S)


class TemporaryFolder:
    """A temporary folder that does not outlive its process, even one that was killed; a context manager.

    It is locked until it is removed. The next process that makes one removes those that are no longer locked.

    Args:
        role: What it is for, in one word: part of its name.
    """

    def __init__(self, role: str) -> None:
        remove_abandoned()
        self.path = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{role}-"))
        self._lock = (self.path / LOCK_NAME).open("w")
        if fcntl is not None:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def remove(self) -> None:
        """Remove the folder with everything in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()


def remove_abandoned() -> None:
    """Remove the folders of processes that are gone."""
    if fcntl is None:
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if folder.is_symlink() or time.time() - folder.stat().st_mtime < MIN_AGE_S:
                continue
            if not (folder / LOCK_NAME).is_file():
                continue
            with (folder / LOCK_NAME).open("r") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
