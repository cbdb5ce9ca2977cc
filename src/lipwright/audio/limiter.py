"""Gain with a look-ahead limiter: loud enough for the model, and no sample above the ceiling.

Works on 1 ms blocks, so that an hour needs no copy of itself; shifts nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.blocks import blocks

BLOCK_S = 0.001
HOLD = 5
"""Milliseconds that a reduction is held on either side of its peak. Smoothed, it begins 10 ms
ahead and is over 10 ms later: short against a syllable (100 ms), not against a period of the
voice (3 to 10 ms), whose shape it would bend."""

_SMOOTH = np.hanning(2 * HOLD + 1)[1:-1] / np.hanning(2 * HOLD + 1).sum()


def limit_in_place(samples: NDArray[np.float32], rate_hz: int, gain: float, ceiling: float) -> float:
    """Multiply by `gain` and hold every peak under `ceiling`.

    The needed gain of each block is held over its neighbours and then smoothed by a
    window shorter than that, so the smoothed gain is never above the needed one.

    Args:
        samples: Shape (n,); changed.
        rate_hz: Samples per second.
        gain: Factor for everything.
        ceiling: Highest amplitude afterwards.

    Returns:
        The strongest reduction below `gain`, as a factor (1 where nothing was limited).
    """
    size = max(1, round(rate_hz * BLOCK_S))
    starts = np.arange(0, len(samples), size)
    peaks = np.maximum(np.maximum.reduceat(samples, starts), -np.minimum.reduceat(samples, starts)) * gain
    needed = np.minimum(1, ceiling / np.maximum(peaks, ceiling * 1e-6)).astype(np.float64)
    if needed.min() == 1:
        samples *= np.float32(gain)
        return 1.0
    padded = np.pad(needed, HOLD, constant_values=1)
    held = np.lib.stride_tricks.sliding_window_view(padded, 2 * HOLD + 1).min(1)
    smooth = np.convolve(np.pad(held, HOLD - 1, mode="edge"), _SMOOTH, "valid")
    # A sample lies between two block centres; each one's smoothed gain is an average of held
    # gains that all respect this sample's block, so what lies between them does too.
    centres = starts + (size - 1) / 2
    for block in blocks(len(samples), 1 << 20):
        samples[block] *= gain * np.interp(np.arange(block.start, block.stop), centres, smooth)
    return float(needed.min())
