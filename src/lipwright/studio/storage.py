"""The disk space of a studio, which is limited so that uploads cannot fill the disk."""

from __future__ import annotations

import os
import shutil
import threading
import time
from contextlib import suppress
from pathlib import Path

from lipwright.errors import OutputError

MIN_FREE_BYTES = 512 << 20
"""Disk space that uploads leave free, for the videos being made and for other programs."""
IN_USE_S = 3600.0
"""Age in seconds at which an upload that no job uses may be removed if its space is needed."""


class Storage:
    """The limited disk space that uploads and jobs share.

    If the space does not suffice, the oldest uploads of the page are removed, except those that a job uses.
    If that does not suffice either, a new upload is refused. A request reserves its space before its body is
    received.

    Args:
        jobs: The folder of the jobs.
        uploads: The folder of the page's uploads. An upload that a job uses is also a hard link in the job's
            folder.
        max_bytes: Maximum size of all files together.
    """

    def __init__(self, jobs: Path, uploads: Path, max_bytes: int) -> None:
        self._jobs, self._uploads, self._max_bytes = jobs, uploads, max_bytes
        self._lock = threading.Lock()
        self._reserved = 0

    def reserve(self, size: int) -> None:
        """Reserve this many bytes until `release` is called.

        Raises:
            OutputError: there is not enough space.
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
                    f"there is no space for another file: {full}",
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
        """Release reserved bytes after the files were stored or discarded."""
        with self._lock:
            self._reserved -= size

    def _measure(self) -> tuple[int, list[tuple[os.stat_result, list[Path]]]]:
        """Return the size of all files, and (stat result, paths) of each upload that may be removed."""
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
    """Return (stat result, paths) of every file below a folder, by inode: hard links count as one file."""
    found: dict[int, tuple[os.stat_result, list[Path]]] = {}
    for parent, _, names in os.walk(folder):
        for path in (Path(parent, name) for name in names):
            with suppress(OSError):
                file = path.stat()
                found.setdefault(file.st_ino, (file, []))[1].append(path)
    return found
