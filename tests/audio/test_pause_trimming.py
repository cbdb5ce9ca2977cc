"""Long pauses made short: by whole samples of both rates, and never through a word."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.audio.pause_trimming import (
    KEPT_PAUSE_S,
    edited_seconds,
    find_long_pauses,
    plan_edits,
    shorten_in_place,
    to_driver_time,
)
from lipwright.audio.speech import find_silences
from lipwright.domain.time import Span

RATE = 24_000
RATES = st.sampled_from([8_000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000, 96_000])


@given(st.lists(st.floats(0.1, 6), min_size=1, max_size=6), st.floats(0, 5), st.integers(0, 999), RATES)
@settings(max_examples=60, deadline=None)
def test_cuts_are_whole_samples_of_both(pauses, lead, odd, rate_hz):
    speech, now = [], lead
    for pause in pauses:
        speech.append(Span(now, now + 1.5))
        now += 1.5 + pause
    seconds = Fraction(int(now * rate_hz) + odd, rate_hz)
    long = find_silences(speech, float(seconds), 2.0)
    edits = plan_edits(long, seconds, rate_hz, RATE)
    assert bool(edits) == bool(long)
    if not edits:
        return
    for edit in edits:
        assert edit.master_end - edit.master_start == edit.driver_end - edit.driver_start
        assert (edit.master_start * rate_hz).denominator == (edit.master_start * RATE).denominator == 1
    for one, next_one in pairwise(edits):
        assert one.driver_end == next_one.driver_start
        assert (one.master_end * rate_hz).denominator == 1
    moved = to_driver_time(speech, edits)
    assert len(moved) == len(speech)  # no cut goes through a word
    grid = 0.02
    for pause in find_silences(moved, float(edited_seconds(edits)), 2.0):
        raise AssertionError(f"a pause of {pause.seconds} s is left")
    kept = find_silences(moved, float(edited_seconds(edits)), KEPT_PAUSE_S + grid)
    assert all(pause.seconds <= 2.0 for pause in kept)


def test_kept_stretches_equal_the_recording():
    samples = np.random.default_rng(0).standard_normal(10 * RATE).astype(np.float32)
    before = samples.copy()
    speech = [Span(1.0, 2.0), Span(6.0, 7.0)]
    edits = plan_edits(find_silences(speech, 10.0, 2.0), Fraction(10), 44_100, RATE)
    count = shorten_in_place(samples, edits, RATE)
    assert count == edited_seconds(edits) * RATE
    for edit in edits:
        a, b = round(edit.master_start * RATE), round(edit.master_end * RATE)
        c = round(edit.driver_start * RATE)
        length = b - a - RATE // 100  # the end of each fades into the next
        assert np.array_equal(samples[c : c + length], before[a : a + length])


@pytest.mark.parametrize(("level_db", "found"), [(-40, True), (-12, True), (-6, False), (0, False)])
def test_music_is_not_a_pause(level_db, found):
    samples = np.random.default_rng(0).standard_normal(10 * RATE).astype(np.float32) * 0.1
    samples[3 * RATE : 7 * RATE] *= 10 ** (level_db / 20)
    pauses = find_long_pauses(samples, RATE, [Span(0.0, 3.0), Span(7.0, 10.0)], 10.0)
    assert pauses == ((Span(3.0, 7.0),) if found else ())


def test_where_nobody_speaks_there_are_no_pauses():
    assert find_long_pauses(np.zeros(10 * RATE, np.float32), RATE, [], 10.0) == ()
