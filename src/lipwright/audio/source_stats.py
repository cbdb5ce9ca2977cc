"""Measure a recording while it is read, at its own sample rate and per channel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.clipping_clicks import CLIPPING, ClippingMeter
from lipwright.audio.level import (
    BLOCK_SAMPLES,
    Level,
    LoudnessMeter,
    TruePeakMeter,
    integrated_loudness,
    peak,
    to_db,
)
from lipwright.domain.media import Waveform
from lipwright.domain.time import Span

MODEL_BAND_HZ = 8_000
"""Upper frequency limit of the model's spectrogram."""
_SPECTRUM_SAMPLES = 4096
_BLOCKS_PER_SPECTRUM = 4
"""To save time, only every fourth block contributes to the average spectrum."""


@dataclass(frozen=True, slots=True)
class SourceStats:
    """Statistics of a recording before any processing."""

    rate_hz: int
    level: Level
    clipped: tuple[Span, ...]
    """Span of each clipped peak in any channel, in seconds."""
    near_full_scale_samples: int
    """Number of samples close to full scale, which are traces of clipping in lossy audio. 0 if there are few,
    as in a loud voice that is not clipped."""
    powers: tuple[float, ...]
    """Mean square of each channel."""
    correlation: float
    """Mean correlation of the first channel with each other channel; silent channels are ignored. It is 1 for
    equal channels, 0 for unrelated channels, and -1 for a channel and its inverse."""
    above_8_khz: float
    """Fraction of the recording's power that lies above 8 kHz, where the model hears nothing."""


class SourceMeter:
    """Measures audio block by block: call it with each block, then call `finish`."""

    def __init__(self) -> None:
        self._rate_hz = self._samples = self._blocks = self._near_full_scale = 0
        self._peak = 0.0
        self._spectrum = np.zeros(_SPECTRUM_SAMPLES // 2 + 1)

    def __call__(self, block: NDArray[np.float32], rate_hz: int) -> None:
        """Process the next samples, shape (channels, n)."""
        channels = len(block)
        if not self._rate_hz:
            self._rate_hz = rate_hz
            self._loudness = LoudnessMeter(rate_hz, channels)
            self._true_peak = TruePeakMeter(channels)
            self._clipping = [ClippingMeter() for _ in range(channels)]
            self._products = np.zeros((channels, channels))
            self._held = np.zeros((channels, 0), np.float32)
        # One block late, because these meters need to know which block is the last.
        self._find_tops(last=False)
        self._held = block
        highest = peak(block)
        if highest >= CLIPPING.near_full_scale_level:
            self._near_full_scale += int((np.abs(block) >= CLIPPING.near_full_scale_level).sum())
        self._peak = max(self._peak, highest)
        self._loudness.push(block)
        self._products += block @ block.T
        if self._blocks % _BLOCKS_PER_SPECTRUM == 0:
            self._add_spectra(block)
        self._samples += block.shape[1]
        self._blocks += 1

    def _find_tops(self, *, last: bool) -> None:
        self._true_peak.push(self._held, last=last)
        for meter, channel in zip(self._clipping, self._held, strict=True):
            meter.push(channel, last=last)

    def _add_spectra(self, block: NDArray[np.float32]) -> None:
        rows = block[:, : block.shape[1] // _SPECTRUM_SAMPLES * _SPECTRUM_SAMPLES].reshape(
            -1, _SPECTRUM_SAMPLES
        )
        window = np.hanning(_SPECTRUM_SAMPLES).astype(np.float32)
        for row in rows:
            self._spectrum += np.abs(np.fft.rfft(row * window)) ** 2

    def finish(self) -> SourceStats:
        """Return the statistics, after the last block."""
        self._find_tops(last=True)
        tops = np.concatenate([meter.runs for meter in self._clipping])
        tops = tops[np.argsort(tops[:, 0], kind="stable")]
        least = CLIPPING.near_full_scale_share * self._samples * len(self._products)
        frequency = np.arange(len(self._spectrum)) * self._rate_hz / _SPECTRUM_SAMPLES
        total = float(self._spectrum.sum())
        return SourceStats(
            rate_hz=self._rate_hz,
            level=Level(
                peak_dbfs=to_db(self._peak),
                true_peak_dbfs=to_db(max(self._peak, self._true_peak.highest)),
                lufs=integrated_loudness(self._loudness.energies),
                clipped_samples=int(np.diff(tops).sum()),
            ),
            clipped=tuple(Span(a / self._rate_hz, b / self._rate_hz) for a, b in tops.tolist()),
            near_full_scale_samples=self._near_full_scale if self._near_full_scale >= least else 0,
            powers=tuple((self._products.diagonal() / max(1, self._samples)).tolist()),
            correlation=_correlation(self._products),
            above_8_khz=float(self._spectrum[frequency > MODEL_BAND_HZ].sum()) / total if total else 0.0,
        )


def measure_source(audio: Waveform) -> SourceStats:
    """Measure audio in memory.

    Resampling hides clipping, so pass the audio at its own sample rate.
    """
    meter = SourceMeter()
    # At least one block, because audio without samples also has a level.
    for start in range(0, max(1, audio.samples.shape[1]), BLOCK_SAMPLES):
        meter(audio.samples[:, start : start + BLOCK_SAMPLES], audio.rate_hz)
    return meter.finish()


def _correlation(products: NDArray[np.float64]) -> float:
    power = products.diagonal()
    live = np.flatnonzero(power > power.max(initial=0.0) * 1e-4)
    if len(live) < 2:
        return 1.0
    first = live[0]
    others = products[first, live[1:]] / np.sqrt(power[first] * power[live[1:]])
    return float(others.mean())
