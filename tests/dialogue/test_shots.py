"""Who is on screen: cuts in pauses, on frames, and not for every "yes"."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.dialogue.shots import LEAD_FRAMES, cut_shots, shot_seconds
from lipwright.dialogue.turns import Turn

RATES = [Fraction(24), Fraction(25), Fraction(30_000, 1001), Fraction(24_000, 1001)]


def turns_of(*rows: tuple[str, float, float]) -> list[Turn]:
    return [Turn(who, Fraction(str(start)), Fraction(str(end))) for who, start, end in rows]


def spans(*rows: tuple[str, float, float], seconds: int = 20) -> list[tuple[str, int, int]]:
    shots = cut_shots(turns_of(*rows), seconds * 25 + 1, Fraction(25))
    return [(shot.speaker, shot.first_frame, shot.end_frame) for shot in shots]


def test_cut_falls_in_the_pause_before_the_first_word() -> None:
    assert spans(("A", 0.5, 4), ("B", 5, 9), ("A", 9.1, 15)) == [
        ("A", 0, 120),  # 4.8 s: a fifth of a second before 5
        ("B", 120, 226),  # 9.04 s: the one frame that lies in the pause of 0.1 s
        ("A", 226, 501),
    ]


def test_interjection_causes_no_cut() -> None:
    assert spans(("A", 0.5, 8), ("B", 3, 3.6), ("B", 8.2, 9), ("A", 9.2, 15)) == [("A", 0, 501)]
    assert spans(("A", 0.5, 8), ("B", 3, 3.6), ("B", 8.2, 12)) == [("A", 0, 203), ("B", 203, 501)]


def test_short_words_in_a_row_form_a_turn() -> None:
    assert len(spans(("A", 0.5, 4), ("B", 4.5, 5), ("B", 5.2, 5.6), ("B", 5.8, 6.4), ("A", 7, 9))) == 3


def test_interrupting_speaker_is_shown_from_the_first_word() -> None:
    assert spans(("A", 0, 6), ("B", 5, 10)) == [("A", 0, 125), ("B", 125, 501)]


@given(data=st.data(), rate=st.sampled_from(RATES))
def test_shots_cover_the_video_and_have_a_minimum_length(data: st.DataObject, rate: Fraction) -> None:
    frames = data.draw(st.integers(2, 400)) * 8 + 1
    seconds = Fraction(frames) / rate
    made = []
    for _ in range(data.draw(st.integers(1, 12))):
        start = seconds * data.draw(st.integers(0, 99)) / 100
        length = Fraction(data.draw(st.integers(1, 80)), 10)
        made.append(Turn(data.draw(st.sampled_from("ABC")), start, min(start + length, seconds)))
    shots = cut_shots(sorted(made, key=lambda turn: (turn.start, turn.end)), frames, rate)
    assert [shot.first_frame for shot in shots] == [0, *(shot.end_frame for shot in shots[:-1])]
    assert shots[-1].end_frame == frames
    assert all(shot.frames >= rate or len(shots) == 1 for shot in shots)
    assert all(a.speaker != b.speaker for a, b in pairwise(shots))
    for shot in shots:
        assert shot.sampled_frames % 8 == 1
        assert shot.frames + shot.lead_frames <= shot.sampled_frames < shot.frames + shot.lead_frames + 8
        assert shot.lead_frames == min(LEAD_FRAMES, shot.first_frame)


@pytest.mark.parametrize("rate", RATES)
def test_cuts_do_not_drift_over_an_hour(rate: Fraction) -> None:
    rows = [("AB"[n % 2], 6.0 * n + 0.5, 6.0 * n + 5.5) for n in range(600)]
    frames = int(3600 * rate) // 8 * 8 + 1
    shots = cut_shots(turns_of(*rows), frames, rate)
    assert len(shots) == 600
    for number, shot in enumerate(shots[1:], 1):
        start, _ = shot_seconds(shot, rate)
        assert abs(start - Fraction(6 * number * 10 + 3, 10)) <= 1 / rate / 2
    assert shot_seconds(shots[-1], rate)[1] == frames / rate
