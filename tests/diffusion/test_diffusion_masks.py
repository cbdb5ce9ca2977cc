"""Masks by time, against the arithmetic of the ComfyUI node written out a second time."""

from fractions import Fraction
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.diffusion.masks import held_weights, token_mask, window_weights
from lipwright.domain.grid import audio_window, video_window
from lipwright.errors import UsageError

RATES = [Fraction(24), Fraction(25), Fraction(30), Fraction(24000, 1001), Fraction(30000, 1001)]
seconds = st.floats(0, 30) | st.integers(0, 3000).map(lambda n: n / 100)
exact_seconds = st.fractions(0, 30, max_denominator=1000)


def node_weights(start, end, fps, video_frames, audio_length):
    """LTXVSetAudioVideoMaskByTime's masks with both initial values 0."""
    boundaries = np.array([0, *range(1, 8 * video_frames + 1, 8)])
    first = np.searchsorted(boundaries, round(start * fps), side="left")
    last = np.searchsorted(boundaries, round(end * fps), side="right") - 1
    video = np.zeros(video_frames)
    video[max(0, first) : min(last, video_frames)] = 1
    audio = np.zeros(audio_length)
    audio[max(0, round(start * 25)) : min(round(end * 25) + 1, audio_length)] = 1
    return video, audio


@given(seconds, seconds, st.sampled_from(RATES), st.integers(1, 60), st.integers(1, 400))
def test_windows_equal_those_of_the_comfyui_node(start, end, frame_rate, frames, length):
    video, audio = node_weights(start, end, float(frame_rate), frames, length)
    window = video_window(start, end, frames=frames, frame_rate=frame_rate)
    assert window_weights(frames, window).tolist() == video.tolist()
    assert window_weights(length, audio_window(start, end, length=length)).tolist() == audio.tolist()


@given(exact_seconds, exact_seconds, st.sampled_from(RATES), st.integers(1, 60))
def test_exact_times_hold_whole_latent_frames_only(start, end, frame_rate, frames):
    """A chosen latent frame's pixels lie inside [start, end] up to half a frame of rounding."""
    for j in video_window(start, end, frames=frames, frame_rate=frame_rate):
        first, past = (0, 1) if j == 0 else (8 * j - 7, 8 * j + 1)
        assert first >= start * frame_rate - Fraction(1, 2)
        assert past <= end * frame_rate + Fraction(1, 2)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, inf, range(16)),
        (0, Fraction(484, 100), range(16)),
        (0, Fraction(480, 100), range(15)),  # traps: 4.84 rounded to 4.8 loses the last latent frame
        (0, Fraction(1, 25), range(1)),
        (Fraction(1, 25), Fraction(9, 25), range(1, 2)),
        (Fraction(2, 25), Fraction(9, 25), range(0)),
        (-1, 5, range(16)),
        (10, 20, range(0)),
        (3, 1, range(0)),
    ],
)
def test_windows_by_hand_for_121_frames(start, end, expected):
    assert list(video_window(start, end, frames=16, frame_rate=Fraction(25))) == list(expected)


def test_halves_round_to_even():
    assert audio_window(Fraction(1, 10), Fraction(1, 10), length=99) == range(2, 3)  # 2.5 -> 2
    assert audio_window(Fraction(3, 50), Fraction(7, 50), length=99) == range(2, 5)  # 1.5 -> 2, 3.5 -> 4


def test_a_time_that_is_not_a_number_is_refused():
    for call in (
        lambda t: audio_window(t, 1, length=9),
        lambda t: video_window(0, t, frames=9, frame_rate=Fraction(25)),
    ):
        with pytest.raises(UsageError):
            call(nan)


def test_weights_multiply_into_token_masks():
    weights = held_weights(4, 1) * window_weights(4, range(0, 3))
    mask = token_mask(weights, batch=2, similar_to=np.zeros(1, dtype=np.float32), tokens_per_frame=2)
    assert mask.dtype == np.float32
    assert mask.shape == (2, 8, 1)
    assert mask[..., 0].tolist() == [[0, 0, 1, 1, 1, 1, 0, 0]] * 2


def test_strength_sets_how_firmly_frames_are_held():
    assert held_weights(3, 2, strength=0.75).tolist() == [0.25, 0.25, 1]
    assert held_weights(3, 0).tolist() == [1, 1, 1]
