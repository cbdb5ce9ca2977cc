"""The inputs of a recipe: names of files on the server, a plan, settings."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Literal

from lipwright.domain.media import FrameSize
from lipwright.domain.plan import Chunk
from lipwright.domain.settings import SamplingSettings
from lipwright.domain.time import Span

Export = Literal["video", "frames"]
"""video: an MP4 with the original audio. frames: a nearly lossless video without audio, for a program that
adds the audio itself."""

DEFAULT_NEGATIVE = "pc game, console game, video game, cartoon, childish, ugly"
"""Negative prompt of ComfyUI's own LTX-2.3 templates; it has an effect only above CFG 1."""

MAX_STRENGTH = 100.0
"""Largest strength of a LoRA that LoraLoaderModelOnly takes."""

GUIDE_STRENGTH = 0.5
"""Guide strength of the image on the last frame of each clip of a long video, from purzbeats' extension
graph."""

STAGE_ONE_STRENGTH = 0.7
"""Image strength of the first of two stages in ComfyUI's own template; the second has 1."""

OWN_SETTINGS: Mapping[int, Mapping[str, float]] = {
    1: {"anchor_strength": GUIDE_STRENGTH},
    2: {"anchor_strength": GUIDE_STRENGTH, "image_strength": STAGE_ONE_STRENGTH},
}
"""Settings in which the graphs differ from a preset, by number of stages."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """Names of model files as the server lists them; data/models.toml has the defaults for LTX-2.3."""

    distilled: str
    """Checkpoint with the distilled model: models/checkpoints."""
    full: str
    """Checkpoint with the full (dev) model: models/checkpoints."""
    text_encoder: str
    """Gemma 3: models/text_encoders."""
    upscaler: str
    """Spatial latent upscaler x2: models/latent_upscale_models."""
    distilled_lora: str
    """Turns the full model into a distilled one: models/loras."""
    distilled_lora_strength: float
    transformer_25: str
    """Distilled transformer of LTX-2.5: models/diffusion_models."""
    text_encoder_25: str
    """Gemma 4 for LTX-2.5, in models/text_encoders."""
    video_vae_25: str
    """File in models/vae."""
    audio_vae_25: str
    """File in models/vae."""
    upscaler_25: str
    """File in models/latent_upscale_models."""


@cache
def default_models() -> ModelFiles:
    """The names in data/models.toml."""
    text = files("lipwright.workflow").joinpath("data/models.toml").read_text("utf-8")
    return ModelFiles(**tomllib.loads(text))


@dataclass(frozen=True, slots=True)
class Lora:
    """One LoRA on the model, in models/loras."""

    name: str
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class WorkflowInputs:
    """Everything that a recipe needs; files are names in the server's input folder."""

    driver: str
    """Audio that moves the mouth."""
    master: str
    """Audio that the video delivers."""
    size: FrameSize
    """A multiple of 32, of 64 in the official recipe."""
    frames: int
    """8n+1."""
    frame_rate: Fraction
    """Frames per second, exact."""
    settings: SamplingSettings
    driver_is_padded: bool = False
    """True if the driver has 44.1 kHz and was padded by `audio_vae.padded_part`. Otherwise, nodes are added
    that trim and pad the file."""
    piece: tuple[Fraction, Fraction] | None = None
    """Start and length, in seconds, of the piece of `master` (and of a driver that is the same file) that is
    used; None is all of it."""
    prompt: str = ""
    negative: str = DEFAULT_NEGATIVE
    image: str | None = None
    """The first frame; None makes the video from the prompt alone."""
    start_frames: str | None = None
    """File with the video's first frames, at its size, which continue an earlier clip; `image` then only
    guides it."""
    guide_strength: float = 0.0
    """How strongly the image guides the last frame; 0 switches this off."""
    chunks: tuple[Chunk, ...] = ()
    """The clips of recipe extension; empty is one."""
    for_page: bool = False
    """ComfyUI's page will load the graph, and round durations to hundredths of a second."""
    mask: Span | None = None
    """Span in seconds in which the video moves; it is still outside. Requires an image."""
    freeze_audio: bool = True
    """False also samples the audio latent, for comparison only."""
    models: ModelFiles = field(default_factory=default_models)
    loras: tuple[Lora, ...] = ()
    filename_prefix: str = "lipwright/video"
    export: Export = "video"

    @property
    def checkpoint(self) -> str:
        """Checkpoint of a recipe in one stage."""
        return self.models.full if self.settings.preset == "official-full" else self.models.distilled
