"""The main requirement: in the frames of finished videos, the lips follow the speech.

Clips by a voice never trained on, through the real `lipwright render`; a landmark
tracker measures how far the lips are open in the frames of the MP4, and what was
spoken tells how far they should be.
"""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest

pytestmark = pytest.mark.xdist_group("video")

LEAST_FROZEN, MOST_NOT_FROZEN = 0.7, 0.15
"""Mean correlations with the truth that the product promises, and must not reach by chance."""
LEAST_CLIPS = 10


@pytest.fixture(scope="session")
def frozen(clips, video_of) -> list:
    return [video_of(number) for number in range(len(clips))]


@pytest.fixture(scope="session")
def not_frozen(clips, video_of) -> list:
    """Half of the clips; a seed for each, so that what chance gives is drawn anew."""
    return [video_of(number, seed=number, freeze=False) for number in range(0, len(clips), 2)]


def test_lips_follow_the_speech_where_the_audio_is_frozen(frozen) -> None:
    assert len(frozen) >= LEAST_CLIPS
    agreements = [video.agreement() for video in frozen]
    assert np.mean(agreements) >= LEAST_FROZEN, agreements
    assert min(agreements) > 0.4


def test_lips_do_not_follow_unfrozen_audio(frozen, not_frozen) -> None:
    agreements = [video.agreement() for video in not_frozen]
    assert np.mean(agreements) < MOST_NOT_FROZEN, agreements
    # They do move: it is the timing that is lost, not the mouth.
    spread = np.mean([video.opening.std() for video in not_frozen])
    assert spread > 0.5 * np.mean([video.opening.std() for video in frozen])


def test_manifest_distinguishes_frozen_and_unfrozen(frozen, not_frozen) -> None:
    assert {video.manifest["frozen"] for video in frozen} == {True}
    assert {video.manifest["frozen"] for video in not_frozen} == {False}
    for video in (frozen[0], not_frozen[0], frozen[4], not_frozen[2]):
        written = json.loads(video.path.with_suffix(".json").read_text())
        assert written == video.manifest
        assert written["job"]["freeze"] is written["frozen"]


def test_neither_early_nor_late(frozen) -> None:
    """Over all clips, no shift in time fits better than none: within a frame."""
    lags = [n * 0.02 for n in range(-10, 11)]
    mean = [float(np.mean([video.agreement(lag) for video in frozen])) for lag in lags]
    best = lags[int(np.argmax(mean))]
    assert abs(best) <= 0.04, mean


def test_frames_are_at_their_exact_times(frozen) -> None:
    for video in frozen[:3]:
        assert video.instants == [Fraction(n, 25) for n in range(video.manifest["plan"]["frames"])]


def test_lips_close_and_open_wide(frozen) -> None:
    """What correlation does not see: the size of the movement."""
    for video in frozen:
        closed, wide = np.percentile(video.opening, [5, 95])
        assert closed < 0.02
        assert wide > 0.05
