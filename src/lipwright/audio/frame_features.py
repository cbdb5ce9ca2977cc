"""Band powers and spectral flatness per 10 ms, for detecting breaths, plosives and room noise.

They are computed in one pass, block by block; only a few numbers per frame are stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.filters import blocks, filtered, lowpass
from lipwright.domain.spans import mask_of
from lipwright.domain.time import Span

FRAME_S = 0.01
WINDOW_SAMPLES = 512
"""Number of samples from which the spectrum of a frame is computed: 21 ms at 24 kHz."""
MIN_POWER = 1e-12
"""Power reported for silence: -120 dB."""

LOW_BAND_HZ = 90.0
"""Upper limit of the low band, which contains bursts of air against the microphone but almost no voice."""
SIBILANT_HZ = 5000.0
FLATNESS_HZ = (500.0, 6000.0)
"""Band in which spectral flatness is measured."""

LOW_BAND_FILTER = (LOW_BAND_HZ, 60.0)
"""Cutoff and transition width of the filter that passes the low band, in Hz."""
_BLOCK_FRAMES = 500
"""Number of frames whose spectra are computed together; it bounds memory."""


@dataclass(frozen=True, slots=True)
class FrameFeatures:
    """Features of audio per frame of 10 ms; all arrays have shape (frames,), powers are mean squares."""

    power: NDArray[np.float32]
    """Power above 90 Hz, without rumble and DC."""
    low: NDArray[np.float32]
    """Power below 90 Hz."""
    sibilant: NDArray[np.float32]
    """Power above 5 kHz."""
    flatness: NDArray[np.float32]
    """Geometric mean of the power spectrum from 500 to 6000 Hz, divided by its arithmetic mean: about 0.56
    for noise, 0 for a tone."""
    spoken: NDArray[np.bool_]
    """True for frames within speech."""

    @property
    def frames(self) -> int:
        """Number of frames."""
        return len(self.power)


def frame_features(samples: NDArray[np.float32], rate_hz: int, speech: Sequence[Span]) -> FrameFeatures:
    """Compute the features of audio of shape (n,)."""
    hop = round(rate_hz * FRAME_S)
    frames = max(1, -(-len(samples) // hop))
    window = np.hanning(WINDOW_SAMPLES).astype(np.float32)
    scale = 2 / (WINDOW_SAMPLES * float((window**2).sum()))
    frequency = np.fft.rfftfreq(WINDOW_SAMPLES, 1 / rate_hz)
    bands = {"power": frequency >= LOW_BAND_HZ, "sibilant": frequency >= SIBILANT_HZ}
    flat = (frequency >= FLATNESS_HZ[0]) & (frequency <= FLATNESS_HZ[1])
    rows = {name: np.zeros(frames, np.float32) for name in (*bands, "flatness")}
    for first, piece in _windows(samples, hop, frames):
        spectra = np.abs(np.fft.rfft(piece * window)) ** 2
        at = slice(first, first + len(piece))
        for name, band in bands.items():
            rows[name][at] = spectra[:, band].sum(1) * scale
        judged = spectra[:, flat] + np.float32(MIN_POWER)
        rows["flatness"][at] = np.exp(np.log(judged).mean(1)) / judged.mean(1)
    low = _low_band_power(samples, rate_hz, hop, frames)
    return FrameFeatures(**rows, low=low, spoken=mask_of(speech, FRAME_S, frames))


def mean_squares(samples: NDArray[np.float32], hop: int) -> NDArray[np.float64]:
    """Return the mean square of each block of `hop` samples, without a squared copy of the audio."""
    rows = samples[: len(samples) // hop * hop].reshape(-1, hop)
    return np.asarray(np.einsum("ij,ij->i", rows, rows, dtype=np.float64) / hop)


def power_to_db(power: NDArray[np.floating]) -> NDArray[np.float64]:
    """Convert mean squares of any shape to dB; values below -120 dB become -120 dB."""
    return np.asarray(10 * np.log10(np.maximum(power, MIN_POWER)), np.float64)


def one_power_to_db(power: float) -> float:
    """Convert one mean square to dB; a value below -120 dB becomes -120 dB."""
    return float(10 * np.log10(max(power, MIN_POWER)))


def _windows(
    samples: NDArray[np.float32], hop: int, frames: int
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Yield windows around the centers of the frames, in batches; silence is assumed beyond the ends.

    Yields:
        Index of the first frame of a batch, and the windows, shape (batch, WINDOW_SAMPLES).
    """
    before = (WINDOW_SAMPLES - hop) // 2
    for part in blocks(frames, _BLOCK_FRAMES):
        start = part.start * hop - before
        end = (part.stop - 1) * hop - before + WINDOW_SAMPLES
        inner = samples[max(0, start) : min(end, len(samples))]
        padded = np.pad(inner, (max(0, -start), max(0, end - len(samples))))
        yield part.start, np.lib.stride_tricks.sliding_window_view(padded, WINDOW_SAMPLES)[::hop]


def _low_band_power(samples: NDArray[np.float32], rate_hz: int, hop: int, frames: int) -> NDArray[np.float32]:
    power = np.zeros(frames)
    for where, band in filtered(samples, lowpass(rate_hz, *LOW_BAND_FILTER)):
        index = np.arange(where.start, where.stop) // hop
        found = np.bincount(index - index[0], band.astype(np.float64) ** 2)
        power[index[0] : index[0] + len(found)] += found
    return (power / hop).astype(np.float32)
