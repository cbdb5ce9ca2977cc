"""Workers as processes of this machine: started, started again when they end, and stopped."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from lipwright.jobs.job import JobKind
from lipwright.jobs.worker import run_process

STOP_S = 20.0
"""How long workers may take to end a step before they are killed."""


def usable_cores() -> int:
    """Return how many cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):  # not on Windows and macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class WorkerProcesses:
    """The workers of one batch.

    Args:
        folder: Of the store.
        batch: Whose jobs they take.
        kinds: For each worker the kinds of job that it takes.
        pinned: Share the cores out, so that the workers' threads do not fight.
        **options: As `jobs.worker.run_process` takes them.
    """

    def __init__(
        self,
        folder: Path,
        batch: str,
        kinds: Sequence[Sequence[JobKind]],
        *,
        pinned: bool,
        **options: Any,  # noqa: ANN401 - each of its own type
    ) -> None:
        self._folder, self._batch, self._kinds, self._pinned = folder, batch, kinds, pinned
        self._options = options
        self._context = multiprocessing.get_context("spawn")
        self._processes: dict[int, BaseProcess] = {}

    def tend(self, queued: int) -> None:
        """Start workers, and start again those that ended while jobs are queued."""
        for place in range(len(self._kinds)):
            process = self._processes.get(place)
            if process is not None and process.is_alive():
                continue
            if process is None or queued:
                self._processes[place] = self._start(place)

    def _start(self, place: int) -> BaseProcess:
        process = self._context.Process(
            target=run_process,
            args=(self._folder, self._batch),
            kwargs={
                **self._options,
                "kinds": self._kinds[place],
                "cores": self._cores_of(place),
                "parent": os.getpid(),
            },
            daemon=True,
        )
        process.start()
        return process

    def _cores_of(self, place: int) -> list[int]:
        """Return the cores of a worker; none means all."""
        if not self._pinned or not hasattr(os, "sched_getaffinity"):
            return []
        cores = sorted(os.sched_getaffinity(0))
        count = len(self._kinds)
        return cores[place::count] if count <= len(cores) else [cores[place % len(cores)]]

    def stop(self) -> None:
        """End all workers: asked first, killed where they do not listen."""
        for process in self._processes.values():
            process.terminate()
        end = time.monotonic() + STOP_S
        for process in self._processes.values():
            process.join(max(0.0, end - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()
