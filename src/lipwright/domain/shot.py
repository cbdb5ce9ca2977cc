"""The input and output of an engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.chunks import ChunkOptions, ChunkReport
from lipwright.domain.finding import Finding
from lipwright.domain.media import FrameSize, Image, Waveform
from lipwright.domain.motion import Motion
from lipwright.domain.plan import FramePlan
from lipwright.domain.settings import SamplingSettings
from lipwright.domain.time import Span


@dataclass(frozen=True, slots=True)
class Shot:
    """A video to make: prepared inputs and resolved settings, no paths."""

    driver: Waveform
    """The audio that the model hears: mono, 24 kHz, exactly as long as the plan."""
    speech: tuple[Span, ...]
    """Spans of speech, in seconds from the start of the driver."""
    plan: FramePlan
    size: FrameSize
    settings: SamplingSettings
    listens: tuple[Span, ...] = ()
    """Spans in which other people speak, in seconds from the start of the driver. During these spans, the
    mouth rests, even if the driver contains noise."""
    image: Image | None = None
    """The reference image. It already has the size `size` if the engine requires that."""
    face: str | None = None
    """Which face of the image speaks, as returned by `read_face_choice`; None for the largest."""
    prompt: str = ""
    negative: str | None = None
    """The negative prompt; None uses the engine's default."""
    mask: Span | None = None
    """Span in which the face moves, in seconds; before and after this span, the face rests. None if the face
    moves during the whole video."""
    freeze_audio: bool = True
    """True keeps the audio latent frozen; False samples it too (--no-freeze, for comparison only)."""
    chunks: ChunkOptions = field(default_factory=ChunkOptions)
    """Options for chunks; ignored by engines that do not support these options."""


@dataclass(frozen=True, slots=True)
class Render:
    """The output of an engine. Frames are streamed, so memory does not grow with the video's length."""

    frames: Iterator[NDArray[np.uint8]]
    """Exactly plan.frames arrays of shape (height, width, 3), RGB."""
    frozen: bool
    """True if the audio latent was bit-identical before and after sampling."""
    model: str
    """Name of the weights used."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Versions of the libraries that can change the video, by library name."""
    settings: Mapping[str, object] = field(default_factory=dict)
    """Values of the settings as the engine used them, by setting name."""
    findings: tuple[Finding, ...] = ()
    chunks: tuple[ChunkReport, ...] = ()
    """How each chunk was made, from engines that support `Shot.chunks`."""
    motion: Motion | None = None
    """The face motion, from engines that make it (`EngineDescription.makes_motion`)."""
