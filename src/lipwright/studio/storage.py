"""The disk space of a studio: bounded, so that uploads cannot fill the disk."""

from __future__ import annotations

import os
import shutil
import threading
import time
from contextlib import suppress
from pathlib import Path

from lipwright.errors import OutputError

MIN_FREE_BYTES = 512 << 20
"""Space that uploads leave free on the disk: for videos being made, and everybody else."""
IN_USE_S = 3600.0
"""How long a file of the page may be about to be used; an older one is removed if its space is needed."""


class Storage:
    """The space that uploads and jobs take together.

    If it does not suffice, the oldest files that pages have uploaded are removed, but none that a job uses;
    if that does not suffice either, uploads are refused. Requests reserve space before they send anything.

    Args:
        jobs: The folder of the jobs.
        uploads: The folder of the page's uploads; a file in it that a job uses is a hard link to the job's.
        max_bytes: Maximum size of all files together.
    """

    def __init__(self, jobs: Path, uploads: Path, max_bytes: int) -> None:
        self._jobs, self._uploads, self._max_bytes = jobs, uploads, max_bytes
        self._lock = threading.Lock()
        self._reserved = 0

    def reserve(self, size: int) -> None:
        """Reserve this many bytes, until they are released.

        Raises:
            OutputError: there is no room for them.
        """
        with self._lock:
            used, unused = self._measure()
            free = shutil.disk_usage(self._jobs).free
            room = min(self._max_bytes - used, free - MIN_FREE_BYTES) - self._reserved
            if size > room + sum(old for _, old, _ in unused):
                full = (
                    f"the studio's files take {used >> 20} MB of {self._max_bytes >> 20} MB"
                    if self._max_bytes - used <= free - MIN_FREE_BYTES
                    else f"the studio's disk has only {free >> 20} MB left"
                )
                raise OutputError(
                    f"there is no room for another file: {full}",
                    hint="delete finished videos and checks; the studio's operator can raise --max-storage",
                )
            for _, old, path in sorted(unused):
                if size <= room:
                    break
                with suppress(OSError):
                    path.unlink()
                    room += old
            self._reserved += size

    def release(self, size: int) -> None:
        """Release reserved bytes: the files are stored now, or gone."""
        with self._lock:
            self._reserved -= size

    def _measure(self) -> tuple[int, list[tuple[float, int, Path]]]:
        """Return the size of all files, and time, size and path of those that may be removed."""
        sizes: dict[int, int] = {}  # a file that several takes share counts once
        unused = []
        latest = time.time() - IN_USE_S
        for folder in (self._jobs, self._uploads):
            for parent, _, names in os.walk(folder):
                for path in (Path(parent, name) for name in names):
                    with suppress(OSError):
                        stat = path.stat()
                        sizes[stat.st_ino] = stat.st_size
                        if folder == self._uploads and stat.st_nlink == 1 and stat.st_mtime < latest:
                            unused.append((stat.st_mtime, stat.st_size, path))
        return sum(sizes.values()), unused
