"""Compute the number of frames for the length of a recording.

The rule of the lip-sync guide is seconds x fps, rounded to the nearest 8n+1; a tie is rounded down (5 s at 25
fps: 125 -> 121). Rounding down cuts the end of the audio, so `auto` rounds up if speech would be cut; the
driver is then padded with room tone.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from lipwright.domain.grid import MAX_CLIP_FRAMES, cover_frames, floor_frames, is_valid_frames, nearest_frames
from lipwright.domain.plan import Fit, FramePlan
from lipwright.domain.text import shorten
from lipwright.domain.time import (
    MAX_RATE,
    MAX_RECORDING_SECONDS,
    Span,
    frames_to_seconds,
    parse_fraction,
)
from lipwright.errors import PlanError, UsageError
from lipwright.planning.chunk_layout import lay_chunks

MIN_MOVING_FRAMES = 9
"""Minimum frame count of a video that moves: frame 0, which is the image itself, and the 8 frames of the next
latent."""

SPEECH_SLACK_S = Fraction(1, 1000)
"""Seconds of speech after the end of the video that do not count as cut, to allow for rounding."""


def plan_video(
    audio_seconds: Fraction,
    frame_rate: Fraction,
    fit: Fit = "auto",
    *,
    speech: Sequence[Span] = (),
    max_clip_frames: int = MAX_CLIP_FRAMES,
) -> FramePlan:
    """Plan the video of a recording.

    Args:
        audio_seconds: Exact length of the audio: number of samples / sample rate.
        frame_rate: Frames per second, exact.
        fit: `nearest`, `cover` (round up) or `floor` (round down). `auto` is `nearest`, or `cover` if
            `nearest` would cut speech or leave a single frame.
        speech: Spans of speech, in seconds; chunks are cut in the pauses between them.
        max_clip_frames: Maximum number of frames in a chunk, 8n+1.

    Returns:
        The plan; its `fit` is the rule that was applied, never `auto`.

    Raises:
        PlanError: the audio is empty, longer than 4 hours, or, with `floor`, shorter than one frame.

    >>> plan_video(Fraction(5), Fraction(25)).frames
    121
    >>> plan_video(Fraction(5), Fraction(25), speech=[Span(0.2, 4.9)]).frames
    129
    """
    if audio_seconds <= 0:
        raise PlanError(
            f"the audio is {float(audio_seconds):g} s long, which is too short for a video",
            hint="give a recording that is not empty",
        )
    _refuse_too_long(audio_seconds, "the audio")
    wanted = audio_seconds * frame_rate
    applied = fit
    if fit == "auto":
        speech_end = max((span.end for span in speech), default=0.0)
        applied = "cover" if _nearest_loses(wanted, frame_rate, speech_end) else "nearest"
    if applied == "floor" and wanted < 1:
        raise PlanError(
            f"the audio is shorter than one frame at {frame_rate} fps",
            hint="use --fit cover",
        )
    count = {"nearest": nearest_frames, "cover": cover_frames, "floor": floor_frames}[applied](wanted)
    if fit == "auto":
        count = max(count, MIN_MOVING_FRAMES)
    chunks = lay_chunks(count, frame_rate, speech=speech, max_frames=max_clip_frames)
    return FramePlan(count, frame_rate, audio_seconds, applied, chunks)


def plan_seconds(seconds: Fraction | float | str, frame_rate: Fraction, fit: Fit = "auto") -> FramePlan:
    """Plan a video of a given length, without a recording; `auto` then means `nearest`.

    Decimals are exact as written: 4.84 means 121/25. The nearest floating-point number is slightly
    smaller, and `floor` would round it down to 113 frames at 25 fps.

    Raises:
        UsageError: `seconds` is not a number above 0.
        PlanError: see `plan_video`.

    >>> plan_seconds(5, Fraction(25)).frames
    121
    """
    exact = seconds if isinstance(seconds, Fraction) else parse_fraction(str(seconds))
    if exact is None or exact <= 0:
        raise UsageError(
            f"{shorten(seconds)} is not a length in seconds",
            hint="give seconds above 0, such as 5 or 4.84",
        )
    return plan_video(exact, frame_rate, "nearest" if fit == "auto" else fit)


def plan_frames(frames: int, frame_rate: Fraction) -> FramePlan:
    """Plan a video with an exact number of frames.

    Raises:
        PlanError: `frames` is not 8n+1 (the message names the nearest valid counts), or the video is longer
            than 4 hours.

    >>> plan_frames(125, Fraction(25))
    Traceback (most recent call last):
        ...
    lipwright.errors.PlanError: 125 frames is not 8n+1; the valid counts next to it are 121 and 129
    """
    if frames > MAX_RECORDING_SECONDS * MAX_RATE:
        raise PlanError(f"{shorten(frames)} frames are more than 4 hours", hint="split the video into parts")
    if not is_valid_frames(frames):
        below = floor_frames(frames)
        raise PlanError(
            f"{frames} frames is not 8n+1; the valid counts next to it are {below} and {below + 8}",
            hint=f"use --frames {nearest_frames(frames)}",
        )
    seconds = frames_to_seconds(frames, frame_rate)
    # A recording of exactly 4 hours may be rounded up by 8 frames.
    _refuse_too_long(seconds - frames_to_seconds(8, frame_rate), "the video")
    return FramePlan(frames, frame_rate, seconds, "nearest", lay_chunks(frames, frame_rate))


def _nearest_loses(wanted: Fraction, frame_rate: Fraction, speech_end: float) -> bool:
    """Return True if `nearest` would cut speech, or leave a single frame, which cannot move."""
    count = nearest_frames(wanted)
    lost = Fraction(speech_end) - frames_to_seconds(count, frame_rate)
    return count < MIN_MOVING_FRAMES or (count < wanted and lost > SPEECH_SLACK_S)


def _refuse_too_long(seconds: Fraction, what: str) -> None:
    if seconds > MAX_RECORDING_SECONDS:
        raise PlanError(
            f"{what} is {float(seconds):.0f} s long; at most {MAX_RECORDING_SECONDS} s (4 hours) is allowed",
            hint="split the recording into parts",
        )
