"""The loop of a worker."""

from __future__ import annotations

from pathlib import Path

from lipwright.jobs.job import Duty, NewJob
from lipwright.jobs.job_store import JobStore
from lipwright.jobs.worker import work


def test_engine_is_kept_between_jobs_and_released_while_there_is_none(tmp_path: Path) -> None:
    store, events = JobStore(tmp_path), []
    store.add(NewJob("b", row, "render", "k", f"/{row}.mp4", {}, 1) for row in (1, 2))

    def make(job, on_progress):
        events.append(job.row)
        return {}

    work(
        store,
        "b",
        make,
        worker="w",
        duty=Duty(),
        stopped=lambda: "released" in events,
        idle=lambda: events.append("released"),
    )
    assert events == [1, 2, "released"]
