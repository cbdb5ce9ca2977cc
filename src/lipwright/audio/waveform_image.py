"""Draw the waveform and spectrogram of audio of any length, with a fixed number of columns."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

COLUMNS = 1200
BANDS = 160
MIN_HZ = 50.0
WINDOW_SAMPLES = 1024
RANGE_DB = 80.0
"""Dynamic range of the spectrogram."""
SPECTRA_PER_COLUMN = 4
"""Number of spectra averaged in a column."""


@dataclass(frozen=True, slots=True)
class WaveformImage:
    """The waveform and spectrogram of audio, in columns."""

    lows: NDArray[np.float32]
    """Lowest sample of each column."""
    highs: NDArray[np.float32]
    """Highest sample of each column."""
    spectrogram: NDArray[np.uint8]
    """Shape (bands, columns), high frequencies on top: 0 is RANGE_DB below full scale, 255 full scale."""
    seconds: float


def draw_waveform(samples: NDArray[np.float32], rate_hz: int) -> WaveformImage:
    """Compute the waveform and spectrogram of audio of shape (n,), n > 0."""
    columns = min(COLUMNS, len(samples))
    edges = np.linspace(0, len(samples), columns + 1).astype(int)
    window = np.hanning(WINDOW_SAMPLES).astype(np.float32)
    bands = _bands(rate_hz)
    image = np.zeros((columns, BANDS))
    for column, (start, end) in enumerate(pairwise(edges)):
        middles = np.linspace(start, end, SPECTRA_PER_COLUMN + 2)[1:-1].astype(int)
        for middle in middles:
            first = middle - WINDOW_SAMPLES // 2
            piece = samples[max(0, first) : first + WINDOW_SAMPLES]
            piece = np.pad(piece, (max(0, -first), WINDOW_SAMPLES - len(piece) - max(0, -first)))
            power = np.abs(np.fft.rfft(piece * window)) ** 2 * (4 / window.sum() ** 2)
            image[column] += np.add.reduceat(power, bands)[:BANDS] / SPECTRA_PER_COLUMN
    level = np.clip(10 * np.log10(np.maximum(image, 1e-12)) / RANGE_DB + 1, 0, 1)
    return WaveformImage(
        lows=np.minimum.reduceat(samples, edges[:-1]),
        highs=np.maximum.reduceat(samples, edges[:-1]),
        spectrogram=np.ascontiguousarray((level * 255).astype(np.uint8).T[::-1]),
        seconds=len(samples) / rate_hz,
    )


def _bands(rate_hz: int) -> NDArray[np.int64]:
    """Return the first bin of each band; bands are evenly spaced in mel, from 50 Hz to half the rate."""
    highest = 2595 * np.log10(1 + rate_hz / 2 / 700)
    lowest = 2595 * np.log10(1 + MIN_HZ / 700)
    hz = 700 * (10 ** (np.linspace(lowest, highest, BANDS + 1) / 2595) - 1)
    bins = np.floor(hz / rate_hz * WINDOW_SAMPLES).astype(np.int64)
    return np.minimum(bins, WINDOW_SAMPLES // 2)
