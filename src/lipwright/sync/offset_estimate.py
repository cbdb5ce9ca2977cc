"""Estimate the offset between audio and lips, for the whole video (with its drift) and in windows of 5 s.

The confidence interval is computed by a bootstrap over the blocks of the video, so it is wide if parts of the
video disagree. A drift is found by searching for lags that grow over the video.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.sync_verdict import OffsetWindow
from lipwright.domain.time import Span
from lipwright.sync.lag_correlation import (
    HALF_CONFIDENCE_Z,
    HALF_CONFIDENCE_Z_DRIFT,
    HALF_CONFIDENCE_Z_LOCAL,
    LAGS_MS,
    MIN_CONFIDENCE,
    PEAK_HALF_WIDTH_MS,
    SEARCHED,
    STEP_MS,
    Floats,
    LagCorrelation,
    Peak,
    confidence_from_z,
    find_peak,
)

WINDOW_SECONDS = 5.0
MAX_WINDOWS = 240
RESAMPLINGS = 120
INTERVAL_PERCENTILES = (5.0, 95.0)
"""Percentiles that bound the 90 % interval."""
MIN_DRIFT_SECONDS = 4.0
"""Minimum length of speech for distinguishing a drift from an offset."""
DRIFT_STEP_MS = 10.0
"""Step between the drifts that are tried, given as the change of the lag from the middle to the end of the
video."""
MAX_DRIFT_MS_PER_S = 60.0
"""Largest drift that is searched. Video at 24 fps that is played at 25 fps drifts by 40 ms/s."""
MAX_DRIFT_SHIFT_MS = 1100.0
"""Largest drift that is tried, given as the change of the lag from the middle to the end of the video. The
limit keeps lags within MAX_LAG_MS."""
MIN_DRIFT_GAIN = 1.08
"""Minimum factor by which a drift must raise the peak of the correlation. A smaller gain is no evidence of a
drift, because an additional free parameter always improves the fit a little."""


@dataclass(frozen=True, slots=True)
class OffsetEstimate:
    """Offset between audio and lips."""

    offset_ms: float | None
    """Offset at the middle of the video; positive: the audio comes after the lips. None if it may be due to
    chance."""
    confidence: float
    """Confidence of the offset, 0..1."""
    interval_ms: tuple[float, float] | None
    """90 % confidence interval of the offset; None if the offset is None."""
    drift_ms_per_s: float | None
    """Drift; positive: the audio falls behind. 0 if the video shows no clear drift, None if the offset
    is None."""
    drift_interval: tuple[float, float] | None
    """90 % confidence interval of the drift in ms/s. None if there is too little speech, if the offset is
    None, or if the drift is the largest drift that is searched, because the true drift may be larger."""
    windows: tuple[OffsetWindow, ...]


NO_ESTIMATE = OffsetEstimate(None, 0.0, None, None, None, ())


def estimate_offset(lags: LagCorrelation) -> OffsetEstimate:
    """Estimate the offset between a mouth and its target motion, in the whole video and per window."""
    peak = find_peak(lags.correlation())
    drift = _find_drift(lags, peak) if float(lags.speech.sum()) >= MIN_DRIFT_SECONDS else None
    offset_ms, drift_ms_per_s = peak.offset_ms, 0.0
    confidence = confidence_from_z(lags.z_score(peak.height))
    if drift is not None and drift.certain:
        with_drift = confidence_from_z(lags.z_score(drift.peak.height), HALF_CONFIDENCE_Z_DRIFT)
        if with_drift >= min(confidence, MIN_CONFIDENCE):
            offset_ms, drift_ms_per_s, confidence = drift.peak.offset_ms, drift.ms_per_s, with_drift
    certain = confidence >= MIN_CONFIDENCE
    windows = _windows(lags, offset_ms, drift_ms_per_s, certain=certain)
    if not certain:
        return OffsetEstimate(None, confidence, None, None, None, windows)
    return OffsetEstimate(
        offset_ms=offset_ms,
        confidence=confidence,
        interval_ms=_interval(lags, offset_ms, drift_ms_per_s),
        drift_ms_per_s=drift_ms_per_s,
        drift_interval=drift.interval_ms_per_s if drift is not None else None,
        windows=windows,
    )


@dataclass(frozen=True, slots=True)
class _Drift:
    ms_per_s: float
    peak: Peak
    interval_ms_per_s: tuple[float, float] | None
    certain: bool


def _find_drift(lags: LagCorrelation, flat: Peak) -> _Drift:
    """Find the drift at which all blocks agree best, and its bootstrap interval."""
    times = lags.centers - _middle(lags)
    half = float(np.abs(times).max()) or 1.0
    step = DRIFT_STEP_MS / half
    steps = int(min(MAX_DRIFT_MS_PER_S, MAX_DRIFT_SHIFT_MS / half) / step)
    drifts = np.arange(-steps, steps + 1) * step
    draws = np.concatenate([np.ones((1, len(times))), _bootstrap(len(times))])
    searched = np.flatnonzero(SEARCHED)
    shares = lags.block_shares()
    heights = np.stack(
        [
            (draws @ np.take_along_axis(shares, _drifted_lags(drift, times, searched), axis=1)).max(1)
            for drift in drifts
        ]
    )
    best = heights.argmax(0)
    low, high = np.percentile(drifts[best[1:]], INTERVAL_PERCENTILES)
    drift = float(drifts[best[0]])
    at_limit = best[0] in {0, len(drifts) - 1}
    interval = None if at_limit else (float(low - step / 2), float(high + step / 2))
    peak = find_peak(_without_drift(lags, drift).correlation())
    certain = (low > 0 or high < 0) and peak.height > MIN_DRIFT_GAIN * flat.height
    return _Drift(drift, peak, interval, certain)


def _drifted_lags(drift_ms_per_s: float, times: Floats, lags: NDArray[np.intp]) -> NDArray[np.intp]:
    """Convert lags at the middle of the video to the lags that each block has under a drift.

    Args:
        drift_ms_per_s: The drift.
        times: Time of each block, in seconds from the middle of the video, shape (blocks,).
        lags: Indices into LAGS_MS, shape (lags,).

    Returns:
        Indices into LAGS_MS, shape (blocks, lags).
    """
    steps = np.round(drift_ms_per_s * times / STEP_MS).astype(int)
    return np.asarray(np.clip(lags + steps[:, None], 0, len(LAGS_MS) - 1))


def _without_drift(lags: LagCorrelation, drift_ms_per_s: float) -> LagCorrelation:
    """Return the correlations with each block's lags shifted, so that a drift is removed."""
    times = lags.centers - _middle(lags)
    source = _drifted_lags(drift_ms_per_s, times, np.arange(len(LAGS_MS)))[:, None, :]
    parts = (lags.products, lags.mouth_energy, lags.target_energy)
    moved = [np.take_along_axis(part, source, axis=2) for part in parts]
    return LagCorrelation(lags.centers, lags.speech, lags.compared, lags.chance_deviation, *moved)


def _middle(lags: LagCorrelation) -> float:
    return float((lags.centers[0] + lags.centers[-1]) / 2)


def _bootstrap(blocks: int) -> Floats:
    """Return how often each resampling draws each block, shape (RESAMPLINGS, blocks).

    Every call returns the same numbers.
    """
    rng = np.random.default_rng(0)
    return rng.multinomial(blocks, np.full(blocks, 1 / blocks), RESAMPLINGS).astype(np.float64)


def _interval(lags: LagCorrelation, offset_ms: float, drift_ms_per_s: float) -> tuple[float, float]:
    """Return the bootstrap interval of the offset, in ms."""
    straight = _without_drift(lags, drift_ms_per_s) if drift_ms_per_s else lags
    found = [find_peak(c).offset_ms for c in straight.correlation(_bootstrap(len(lags.centers)))]
    low, high = np.percentile(found, INTERVAL_PERCENTILES)
    return min(float(low), offset_ms), max(float(high), offset_ms)


def estimate_spans(
    lags: LagCorrelation, groups: Sequence[Sequence[Span]], estimate: OffsetEstimate
) -> tuple[OffsetWindow, ...]:
    """Estimate one offset for each group of spans, near the offset of the whole video.

    Args:
        lags: Correlations of the whole video.
        groups: Groups of spans in seconds, such as all spans in which one person speaks.
        estimate: Estimate of the whole video.
    """
    size = 2 * float(lags.centers[0]) if len(lags.centers) else 1.0
    found = []
    start, end = lags.centers - size / 2, lags.centers + size / 2
    for spans in groups:
        weights = np.zeros(len(lags.centers))
        for one in spans:
            weights += np.clip((np.minimum(end, one.end) - np.maximum(start, one.start)) / size, 0, 1)
        weights = np.minimum(weights, 1)
        first, last = (spans[0].start, spans[-1].end) if spans else (0.0, 0.0)
        span = Span(first, last)
        found.append(_window(lags, span, weights, estimate.offset_ms, estimate.drift_ms_per_s or 0.0))
    return tuple(found)


def _window(
    lags: LagCorrelation, span: Span, weights: Floats, offset_ms: float | None, drift_ms_per_s: float
) -> OffsetWindow:
    """Estimate the offset in the blocks whose weight is above 0.

    If the offset of the whole video is known, only lags near it are searched.
    """
    if weights.sum() <= 0:
        return OffsetWindow(span, None, 0.0)
    here = (offset_ms or 0.0) + drift_ms_per_s * (
        float(lags.centers @ weights / weights.sum()) - _middle(lags)
    )
    certain = offset_ms is not None
    searched = np.abs(LAGS_MS - here) <= PEAK_HALF_WIDTH_MS if certain else SEARCHED
    peak = find_peak(lags.correlation(weights), searched)
    half_z = HALF_CONFIDENCE_Z_LOCAL if certain else HALF_CONFIDENCE_Z
    confidence = confidence_from_z(lags.z_score(peak.height, weights), half_z)
    return OffsetWindow(span, peak.offset_ms if confidence >= MIN_CONFIDENCE else None, confidence)


def _windows(
    lags: LagCorrelation, offset_ms: float, drift_ms_per_s: float, *, certain: bool
) -> tuple[OffsetWindow, ...]:
    """Estimate the offset in windows of WINDOW_SECONDS that overlap by half.

    If the offset of the whole video is certain, only the lags around it are searched, because among fewer
    lags there are fewer peaks by chance.
    """
    centers = lags.centers
    edges = [0.0]
    for center in centers:  # blocks are consecutive from the start; the last one may be shorter
        edges.append(2 * float(center) - edges[-1])
    size = max(1, min(len(centers), round(WINDOW_SECONDS / edges[1])))
    hop = max(1, size // 2, -(-len(centers) // MAX_WINDOWS))
    starts = list(range(0, max(1, len(centers) - size + 1), hop))
    if starts[-1] + size < len(centers):
        starts.append(len(centers) - size)
    windows = []
    for start in starts:
        weights = np.zeros(len(centers))
        weights[start : start + size] = 1
        span = Span(edges[start], edges[start + size])
        windows.append(_window(lags, span, weights, offset_ms if certain else None, drift_ms_per_s))
    return tuple(windows)
