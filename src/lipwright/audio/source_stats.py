"""Measure a recording at its own sample rate and in its own channels, while it is read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.level import Level, LevelMeter
from lipwright.domain.media import Waveform
from lipwright.domain.time import Span

MODEL_BAND_HZ = 8_000
"""Upper limit of the model's spectrogram."""
_SPECTRUM_SAMPLES = 4096
_BLOCKS_PER_SPECTRUM = 4
"""Spectra of every fourth block are enough for an average."""


@dataclass(frozen=True, slots=True)
class SourceStats:
    """Statistics of a recording before any processing."""

    rate_hz: int
    level: Level
    clipped: tuple[Span, ...]
    """Each flat top, in seconds."""
    powers: tuple[float, ...]
    """Mean square of each channel."""
    correlation: float
    """Mean correlation of each channel with the first live one: 1 where all are the same, 0 where they are
    unrelated, -1 where two are inverse."""
    above_8_khz: float
    """Share of the power above 8 kHz, beyond what the model hears."""


class SourceMeter:
    """Measures a recording that comes block by block: call it with each, then `finish`."""

    def __init__(self) -> None:
        self._meter: LevelMeter | None = None
        self._rate_hz = 0
        self._held = np.zeros((0, 0), np.float32)
        self._samples = 0
        self._blocks = 0
        self._products = np.zeros((0, 0))
        self._spectrum = np.zeros(_SPECTRUM_SAMPLES // 2 + 1)

    def __call__(self, block: NDArray[np.float32], rate_hz: int) -> None:
        """Take the next samples, shape (channels, n)."""
        if self._meter is None:
            self._meter, self._rate_hz = LevelMeter(rate_hz, len(block)), rate_hz
            self._held = np.zeros((len(block), 0), np.float32)
            self._products = np.zeros((len(block), len(block)))
        # One block late, because the meter must be told which one is the last.
        self._meter.push(self._held)
        self._held = block
        self._samples += block.shape[1]
        self._products += block @ block.T
        if self._blocks % _BLOCKS_PER_SPECTRUM == 0:
            self._add_spectra(block)
        self._blocks += 1

    def _add_spectra(self, block: NDArray[np.float32]) -> None:
        rows = block[:, : block.shape[1] // _SPECTRUM_SAMPLES * _SPECTRUM_SAMPLES].reshape(
            -1, _SPECTRUM_SAMPLES
        )
        window = np.hanning(_SPECTRUM_SAMPLES).astype(np.float32)
        for row in rows:
            self._spectrum += np.abs(np.fft.rfft(row * window)) ** 2

    def finish(self) -> SourceStats:
        """Return what was measured, after the last block."""
        if self._meter is None:
            raise ValueError("no block was measured")
        self._meter.push(self._held, last=True)
        count = max(1, self._samples)
        runs = self._meter.clipped_runs
        runs = runs[np.argsort(runs[:, 0], kind="stable")]
        frequency = np.arange(len(self._spectrum)) * self._rate_hz / _SPECTRUM_SAMPLES
        total = float(self._spectrum.sum())
        return SourceStats(
            rate_hz=self._rate_hz,
            level=self._meter.level,
            clipped=tuple(Span(a / self._rate_hz, b / self._rate_hz) for a, b in runs.tolist()),
            powers=tuple((self._products.diagonal() / count).tolist()),
            correlation=_correlation(self._products),
            above_8_khz=float(self._spectrum[frequency > MODEL_BAND_HZ].sum()) / total if total else 0.0,
        )


def measure_source(audio: Waveform) -> SourceStats:
    """Measure audio in memory."""
    meter = SourceMeter()
    meter(audio.samples, audio.rate_hz)
    return meter.finish()


def _correlation(products: NDArray[np.float64]) -> float:
    power = products.diagonal()
    live = np.flatnonzero(power > power.max(initial=0.0) * 1e-4)
    if len(live) < 2:
        return 1.0
    first = live[0]
    others = products[first, live[1:]] / np.sqrt(power[first] * power[live[1:]])
    return float(others.mean())
