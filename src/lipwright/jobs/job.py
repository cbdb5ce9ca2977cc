"""A job: one video to make or to check, before and after it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

JobState = Literal["queued", "running", "done", "failed", "cancelled"]
JobKind = Literal["render", "preview", "tune", "check"]
Resource = Literal["cores", "one", "servers"]
"""What a job occupies while it runs: a CPU core ("cores"), a whole GPU ("one") or a server ("servers"); see
`EngineDescription.parallel`."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Which jobs a worker takes: those that use one of `resources` and are of one of `kinds`."""

    resources: tuple[Resource, ...] = get_args(Resource)
    kinds: tuple[JobKind, ...] = get_args(JobKind)


ENDED: tuple[JobState, ...] = ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to be queued."""

    batch: str
    """Name of the job's batch."""
    row: int
    """Row in the SHOTS file, counted from 1; 0 for a job of the studio."""
    kind: JobKind
    key: str
    """Hash of everything that determines the result; see `pipeline.job_key`."""
    output: str
    """Absolute path of the file that the job makes."""
    options: Mapping[str, Any]
    """Options of the command by setting name; paths are absolute."""
    max_attempts: int = 1
    resource: Resource = "cores"
    owner: str | None = None
    """Name of the run that waits for the job. After the run has ended, `JobStore.withdraw` removes the job if
    it is still queued. A job without an owner stays in the queue."""
    error: str | None = None
    """Reason why the video cannot be made, in which case the job is stored as failed; None for a normal
    job."""
    hint: str | None = None
    parent: int | None = None
    """Id of the earlier job whose inputs this job reuses with other options; None for a job with its own
    inputs."""
    request_key: str | None = None
    """Idempotency key of the request; if a request is sent twice, only one job is queued."""
    webhook: str | None = None
    """URL to call when the job has ended; None after the call."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """Further data, used by the batch or the studio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredJob(NewJob):
    """A job in the store, with its state and result."""

    id: int
    state: JobState
    attempts: int
    worker: str | None
    lease_until: float | None
    """End of the worker's lease. All times of a job are in seconds since the epoch."""
    progress: Mapping[str, Any] | None
    """Progress of a running job: name of the stage, number of steps done, and total number of steps."""
    result: Mapping[str, Any] | None
    created_at: float
    started_at: float | None
    finished_at: float | None
    place: float
    """Sort key in the queue, in ascending order; jobs with equal keys are sorted by id. The key is 0 until
    the job is moved."""

    def to_json(self) -> dict[str, Any]:
        """Return JSON-serializable values for `lipwright jobs --json`."""
        return {"id": self.id} | {one.name: getattr(self, one.name) for one in fields(self)}
