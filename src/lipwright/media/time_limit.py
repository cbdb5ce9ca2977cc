"""End the process if a library does not return, because a thread inside C code cannot be stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lipwright.errors import LipwrightError

CHECK_EVERY_S = 0.2

_end_process: list[Callable[[LipwrightError], None]] = []


def allow_to_end_process(end: Callable[[LipwrightError], None]) -> None:
    """Let `bounded_in_time` end this process.

    Called by the command line and its workers, not by the Python API.

    Args:
        end: Reports an error and ends the process; may be called from any thread.
    """
    _end_process[:] = [end]


@contextmanager
def bounded_in_time(cpu_seconds: float, error: LipwrightError) -> Iterator[None]:
    """End the process with an error if the body of the `with` statement takes too long.

    The limit applies only after `allow_to_end_process` has been called.

    Args:
        cpu_seconds: Limit in CPU time of the process, so that slow disks and busy machines do not count.
        error: The error to report.
    """
    if not _end_process:
        yield
        return
    done, begin = threading.Event(), time.process_time()

    def watch() -> None:
        while not done.wait(CHECK_EVERY_S):
            if time.process_time() - begin > cpu_seconds:
                _end_process[0](error)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        done.set()
