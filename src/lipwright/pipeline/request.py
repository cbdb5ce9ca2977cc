"""What the user asks for: one render, as the command line or a program states it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal

from lipwright.domain.paths import path_or_none
from lipwright.domain.plan import Fit
from lipwright.domain.preparation import Preparation
from lipwright.domain.settings import Preset
from lipwright.domain.time import DEFAULT_FRAME_RATE
from lipwright.engines.base import EngineOptions

AudioCodec = Literal["auto", "aac", "alac"]
"""auto copies AAC and ALAC as they are and encodes everything else as AAC."""


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """Paths and wishes; nothing is read or resolved yet."""

    audio: Path
    """The recording: drives the mouth, unless `driver` does, and is always what the video delivers."""
    output: Path
    """The video, .mp4; the manifest lies next to it with the suffix .json."""
    image: Path | None = None
    """The portrait."""
    prompt: str = ""
    negative: str | None = None
    """What guidance leads away from, above CFG 1; None is the engine's own."""
    engine: str = "auto"
    options: EngineOptions = field(default_factory=EngineOptions)
    """Weights, memory mode, servers and headers."""
    preset: Preset | None = None
    """None is the engine's own."""
    knobs: Mapping[str, float | None] = field(default_factory=dict)
    """Settings laid over the preset, by the names of domain.settings.KNOBS; None leaves it."""
    frame_rate: Fraction = DEFAULT_FRAME_RATE
    """Frames per second."""
    fit: Fit = "auto"
    size: str | None = None
    """WIDTHxHEIGHT, 480p, 720p or 1080p; None is the image's own aspect."""
    driver: Path | None = None
    """Drives the mouth instead of `audio`, on the same timeline."""
    prepare: bool = True
    """False takes the driver's level as it is: only mono, 24 kHz and the exact length are made."""
    preparation: Preparation = field(default_factory=Preparation)
    """What preparation may do; without meaning where `prepare` is False."""
    start_seconds: float | None = None
    """The video moves from here on; None is its start."""
    end_seconds: float | None = None
    """The video moves until here; None is its end."""
    freeze_audio: bool = True
    allow_motion: bool = False
    """Take a prompt that works against the audio."""
    force: bool = False
    """Take a CFG above 5."""
    audio_codec: AudioCodec = "auto"
    image_crf: int | None = None
    """Compress the image as H.264 of this CRF (0..51) before the engine sees it; None leaves it."""
    check: bool = False
    """Measure the finished video's sync, for the manifest's `sync`."""

    def __post_init__(self) -> None:
        """Paths may be given as text."""
        for role in ("audio", "output", "image", "driver"):
            object.__setattr__(self, role, path_or_none(getattr(self, role)))

    @property
    def inputs(self) -> Mapping[str, Path]:
        """Every file that is read, by its role."""
        named = {"audio": self.audio, "image": self.image, "driver": self.driver}
        return {role: path for role, path in named.items() if path is not None}

    @property
    def manifest(self) -> Path:
        """Where the manifest goes."""
        return self.output.with_suffix(".json")
