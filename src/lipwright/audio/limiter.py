"""A look-ahead limiter: no sample above the ceiling, and nothing shifted.

Works on 1 ms blocks, so that an hour needs no copy of itself.
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

_SMOOTH = (np.hanning(2 * HOLD + 1)[1:-1] / np.hanning(2 * HOLD + 1).sum()).astype(np.float32)

_PIECE = 1 << 16
"""Blocks worked on at once: an hour has 3.6 million of them."""


def block_peaks(samples: NDArray[np.float32], rate_hz: int) -> NDArray[np.float32]:
    """Highest amplitude of each 1 ms of audio of shape (n,); the last one may be short."""
    size = _size(rate_hz)
    peaks = np.empty(-(-len(samples) // size), np.float32)
    for block in blocks(len(peaks), _PIECE):
        piece = samples[block.start * size : block.stop * size]
        starts = np.arange(0, len(piece), size)
        peaks[block] = np.maximum(np.maximum.reduceat(piece, starts), -np.minimum.reduceat(piece, starts))
    return peaks


def reduction(peaks: NDArray[np.floating], gain: float, ceiling: float) -> NDArray[np.float32]:
    """The limiter's own gain for each 1 ms, when everything is multiplied by `gain` before it.

    The needed gain of each block is held over its neighbours and then smoothed by a
    window shorter than that, so the smoothed gain is never above the needed one.

    Args:
        peaks: As block_peaks has them.
        gain: Factor for everything.
        ceiling: Highest amplitude afterwards.

    Returns:
        As long as `peaks`, 0 to 1.
    """
    result = np.ones(len(peaks), np.float32)
    reach = 2 * HOLD
    for block in blocks(len(peaks), _PIECE):
        around = peaks[max(0, block.start - reach) : block.stop + reach].astype(np.float32)
        if not (around * np.float32(gain) > ceiling).any():
            continue
        needed = np.minimum(1, np.float32(ceiling) / np.maximum(around * np.float32(gain), ceiling * 1e-6))
        before = reach - (block.start - max(0, block.start - reach))
        after = reach - (min(block.stop + reach, len(peaks)) - block.stop)
        padded = np.pad(needed, (before, after), constant_values=1)
        held = np.lib.stride_tricks.sliding_window_view(padded, 2 * HOLD + 1).min(1)
        smooth = np.convolve(held, _SMOOTH, "valid")
        result[block] = smooth[(len(smooth) - (block.stop - block.start)) // 2 :][: block.stop - block.start]
    return result


def apply_reduction(
    samples: NDArray[np.float32], rate_hz: int, gain: float, reduced: NDArray[np.float32]
) -> None:
    """Multiply audio, shape (n,), by `gain` and by what `reduction` gave, in place."""
    if not len(samples):
        return
    if reduced.min() == 1:
        samples *= np.float32(gain)
        return
    size = _size(rate_hz)
    # A sample lies between two block centres; each one's smoothed gain is an average of held
    # gains that all respect this sample's block, so what lies between them does too.
    for block in blocks(len(samples), 1 << 18):
        near = np.arange(max(0, block.start // size - 1), min(block.stop // size + 2, len(reduced)))
        centres = near * size + (size - 1) / 2
        samples[block] *= gain * np.interp(np.arange(block.start, block.stop), centres, reduced[near])


def limit_in_place(samples: NDArray[np.float32], rate_hz: int, gain: float, ceiling: float) -> float:
    """Multiply by `gain` and hold every peak under `ceiling`.

    Args:
        samples: Shape (n,); changed.
        rate_hz: Samples per second.
        gain: Factor for everything.
        ceiling: Highest amplitude afterwards.

    Returns:
        The strongest reduction below `gain`, as a factor (1 where nothing was limited).
    """
    peaks = block_peaks(samples, rate_hz)
    apply_reduction(samples, rate_hz, gain, reduction(peaks, gain, ceiling))
    return min(1.0, ceiling / max(ceiling * 1e-6, gain * float(peaks.max(initial=0.0))))


def _size(rate_hz: int) -> int:
    return max(1, round(rate_hz * BLOCK_S))
