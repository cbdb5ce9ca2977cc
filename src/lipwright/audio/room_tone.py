"""The audio of the room when nobody speaks, as long as it is needed.

Digital silence at the end of a driver makes the image fade to black, so a driver is
padded with the recording's own quiet. Repeating a stretch would be heard as a loop;
noise with that stretch's spectrum has its colour and level and never repeats.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.level import from_db, peak
from lipwright.audio.speech import find_silences
from lipwright.domain.time import Span

STRETCH_S = 0.4
"""Length of the stretch whose spectrum is taken; less where no pause is as long."""
SHORTEST_S = 0.1
STEP_S = 0.02
"""How finely the quietest stretch is sought."""
EDGE_S = 0.03
"""Left alone next to words and at the ends of the file, where sounds decay and codecs ring."""

DIGITAL_SILENCE_DBFS = -96.0
"""RMS below the last bit of 16 bits: nothing was recorded there."""
FALLBACK_DB = -60.0
"""Level of the faint pink noise, under the audio's peak, where no tone was recorded."""


def room_tone(
    samples: NDArray[np.float32], rate_hz: int, speech: Sequence[Span], length: int, seed: int
) -> tuple[NDArray[np.float32], bool]:
    """Noise that continues the quiet of a recording.

    Args:
        samples: The recording, shape (n,).
        rate_hz: Its rate.
        speech: Where somebody speaks, in seconds.
        length: Samples wanted.
        seed: Same seed, same noise.

    Returns:
        The tone, shape (length,), and whether it is the room's own: a recording without
        any recorded quiet (clean synthesis, or speech all through) gets faint pink noise.
    """
    stretch = _quietest(samples, rate_hz, speech)
    if stretch is not None:
        return _noise_like(stretch, length, seed), True
    pink = _pink(round(STRETCH_S * rate_hz))
    return _noise_like(pink * from_db(FALLBACK_DB) * peak(samples), length, seed), False


def _quietest(
    samples: NDArray[np.float32], rate_hz: int, speech: Sequence[Span]
) -> NDArray[np.float32] | None:
    """The quietest recorded stretch without speech; None where there is none."""
    step = max(1, round(STEP_S * rate_hz))
    best: tuple[float, int, int] | None = None
    for pause in find_silences(speech, len(samples) / rate_hz, SHORTEST_S + 2 * EDGE_S):
        start, end = round((pause.start + EDGE_S) * rate_hz), round((pause.end - EDGE_S) * rate_hz)
        steps = min(end - start, round(STRETCH_S * rate_hz)) // step
        count = (end - start) // step
        rows = samples[start : start + count * step].reshape(count, step)
        power = np.einsum("ij,ij->i", rows, rows, dtype=np.float64)
        sums = np.convolve(power, np.ones(steps), "valid") / (steps * step)
        recorded = np.flatnonzero(sums > from_db(DIGITAL_SILENCE_DBFS) ** 2)
        if not len(recorded):
            continue
        at = recorded[sums[recorded].argmin()]
        if best is None or sums[at] < best[0]:
            best = (float(sums[at]), start + int(at) * step, steps * step)
    return samples[best[1] : best[1] + best[2]] if best else None


def _noise_like(stretch: NDArray[np.floating], length: int, seed: int) -> NDArray[np.float32]:
    """Stationary noise with the spectrum and power of a stretch.

    Frames with the stretch's magnitudes and random phases, laid over each other by half
    under a sine window: independent frames add in power, and sin^2 + cos^2 = 1.
    """
    size = len(stretch) // 2 * 2
    half = size // 2
    taper = np.sin(np.pi * (np.arange(size) + 0.5) / size)
    centred = stretch[:size] - stretch.mean(dtype=np.float64)
    # The Hann taper keeps a hum narrow; 8/3 makes up for the power it takes.
    magnitude = np.abs(np.fft.rfft(centred * taper**2)) * np.sqrt(8 / 3)
    rng = np.random.default_rng(seed)
    tone = np.zeros(length + 2 * size)
    for start in range(0, length + size, half):
        phases = rng.uniform(0, 2 * np.pi, len(magnitude))
        phases[[0, -1]] = 0
        tone[start : start + size] += np.fft.irfft(magnitude * np.exp(1j * phases), size) * taper
    return tone[half : half + length].astype(np.float32)


def _pink(length: int) -> NDArray[np.float64]:
    """Pink noise of RMS 1 (as a spectrum to draw from: its phases do not matter)."""
    frequency = np.arange(length // 2 + 1)
    magnitude = np.divide(1, np.sqrt(frequency), where=frequency > 0, out=np.zeros(len(frequency)))
    phases = np.random.default_rng(0).uniform(0, 2 * np.pi, len(frequency))
    noise = np.fft.irfft(magnitude * np.exp(1j * phases), length)
    return np.asarray(noise / noise.std())
