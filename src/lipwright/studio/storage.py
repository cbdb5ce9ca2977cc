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
        uploads: The folder of the page's uploads; what a job uses of them is a hard link in its folder, too.
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
            if size > room + sum(file.st_size for file, _ in unused):
                full = (
                    f"the studio's files take {used >> 20} MB of {self._max_bytes >> 20} MB"
                    if self._max_bytes - used <= free - MIN_FREE_BYTES
                    else f"the studio's disk has only {free >> 20} MB left"
                )
                raise OutputError(
                    f"there is no room for another file: {full}",
                    hint="delete finished videos and checks; the studio's operator can raise --max-storage",
                )
            for file, paths in sorted(unused, key=lambda one: one[0].st_mtime):
                if size <= room:
                    break
                with suppress(OSError):
                    for path in paths:
                        path.unlink()
                    room += file.st_size
            self._reserved += size

    def release(self, size: int) -> None:
        """Release reserved bytes: the files are stored now, or gone."""
        with self._lock:
            self._reserved -= size

    def _measure(self) -> tuple[int, list[tuple[os.stat_result, list[Path]]]]:
        """Return the size of all files, and the files that may be removed with all their names."""
        uploads = _names_by_file(self._uploads)
        files = _names_by_file(self._jobs) | uploads
        latest = time.time() - IN_USE_S
        unused = [
            (file, paths)
            for file, paths in uploads.values()
            if file.st_nlink == len(paths) and file.st_mtime < latest
        ]
        return sum(file.st_size for file, _ in files.values()), unused


def _names_by_file(folder: Path) -> dict[int, tuple[os.stat_result, list[Path]]]:
    """Return every file below a folder by its inode: a file with several hard links is one."""
    found: dict[int, tuple[os.stat_result, list[Path]]] = {}
    for parent, _, names in os.walk(folder):
        for path in (Path(parent, name) for name in names):
            with suppress(OSError):
                file = path.stat()
                found.setdefault(file.st_ino, (file, []))[1].append(path)
    return found
