"""Linear-phase FIR filters that work in place, block by block.

A symmetric kernel delays all frequencies by half its length. The functions here compensate for this delay
exactly, so that filtered audio stays aligned to the sample.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


def blocks(length: int, size: int) -> Iterator[slice]:
    """Yield slices of `size` items that cover `length` items; the last one may be shorter."""
    return (slice(start, min(start + size, length)) for start in range(0, length, size))


def filtered(samples: Samples, kernel: NDArray[np.floating]) -> Iterator[tuple[slice, Samples]]:
    """Filter audio of shape (n,) block by block (overlap-save); silence is assumed beyond both ends.

    The kernel is symmetric, of odd length.

    Yields:
        The position of a block, and its filtered samples. The caller may overwrite the block immediately.
    """
    half = len(kernel) // 2
    size = 1 << max(14, (4 * len(kernel) - 1).bit_length())
    response = np.fft.rfft(kernel.astype(np.float32), size)
    before = np.zeros(half, np.float32)
    for where in blocks(len(samples), size - 2 * half):
        ahead = samples[where.stop : where.stop + half]
        joined = np.concatenate([before, samples[where], ahead])
        before = joined[len(joined) - len(ahead) - half : len(joined) - len(ahead)].copy()
        done = np.fft.irfft(np.fft.rfft(joined, size) * response, size)
        yield where, done[2 * half : 2 * half + where.stop - where.start].astype(np.float32, copy=False)


def filter_in_place(samples: Samples, kernel: NDArray[np.floating]) -> None:
    """Filter audio of shape (n,) in place; the kernel is symmetric, of odd length."""
    for where, done in filtered(samples, kernel):
        samples[where] = done


def lowpass(rate_hz: int, cutoff_hz: float, width_hz: float) -> NDArray[np.float64]:
    """Design a low-pass filter: a Hamming-windowed sinc, -6 dB at the cutoff, -50 dB in the stop band.

    The transition band is `width_hz` wide and centered on the cutoff. The kernel is symmetric, of odd length.
    """
    half = round(1.65 * rate_hz / width_hz)  # Hamming: the transition is 3.3 / length
    n = np.arange(-half, half + 1)
    kernel = np.sinc(2 * cutoff_hz / rate_hz * n) * np.hamming(len(n))
    return np.asarray(kernel / kernel.sum(), np.float64)


def highpass(rate_hz: int, cutoff_hz: float, width_hz: float) -> NDArray[np.float64]:
    """Design a high-pass filter, the complement of `lowpass`: the outputs of the two add up to the input."""
    kernel = -lowpass(rate_hz, cutoff_hz, width_hz)
    kernel[len(kernel) // 2] += 1
    return kernel


def notch_in_place(samples: Samples, rate_hz: int, frequencies_hz: tuple[float, ...]) -> None:
    """Remove steady tones from audio of shape (n,) in place, each in a band of about +-2 Hz.

    For every sample, each tone is estimated in a Hann window of one second around it, then subtracted. Near
    the ends the window is truncated and renormalized.
    """
    half = min(round(rate_hz / 2), max(1, len(samples) // 2))
    n = np.arange(-half, half + 1)
    window = np.hanning(len(n) + 2)[1:-1]
    window /= window.sum()
    tones = np.sum([2 * np.cos(2 * np.pi * f / rate_hz * n) for f in frequencies_hz], 0) * window
    covered = np.cumsum(window)[half:]  # share of the window inside the audio, by distance from the end
    for where, tone in filtered(samples, tones):
        at = np.arange(where.start, where.stop)
        near = np.minimum(np.minimum(at, len(samples) - 1 - at), half)
        samples[where] -= tone / covered[near].astype(np.float32)
