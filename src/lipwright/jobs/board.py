"""Follow a running batch: read the state of its rows from the store, and write batch.json and batch.html."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from lipwright.domain.json_text import dumps
from lipwright.jobs.batch_page import draw_batch_page
from lipwright.jobs.batch_report import OPEN_STATES, BatchReport, OnUpdate, ShotResult, ShotState
from lipwright.jobs.job import ENDED, JobState, NewJob, Resource, StoredJob
from lipwright.jobs.job_store import JobStore
from lipwright.jobs.worker import check_of
from lipwright.media.atomic_files import write_text_atomically

OWN_FILES = ("batch.json", "batch.html")
"""Files that a batch writes into its folder besides the videos."""
POLL_S = 0.25
WRITE_EVERY_S = 5.0
"""Minimum interval between writes of batch.json and batch.html while the batch runs."""
MAX_SHARE = 0.2
"""Maximum share of the run time for reading the store. The same limit applies to writing batch.json and
batch.html. With very many shots, reading and writing are slow, and are done less often."""

_STATES: Mapping[JobState, ShotState] = {
    "queued": "waiting",
    "running": "running",
    "done": "done",
    "failed": "failed",
    "cancelled": "cancelled",
}
_CHECK_STATES: Mapping[JobState, ShotState] = {
    "queued": "checking",
    "running": "checking",
    "done": "done",
    "failed": "done",
    "cancelled": "done",
}
"""State of a row for each state of the job that checks its video. A row whose check failed counts
as done, because its video is finished."""


class Runner(Protocol):
    """Runs the queued jobs of a batch, in processes of this machine or in actors of a cluster."""

    def start_missing_workers(self, open_jobs: Mapping[Resource, int]) -> None:
        """Start workers for the open jobs of the batch, counted by resource; called several times per second.

        Raises:
            LipwrightError: workers cannot be started.
        """
        ...


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table, and the job that makes its video."""

    shot: ShotResult
    """State at the start of the batch; "waiting" if a job will make the video."""
    job: NewJob | None = None
    """The job that makes or checks the video; None if nothing needs to be done, or the video cannot be
    made."""


class Board:
    """All rows of a running batch.

    Args:
        folder: Folder of the videos.
        store: The store with the jobs.
        batch: Name of the batch in the store.
        rows: Rows by the absolute path of the video.
        last_job: Id of the last job before this run. Jobs up to this id are considered only while they are
            queued or running.
    """

    def __init__(
        self, folder: Path, store: JobStore, batch: str, rows: Mapping[str, Row], last_job: int
    ) -> None:
        self._folder, self._store, self._batch, self._last_job = folder, store, batch, last_job
        self._shots = {output: row.shot for output, row in rows.items()}
        self._jobs = {output: row.job for output, row in rows.items() if row.job}
        self._started = time.monotonic()
        self._next_write = 0.0

    def follow(self, runner: Runner, on_update: OnUpdate) -> None:
        """Start workers and report updates until all jobs of the rows have ended."""
        while True:
            began = time.monotonic()
            self._store.requeue_lost()
            open_jobs = self._look()
            if not open_jobs:
                return
            runner.start_missing_workers(open_jobs)
            report = self.report()
            on_update(report)
            if time.monotonic() >= self._next_write:
                self.write(report)
            time.sleep(max(POLL_S, (time.monotonic() - began) * (1 / MAX_SHARE - 1)))

    def report(self) -> BatchReport:
        """Return all rows in the state that was last read from the store."""
        shots = sorted(self._shots.values(), key=lambda shot: shot.row)
        return BatchReport(self._folder, tuple(shots), time.monotonic() - self._started)

    def write(self, report: BatchReport, *, posters: bool = False) -> None:
        """Write batch.json and batch.html; `posters` adds a frame of each video, which takes some time."""
        began = time.monotonic()
        write_text_atomically(self._folder / "batch.json", dumps(report.to_json()))
        page = draw_batch_page(report, posters=posters)
        write_text_atomically(self._folder / "batch.html", page)
        ended = time.monotonic()
        self._next_write = ended + max(WRITE_EVERY_S, (ended - began) / MAX_SHARE)

    def _look(self) -> Counter[Resource]:
        """Read the state of the rows from the store, and count their open jobs by resource.

        A job may disappear from the queue, for example if another batch had queued the job and was then
        stopped. Such a job is queued again. A cancelled job is not queued again.
        """
        open_jobs: Counter[Resource] = Counter()
        seen: set[str] = set()
        for job in self._store.jobs(after=self._last_job):
            is_open = job.state not in ENDED
            if is_open and job.batch == self._batch:
                open_jobs[job.resource] += 1
            ours = self._jobs.get(job.output)
            if ours is not None and ours.key == job.key:
                self._shots[job.output] = _updated(self._shots[job.output], job)
                if is_open:
                    seen.add(job.output)
        lost = [
            check_of(job) if self._shots[output].state == "checking" else job
            for output, job in self._jobs.items()
            if output not in seen and self._shots[output].state in OPEN_STATES
        ]
        self._store.add(lost)
        open_jobs.update(job.resource for job in lost)
        return open_jobs if seen or lost else Counter()


def _updated(shot: ShotResult, job: StoredJob) -> ShotResult:
    """Return a row updated with the state of `job`, which renders or checks the row's video."""
    ended_badly = job.state in {"failed", "cancelled"}
    return replace(
        shot.with_result(job.result or {}),
        state=(_CHECK_STATES if job.kind == "check" else _STATES)[job.state],
        error=job.error if ended_badly else None,
        hint=job.hint if ended_badly else None,
        attempts=shot.attempts if job.kind == "check" else job.attempts,
        worker=job.worker,
        progress=job.progress,
    )
