"""What counts as a problem, the order of problems, and their weights."""

from __future__ import annotations

import itertools

import pytest

from lipwright.domain.sync_verdict import IN_SYNC_MS
from lipwright.pipeline.tune.scoring import ORDER, WEIGHT, Assessment, assess, measures_of, summarize


def test_a_video_that_is_right_has_no_problem(make_report) -> None:
    assessment = assess(make_report())
    assert not assessment.problems
    assert assessment.score == 0


def test_each_problem_is_seen(make_report) -> None:
    low, high = IN_SYNC_MS
    assert assess(make_report(verdict="audio-late", offset_ms=high + 80)).problems == ("audio-late",)
    assert assess(make_report(verdict="audio-early", offset_ms=low - 80)).problems == ("audio-early",)
    assert assess(make_report(verdict="drift", drift_ms_per_s=-11.0)).problems == ("drift",)
    assert assess(make_report(jumps=(40,))).problems == ("jumps",)
    assert assess(make_report(repeats=(7, 8))).problems == ("jumps",)
    assert assess(make_report(stiffness=0.9)).problems == ("stiff",)
    assert assess(make_report(verdict="inconclusive", offset_ms=None, confidence=0.2)).problems == (
        "inconclusive",
    )


def test_a_still_image_is_one_problem_and_not_a_hundred_repeats(make_report) -> None:
    report = make_report(verdict="static", offset_ms=None, stiffness=1.0, repeats=tuple(range(1, 120)))
    assert assess(report).problems == ("static",)
    assert assess(make_report(verdict="no-face", stiffness=None)).problems == ("no-face",)


def test_a_lone_repeat_is_not_a_fault_and_two_in_a_short_video_are(make_report) -> None:
    assert not assess(make_report(repeats=(40,))).problems
    assert assess(make_report(repeats=(40, 90))).problems
    assert not assess(make_report(repeats=(40, 90), extra={"video": {"seconds": 12.0}})).problems


def test_no_silence_to_measure_is_not_a_problem(make_report) -> None:
    assert not assess(make_report(stiffness=None)).problems


def test_problems_come_in_the_order_they_are_dealt_with(make_report) -> None:
    report = make_report(verdict="audio-late", offset_ms=200.0, jumps=(3,), stiffness=0.8)
    assert assess(report).problems == ("audio-late", "jumps", "stiff")
    unclear = make_report(verdict="inconclusive", offset_ms=None, confidence=0.1, stiffness=0.8)
    assert assess(unclear).problems == ("stiff", "inconclusive"), "what hardly moves hides its sync"


def test_less_is_better_within_a_problem(make_report) -> None:
    late = [assess(make_report(verdict="audio-late", offset_ms=ms)).score for ms in (80, 120, 200, 400)]
    early = [assess(make_report(verdict="audio-early", offset_ms=-ms)).score for ms in (60, 120, 200, 400)]
    stiff = [assess(make_report(stiffness=s)).score for s in (0.1, 0.6, 0.8, 1.0)]
    jumps = [assess(make_report(jumps=tuple(range(n)))).score for n in (0, 1, 5, 20)]
    for scores in (late, early, stiff, jumps):
        assert scores == sorted(set(scores))


def test_the_lesser_problem_never_outweighs_the_greater_ones_going() -> None:
    for worse, lesser in itertools.combinations(ORDER, 2):
        if WEIGHT[worse] > WEIGHT[lesser]:
            assert Assessment({worse: 0.0}).score >= Assessment({lesser: 1.0}).score


def test_measures_are_named_as_check_names_them(make_report) -> None:
    report = make_report(jumps=(3, 4))
    whole = report.to_json()
    for key, value in measures_of(report).items():
        assert value == (whole[key] if key in whole else whole["mouth"][key])


def test_report_is_summarized_in_a_line(make_report) -> None:
    line = summarize(make_report(verdict="audio-late", offset_ms=83.4, jumps=(3,), repeats=(5, 6)))
    assert line == "audio-late, audio 83 ms late, stiffness 0.10, 1 jump, 2 repeated frames"
    assert summarize(make_report()).endswith("no jumps")


def test_extents_grow_from_the_thresholds_to_the_worst(make_report) -> None:
    """The extent of each measure, written out: half of what is the worst is 0.5."""
    assert assess(make_report(stiffness=0.5)).extents == {}
    assert assess(make_report(stiffness=0.75)).extents == {"stiff": pytest.approx(0.5)}
    assert assess(make_report(verdict="audio-late", offset_ms=260.0)).extents["audio-late"] == 0.5
    assert assess(make_report(verdict="drift", drift_ms_per_s=-20.0)).extents["drift"] == 0.5
    assert assess(make_report(jumps=tuple(range(5)))).extents["jumps"] == pytest.approx(0.2)
    long = {"extra": {"video": {"seconds": 20.0}}}
    assert not assess(make_report(repeats=(1, 2, 3, 4), **long)).problems
    assert assess(make_report(repeats=(1, 2, 3, 4, 5), **long)).problems == ("jumps",)
