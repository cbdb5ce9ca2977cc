"""Temporary folders that do not outlive their process, even one that was killed.

A process holds a lock on its folder. The next process that makes one removes the folders that are no longer
locked.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

try:
    import fcntl
except ImportError:  # Windows has no such lock: folders of killed processes stay there
    fcntl = None  # type: ignore[assignment]

PREFIX = "lipwright-"
LOCK_NAME = ".lock"
MIN_AGE_S = 60.0
"""Minimum age for removal: younger folders may not be locked yet."""


class TemporaryFolder:
    """A temporary folder that is locked until it is removed; a context manager.

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
