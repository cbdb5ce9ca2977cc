"""The 8n+1 rule: the guide's table, and properties for every length, rate and rule."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.domain.time import Span, parse_frame_rate
from lipwright.errors import PlanError, UsageError
from lipwright.planning import plan_frames, plan_seconds, plan_video

RATES = st.sampled_from([Fraction(r) for r in ("24", "25", "30", "50", "60", "24000/1001", "30000/1001")])
LENGTHS = st.fractions(min_value=Fraction(1, 48000), max_value=14400, max_denominator=192_000)
VALID = range(1, 4 * 3600 * 60 + 10, 8)
"""Written out on purpose: the guide's 1, 9, 17, 25, 33 ..."""


@pytest.mark.parametrize(
    ("seconds", "frame_rate", "frames"),
    [
        ("5", "25", 121),  # the guide: 125, halfway between 121 and 129, goes down
        ("1", "25", 25),
        ("3.88", "25", 97),
        ("4.84", "25", 121),
        ("6.44", "25", 161),
        ("10.28", "25", 257),
        ("10", "25", 249),
        ("10", "24", 241),
        ("10", "30", 297),
        ("10", "23.976", 241),
        ("0.1", "25", 1),
        ("0.3", "25", 9),
    ],
)
def test_nearest_is_the_guides_rule(seconds, frame_rate, frames):
    assert plan_seconds(seconds, parse_frame_rate(frame_rate)).frames == frames


@given(LENGTHS, RATES)
def test_each_fit_rule_rounds_as_documented(seconds, frame_rate):
    wanted = seconds * frame_rate
    nearest, cover = (plan_video(seconds, frame_rate, fit).frames for fit in ("nearest", "cover"))
    assert {nearest, cover} <= set(VALID[max(0, int(wanted) // 8 - 1) : int(wanted) // 8 + 3])
    assert 0 <= cover - wanted < 8 or (cover == 1 and wanted < 1)
    assert abs(nearest - wanted) <= 4
    if abs(nearest - wanted) == 4:
        assert nearest < wanted
    if wanted >= 1:
        assert 0 <= wanted - plan_video(seconds, frame_rate, "floor").frames < 8


@given(LENGTHS, RATES, st.sampled_from(["nearest", "cover"]))
def test_the_plan_adds_up_exactly(seconds, frame_rate, fit):
    plan = plan_video(seconds, frame_rate, fit)
    assert plan.seconds == Fraction(plan.frames) / frame_rate
    assert seconds + plan.pad_seconds - plan.trim_seconds == plan.seconds
    assert min(plan.pad_seconds, plan.trim_seconds) == 0
    assert plan.fit == fit
    assert (plan.latent_frames - 1) * 8 + 1 == plan.frames
    assert plan.audio_latents == 1 or abs(plan.audio_latents - plan.seconds * 25) <= Fraction(1, 2)
    assert plan.audio_latents >= 1


@given(LENGTHS, RATES, st.floats(0, 1))
def test_auto_never_cuts_speech_and_never_wastes_a_latent(seconds, frame_rate, share):
    speech_end = float(seconds) * share
    plan = plan_video(seconds, frame_rate, "auto", speech=[Span(0, speech_end)])
    nearest = plan_video(seconds, frame_rate, "nearest").frames
    assert float(plan.seconds) >= speech_end - 0.001
    assert plan.frames in (max(9, nearest), nearest + 8)
    if plan.frames > max(9, nearest):
        assert nearest / frame_rate < speech_end
        assert plan.fit == "cover"


def test_auto_pads_where_nearest_would_cut_the_last_word():
    kept = plan_video(Fraction(5), Fraction(25), "auto", speech=[Span(0, 4.83)])
    padded = plan_video(Fraction(5), Fraction(25), "auto", speech=[Span(0.2, 2.0), Span(2.5, 4.9)])
    assert (kept.frames, kept.fit, kept.trim_seconds) == (121, "nearest", Fraction(4, 25))
    assert (padded.frames, padded.fit, padded.pad_seconds) == (129, "cover", Fraction(4, 25))


def test_speech_to_the_very_end_of_a_fitting_audio_is_not_padded():
    assert plan_video(Fraction(121, 25), Fraction(25), "auto", speech=[Span(0, 4.84)]).frames == 121
    # A rate whose seconds have no exact float must not tip over by float noise.
    frame_rate = Fraction(24000, 1001)
    seconds = Fraction(121) / frame_rate
    assert plan_video(seconds, frame_rate, speech=[Span(0, float(seconds) + 1e-9)]).frames == 121


def test_auto_leaves_no_still_frame():
    assert plan_video(Fraction(1, 10), Fraction(25), "auto").frames == 9
    assert plan_video(Fraction(2, 5), Fraction(25), "auto").frames == 9  # nine move: no need of 17


def test_auto_is_nearest_where_nobody_speaks():
    assert plan_video(Fraction(5), Fraction(25), "auto").frames == 121
    assert plan_video(Fraction(1, 10), Fraction(25), "nearest").frames == 1


def test_one_rate_goes_through_unrounded():
    """An hour at 24000/1001 taken as 24 would be 3.6 s off."""
    plan = plan_video(Fraction(3600), Fraction(24000, 1001), "nearest")
    assert abs(plan.seconds - 3600) <= 4 * Fraction(1001, 24000)
    assert plan.to_json()["fps"] == "24000/1001"


@pytest.mark.parametrize("frames", [1, 9, 17, 25, 33, 97, 121, 161, 257, 2001])
def test_frames_of_the_grid_are_taken(frames):
    plan = plan_frames(frames, Fraction(25))
    assert plan.frames == frames
    assert plan.pad_seconds == plan.trim_seconds == 0


@given(st.integers(-100, 400_000).filter(lambda n: n not in VALID))
def test_other_frame_counts_are_refused_with_their_neighbors(frames):
    below = max((n for n in VALID[: max(1, frames // 8 + 1)] if n < frames), default=1)
    with pytest.raises(PlanError, match=rf"\b{below} and {below + 8}\b") as refused:
        plan_frames(frames, Fraction(25))
    assert refused.value.exit_code == 4


@pytest.mark.parametrize("seconds", [0, -1.0, float("nan"), float("inf"), "", "five", "1/0", "nan"])
def test_invalid_length_is_a_usage_error(seconds):
    with pytest.raises(UsageError):
        plan_seconds(seconds, Fraction(25))


def test_four_hours_is_the_maximum():
    four_hours = Fraction(4 * 3600)
    longest = plan_video(four_hours, Fraction(25), "cover")
    assert longest.frames == 360_001
    assert plan_frames(longest.frames, Fraction(25)).frames == longest.frames
    with pytest.raises(PlanError):
        plan_video(four_hours + Fraction(1, 24000), Fraction(25), "cover")
    with pytest.raises(PlanError):
        plan_frames(360_001 + 8, Fraction(25))


@pytest.mark.parametrize(("seconds", "fit"), [(Fraction(0), "auto"), (Fraction(-1), "cover")])
def test_no_audio_has_no_plan(seconds, fit):
    with pytest.raises(PlanError):
        plan_video(seconds, Fraction(25), fit)


def test_floor_of_less_than_a_frame_is_refused():
    with pytest.raises(PlanError, match="shorter than one frame"):
        plan_video(Fraction(1, 100), Fraction(25), "floor")
