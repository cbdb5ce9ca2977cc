"""Helpers for CPU cores, processes, threads and temporary folders."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self, TypeVar

from lipwright.errors import LipwrightError

try:
    import fcntl
except ImportError:  # Windows has no file locks of this kind: folders of killed processes stay
    fcntl = None  # type: ignore[assignment]

Item = TypeVar("Item")
Result = TypeVar("Result")

PREFIX = "lipwright-"
LOCK_NAME = ".lock"
MIN_AGE_S = 60.0
"""Minimum age in seconds at which an unlocked folder counts as abandoned; a younger folder may be about to
be locked by its process."""
THREAD_JOIN_S = 11.0
"""Maximum time in seconds that `repeating` waits for a call in progress when its `with` block ends. The
longest calls send a webhook, which may take 10 s."""


def usable_cores() -> int:
    """Return the number of cores that this process may use; in a container, the machine may have more."""
    if hasattr(os, "sched_getaffinity"):  # Windows and macOS do not have it
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def map_ahead(work: Callable[[Item], Result], items: Iterable[Item], threads: int) -> Generator[Result]:
    """Yield the result of `work` for each item, in order, while threads work on the next items.

    Args:
        work: Called from several threads at the same time.
        items: Arguments of `work`; the iterable is consumed only as fast as the results are.
        threads: Number of threads, and of results that are computed ahead. With 1, nothing is computed ahead,
            and `work` runs in the calling thread.
    """
    if threads <= 1:
        yield from map(work, items)
        return
    pool = ThreadPoolExecutor(threads)
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def is_running(pid: int) -> bool:
    """Return True if the process with this id is running on this machine; on Windows, always True."""
    if os.name == "nt":  # on Windows, signal 0 would end the process
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):  # the process belongs to another user
        return True
    return True


@contextmanager
def repeating(work: Callable[[], None], every_s: float) -> Iterator[None]:
    """Call a function at intervals, in a thread, while the `with` block runs.

    If a call fails, the function is still called again: a disk that is full now may have space later.
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
        thread.join(THREAD_JOIN_S)


class TemporaryFolder:
    """A temporary folder, as a context manager; if its process is killed, a later process removes the folder.

    Each folder is locked while its process uses it. Before a new folder is created, `remove_abandoned`
    removes old folders that are not locked.

    Args:
        role: Purpose of the folder in one word, which is part of its name.
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
        """Remove the folder and its contents."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()


def remove_abandoned() -> None:
    """Remove the temporary folders of processes that no longer run."""
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
