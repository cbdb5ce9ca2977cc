"""What an engine receives, and what it returns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.chunks import ChunkReport, ChunkWishes
from lipwright.domain.finding import Finding
from lipwright.domain.media import FrameSize, Image, Waveform
from lipwright.domain.motion import Motion
from lipwright.domain.plan import FramePlan
from lipwright.domain.settings import Settings
from lipwright.domain.time import Span


@dataclass(frozen=True, slots=True)
class Shot:
    """A video to make: prepared inputs and resolved settings, no paths."""

    driver: Waveform
    """Mono, 24 kHz, exactly as long as the plan."""
    speech: tuple[Span, ...]
    """Where somebody speaks, in seconds of the driver."""
    plan: FramePlan
    size: FrameSize
    settings: Settings
    listens: tuple[Span, ...] = ()
    """Where others have the floor, in seconds of the driver: the mouth rests, whatever noise there is."""
    image: Image | None = None
    """The reference image; already of `size` for engines that take it so."""
    face: str | None = None
    """Which face of the image speaks, as `domain.face_choice` reads it; None is the largest."""
    prompt: str = ""
    negative: str | None = None
    """What guidance leads away from; None is the engine's own."""
    mask: Span | None = None
    """Temporal mask in seconds: the video moves inside it and rests outside; None is everywhere."""
    freeze_audio: bool = True
    """False samples the audio latent too (--no-freeze, for comparison only)."""
    chunks: ChunkWishes = field(default_factory=ChunkWishes)
    """What is wanted of its chunks; engines that do not chunk, or take none of it, leave it."""


@dataclass(frozen=True, slots=True)
class Render:
    """What an engine returns. Frames are streamed, so that memory does not grow with length."""

    frames: Iterator[NDArray[np.uint8]]
    """Exactly plan.frames arrays of shape (height, width, 3), RGB."""
    frozen: bool
    """True where the audio latent was bit-identical before and after sampling."""
    model: str
    """Name of the weights used."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Libraries that matter for reproducing it."""
    settings: Mapping[str, object] = field(default_factory=dict)
    """Settings as the engine used them."""
    findings: tuple[Finding, ...] = ()
    chunks: tuple[ChunkReport, ...] = ()
    """How each chunk came to be, of engines that take `Shot.chunks`."""
    motion: Motion | None = None
    """What the frames were drawn from, of engines that make motion (`EngineDescription.makes_motion`)."""
