"""Confidence is height in deviations of chance: that deviation is right whatever the curves' rhythm."""

from __future__ import annotations

import numpy as np
import pytest

from lipwright.domain.motion import CHANNEL
from lipwright.domain.time import Span
from lipwright.motion.visemes import CURVE_RATE_HZ
from lipwright.sync.face_appearance import COLUMNS
from lipwright.sync.frame_difference import HISTORY
from lipwright.sync.lag_correlation import (
    HALF_CONFIDENCE_Z,
    HALF_CONFIDENCE_Z_DRIFT,
    LAGS_MS,
    MIN_CONFIDENCE,
    LagCorrelation,
    confidence_from_z,
    correlate_lags,
)
from lipwright.sync.mouth_track import FEATURES, MouthTrack
from lipwright.sync.offset_estimate import estimate_offset
from lipwright.sync.target_motion import TargetMotion

SECONDS = 6.0
FRAMES_HZ = 25


def rhythm(
    rng: np.random.Generator, rate_hz: int, curves: int, beat_hz: float | None, length: float
) -> np.ndarray:
    """Shape (rate x length, curves): noise of speech's band, or a beat that wavers a little."""
    n = round(length * rate_hz)
    at = np.arange(n) / rate_hz
    if beat_hz is None:
        f = np.fft.rfftfreq(n, 1 / rate_hz)
        noise = np.fft.rfft(rng.normal(size=(n, curves)), axis=0)
        return np.fft.irfft(noise * ((f > 0.5) & (f < 7))[:, None] / np.maximum(f, 0.5)[:, None], n, axis=0)
    pace = beat_hz * (1 + 0.1 * np.cumsum(rng.normal(size=(n, 1)), 0) / np.sqrt(n))
    phase = 2 * np.pi * (at[:, None] * pace + rng.uniform(0, 1, (1, curves)))
    return np.sin(phase) + 0.2 * rng.normal(size=(n, curves))


def unrelated(
    rng: np.random.Generator,
    beat_hz: float | None,
    shared: float = 0.0,
    length: float = SECONDS,
    drift_ms_per_s: float = 0.0,
) -> LagCorrelation:
    """A mouth and an expectation; `shared` is how much of it the mouth follows, 200 ms before the audio."""
    curves = np.zeros((round(length * CURVE_RATE_HZ), 8))
    names = ("jawOpen", "mouthStretch", "mouthPucker", "mouthPress")
    curves[:, [CHANNEL[name] for name in names]] = rhythm(rng, CURVE_RATE_HZ, 4, beat_hz, length)
    expected = TargetMotion("audio", curves.astype(np.float32), (Span(0.0, length),))
    n = round(length * FRAMES_HZ)
    seconds = np.arange(n) / FRAMES_HZ
    features = rhythm(rng, FRAMES_HZ, len(FEATURES), beat_hz, length)
    features = features / features.std(0)
    late = 0.2 + drift_ms_per_s / 1000 * (seconds - length / 2)
    followed = expected.at(expected.opening, seconds + late)
    features[:, :2] += shared * followed[:, None] / followed.std()
    flat = np.zeros(n, np.float32)
    track = MouthTrack(
        seconds=seconds,
        visible=np.ones(n, bool),
        features=features.astype(np.float32),
        lips=np.zeros((n, 40, 2), np.float32),
        box=np.zeros((n, 4), np.float32),
        face_height_px=flat + 100,
        mouth_center_px=np.zeros((n, 2), np.float32),
        max_cell_difference=flat,
        difference_products=np.zeros((n, HISTORY), np.float32),
        yaw_ratio=flat,
        appearance=np.full((n, len(COLUMNS)), np.nan, np.float32),
    )
    return correlate_lags(track, (), expected)


@pytest.mark.parametrize("beat_hz", [None, 3.0])
def test_chance_deviation_matches_unrelated_curves(beat_hz: float | None) -> None:
    """A regular beat correlates with any other, so chance does more with it: it is reckoned in."""
    rng = np.random.default_rng(1)
    found = [unrelated(rng, beat_hz) for _ in range(40)]
    near = np.abs(LAGS_MS) <= 500
    there = np.array([[each.z_score(c) for c in each.correlation()[near][::10]] for each in found])
    assert np.sqrt(np.mean(there**2)) == pytest.approx(1.0, abs=0.3)


def test_a_beat_is_not_an_evidence_and_a_followed_audio_is() -> None:
    rng = np.random.default_rng(2)
    assert not [
        t for t in (estimate_offset(unrelated(rng, 3.0)) for _ in range(12)) if t.offset_ms is not None
    ]
    timing = estimate_offset(unrelated(rng, None, shared=2.0))
    assert timing.offset_ms == pytest.approx(200, abs=20)
    assert timing.confidence > 0.9


def test_confidence_is_half_at_its_threshold_and_has_no_bounds() -> None:
    assert (
        confidence_from_z(HALF_CONFIDENCE_Z)
        == confidence_from_z(HALF_CONFIDENCE_Z_DRIFT, HALF_CONFIDENCE_Z_DRIFT)
        == MIN_CONFIDENCE
    )
    assert confidence_from_z(-1e6) == pytest.approx(0)
    assert confidence_from_z(1e6) == pytest.approx(1)


@pytest.mark.parametrize(("slope", "told"), [(20.0, 20.0), (-20.0, -20.0), (70.0, 60.0), (-70.0, -60.0)])
def test_a_drift_has_an_interval_with_width_or_none_at_the_limit(slope: float, told: float) -> None:
    """Beyond the largest drift that is searched, the largest is reported and its interval is unknown."""
    rng = np.random.default_rng(4)
    estimate = estimate_offset(unrelated(rng, None, shared=5.0, length=12.0, drift_ms_per_s=slope))
    assert estimate.drift_ms_per_s == pytest.approx(told, abs=6)
    if abs(slope) > 60:
        assert estimate.drift_interval is None
    else:
        low, high = estimate.drift_interval
        assert low < slope < high


def test_half_a_second_is_inconclusive() -> None:
    rng = np.random.default_rng(3)
    for shared in (0.0, 2.0):
        assert estimate_offset(unrelated(rng, None, shared, length=0.5)).offset_ms is None
