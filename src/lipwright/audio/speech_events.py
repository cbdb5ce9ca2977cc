"""Find plosives, breaths, sharp sibilants and quiet passages, and compute the gains that correct them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.dynamics import Curve, smooth_curve
from lipwright.audio.frame_features import FRAME_S, FrameFeatures, one_power_to_db, power_to_db
from lipwright.domain.spans import runs
from lipwright.domain.time import Span


@dataclass(frozen=True, slots=True)
class PlosiveThresholds:
    """Thresholds for bursts of air against the microphone; tuned on synthetic pops in four voices."""

    over_usual_db: float = 8.0
    """Minimum level of a pop in the band below 90 Hz, relative to the 95th percentile of the speech in that
    band."""
    under_speech_db: float = 8.0
    """Bursts more than this many dB below the level of the speech are not pops."""
    longest_s: float = 0.25
    max_cut_db: float = 18.0
    """Maximum reduction of the band below 90 Hz."""


PLOSIVE = PlosiveThresholds()


@dataclass(frozen=True, slots=True)
class BreathThresholds:
    """Thresholds for breaths between phrases; tuned on recordings of people who read aloud."""

    over_noise_db: float = 8.0
    under_speech_db: tuple[float, float] = (8.0, 50.0)
    """A breath is this many dB below the level of the speech: minimum and maximum."""
    flatness: float = 0.15
    """Minimum spectral flatness of a breath. Breaths have up to 0.5; voiced sounds have less than 0.1."""
    seconds: tuple[float, float] = (0.1, 1.2)
    near_s: float = 0.8
    """Maximum time between a breath and the nearest word."""
    cut_db: tuple[float, float] = (6.0, 12.0)
    """Minimum and maximum reduction of a breath."""
    aim_db: float = -45.0
    """Level to which a breath is turned down, relative to the speech."""


BREATH = BreathThresholds()


@dataclass(frozen=True, slots=True)
class SibilanceThresholds:
    """Thresholds for sharp s sounds: power above 5 kHz relative to the mean of the speech."""

    level_quantile: float = 0.99
    """Quantile, over all speech frames, of the level of the band above 5 kHz. It represents the sharpest s
    sounds."""
    sharp_db: float = 1.0
    """Level of the band above 5 kHz, in dB relative to the speech; s sounds with a higher level are too
    sharp. The sharpest s sounds of measured voices have -24 to -2 dB."""
    aim_db: float = -4.0
    """Level of the band above 5 kHz, in dB relative to the speech; de-essing reduces s sounds with a higher
    level."""
    ratio: float = 0.7
    """Share of the excess over `aim_db` that de-essing removes."""
    max_cut_db: float = 8.0


SIBILANCE = SibilanceThresholds()


@dataclass(frozen=True, slots=True)
class QuietPassageThresholds:
    """Thresholds for passages of speech that are much quieter than the rest of the speech."""

    under_speech_db: float = 8.0
    """A quiet passage is at least this many dB below the level of the speech."""
    slack_db: float = 5.0
    """A quiet passage that is raised stays this many dB below the speech."""
    max_gain_db: float = 9.0
    joined_gap_s: float = 0.6
    """Maximum length of a pause within a quiet passage."""
    shortest_s: float = 0.5


QUIET_PASSAGE = QuietPassageThresholds()


@dataclass(frozen=True, slots=True)
class VoicelessThresholds:
    """Thresholds for voiceless noises that the speech detector mistakes for words."""

    longest_s: float = 0.6
    edge_burst_s: float = 0.2
    """A voiceless burst at the edge of a word counts as a breath if it is at least this long, and room tone
    separates it from the word. An s before a stop consonant lasts only 0.1 to 0.15 s."""
    dip_s: float = 0.04
    """Minimum length of the room tone between the burst and the word."""
    dip_over_noise_db: float = 6.0


VOICELESS = VoicelessThresholds()


@dataclass(frozen=True, slots=True)
class Event:
    """An event in the audio, such as a plosive or a breath; positions are frames of 10 ms."""

    start: int
    end: int
    level_db: float
    """Level in dB, relative to the mean power of the speech."""

    @property
    def span(self) -> Span:
        """The event's span in seconds."""
        return Span(self.start * FRAME_S, self.end * FRAME_S)


def speech_power(features: FrameFeatures) -> float:
    """Return the mean square of the speech, ignoring frames that are more than 20 dB below the mean.

    If nobody speaks, the whole audio is used.
    """
    power = features.power[features.spoken] if features.spoken.any() else features.power
    mean = float(power.mean(dtype=np.float64))
    return float(power[power > mean / 100].mean(dtype=np.float64)) if mean > 0 else 0.0


def noise_power(features: FrameFeatures) -> float | None:
    """Return the mean square of the noise between words; None if there are too few frames to tell."""
    near = _convolved(features.spoken, np.ones(7)) > 0
    silent = features.power[~near]
    if len(silent) >= 20:
        return float(np.quantile(silent, 0.3))
    if features.frames >= 100:  # between the syllables
        return float(np.quantile(features.power, 0.03))
    return None


def word_mask(features: FrameFeatures) -> NDArray[np.bool_]:
    """Mark the frames of speech, without the breaths that the detector mistakes for words; shape (frames,).

    A short burst without voiced frames is left out if it stands alone. A burst at the edge of a word is left
    out if it is too long for a consonant and room tone separates it from the word.
    """
    spoken = features.spoken.copy()
    noise = noise_power(features)
    quiet = features.power < (noise or 0.0) * 10 ** (VOICELESS.dip_over_noise_db / 10)
    for start, end in runs(features.spoken):
        if _voiceless(features, start, end):
            spoken[start:end] = False
            continue
        dips = [
            (start + a, start + b) for a, b in runs(quiet[start:end]) if (b - a) * FRAME_S >= VOICELESS.dip_s
        ]
        for first, last in ((start, dips[0][0]), (dips[-1][1], end)) if dips else ():
            if (last - first) * FRAME_S >= VOICELESS.edge_burst_s and _voiceless(features, first, last):
                spoken[first:last] = False
    return spoken


def _voiceless(features: FrameFeatures, start: int, end: int) -> bool:
    short = 0 < (end - start) * FRAME_S < VOICELESS.longest_s
    return short and bool(np.quantile(features.flatness[start:end], 0.25) > BREATH.flatness)


def _usual_low(features: FrameFeatures) -> float:
    """Return the 95th percentile, over all speech frames, of the level of the band below 90 Hz, in dB."""
    return float(np.quantile(power_to_db(features.low[features.spoken]), 0.95))


def find_plosives(features: FrameFeatures) -> list[Event]:
    """Find bursts of air against the microphone."""
    if not features.spoken.any():
        return []
    low, speech_db = power_to_db(features.low), one_power_to_db(speech_power(features))
    burst = (low > _usual_low(features) + PLOSIVE.over_usual_db) & (low > speech_db - PLOSIVE.under_speech_db)
    burst &= features.low > 0.7 * features.power
    return [
        Event(start, end, float(low[start:end].max()) - speech_db)
        for start, end in runs(_closed(burst, 3))
        if (end - start) * FRAME_S <= PLOSIVE.longest_s
    ]


def plosive_curve(features: FrameFeatures, found: Sequence[Event]) -> Curve:
    """Compute the gain for the band below 90 Hz that softens plosives."""
    cut = np.zeros(features.frames)
    low, usual = power_to_db(features.low), _usual_low(features)
    for event in found:
        at = slice(max(0, event.start - 2), event.end + 2)
        cut[at] = -min(PLOSIVE.max_cut_db, float(low[event.start : event.end].max()) - usual)
    return smooth_curve(cut, 3)


def find_breaths(features: FrameFeatures) -> list[Event]:
    """Find breaths between phrases."""
    noise = noise_power(features)
    if noise is None or not features.spoken.any():
        return []
    level = power_to_db(_convolved(features.power, np.ones(3) / 3))
    speech_db, floor = one_power_to_db(speech_power(features)), one_power_to_db(noise)
    breath = ~word_mask(features) & (level > floor + BREATH.over_noise_db)
    breath &= (level > speech_db - BREATH.under_speech_db[1]) & (
        level < speech_db - BREATH.under_speech_db[0]
    )
    breath &= _convolved(features.flatness, np.ones(5) / 5) > BREATH.flatness
    near = _convolved(features.spoken, np.ones(2 * round(BREATH.near_s / FRAME_S) + 1)) > 0
    found = []
    for start, end in runs(_closed(breath, 4)):
        if BREATH.seconds[0] <= (end - start) * FRAME_S <= BREATH.seconds[1] and near[start:end].any():
            power = float(features.power[start:end].mean())
            found.append(Event(start, end, one_power_to_db(power) - speech_db))
    return found


def breath_curve(features: FrameFeatures, found: Sequence[Event], before: FrameFeatures) -> Curve:
    """Compute the gain that turns breaths down by 6 to 12 dB in total.

    The reduction that denoising has already made is counted toward this total.

    Args:
        features: Features of the audio to be changed, after denoising.
        found: The breaths.
        before: Features of the audio in which the breaths were found.
    """
    cut = np.zeros(features.frames)
    spoken = word_mask(before)
    for event in found:
        wanted = float(np.clip(event.level_db - BREATH.aim_db, *BREATH.cut_db))
        was, now = (float(each.power[event.start : event.end].mean()) for each in (before, features))
        done = one_power_to_db(was) - one_power_to_db(now)
        # Two more frames on each side for the ramps, but not within a word.
        at = np.arange(max(0, event.start - 2), min(features.frames, event.end + 2))
        cut[at[~spoken[at]]] = -max(0.0, wanted - max(0.0, done))
    return smooth_curve(cut, 5)


def sibilance_db(features: FrameFeatures) -> float | None:
    """Return the level of the band above 5 kHz in the sharpest s sounds, in dB relative to the speech.

    None if nobody speaks.
    """
    if not features.spoken.any():
        return None
    level = power_to_db(features.sibilant[features.spoken])
    return float(np.quantile(level, SIBILANCE.level_quantile)) - one_power_to_db(speech_power(features))


def find_sibilants(features: FrameFeatures, over_db: float = SIBILANCE.sharp_db) -> list[Event]:
    """Find s sounds in which the band above 5 kHz exceeds the level of the speech by more than `over_db`."""
    level = power_to_db(features.sibilant) - one_power_to_db(speech_power(features))
    return [
        Event(a, b, float(level[a:b].max())) for a, b in runs(_closed((level > over_db) & features.spoken, 3))
    ]


def sibilant_curve(features: FrameFeatures) -> Curve:
    """Compute the gain for the band above 5 kHz that softens s sounds."""
    over = power_to_db(features.sibilant) - one_power_to_db(speech_power(features)) - SIBILANCE.aim_db
    return smooth_curve(-np.minimum(SIBILANCE.ratio * np.maximum(0, over), SIBILANCE.max_cut_db), 3)


def find_quiet_passages(features: FrameFeatures) -> list[Event]:
    """Find passages of speech that are much quieter than the rest of the speech."""
    if not features.spoken.any():
        return []
    speech_db = one_power_to_db(speech_power(features))
    found = []
    for start, end in runs(_closed(word_mask(features), round(QUIET_PASSAGE.joined_gap_s / FRAME_S))):
        if (end - start) * FRAME_S < QUIET_PASSAGE.shortest_s:
            continue
        power = features.power[start:end][features.spoken[start:end]]
        level = one_power_to_db(float(power[power >= power.max() / 1000].mean()))
        if level < speech_db - QUIET_PASSAGE.under_speech_db:
            found.append(Event(start, end, level - speech_db))
    return found


def quiet_passage_curve(features: FrameFeatures, found: Sequence[Event]) -> Curve:
    """Compute the gain that raises quiet passages to `slack_db` below the speech, with ramps of 0.25 s."""
    raised = np.zeros(features.frames)
    for event in found:
        at = slice(max(0, event.start - 12), event.end + 12)
        raised[at] = min(QUIET_PASSAGE.max_gain_db, -event.level_db - QUIET_PASSAGE.slack_db)
    return smooth_curve(raised, 25)


def _convolved(values: NDArray[Any], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weighted sum of the values around each frame, with zeros beyond the ends."""
    middle = len(weights) // 2
    return np.asarray(np.convolve(values, weights)[middle : middle + len(values)])


def _closed(mask: NDArray[np.bool_], gap: int) -> NDArray[np.bool_]:
    """Fill gaps of up to `gap` frames between true frames."""
    filled = mask.copy()
    for (_, end), (start, _) in pairwise(runs(mask)):
        if start - end <= gap:
            filled[end:start] = True
    return filled
