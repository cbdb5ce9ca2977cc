"""One frozen-audio run, the same for our code and the official one.

Weights and inputs come from numpy's generator, so that no version of torch changes them.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import tiny_ltx
import torch
from torch import Tensor

from lipwright.diffusion.guiders import Guidance
from lipwright.diffusion.state import VideoShape

SHAPE = VideoShape(1, 8, 3, 2, 3)
LENGTH = 18
RATE = Fraction(24)
GUIDANCE = Guidance(3.0, 1.0, 3.0, 0.7)
BLOCK = 1
STEPS = 4
STRENGTH = 0.8
"""Of the image: latent frame 0 is generated to a fifth."""


@dataclass(frozen=True)
class Case:
    net: Any
    noise: Tensor
    """(1, T, C)."""
    image: Tensor
    """(1, C, 1, H, W)."""
    audio: Tensor
    """(1, L, C')."""
    positive: tuple[Tensor, Tensor]
    """Video's and audio's text."""
    negative: tuple[Tensor, Tensor]

    @property
    def clean(self) -> Tensor:
        tokens = self.image.flatten(2).transpose(1, 2)
        return torch.cat([tokens, torch.zeros_like(self.noise[:, tokens.shape[1] :])], 1)

    @property
    def draft(self) -> Tensor:
        """(1, T, C): an upscaled video for the second stage."""
        latents = np.random.default_rng(7).standard_normal(astuple(SHAPE)).astype(np.float32)
        return torch.from_numpy(latents).flatten(2).transpose(1, 2)

    @property
    def mask(self) -> Tensor:
        mask = torch.ones(1, SHAPE.tokens, 1)
        mask[:, : SHAPE.tokens_per_frame] = 1 - STRENGTH
        return mask


def make_case() -> Case:
    chance = np.random.default_rng(2026)

    def normal(*shape: int, scale: float = 1.0) -> Tensor:
        return torch.from_numpy((chance.standard_normal(shape) * scale).astype(np.float32))

    net = tiny_ltx.transformer().eval().requires_grad_(False)
    for name, tensor in sorted(net.state_dict().items()):
        fan = tensor.shape[-1] if tensor.ndim > 1 else 25
        tensor.copy_(normal(*tensor.shape, scale=fan**-0.5) + (1 if ".norm_" in name else 0))
    width, audio_width = net.config.cross_attention_dim, net.config.audio_cross_attention_dim
    return Case(
        net,
        noise=normal(*SHAPE.packed),
        image=normal(1, SHAPE.channels, 1, SHAPE.height, SHAPE.width),
        audio=normal(1, LENGTH, net.config.audio_in_channels),
        positive=(normal(1, 16, width), normal(1, 16, audio_width)),
        negative=(normal(1, 16, width), normal(1, 16, audio_width)),
    )
