"""The inputs of a recipe: names of files on the server, the plan, and settings."""

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
"""Kind of output file. "video": an MP4 with the original audio. "frames": a nearly lossless video without
audio, for a program that adds the audio itself."""

DEFAULT_NEGATIVE = "pc game, console game, video game, cartoon, childish, ugly"
"""Negative prompt of ComfyUI's own LTX-2.3 templates; it has an effect only if CFG is above 1."""

MAX_STRENGTH = 100.0
"""Maximum strength that LoraLoaderModelOnly accepts for a LoRA."""

GUIDE_STRENGTH = 0.5
"""Strength with which the image guides the last frame of each clip of a long video, as in the
published workflow by purzbeats (purz-comfyui-workflows, ltx2-audio_to_video_extension_5x.json)."""

STAGE_ONE_STRENGTH = 0.7
"""Strength of the image in the first of two stages, as in ComfyUI's template; in the second stage it is 1."""

OWN_SETTINGS: Mapping[int, Mapping[str, float]] = {
    1: {"anchor_strength": GUIDE_STRENGTH},
    2: {"anchor_strength": GUIDE_STRENGTH, "image_strength": STAGE_ONE_STRENGTH},
}
"""Setting values that replace those of the preset, by number of sampling stages and name of the setting."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """Names of model files as the server lists them; data/models.toml contains the defaults."""

    distilled: str
    """Checkpoint with the distilled model, in models/checkpoints."""
    full: str
    """Checkpoint with the full (dev) model, in models/checkpoints."""
    text_encoder: str
    """Gemma 3, in models/text_encoders."""
    upscaler: str
    """Spatial latent upscaler x2, in models/latent_upscale_models."""
    distilled_lora: str
    """LoRA that turns the full model into a distilled one, in models/loras."""
    distilled_lora_strength: float
    transformer_25: str
    """Distilled transformer of LTX-2.5, in models/diffusion_models."""
    text_encoder_25: str
    """Gemma 4 for LTX-2.5, in models/text_encoders."""
    video_vae_25: str
    """Video VAE of LTX-2.5, in models/vae."""
    audio_vae_25: str
    """Audio VAE of LTX-2.5, in models/vae."""
    upscaler_25: str
    """Spatial latent upscaler of LTX-2.5, in models/latent_upscale_models."""


@cache
def default_models() -> ModelFiles:
    """Return the names of model files in data/models.toml."""
    text = files("lipwright.workflow").joinpath("data/models.toml").read_text("utf-8")
    return ModelFiles(**tomllib.loads(text))


@dataclass(frozen=True, slots=True)
class Lora:
    """A LoRA that is applied to the model; its file is in models/loras."""

    name: str
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class WorkflowInputs:
    """Everything that a recipe needs. Files are given by their names in the server's input folder."""

    driver: str
    """File with the audio that drives the mouth."""
    master: str
    """File with the audio that the video delivers."""
    size: FrameSize
    """Size of the video. Width and height are multiples of 32, or of 64 in the official recipes."""
    frames: int
    """Number of frames of the video: 8n+1."""
    frame_rate: Fraction
    """Frames per second, exact."""
    settings: SamplingSettings
    driver_is_padded: bool = False
    """True if the audio in `driver` has a sample rate of 44.1 kHz and was padded by `audio_vae.padded_part`.
    If false, the graph gets nodes that trim and pad the audio."""
    piece: tuple[Fraction, Fraction] | None = None
    """Start and length, in seconds, of the part of `master` that is used; None for the whole file. If
    `driver` is the same file, the same part of it is used."""
    prompt: str = ""
    negative: str = DEFAULT_NEGATIVE
    image: str | None = None
    """File with the first frame; None to make the video from the prompt alone."""
    start_frames: str | None = None
    """File with the last frames of an earlier clip of the same size; the video begins with them, and `image`
    only guides it. None if there is no earlier clip."""
    guide_strength: float = 0.0
    """Strength with which the image guides the last frame; 0 for no guidance by the image."""
    chunks: tuple[Chunk, ...] = ()
    """The clips of the recipe `extension`; empty for a single clip."""
    for_page: bool = False
    """True if the graph is for ComfyUI's page, which rounds durations to 0.01 s."""
    mask: Span | None = None
    """Span in seconds in which the video moves; outside it the video stands still. Requires an image."""
    freeze_audio: bool = True
    """False to sample the audio latent, too; only for comparisons."""
    models: ModelFiles = field(default_factory=default_models)
    loras: tuple[Lora, ...] = ()
    filename_prefix: str = "lipwright/video"
    export: Export = "video"

    @property
    def checkpoint(self) -> str:
        """The checkpoint that a recipe with one stage loads."""
        return self.models.full if self.settings.preset == "official-full" else self.models.distilled
