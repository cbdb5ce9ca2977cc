"""Score chunks during a render, with the measurements of `lipwright check`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.chunks import ChunkScore, FrameScorer
from lipwright.domain.media import Waveform
from lipwright.domain.spans import clip_spans
from lipwright.domain.time import Span, seconds_to_samples
from lipwright.errors import LipwrightError
from lipwright.face.landmarks import FaceTracker
from lipwright.sync.active_speaker import find_speaker, persistent_people
from lipwright.sync.face_tracking import track_faces
from lipwright.sync.mouth_metrics import measure_mouth
from lipwright.sync.mouth_track import track_mouths
from lipwright.sync.target_motion import target_from_audio

MIN_SPEECH_SECONDS = 0.5
"""Minimum length of speech for comparing lips with audio."""


def frame_scorer(driver: Waveform, speech: Sequence[Span]) -> FrameScorer:
    """Return a function that scores the frames of one chunk of a video.

    Args:
        driver: The audio that drives the whole video; mono.
        speech: Spans of speech in this audio.
    """

    def score(frames: Iterable[NDArray[np.uint8]], frame_rate: Fraction, start: float) -> ChunkScore | None:
        try:
            return _score(frames, frame_rate, start, driver, speech)
        except LipwrightError:  # the face model is missing
            return None

    return score


def _score(
    frames: Iterable[NDArray[np.uint8]],
    frame_rate: Fraction,
    start: float,
    driver: Waveform,
    speech: Sequence[Span],
) -> ChunkScore | None:
    stream = ((Fraction(number) / frame_rate, frame) for number, frame in enumerate(frames))
    first = next(stream, None)
    if first is None:
        return None
    height, width = first[1].shape[:2]
    video = track_mouths(track_faces(chain([first], stream), FaceTracker()), (width, height))
    within = Span(start, start + len(video.seconds) / float(frame_rate))
    audio, speech = _part_of(driver, speech, within)
    spoken = sum(span.seconds for span in speech)
    target = target_from_audio(audio, tuple(speech)) if spoken >= MIN_SPEECH_SECONDS else None
    speaker = find_speaker(video, target)
    if speaker.track is None or not persistent_people(video):
        return None
    estimate = speaker.estimate
    mouth = measure_mouth(speaker.track, video, target, estimate.offset_ms).mouth
    return ChunkScore(estimate.offset_ms, estimate.confidence, mouth.stiffness, len(mouth.jumps))


def _part_of(audio: Waveform, speech: Sequence[Span], within: Span) -> tuple[Waveform, tuple[Span, ...]]:
    """Return a section of the audio, and the speech in it as spans in seconds from the section's start."""
    first, last = (seconds_to_samples(at, audio.rate_hz) for at in (within.start, within.end))
    moved = tuple(
        Span(span.start - within.start, span.end - within.start) for span in clip_spans(speech, within)
    )
    return Waveform(audio.mono[None, first:last], audio.rate_hz), moved
