"""When audio and lips meet: the offset with its interval, by windows, and drift, from one evidence.

The interval comes from drawing the video's blocks again (bootstrap), so that it is wide where parts
of the video disagree. Drift is looked for by letting the lag grow through the video.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.sync import OffsetWindow
from lipwright.domain.time import Span
from lipwright.sync.offset import (
    LAGS_MS,
    NEAR,
    PEAK_MS,
    STEP_MS,
    SURE,
    SURE_Z,
    SURE_Z_NEARBY,
    SURE_Z_SLOPED,
    Evidence,
    Floats,
    Peak,
    confidence_of,
    find_peak,
)

WINDOW_SECONDS = 5.0
MOST_WINDOWS = 240
RESAMPLINGS = 120
INTERVAL = (5.0, 95.0)
"""Percentiles of the interval: nine in ten."""
DRIFT_SECONDS = 4.0
"""Speech from which a drift can be told from an offset."""
DRIFT_STEP_MS = 10.0
"""Slopes differ by so much between the middle of the video and its end."""
MOST_DRIFT_MS_PER_S = 60.0
"""24 frames taken for 25 is 40."""
MOST_SHIFT_MS = 1100.0
"""Between the middle and the end, whatever the slope: lags reach no further."""
DRIFT_GAIN = 1.08
"""How much higher a peak must be with a slope than without: a second number always fits a little
better."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How far audio and lips are apart: an offset only where it is sure."""

    offset_ms: float | None
    """At the middle of the video; positive: the audio comes after the lips. None: as good as chance."""
    confidence: float
    """0..1."""
    interval_ms: tuple[float, float] | None
    """Nine in ten; None where the offset is."""
    drift_ms_per_s: float | None
    """Positive: the audio falls behind. 0 where none is sure, None where the offset is."""
    drift_interval: tuple[float, float] | None
    """Nine in ten, ms/s; None where the video is too short to tell, or the offset is None."""
    windows: tuple[OffsetWindow, ...]


NOTHING = Timing(None, 0.0, None, None, None, ())
"""Nothing can be said."""


def estimate(evidence: Evidence) -> Timing:
    """How far apart a mouth and an expectation are, over the whole video and by windows.

    Args:
        evidence: What `gather` found of the two.
    """
    seconds = float(evidence.speech.sum())
    peak = find_peak(evidence.correlation())
    trend = _find_trend(evidence, peak) if seconds >= DRIFT_SECONDS else None
    offset, drift = peak.offset_ms, 0.0
    confidence = confidence_of(evidence.deviations(peak.height))
    if trend is not None and trend.sure:
        sloped = confidence_of(evidence.deviations(trend.height), SURE_Z_SLOPED)
        if sloped >= min(confidence, SURE):
            offset, drift, confidence = trend.offset_ms, trend.drift_ms_per_s, sloped
    sure = confidence >= SURE
    windows = _windows(evidence, offset, drift, sure=sure)
    if not sure:
        return Timing(None, confidence, None, None, None, windows)
    return Timing(
        offset_ms=offset,
        confidence=confidence,
        interval_ms=_interval(evidence, offset, drift),
        drift_ms_per_s=drift,
        drift_interval=trend.interval_ms_per_s if trend is not None else None,
        windows=windows,
    )


@dataclass(frozen=True, slots=True)
class _Trend:
    offset_ms: float
    height: float
    drift_ms_per_s: float
    interval_ms_per_s: tuple[float, float]
    sure: bool


def _find_trend(evidence: Evidence, flat: Peak) -> _Trend:
    """The slope at which all blocks agree best, and how sure it is by drawing blocks anew."""
    times = evidence.centres - _middle(evidence)
    half = float(np.abs(times).max()) or 1.0
    step = DRIFT_STEP_MS / half
    most = int(min(MOST_DRIFT_MS_PER_S, MOST_SHIFT_MS / half) / step)
    slopes = np.arange(-most, most + 1) * step
    draws = np.concatenate([np.ones((1, len(times))), _draws(len(times))])
    lags = np.flatnonzero(NEAR)
    shares = evidence.shares()
    heights = np.stack(
        [
            (draws @ np.take_along_axis(shares, _moved_lags(slope, times, lags), axis=1)).max(1)
            for slope in slopes
        ]
    )
    best = heights.argmax(0)
    low, high = np.percentile(slopes[best[1:]], INTERVAL)
    slope = float(slopes[best[0]])
    peak = find_peak(_sloped(evidence, slope).correlation())
    # The draws agree on a sign, and the slope explains clearly more than none.
    sure = (low > 0 or high < 0) and peak.height > DRIFT_GAIN * flat.height
    return _Trend(peak.offset_ms, peak.height, slope, (float(low), float(high)), sure)


def _moved_lags(slope_ms_per_s: float, times: Floats, lags: NDArray[np.intp]) -> NDArray[np.intp]:
    """Which lag stands at `lags` once a drift is taken out, shape (blocks, lags)."""
    whole = np.round(slope_ms_per_s * times / STEP_MS).astype(int)
    return np.asarray(np.clip(lags + whole[:, None], 0, len(LAGS_MS) - 1))


def _sloped(evidence: Evidence, slope_ms_per_s: float) -> Evidence:
    """The evidence with each block's lags moved by a drift, so that the blocks line up."""
    times = evidence.centres - _middle(evidence)
    source = _moved_lags(slope_ms_per_s, times, np.arange(len(LAGS_MS)))[:, None, :]
    moved = [
        np.take_along_axis(part, source, axis=2)
        for part in (evidence.products, evidence.mouth, evidence.expected)
    ]
    return Evidence(evidence.centres, evidence.speech, evidence.compared, evidence.chance, *moved)


def _middle(evidence: Evidence) -> float:
    return float((evidence.centres[0] + evidence.centres[-1]) / 2)


def _draws(blocks: int) -> Floats:
    """How often each block is drawn, shape (RESAMPLINGS, blocks): the bootstrap, always the same."""
    rng = np.random.default_rng(0)
    return rng.multinomial(blocks, np.full(blocks, 1 / blocks), RESAMPLINGS).astype(np.float64)


def _interval(evidence: Evidence, offset_ms: float, drift: float) -> tuple[float, float]:
    """Where the peak lies when the video's blocks are drawn anew."""
    straight = _sloped(evidence, drift) if drift else evidence
    found = [find_peak(c).offset_ms for c in straight.correlation(_draws(len(evidence.centres)))]
    low, high = np.percentile(found, INTERVAL)
    return min(float(low), offset_ms), max(float(high), offset_ms)


def _windows(evidence: Evidence, offset_ms: float, drift: float, *, sure: bool) -> tuple[OffsetWindow, ...]:
    """The offset in each stretch of WINDOW_SECONDS, overlapping by half.

    Where the video's own offset is sure, a window is searched around it: there chance has fewer
    lags to rise in.
    """
    centres = evidence.centres
    edges = [0.0]
    for centre in centres:  # blocks lie end to end from the video's start; the last one may be short
        edges.append(2 * float(centre) - edges[-1])
    block = edges[1]
    size = max(1, min(len(centres), round(WINDOW_SECONDS / block)))
    hop = max(1, size // 2, -(-len(centres) // MOST_WINDOWS))
    starts = list(range(0, max(1, len(centres) - size + 1), hop))
    if starts[-1] + size < len(centres):
        starts.append(len(centres) - size)
    windows = []
    for start in starts:
        weights = np.zeros(len(centres))
        weights[start : start + size] = 1
        there = offset_ms + drift * (float(centres @ weights / size) - _middle(evidence))
        lags = np.abs(LAGS_MS - there) <= PEAK_MS if sure else NEAR
        peak = find_peak(evidence.correlation(weights), lags)
        stands = evidence.deviations(peak.height, weights)
        confidence = confidence_of(stands, SURE_Z_NEARBY if sure else SURE_Z)
        span = Span(edges[start], edges[start + size])
        windows.append(OffsetWindow(span, peak.offset_ms if confidence >= SURE else None, confidence))
    return tuple(windows)
