"""The seam between loading and sampling: a model's networks, each made when it is needed.

Every network is a function that loads it. It comes back in evaluation mode, without gradients, on its
device or behind whatever hooks bring it there, in its dtype. Who calls it owns it: dropping the last
reference frees it. So the text encoder (12 B) is gone before the transformer (19 B) comes.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from lipwright.domain.finding import Finding
from lipwright.engines.ltx.profile import Profile

if TYPE_CHECKING:
    from diffusers import AutoencoderKLLTX2Audio, AutoencoderKLLTX2Video, LTX2VideoTransformer3DModel
    from diffusers.pipelines.ltx2.connectors import LTX2TextConnectors
    from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel
    from transformers import Gemma3ForConditionalGeneration, PreTrainedTokenizerBase


@dataclass(frozen=True, slots=True)
class Placement:
    """How a model lies in memory."""

    mode: str = "full"
    """full, fp8, group-offload, sequential, gguf or cpu: as --memory spells it."""
    why: str = "asked for"
    """For people: why this one."""
    estimate_bytes: int | None = None
    """GPU memory it should need at most."""
    estimate_seconds: float | None = None
    """Of all sampling steps."""
    findings: tuple[Finding, ...] = ()
    """What should be known about it, such as a precision that is known to lose sync."""


@dataclass(frozen=True, slots=True)
class Components:
    """One model, ready to be loaded piece by piece."""

    profile: Profile
    transformer: Callable[[], LTX2VideoTransformer3DModel]
    """With the adapters of the first stage."""
    video_vae: Callable[[], AutoencoderKLLTX2Video]
    audio_vae: Callable[[], AutoencoderKLLTX2Audio]
    connectors: Callable[[], LTX2TextConnectors]
    text_encoder: Callable[[], Gemma3ForConditionalGeneration]
    tokenizer: Callable[[], PreTrainedTokenizerBase]
    latent_upsampler: Callable[[], LTX2LatentUpsamplerModel] | None
    """Doubles width and height of latents; None where the weights are not there: one stage only."""
    device: torch.device
    """Where tensors are made and the networks compute."""
    dtype: torch.dtype
    """What the transformer computes in."""
    placement: Placement = Placement()
    refining_transformer: Callable[[], LTX2VideoTransformer3DModel] | None = None
    """With the adapters of the second stage; None where they are those of the first."""
    loras: tuple[str, ...] = ()
    """Adapters for the manifest: file name, strength, stage."""
    fall_back: Callable[[], Components] | None = None
    """The same model in a mode that needs less memory; None where there is none."""


def free_memory() -> None:
    """Give back what dropped networks held, to the GPU too."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
