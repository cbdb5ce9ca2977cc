"""Small previews of the video during sampling, made without the decoder.

A linear map from latents to pixels is fitted to the reference image, whose latents and pixels are both known.
With one small multiplication, it gives a rough image of any latent of the video. (Published maps exist only
for some models, and the decoder does not fit in memory next to the transformer.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lipwright.domain.media import Image

BLOCKS = 4
"""Number of preview pixels per latent, in width and in height."""

RIDGE = 0.1
"""Weight of the ridge penalty, which limits the pixel values for latents that differ much from those of the
image."""


@dataclass(frozen=True, slots=True)
class Previewer:
    """A linear map from latents to a small image."""

    matrix: Tensor
    """Maps the channels of a latent, and a constant 1, to RGB pixels, shape (channels + 1, BLOCKS**2 * 3)."""

    @classmethod
    def fitted(cls, latent: Tensor, image: Image) -> Previewer:
        """Fit the linear map to an image.

        Args:
            latent: Normalized latents of the image, shape (channels, height, width).
            image: The image.
        """
        height, width = latent.shape[1:]
        known = torch.tensor(image.rgb).to(latent.device).float() / 255
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

    def show(self, latent: Tensor) -> Image:
        """Return a preview of a latent frame, BLOCKS times as wide and as high as the latent frame.

        `latent` has the shape (channels, height, width).
        """
        height, width = latent.shape[1:]
        pixels = _with_one(latent.float().flatten(1).T) @ self.matrix.to(latent.device)
        image = (
            pixels.view(height, width, 3, BLOCKS, BLOCKS).permute(0, 3, 1, 4, 2).flatten(0, 1).flatten(1, 2)
        )
        levels = (image.clamp(0, 1) * 255).round().to(torch.uint8).cpu().numpy()
        return Image(np.ascontiguousarray(levels))


def _with_one(tokens: Tensor) -> Tensor:
    return torch.cat([tokens, torch.ones_like(tokens[:, :1])], 1)
