"""Synthesize background noise: the recording's own room tone, and pink noise.

Digital silence at the end of a driver makes the video fade to black, so a driver is padded with the
recording's own room tone (rule AUDIO-8). A repeated section of the recording would be audible as a loop;
noise with the spectrum of that section has the same color and level and never repeats.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.filters import blocks
from lipwright.audio.frame_features import mean_squares
from lipwright.audio.level import from_db, peak
from lipwright.audio.speech import find_silences
from lipwright.domain.time import Span

STRETCH_S = 0.4
"""Length of the section, taken from a pause, whose spectrum the noise copies. The section is shorter if no
pause is that long."""
SHORTEST_STRETCH_S = 0.1
SEARCH_STEP_S = 0.02
EDGE_S = 0.03
"""Length that is skipped next to words and at the ends of the file, where sounds decay and codecs ring."""
DIGITAL_SILENCE_DBFS = -96.0
"""RMS below which nothing was recorded: less than the last bit of 16-bit audio."""
FALLBACK_DB = -60.0
"""Level of the pink noise relative to the peak of the audio, if the recording has no room tone."""

PINK_BLOCK_SAMPLES = 1 << 15
PINK_TAPS = 1 << 13
"""Length of the filter that converts white noise to pink noise: effective down to 3 Hz at 24 kHz."""


def room_tone(
    samples: NDArray[np.float32], rate_hz: int, speech: Sequence[Span], length: int, seed: int
) -> tuple[NDArray[np.float32], bool]:
    """Make noise that sounds like the pauses of a recording of shape (n,).

    Returns:
        The noise, shape (length,), and True if it was made from the recording. A recording without room tone
        (clean synthesis, or speech throughout) gets faint pink noise.
    """
    stretch = _quietest(samples, rate_hz, speech)
    if stretch is not None:
        return _noise_like(stretch, length, seed), True
    pink = _pink_period(round(STRETCH_S * rate_hz))
    return _noise_like(pink * from_db(FALLBACK_DB) * peak(samples), length, seed), False


def add_pink_noise(samples: NDArray[np.float32], rms_dbfs: float, seed: int) -> None:
    """Add pink noise with an RMS level of `rms_dbfs` to audio of shape (n,), in place."""
    gain = np.float32(from_db(rms_dbfs))
    rng = np.random.default_rng(seed)
    size = PINK_BLOCK_SAMPLES + PINK_TAPS
    response = _pinking_response(size)
    tail = rng.standard_normal(PINK_TAPS)
    for where in blocks(len(samples), PINK_BLOCK_SAMPLES):
        white = np.concatenate([tail, rng.standard_normal(PINK_BLOCK_SAMPLES)])
        tail = white[-PINK_TAPS:]
        pink = np.fft.irfft(np.fft.rfft(white) * response, size)[PINK_TAPS:]
        samples[where] += gain * pink[: where.stop - where.start].astype(np.float32)


def _quietest(
    samples: NDArray[np.float32], rate_hz: int, speech: Sequence[Span]
) -> NDArray[np.float32] | None:
    """Return the quietest section that contains neither speech nor digital silence; None if there is none."""
    step = max(1, round(SEARCH_STEP_S * rate_hz))
    best: tuple[float, int, int] | None = None
    for pause in find_silences(speech, len(samples) / rate_hz, SHORTEST_STRETCH_S + 2 * EDGE_S):
        start, end = round((pause.start + EDGE_S) * rate_hz), round((pause.end - EDGE_S) * rate_hz)
        steps = min(end - start, round(STRETCH_S * rate_hz)) // step
        power = np.convolve(mean_squares(samples[start:end], step), np.ones(steps) / steps, "valid")
        recorded = np.flatnonzero(power > from_db(DIGITAL_SILENCE_DBFS) ** 2)
        if not len(recorded):
            continue
        at = recorded[power[recorded].argmin()]
        if best is None or power[at] < best[0]:
            best = (float(power[at]), start + int(at) * step, steps * step)
    return samples[best[1] : best[1] + best[2]] if best else None


def _noise_like(stretch: NDArray[np.floating], length: int, seed: int) -> NDArray[np.float32]:
    """Make stationary noise with the spectrum and power of a section of audio."""
    size = len(stretch) // 2 * 2
    half = size // 2
    taper = np.sin(np.pi * (np.arange(size) + 0.5) / size)
    centered = stretch[:size] - stretch.mean(dtype=np.float64)
    # The Hann window keeps hum lines narrow; 8/3 compensates for the power that it removes.
    magnitude = np.abs(np.fft.rfft(centered * taper**2)) * np.sqrt(8 / 3)
    # Frames with random phases overlap by half under a sine window. The powers of independent frames add up,
    # and sin^2 + cos^2 = 1, so the power is constant.
    rng = np.random.default_rng(seed)
    tone = np.zeros(length + 2 * size)
    for start in range(0, length + size, half):
        phases = rng.uniform(0, 2 * np.pi, len(magnitude))
        phases[[0, -1]] = 0
        tone[start : start + size] += np.fft.irfft(magnitude * np.exp(1j * phases), size) * taper
    return tone[half : half + length].astype(np.float32)


def _pink_magnitude(bins: int) -> NDArray[np.float64]:
    """Return magnitudes that fall by 3 dB per octave; 0 at DC."""
    frequency = np.arange(bins)
    return np.divide(1, np.sqrt(frequency), where=frequency > 0, out=np.zeros(bins))


def _pink_period(length: int) -> NDArray[np.float64]:
    """Return a section of pink noise of RMS 1, which `_noise_like` can extend to any length."""
    magnitude = _pink_magnitude(length // 2 + 1)
    phases = np.random.default_rng(0).uniform(0, 2 * np.pi, len(magnitude))
    noise = np.fft.irfft(magnitude * np.exp(1j * phases), length)
    return np.asarray(noise / noise.std())


@cache
def _pinking_response(size: int) -> NDArray[np.complex128]:
    """Return the spectrum of the filter that converts white noise to pink noise of the same power."""
    kernel = np.roll(np.fft.irfft(_pink_magnitude(PINK_TAPS // 2 + 1), PINK_TAPS), PINK_TAPS // 2)
    return np.fft.rfft(kernel / np.sqrt((kernel**2).sum()), size)
