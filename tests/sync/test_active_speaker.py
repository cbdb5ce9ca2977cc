"""Who speaks is followed: over many cuts, and from face to face where several are visible."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from lipwright.domain.face_choice import Box
from lipwright.domain.media import FrameSize
from lipwright.domain.motion import CHANNEL
from lipwright.domain.time import Span
from lipwright.errors import InputError
from lipwright.motion.visemes import CURVE_RATE_HZ
from lipwright.sync.active_speaker import MAX_TRACKS, find_speaker, only_chosen
from lipwright.sync.face_appearance import COLUMNS
from lipwright.sync.frame_difference import HISTORY
from lipwright.sync.mouth_track import FEATURES, MouthTrack, TrackedVideo
from lipwright.sync.offset_estimate import estimate_spans
from lipwright.sync.target_motion import TargetMotion

SECONDS, RATE_HZ, LATE_S = 32.0, 25, 0.12
LEFT, RIGHT = (0.1, 0.2, 0.4, 0.8), (0.6, 0.2, 0.9, 0.8)


def speech_like(rng: np.random.Generator, rate_hz: int, curves: int) -> np.ndarray:
    n = round(SECONDS * rate_hz)
    f = np.fft.rfftfreq(n, 1 / rate_hz)
    spectrum = np.fft.rfft(rng.normal(size=(n, curves)), axis=0)
    kept = ((f > 0.5) & (f < 6))[:, None] / np.maximum(f, 0.5)[:, None]
    made = np.fft.irfft(spectrum * kept, n, axis=0)
    return made / made.std(0)


@pytest.fixture(scope="module")
def target() -> TargetMotion:
    curves = np.zeros((round(SECONDS * CURVE_RATE_HZ), 8), np.float32)
    names = ("jawOpen", "mouthStretch", "mouthPucker", "mouthPress")
    curves[:, [CHANNEL[name] for name in names]] = speech_like(np.random.default_rng(0), CURVE_RATE_HZ, 4)
    return TargetMotion("audio", curves, (Span(0.0, SECONDS),))


def person(target: TargetMotion, speaks: list[Span], visible: list[Span], box: Box, seed: int) -> MouthTrack:
    """A mouth that follows the audio in some spans, LATE_S before it, and jitters else."""
    rng = np.random.default_rng(seed)
    n = round(SECONDS * RATE_HZ)
    seconds = np.arange(n) / RATE_HZ

    def inside(spans: list[Span]) -> np.ndarray:
        return np.any([(seconds >= span.start) & (seconds < span.end) for span in spans], axis=0)

    features = 0.05 * rng.normal(size=(n, len(FEATURES)))
    follows = target.at(target.opening, seconds + LATE_S) * inside(speaks)
    features[:, :2] += follows[:, None] + 0.3 * speech_like(rng, RATE_HZ, 2) * inside(speaks)[:, None]
    flat = np.zeros(n, np.float32)
    return MouthTrack(
        seconds=seconds,
        visible=inside(visible),
        features=features.astype(np.float32),
        lips=np.zeros((n, 40, 2), np.float32),
        box=np.tile(np.array(box, np.float32), (n, 1)),
        face_height_px=flat + 100,
        mouth_center_px=np.zeros((n, 2), np.float32),
        max_cell_difference=flat,
        difference_products=np.zeros((n, HISTORY), np.float32),
        yaw_ratio=flat,
        appearance=np.full((n, len(COLUMNS)), np.nan, np.float32),
    )


def watched(people: list[MouthTrack], cuts: tuple[int, ...] = ()) -> TrackedVideo:
    n = len(people[0].seconds)
    ordered = sorted(people, key=lambda track: -int(track.visible.sum()))
    return TrackedVideo(people[0].seconds, np.zeros(n, np.float32), cuts, (960, 540), tuple(ordered))


WHOLE = [Span(0.0, SECONDS)]
TURNS = [Span(start, start + 4) for start in np.arange(0, SECONDS, 4).tolist()]


def test_two_visible_people_are_followed_in_turn(target: TargetMotion) -> None:
    left = person(target, TURNS[::2], WHOLE, LEFT, 1)
    right = person(target, TURNS[1::2], WHOLE, RIGHT, 2)
    found = find_speaker(watched([left, right]), target)
    assert found.track is not None and found.lags is not None
    assert found.estimate.offset_ms == pytest.approx(1000 * LATE_S, abs=15)
    assert len(found.changes) == len(TURNS) - 1
    for frame, turn in zip(found.changes, TURNS[1:], strict=True):
        assert abs(frame / RATE_HZ - turn.start) <= 0.6
    alone = find_speaker(watched([left]), target)
    assert found.estimate.confidence >= alone.estimate.confidence
    each = estimate_spans(found.lags, [[turn] for turn in TURNS], found.estimate)
    assert all(one.offset_ms == pytest.approx(1000 * LATE_S, abs=40) for one in each)


def test_listener_is_never_measured_as_speaker(target: TargetMotion) -> None:
    speaker = person(target, WHOLE, WHOLE, LEFT, 1)
    listener = person(target, [Span(-2, -1)], WHOLE, RIGHT, 2)
    found = find_speaker(watched([listener, speaker]), target)
    assert found.track is speaker and found.changes == ()


def test_more_shots_than_are_compared_one_by_one(target: TargetMotion) -> None:
    bounds = np.linspace(0, SECONDS, MAX_TRACKS + 5).tolist()
    shots = [Span(start, end) for start, end in pairwise(bounds)]
    people = [person(target, [shot], [shot], LEFT, number) for number, shot in enumerate(shots)]
    cuts = tuple(int(np.ceil(shot.start * RATE_HZ)) for shot in shots[1:])
    found = find_speaker(watched(people, cuts), target)
    assert found.track is not None and found.track.visible.all()
    assert found.estimate.offset_ms == pytest.approx(1000 * LATE_S, abs=15)


def test_a_chosen_person_is_kept_in_every_shot_that_shows_them(target: TargetMotion) -> None:
    left = person(target, TURNS[::2], WHOLE, LEFT, 1)
    right = person(target, TURNS[1::2], TURNS[4:], RIGHT, 2)
    video = watched([left, right], (round(16 * RATE_HZ),))
    size = FrameSize(1920, 1080)
    (kept,) = only_chosen(video, "right", size).people
    assert np.array_equal(kept.features[400:], right.features[400:])
    assert np.array_equal(kept.features[:400], left.features[:400])  # alone in the first shot
    (kept,) = only_chosen(video, "2", size).people
    assert not kept.visible[:400].any() and kept.visible[400:].all()
    (kept,) = only_chosen(video, "1440,500", size).people
    assert np.array_equal(kept.visible, right.visible)
    with pytest.raises(InputError, match="--face 3"):
        only_chosen(video, "3", size)
