"""A job of the studio as the API and the page show it: its state, its progress and its files."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, computed_field

from lipwright.errors import InputError, UsageError
from lipwright.jobs.job import JobKind, JobState, StoredJob
from lipwright.media.text_files import read_json
from lipwright.studio.run_job import CHECK, PREVIEW, REPORT, TRACE

VIDEO, MANIFEST = "video.mp4", "video.json"

SHARES: Mapping[str, tuple[float, float]] = {
    "read": (0.0, 0.03),
    "prepare": (0.03, 0.1),
    "sample": (0.1, 0.3),
    "frames": (0.3, 0.7),
    "look": (0.7, 0.97),
    "compare": (0.97, 1.0),
}
"""Start and end of each stage of a render and its sync check, as rough shares of the whole time."""
CHECK_SHARES: Mapping[str, tuple[float, float]] = {
    "read": (0.0, 0.05),
    "look": (0.05, 0.95),
    "compare": (0.95, 1.0),
}
"""Start and end of each stage of a check, as rough shares of the whole time."""
MIN_SHARE = 0.05
"""Minimum share of the work that must be done before the remaining time is estimated."""
WHICH_FILES_HINT = "`links` in the job shows which files exist now"


class NotReady(UsageError):
    """The job is in a state in which the requested file does not exist, or the action is not possible."""


class Progress(BaseModel):
    """Progress of a running job."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    stage: str
    """Name of the stage: read, prepare, sample, frames, look, compare; for a `tune` job "round 1",
    "round 2" and so on, then "video"."""
    done: int
    total: int
    share: float
    """Share of the whole job that is done, 0 to 1; a rough estimate that never decreases within a stage."""
    seconds_left: float | None
    """Estimated remaining time in seconds; null while it is unknown."""


class Links(BaseModel):
    """URL paths of the files of a job; each is null until its file exists."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    self: str
    content: str | None
    """The video; range requests are supported."""
    manifest: str | None
    report: str | None
    """The HTML report of the sync check."""
    check: str | None
    """The result of the sync check, in the form of `lipwright check --json`."""
    preview: str | None
    """A recent frame of a running job, as PNG."""
    rounds: str | None
    """The finished rounds of a `tune` job."""


class Job(BaseModel):
    """A job: a video to make, or a video to check."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    id: int
    kind: JobKind
    """render, preview (only the 5 seconds with the most speech, at a small size), tune or check."""
    state: JobState
    title: str
    """The client's names of the files, as one line for display."""
    names: dict[str, str]
    """The client's names of the files, by role: audio, image, driver, video, transcript."""
    options: dict[str, Any]
    """Options by setting name, without the input and output files."""
    parent: int | None
    """Id of the earlier job whose input files this take uses again; null for a first take."""
    created_at: float
    """Time when the job was queued. All times of a job are in seconds since 1970."""
    started_at: float | None
    finished_at: float | None
    place: int | None
    """Position in the queue, where 1 is next; null if the job is not queued."""
    progress: Progress | None
    error: str | None
    hint: str | None
    verdict: str | None
    """Verdict of the check: in-sync, audio-late, audio-early, drift, static, inconclusive or no-face; null
    if not measured."""
    offset_ms: float | None
    """Offset in milliseconds, positive if the audio comes after the lips; null if unknown."""
    seconds: float | None
    """Length of the video in seconds; null if unknown."""
    folder: Path = Field(exclude=True)
    inputs: dict[str, Path] = Field(exclude=True)
    """Paths of the studio's copies of the input files, by role."""

    @property
    def video(self) -> Path | None:
        """Path of the finished video, or of the video that a check examined; None until the job is done."""
        return self._file(self.inputs.get("video", self.folder / VIDEO), "done")

    @property
    def manifest(self) -> Path | None:
        """Path of the manifest of a finished video; None until it exists."""
        return self._file(self.folder / MANIFEST, "done")

    @property
    def report(self) -> Path | None:
        """Path of the HTML report of the sync check; None until it exists."""
        return self._file(self.folder / REPORT) or self._file(self.folder / TRACE / "final.html")

    @property
    def preview(self) -> Path | None:
        """Path of a PNG with a recent frame; None unless the job is running and has one."""
        return self._file(self.folder / PREVIEW, "running")

    @computed_field  # type: ignore[prop-decorator]
    @property
    def links(self) -> Links:
        """URL paths of the job's files."""
        base = f"/v1/{'checks' if self.kind == 'check' else 'videos'}/{self.id}"

        def link(name: str, exists: object) -> str | None:
            return f"{base}/{name}" if exists else None

        return Links(
            self=base,
            content=link("content", self.video),
            manifest=link("manifest", self.manifest),
            report=link("report", self.report),
            check=link("check", self.state == "done" and self.verdict is not None),
            preview=link("preview", self.preview),
            rounds=link("rounds", self.kind == "tune" and self.started_at),
        )

    def file(self, name: Literal["video", "manifest", "report", "preview"]) -> Path:
        """Return the path of one of the job's files.

        Raises:
            NotReady: the job does not have the file.
        """
        path: Path | None = getattr(self, name)
        if path is None:
            raise NotReady(f"job {self.id} ({self.state}) has no {name}", hint=WHICH_FILES_HINT)
        return path

    def read_manifest(self) -> dict[str, Any]:
        """Return the manifest of a finished video, as JSON values."""
        return _read_object(self.file("manifest"), "manifest")

    def read_check(self) -> dict[str, Any]:
        """Return the result of the sync check in the form of `lipwright check --json`.

        The job is a check, or a video whose sync was measured after the render.

        Raises:
            NotReady: the sync was not measured.
        """
        if self.kind == "check":
            return self._read(CHECK, "result")
        sync: dict[str, Any] | None = self.read_manifest().get("sync")
        if sync is None:
            raise NotReady(f"the sync was not measured for job {self.id}", hint="submit a check of the video")
        return sync

    def read_rounds(self) -> dict[str, Any]:
        """Return the finished rounds of a `tune` job, in the form of `lipwright tune --json`."""
        return self._read(f"{TRACE}/trace.json", "round")

    def _file(self, path: Path, state: JobState | None = None) -> Path | None:
        return path if state in {None, self.state} and path.is_file() else None

    def _read(self, name: str, what: str) -> dict[str, Any]:
        if not (path := self.folder / name).is_file():
            raise NotReady(f"job {self.id} ({self.state}) has no {what}", hint=WHICH_FILES_HINT)
        return _read_object(path, what)


def describe_job(job: StoredJob, place: int | None = None) -> Job:
    """Return a stored job as the API and the page show it.

    Args:
        job: The job in the store.
        place: The job's position in the queue; None if it is not queued.
    """
    names = job.details.get("names", {})
    result = job.result or {}
    shows_error = job.state != "queued"
    return Job(
        id=job.id,
        kind=job.kind,
        state=job.state,
        title=", ".join(names.values()),
        names=names,
        options={name: value for name, value in job.options.items() if name not in {*names, "output"}},
        parent=job.parent,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        place=place,
        progress=_progress(job),
        error=job.error if shows_error else None,
        hint=job.hint if shows_error else None,
        verdict=result.get("verdict"),
        offset_ms=result.get("offset_ms"),
        seconds=result.get("seconds"),
        folder=Path(job.output).parent,
        inputs={role: Path(job.options[role]) for role in names if role in job.options},
    )


def _read_object(path: Path, what: str) -> dict[str, Any]:
    value = read_json(path, what)
    if not isinstance(value, dict):
        raise InputError(f"{path} is not a {what}", hint="submit the job again")
    return value


def _progress(job: StoredJob) -> Progress | None:
    if job.state != "running" or job.started_at is None:
        return None
    step = job.progress or {"stage": "start", "done": 0, "total": 1}
    within = min(1.0, step["done"] / step["total"]) if step["total"] else 0.0
    low, high = _stage(job, step["stage"])
    share = low + (high - low) * within
    elapsed = time.time() - job.started_at
    left = elapsed * (1 - share) / share if share >= MIN_SHARE else None
    return Progress(
        stage=step["stage"], done=step["done"], total=step["total"], share=share, seconds_left=left
    )


def _stage(job: StoredJob, stage: str) -> tuple[float, float]:
    if job.kind == "tune":
        # The final video counts as two rounds. `rounds` is the maximum: fewer may suffice.
        rounds = int(job.details.get("rounds", 1))
        if stage == "video":
            return rounds / (rounds + 2), 1.0
        number = int(stage.removeprefix("round ")) if stage.startswith("round ") else 0
        return max(0, number - 1) / (rounds + 2), number / (rounds + 2)
    shares = CHECK_SHARES if job.kind == "check" else SHARES
    return shares.get(stage, (0.0, 0.0))
