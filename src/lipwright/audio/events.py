"""Things that a voice does and lips need not follow: plosives, breaths, sharp s sounds, quiet passages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.frame_features import HOP_S, FrameFeatures, decibels, runs
from lipwright.audio.gains import Curve, smooth
from lipwright.domain.time import Span

PLOSIVE_OVER_DB = 8.0
"""Low-frequency power over what 95 % of the speech stays under."""
PLOSIVE_UNDER_SPEECH_DB = 8.0
PLOSIVE_MAX_S = 0.25
PLOSIVE_CUT_DB = 18.0

BREATH_OVER_NOISE_DB = 8.0
BREATH_UNDER_SPEECH_DB = (8.0, 50.0)
BREATH_FLATNESS = 0.15
"""Breath is noise: above 0.15 to 0.5, voiced sounds lie below 0.1."""
BREATH_S = (0.1, 1.2)
BREATH_NEAR_S = 0.8
"""A breath is drawn next to words."""
BREATH_CUT_DB = (6.0, 12.0)
BREATH_AIM_DB = -45.0
"""Under the speech; a breath goes down towards it by 6 to 12 dB."""

SIBILANT_SHARE = 0.99
SHARP_DB = 1.0
"""Above 5 kHz against the mean of the speech: s sounds of the voices measured reach -24 to -2."""
ESS_AIM_DB = -4.0
ESS_RATIO = 0.7
ESS_CUT_DB = 8.0

LEVEL_UNDER_DB = 8.0
"""A passage this far under the rest is raised, by what lies beyond LEVEL_SLACK_DB."""
LEVEL_SLACK_DB = 5.0
LEVEL_MOST_DB = 9.0
PASSAGE_GAP_S = 0.6
"""Speech with shorter pauses is one passage."""
PASSAGE_LEAST_S = 0.5
VOICELESS_S = 0.6
BURST_S, DIP_S, DIP_OVER_NOISE_DB = 0.2, 0.04, 6.0
"""An s before a stop lasts 0.1 to 0.15 s: a longer noise, with the room after it, is a breath."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something at a place, in frames of 10 ms."""

    start: int
    end: int
    level_db: float
    """Relative to the speech's mean power."""

    @property
    def span(self) -> Span:
        """In seconds."""
        return Span(self.start * HOP_S, self.end * HOP_S)


def speech_power(seen: FrameFeatures) -> float:
    """Mean square of the speech, without what is 20 dB below it (pauses within words)."""
    power = seen.power[seen.spoken] if seen.spoken.any() else seen.power
    mean = float(power.mean(dtype=np.float64))
    return float(power[power > mean / 100].mean(dtype=np.float64)) if mean > 0 else 0.0


def noise_power(seen: FrameFeatures) -> float | None:
    """Mean square of what is left where nobody speaks; None where everything is speech."""
    near = _around(seen.spoken, np.ones(7)) > 0
    silent = seen.power[~near]
    if len(silent) >= 20:
        return float(np.quantile(silent, 0.3))
    if seen.frames >= 100:  # between the syllables
        return float(np.quantile(seen.power, 0.03))
    return None


def words(seen: FrameFeatures) -> NDArray[np.bool_]:
    """The speech, without short bursts in which no voice sounds: a detector takes loud breaths for words.

    Nor are those its first and last bursts, if they are too long for a consonant and the room is heard
    between them and the word.

    Returns:
        Shape (frames,), as `Survey.spoken`.
    """
    spoken = seen.spoken.copy()
    noise = noise_power(seen)
    quiet = seen.power < (noise or 0.0) * 10 ** (DIP_OVER_NOISE_DB / 10)
    for start, end in runs(seen.spoken):
        if _voiceless(seen, start, end):
            spoken[start:end] = False
            continue
        dips = [(start + a, start + b) for a, b in runs(quiet[start:end]) if (b - a) * HOP_S >= DIP_S]
        for first, last in ((start, dips[0][0]), (dips[-1][1], end)) if dips else ():
            if (last - first) * HOP_S >= BURST_S and _voiceless(seen, first, last):
                spoken[first:last] = False
    return spoken


def _voiceless(seen: FrameFeatures, start: int, end: int) -> bool:
    """A short stretch in which no voice sounds."""
    short = 0 < (end - start) * HOP_S < VOICELESS_S
    return short and bool(np.quantile(seen.flatness[start:end], 0.25) > BREATH_FLATNESS)


def find_plosives(seen: FrameFeatures) -> list[Event]:
    """Bursts of air against the microphone."""
    if not seen.spoken.any():
        return []
    low, ref = decibels(seen.low), float(decibels(np.array([speech_power(seen)]))[0])
    usual = float(np.quantile(low[seen.spoken], 0.95))
    burst = (low > usual + PLOSIVE_OVER_DB) & (low > ref - PLOSIVE_UNDER_SPEECH_DB)
    burst &= seen.low > 0.7 * seen.power
    found = []
    for start, end in runs(_closed(burst, 3)):
        if (end - start) * HOP_S <= PLOSIVE_MAX_S:
            found.append(Event(start, end, float(low[start:end].max()) - ref))
    return found


def plosive_curve(seen: FrameFeatures, found: Sequence[Event]) -> Curve:
    """Gain of the band below 90 Hz."""
    cut = np.zeros(seen.frames)
    low = decibels(seen.low)
    usual = float(np.quantile(low[seen.spoken], 0.95)) if seen.spoken.any() else 0.0
    for event in found:
        at = slice(max(0, event.start - 2), event.end + 2)
        cut[at] = -min(PLOSIVE_CUT_DB, float(low[event.start : event.end].max()) - usual)
    return smooth(cut, 3)


def find_breaths(seen: FrameFeatures) -> list[Event]:
    """Breaths drawn between phrases."""
    noise = noise_power(seen)
    if noise is None or not seen.spoken.any():
        return []
    level = decibels(_around(seen.power, np.ones(3) / 3))
    ref = float(decibels(np.array([speech_power(seen)]))[0])
    floor = float(decibels(np.array([noise]))[0])
    flat = _around(seen.flatness, np.ones(5) / 5)
    low, high = ref - BREATH_UNDER_SPEECH_DB[1], ref - BREATH_UNDER_SPEECH_DB[0]
    breath = ~words(seen) & (level > floor + BREATH_OVER_NOISE_DB) & (level > low) & (level < high)
    breath &= flat > BREATH_FLATNESS
    near = _around(seen.spoken, np.ones(2 * round(BREATH_NEAR_S / HOP_S) + 1)) > 0
    found = []
    for start, end in runs(_closed(breath, 4)):
        if BREATH_S[0] <= (end - start) * HOP_S <= BREATH_S[1] and near[start:end].any():
            power = float(decibels(seen.power[start:end].mean(keepdims=True))[0])
            found.append(Event(start, end, power - ref))
    return found


def breath_curve(seen: FrameFeatures, found: Sequence[Event], before: FrameFeatures) -> Curve:
    """Gain of everything that, with what denoising did, turns breaths down by 6 to 12 dB.

    Args:
        seen: The audio as it is now.
        found: The breaths, as they were found.
        before: The audio in which they were found.
    """
    cut = np.zeros(seen.frames)
    spoken = words(before)
    for event in found:
        wanted = float(np.clip(event.level_db - BREATH_AIM_DB, *BREATH_CUT_DB))
        powers = [survey.power[event.start : event.end].mean(keepdims=True) for survey in (before, seen)]
        done = float((decibels(powers[0]) - decibels(powers[1]))[0])
        # A frame more on either side, for the ramps; never into a word.
        at = np.arange(max(0, event.start - 2), min(seen.frames, event.end + 2))
        cut[at[~spoken[at]]] = -max(0.0, wanted - max(0.0, done))
    return smooth(cut, 5)


def sibilance_db(seen: FrameFeatures) -> float | None:
    """How loud the sharpest s sounds are above 5 kHz, relative to the speech; None without speech."""
    if not seen.spoken.any():
        return None
    ref = float(decibels(np.array([speech_power(seen)]))[0])
    return float(np.quantile(decibels(seen.sibilant[seen.spoken]), SIBILANT_SHARE)) - ref


def find_sibilants(seen: FrameFeatures, over_db: float = SHARP_DB) -> list[Event]:
    """The s sounds that are louder above 5 kHz than `over_db` against the speech."""
    ref = float(decibels(np.array([speech_power(seen)]))[0])
    level = decibels(seen.sibilant) - ref
    return [
        Event(a, b, float(level[a:b].max())) for a, b in runs(_closed((level > over_db) & seen.spoken, 3))
    ]


def sibilant_curve(seen: FrameFeatures) -> Curve:
    """Gain of the band above 5 kHz: gentle, 8 dB at most."""
    ref = float(decibels(np.array([speech_power(seen)]))[0])
    over = np.maximum(0, decibels(seen.sibilant) - ref - ESS_AIM_DB)
    return smooth(-np.minimum(ESS_RATIO * over, ESS_CUT_DB), 3)


def find_quiet_passages(seen: FrameFeatures) -> list[Event]:
    """Passages of speech far under the rest of it."""
    if not seen.spoken.any():
        return []
    ref = float(decibels(np.array([speech_power(seen)]))[0])
    found = []
    for start, end in runs(_closed(words(seen), round(PASSAGE_GAP_S / HOP_S))):
        if (end - start) * HOP_S < PASSAGE_LEAST_S:
            continue
        power = seen.power[start:end][seen.spoken[start:end]]
        power = power[power >= power.max() / 1000]
        level = float(decibels(power.mean(keepdims=True))[0])
        if level < ref - LEVEL_UNDER_DB:
            found.append(Event(start, end, level - ref))
    return found


def level_curve(seen: FrameFeatures, found: Sequence[Event]) -> Curve:
    """Gain of everything: quiet passages are raised in part, over a quarter of a second."""
    raised = np.zeros(seen.frames)
    for event in found:
        at = slice(max(0, event.start - 12), event.end + 12)
        raised[at] = min(LEVEL_MOST_DB, -event.level_db - LEVEL_SLACK_DB)
    return smooth(raised, 25)


def _around(values: NDArray[Any], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weighted sums around each frame; beyond the ends there is nothing."""
    middle = len(weights) // 2
    return np.asarray(np.convolve(values, weights)[middle : middle + len(values)])


def _closed(mask: NDArray[np.bool_], gap: int) -> NDArray[np.bool_]:
    """Gaps of up to `gap` frames between true ones filled."""
    filled = mask.copy()
    stretches = runs(mask)
    for (_, end), (start, _) in pairwise(stretches):
        if start - end <= gap:
            filled[end:start] = True
    return filled
