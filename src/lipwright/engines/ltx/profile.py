"""What is known of a model beside its weights: data that a loader reads, never assumed in code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CrossTiming = Literal["core12", "core10", "own"]
"""Whose clock modulates attention between audio and image.

    core12  scale and shift by the stream's own token levels, gate by the other's scalar level
            (ltx-core 1.2, ComfyUI)
    core10  both by the other's scalar level (ltx-core 1.0; diffusers' use_cross_timestep=True)
    own     both by the stream's own token levels (LTX-2.0; diffusers' False)
"""


@dataclass(frozen=True, slots=True)
class GuidanceDefaults:
    """How a model is guided where the user names nothing."""

    cfg: float = 1.0
    stg: float = 0.0
    modality_scale: float = 1.0
    rescale: float = 0.0
    audio_cfg: float = 1.0
    """Of the audio; plays a part only where it is not frozen."""
    stg_blocks: tuple[int, ...] = (28,)
    """Blocks whose self attention the perturbed pass leaves out, counted from 0."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One model, or one kind of model. The defaults are LTX-2.3's."""

    name: str
    """As --model spells it and the manifest tells it."""
    identity: str
    """What its caches are keyed by: changes whenever the text encoder's or connectors' bits may."""
    family: str = "2.3"
    distilled: bool = True
    """Taught to sample in few steps; False is the full ("dev") model."""
    tiny: bool = False
    """Made to test with: runs on a CPU without being told to."""
    audio_rate_hz: int = 16_000
    """What the audio VAE reads."""
    audio_hop: int = 160
    """Samples from one mel frame to the next."""
    audio_fft: int = 1024
    """Samples of a mel frame's window."""
    mel_bins: int = 64
    image_crf: int = 33
    """H.264 quality the reference image is sent through: 33 up to 2.3, 18 for 2.4 and 2.5."""
    spatial_factor: int = 32
    """Pixels per video latent, each way."""
    temporal_factor: int = 8
    """Frames per video latent after the first."""
    sigmas: tuple[float, ...] = (1.0, 0.99375, 0.9875, 0.98125, 0.975, 0.909375, 0.725, 0.421875, 0.0)
    """Noise levels of the official run, the last one 0; empty where it is made from the step count."""
    second_stage_sigmas: tuple[float, ...] = (0.909375, 0.725, 0.421875, 0.0)
    """Noise levels that refine an upsampled clip."""
    shift: float = 2.05
    """Of schedules made from a step count."""
    terminal: float = 0.1
    """Last level above 0 of such schedules."""
    guidance: GuidanceDefaults = GuidanceDefaults()
    cross_timing: CrossTiming = "core12"
    text_tokens: int = 1024
    """Length that prompts are padded to."""
    negative_prompt: str = ""
    """Empty takes the package's own."""
