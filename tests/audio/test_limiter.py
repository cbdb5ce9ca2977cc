"""No sample above the ceiling, no gain anywhere but where it is needed."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lipwright.audio.dynamics import limit_in_place

RATE = 24_000


@given(
    st.integers(1, 20_000),
    st.lists(st.tuples(st.integers(0, 19_999), st.floats(0.01, 100)), max_size=30),
    st.floats(0.1, 30),
)
def test_nothing_passes_the_ceiling(length, spikes, gain):
    samples = (0.05 * np.random.default_rng(0).standard_normal(length)).astype(np.float32)
    for at, height in spikes:
        samples[at % length] = height if at % 2 else -height
    highest = np.abs(samples).max() * gain
    reduction = limit_in_place(samples, RATE, gain, 0.6).min()
    assert np.abs(samples).max() <= 0.6 * (1 + 1e-5)
    assert np.isclose(reduction, min(1, 0.6 / highest), rtol=1e-4)


def test_away_from_a_peak_there_is_gain_alone():
    samples = np.full(RATE, 0.1, np.float32)
    samples[12_000] = 1
    limit_in_place(samples, RATE, 2, 0.6)
    assert np.isclose(samples[12_000], 0.6)
    near = slice(12_000 - 264, 12_000 + 264)
    assert (samples[near] < 0.2).any()
    samples[near] = 0.2
    assert np.allclose(samples, 0.2)
