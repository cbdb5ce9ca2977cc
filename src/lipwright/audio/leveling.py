"""Level: a peak in the guide's range, and speech as loud as opens mouths."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.action import Action
from lipwright.audio.blocks import blocks
from lipwright.audio.level import from_db, peak, to_db
from lipwright.audio.limiter import BLOCK_S, apply_reduction, block_peaks, reduction
from lipwright.audio.loudness import HOP_S, LoudnessMeter, integrated_loudness
from lipwright.domain.settings import Kind
from lipwright.domain.time import Span

PEAK_DBFS = -3.5
"""Ceiling: inside the guide's -6..-3 dBFS, with room for rounding."""
LEAST_PEAK_DBFS = -5.5
"""The peak is brought at least here, even where less would be loud enough."""
TARGET_LUFS = -16.0
LIMITING_DB = 6.0
"""Speech is limited by no more than this to become loud enough: beyond it one hears it."""

PEAK_WINDOW_S = 0.01
LONE_PEAKS = 0.01
"""Share of the 10 ms windows whose peaks may be limited further: a click or two must not decide
how loud the speech is."""
LONE_WINDOWS = 2
"""At least so many: one click can touch two windows."""
MAX_LIMITING_DB = 40.0
"""No peak is pressed further than this: beyond it the speech found is hardly speech."""
_STEPS = 24
"""Halvings of the range of gains: to a thousandth of a dB."""


def raise_level(
    driver: NDArray[np.float32], rate_hz: int, speech: Sequence[Span], kind: Kind
) -> list[Action]:
    """Bring audio to level, in place.

    Speech is raised towards -16 LUFS, its peaks limited by up to 6 dB for it. Music and ambient
    audio are raised to the ceiling by gain alone. Lone peaks (clicks) are limited further in both.

    Args:
        driver: Shape (n,), not silent; changed.
        rate_hz: Its rate.
        speech: Where somebody speaks, in seconds.
        kind: What the audio is.
    """
    ceiling = from_db(PEAK_DBFS)
    peaks = block_peaks(driver, rate_hz)
    highest = float(peaks.max())
    usual = _usual_peak(peaks, speech) if speech else highest
    usual = max(usual, highest * from_db(-MAX_LIMITING_DB))
    gain = ceiling / usual
    if kind == "speech" and speech:
        energies = _energies(driver, rate_hz)
        least = from_db(LEAST_PEAK_DBFS) / highest
        gain = gain_for_loudness(energies, peaks, least, gain * from_db(LIMITING_DB), ceiling)
    reduced = reduction(peaks, gain, ceiling)
    apply_reduction(driver, rate_hz, gain, reduced)
    actions = [Action("gain", to_db(gain), "dB")]
    if reduced.min() < 1:
        pressed = reduced < 0.99
        places = int(pressed[0]) + int(np.count_nonzero(pressed[1:] & ~pressed[:-1]))
        actions.append(Action("limit", to_db(float(reduced.min())), "dB", max(1, places)))
    # The limiter's own peak may lie under the ceiling where audio is all one lone peak.
    top = peak(driver)
    if top < from_db(LEAST_PEAK_DBFS - 0.4):
        driver *= np.float32(from_db(LEAST_PEAK_DBFS) / top)
        actions[0] = Action("gain", to_db(gain * from_db(LEAST_PEAK_DBFS) / top), "dB")
    return actions


def gain_for_loudness(
    energies: NDArray[np.float64], peaks: NDArray[np.float32], least: float, most: float, ceiling: float
) -> float:
    """The gain that brings the limited audio to TARGET_LUFS, within [least, most].

    The limiter's gain changes slowly against the weighting filter, so that the loudness after it
    follows from the energies before.

    Args:
        energies: As LoudnessMeter has them.
        peaks: As block_peaks has them.
        least: Smallest gain.
        most: Largest gain; smaller than `least`, it gives way.
        ceiling: The limiter's.
    """
    size = round(HOP_S / BLOCK_S)
    count = len(peaks) // size
    rows = min(count, len(energies))

    def loudness(gain: float) -> float:
        reduced = reduction(peaks, gain, ceiling)
        reduced *= reduced
        if rows == 0:
            return integrated_loudness(energies * gain**2)
        means = reduced[: rows * size].reshape(rows, size).mean(1)
        return integrated_loudness(energies[:rows] * means * gain**2)

    if least >= most or loudness(most) <= TARGET_LUFS:
        return max(least, most)
    if loudness(least) >= TARGET_LUFS:
        return least
    low, high = np.log(least), np.log(most)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if loudness(float(np.exp(middle))) < TARGET_LUFS:
            low = middle
        else:
            high = middle
    return float(np.exp(low))


def _energies(driver: NDArray[np.float32], rate_hz: int) -> NDArray[np.float64]:
    meter = LoudnessMeter(rate_hz, 1)
    for block in blocks(len(driver), 1 << 17):
        meter.push(driver[None, block])
    return meter.energies


def _usual_peak(peaks: NDArray[np.float32], speech: Sequence[Span]) -> float:
    """The peak of the speech, without its loudest 1 % of 10 ms windows."""
    size = round(PEAK_WINDOW_S / BLOCK_S)
    windows = np.maximum.reduceat(peaks, np.arange(0, len(peaks), size))
    spoken = np.zeros(len(windows), bool)
    for span in speech:
        spoken[int(span.start / PEAK_WINDOW_S) : int(span.end / PEAK_WINDOW_S) + 1] = True
    heard = np.sort(windows[spoken] if spoken.any() else windows)
    left_out = LONE_WINDOWS + int(LONE_PEAKS * len(heard))
    return float(heard[max(0, len(heard) - 1 - left_out)])
