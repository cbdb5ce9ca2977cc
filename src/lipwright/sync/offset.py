"""How far audio and lips are apart: correlation of what a mouth does with what it should do.

Six pairs of curves are compared over lags of two seconds each way and their normalised
cross-correlations averaged: opening alone is not enough on real people, width and rounding
carry as much. All sums are kept per block of the video, so that windows, drift and the interval
(by drawing blocks again) come from the same numbers.

How sure a peak is: its height in deviations of what chance does with these very curves. Two
curves that have nothing to do with each other still correlate, the more, the slower and the more
regular both are; Bartlett's formula gives the deviation of that from the autocorrelations of
both (Bartlett, 1946; for several pairs Hannan, Multiple Time Series, 1970). So one threshold
serves short videos and long ones, lively mouths and drawn ones; benchmarks/sync_chance.py
measures it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.time import Span
from lipwright.motion.visemes import CURVE_RATE_HZ
from lipwright.sync.mouth import MouthTrack
from lipwright.sync.target_motion import Expectation

Floats = NDArray[np.float64]

BAND_HZ = (1.0, 3.0, 8.0, 11.0)
"""Rise and fall of the band in which a mouth's motion is measured: syllables and sounds, not posture nor
jitter."""
COMPARED_HZ = (0.4, 0.8, 5.5, 7.5)
"""The same for what is compared: here real lips go with their audio (mean correlation 0.3 to 0.6 for
opening, width and rounding alike); over 8 Hz it is 0.1, and less for width and rounding."""
LIFT = 0.75
"""Power of the frequency by which compared curves are weighted. Speech's curves fall about so in that
band: lifted, slow and fast count alike, and chance has least to correlate."""
REACH_MS = 2000
"""Lags looked at each way: the near ones for the peak, the far ones where a video drifts."""
SEARCH_MS = 800
"""Offsets that can be found. Larger ones are no lip sync fault but another recording."""
PEAK_MS = 220
"""Half width of a peak: what lies nearer belongs to it."""
BLOCK_SECONDS = 1.0
MOST_BLOCKS = 720
"""Longer videos have longer blocks, so that memory does not grow with length."""
GAP_SECONDS = 0.25
"""A mouth unseen for longer is not interpolated."""
OUTLIER = 4.0
"""Deviations at which a feature is clipped: a jump must not outweigh the speech around it."""
SPEECH_MARGIN_SECONDS = 0.9
"""Around speech the mouth is looked at too, or a large offset would lose its ends; elsewhere a
mouth in silence says nothing."""

SURE_Z = 3.8
"""Deviations of chance at which a peak is as likely as not: within SEARCH_MS foreign speech passes it in
1 of 50 drawn videos and 1 of 150 filmed pieces (benchmarks/sync_chance.py)."""
SURE_Z_SLOPED = 4.4
"""The same where slopes were tried too: a dozen times as many chances add ln 12 to half its square."""
SURE_Z_NEARBY = 2.7
"""The same where only the lags around a known offset are looked at."""
Z_SLOPE = 3.0
"""Log odds by which a peak gets likelier with each deviation more."""
SURE = 0.5
"""Confidence below which nothing is claimed."""
LEAST_CHANCE = 0.05
"""Deviation of one second's correlation that is never fallen below, however rough the curves: speech's
have 0.11 to 0.25."""
MEMORY_SECONDS = 1.0
"""Over which a curve's autocorrelation counts: a longer rhythm is none of speech."""

STEP_MS = 1000 / CURVE_RATE_HZ
LAGS_MS = np.arange(-REACH_MS, REACH_MS + STEP_MS, STEP_MS)
"""Positive: the audio comes after the lips."""
NEAR = np.abs(LAGS_MS) <= SEARCH_MS

PAIRS = (
    ("gap", "opening", 1.0),
    ("outer", "opening", 1.0),
    ("corners", "width", 1.0),
    ("corners", "rounding", -1.0),
    ("rounding", "rounding", 1.0),
    ("press", "press", 0.5),
)
"""A mouth feature, the expected curve, and the pair's weight with its sign."""
WEIGHTS = np.array([abs(weight) for *_, weight in PAIRS])


@dataclass(frozen=True, slots=True)
class Evidence:
    """Products of mouth and expectation at every lag, by block of the video."""

    centres: Floats
    """Shape (blocks,): seconds."""
    speech: Floats
    """Shape (blocks,): seconds of speech with a mouth to it."""
    compared: Floats
    """Shape (blocks,): seconds of mouth that were compared, those near speech."""
    chance: float
    """Deviation of the correlation of unrelated curves like these, of one second; it falls with the root
    of the seconds compared."""
    products: NDArray[np.float32]
    """Shape (blocks, pairs, lags)."""
    mouth: NDArray[np.float32]
    """Energy of the mouth features where an expectation stands against them; the same shape."""
    expected: NDArray[np.float32]
    """Energy of the expectation where a mouth stands against it."""

    def shares(self) -> Floats:
        """Each block's part of `correlation`, shape (blocks, lags): they add up to it."""
        energy = _energy(self.mouth.sum(0), self.expected.sum(0))
        return np.asarray(np.einsum("bpl,p->bl", self.products / energy, WEIGHTS / WEIGHTS.sum()))

    def correlation(self, weights: Floats | None = None) -> Floats:
        """Mean normalised cross-correlation of the pairs at each lag, shape (lags,).

        Args:
            weights: Of the blocks, shape (blocks,) or (n, blocks); None is all alike.

        Returns:
            Shape (lags,), or (n, lags).
        """
        w = np.ones(len(self.centres)) if weights is None else weights
        w = w.astype(np.float32)  # as the sums are: twice as fast
        sums = [np.tensordot(w, part, (-1, 0)) for part in (self.products, self.mouth, self.expected)]
        return _normalised(*sums)

    def deviations(self, height: float, weights: Floats | None = None) -> float:
        """How high a peak stands, in deviations of what chance does over the seconds compared.

        Args:
            height: A correlation.
            weights: Of the blocks, shape (blocks,), as the correlation's; None is all alike.
        """
        seconds = float(self.compared.sum() if weights is None else self.compared @ weights)
        return height * float(np.sqrt(seconds)) / max(self.chance, LEAST_CHANCE)


@dataclass(frozen=True, slots=True)
class Peak:
    """Where a correlation is highest."""

    offset_ms: float
    height: float
    """The correlation there, mean over the pairs."""


def gather(track: MouthTrack, cuts: tuple[int, ...], expected: Expectation) -> Evidence:
    """Compare one person's mouth with an expectation at every lag.

    Args:
        track: The mouth; its instants and the expectation's begin together.
        cuts: Frames at which a new shot begins.
        expected: What the audio asks for.
    """
    curves = {name: _levelled(getattr(expected, name)) for name in ("opening", "width", "rounding", "press")}
    last = float(track.seconds[-1]) if len(track.seconds) else 0.0
    count = max(2, int(last * CURVE_RATE_HZ) + 1)
    at = np.arange(count) / CURVE_RATE_HZ
    segment = _segments(track, cuts)
    near_speech, in_speech = (_within(expected.speech, at, margin) for margin in (SPEECH_MARGIN_SECONDS, 0.0))
    block = max(round(BLOCK_SECONDS * CURVE_RATE_HZ), -(-count // MOST_BLOCKS))
    starts = np.arange(0, count, block)
    shape = (len(starts), len(PAIRS), len(LAGS_MS))
    products, mouth, against = (np.zeros(shape, np.float32) for _ in range(3))
    reach = round(REACH_MS / STEP_MS)
    there = _padded(np.ones(len(expected.curves)), count, reach)
    moved = {name: _resampled(track, name, segment, at) for name in {pair[0] for pair in PAIRS}}
    known = moved[PAIRS[0][0]][1]
    valid = known * near_speech
    lips = np.stack([moved[feature][0] * near_speech * np.sign(sign) for feature, _, sign in PAIRS])
    for p, (m, (_, curve, _)) in enumerate(zip(lips, PAIRS, strict=True)):
        e = _padded(curves[curve], count, reach)
        squared = m * m
        for k in range(len(LAGS_MS)):
            ek, tk = e[k : k + count], there[k : k + count]
            products[:, p, k] = np.add.reduceat(m * ek, starts)
            mouth[:, p, k] = np.add.reduceat(squared * tk, starts)
            against[:, p, k] = np.add.reduceat(ek * ek * valid, starts)
    centres = (starts + np.minimum(starts + block, count)) / 2 / CURVE_RATE_HZ
    speech, compared = (np.add.reduceat(each, starts) / CURVE_RATE_HZ for each in (known * in_speech, valid))
    chance = _chance(lips, np.stack([curves[curve] for _, curve, _ in PAIRS]))
    return Evidence(centres, speech, compared, chance, products, mouth, against)


def find_peak(correlation: Floats, lags: NDArray[np.bool_] = NEAR) -> Peak:
    """The highest correlation, between the lags by a parabola.

    Args:
        correlation: Shape (lags,).
        lags: Where to look, shape (lags,); those within SEARCH_MS.
    """
    near = np.where(lags, correlation, -np.inf)
    top = int(np.argmax(near))
    height = float(correlation[top])
    shift = 0.0
    if 0 < top < len(correlation) - 1:
        before, here, after = correlation[top - 1 : top + 2]
        bend = before - 2 * here + after
        shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
    offset = LAGS_MS[top] + float(np.clip(shift, -0.5, 0.5)) * STEP_MS
    return Peak(offset_ms=float(offset), height=height)


def confidence_of(deviations: float, sure_at: float = SURE_Z) -> float:
    """How sure a peak is, 0..1: half where it stands `sure_at` deviations of chance high."""
    return float(0.5 + 0.5 * np.tanh(0.5 * Z_SLOPE * (deviations - sure_at)))  # the logistic function


def _chance(mouth: Floats, expected: Floats) -> float:
    """Deviation of the pairs' mean correlation by chance alone, for one second of curves.

    The covariance of the correlations of pairs p and q is, by Bartlett, the sum over lags of
    mouth's p with q times expectation's p with q, over the length.

    Args:
        mouth: Shape (pairs, n), 0 where unknown.
        expected: Shape (pairs, m).
    """
    weights = WEIGHTS / WEIGHTS.sum()
    memory = min(round(MEMORY_SECONDS * CURVE_RATE_HZ), mouth.shape[1], expected.shape[1])
    together = 0.0
    for lag in range(memory):
        both = _lagged(mouth, lag) * _lagged(expected, lag)
        fading = 0.5 + 0.5 * np.cos(np.pi * lag / memory)  # far lags are the estimate's noise
        together += (2.0 if lag else 1.0) * fading * float(weights @ both @ weights)
    return float(np.sqrt(max(together, 0.0) / CURVE_RATE_HZ))


def _lagged(curves: Floats, lag: int) -> Floats:
    """Correlation of each curve with each `lag` samples later, shape (curves, curves)."""
    size = np.sqrt(np.square(curves).sum(-1)) + 1e-12
    return np.asarray(curves[:, : curves.shape[1] - lag] @ curves[:, lag:].T / np.outer(size, size))


def _normalised(products: Floats, mouth: Floats, expected: Floats) -> Floats:
    """Mean over pairs, last axis but one, of products over the root of the energies."""
    each = products / _energy(mouth, expected)
    return np.asarray(np.tensordot(each, WEIGHTS / WEIGHTS.sum(), (-2, 0)))


def _energy(mouth: Floats, expected: Floats) -> Floats:
    """The root of both energies; lags that hardly overlap are not blown up."""
    energy = np.sqrt(np.maximum(mouth * expected, 0))
    floor = 1e-9 + 0.05 * energy.mean(-1, keepdims=True)
    return np.asarray(np.maximum(energy, floor))


def band_passed(curve: Floats) -> Floats:
    """A curve, shape (n,) at CURVE_RATE_HZ, within BAND_HZ, without delay (raised cosine edges)."""
    return _filtered(curve, BAND_HZ, 0.0)


def _levelled(curve: Floats) -> Floats:
    """A curve at CURVE_RATE_HZ within COMPARED_HZ, lifted by LIFT, without delay."""
    return _filtered(curve, COMPARED_HZ, LIFT)


def _filtered(curve: Floats, band_hz: tuple[float, float, float, float], lift: float) -> Floats:
    n = len(curve)
    pad = min(n - 1, 2 * CURVE_RATE_HZ)
    mirrored = np.pad(curve, pad, mode="reflect") if pad > 0 else curve
    f = np.fft.rfftfreq(len(mirrored), 1 / CURVE_RATE_HZ)
    a, b, c, d = band_hz
    rise = 0.5 - 0.5 * np.cos(np.pi * np.clip((f - a) / (b - a), 0, 1))
    fall = 0.5 + 0.5 * np.cos(np.pi * np.clip((f - c) / (d - c), 0, 1))
    out = np.fft.irfft(np.fft.rfft(mirrored) * rise * fall * f**lift, len(mirrored))
    return np.asarray(out[pad : pad + n])


def _segments(track: MouthTrack, cuts: tuple[int, ...]) -> NDArray[np.int64]:
    """A number per frame: frames of one number follow each other without a cut or a gap; -1 unseen."""
    number = np.full(len(track.seconds), -1)
    current, last = -1, -1e9
    starts = set(cuts)
    for i, (instant, seen) in enumerate(zip(track.seconds, track.seen, strict=True)):
        if not seen:
            continue
        if current < 0 or i in starts or instant - last > GAP_SECONDS:
            current += 1
        number[i], last = current, instant
    return number


def _within(spans: tuple[Span, ...], at: Floats, margin: float) -> Floats:
    """1 inside the spans, grown by `margin` seconds, 0 elsewhere; 1 everywhere where there are none."""
    if not spans:
        return np.ones(len(at))
    inside = np.zeros(len(at))
    for span in spans:
        inside[(at >= span.start - margin) & (at < span.end + margin)] = 1
    return inside


def _resampled(track: MouthTrack, name: str, segment: NDArray[np.int64], at: Floats) -> tuple[Floats, Floats]:
    """A feature at CURVE_RATE_HZ, levelled; and where it is known, 0 or 1."""
    values = track.feature(name)
    out, known = np.zeros(len(at)), np.zeros(len(at))
    for number in range(int(segment.max(initial=-1)) + 1):
        rows = np.flatnonzero(segment == number)
        if len(rows) < 3:
            continue
        times, here = track.seconds[rows], values[rows]
        middle = np.median(here)
        spread = 1.4826 * np.median(np.abs(here - middle)) or float(here.std()) or 1.0
        here = np.clip(here - middle, -OUTLIER * spread, OUTLIER * spread)
        span = slice(int(np.searchsorted(at, times[0])), int(np.searchsorted(at, times[-1], "right")))
        out[span] = np.interp(at[span], times, here - here.mean())
        known[span] = 1
    return _levelled(out) * known, known


def _padded(curve: Floats, count: int, reach: int) -> Floats:
    """A curve from `reach` before the video's start to `reach` after its end; 0 where there is none."""
    out = np.zeros(count + 2 * reach)
    kept = curve[: count + reach]
    out[reach : reach + len(kept)] = kept
    return out
