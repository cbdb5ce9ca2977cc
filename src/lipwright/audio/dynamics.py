"""Gain curves and a look-ahead limiter. Both work in place and do not shift the audio.

A gain curve has one factor per time step (10 ms for repairs, 1 ms for the limiter) and is interpolated
linearly between the centers of the steps.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.filters import blocks, filtered
from lipwright.audio.frame_features import FRAME_S

CURVE_STEP_S = FRAME_S
"""Time between two values of the gain curves used for repairs and for ducking music, in seconds."""
LIMITER_STEP_S = 0.001
"""Time between two gain values of the limiter, in seconds."""
HOLD_STEPS = 5
"""Time in ms for which the limiter holds a reduction on each side of a peak. After smoothing, the reduction
starts 10 ms before the peak and ends 10 ms after it: short compared with a syllable (100 ms), long compared
with a period of the voice (3 to 10 ms), whose waveform must not be distorted."""

_SMOOTHING = (np.hanning(2 * HOLD_STEPS + 1)[1:-1] / np.hanning(2 * HOLD_STEPS + 1).sum()).astype(np.float32)
_BLOCK_STEPS = 1 << 16
"""Number of limiter steps processed in one block; an hour has 3.6 million steps."""

Curve = NDArray[np.float64]
"""Gain factors, one for each 10 ms, shape (n,)."""


def smooth_curve(curve_db: Curve, width: int) -> Curve:
    """Smooth a curve in dB with a Hann window of `width` steps (odd), and convert it to factors."""
    window = np.hanning(width + 2)[1:-1]
    padded = np.pad(curve_db, width // 2, mode="edge")
    return np.asarray(10 ** (np.convolve(padded, window / window.sum(), "valid") / 20))


def gain_at(curve: NDArray[np.floating], where: slice, step_samples: float) -> NDArray[np.float32]:
    """Return the gain of each sample of a block.

    Args:
        curve: One gain for each step.
        where: Position of the block in samples.
        step_samples: Number of samples in a step.
    """
    at = (np.arange(where.start, where.stop) + 0.5) / step_samples - 0.5
    first = max(0, int(at[0]) - 1)
    near = curve[first : int(at[-1]) + 3]
    gains: NDArray[np.float32] = np.interp(at, first + np.arange(len(near)), near).astype(np.float32)
    return gains


def apply_curve(samples: NDArray[np.float32], rate_hz: int, curve: Curve) -> None:
    """Multiply audio of shape (n,) by a gain curve with one value per 10 ms, in place."""
    for where in blocks(len(samples), 1 << 18):
        samples[where] *= gain_at(curve, where, rate_hz * CURVE_STEP_S)


def apply_curve_to_band(
    samples: NDArray[np.float32], rate_hz: int, curve: Curve, kernel: NDArray[np.float64]
) -> None:
    """Attenuate one frequency band of audio of shape (n,) by a gain curve with one value per 10 ms, in place.

    `kernel` is a linear-phase filter that passes the band.
    """
    for where, band in filtered(samples, kernel):
        samples[where] -= (1 - gain_at(curve, where, rate_hz * CURVE_STEP_S)) * band


def limiter_step(rate_hz: int) -> int:
    """Return the number of samples in one step (1 ms) of the limiter."""
    return max(1, round(rate_hz * LIMITER_STEP_S))


def step_peaks(samples: NDArray[np.float32], rate_hz: int) -> NDArray[np.float32]:
    """Return the peak amplitude of each 1 ms of audio of shape (n,); the last step may be shorter."""
    size = limiter_step(rate_hz)
    peaks = np.empty(-(-len(samples) // size), np.float32)
    for block in blocks(len(peaks), _BLOCK_STEPS):
        piece = samples[block.start * size : block.stop * size]
        starts = np.arange(0, len(piece), size)
        peaks[block] = np.maximum(np.maximum.reduceat(piece, starts), -np.minimum.reduceat(piece, starts))
    return peaks


def limiter_gain(peaks: NDArray[np.float32], gain: float, ceiling: float) -> NDArray[np.float32]:
    """Compute the limiter's gain (0 to 1) for each 1 ms, which keeps the audio below `ceiling`.

    The gain that a step needs is held over its neighbors, then smoothed with a window shorter than the hold,
    so that the smoothed gain never exceeds the needed gain.

    Args:
        peaks: Result of `step_peaks`.
        gain: Constant factor by which the audio is multiplied before the limiter.
        ceiling: Maximum amplitude after the limiter.
    """
    result = np.ones(len(peaks), np.float32)
    padded = np.pad(peaks, 2 * HOLD_STEPS)
    for block in blocks(len(peaks), _BLOCK_STEPS):
        raised = padded[block.start : block.stop + 4 * HOLD_STEPS] * np.float32(gain)
        if not (raised > ceiling).any():
            continue
        needed = np.minimum(1, np.float32(ceiling) / np.maximum(raised, np.float32(ceiling * 1e-6)))
        held = np.lib.stride_tricks.sliding_window_view(needed, 2 * HOLD_STEPS + 1).min(1)
        result[block] = np.convolve(held, _SMOOTHING, "valid")[1:-1]
    return result


def limit_in_place(
    samples: NDArray[np.float32], rate_hz: int, gain: float, ceiling: float
) -> NDArray[np.float32]:
    """Multiply audio of shape (n,) by `gain` and keep every peak below `ceiling`, in place.

    Returns:
        The result of `limiter_gain`.
    """
    limiting = limiter_gain(step_peaks(samples, rate_hz), gain, ceiling)
    # A sample lies between the centers of two steps. Both gains are low enough for the peak of this sample's
    # step, and so is every value interpolated between them.
    for block in blocks(len(samples), 1 << 18):
        samples[block] *= np.float32(gain) * gain_at(limiting, block, limiter_step(rate_hz))
    return limiting
