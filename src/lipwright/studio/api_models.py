"""Requests and responses of the API, except `job_view.Job`; OpenAPI describes them for generated clients."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from lipwright.studio.job_view import Job

VideoKind = Literal["render", "preview", "tune"]


class Jobs(BaseModel):
    """One page of jobs: videos or checks with the newest first, or the queue with the running jobs first."""

    jobs: list[Job]
    next: int | None = Field(description="Value of `before` for the next page; null on the last page.")


class NewTake(BaseModel):
    """A request for another take of a video."""

    kind: VideoKind | None = None
    options: dict[str, Any] = Field(
        default_factory=dict, description="Options that replace those of the job; null removes an option."
    )
    rounds: int | None = None


class Order(BaseModel):
    """A request to run the listed queued jobs first, in the order of the list."""

    jobs: list[int] = Field(max_length=1000)


class Health(BaseModel):
    """The answer of a server that is running."""

    status: str
    version: str


class CommandResult(BaseModel):
    """The JSON output of a command; later versions may add keys."""

    model_config = ConfigDict(extra="allow")


class Finding(CommandResult):
    """A problem or remark that an examination found."""

    rule: str
    severity: str
    where: dict[str, Any]
    text: str
    advice: str


class Chunk(CommandResult):
    """A section of the video that is sampled in one run."""

    start_frame: int
    frames: int
    overlap_frames: int
    start_seconds: float


class Plan(CommandResult):
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


class Audio(CommandResult):
    """The result of `lipwright audio --json`."""

    format: dict[str, Any]
    level: dict[str, Any]
    speech: list[tuple[float, float]]
    silences: list[tuple[float, float]]
    findings: list[Finding]
    actions: list[dict[str, Any]]
    edits: list[list[float]]
    plan: Plan


class Image(CommandResult):
    """The result of `lipwright image --json`."""

    size: str
    video_size: str
    faces: list[dict[str, Any]]
    crop: dict[str, Any]
    findings: list[Finding]


class PromptRequest(BaseModel):
    """A prompt to check, or a scenario for which to compose a prompt."""

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


class Prompt(CommandResult):
    """The result of `lipwright prompt --json`."""

    prompt: str
    ok: bool
    findings: list[Finding]
    suggestion: str


class Check(CommandResult):
    """The result of `lipwright check --json`."""

    offset_ms: float | None
    confidence: float
    verdict: str
    drift_ms_per_s: float | None
    windows: list[dict[str, Any]]
    mouth: dict[str, Any]
    audio: dict[str, Any]
    causes: list[Finding]


class Manifest(CommandResult):
    """The manifest of a video (docs/manifest.md)."""

    job: dict[str, Any]
    plan: dict[str, Any]
    findings: list[dict[str, Any]]
    inputs: list[dict[str, Any]]
    engine: dict[str, Any]
    frozen: bool
    audio: dict[str, Any]
    timing: dict[str, Any]
    sync: dict[str, Any] | None = None
