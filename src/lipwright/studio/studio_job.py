"""A job of the studio for both interfaces: what it is, its progress, and where its files are."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lipwright.jobs.job import ENDED, JobKind, JobState, StoredJob

VIDEO, MANIFEST, REPORT, CHECK = "video.mp4", "video.json", "report.html", "check.json"
PREVIEW = "preview.png"
"""A frame of a running job, replaced every few seconds."""
TRACE = "trace"
"""Folder of a tune: its rounds so far, and its report as final.html."""

SHARES: Mapping[str, tuple[float, float]] = {
    "read": (0.0, 0.03),
    "prepare": (0.03, 0.1),
    "sample": (0.1, 0.3),
    "frames": (0.3, 0.7),
    "look": (0.7, 0.97),
    "compare": (0.97, 1.0),
}
"""Start and end of each stage of a render with its check, as a rough share of its time."""
CHECK_SHARES: Mapping[str, tuple[float, float]] = {
    "read": (0.0, 0.05),
    "look": (0.05, 0.95),
    "compare": (0.95, 1.0),
}
MIN_SHARE = 0.05
"""Share of the work below which the remaining time is not estimated."""


@dataclass(frozen=True, slots=True)
class JobProgress:
    """Progress of a running job."""

    stage: str
    """read, prepare, sample, frames, look, compare; of a tune "round 1" ... and "video"."""
    done: int
    total: int
    share: float
    """Share of the whole job that is done, 0..1; a rough estimate that never decreases within a stage."""
    seconds_left: float | None
    """Estimated remaining time; None while it cannot be estimated."""

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON-serializable values."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class StudioJob:
    """A job; paths are None until the file is there."""

    id: int
    kind: JobKind
    """render, preview (the busiest 5 seconds, small), tune or check."""
    state: JobState
    """queued, running, done, failed or cancelled."""
    title: str
    """The user's names of the files, for display."""
    names: Mapping[str, str]
    """The same by role: audio, image, driver, video, transcript."""
    inputs: Mapping[str, Path]
    """The studio's copies of the files."""
    options: Mapping[str, Any]
    """Options by setting name, without inputs and output."""
    parent: int | None
    """The job of which this one is another take."""
    created_at: float
    """Seconds since the epoch; the two below as well."""
    started_at: float | None
    finished_at: float | None
    place: int | None
    """Position in the queue: 1 is next; None if it is not queued."""
    progress: JobProgress | None
    """Progress of a running job."""
    error: str | None
    hint: str | None
    verdict: str | None
    """Verdict of the sync check: in-sync, audio-late, ...; None if it was not measured."""
    offset_ms: float | None
    seconds: float | None
    """Length of the video."""
    folder: Path
    video: Path | None
    manifest: Path | None
    report: Path | None
    """The HTML page of the sync check."""
    preview: Path | None
    """PNG of a recent frame of a running job."""

    @property
    def ended(self) -> bool:
        """True if the job has ended."""
        return self.state in ENDED


def describe_job(job: StoredJob, place: int | None = None) -> StudioJob:
    """Describe a stored job.

    Args:
        job: The job in the store.
        place: The job's position in the queue.
    """
    folder = Path(job.output).parent
    names = job.details.get("names", {})
    inputs = {role: Path(job.options[role]) for role in names if role in job.options}
    result = job.result or {}
    return StudioJob(
        id=job.id,
        kind=job.kind,
        state=job.state,
        title=", ".join(names.values()),
        names=names,
        inputs=inputs,
        options={name: value for name, value in job.options.items() if name not in {*names, "output"}},
        parent=job.parent,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        place=place if job.state == "queued" else None,
        progress=_progress(job),
        error=job.error if job.state != "queued" else None,
        hint=job.hint if job.state != "queued" else None,
        verdict=result.get("verdict"),
        offset_ms=result.get("offset_ms"),
        seconds=result.get("seconds"),
        folder=folder,
        video=_existing(inputs.get("video", folder / VIDEO)) if job.state == "done" else None,
        manifest=_existing(folder / MANIFEST) if job.state == "done" else None,
        report=_existing(folder / REPORT) or _existing(folder / TRACE / "final.html"),
        preview=_existing(folder / PREVIEW) if job.state == "running" else None,
    )


def _existing(path: Path) -> Path | None:
    return path if path.is_file() else None


def _progress(job: StoredJob) -> JobProgress | None:
    if job.state != "running" or job.started_at is None:
        return None
    step = job.progress or {"stage": "start", "done": 0, "total": 1}
    within = min(1.0, step["done"] / step["total"]) if step["total"] else 0.0
    low, high = _stage(job, step["stage"])
    share = low + (high - low) * within
    elapsed = time.time() - job.started_at
    left = elapsed * (1 - share) / share if share >= MIN_SHARE else None
    return JobProgress(step["stage"], step["done"], step["total"], share, left)


def _stage(job: StoredJob, stage: str) -> tuple[float, float]:
    if job.kind == "tune":
        # The video itself takes as long as a few rounds; how many there will be is not known before.
        rounds = int(job.details.get("rounds", 1))
        if stage == "video":
            return rounds / (rounds + 2), 1.0
        number = int(stage.removeprefix("round ")) if stage.startswith("round ") else 0
        return max(0, number - 1) / (rounds + 2), number / (rounds + 2)
    shares = CHECK_SHARES if job.kind == "check" else SHARES
    return shares.get(stage, (0.0, 0.0))
