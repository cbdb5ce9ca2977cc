"""Pink noise, as faint as asked for: what wakes an image that a too clean voice leaves frozen."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.blocks import blocks
from lipwright.audio.level import from_db

BLOCK = 1 << 15
TAPS = 1 << 13
"""Length of the filter that makes white noise pink: at 24 kHz down to 3 Hz."""


def add_pink_noise(samples: NDArray[np.float32], rms_dbfs: float, seed: int) -> None:
    """Add pink noise of a level to audio.

    Args:
        samples: Shape (n,); changed.
        rms_dbfs: Level of the noise as RMS, in dB of full scale.
        seed: Same seed, same noise.
    """
    gain = np.float32(from_db(rms_dbfs))
    for where, noise in _pink_blocks(len(samples), seed):
        samples[where] += gain * noise


def _pink_blocks(length: int, seed: int) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    """Noise of RMS 1 in blocks: white noise through one filter, by overlap-save."""
    rng = np.random.default_rng(seed)
    size = BLOCK + TAPS
    response = _response(size)
    tail = rng.standard_normal(TAPS)
    for where in blocks(length, BLOCK):
        white = np.concatenate([tail, rng.standard_normal(BLOCK)])
        tail = white[-TAPS:]
        pink = np.fft.irfft(np.fft.rfft(white) * response, size)[TAPS:]
        yield where, pink[: where.stop - where.start].astype(np.float32)


@cache
def _response(size: int) -> NDArray[np.complex128]:
    """Spectrum of the filter: power falls by 3 dB per octave, total power 1."""
    frequency = np.arange(TAPS // 2 + 1)
    magnitude = np.divide(1, np.sqrt(frequency), where=frequency > 0, out=np.zeros(len(frequency)))
    kernel = np.roll(np.fft.irfft(magnitude, TAPS), TAPS // 2)
    return np.fft.rfft(kernel / np.sqrt((kernel**2).sum()), size)
