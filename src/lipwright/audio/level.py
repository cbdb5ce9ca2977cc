"""How loud a sound is: peak, loudness (ITU-R BS.1770-4), clipping.

Loudness is measured by K-weighting and two gates. The weighting runs as one FIR, the
biquads' own impulse response, by overlapping FFTs: no pass of Python over samples, and
no copy of the sound.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from math import pi, tan

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.blocks import blocks
from lipwright.domain.media import Waveform

FLOOR_DBFS = -120.0
"""What digital silence is called: below the last bit of 16 bits, and still a number."""
FLOOR_LUFS = -70.0
"""BS.1770's absolute gate: quieter blocks are not measured."""

BLOCK = 1 << 17
"""Samples worked on at once."""

CLIP_LEVEL = 0.99
CLIP_RUN = 3
CLIP_FLATNESS = 1 / 32_768
"""Clipping is a flat top near full scale: at least 3 samples that differ by less than one
16-bit step. A sine's own top is rounder than that from 40 Hz upwards (at 48 kHz)."""


@dataclass(frozen=True, slots=True)
class Level:
    """The level of a sound."""

    peak_dbfs: float
    """Highest sample, in dB of full scale; -120 for digital silence."""
    lufs: float
    """Integrated loudness; -70 where nothing is louder than that."""
    clipped_samples: int
    """Samples in flat tops near full scale."""

    def to_json(self) -> dict[str, float | int]:
        """The keys of `level` in `lipwright audio --json`."""
        return asdict(self)


def measure_level(sound: Waveform) -> Level:
    """Measure peak, loudness and clipping, each at the sound's own rate.

    Clipping shows only before any resampling, so measure the source as it was read.

    Args:
        sound: Any rate and number of channels; all channels weigh the same, which is
            BS.1770 for mono and stereo.
    """
    return Level(
        peak_dbfs=to_db(peak(sound.samples)),
        lufs=_integrated_loudness(sound),
        clipped_samples=sum(_count_clipped(channel) for channel in sound.samples),
    )


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


def _count_clipped(samples: NDArray[np.float32]) -> int:
    # A flat top that lies across two blocks is counted in two parts, of which one of less
    # than CLIP_RUN samples is lost: nothing that a finding depends on.
    total = 0
    for block in blocks(len(samples), BLOCK):
        piece = samples[block]
        if peak(piece) < CLIP_LEVEL or len(piece) < CLIP_RUN:
            continue
        flat = (np.abs(piece[1:]) >= CLIP_LEVEL) & (np.abs(np.diff(piece)) < CLIP_FLATNESS)
        edges = np.flatnonzero(np.diff(np.concatenate([[False], flat, [False]]).astype(np.int8)))
        steps = edges[1::2] - edges[::2]
        total += int((steps[steps >= CLIP_RUN - 1] + 1).sum())
    return total


def _integrated_loudness(sound: Waveform) -> float:
    """BS.1770-4: mean of 400 ms blocks, 75 % overlapped, above -70 LUFS and the relative gate."""
    quarter = max(1, round(sound.rate_hz / 10))
    energy = sum(_energies(channel, sound.rate_hz, quarter) for channel in sound.samples)
    if not isinstance(energy, np.ndarray) or not len(energy):
        return FLOOR_LUFS
    # A sound shorter than one block is one block: better an honest mean than nothing.
    width = min(4, len(energy))
    power = np.convolve(energy, np.ones(width), "valid") / (width * quarter)
    power = power[_loudness(power) > FLOOR_LUFS]
    if len(power):
        power = power[_loudness(power) > _loudness(power.mean()) - 10]
    return float(_loudness(power.mean())) if len(power) else FLOOR_LUFS


def _loudness(power: NDArray[np.float64]) -> NDArray[np.float64]:
    return -0.691 + 10 * np.log10(np.maximum(power, 1e-30))


def _energies(samples: NDArray[np.float32], rate_hz: int, quarter: int) -> NDArray[np.float64]:
    """Energy of each 100 ms of the K-weighted sound; the last one may be cut short."""
    sums = np.zeros(-(-len(samples) // quarter))
    start = 0
    for piece in _k_weighted(samples, rate_hz):
        index = np.arange(start, start + len(piece)) // quarter
        first = index[0]
        found = np.bincount(index - first, piece * piece)
        sums[first : first + len(found)] += found
        start += len(piece)
    whole = len(samples) // quarter
    return sums[:whole] if whole else sums * (quarter / max(1, len(samples)))


def _k_weighted(samples: NDArray[np.float32], rate_hz: int) -> Iterator[NDArray[np.float64]]:
    """The K-weighted sound, piece by piece, by overlap-save."""
    kernel = _k_impulse(rate_hz)
    tail = len(kernel) - 1
    size = 1 << (len(kernel) * 8 - 1).bit_length()
    spectrum = np.fft.rfft(kernel, size)
    for block in blocks(len(samples), size - tail):
        begin = block.start - tail
        piece = np.zeros(size)
        piece[max(0, -begin) : block.stop - begin] = samples[max(0, begin) : block.stop]
        yield np.fft.irfft(np.fft.rfft(piece) * spectrum, size)[tail : tail + block.stop - block.start]


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
