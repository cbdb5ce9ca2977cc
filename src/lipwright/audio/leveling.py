"""Bring speech to -16 LUFS with peaks under -3.5 dBFS."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.dynamics import LIMITER_STEP_S, limit_in_place, limiter_gain, step_peaks
from lipwright.audio.filters import blocks
from lipwright.audio.level import (
    BLOCK_SAMPLES,
    LOUDNESS_STEP_S,
    LoudnessMeter,
    from_db,
    integrated_loudness,
    peak,
    to_db,
)
from lipwright.audio.restoration import Action
from lipwright.domain.settings import Kind
from lipwright.domain.spans import runs
from lipwright.domain.time import Span

PEAK_DBFS = -3.5
"""Maximum peak of the driver: within -6..-3 dBFS (rule AUDIO-3), with a margin for rounding."""
MIN_PEAK_DBFS = -5.5
"""Minimum peak of the driver, even if a lower peak would give enough loudness."""
TARGET_LUFS = -16.0
"""Target loudness of speech (rule AUDIO-4)."""
MAX_SPEECH_LIMITING_DB = 6.0
"""Maximum limiting of speech peaks in order to raise the loudness; stronger limiting would be audible."""

PEAK_WINDOW_S = 0.01
IGNORED_WINDOW_SHARE = 0.01
"""When the peak of the speech is measured, this share of its 10 ms windows is ignored: the loudest ones. They
may contain clicks, and leveling by the peak of a click would keep the speech too quiet."""
EXTRA_IGNORED_WINDOWS = 2
"""Number of windows ignored in addition to IGNORED_WINDOW_SHARE; one click can lie in two windows."""
MAX_LIMITING_DB = 40.0
"""Maximum reduction of a peak by the limiter."""
_BISECTIONS = 24
"""Number of bisections in the search for the gain, which is then exact to a thousandth of a dB."""


def level_in_place(
    driver: NDArray[np.float32], rate_hz: int, speech: Sequence[Span], kind: Kind
) -> list[Action]:
    """Bring audio of shape (n,) to its target level, in place; it must not be silent.

    Speech is brought to -16 LUFS, or as close as possible with its peaks limited by at most 6 dB. Music and
    ambient audio get a constant gain that brings their peak to -3.5 dBFS. If `speech` has spans, isolated
    peaks (clicks) do not count as the peak of the audio; they are limited by more than 6 dB if necessary.
    """
    ceiling = from_db(PEAK_DBFS)
    peaks = step_peaks(driver, rate_hz)
    highest = float(peaks.max())
    usual = _usual_peak(peaks, speech) if speech else highest
    gain = ceiling / max(usual, highest * from_db(-MAX_LIMITING_DB))
    if kind == "speech" and speech:
        meter = LoudnessMeter(rate_hz, 1)
        for block in blocks(len(driver), BLOCK_SAMPLES):
            meter.push(driver[None, block])
        least = from_db(MIN_PEAK_DBFS) / highest
        most = gain * from_db(MAX_SPEECH_LIMITING_DB)
        gain = gain_for_loudness(meter.energies, peaks, least, most, ceiling)
    limiting = limit_in_place(driver, rate_hz, gain, ceiling)
    actions = [Action("gain", to_db(gain), "dB")]
    if limiting.min() < 1:
        places = len(runs(limiting < 0.99))
        actions.append(Action("limit", to_db(float(limiting.min())), "dB", max(1, places)))
    # If the audio is a single isolated peak, limiting can leave its peak below the target range.
    top = peak(driver)
    if top < from_db(MIN_PEAK_DBFS - 0.4):
        driver *= np.float32(from_db(MIN_PEAK_DBFS) / top)
        actions[0] = Action("gain", to_db(gain * from_db(MIN_PEAK_DBFS) / top), "dB")
    return actions


def gain_for_loudness(
    energies: NDArray[np.float64], peaks: NDArray[np.float32], least: float, most: float, ceiling: float
) -> float:
    """Find the gain in [least, most] whose result, after the limiter, is closest to TARGET_LUFS.

    The limiter's gain changes slowly compared with the K-weighting filter, so the loudness after the limiter
    is computed from the energies before it.

    Args:
        energies: Result of `LoudnessMeter`.
        peaks: Result of `step_peaks`.
        least: Smallest gain, as a factor; it is returned if it exceeds `most`.
        most: Largest gain, as a factor.
        ceiling: Maximum amplitude after the limiter.
    """
    size = round(LOUDNESS_STEP_S / LIMITER_STEP_S)
    rows = min(len(peaks) // size, len(energies))

    def loudness(gain: float) -> float:
        if rows == 0:
            return integrated_loudness(energies * gain**2)
        squared = limiter_gain(peaks, gain, ceiling) ** 2
        means = squared[: rows * size].reshape(rows, size).mean(1)
        return integrated_loudness(energies[:rows] * means * gain**2)

    if least >= most or loudness(most) <= TARGET_LUFS:
        return max(least, most)
    if loudness(least) >= TARGET_LUFS:
        return least
    low, high = np.log(least), np.log(most)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if loudness(float(np.exp(middle))) < TARGET_LUFS:
            low = middle
        else:
            high = middle
    return float(np.exp(low))


def _usual_peak(peaks: NDArray[np.float32], speech: Sequence[Span]) -> float:
    """Return the peak of the speech, ignoring its loudest 10 ms windows (1 %, plus EXTRA_IGNORED_WINDOWS)."""
    size = round(PEAK_WINDOW_S / LIMITER_STEP_S)
    windows = np.maximum.reduceat(peaks, np.arange(0, len(peaks), size))
    spoken = np.zeros(len(windows), bool)
    for span in speech:
        spoken[int(span.start / PEAK_WINDOW_S) : int(span.end / PEAK_WINDOW_S) + 1] = True
    loudest = np.sort(windows[spoken] if spoken.any() else windows)
    left_out = EXTRA_IGNORED_WINDOWS + int(IGNORED_WINDOW_SHARE * len(loudest))
    return float(loudest[max(0, len(loudest) - 1 - left_out)])
