"""Several servers: each job goes to the least busy one, and to the next if that fails."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from lipwright.engines.comfyui.client import Client, Timeouts
from lipwright.engines.comfyui.server_url import Server
from lipwright.errors import (
    EngineError,
    EngineOutOfMemory,
    EngineRejected,
    EngineTimedOut,
    EngineUnavailable,
)

T = TypeVar("T")

WORTH_ANOTHER_SERVER = (EngineUnavailable, EngineTimedOut, EngineOutOfMemory, EngineRejected)
"""Errors that may not occur on another server, which may be reachable, larger, or have the node or file."""

_own_jobs: Counter[str] = Counter()
"""Jobs of this process by server: two that begin at once see the same queues."""
_lock = threading.Lock()


def sort_by_load(servers: Sequence[Server], timeouts: Timeouts) -> list[Server]:
    """Return the servers, least busy first; those that do not answer come last, in their order."""
    if len(servers) == 1:
        return list(servers)

    def count_jobs(server: Server) -> float:
        try:
            with Client(server, timeouts) as client:
                running, pending = client.queue(timeouts.connect_s)
        except EngineError:
            return float("inf")
        return len(running) + len(pending)

    with ThreadPoolExecutor(min(16, len(servers))) as threads:
        loads = list(threads.map(count_jobs, servers))
    with _lock:
        ranked = sorted(range(len(servers)), key=lambda i: (max(loads[i], _own_jobs[servers[i].label]), i))
    return [servers[i] for i in ranked]


def run_on_least_busy(servers: Sequence[Server], timeouts: Timeouts, work: Callable[[Client], T]) -> T:
    """Do the work on one server; if that fails, on the next.

    Args:
        servers: The servers, at least one.
        timeouts: How long to wait.
        work: Called with a connection; starts from the beginning on each server.

    Raises:
        EngineError: the error of the only server, or of all of them in one message.
        Cancelled: raised by `work`.
    """
    failures: list[EngineError] = []
    for server in sort_by_load(servers, timeouts):
        try:
            with _counted_as_busy(server), Client(server, timeouts) as client:
                return work(client)
        except WORTH_ANOTHER_SERVER as error:
            failures.append(error)
    if len(failures) == 1:
        raise failures[0]
    # A refusal tells more than an unreachable server.
    refusals = [e for e in failures if not isinstance(e, EngineUnavailable | EngineTimedOut)]
    main = (refusals or failures)[0]
    messages = "; ".join(error.message for error in failures)
    raise type(main)(f"all {len(failures)} servers failed: {messages}", hint=main.hint) from None


@contextmanager
def _counted_as_busy(server: Server) -> Iterator[None]:
    with _lock:
        _own_jobs[server.label] += 1
    try:
        yield
    finally:
        with _lock:
            _own_jobs[server.label] -= 1
