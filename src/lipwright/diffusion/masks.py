"""Weights of latents, and masks of tokens: 1 is generated, 0 is kept.

`domain.grid` turns a stretch of time into a window of latent indices (video_window, audio_window). Here a
window becomes weights, one number per latent frame; weights multiply where several conditions meet, and
the product becomes a token mask.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipwright.diffusion.arrays import Array, like, namespace


def window_weights(latents: int, window: range) -> NDArray[np.float64]:
    """Weights that are 1 inside a window of latents and 0 elsewhere, shape (latents,)."""
    return np.isin(np.arange(latents), window).astype(np.float64)


def held_weights(latents: int, held: int, *, strength: float = 1.0) -> NDArray[np.float64]:
    """Weights that hold the first latents: the reference image, or the end of the chunk before.

    Returns:
        Shape (latents,): 1 - strength for those held, 1 after them. Strength 1 keeps them bit for bit, 0
        generates them like the rest.
    """
    return np.where(np.arange(latents) < held, 1.0 - strength, 1.0)


def token_mask(
    weights: NDArray[np.float64], *, batch: int, similar_to: Array, tokens_per_frame: int = 1
) -> Array:
    """Expand weights of latent frames, 0..1, to the mask of packed tokens, of the kind of `similar_to`.

    Returns:
        Shape (batch, latents * tokens_per_frame, 1).
    """
    tokens = like(np.repeat(weights, tokens_per_frame), similar_to)
    xp = namespace(tokens)
    return xp.broadcast_to(tokens[None, :, None], (batch, tokens.shape[0], 1))
