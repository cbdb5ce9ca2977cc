"""Draw the waveform and spectrogram of audio of any length, with a fixed number of columns."""

from __future__ import annotations

from dataclasses import dataclass

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
    """Shape (bands, columns); the first row is the highest band. A value of 255 means full scale, and 0 means
    RANGE_DB below it."""
    seconds: float


def draw_waveform(samples: NDArray[np.float32], rate_hz: int) -> WaveformImage:
    """Compute the waveform and spectrogram of audio of shape (n,), n > 0."""
    columns = min(COLUMNS, len(samples))
    edges = np.linspace(0, len(samples), columns + 1).astype(int)
    window = np.hanning(WINDOW_SAMPLES).astype(np.float32)
    bands = _bands(rate_hz)
    image = np.zeros((columns, BANDS))
    # One spectrum of every column at a time: one by one they take four times as long.
    for middles in np.linspace(edges[:-1], edges[1:], SPECTRA_PER_COLUMN + 2)[1:-1].astype(int):
        at = middles[:, None] + np.arange(-WINDOW_SAMPLES // 2, WINDOW_SAMPLES // 2)
        pieces = samples.take(at, mode="clip") * ((at >= 0) & (at < len(samples))) * window
        power = np.abs(np.fft.rfft(pieces)) ** 2 * (4 / window.sum() ** 2)
        image += np.add.reduceat(power, bands, axis=1)[:, :BANDS] / SPECTRA_PER_COLUMN
    level = np.clip(10 * np.log10(np.maximum(image, 1e-12)) / RANGE_DB + 1, 0, 1)
    return WaveformImage(
        lows=np.minimum.reduceat(samples, edges[:-1]),
        highs=np.maximum.reduceat(samples, edges[:-1]),
        spectrogram=np.ascontiguousarray((level * 255).astype(np.uint8).T[::-1]),
        seconds=len(samples) / rate_hz,
    )


def _bands(rate_hz: int) -> NDArray[np.int64]:
    """Return the first bin of each band, spaced evenly in mel from 50 Hz to half the sample rate."""
    highest = 2595 * np.log10(1 + rate_hz / 2 / 700)
    lowest = 2595 * np.log10(1 + MIN_HZ / 700)
    hz = 700 * (10 ** (np.linspace(lowest, highest, BANDS + 1) / 2595) - 1)
    bins = np.floor(hz / rate_hz * WINDOW_SAMPLES).astype(np.int64)
    return np.minimum(bins, WINDOW_SAMPLES // 2)
