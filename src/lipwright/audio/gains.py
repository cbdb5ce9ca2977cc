"""Gains that change over time, for the whole audio or for one band of it, in place.

A curve has one gain for each 10 ms; between their middles it goes in straight lines. A band is cut
out by a filter of linear phase and subtracted in part, so nothing moves.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.blocks import blocks
from lipwright.audio.filters import filtered

HOP_S = 0.01

Curve = NDArray[np.float64]
"""Gains as factors, one for each 10 ms."""


def smooth(curve_db: Curve, width: int) -> Curve:
    """A curve in dB as factors, rounded by a Hann window of `width` hops (odd)."""
    window = np.hanning(width + 2)[1:-1]
    padded = np.pad(curve_db, width // 2, mode="edge")
    return np.asarray(10 ** (np.convolve(padded, window / window.sum(), "valid") / 20))


def apply_curve(samples: NDArray[np.float32], rate_hz: int, curve: Curve) -> None:
    """Multiply audio, shape (n,), by the curve, in place."""
    for where in blocks(len(samples), 1 << 18):
        samples[where] *= curve_gain(curve, where, rate_hz)


def apply_to_band(
    samples: NDArray[np.float32], rate_hz: int, curve: Curve, kernel: NDArray[np.float64]
) -> None:
    """Multiply one band by the curve and leave the rest.

    Args:
        samples: Shape (n,); changed.
        rate_hz: Samples per second.
        curve: Gains of the band, at most 1.
        kernel: The filter that cuts the band out.
    """
    for where, band in filtered(samples, kernel):
        samples[where] -= (1 - curve_gain(curve, where, rate_hz)) * band


def curve_gain(curve: Curve, where: slice, rate_hz: int) -> NDArray[np.float32]:
    """The gain of each sample in a block: shape (where.stop - where.start,), as factors."""
    hop = rate_hz * HOP_S
    at = (np.arange(where.start, where.stop) + 0.5) / hop - 0.5
    first = max(0, int(at[0]) - 1)
    near = curve[first : int(at[-1]) + 3]
    return np.interp(at, first + np.arange(len(near)), near).astype(np.float32)
