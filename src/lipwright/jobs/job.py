"""A job: one video to make or to check, as queued and as stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

JobState = Literal["queued", "running", "done", "failed", "cancelled"]
JobKind = Literal["render", "preview", "tune", "check"]
Resource = Literal["cores", "one", "servers"]
"""The resource that a job keeps busy: a core, the GPU, or a server; see `EngineDescription.parallel`."""


@dataclass(frozen=True, slots=True)
class Duty:
    """The jobs that a worker takes."""

    resources: tuple[Resource, ...] = get_args(Resource)
    """Resources of the jobs."""
    kinds: tuple[JobKind, ...] = get_args(JobKind)


ENDED: tuple[JobState, ...] = ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to be queued."""

    batch: str
    """Name of the batch it belongs to."""
    row: int
    """Row in the SHOTS file, counted from 1."""
    kind: JobKind
    key: str
    """Hash of everything that makes the result; see `pipeline.job_key`."""
    output: str
    """Absolute path of the file that it makes."""
    options: Mapping[str, Any]
    """Options of the command by setting name; paths are absolute."""
    max_attempts: int = 1
    resource: Resource = "cores"
    owner: str | None = None
    """The run that waits for it, as `worker_name` names a process; when that has ended, `withdraw` takes
    the job out of the queue. None leaves it there."""
    error: str | None = None
    """Reason why the video cannot be made; the job is recorded as failed."""
    hint: str | None = None
    parent: int | None = None
    """The job of which this one is another take."""
    request_key: str | None = None
    """Idempotency key of the request: sent twice, it queues only one job."""
    webhook: str | None = None
    """URL that is called when the job has ended; None once it was called."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """Further data of its batch or the studio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredJob(NewJob):
    """A job in the store: what was queued, and what became of it."""

    id: int
    state: JobState
    attempts: int
    worker: str | None
    lease_until: float | None
    """Seconds since the epoch, as are the other times."""
    progress: Mapping[str, Any] | None
    """stage, done, total of a running job."""
    result: Mapping[str, Any] | None
    created_at: float
    started_at: float | None
    finished_at: float | None
    place: float
    """Place in the queue: lower comes first, equal ones by number; 0 unless the job was moved."""

    def to_json(self) -> dict[str, Any]:
        """Return JSON-serializable values for `lipwright jobs --json`, the number first."""
        return {"id": self.id} | {one.name: getattr(self, one.name) for one in fields(self)}
