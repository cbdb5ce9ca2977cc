"""Filters of linear phase, run in place: every instant stays where it is, and no copy is made.

A symmetric kernel delays all frequencies by half its length; that half is taken back here, once
and exactly.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.blocks import blocks

Samples = NDArray[np.float32]


def filtered(samples: Samples, kernel: NDArray[np.floating]) -> Iterator[tuple[slice, Samples]]:
    """The filtered audio, block by block; each block of `samples` may be overwritten when it comes.

    Args:
        samples: Shape (n,); beyond its ends there is silence.
        kernel: Symmetric, of odd length.

    Yields:
        Where, and the filtered samples of there.
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
    """Replace audio, shape (n,), by its filtered self; the kernel is symmetric, of odd length."""
    for where, done in filtered(samples, kernel):
        samples[where] = done


def lowpass(rate_hz: int, cutoff_hz: float, width_hz: float) -> NDArray[np.float64]:
    """A windowed sinc: -6 dB at the cut-off, flat below, 50 dB down above (Hamming).

    Args:
        rate_hz: Samples per second.
        cutoff_hz: Middle of the transition.
        width_hz: Width of the transition.

    Returns:
        A symmetric kernel of odd length.
    """
    half = round(1.65 * rate_hz / width_hz)  # Hamming: transition of 3.3 / length
    n = np.arange(-half, half + 1)
    kernel = np.sinc(2 * cutoff_hz / rate_hz * n) * np.hamming(len(n))
    return np.asarray(kernel / kernel.sum(), np.float64)


def highpass(rate_hz: int, cutoff_hz: float, width_hz: float) -> NDArray[np.float64]:
    """The kernel of what `lowpass` leaves."""
    return complement(lowpass(rate_hz, cutoff_hz, width_hz))


def complement(kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    """The kernel that gives what this one takes away."""
    rest = -kernel
    rest[len(kernel) // 2] += 1
    return rest


def notch_in_place(
    samples: Samples, rate_hz: int, frequencies_hz: tuple[float, ...], width_s: float = 1.0
) -> None:
    """Take single tones out, each with a band of about 2 / width_s Hz to either side.

    Each tone is subtracted as a Hann window of `width_s` seconds sees it around every sample. Near the
    ends the window is cut, and what is left of it counts in full.

    Args:
        samples: Shape (n,); changed.
        rate_hz: Samples per second.
        frequencies_hz: Of the tones.
        width_s: Length of the window.
    """
    half = min(round(width_s * rate_hz / 2), max(1, len(samples) // 2))
    n = np.arange(-half, half + 1)
    window = np.hanning(len(n) + 2)[1:-1]
    window /= window.sum()
    tones = np.sum([2 * np.cos(2 * np.pi * f / rate_hz * n) for f in frequencies_hz], 0) * window
    covered = np.cumsum(window)[half:]  # by how much of the window, so many samples from an end
    for where, tone in filtered(samples, tones):
        at = np.arange(where.start, where.stop)
        near = np.minimum(np.minimum(at, len(samples) - 1 - at), half)
        samples[where] -= tone / covered[near].astype(np.float32)
