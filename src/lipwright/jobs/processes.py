"""Start, restart and stop workers as processes of this machine."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from lipwright.errors import EngineError, LipwrightError
from lipwright.jobs.job import Duty, Resource
from lipwright.jobs.job_store import JobStore
from lipwright.jobs.worker import run_process

STOP_S = 20.0
"""Time in seconds in which workers may finish their current step before they are killed."""
MAX_FAILED_STARTS = 6
"""The batch fails if this many workers in a row exit before they start a job."""


@dataclass(frozen=True, slots=True)
class Demand:
    """Resources and servers that the jobs of a batch need."""

    resources: frozenset[Resource]
    checks: bool
    """True if videos are checked after their render."""
    servers: int
    """Number of servers that the renders use."""

    def workers(self, asked: int | None, *, cores: int, gpus: int) -> list[Resource]:
        """Return the resource of each worker to start.

        For each resource that the jobs need, there are `asked` workers. If `asked` is None, there is one
        worker per core, per GPU or per server. If only the checks need cores, one worker for them is added.
        """
        there: Mapping[Resource, int] = {"cores": cores, "one": gpus, "servers": self.servers}
        workers = [resource for resource in sorted(self.resources) for _ in range(asked or there[resource])]
        if self.checks and "cores" not in self.resources:
            workers.append("cores")  # for checks, which run in parallel with renders on GPUs and servers
        return workers


@dataclass(slots=True)
class _Place:
    """A slot for one worker: if its process has ended, a new one is started in the slot."""

    duty: Duty
    cores: list[int]
    """Numbers of the CPU cores that the worker may use; empty for all."""
    process: BaseProcess | None = None
    failure: Connection | None = None
    """Connection on which the error that ended the process is received."""


class WorkerProcesses:
    """The workers of one batch: one process for each item of `duties`.

    Args:
        folder: Folder of the store.
        batch: Name of the batch whose jobs the workers take.
        duties: Duty of each worker: which jobs it takes.
        pinned: True to distribute the CPU cores among the workers, so that their threads do not compete.
        **options: Options of `jobs.worker.run_process`.
    """

    def __init__(
        self,
        folder: Path,
        batch: str,
        duties: Sequence[Duty],
        *,
        pinned: bool = True,
        **options: Any,  # noqa: ANN401 - each of its own type
    ) -> None:
        self._store, self._folder, self._batch, self._options = JobStore(folder), folder, batch, options
        self._context = multiprocessing.get_context("spawn")
        on_cores = [duty for duty in duties if pinned and duty.resources == ("cores",)]
        others = [duty for duty in duties if duty not in on_cores]
        self._places = [
            *(_Place(duty, _share_of_cores(n, len(on_cores))) for n, duty in enumerate(on_cores)),
            *(_Place(duty, []) for duty in others),
        ]
        self._failed_starts = 0
        self._begun = 0.0

    def start_missing_workers(self, open_jobs: Mapping[Resource, int] | None = None) -> None:
        """Start workers in empty slots, at most one for each open job.

        Args:
            open_jobs: Number of queued and running jobs, by resource; None to start all workers.

        Raises:
            LipwrightError: workers exit as soon as they start.
        """
        alive: Counter[Duty] = Counter()
        for place in self._places:
            if place.process is not None and not place.process.is_alive():
                self._clear_place(place)
            alive[place.duty] += place.process is not None
        for place in self._places:
            wanted = open_jobs is None or alive[place.duty] < sum(
                open_jobs.get(resource, 0) for resource in place.duty.resources
            )
            if place.process is None and wanted:
                self._start(place)
                alive[place.duty] += 1

    def _start(self, place: _Place) -> None:
        place.failure, sender = self._context.Pipe(duplex=False)
        place.process = self._context.Process(
            target=run_process,
            args=(self._folder, self._batch),
            kwargs={
                **self._options,
                "duty": place.duty,
                "cores": place.cores,
                "parent": os.getpid(),
                "failure": sender,
            },
            daemon=True,
        )
        place.process.start()
        sender.close()

    def _clear_place(self, place: _Place) -> None:
        """Clear the slot of a worker that ended.

        Raises:
            LipwrightError: MAX_FAILED_STARTS workers in a row ended before they started a job.
        """
        assert place.process is not None and place.failure is not None  # noqa: S101 - set together
        code = place.process.exitcode
        error: LipwrightError | None = None
        with suppress(EOFError, OSError):
            error = place.failure.recv() if place.failure.poll() else None
        self._close(place)
        begun = self._store.last_start(self._batch)
        self._failed_starts = 0 if not code or begun != self._begun else self._failed_starts + 1
        self._begun = begun
        if self._failed_starts >= MAX_FAILED_STARTS:
            raise error or EngineError(
                f"workers exit before they start a job (exit code {code})",
                hint="if memory ran out, use fewer --workers; otherwise make one shot with "
                "`lipwright render`, which may show the reason",
            )

    def _close(self, place: _Place) -> None:
        if place.process is not None:
            place.process.close()
        if place.failure is not None:
            place.failure.close()
        place.process = place.failure = None

    def stop(self) -> None:
        """Stop all workers; those that do not stop in time are killed."""
        for place in self._places:
            if place.process is not None:
                place.process.terminate()
        end = time.monotonic() + STOP_S
        for place in self._places:
            if place.process is None:
                continue
            place.process.join(max(0.0, end - time.monotonic()))
            if place.process.is_alive():
                place.process.kill()
                place.process.join()
            self._close(place)


def _share_of_cores(place: int, count: int) -> list[int]:
    """Return the cores of worker number `place` of `count`; empty if they cannot be distributed."""
    if not hasattr(os, "sched_getaffinity"):
        return []
    cores = sorted(os.sched_getaffinity(0))
    return cores[place::count] if count <= len(cores) else [cores[place % len(cores)]]
