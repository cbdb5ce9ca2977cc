"""Chunks cover the video exactly, on the 8-frame grid, and are cut where nobody speaks."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.domain.time import Span
from lipwright.planning import lay_chunks, plan_video

FRAMES = st.integers(0, 3000).map(lambda n: 8 * n + 1)


@st.composite
def speech_spans(draw):
    """Words and pauses in turn, up to four minutes of them."""
    lengths = draw(st.lists(st.floats(0.05, 8), min_size=2, max_size=60))
    spans, now = [], 0.0
    for speech, pause in zip(lengths[::2], lengths[1::2], strict=False):
        spans.append(Span(now, now + speech))
        now += speech + pause
    return spans


@given(FRAMES, speech_spans(), st.sampled_from([Fraction(25), Fraction(24000, 1001), Fraction(60)]))
def test_chunks_cover_every_frame_on_the_grid(frames, speech, frame_rate):
    for chunks in (lay_chunks(frames, frame_rate), lay_chunks(frames, frame_rate, speech=speech)):
        assert (chunks[0].start_frame, chunks[0].overlap_frames) == (0, 1)
        assert chunks[-1].start_frame + chunks[-1].frames == frames
        for chunk in chunks:
            assert chunk.start_frame % 8 == 0
            assert chunk.frames % 8 == chunk.overlap_frames % 8 == 1
            assert chunk.frames <= 257
        for before, chunk in itertools.pairwise(chunks):
            assert chunk.start_frame == before.start_frame + before.frames - chunk.overlap_frames
            assert chunk.frames >= 25 + 8 * 8  # a third of a clip is new at least
        assert (len(chunks) == 1) == (frames <= 257)


@given(FRAMES.filter(lambda n: n > 257))
def test_without_speech_chunks_are_few_and_even(frames):
    chunks = lay_chunks(frames, Fraction(25))
    fewest = 1 + -(-(frames - 257) // (257 - 25))
    assert len(chunks) == fewest
    lengths = [chunk.frames for chunk in chunks]
    assert max(lengths) - min(lengths) <= 8 * len(chunks)
    assert min(lengths) > 257 // 2


def test_cuts_move_into_pauses():
    speech = [Span(0, 6.1), Span(6.9, 14.0), Span(14.9, 20.3), Span(21.1, 29)]
    chunks = lay_chunks(753, Fraction(25), speech=speech)
    ends = [(chunk.start_frame + chunk.frames - 1) / 25 for chunk in chunks[:-1]]
    assert ends
    assert not any(span.start < end < span.end for span in speech for end in ends)
    assert any(
        span.start < (chunk.start_frame + chunk.frames - 1) / 25 < span.end
        for span in speech
        for chunk in lay_chunks(753, Fraction(25))[:-1]
    ), "the video is such that even cuts would fall into words"


def test_the_plan_of_a_recording_uses_its_pauses():
    speech = (Span(0, 6.1), Span(6.9, 14.0))
    assert plan_video(Fraction(14), Fraction(25), speech=speech).chunks == lay_chunks(
        353, Fraction(25), speech=speech
    )


@pytest.mark.parametrize(("frames", "longest"), [(10, 257), (401, 256), (401, 1)])
def test_counts_off_the_grid_are_a_mistake_of_the_caller(frames, longest):
    with pytest.raises(ValueError, match=r"8n\+1|at least 9"):
        lay_chunks(frames, Fraction(25), max_frames=longest)


@pytest.mark.parametrize("longest", range(9, 66, 8))
def test_engines_of_short_clips_get_short_overlaps(longest):
    chunks = lay_chunks(401, Fraction(25), max_frames=longest)
    assert max(chunk.frames for chunk in chunks) <= longest
    assert sum(chunk.frames - chunk.overlap_frames for chunk in chunks) == 400
    for before, after in itertools.pairwise(chunks):
        assert before.start_frame + before.frames == after.start_frame + after.overlap_frames
        assert after.overlap_frames <= (longest + 1) / 2


def test_four_hours_are_divided_into_chunks():
    chunks = lay_chunks(360_001, Fraction(25))
    assert sum(chunk.frames - chunk.overlap_frames for chunk in chunks) == 360_000
