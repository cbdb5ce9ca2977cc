"""Convert motion to and from the latents of the embedded model, eight frames per latent.

As in LTX-2, latent 0 holds only frame 0 (repeated eight times), and latent j >= 1 holds frames 8j-7 to 8j.
The functions accept NumPy arrays and torch tensors, because the training scripts call them with tensors.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lipwright.diffusion.arrays import Array, namespace
from lipwright.domain.grid import FRAMES_PER_LATENT
from lipwright.domain.motion import LEARNED_CHANNELS


def to_latents(motion: Array) -> Array:
    """Convert motion, shape (B, 8 (F-1) + 1, K), to packed latents, shape (B, F, 8 K).

    B is the size of the batch, F the number of latents and K the number of channels.
    """
    xp = namespace(motion)
    batch, _, channels = motion.shape
    first = xp.repeat(motion[:, :1], FRAMES_PER_LATENT, axis=1)
    whole = xp.concat([first, motion[:, 1:]], axis=1)
    return xp.reshape(whole, (batch, -1, FRAMES_PER_LATENT * channels))


def from_latents(latents: Array) -> Array:
    """Convert packed latents, shape (B, F, 8 K), to motion, shape (B, 8 (F-1) + 1, K).

    B is the size of the batch, F the number of latents and K the number of channels.
    """
    xp = namespace(latents)
    whole = xp.reshape(latents, (latents.shape[0], -1, len(LEARNED_CHANNELS)))
    return whole[:, FRAMES_PER_LATENT - 1 :]


def token_seconds(latents: int, frame_rate: Fraction | float) -> NDArray[np.float32]:
    """Return the time of the center of each latent, in seconds, shape (latents,).

    At a frame rate r, latent 0 spans the time from 0 to 1/r, and latent j >= 1 from (8j-7)/r to (8j+1)/r.
    """
    j = np.arange(latents)
    return (np.where(j == 0, 0.5, FRAMES_PER_LATENT * j - 3) / float(frame_rate)).astype(np.float32)
