"""Matching of the colors of later chunks to the first chunk.

Each chunk continues the previous chunk, so that small color errors add up. Therefore, the latents of a chunk
are matched to the mean and deviation of the first chunk, channel by channel (adaptive instance normalization;
Huang and Belongie 2017). The strength of the match grows from 0 at the start of a chunk to 1 at its end. So
colors do not jump where the chunk continues the previous chunk, and do not drift over many chunks.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class ChannelLevels:
    """Mean and standard deviation of each latent channel, over time, height and width."""

    mean: Tensor
    """Means, shape (1, C, 1, 1, 1)."""
    deviation: Tensor
    """Standard deviations, shape (1, C, 1, 1, 1)."""

    @classmethod
    def of(cls, latents: Tensor) -> ChannelLevels:
        """Return the levels of latents of shape (1, C, F, H, W)."""
        deviation, mean = torch.std_mean(latents, (0, 2, 3, 4), correction=0, keepdim=True)
        return cls(mean, deviation)


def match_color_statistics(latents: Tensor, to: ChannelLevels, *, returning: bool = False) -> Tensor:
    """Match a chunk's latents to given levels, with a strength that grows from 0 to 1 over the chunk.

    Args:
        latents: The new latents of a chunk, shape (1, C, F, H, W).
        to: Levels of the video's first chunk.
        returning: True if the next chunk already exists, so that the strength has to return to 0 at the end.
    """
    own = ChannelLevels.of(latents)
    matched = (latents - own.mean) * (to.deviation / own.deviation.clamp(min=1e-6)) + to.mean
    share = torch.linspace(0, 1, latents.shape[2] + 1, device=latents.device)[1:]
    if returning:
        share = (2 * torch.minimum(share, share.flip(0))).clamp(max=1)
    return torch.lerp(latents, matched, share[:, None, None])
