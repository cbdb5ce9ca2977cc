"""Colours that stay what they were: each chunk continues the one before, and errors add up.

A chunk's latents are brought to the first chunk's levels, channel by channel (adaptive instance
normalisation; Huang and Belongie 2017), little at its beginning, where it continues what is there,
and wholly at its end, where the next one begins. So nothing jumps, and nothing drifts away.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class ChannelLevels:
    """Of a stretch of video, over its time and its image."""

    mean: Tensor
    """Shape (1, C, 1, 1, 1)."""
    deviation: Tensor
    """Shape (1, C, 1, 1, 1)."""

    @classmethod
    def of(cls, latents: Tensor) -> ChannelLevels:
        """Measure latents, shape (1, C, F, H, W)."""
        deviation, mean = torch.std_mean(latents, (0, 2, 3, 4), correction=0, keepdim=True)
        return cls(mean, deviation)


def match_color_statistics(latents: Tensor, to: ChannelLevels) -> Tensor:
    """Latents of a continuation whose levels end where they should be.

    Args:
        latents: Those that are new in a chunk, shape (1, C, F, H, W).
        to: Levels of the video's first chunk.
    """
    own = ChannelLevels.of(latents)
    matched = (latents - own.mean) * (to.deviation / own.deviation.clamp(min=1e-6)) + to.mean
    share = torch.linspace(0, 1, latents.shape[2] + 1, device=latents.device)[1:]
    return torch.lerp(latents, matched, share[:, None, None])
