"""Lower music under speech, and plan the level of the mix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.dynamics import CURVE_STEP_S, Curve, limiter_gain, step_peaks
from lipwright.audio.level import LoudnessMeter, from_db
from lipwright.audio.leveling import gain_for_loudness
from lipwright.domain.spans import merge_spans
from lipwright.domain.time import Span


@dataclass(frozen=True, slots=True)
class DuckingTimes:
    """How fast the music is lowered and raised."""

    attack_s: float = 0.3
    """Time in which the music is lowered; the ramp ends where the speech begins."""
    release_s: float = 0.8
    hold_s: float = 2.5
    """Maximum length of a pause in which the music stays low. If it were raised in every short pause, its
    level would go up and down all the time."""
    fade_out_s: float = 1.5
    """Length of the fade at the end of the mix."""


DUCKING = DuckingTimes()


def duck_curve(speech: Sequence[Span], seconds: float, duck_db: float) -> Curve:
    """Return the gain of the music for each 10 ms, with ramps that are linear in dB.

    The gain is `duck_db` (0 or negative) during speech, and 0 dB elsewhere.
    """
    frames = max(1, int(np.ceil(seconds / CURVE_STEP_S)) + 1)
    depth = np.zeros(frames)
    at = np.arange(frames) * CURVE_STEP_S
    for span in ducked_spans(speech):
        down = np.clip((at - (span.start - DUCKING.attack_s)) / DUCKING.attack_s, 0, 1)
        up = np.clip((span.end + DUCKING.release_s - at) / DUCKING.release_s, 0, 1)
        depth = np.maximum(depth, np.minimum(down, up))
    return np.asarray(10 ** (depth * duck_db / 20), np.float64)


def ducked_spans(speech: Sequence[Span]) -> list[Span]:
    """Return the spans of speech, joined across the pauses in which the music stays down."""
    return merge_spans(speech, DUCKING.hold_s)


class MixMeter:
    """Measures a mix block by block, to compute the gains that bring it to -16 LUFS."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._rate_hz = rate_hz
        self._loudness = LoudnessMeter(rate_hz, channels)
        self._peaks: list[NDArray[np.float32]] = []

    def push(self, block: NDArray[np.float32]) -> None:
        """Measure the next samples, shape (channels, n).

        Every block except the last must be a whole number of milliseconds long.
        """
        self._loudness.push(block)
        self._peaks.append(step_peaks(np.abs(block).max(0), self._rate_hz))

    def plan(self, ceiling_dbfs: float) -> tuple[float, NDArray[np.float32]]:
        """Return the factor that brings the mix to -16 LUFS, and the limiter's factor for each 1 ms."""
        peaks = np.concatenate(self._peaks)
        highest = float(peaks.max(initial=0.0))
        if highest <= 0:
            return 1.0, np.ones(len(peaks), np.float32)
        ceiling = from_db(ceiling_dbfs)
        gain = gain_for_loudness(
            self._loudness.energies, peaks, from_db(-60) / highest, from_db(20) * ceiling / highest, ceiling
        )
        return gain, limiter_gain(peaks, gain, ceiling)
