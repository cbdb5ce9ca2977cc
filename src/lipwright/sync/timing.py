"""When sound and lips meet: offset with its interval, by windows, and drift, from one evidence.

The interval is found by drawing the film's blocks again (bootstrap), so that it is wide where
parts of the film disagree. Drift is looked for by letting the lag grow through the film: it is
believed only where the correlation gains by it and nine of ten drawings agree on its sign.
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
    Evidence,
    Peak,
    confidence_of,
    find_peak,
)

Floats = NDArray[np.float64]

SURE = 0.5
"""Confidence from which an offset is told; below it the answer is inconclusive."""
WINDOW_SECONDS, HOP_SECONDS = 5.0, 2.5
WINDOW_SPEECH_SECONDS = 1.5
"""A window with less speech in it says nothing."""
MOST_WINDOWS = 400
DRAWINGS = 120
PERCENTILES = (5.0, 95.0)
DRIFTS_MS_PER_S = np.arange(-60.0, 60.5, 1.0)
"""Slopes tried: to 6 %; 24 frames taken for 25 is 4 %."""
DRIFT_GAIN = 1.06
"""How much higher the correlation must be with the drift than without."""
DRIFT_SECONDS = 5.0
"""Shorter films drift by less than anybody sees."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How far the sound is from the lips."""

    offset_ms: float | None
    """Positive: the sound comes after the lips. In a film that drifts, at its middle. None: not sure."""
    confidence: float
    """0..1."""
    interval_ms: tuple[float, float] | None
    """Nine in ten."""
    drift_ms_per_s: float | None
    """0 where the interval holds 0; None where the offset is."""
    drift_interval: tuple[float, float] | None
    """ms/s, nine in ten; None where the film is too short to tell."""
    windows: tuple[OffsetWindow, ...]
    peak: Peak | None = None
    """The peak that this stands on."""


NOTHING = Timing(None, 0.0, None, None, None, ())
"""Nothing can be said."""


def time_film(evidence: Evidence, seconds: float, speech: tuple[Span, ...]) -> Timing:
    """Offset, interval, drift and windows.

    Args:
        evidence: Of the person who speaks.
        seconds: Length of the film.
        speech: Where somebody speaks, in its seconds.
    """
    windows = _windows(evidence, seconds, speech)
    rows = _combined(evidence)
    steady = find_peak(rows.sum(0))
    slope, around, best = _drift(rows, evidence.centres, steady, seconds)
    confidence = confidence_of(best)
    if confidence < SURE:
        return Timing(None, confidence, None, None, None, windows, best)
    drawn = _drawings(len(rows)) @ _sheared(rows, evidence.centres - seconds / 2, slope)
    low, high = np.percentile([_top_near(row, best.offset_ms) for row in drawn], PERCENTILES)
    return Timing(
        offset_ms=best.offset_ms,
        confidence=confidence,
        interval_ms=(min(float(low), best.offset_ms), max(float(high), best.offset_ms)),
        drift_ms_per_s=slope,
        drift_interval=around,
        windows=windows,
        peak=best,
    )


def _combined(evidence: Evidence) -> Floats:
    """Each block's share of the film's correlation, shape (blocks, lags); their sum is the whole."""
    return evidence.shares()


def _windows(evidence: Evidence, seconds: float, speech: tuple[Span, ...]) -> tuple[OffsetWindow, ...]:
    if seconds <= WINDOW_SECONDS:
        starts = [0.0]
    else:
        count = min(MOST_WINDOWS, int((seconds - WINDOW_SECONDS) / HOP_SECONDS) + 1)
        starts = list(np.linspace(0.0, seconds - WINDOW_SECONDS, max(count, 2)))
    found = []
    for start in starts:
        span = Span(round(start, 3), round(min(seconds, start + WINDOW_SECONDS), 3))
        spoken = sum(max(0.0, min(s.end, span.end) - max(s.start, span.start)) for s in speech)
        inside = (evidence.centres >= span.start) & (evidence.centres <= span.end)
        if spoken < min(WINDOW_SPEECH_SECONDS, 0.5 * span.seconds) or not inside.any():
            found.append(OffsetWindow(span, None, 0.0))
            continue
        peak = find_peak(evidence.correlation(inside.astype(np.float64)))
        confidence = confidence_of(peak)
        found.append(OffsetWindow(span, peak.offset_ms if confidence >= SURE else None, confidence))
    return tuple(found)


def _drift(
    rows: Floats, centres: Floats, steady: Peak, seconds: float
) -> tuple[float, tuple[float, float] | None, Peak]:
    """The slope that explains the film, its interval, and the peak with it."""
    if seconds < DRIFT_SECONDS:
        return 0.0, None, steady
    at = centres - seconds / 2
    tilted = np.stack([_sheared(rows, at, slope) for slope in DRIFTS_MS_PER_S])
    heights = np.where(NEAR, tilted.sum(1), -np.inf).max(1)
    top = int(np.argmax(heights))
    slope = DRIFTS_MS_PER_S[top]
    drawn = np.where(NEAR, _drawings(len(rows)) @ tilted, -np.inf).max(2)  # slopes, drawings
    slopes = DRIFTS_MS_PER_S[drawn.argmax(0)]
    low, high = (float(edge) for edge in np.percentile(slopes, PERCENTILES))
    around = (min(low, slope), max(high, slope))
    believed = (
        heights[top] >= DRIFT_GAIN * steady.height
        and low * high > 0
        and abs(slope) * seconds >= 2 * STEP_MS
        and confidence_of(find_peak(tilted[top].sum(0))) >= SURE
    )
    if not believed:
        return 0.0, around, steady
    return _between(heights, top), around, find_peak(tilted[top].sum(0))


def _sheared(rows: Floats, at: Floats, slope_ms_per_s: float) -> Floats:
    """Rows moved so that a lag growing by the slope stands still; what has no lag becomes 0."""
    moved = np.zeros_like(rows)
    for i, shift in enumerate(np.rint(at * slope_ms_per_s / STEP_MS).astype(int)):
        if abs(shift) >= rows.shape[1]:
            continue
        if shift >= 0:
            moved[i, : rows.shape[1] - shift] = rows[i, shift:]
        else:
            moved[i, -shift:] = rows[i, :shift]
    return moved


def _drawings(blocks: int) -> Floats:
    """How often each block is drawn, shape (DRAWINGS, blocks); always the same."""
    rng = np.random.default_rng(1)
    return rng.multinomial(blocks, np.full(blocks, 1 / blocks), DRAWINGS).astype(np.float64)


def _top_near(row: Floats, offset_ms: float) -> float:
    near = np.abs(LAGS_MS - offset_ms) <= PEAK_MS
    return float(LAGS_MS[near][np.argmax(row[near])])


def _between(heights: Floats, top: int) -> float:
    """The slope of the highest point, between the steps by a parabola."""
    step = DRIFTS_MS_PER_S[1] - DRIFTS_MS_PER_S[0]
    if not 0 < top < len(heights) - 1:
        return float(DRIFTS_MS_PER_S[top])
    before, here, after = heights[top - 1 : top + 2]
    bend = before - 2 * here + after
    shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
    return float(DRIFTS_MS_PER_S[top] + step * np.clip(shift, -0.5, 0.5))
