"""The last step: the audio in whole steps of its depth, with dither."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.blocks import blocks


def quantise_in_place(samples: NDArray[np.float32], bits: int, seed: int) -> None:
    """Round to whole steps of `bits`, with triangular dither of +-1 step.

    Lipshitz, Wannamaker and Vanderkooy 1992: the dither turns rounding, which follows the audio,
    into noise, which does not. A float32 holds steps of up to 24 bits exactly, so a file of that
    depth has the very same samples.

    Args:
        samples: Shape (n,), -1 to 1; changed.
        bits: Depth, at most 24.
        seed: Chooses the dither.
    """
    rng = np.random.default_rng(seed)
    full_scale = 2.0 ** (bits - 1)
    for where in blocks(len(samples), 1 << 16):
        scaled = samples[where].astype(np.float64) * full_scale
        scaled += rng.random(len(scaled)) - rng.random(len(scaled))
        samples[where] = np.clip(np.rint(scaled), -full_scale, full_scale - 1) / full_scale
