"""The board of a running batch: every row, what the store says of it, and the files that show it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from lipwright.jobs.batch_page import draw_batch_page
from lipwright.jobs.batch_report import OPEN_STATES, BatchReport, OnUpdate, ShotResult, ShotState
from lipwright.jobs.job import JobState, NewJob, Resource, StoredJob
from lipwright.jobs.store import JobStore
from lipwright.jobs.worker import check_of
from lipwright.media.atomic_files import write_text_atomically
from lipwright.pipeline.text_files import dumps

POLL_S = 0.25
WRITE_EVERY_S = 5.0
"""How often batch.json and batch.html are written while the batch runs, at most."""
MAX_SHARE = 0.2
"""Of very many shots a look takes a while, and so do the files: each may take this share of the time."""

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
"""A video that could not be measured is a video all the same."""


class Runner(Protocol):
    """Does the queued jobs of a batch: processes of this machine, or actors of a cluster."""

    def tend(self, open_jobs: Mapping[Resource, int]) -> None:
        """Keep workers alive while jobs are open; called every fraction of a second.

        Args:
            open_jobs: How many of the batch's jobs are queued or running, by what they keep busy.

        Raises:
            LipwrightError: no worker can be kept alive.
        """
        ...


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table, and the job that makes its video."""

    shot: ShotResult
    """As it stands when the batch begins; "waiting" where a job makes it."""
    job: NewJob | None = None
    """What makes the video or measures it; None where nothing has to be done, or can be."""


class Board:
    """All rows of a running batch.

    Args:
        folder: Of the videos.
        store: Where the jobs are.
        batch: Name of the batch in the store.
        rows: By the absolute path of the video.
        last_job: Number of the last job before this run; earlier ones count only while they are open.
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
        """Watch until none of the rows' jobs is queued or running."""
        while True:
            began = time.monotonic()
            self._store.requeue_lost()
            open_jobs = self._look()
            if not open_jobs:
                return
            runner.tend(open_jobs)
            report = self.report()
            on_update(report)
            if time.monotonic() >= self._next_write:
                self.write(report)
            time.sleep(max(POLL_S, (time.monotonic() - began) * (1 / MAX_SHARE - 1)))

    def report(self) -> BatchReport:
        """Return every row as the last look found it."""
        shots = sorted(self._shots.values(), key=lambda shot: shot.row)
        return BatchReport(self._folder, tuple(shots), time.monotonic() - self._started)

    def write(self, report: BatchReport, *, posters: bool = False) -> None:
        """Write batch.json and batch.html.

        Args:
            report: What they hold.
            posters: Give the page a frame of each video, which takes a while.
        """
        began = time.monotonic()
        write_text_atomically(self._folder / "batch.json", dumps(report.to_json()))
        page = draw_batch_page(report, posters=posters)
        write_text_atomically(self._folder / "batch.html", page)
        ended = time.monotonic()
        self._next_write = ended + max(WRITE_EVERY_S, (ended - began) / MAX_SHARE)

    def _look(self) -> Counter[Resource]:
        """Take over what the store says, and count the open jobs; none where the rows need no more.

        A job that somebody took out of the queue, such as another batch that had queued it and was
        stopped, is queued again. One that was cancelled is not.
        """
        open_jobs: Counter[Resource] = Counter()
        seen: set[str] = set()
        for job in self._store.jobs(after=self._last_job):
            is_open = job.state in {"queued", "running"}
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
    """Put a job into its row's words; a check follows the render of the same row."""
    result = job.result or {}
    ended_badly = job.state in {"failed", "cancelled"}
    findings = result.get("findings")
    return replace(
        shot,
        state=(_CHECK_STATES if job.kind == "check" else _STATES)[job.state],
        error=job.error if ended_badly else None,
        hint=job.hint if ended_badly else None,
        verdict=result.get("verdict"),
        offset_ms=result.get("offset_ms"),
        seconds=result.get("seconds") or shot.seconds,
        attempts=shot.attempts if job.kind == "check" else job.attempts,
        worker=job.worker,
        progress=job.progress,
        findings=shot.findings if findings is None else tuple(findings),
    )
