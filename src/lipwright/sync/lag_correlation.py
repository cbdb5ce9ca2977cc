"""Correlate the motion of a mouth with the motion expected from the audio (the target) at every lag.

A curve is one feature of the mouth, or one channel of the target, over time. Six pairs of curves are compared
at lags of up to two seconds in either direction, and their normalized cross-correlations are averaged. In
videos of real people, the mouth opening alone is not enough: width and rounding are as important as the
opening. All sums are stored per block of the video, so that windows, drift and the bootstrap interval are
computed from the same numbers.

Unrelated curves also correlate by chance, slow and regular curves most of all. Therefore the height of a peak
is divided by the standard deviation of this chance correlation. Bartlett's formula computes the standard
deviation from the autocorrelations of the curves (Bartlett, 1946; for several pairs: Hannan, Multiple Time
Series, 1970). One threshold then serves short and long videos, and real and drawn mouths;
`benchmarks.sync_chance` measures how often unrelated speech exceeds it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.time import Span
from lipwright.motion.visemes import CURVE_RATE_HZ
from lipwright.sync.mouth_track import MouthTrack
from lipwright.sync.target_motion import TargetMotion

Floats = NDArray[np.float64]

MOTION_BAND_HZ = (1.0, 3.0, 8.0, 11.0)
"""Band-pass, in Hz, for measuring the amount of motion: the gain rises from the first frequency to the second
and falls from the third to the fourth. It keeps syllables and phones, and removes posture and jitter."""
COMPARED_BAND_HZ = (0.4, 0.8, 5.5, 7.5)
"""Band-pass, in Hz, for the curves that are correlated: the gain rises from the first frequency to the second
and falls from the third to the fourth. In this band real lips follow their audio with a mean correlation of
0.3 to 0.6; above 8 Hz the correlation is 0.1 or less."""
LIFT_EXPONENT = 0.75
"""Exponent of the frequency weighting of the compared curves: the gain is frequency ** LIFT_EXPONENT. It
flattens the spectrum of speech in COMPARED_BAND_HZ, so that slow and fast motion count equally and chance
correlations are smallest."""
MAX_LAG_MS = 2000
"""Largest lag, in either direction, at which curves are correlated. Offsets are searched only up to
MAX_OFFSET_MS; the larger lags are needed if the video drifts."""
MAX_OFFSET_MS = 800
"""Largest offset that is reported. A larger offset means that the audio does not belong to the lips, not that
the sync is poor."""
PEAK_HALF_WIDTH_MS = 220
"""Distance from a peak within which lags belong to that peak."""
BLOCK_SECONDS = 1.0
MAX_BLOCKS = 720
"""Maximum number of blocks. Longer videos get longer blocks, so that memory does not grow."""
MAX_GAP_SECONDS = 0.25
"""Longest interval without a visible mouth that is bridged by interpolation."""
MAX_DEVIATIONS = 4.0
"""Number of robust standard deviations at which features are clipped, so that a jump does not outweigh the
speech."""
SPEECH_MARGIN_SECONDS = 0.9
"""The comparison also includes this much time before and after each span of speech: with a large offset, the
lips move then, and not during the speech in the audio."""

MIN_CONFIDENCE = 0.5
"""Minimum confidence at which an offset is reported."""
HALF_CONFIDENCE_Z = 3.8
"""Height of a peak at which the confidence is 0.5, in standard deviations of the chance correlation. The
highest peak of unrelated speech within MAX_OFFSET_MS exceeds this value in 1 of 50 synthetic videos and 1 of
150 clips of real videos (`benchmarks.sync_chance`)."""
HALF_CONFIDENCE_Z_DRIFT = 4.4
"""`HALF_CONFIDENCE_Z` for a search that includes drifts. Such a search has twelve times as many candidates,
so a chance peak higher than z is twelve times as likely. The probability of such a peak falls with
exp(-z**2 / 2). To make up for the factor, z**2 / 2 must be larger by ln 12 than for HALF_CONFIDENCE_Z."""
HALF_CONFIDENCE_Z_LOCAL = 2.7
"""`HALF_CONFIDENCE_Z` for a search near a known offset."""
LOG_ODDS_PER_Z = 3.0
"""Amount by which the log odds of the confidence increase if the z-score of the peak increases by 1
(`benchmarks.sync_chance`)."""
MIN_CHANCE_DEVIATION = 0.05
"""Lower limit of `LagCorrelation.chance_deviation`, so that z-scores stay finite; speech has 0.11 to 0.25."""
AUTOCORRELATION_SECONDS = 1.0
"""Maximum lag of the autocorrelations in Bartlett's formula; speech has no rhythm longer than that."""

STEP_MS = 1000 / CURVE_RATE_HZ
LAGS_MS = np.arange(-MAX_LAG_MS, MAX_LAG_MS + STEP_MS, STEP_MS)
"""Lags at which curves are correlated; positive: the audio comes after the lips."""
SEARCHED = np.abs(LAGS_MS) <= MAX_OFFSET_MS

PAIRS = (
    ("gap", "opening", 1.0),
    ("outer", "opening", 1.0),
    ("corners", "width", 1.0),
    ("corners", "rounding", -1.0),
    ("rounding", "rounding", 1.0),
    ("press", "press", 0.5),
)
"""Pairs of curves that are compared: mouth feature, target curve, and signed weight."""
WEIGHTS = np.array([abs(weight) for *_, weight in PAIRS])


@dataclass(frozen=True, slots=True)
class LagCorrelation:
    """Products of mouth and target motion at every lag, per block of the video."""

    centers: Floats
    """Time of the center of each block, in seconds, shape (blocks,)."""
    speech: Floats
    """Length of the speech in each block while the mouth is visible, in seconds, shape (blocks,)."""
    compared: Floats
    """Length of the compared part of each block, in seconds, shape (blocks,): the part near speech in which
    the mouth is visible."""
    chance_deviation: float
    """Standard deviation of the correlation that unrelated curves of one second have by chance, if they have
    the spectra of this mouth and this target. For n seconds, divide it by sqrt(n)."""
    products: NDArray[np.float32]
    """Products of mouth curve and target curve, summed over each block, shape (blocks, pairs, lags)."""
    mouth_energy: NDArray[np.float32]
    """Energy of the mouth features where the target is defined, shape (blocks, pairs, lags)."""
    target_energy: NDArray[np.float32]
    """Energy of the target where the mouth is visible, shape (blocks, pairs, lags)."""

    def block_shares(self) -> Floats:
        """Return the contribution of each block to `correlation()`, shape (blocks, lags)."""
        energy = _energy(self.mouth_energy.sum(0), self.target_energy.sum(0))
        return np.asarray(np.einsum("bpl,p->bl", self.products / energy, WEIGHTS / WEIGHTS.sum()))

    def correlation(self, weights: Floats | None = None) -> Floats:
        """Return the mean normalized cross-correlation of the pairs at each lag.

        Args:
            weights: Weights of the blocks, shape (blocks,), or n sets of such weights, shape (n, blocks);
                None for equal weights.

        Returns:
            Shape (lags,), or (n, lags) for n sets of weights.
        """
        w = np.ones(len(self.centers)) if weights is None else weights
        w = w.astype(np.float32)  # float32 like the sums, which is twice as fast
        parts = (self.products, self.mouth_energy, self.target_energy)
        products, mouth, target = (np.tensordot(w, part, (-1, 0)) for part in parts)
        return np.asarray(np.tensordot(products / _energy(mouth, target), WEIGHTS / WEIGHTS.sum(), (-2, 0)))

    def z_score(self, height: float, weights: Floats | None = None) -> float:
        """Return the height of a peak in standard deviations of the chance correlation.

        Args:
            height: Correlation at the peak.
            weights: The block weights with which `height` was computed, shape (blocks,); None: all are equal.
        """
        seconds = float(self.compared.sum() if weights is None else self.compared @ weights)
        return height * float(np.sqrt(seconds)) / max(self.chance_deviation, MIN_CHANCE_DEVIATION)


@dataclass(frozen=True, slots=True)
class Peak:
    """The highest correlation and its lag."""

    offset_ms: float
    height: float
    """Correlation at the peak, averaged over all pairs."""


def correlate_lags(track: MouthTrack, cuts: tuple[int, ...], target: TargetMotion) -> LagCorrelation:
    """Compare one person's mouth with the target motion at every lag.

    Args:
        track: The mouth; its times have the same origin as those of the target.
        cuts: First frames of new shots.
        target: The motion expected from the audio.
    """
    curves = {name: _flattened(getattr(target, name)) for name in ("opening", "width", "rounding", "press")}
    last = float(track.seconds[-1]) if len(track.seconds) else 0.0
    count = max(2, int(last * CURVE_RATE_HZ) + 1)
    at = np.arange(count) / CURVE_RATE_HZ
    segment = _segments(track, cuts)
    near_speech, in_speech = (_within(target.speech, at, margin) for margin in (SPEECH_MARGIN_SECONDS, 0.0))
    block = max(round(BLOCK_SECONDS * CURVE_RATE_HZ), -(-count // MAX_BLOCKS))
    starts = np.arange(0, count, block)
    shape = (len(starts), len(PAIRS), len(LAGS_MS))
    products, mouth_energy, target_energy = (np.zeros(shape, np.float32) for _ in range(3))
    reach = round(MAX_LAG_MS / STEP_MS)
    defined = _padded(np.ones(len(target.curves)), count, reach)
    features = {name: _resampled(track, name, segment, at) for name in {pair[0] for pair in PAIRS}}
    visible = features[PAIRS[0][0]][1]
    compared = visible * near_speech
    mouth = np.stack([features[feature][0] * near_speech * np.sign(sign) for feature, _, sign in PAIRS])
    for p, (m, (_, curve, _)) in enumerate(zip(mouth, PAIRS, strict=True)):
        e = _padded(curves[curve], count, reach)
        squared = m * m
        for k in range(len(LAGS_MS)):
            ek, defined_k = e[k : k + count], defined[k : k + count]
            products[:, p, k] = np.add.reduceat(m * ek, starts)
            mouth_energy[:, p, k] = np.add.reduceat(squared * defined_k, starts)
            target_energy[:, p, k] = np.add.reduceat(ek * ek * compared, starts)
    return LagCorrelation(
        centers=(starts + np.minimum(starts + block, count)) / 2 / CURVE_RATE_HZ,
        speech=np.add.reduceat(visible * in_speech, starts) / CURVE_RATE_HZ,
        compared=np.add.reduceat(compared, starts) / CURVE_RATE_HZ,
        chance_deviation=_chance_deviation(mouth, np.stack([curves[curve] for _, curve, _ in PAIRS])),
        products=products,
        mouth_energy=mouth_energy,
        target_energy=target_energy,
    )


def find_peak(correlation: Floats, searched: NDArray[np.bool_] = SEARCHED) -> Peak:
    """Find the highest correlation, interpolated between lags by a parabola.

    Args:
        correlation: Shape (lags,).
        searched: True for the lags to search, shape (lags,); by default those within MAX_OFFSET_MS.
    """
    top = int(np.argmax(np.where(searched, correlation, -np.inf)))
    shift = 0.0
    if 0 < top < len(correlation) - 1:
        before, here, after = correlation[top - 1 : top + 2]
        bend = before - 2 * here + after
        shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
    offset = LAGS_MS[top] + float(np.clip(shift, -0.5, 0.5)) * STEP_MS
    return Peak(offset_ms=float(offset), height=float(correlation[top]))


def confidence_from_z(z_score: float, half_confidence_z: float = HALF_CONFIDENCE_Z) -> float:
    """Return the confidence of a peak, 0..1: a logistic function of its z-score (see `z_score`)."""
    return float(0.5 + 0.5 * np.tanh(0.5 * LOG_ODDS_PER_Z * (z_score - half_confidence_z)))


def motion_band(curve: Floats) -> Floats:
    """Band-pass a curve at CURVE_RATE_HZ, shape (n,), to MOTION_BAND_HZ without delay."""
    return _filtered(curve, MOTION_BAND_HZ, 0.0)


def _flattened(curve: Floats) -> Floats:
    """Band-pass a curve to COMPARED_BAND_HZ and flatten its spectrum, without delay."""
    return _filtered(curve, COMPARED_BAND_HZ, LIFT_EXPONENT)


def _chance_deviation(mouth: Floats, target: Floats) -> float:
    """Return the standard deviation of the correlation that unrelated curves of one second have by chance.

    The correlation is the weighted mean over all pairs.

    By Bartlett's formula, the correlations of two pairs p and q over n samples have the covariance
    (sum over all lags k of M[k] * T[k]) / n. M[k] is the correlation of the mouth curve of p at sample t with
    the mouth curve of q at sample t + k. T[k] is the same correlation for the target curves.

    Args:
        mouth: Mouth curves, shape (pairs, n); 0 where the mouth is not visible.
        target: Target curves, shape (pairs, m).
    """
    weights = WEIGHTS / WEIGHTS.sum()
    lags = min(round(AUTOCORRELATION_SECONDS * CURVE_RATE_HZ), mouth.shape[1], target.shape[1])
    variance = 0.0
    for lag in range(lags):
        both = _lagged(mouth, lag) * _lagged(target, lag)
        taper = 0.5 + 0.5 * np.cos(np.pi * lag / lags)  # at large lags there is mostly estimation noise
        variance += (2.0 if lag else 1.0) * taper * float(weights @ both @ weights)
    return float(np.sqrt(max(variance, 0.0) / CURVE_RATE_HZ))


def _lagged(curves: Floats, lag: int) -> Floats:
    """Return the lagged correlations of all pairs of curves, shape (curves, curves).

    Element (i, j) is the correlation of curve i at sample t with curve j at sample t + `lag`.
    """
    size = np.sqrt(np.square(curves).sum(-1)) + 1e-12
    return np.asarray(curves[:, : curves.shape[1] - lag] @ curves[:, lag:].T / np.outer(size, size))


def _energy(mouth: Floats, target: Floats) -> Floats:
    """Return the geometric mean of mouth and target energy.

    The result has a lower limit, because the compared parts of the curves overlap little at some lags.
    """
    energy = np.sqrt(np.maximum(mouth * target, 0))
    return np.asarray(np.maximum(energy, 1e-9 + 0.05 * energy.mean(-1, keepdims=True)))


def _filtered(curve: Floats, band_hz: tuple[float, float, float, float], exponent: float) -> Floats:
    """Apply a zero-phase band-pass with raised-cosine edges and a gain of frequency ** exponent."""
    n = len(curve)
    pad = min(n - 1, 2 * CURVE_RATE_HZ)
    mirrored = np.pad(curve, pad, mode="reflect") if pad > 0 else curve
    f = np.fft.rfftfreq(len(mirrored), 1 / CURVE_RATE_HZ)
    a, b, c, d = band_hz
    rise = 0.5 - 0.5 * np.cos(np.pi * np.clip((f - a) / (b - a), 0, 1))
    fall = 0.5 + 0.5 * np.cos(np.pi * np.clip((f - c) / (d - c), 0, 1))
    out = np.fft.irfft(np.fft.rfft(mirrored) * rise * fall * f**exponent, len(mirrored))
    return np.asarray(out[pad : pad + n])


def _segments(track: MouthTrack, cuts: tuple[int, ...]) -> NDArray[np.int64]:
    """Return the index of each frame's segment, shape (n,); -1 where the face is not visible.

    A new segment starts at each cut, and after the face was invisible for more than MAX_GAP_SECONDS.
    """
    number = np.full(len(track.seconds), -1)
    current, last = -1, -1e9
    starts = set(cuts)
    for i in np.flatnonzero(track.visible):
        if current < 0 or i in starts or track.seconds[i] - last > MAX_GAP_SECONDS:
            current += 1
        number[i], last = current, track.seconds[i]
    return number


def _within(spans: tuple[Span, ...], at: Floats, margin: float) -> Floats:
    """Return 1 for the times within `margin` seconds of a span of speech, else 0.

    Without any spans, the result is 1 everywhere, so that the whole video is compared.
    """
    if not spans:
        return np.ones(len(at))
    inside = np.zeros(len(at))
    for span in spans:
        inside[(at >= span.start - margin) & (at < span.end + margin)] = 1
    return inside


def _resampled(track: MouthTrack, name: str, segment: NDArray[np.int64], at: Floats) -> tuple[Floats, Floats]:
    """Resample a feature to the times `at` (at CURVE_RATE_HZ), and flatten its spectrum.

    Returns:
        The resampled feature, and 1 where the feature is known, else 0. Each has the shape of `at`.
    """
    values = track.feature(name)
    out, known = np.zeros(len(at)), np.zeros(len(at))
    for number in range(int(segment.max(initial=-1)) + 1):
        rows = np.flatnonzero(segment == number)
        if len(rows) < 3:
            continue
        times, here = track.seconds[rows], values[rows]
        middle = np.median(here)
        spread = 1.4826 * np.median(np.abs(here - middle)) or float(here.std()) or 1.0
        here = np.clip(here - middle, -MAX_DEVIATIONS * spread, MAX_DEVIATIONS * spread)
        span = slice(int(np.searchsorted(at, times[0])), int(np.searchsorted(at, times[-1], "right")))
        out[span] = np.interp(at[span], times, here - here.mean())
        known[span] = 1
    return _flattened(out) * known, known


def _padded(curve: Floats, count: int, reach: int) -> Floats:
    """Trim a curve, or pad it with zeros, to the length of the video plus a margin on each side.

    Args:
        curve: The curve, which starts with the video.
        count: Length of the video in samples.
        reach: Length of each margin in samples.

    Returns:
        Shape (count + 2 * reach,).
    """
    out = np.zeros(count + 2 * reach)
    kept = curve[: count + reach]
    out[reach : reach + len(kept)] = kept
    return out
