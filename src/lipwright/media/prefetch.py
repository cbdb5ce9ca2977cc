"""A stream decoded in another thread, a few items ahead of whoever uses it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from typing import TypeVar

Item = TypeVar("Item")

_PATIENCE_S = 0.1
"""How often a thread that waits for room looks whether anybody still wants what it has."""


class _End:
    """The stream is over: well, or by an exception that belongs to whoever uses it."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def decode_ahead(items: Iterator[Item], most: int) -> Generator[Item]:
    """The same items in the same order; what is raised while they are made is raised here.

    Args:
        items: Pulled from a thread of its own, until the end or until this generator is closed.
        most: Items that wait at most.
    """
    ready: queue.Queue[Item | _End] = queue.Queue(most)
    stopped = threading.Event()

    def put(item: Item | _End) -> bool:
        while not stopped.is_set():
            try:
                ready.put(item, timeout=_PATIENCE_S)
            except queue.Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for item in items:
                if not put(item):
                    return
            put(_End())
        except BaseException as error:  # whatever it is, it is not this thread's to handle
            put(_End(error))

    worker = threading.Thread(target=work, name="decode", daemon=True)
    worker.start()
    try:
        while not isinstance(item := ready.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        stopped.set()
        worker.join()
