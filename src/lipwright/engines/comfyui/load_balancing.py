"""Several servers: each shot goes to the least busy, and to the next where one fails."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from lipwright.engines.comfyui.client import Client, Patience
from lipwright.engines.comfyui.server_url import Server
from lipwright.errors import (
    EngineError,
    EngineOutOfMemory,
    EngineRejected,
    EngineTimedOut,
    EngineUnavailable,
)

T = TypeVar("T")

ELSEWHERE = (EngineUnavailable, EngineTimedOut, EngineOutOfMemory, EngineRejected)
"""What another server may do better: it is there, larger, or has the node or file."""

_ours: Counter[str] = Counter()
"""Shots that this process has under way, by server: two that begin at once see the same queues."""
_lock = threading.Lock()


def by_load(servers: Sequence[Server], patience: Patience) -> list[Server]:
    """The servers, least busy first; those that do not answer come last, in their order."""
    if len(servers) == 1:
        return list(servers)

    def jobs(server: Server) -> float:
        try:
            with Client(server, patience) as client:
                running, pending = client.queue(patience.connect_s)
        except EngineError:
            return float("inf")
        return len(running) + len(pending)

    with ThreadPoolExecutor(min(16, len(servers))) as threads:
        loads = list(threads.map(jobs, servers))
    with _lock:
        ranked = sorted(range(len(servers)), key=lambda i: (max(loads[i], _ours[servers[i].label]), i))
    return [servers[i] for i in ranked]


def on_the_least_busy(servers: Sequence[Server], patience: Patience, work: Callable[[Client], T]) -> T:
    """Do the work on one server; where that fails, on the next.

    Args:
        servers: At least one.
        patience: How long to wait.
        work: Called with a connection; begins anew on each server.

    Raises:
        EngineError: as the one server did it, or all of them in one message.
        Cancelled: by `work`.
    """
    failures: list[EngineError] = []
    for server in by_load(servers, patience):
        try:
            with _claimed(server), Client(server, patience) as client:
                return work(client)
        except ELSEWHERE as error:
            failures.append(error)
    if len(failures) == 1:
        raise failures[0]
    # A refusal tells more than a server that is gone.
    telling = next(
        (e for e in failures if not isinstance(e, EngineUnavailable | EngineTimedOut)), failures[0]
    )
    told = "; ".join(error.message for error in failures)
    raise type(telling)(f"none of {len(failures)} servers made it: {told}", hint=telling.hint) from None


@contextmanager
def _claimed(server: Server) -> Iterator[None]:
    with _lock:
        _ours[server.label] += 1
    try:
        yield
    finally:
        with _lock:
            _ours[server.label] -= 1
