"""A small picture of what is being sampled, without the decoder.

The reference picture's latents are known, and so are its pixels. A linear map fitted between them
shows any latent of the same film roughly, at the cost of one small multiplication. (Constants for a
model's latents would have to be known for each; and the decoder has no room beside the transformer.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lipwright.domain.media import Picture

BLOCKS = 4
"""Pixels of the preview for each latent, each way."""

RIDGE = 0.1
"""Weight of small coefficients against a close fit: latents far from the picture's stay in range."""


@dataclass(frozen=True, slots=True)
class Previewer:
    """Latents to a small picture."""

    matrix: Tensor
    """Shape (channels + 1, BLOCKS * BLOCKS * 3)."""

    @classmethod
    def fitted(cls, latent: Tensor, picture: Picture) -> Previewer:
        """Learn the map from one picture.

        Args:
            latent: The picture's, normalised, shape (C, h, w).
            picture: Of the size it was encoded from.
        """
        height, width = latent.shape[1:]
        known = torch.tensor(picture.rgb).to(latent.device).float() / 255
        blocks = torch.nn.functional.adaptive_avg_pool2d(
            known.permute(2, 0, 1), (height * BLOCKS, width * BLOCKS)
        )
        wanted = (
            blocks.unflatten(1, (height, BLOCKS))
            .unflatten(3, (width, BLOCKS))
            .permute(1, 3, 0, 2, 4)
            .flatten(2)
        ).flatten(0, 1)
        tokens = _with_one(latent.float().flatten(1).T)
        gram = tokens.T @ tokens + RIDGE * len(tokens) * torch.eye(tokens.shape[1]).to(tokens) / 100
        return cls(torch.linalg.solve(gram, tokens.T @ wanted))

    def show(self, latent: Tensor) -> Picture:
        """A picture of one latent frame, shape (C, h, w); BLOCKS times its size."""
        height, width = latent.shape[1:]
        pixels = _with_one(latent.float().flatten(1).T) @ self.matrix.to(latent.device)
        picture = (
            pixels.view(height, width, 3, BLOCKS, BLOCKS).permute(0, 3, 1, 4, 2).flatten(0, 1).flatten(1, 2)
        )
        levels = (picture.clamp(0, 1) * 255).round().to(torch.uint8).cpu().numpy()
        return Picture(np.ascontiguousarray(levels))


def _with_one(tokens: Tensor) -> Tensor:
    return torch.cat([tokens, torch.ones_like(tokens[:, :1])], 1)
