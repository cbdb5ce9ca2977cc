"""Every setting of a job, with its default, range, option and help text.

A setting is one field of one of the four classes below, declared with `setting(...)`. The options of
the command line and their help, the checks of values, the manifest's `job` and the tuner are all made from
these declarations, so that adding a setting is one edit in this file:

- `RenderRequest`: what to make from which files,
- `SamplingSettings`: the values for sampling (`presets` has named sets of them),
- `Preparation`: how the audio may be processed to make the driver, which drives the mouth,
- `EngineOptions`: where the engine runs, and with which model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, asdict, dataclass, field, fields
from fractions import Fraction
from math import inf
from pathlib import Path
from typing import Any, Literal

from lipwright.domain.audio_piece import AudioSource, cut_piece
from lipwright.domain.face_choice import read_face_choice
from lipwright.domain.plan import Fit
from lipwright.domain.setting_spec import (
    AUDIO,
    GRAPH,
    LENGTH,
    ONE_VIDEO,
    STUDIO,
    VIDEO,
    SettingSpec,
    setting,
    specs_of,
)
from lipwright.domain.setting_values import read_headers, read_motion_files, read_numbers
from lipwright.domain.time import parse_frame_rate
from lipwright.errors import UsageError

Preset = Literal["guide", "official-distilled", "official-full", "portrait"]

AudioCodec = Literal["auto", "aac", "alac"]
"""Codec of the video's audio; "auto" copies AAC and ALAC as they are and encodes everything else as AAC."""

Switch = Literal["auto", "on", "off"]
"""Whether a step of the audio preparation is applied; "auto" applies the step if the audio needs it."""

Kind = Literal["speech", "music", "ambient"]
"""Kind of audio; the lip-sync guide is less strict about music and ambient audio."""

ALIASES: Mapping[str, str] = {"article": "guide"}
"""Current names of presets and recipes, keyed by older names that are still accepted."""

DEFAULT_FRAME_RATE = Fraction(25)
"""Default frame rate, with one frame per audio latent of LTX-2.3."""

DEFAULT_ROUNDS = 6
"""Default of `tune --rounds`: the maximum number of previews."""

DEFAULT_PROMPT = "a person talks to the camera"
"""Prompt for the video models if the user gives none. If a prompt does not mention talking, the person may
stay still."""


def _read_alias(given: Any) -> Any:  # noqa: ANN401
    return ALIASES.get(given, given) if isinstance(given, str) else given


# --- The table ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SamplingSettings:
    """Settings of one sampling run: the values of a preset, overridden by the user's values.

    Guidance is neutral at cfg 1, stg 0, modality_scale 1 and rescale 0.
    """

    preset: Preset = "guide"
    seed: int = setting(0, "Seed of the noise: the same seed makes the same video.", allowed=(0, 2**63 - 1))
    cfg: float = setting(
        4.0,
        "Classifier-free guidance of the video; the lip-sync guide uses 4, and accepts at most 5.",
        allowed=(0, 100),
        tested=(1, 5),
        lip_sync_rule="SAMPLE-1",
    )
    steps: int = setting(
        40, "Number of sampling steps.", allowed=(1, 1000), tested=(1, 100), lip_sync_rule="SAMPLE-1"
    )
    eta: float = setting(
        0.2,
        "Share of fresh noise in each step (ancestral sampling): start at 0.2; try 0.25 if the mouth looks "
        "stiff.",
        allowed=(0, 1),
        tested=(0.1, 0.3),
        lip_sync_rule="SAMPLE-2",
    )
    norming_threshold: float = setting(
        0.25,
        "Limits spikes of the guidance: higher values make calmer motion, 0 is off.",
        allowed=(0, 100),
        tested=(0.1, 0.5),
        lip_sync_rule="SAMPLE-3",
    )
    stg: float = setting(
        0.0,
        "Strength of spatio-temporal guidance; 0 is off.",
        allowed=(0, 100),
        tested=(0, 2),
        lip_sync_rule="SAMPLE-4",
    )
    modality_scale: float = setting(
        1.0,
        "How strongly the audio guides the video; 1 is neutral.",
        allowed=(0, 100),
        tested=(0, 5),
        lip_sync_rule="FREEZE-4",
    )
    rescale: float = setting(
        0.0,
        "How far the guided prediction is rescaled to the variance of the unguided one: 0 is not at all, 1 "
        "is completely.",
        flag="",
        allowed=(0, 1),
        tested=(0, 1),
        lip_sync_rule="SAMPLE-4",
    )
    image_strength: float = setting(
        1.0,
        "How closely the first frame follows the image: 1 is exactly, 0 not at all.",
        allowed=(0, 1),
        tested=(0, 1),
        lip_sync_rule="IMAGE-4",
    )
    anchor_strength: float = setting(
        0.0,
        "How strongly the image guides the first and last frames of each chunk of a long video; 0 is off.",
        allowed=(0, 1),
        tested=(0, 1),
        lip_sync_rule="FRAMES-5",
    )
    expression: float = setting(
        1.0,
        "Size of head, brow and mouth movement (engine portrait): 1 is a normal speaker.",
        allowed=(0, 3),
        tested=(0.5, 2),
        commands=VIDEO,
    )
    stages: int = setting(
        1,
        "Number of sampling stages: 1 samples at full size; 2 samples at half size, then enlarges and "
        "refines.",
        allowed=(1, 2),
        tested=(1, 2),
        commands=VIDEO,
    )

    def to_json(self) -> dict[str, Any]:
        """Return JSON-serializable values for the manifest."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Preparation:
    """Processing steps that may be applied to the audio to make the driver, which drives the mouth."""

    denoise: Switch = setting(
        "auto",
        "Remove noise from the driver; auto does so if there is noise.",
        commands=AUDIO,
        lip_sync_rule="AUDIO-5",
    )
    deess: Switch = setting(
        "auto",
        "Soften sharp s sounds; auto does so if they stand out.",
        commands=AUDIO,
        lip_sync_rule="AUDIO-5",
    )
    declip: Switch = setting(
        "auto",
        "Restore clipped peaks; auto does so if peaks are clipped.",
        commands=AUDIO,
        lip_sync_rule="AUDIO-3",
    )
    trim_silence: bool = setting(
        False,
        "Shorten pauses over 2 s to 0.8 s, in the driver and in the delivered audio.",
        commands=AUDIO - {"workflow", "dialogue"},
        lip_sync_rule="AUDIO-6",
    )
    kind: Kind = setting(
        "speech", "Kind of audio; music and ambient audio are processed less.", commands=AUDIO
    )
    driver_noise_dbfs: float | None = setting(
        None,
        "Level of faint pink noise to add to the driver alone, RMS in dBFS (such as -55); try it if the "
        "mouth does not move.",
        flag="--driver-noise",
        metavar="DB",
        default_text="none",
        # Below -90 dBFS the noise is lost in 16 bits; above -30 it masks the speech.
        allowed=(-90, -30),
        commands=AUDIO,
        lip_sync_rule="AUDIO-8",
    )

    def __post_init__(self) -> None:
        _check_fields(self)

    def to_json(self) -> dict[str, Any]:
        """Return JSON-serializable values for the manifest."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """Where an engine runs, and with which model. `RenderRequest` sets what the video shows."""

    model: str | None = setting(
        None,
        "Weights to use instead of the engine's default weights.",
        metavar="NAME|PATH",
        default_text="the engine's",
        commands=STUDIO,
    )
    memory: str | None = setting(
        None,
        "How the model is kept in memory: full, fp8, group-offload, sequential, gguf or cpu.",
        metavar="MODE",
        default_text="what fits the GPU",
        job_key="",
        commands=STUDIO,
    )
    loras: tuple[str, ...] = setting(
        (),
        "LoRA to apply to the weights; the ending @1 or @2 limits it to that stage. May be repeated.",
        flag="--lora",
        metavar="PATH[:STRENGTH][@STAGE]",
        job_key="",
        commands=STUDIO,
    )
    servers: tuple[str, ...] = setting(
        (),
        "URL of a ComfyUI server, or @FILE with one URL per line; may be repeated.",
        flag="--server",
        metavar="URL|@FILE",
        commands=GRAPH | STUDIO,
        job_key="",
    )
    headers: tuple[tuple[str, str], ...] = setting(
        (),
        "Header sent with each request to a server; may be repeated.",
        flag="--header",
        metavar="NAME:VALUE",
        commands=GRAPH | STUDIO,
        job_key="",
        parse=read_headers,
    )
    """Headers for the servers. They are secrets, and are never written to a file."""

    def __post_init__(self) -> None:
        _check_fields(self)

    def given(self) -> dict[str, object]:
        """Return the options that differ from the default, by name."""
        named = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """The user's request: paths and options, not yet read or resolved.

    Raises:
        UsageError: the value of a setting is invalid.
    """

    audio: Path = setting(
        help="The recording: any audio or video file, up to 4 hours.",
        flag="AUDIO",
        metavar="AUDIO",
        commands=ONE_VIDEO | {"dialogue"},
    )
    """The recording: the audio of the video. It also drives the mouth unless `driver` is given."""
    output: Path = setting(
        help="The video to write; its manifest, OUT.json, is written next to it.",
        short="-o",
        metavar="OUT.mp4",
        commands=ONE_VIDEO | {"dialogue"},
        written=True,
    )
    image: Path | None = setting(
        None, "The portrait, which is also the first frame: PNG, JPEG or WebP.", metavar="IMG"
    )
    _: KW_ONLY
    audio_from_seconds: float | None = setting(
        None,
        "Start of the part of AUDIO to use, in seconds.",
        flag="--audio-from",
        metavar="S",
        default_text="the beginning",
        allowed=(0, inf),
        commands=LENGTH - {"dialogue"},
        job_key="audio_from",
    )
    audio_to_seconds: float | None = setting(
        None,
        "End of the part of AUDIO to use, in seconds from the start of AUDIO.",
        flag="--audio-to",
        metavar="S",
        default_text="the end",
        allowed=(0, inf),
        commands=LENGTH - {"dialogue"},
        job_key="audio_to",
    )
    face: str | None = setting(
        None,
        "Which face speaks, if the image shows several: left, right, a point in pixels, or the number of the "
        "face, counted from left to right as `lipwright image` shows it.",
        metavar="N|left|right|X,Y",
        default_text="the largest face",
        commands=GRAPH - {"dialogue"},
        lip_sync_rule="PROMPT-6",
        parse=read_face_choice,
    )
    prompt: str = setting("", "Description of the person, the light and the background.")
    negative: str | None = setting(
        None, "Negative prompt; it has an effect only if --cfg is above 1.", default_text="the engine's"
    )
    engine: str = setting(
        "auto",
        "The engine that makes the frames: portrait, ltx, comfyui or an installed one; auto uses the best "
        "that can run on this machine.",
        metavar="NAME",
        job_key="engine_requested",
        commands=STUDIO,
    )
    options: EngineOptions = field(default_factory=EngineOptions)
    preset: Preset | None = setting(
        None, "Sampling settings to start from.", default_text="the engine's", parse=_read_alias
    )
    sampling: Mapping[str, float | None] = field(default_factory=dict)
    """Overrides of the preset, by field name of `SamplingSettings`; None keeps the preset's value."""
    frame_rate: Fraction = setting(
        DEFAULT_FRAME_RATE,
        "Frames per second, such as 25, 23.976 or 24000/1001.",
        flag="--fps",
        metavar="RATE",
        commands=LENGTH,
        job_key="fps",
        lip_sync_rule="FRAMES-2",
        parse=parse_frame_rate,
    )
    fit: Fit = setting(
        "auto",
        "How the length is rounded to 8n+1 frames: nearest, cover (never cuts), floor (never pads), or auto: "
        "cover if nearest would cut speech, else nearest.",
        metavar="RULE",
        commands=LENGTH,
        lip_sync_rule="FRAMES-1",
    )
    size: str | None = setting(
        None,
        "Size of the video: pixels such as 832x448, or 480p, 720p, 1080p.",
        metavar="WxH",
        default_text="the image's shape",
        lip_sync_rule="FRAMES-4",
    )
    driver: Path | None = setting(
        None,
        "Audio that drives the mouth instead of AUDIO; the video still contains AUDIO.",
        metavar="WAV",
        commands=GRAPH - {"dialogue"},
        lip_sync_rule="DELIVER-1",
    )
    prepare: bool = setting(
        True,
        "Use the driver as it is: only convert it to mono, 24 kHz and the exact length.",
        flag="--no-prepare",
        commands=VIDEO,
    )
    """Whether the driver is leveled and repaired, as `preparation` says."""
    preparation: Preparation = field(default_factory=Preparation)
    """Settings of the audio preparation; ignored if `prepare` is False."""
    start_seconds: float | None = setting(
        None,
        "Time at which the motion starts, in seconds; the face rests before it.",
        flag="--start",
        metavar="S",
        default_text="the beginning",
        allowed=(0, inf),
        commands=GRAPH - {"tune", "dialogue"},
        job_key="start",
        lip_sync_rule="FREEZE-2",
    )
    end_seconds: float | None = setting(
        None,
        "Time at which the motion ends, in seconds; the face rests after it.",
        flag="--end",
        metavar="S",
        default_text="the end",
        allowed=(0, inf),
        commands=GRAPH - {"tune", "dialogue"},
        job_key="end",
        lip_sync_rule="FREEZE-2",
    )
    freeze_audio: bool = setting(
        True,
        "Sample the audio latent too, so that the lips no longer follow the audio; for comparison only.",
        flag="--no-freeze",
        job_key="freeze",
        lip_sync_rule="FREEZE-1",
    )
    """Whether the audio latent is kept as it is, so that the lips follow the audio."""
    strict: bool = setting(
        False,
        "Refuse a prompt that competes with the audio, instead of only reporting it.",
        commands=VIDEO,
        job_key="",
        lip_sync_rule="PROMPT-2",
    )
    allow_motion: bool = setting(
        False, "Accept a prompt that competes with the audio, even with --strict.", lip_sync_rule="PROMPT-2"
    )
    force: bool = setting(False, "Accept a CFG above 5.", lip_sync_rule="SAMPLE-1")
    audio_codec: AudioCodec = setting(
        "auto",
        "Codec of the video's audio: auto copies AAC and ALAC and encodes the rest as AAC; alac is "
        "bit-exact.",
        commands=VIDEO,
        lip_sync_rule="DELIVER-1",
    )
    image_crf: int | None = setting(
        None,
        "Compress the image as H.264 with this CRF before the engine receives it.",
        flag="",
        allowed=(0, 51),
        lip_sync_rule="IMAGE-3",
    )
    retakes: int = setting(
        0,
        "Sample chunks with poor lip sync again, up to N times, and keep the best take.",
        allowed=(0, 20),
        commands=VIDEO - {"dialogue"},
        lip_sync_rule="FRAMES-5",
    )
    redo_chunks: tuple[int, ...] = setting(
        (),
        "Sample only these chunks of OUT again, with the seed of --seed; the manifest lists the chunk "
        "numbers.",
        flag="--redo-chunk",
        metavar="N[,N...]",
        commands=frozenset({"render"}),
        job_key="",
        lip_sync_rule="FRAMES-5",
        parse=lambda given: read_numbers(given, "--redo-chunk", "chunk"),
    )
    fresh: bool = setting(
        False,
        "Sample all chunks; ignore those stored by an earlier run of this job.",
        commands=VIDEO - {"dialogue"},
        job_key="",
    )
    motion_out: tuple[Path, ...] = setting(
        (),
        "Also write the motion of the face: ARKit's blendshapes as .csv, Rhubarb's mouth shapes as .tsv, "
        "both as .json; may be repeated. Only the portrait engine does this.",
        metavar="FILE",
        commands=frozenset({"render"}),
        job_key="",
        parse=read_motion_files,
    )
    check: bool = setting(
        False,
        "Measure the sync of the finished video; the result is `sync` in the manifest.",
        commands=frozenset({"render", "dialogue"}),
        lip_sync_rule="CHECK-1",
    )

    def __post_init__(self) -> None:
        _check_fields(self)
        known = [spec.name for spec in SETTINGS.values() if spec.owner is SamplingSettings]
        if unknown := self.sampling.keys() - known:
            raise UsageError(f"unknown setting {min(unknown)!r}", hint=f"use one of {', '.join(known)}")
        checked = {
            name: None if value is None else SETTINGS[name].check(value)
            for name, value in self.sampling.items()
        }
        object.__setattr__(self, "sampling", checked)
        _ = self.recording  # checks the piece
        start, end = self.start_seconds, self.end_seconds
        if end is not None and end <= (start or 0.0):
            raise UsageError(
                f"--end {end:g} is not after --start {start or 0.0:g}", hint="give an end after the start"
            )

    @property
    def recording(self) -> AudioSource:
        """The part of `audio` that the video contains: all of it, or the requested piece."""
        return cut_piece(self.audio, self.audio_from_seconds, self.audio_to_seconds)

    @property
    def inputs(self) -> Mapping[str, Path]:
        """Every input file, by its role."""
        named = {"audio": self.audio, "image": self.image, "driver": self.driver}
        return {role: path for role, path in named.items() if path is not None}

    @property
    def manifest(self) -> Path:
        """Path of the manifest."""
        return self.output.with_suffix(".json")

    def to_json(self) -> dict[str, Any]:
        """Return the requested settings as JSON-serializable values, keyed as in the manifest's `job`."""
        job: dict[str, Any] = {}
        for spec in SETTINGS.values():
            owner = {RenderRequest: self, EngineOptions: self.options}.get(spec.owner)
            if owner is None or not spec.job_key:
                continue
            value = getattr(owner, spec.name)
            job[spec.job_key] = str(value) if isinstance(value, Path | Fraction) else value
        return job | {"preparation": self.preparation.to_json()}


# --- Reading the table ----------------------------------------------------------------------------


SETTINGS: Mapping[str, SettingSpec] = {
    spec.name: spec
    for owner in (RenderRequest, SamplingSettings, Preparation, EngineOptions)
    for spec in specs_of(owner, default_text="the preset's" if owner is SamplingSettings else "")
}
"""Every setting, by name."""


PIECE = ("audio_from_seconds", "audio_to_seconds")
"""Names of the settings that cut a piece out of a recording."""


def _check_fields(owner: Any) -> None:  # noqa: ANN401 - one of the classes above
    """Convert each value of a new object to the type of its setting, and check it."""
    for one in fields(owner):
        if one.metadata.get("setting"):
            object.__setattr__(owner, one.name, SETTINGS[one.name].check(getattr(owner, one.name)))


def build_request(given: Mapping[str, Any]) -> RenderRequest:
    """Build a request from the values of settings, by setting name; each value may be given as text.

    Raises:
        UsageError: a setting is unknown, or its value is invalid.
    """
    parts: dict[type, dict[str, Any]] = {
        RenderRequest: {},
        SamplingSettings: {},
        Preparation: {},
        EngineOptions: {},
    }
    for name, value in given.items():
        if name not in SETTINGS:
            raise UsageError(f"unknown setting {name!r}", hint=f"use one of {', '.join(SETTINGS)}")
        parts[SETTINGS[name].owner][name] = value
    return RenderRequest(
        **parts[RenderRequest],
        sampling=parts[SamplingSettings],
        preparation=Preparation(**parts[Preparation]),
        options=EngineOptions(**parts[EngineOptions]),
    )
