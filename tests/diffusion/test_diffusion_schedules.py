"""Noise schedules against the formulas of their sources."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.diffusion.schedules import DISTILLED, SECOND_STAGE, from_list, linear, shifted
from lipwright.errors import UsageError


def official(steps, shift, terminal):
    """ltx-core's LTX2Scheduler at its largest token count, in numpy."""
    sigmas = np.linspace(1.0, 0.0, steps + 1)
    moved = np.zeros_like(sigmas)
    moved[:-1] = math.exp(shift) / (math.exp(shift) + (1 / sigmas[:-1] - 1))
    one_minus_z = 1 - moved[:-1]
    moved[:-1] = 1 - one_minus_z / (one_minus_z[-1] / (1 - terminal))
    return moved


@given(st.integers(2, 100))
def test_shifted_is_the_official_formula(steps):
    sigmas = shifted(steps)
    np.testing.assert_allclose(sigmas, official(steps, 2.05, 0.1), atol=1e-12)
    assert from_list(sigmas) == sigmas


def test_the_guide_preset_has_forty_steps_from_one_to_a_tenth():
    sigmas = shifted(40)
    assert len(sigmas) == 41
    assert sigmas[0] == 1
    assert sigmas[-2] == pytest.approx(0.1, abs=1e-12)
    assert sigmas[-1] == 0


def test_linear_levels_are_evenly_spaced():
    assert linear(4) == (1, 0.75, 0.5, 0.25, 0)


def test_schedule_of_one_step_is_1_to_0():
    assert shifted(1) == linear(1) == (1, 0)


def test_official_lists_are_schedules_and_the_second_stage_is_the_end_of_the_first():
    assert from_list(DISTILLED) == DISTILLED
    assert len(DISTILLED) == 9
    assert from_list(SECOND_STAGE) == SECOND_STAGE == DISTILLED[5:]


@given(st.lists(st.floats(-0.5, 1.5), max_size=6))
def test_only_descending_lists_from_at_most_one_to_zero_pass(levels):
    fit = (
        len(levels) > 1
        and levels[0] <= 1
        and levels[-1] == 0
        and levels == sorted(levels, reverse=True)
        and len(set(levels)) == len(levels)
    )
    if fit:
        assert from_list(levels) == tuple(levels)
    else:
        with pytest.raises(UsageError):
            from_list(levels)


@pytest.mark.parametrize(
    "bad",
    [[], [0.0], [1.0], [1, 0.5], [1, 1, 0], [1.2, 0], [1, math.nan, 0], [math.nan, 0], [0.5, 0.7, 0], [0, 0]],
)
def test_bad_lists_are_refused(bad):
    with pytest.raises(UsageError, match="descend"):
        from_list(bad)


@pytest.mark.parametrize("schedule", [linear, shifted])
def test_a_schedule_has_at_least_one_step(schedule):
    with pytest.raises(UsageError):
        schedule(0)
