"""Two recordings never move the head alike."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.measuring import EXAMPLES
from benchmarks.portrait_sheet import alike, alike_by_chance, head_motion

from lipwright.domain.media import Waveform
from lipwright.motion.mel import RATE_HZ

SECONDS = 30


@pytest.fixture(scope="module")
def tracks(reading: np.ndarray) -> dict[str, np.ndarray]:
    """Heads of three recordings, and of one with the words of the first; all with the same seed."""
    said = np.tile(reading, 2)[: SECONDS * RATE_HZ]
    recordings = {f"{n}": np.roll(said, n * 7 * RATE_HZ) for n in range(3)} | {"again": 0.9 * said}
    voices = {name: Waveform(samples[None], RATE_HZ) for name, samples in recordings.items()}
    return head_motion(voices, EXAMPLES / "portrait.jpg")


def check_against_chance(tracks: dict[str, np.ndarray]) -> None:
    found, chance = alike(tracks), alike_by_chance(tracks)
    assert found.mean() < np.percentile(chance.mean((1, 2)), 99)
    assert found.max() < np.percentile(chance.max((1, 2)), 99)


def test_other_words_move_the_head_differently(tracks) -> None:
    """Over half a minute chance leaves little."""
    different = {name: track for name, track in tracks.items() if name != "again"}
    check_against_chance(different)
    assert alike(different)[:, 3].max() < 0.3


def test_the_same_words_recorded_again_move_the_head_differently(tracks) -> None:
    check_against_chance({name: tracks[name] for name in ("0", "again")})
