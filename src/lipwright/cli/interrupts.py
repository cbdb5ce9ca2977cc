"""Stop the work in an orderly way on Ctrl-C, SIGTERM and when the terminal is closed."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from lipwright.domain.progress import Progress, ProgressCallback
from lipwright.errors import Cancelled

STOP_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""Signals that stop the work; Windows has no SIGHUP."""

_asked_to_stop = threading.Event()


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn SIGINT, SIGTERM and SIGHUP into KeyboardInterrupt while the `with` block runs.

    The exception unwinds through every `finally`, so that temporary files are removed. It can be lost inside
    a callback of a C library; `stoppable` then still stops the work at the next step. A second signal ends
    the process immediately. A signal that was already ignored (`nohup`) stays ignored.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        if _asked_to_stop.is_set():
            end_at_once(number, frame)
        _asked_to_stop.set()
        raise KeyboardInterrupt

    _asked_to_stop.clear()
    if threading.current_thread() is not threading.main_thread():  # only the main thread receives signals
        yield
        return
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    caught = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    for number in caught:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in caught.items():
            signal.signal(number, handler)


def end_at_once(number: int, frame: FrameType | None) -> None:
    """Exit without cleaning up, because the user has interrupted twice."""
    os._exit(Cancelled.exit_code)


def asked_to_stop() -> bool:
    """Return True if a stop signal has arrived since `interruptible` began, even if its exception is lost."""
    return _asked_to_stop.is_set()


def stoppable(report: ProgressCallback) -> ProgressCallback:
    """Wrap a progress callback so that it raises Cancelled after a stop signal."""

    def checked(progress: Progress) -> None:
        if asked_to_stop():
            raise Cancelled("interrupted", hint="no output file was written")
        report(progress)

    return checked
