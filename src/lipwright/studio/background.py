"""The workers that run alongside the server, and the lock of its data folder."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from lipwright.engines.registry import choose
from lipwright.errors import LipwrightError, UsageError
from lipwright.jobs.job import Duty, JobKind
from lipwright.jobs.processes import WorkerProcesses
from lipwright.studio.run_job import make_job
from lipwright.studio.service import BATCH, StudioService
from lipwright.system import repeating, usable_cores

TEND_EVERY_S = 0.5
NICENESS = 5
"""Niceness of worker processes: the page stays responsive while they render."""
CORES_PER_WORKER = 4
"""CPU cores per worker for engines that run on the CPU: one fast render is better than several slow ones."""


@contextmanager
def running_workers(
    service: StudioService,
    *,
    engine: str = "auto",
    headers: tuple[tuple[str, str], ...] = (),
    count: int | None = None,
) -> Iterator[None]:
    """Run worker processes for the jobs of a studio during a `with` block.

    The data folder must be locked by `only_studio_of`. Jobs that an earlier server left running are queued
    again at the start. Jobs that are still running when the block ends are queued again, too.

    Args:
        service: The service whose jobs the workers run.
        engine: Name of the operator's engine, or `auto`.
        headers: HTTP headers for requests to engine servers.
        count: Number of parallel renders; None derives it from the engine and the CPU cores.
    """
    processes = WorkerProcesses(
        service.data, BATCH, _duties(engine, count), pinned=False,
        headers=headers, make_job=make_job, niceness=NICENESS,
    )  # fmt: skip

    def tend() -> None:
        service.store.requeue_lost()
        processes.start_missing_workers()

    service.sweep()
    service.store.requeue_lost(all_of=BATCH)
    try:
        processes.start_missing_workers()
        with repeating(tend, TEND_EVERY_S):
            yield
    finally:
        processes.stop()


def _duties(engine: str, count: int | None) -> Sequence[Duty]:
    """Return the duty of each worker. An extra worker takes only short jobs, so that these need not wait."""
    try:
        parallel = choose(engine).description.parallel
    except LipwrightError:  # without an engine, checks can run, and other jobs fail with a hint
        parallel = "cores"
    short: tuple[JobKind, ...] = ("preview", "check") if parallel == "cores" else ("check",)
    standard = max(1, usable_cores() // CORES_PER_WORKER) if parallel == "cores" else 1
    return [*[Duty()] * (count or standard), Duty(kinds=short)]


@contextmanager
def only_studio_of(data: Path) -> Iterator[None]:
    """Lock a data folder during a `with` block: only one studio may use it at a time.

    The lock is an open transaction in a database file. It ends when the process ends, even in a crash.

    Raises:
        UsageError: another process has locked the folder.
    """
    with closing(sqlite3.connect(data / "studio.lock", timeout=1.0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise UsageError(
                f"another studio is using the folder {data}",
                hint="use that studio, or give another folder with --data",
            ) from error
        yield
