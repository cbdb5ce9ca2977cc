"""Motion as the "video" latents of the embedded model: LTX-2's law, eight frames to a latent.

Latent frame 0 holds the motion of frame 0 alone (repeated to fill it); latent j >= 1
holds frames 8j-7 .. 8j. Works on numpy and torch arrays: training uses it too.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lipwright.diffusion.arrays import Array, namespace
from lipwright.domain.grid import FRAMES_PER_LATENT
from lipwright.domain.motion import CHANNELS


def to_latents(motion: Array) -> Array:
    """(B, 8 (F-1) + 1, K) to packed latents (B, F, 8 K)."""
    xp = namespace(motion)
    batch, _, channels = motion.shape
    first = xp.repeat(motion[:, :1], FRAMES_PER_LATENT, axis=1)
    whole = xp.concat([first, motion[:, 1:]], axis=1)
    return xp.reshape(whole, (batch, -1, FRAMES_PER_LATENT * channels))


def from_latents(latents: Array, channels: int = len(CHANNELS)) -> Array:
    """The inverse of to_latents: (B, F, 8 K) to (B, 8 (F-1) + 1, K)."""
    xp = namespace(latents)
    whole = xp.reshape(latents, (latents.shape[0], -1, channels))
    return whole[:, FRAMES_PER_LATENT - 1 :]


def token_seconds(latents: int, frame_rate: Fraction | float) -> NDArray[np.float32]:
    """Centres in seconds, shape (latents,): of [0, 1/fps], then of [(8j-7)/fps, (8j+1)/fps]."""
    j = np.arange(latents)
    return (np.where(j == 0, 0.5, FRAMES_PER_LATENT * j - 3) / float(frame_rate)).astype(np.float32)
