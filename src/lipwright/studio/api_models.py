"""Requests and responses of the API for OpenAPI; a generated client has these classes."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from lipwright.jobs.job import JobKind, JobState
from lipwright.studio.studio_job import StudioJob


class Links(BaseModel):
    """Paths of the files of a job; null until they exist."""

    self: str
    content: str | None = Field(description="The video; range requests are supported.")
    manifest: str | None
    report: str | None = Field(description="HTML page of the sync check.")
    check: str | None = Field(description="Result in the form of `lipwright check --json`.")
    preview: str | None = Field(description="PNG of a recent frame.")
    rounds: str | None = Field(description="Rounds of a tune so far.")


class Progress(BaseModel):
    """Progress of a running job."""

    stage: str
    done: int
    total: int
    share: float = Field(description="Share of the whole job that is done, 0 to 1.")
    seconds_left: float | None = Field(description="Estimated remaining seconds; null while unknown.")


class Job(BaseModel):
    """A video that is made, or a check."""

    id: int
    kind: JobKind
    state: JobState
    title: str
    names: dict[str, str] = Field(description="The client's names of the files, by role.")
    options: dict[str, Any] = Field(description="Options by setting name.")
    parent: int | None = Field(description="The job of which this is another take.")
    created_at: float = Field(description="Seconds since 1970, as the two below.")
    started_at: float | None
    finished_at: float | None
    place: int | None = Field(description="Position in the queue; 1 is next.")
    progress: Progress | None
    error: str | None
    hint: str | None
    verdict: str | None = Field(
        description="in-sync, audio-late, audio-early, drift, static, inconclusive, no-face"
    )
    offset_ms: float | None = Field(description="Positive: the audio comes after the lips.")
    seconds: float | None = Field(description="Length of the video.")
    links: Links


class Jobs(BaseModel):
    """Jobs, the newest first."""

    jobs: list[Job]
    next: int | None = Field(description="Value of `before` for the next page; null on the last page.")


class NewTake(BaseModel):
    """Another take of a job."""

    kind: JobKind | None = None
    options: dict[str, Any] = Field(
        default_factory=dict, description="Options that override the job's; null removes one."
    )
    rounds: int | None = None


class Order(BaseModel):
    """Queued jobs in the order in which they are to be made, before all others."""

    jobs: list[int] = Field(max_length=1000)


class Health(BaseModel):
    """The server answers."""

    status: str
    version: str


class Open(BaseModel):
    """The JSON of a command; more keys may be added."""

    model_config = ConfigDict(extra="allow")


class Finding(Open):
    """Something that a check noticed."""

    rule: str
    severity: str
    where: dict[str, Any]
    text: str
    advice: str


class Chunk(Open):
    """A stretch of frames that is sampled at once."""

    start_frame: int
    frames: int
    overlap_frames: int
    start_seconds: float


class Plan(Open):
    """The result of `lipwright plan --json`."""

    frames: int
    fps: str
    seconds: float
    latent_frames: int
    audio_latents: int
    audio_seconds: float
    pad_seconds: float
    trim_seconds: float
    fit: str
    chunks: list[Chunk]


class Audio(Open):
    """The result of `lipwright audio --json`."""

    format: dict[str, Any]
    level: dict[str, Any]
    speech: list[tuple[float, float]]
    silences: list[tuple[float, float]]
    findings: list[Finding]
    actions: list[dict[str, Any]]
    edits: list[list[float]]
    plan: Plan


class Image(Open):
    """The result of `lipwright image --json`."""

    size: str
    video_size: str
    faces: list[dict[str, Any]]
    crop: dict[str, Any]
    findings: list[Finding]


class PromptRequest(BaseModel):
    """A prompt to check, or a scenario to build one for."""

    text: str = ""
    scenario: str | None = Field(
        None, description="narrator, dialogue, education, interview, singing, news or story"
    )
    subject: str | None = None
    emotion: str | None = None
    lighting: str | None = None
    background: str | None = None
    style: str | None = None
    lens: str | None = None
    negative: str = ""
    cfg: float | None = None


class Prompt(Open):
    """The result of `lipwright prompt --json`."""

    prompt: str
    ok: bool
    findings: list[Finding]
    suggestion: str


class Check(Open):
    """The result of `lipwright check --json`."""

    offset_ms: float | None
    confidence: float
    verdict: str
    drift_ms_per_s: float | None
    windows: list[dict[str, Any]]
    mouth: dict[str, Any]
    audio: dict[str, Any]
    causes: list[Finding]


class Manifest(Open):
    """The manifest of a video (docs/manifest.md)."""

    model_config = ConfigDict(extra="allow", protected_namespaces=())

    job: dict[str, Any]
    plan: dict[str, Any]
    findings: list[dict[str, Any]]
    inputs: list[dict[str, Any]]
    engine: dict[str, Any]
    frozen: bool
    audio: dict[str, Any]
    timing: dict[str, Any]
    sync: dict[str, Any] | None = None


def describe(job: StudioJob) -> Job:
    """Return a job in the form of the API."""
    base = f"/v1/{'checks' if job.kind == 'check' else 'videos'}/{job.id}"

    def link(part: str, is_there: object) -> str | None:
        return f"{base}/{part}" if is_there else None

    measured = job.state == "done" and job.verdict is not None
    return Job(
        id=job.id,
        kind=job.kind,
        state=job.state,
        title=job.title,
        names=dict(job.names),
        options=dict(job.options),
        parent=job.parent,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        place=job.place,
        progress=None if job.progress is None else Progress(**job.progress.to_json()),
        error=job.error,
        hint=job.hint,
        verdict=job.verdict,
        offset_ms=job.offset_ms,
        seconds=job.seconds,
        links=Links(
            self=base,
            content=link("content", job.video),
            manifest=link("manifest", job.manifest),
            report=link("report", job.report),
            check=link("check", measured),
            preview=link("preview", job.preview),
            rounds=link("rounds", job.kind == "tune" and job.started_at),
        ),
    )
