"""Loudness (ITU-R BS.1770-4), streamed: K-weighting, then two gates.

The weighting runs as one FIR, the biquads' own impulse response, by overlapping FFTs: no pass
of Python over samples, and no copy of the audio. Energies are kept for each 10 ms, so that the
loudness after any slow gain can be told without weighting the audio again.
"""

from __future__ import annotations

from functools import cache
from math import pi, tan

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.blocks import blocks

FLOOR_LUFS = -70.0
"""BS.1770's absolute gate: quieter blocks are not measured."""
HOP_S = 0.01
"""Energies are summed over so long."""
_STEP, _WIDTH = 10, 40
"""BS.1770's gating blocks in hops: 400 ms, one each 100 ms."""


class LoudnessMeter:
    """K-weighted energy of audio that comes block by block."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._rate_hz = rate_hz
        self._hop = max(1, round(rate_hz * HOP_S))
        kernel = _k_impulse(rate_hz)
        self._tail = np.zeros((channels, len(kernel) - 1), np.float32)
        self._size = 1 << (len(kernel) * 8 - 1).bit_length()
        self._spectrum = np.fft.rfft(kernel.astype(np.float32), self._size)
        self._sums: list[NDArray[np.float64]] = []
        self._open = 0.0
        self._seen = 0

    def push(self, block: NDArray[np.float32]) -> None:
        """Take the next samples, shape (channels, n)."""
        keep = self._tail.shape[1]
        for part in blocks(block.shape[1], self._size - keep):
            joined = np.concatenate([self._tail, block[:, part]], 1)
            self._tail = joined[:, joined.shape[1] - keep :]
            weighted = np.fft.irfft(np.fft.rfft(joined, self._size) * self._spectrum, self._size)
            self._add((weighted[:, keep : joined.shape[1]] ** 2).sum(0, dtype=np.float64))

    def _add(self, power: NDArray[np.float64]) -> None:
        first = self._seen // self._hop
        self._seen += len(power)
        starts = np.arange(first, -(-self._seen // self._hop)) * self._hop - (self._seen - len(power))
        sums = np.add.reduceat(power, np.maximum(starts, 0))
        sums[0] += self._open
        whole = self._seen % self._hop == 0
        self._open = 0.0 if whole else float(sums[-1])
        self._sums.append(sums if whole else sums[:-1])

    @property
    def energies(self) -> NDArray[np.float64]:
        """Mean K-weighted power of each whole 10 ms, over all channels, shape (n,); a rest is left out."""
        whole = np.concatenate([*self._sums, np.zeros(0)]) / self._hop
        if len(whole) or not self._seen:
            return whole
        return np.array([self._open / self._seen])


def integrated_loudness(energies: NDArray[np.float64]) -> float:
    """LUFS of audio, from the mean K-weighted power of each 10 ms.

    400 ms blocks, 75 % overlapped, above -70 LUFS and the relative gate. Audio shorter than
    one block is one block: better an honest mean than nothing.

    Args:
        energies: Shape (n,), as LoudnessMeter has them.
    """
    if not len(energies):
        return FLOOR_LUFS
    sums = np.concatenate([[0.0], np.cumsum(energies)])
    width = min(_WIDTH, len(energies))
    power = (sums[width:] - sums[:-width])[::_STEP] / width
    power = power[_loudness(power) > FLOOR_LUFS]
    if len(power):
        power = power[_loudness(power) > _loudness(power.mean()) - 10]
    return float(_loudness(power.mean())) if len(power) else FLOOR_LUFS


def _loudness(power: NDArray[np.float64]) -> NDArray[np.float64]:
    return -0.691 + 10 * np.log10(np.maximum(power, 1e-30))


@cache
def _k_impulse(rate_hz: int) -> NDArray[np.float64]:
    """Impulse response of BS.1770's two filters, as long as it rings (0.2 s).

    Analogue prototypes of De Man, "Evaluation of Implementations of the EBU R128
    Loudness Measurement" (AES 2018), which give the standard's coefficients at 48 kHz.
    The high-pass rings longest: 38 Hz, Q 0.5, 100 dB down after 0.06 s.
    """
    # A shelf above half the rate cannot be made; it would hardly change anything either.
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
