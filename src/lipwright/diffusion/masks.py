"""Weights of latents, and masks of tokens: 1 means generated, 0 means kept.

`domain.grid` converts a time span to a window of latent indices (video_window, audio_window). This module
converts a window to weights, one per latent frame. The weights of several conditions are multiplied, and the
product becomes a token mask.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipwright.diffusion.arrays import Array, like, namespace


def window_weights(latents: int, window: range) -> NDArray[np.float64]:
    """Return weights that are 1 inside a window of latents and 0 elsewhere, shape (latents,)."""
    return np.isin(np.arange(latents), window).astype(np.float64)


def held_weights(latents: int, held: int, *, strength: float = 1.0) -> NDArray[np.float64]:
    """Return weights that keep the first latents: the reference image, or the end of the previous chunk.

    Returns:
        Shape (latents,): 1 - strength for the first `held` latents, 1 for all later ones. Strength 1 keeps
        the first latents bit for bit, 0 generates them like the later ones.
    """
    return np.where(np.arange(latents) < held, 1.0 - strength, 1.0)


def token_mask(
    weights: NDArray[np.float64], *, batch: int, similar_to: Array, tokens_per_frame: int = 1
) -> Array:
    """Expand weights of latent frames, 0..1, to a mask of packed tokens.

    Args:
        weights: One weight per latent frame, shape (latents,).
        batch: Number of items in the batch; all have the same mask.
        similar_to: An array with the library, dtype and device that the mask should have.
        tokens_per_frame: Number of tokens in one latent frame.

    Returns:
        Shape (batch, latents * tokens_per_frame, 1).
    """
    tokens = like(np.repeat(weights, tokens_per_frame), similar_to)
    xp = namespace(tokens)
    return xp.broadcast_to(tokens[None, :, None], (batch, tokens.shape[0], 1))
