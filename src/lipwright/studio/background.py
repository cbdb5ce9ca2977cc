"""What runs alongside the server: the workers, and the lock of the folder."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from lipwright.engines.registry import choose
from lipwright.errors import LipwrightError, UsageError
from lipwright.jobs.job import Duty, JobKind
from lipwright.jobs.processes import WorkerProcesses
from lipwright.studio.service import BATCH, StudioService
from lipwright.studio.worker import make_job
from lipwright.system import repeating, usable_cores

TEND_EVERY_S = 0.5
NICENESS = 5
"""Niceness of workers, so that the page stays responsive while they render."""
CORES_PER_WORKER = 4
"""Cores per worker for engines that use cores: one fast render is better than several slow ones."""


@contextmanager
def running_workers(
    service: StudioService,
    *,
    engine: str = "auto",
    headers: tuple[tuple[str, str], ...] = (),
    count: int | None = None,
) -> Iterator[None]:
    """Let workers do the jobs of a studio while the block runs; the caller has locked its folder.

    Jobs that an earlier server left running are queued again, as are those that run when the block ends.

    Args:
        service: The service whose jobs they do.
        engine: Name of the operator's engine, or auto.
        headers: Headers sent to servers.
        count: Renders at once; None is as many as the machine can keep busy.
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
    """Return the kinds of jobs of each worker; an extra one keeps short jobs from waiting for long ones."""
    try:
        parallel = choose(engine).description.parallel
    except LipwrightError:  # no engine can run here: checks can, and jobs say what is missing
        parallel = "cores"
    short: tuple[JobKind, ...] = ("preview", "check") if parallel == "cores" else ("check",)
    standard = max(1, usable_cores() // CORES_PER_WORKER) if parallel == "cores" else 1
    return [*[Duty()] * (count or standard), Duty(kinds=short)]


@contextmanager
def only_studio_of(data: Path) -> Iterator[None]:
    """Lock a data folder, which only one studio may use at a time, while the block runs.

    It is an open transaction, which the system ends with the process, however that dies.

    Raises:
        UsageError: another process has locked it.
    """
    with closing(sqlite3.connect(data / "studio.lock", timeout=1.0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise UsageError(
                f"another studio is using {data}", hint="use that one, or give another --data"
            ) from error
        yield
