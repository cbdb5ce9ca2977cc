"""The proof of the main job: in the pixels of finished films, the lips follow the speech.

Clips by a voice never trained on, through the real `lipwright render`; a landmark
tracker measures how far the lips are open in every frame of the MP4, and what was
spoken tells how far they should be.
"""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest

pytestmark = pytest.mark.xdist_group("film")

LEAST_FROZEN, MOST_NOT_FROZEN = 0.7, 0.15
"""Mean correlations with the truth that the product promises, and must not reach by chance."""
LEAST_CLIPS = 10


@pytest.fixture(scope="session")
def frozen(clips, film_of) -> list:
    return [film_of(number) for number in range(len(clips))]


@pytest.fixture(scope="session")
def not_frozen(clips, film_of) -> list:
    """A seed for each, so that what chance gives is drawn anew."""
    return [film_of(number, seed=number, freeze=False) for number in range(len(clips))]


def test_lips_follow_the_speech_where_the_sound_is_frozen(frozen) -> None:
    assert len(frozen) >= LEAST_CLIPS
    agreements = [film.agreement() for film in frozen]
    assert np.mean(agreements) >= LEAST_FROZEN, agreements
    assert min(agreements) > 0.4


def test_lips_do_not_follow_where_it_is_not(frozen, not_frozen) -> None:
    agreements = [film.agreement() for film in not_frozen]
    assert np.mean(agreements) < MOST_NOT_FROZEN, agreements
    # They do move: it is the timing that is lost, not the mouth.
    spread = np.mean([film.opening.std() for film in not_frozen])
    assert spread > 0.5 * np.mean([film.opening.std() for film in frozen])


def test_the_manifest_tells_both_apart(frozen, not_frozen) -> None:
    assert {film.manifest["frozen"] for film in frozen} == {True}
    assert {film.manifest["frozen"] for film in not_frozen} == {False}
    for film in (frozen[0], not_frozen[0], frozen[3], not_frozen[3]):
        written = json.loads(film.path.with_suffix(".json").read_text())
        assert written == film.manifest
        assert written["job"]["freeze"] is written["frozen"]


def test_neither_early_nor_late(frozen) -> None:
    """Over all clips, no shift in time fits better than none: within a frame."""
    lags = [n * 0.02 for n in range(-10, 11)]
    mean = [float(np.mean([film.agreement(lag) for film in frozen])) for lag in lags]
    best = lags[int(np.argmax(mean))]
    assert abs(best) <= 0.04, mean


def test_frames_lie_on_their_exact_instants(frozen) -> None:
    for film in frozen[:3]:
        assert film.instants == [Fraction(n, 25) for n in range(film.manifest["plan"]["frames"])]


def test_lips_close_and_open_wide(frozen) -> None:
    """What correlation does not see: the size of the movement."""
    for film in frozen:
        closed, wide = np.percentile(film.opening, [5, 95])
        assert closed < 0.02
        assert wide > 0.05
