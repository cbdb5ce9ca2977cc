"""How loud audio is: peak, true peak, loudness (ITU-R BS.1770-4), clipping, noise."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.blocks import blocks
from lipwright.audio.clipping import ClippingMeter
from lipwright.audio.loudness import FLOOR_LUFS, LoudnessMeter, integrated_loudness
from lipwright.audio.true_peak import TruePeakMeter
from lipwright.domain.media import Waveform

__all__ = ["FLOOR_DBFS", "FLOOR_LUFS", "Level", "LevelMeter", "from_db", "measure_level", "peak", "to_db"]

FLOOR_DBFS = -120.0
"""What digital silence is called: below the last bit of 16 bits, and still a number."""

BLOCK = 1 << 17
"""Samples worked on at once."""


@dataclass(frozen=True, slots=True)
class Level:
    """The level of audio."""

    peak_dbfs: float
    """Highest sample, in dB of full scale; -120 for digital silence."""
    true_peak_dbfs: float
    """Highest value between samples."""
    lufs: float
    """Integrated loudness; -70 where nothing is louder than that."""
    clipped_samples: int
    """Samples in flat tops near full scale."""
    noise_floor_dbfs: float | None = None
    """RMS of what is left where nobody speaks; None where that was not looked for, or never heard."""
    snr_db: float | None = None
    """Speech over that noise; None likewise."""

    def to_json(self) -> dict[str, Any]:
        """The keys of `level` in `lipwright audio --json`."""
        return asdict(self)


class LevelMeter:
    """Measures audio that comes block by block, at its own rate."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._loudness = LoudnessMeter(rate_hz, channels)
        self._true_peak = TruePeakMeter(channels)
        self._clipping = [ClippingMeter() for _ in range(channels)]
        self._peak = 0.0

    def push(self, block: NDArray[np.float32], *, last: bool = False) -> None:
        """Take the next samples, shape (channels, n); `last` ends the audio."""
        self._peak = max(self._peak, peak(block)) if np.isfinite(self._peak) else self._peak
        self._loudness.push(block)
        self._true_peak.push(block, last=last)
        for meter, channel in zip(self._clipping, block, strict=True):
            meter.push(channel, last=last)

    @property
    def clipped_runs(self) -> NDArray[np.int64]:
        """[start, end) in samples of each flat top in any channel, shape (n, 2)."""
        return np.concatenate([meter.runs for meter in self._clipping])

    @property
    def level(self) -> Level:
        """What was measured."""
        runs = self.clipped_runs
        return Level(
            peak_dbfs=to_db(self._peak),
            true_peak_dbfs=to_db(max(self._peak, self._true_peak.highest)),
            lufs=integrated_loudness(self._loudness.energies),
            clipped_samples=int((runs[:, 1] - runs[:, 0]).sum()),
        )


def measure_level(audio: Waveform) -> Level:
    """Measure audio in memory at its own rate.

    Clipping shows only before any resampling, so measure the source as it was read.

    Args:
        audio: Any rate and number of channels; all channels weigh the same, which is
            BS.1770 for mono and stereo.
    """
    meter = LevelMeter(audio.rate_hz, len(audio.samples))
    length = audio.samples.shape[1]
    for block in blocks(length, BLOCK):
        meter.push(audio.samples[:, block], last=block.stop == length)
    return meter.level


def to_db(amplitude: float) -> float:
    """Decibels of an amplitude, at least FLOOR_DBFS."""
    return max(FLOOR_DBFS, 20 * float(np.log10(max(amplitude, 1e-30))))


def from_db(decibels: float) -> float:
    """Amplitude of so many decibels."""
    return float(10 ** (decibels / 20))


def peak(samples: NDArray[np.float32]) -> float:
    """Highest absolute sample, without a copy; NaN where there is one."""
    if not samples.size:
        return 0.0
    return float(max(samples.max(), -samples.min()))
