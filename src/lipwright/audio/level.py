"""Measure the level of audio: peak, true peak and loudness (ITU-R BS.1770-4).

Each meter processes audio block by block, at the audio's sample rate, and keeps no copy.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from math import pi, tan
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from lipwright.audio.filters import blocks

FLOOR_DBFS = -120.0
"""Level reported for digital silence instead of minus infinity: lower than the last bit of 16-bit audio."""
FLOOR_LUFS = -70.0
"""Absolute gate of BS.1770: quieter blocks are left out."""
LOUDNESS_STEP_S = 0.01
"""Length of the steps over which K-weighted energy is summed."""
BLOCK_SAMPLES = 1 << 17
"""Number of samples processed in one block."""

_GATE_HOP_STEPS, _GATE_STEPS = 10, 40
"""Hop and length of the gating blocks of BS.1770, in steps of 10 ms: 100 ms and 400 ms."""

_OVERSAMPLING = 4
"""Oversampling factor (BS.1770-4, annex 2)."""
_PIECE_SAMPLES = 4096
"""Number of samples that are interpolated together."""
_MARGIN_SAMPLES = 128
"""Number of context samples on each side of a piece: half the length of the interpolation filter."""
_INTERPOLATE_ABOVE = 0.7
"""A piece is interpolated only if one of its samples exceeds this share of the highest value so far. This is
enough, because the true peak is less than 3 dB above the highest sample, except in test signals."""


@dataclass(frozen=True, slots=True)
class Level:
    """The level of audio."""

    peak_dbfs: float
    """Amplitude of the highest sample, in dB of full scale; -120 for digital silence."""
    true_peak_dbfs: float
    """True peak (between samples), in dBTP."""
    lufs: float
    """Integrated loudness in LUFS, at least -70."""
    clipped_samples: int
    """Number of samples in flat tops near full scale."""
    noise_floor_dbfs: float | None = None
    """RMS level between words; None if it was not measured or there is no pause."""
    snr_db: float | None = None
    """Signal-to-noise ratio; None if there is no noise floor."""

    def to_json(self) -> dict[str, Any]:
        """Return the value of `level` in `lipwright audio --json`."""
        return asdict(self)


def to_db(amplitude: float) -> float:
    """Convert an amplitude to decibels; the result is at least FLOOR_DBFS."""
    return max(FLOOR_DBFS, 20 * float(np.log10(max(amplitude, 1e-30))))


def from_db(decibels: float) -> float:
    """Convert decibels to an amplitude."""
    return float(10 ** (decibels / 20))


def peak(samples: NDArray[np.float32]) -> float:
    """Return the highest absolute sample without making a copy; NaN if any sample is NaN."""
    if not samples.size:
        return 0.0
    return float(max(samples.max(), -samples.min()))


class LoudnessMeter:
    """Measures the K-weighted energy of each 10 ms.

    From these energies, the loudness after a slowly changing gain can be computed without filtering again.
    The weighting is one FIR filter, the impulse response of the standard's two biquads.
    """

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._step = max(1, round(rate_hz * LOUDNESS_STEP_S))
        kernel = _k_weighting(rate_hz)
        self._tail = np.zeros((channels, len(kernel) - 1), np.float32)
        self._size = 1 << (len(kernel) * 8 - 1).bit_length()
        self._spectrum = np.fft.rfft(kernel.astype(np.float32), self._size)
        self._sums: list[NDArray[np.float64]] = []
        self._unfinished = 0.0
        self._samples = 0

    def push(self, block: NDArray[np.float32]) -> None:
        """Process the next samples, shape (channels, n)."""
        keep = self._tail.shape[1]
        for part in blocks(block.shape[1], self._size - keep):
            joined = np.concatenate([self._tail, block[:, part]], 1)
            self._tail = joined[:, joined.shape[1] - keep :]
            weighted = np.fft.irfft(np.fft.rfft(joined, self._size) * self._spectrum, self._size)
            self._add((weighted[:, keep : joined.shape[1]] ** 2).sum(0, dtype=np.float64))

    def _add(self, power: NDArray[np.float64]) -> None:
        first = self._samples // self._step
        self._samples += len(power)
        starts = np.arange(first, -(-self._samples // self._step)) * self._step
        sums = np.add.reduceat(power, np.maximum(starts - (self._samples - len(power)), 0))
        sums[0] += self._unfinished
        whole = self._samples % self._step == 0
        self._unfinished = 0.0 if whole else float(sums[-1])
        self._sums.append(sums if whole else sums[:-1])

    @property
    def energies(self) -> NDArray[np.float64]:
        """Mean K-weighted power of each complete 10 ms, summed over channels, shape (n,)."""
        whole = np.concatenate([*self._sums, np.zeros(0)]) / self._step
        if len(whole) or not self._samples:
            return whole
        return np.array([self._unfinished / self._samples])


def integrated_loudness(energies: NDArray[np.float64]) -> float:
    """Compute loudness in LUFS from the energies of a `LoudnessMeter`, shape (n,).

    As in BS.1770, this is the mean of all blocks (400 ms with 75 % overlap) above -70 LUFS and above the
    relative gate. Audio shorter than a block counts as one block.
    """
    if not len(energies):
        return FLOOR_LUFS
    sums = np.concatenate([[0.0], np.cumsum(energies)])
    width = min(_GATE_STEPS, len(energies))
    power = (sums[width:] - sums[:-width])[::_GATE_HOP_STEPS] / width
    power = power[_to_lufs(power) > FLOOR_LUFS]
    if len(power):
        power = power[_to_lufs(power) > _to_lufs(power.mean()) - 10]
    return float(_to_lufs(power.mean())) if len(power) else FLOOR_LUFS


def _to_lufs(power: NDArray[np.float64]) -> NDArray[np.float64]:
    return -0.691 + 10 * np.log10(np.maximum(power, 1e-30))


@cache
def _k_weighting(rate_hz: int) -> NDArray[np.float64]:
    """Return the impulse response of BS.1770's two filters, 0.2 s long.

    The analog prototypes are those of De Man, "Evaluation of Implementations of the EBU R128 Loudness
    Measurement" (AES 2018); they give the standard's coefficients at 48 kHz. The high-pass filter (38 Hz, Q
    0.5) rings longest: it has decayed by 100 dB after 0.06 s.
    """
    # A shelf filter above half the sample rate is impossible, and would have hardly any effect.
    k, q = tan(pi * min(1681.974450955533 / rate_hz, 0.45)), 0.7071752369554196
    high = 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    norm = 1 + k / q + k * k
    shelf = (
        [
            (high + band * k / q + k * k) / norm,
            2 * (k * k - high) / norm,
            (high - band * k / q + k * k) / norm,
        ],
        [2 * (k * k - 1) / norm, (1 - k / q + k * k) / norm],
    )
    k, q = tan(pi * 38.13547087602444 / rate_hz), 0.5003270373238773
    norm = 1 + k / q + k * k
    highpass = ([1.0, -2.0, 1.0], [2 * (k * k - 1) / norm, (1 - k / q + k * k) / norm])

    out = [1.0] + [0.0] * (rate_hz // 5)
    for (b0, b1, b2), (a1, a2) in (shelf, highpass):
        x1 = x2 = y1 = y2 = 0.0
        for i, x in enumerate(out):
            y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
            x1, x2, y1, y2 = x, x1, y, y1
            out[i] = y
    return np.asarray(out)


class TruePeakMeter:
    """Measures the highest value between samples with fourfold oversampling."""

    def __init__(self, channels: int) -> None:
        self._held = np.zeros((channels, 0), np.float32)
        self._next = 0
        self.highest = 0.0
        """Highest amplitude so far."""

    def push(self, block: NDArray[np.float32], *, last: bool = False) -> None:
        """Process the next samples, shape (channels, n); `last` marks the end of the audio."""
        held = np.concatenate([self._held, block], 1)
        end = held.shape[1] - (0 if last else _MARGIN_SAMPLES)
        for start in range(self._next, end, _PIECE_SAMPLES):
            for row in held:
                self._measure(row, start, min(start + _PIECE_SAMPLES, end))
        self._next = max(self._next, end)
        cut = max(0, self._next - _MARGIN_SAMPLES)
        self._held, self._next = held[:, cut:].copy(), self._next - cut

    def _measure(self, row: NDArray[np.float32], start: int, stop: int) -> None:
        top = peak(row[start:stop])
        if top <= self.highest * _INTERPOLATE_ABOVE:
            return
        around = row[max(0, start - _MARGIN_SAMPLES) : stop + _MARGIN_SAMPLES]
        fine = soxr.resample(np.pad(around, _MARGIN_SAMPLES), 1, _OVERSAMPLING, quality="HQ")
        first = _OVERSAMPLING * (_MARGIN_SAMPLES + start - max(0, start - _MARGIN_SAMPLES))
        fine = fine[first : first + _OVERSAMPLING * (stop - start)]
        self.highest = max(self.highest, top, float(np.abs(fine).max(initial=0.0)))
