"""The seed changes what is sampled, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.xdist_group("video")


@pytest.mark.parametrize("number", [0, 1], ids=["two processes", "one process"])
def test_the_same_seed_gives_the_same_frames(video_of, number: int) -> None:
    assert video_of(number, again=True).path != video_of(number).path
    assert video_of(number, again=True).digest == video_of(number).digest


def test_another_seed_gives_other_frames_in_the_same_time(video_of) -> None:
    agreements = []
    for number in (1, 2):
        one, other = video_of(number), video_of(number, seed=1)
        assert one.digest != other.digest
        agreements.append(float(np.corrcoef(one.opening, other.opening)[0, 1]))
    assert np.mean(agreements) > 0.7, agreements
