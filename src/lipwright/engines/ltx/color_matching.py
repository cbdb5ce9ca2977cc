"""Match the colors of later chunks to the first one.

Each chunk continues the one before, so that small errors of color add up. The latents of a chunk are
therefore matched to the first chunk's mean and deviation, channel by channel (adaptive instance
normalization; Huang and Belongie 2017): little at its beginning, where it continues the previous chunk, and
fully at its end, where the next one begins. So colors neither jump nor drift.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class ChannelLevels:
    """Mean and deviation of each latent channel, over time, height and width."""

    mean: Tensor
    """Shape (1, C, 1, 1, 1)."""
    deviation: Tensor
    """Shape (1, C, 1, 1, 1)."""

    @classmethod
    def of(cls, latents: Tensor) -> ChannelLevels:
        """Measure latents, shape (1, C, F, H, W)."""
        deviation, mean = torch.std_mean(latents, (0, 2, 3, 4), correction=0, keepdim=True)
        return cls(mean, deviation)


def match_color_statistics(latents: Tensor, to: ChannelLevels, *, returning: bool = False) -> Tensor:
    """Match the latents of a continuation, from not at all at their beginning to fully at their end.

    Args:
        latents: The new latents of a chunk, shape (1, C, F, H, W).
        to: Levels of the video's first chunk.
        returning: True if the next chunk already exists, so that the end is not matched either.
    """
    own = ChannelLevels.of(latents)
    matched = (latents - own.mean) * (to.deviation / own.deviation.clamp(min=1e-6)) + to.mean
    share = torch.linspace(0, 1, latents.shape[2] + 1, device=latents.device)[1:]
    if returning:
        share = (2 * torch.minimum(share, share.flip(0))).clamp(max=1)
    return torch.lerp(latents, matched, share[:, None, None])
