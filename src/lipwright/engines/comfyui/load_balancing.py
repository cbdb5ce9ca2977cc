"""The choice among several servers: a job goes to the least busy server, and if that fails, to the next."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
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
"""Errors after which another server is tried: that server may be reachable, have more memory, or have the
node or file that the first server lacks."""

_own_jobs: Counter[str] = Counter()
"""Number of this process's jobs, by server label. Without this count, jobs that begin at the same time would
see the same queues, and would all choose the same server."""
_lock = threading.Lock()


def run_on_least_busy(servers: Sequence[Server], timeouts: Timeouts, work: Callable[[Client], T]) -> T:
    """Do the work on the least busy server; if that server fails, on the next one.

    Servers that do not answer are tried last.

    Args:
        servers: The servers, at least one.
        timeouts: Timeouts for the servers.
        work: Called with a connection; starts from the beginning on each server.

    Raises:
        EngineError: the only server failed, or all servers failed; the message contains their errors.
        Cancelled: raised by `work`.
    """
    loads = _count_jobs(servers, timeouts)
    failures: list[EngineError] = []
    while loads:
        with _least_busy(loads) as server:
            del loads[server]
            try:
                with Client(server, timeouts) as client:
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


def _count_jobs(servers: Sequence[Server], timeouts: Timeouts) -> dict[Server, float]:
    """Return the number of jobs on each server, infinity for a server that does not answer.

    A single server is not queried, and its number is 0.
    """
    if len(servers) == 1:
        return {servers[0]: 0.0}

    def count(server: Server) -> float:
        try:
            with Client(server, timeouts) as client:
                running, pending = client.queue(timeouts.connect_s)
        except EngineError:
            return float("inf")
        return len(running) + len(pending)

    with ThreadPoolExecutor(min(16, len(servers))) as threads:
        return dict(zip(servers, threads.map(count, servers), strict=True))


@contextmanager
def _least_busy(loads: Mapping[Server, float]) -> Iterator[Server]:
    """Choose the least busy server; during a `with` block, count one more job for it in `_own_jobs`.

    A lock keeps other threads from choosing at the same time.
    """
    with _lock:
        server = min(loads, key=lambda one: max(loads[one], _own_jobs[one.label]))
        _own_jobs[server.label] += 1
    try:
        yield server
    finally:
        with _lock:
            _own_jobs[server.label] -= 1
