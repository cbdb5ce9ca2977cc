"""Choose the excerpt that each round renders: the span with the most speech, at a small size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np

from lipwright.audio.driver import DRIVER_RATE_HZ
from lipwright.audio.speech import find_speech
from lipwright.domain.media import FrameSize, Image, Waveform
from lipwright.domain.progress import ProgressCallback
from lipwright.domain.settings import RenderRequest
from lipwright.domain.time import Span
from lipwright.errors import InputError, UsageError
from lipwright.media.audio_reader import read_audio
from lipwright.media.audio_writer import write_excerpt
from lipwright.media.image_file import read_image
from lipwright.pipeline.audio_input import driving_audio
from lipwright.pipeline.tune.preview_cache import PreviewCache
from lipwright.planning import SizeRules, snap_size

PREVIEW_SECONDS = Fraction(129, 25)
"""Length of a preview: 5.16 s, or 129 frames at 25 fps. This is the shortest video whose sync can be measured
with confidence."""

MAX_EXTRA_SECONDS = 1
"""If a recording is longer than a preview by at most this many seconds, the preview covers all of it."""

LEVEL_HOP_S = 0.01
"""Step in seconds at which the level of the speech is measured."""
START_STEP_HOPS = 5
"""Spacing of the possible starts of a preview, in hops of LEVEL_HOP_S: 50 ms."""

MAX_ASPECT_RATIO = 1.06
"""Two aspect ratios, such as those of 1920x1088 (1.76) and 832x448 (1.86), count as equal if the larger is at
most this many times the smaller."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The excerpt that every round renders."""

    request: RenderRequest
    """The user's request, changed to the excerpt and size of the preview; each round sets the output path."""
    span: Span
    """Part of the recording that the preview covers, in seconds."""
    whole: bool
    """True if the preview covers the whole recording."""
    video_size: FrameSize
    """Size of the final video."""
    image: Image | None = field(compare=False)
    """The request's image, which is read and searched for faces once for all rounds."""

    @property
    def smaller(self) -> bool:
        """True if the preview is smaller than the final video."""
        return self.request.size != str(self.video_size)

    def at_full_size(self) -> Preview:
        """Return the preview at the size of the final video, for a face that is too small to be measured."""
        return replace(self, request=replace(self.request, size=str(self.video_size)))


def plan_preview(
    request: RenderRequest,
    sizes: SizeRules,
    cache: PreviewCache,
    report: ProgressCallback,
    *,
    two_stage: bool = False,
) -> Preview:
    """Find the span with the most speech, and write excerpts of the audio files into the cache.

    Raises:
        InputError: a file cannot be used, or nobody speaks in the audio.
        OutputError: the excerpt cannot be written.
        UsageError: `--start` is after the end of the audio.
    """
    driving = driving_audio(request)
    loaded = read_audio(driving, rate_hz=DRIVER_RATE_HZ, report=report)
    seconds = float(loaded.format.seconds)
    if (request.start_seconds or 0.0) >= seconds:
        raise UsageError(
            f"--start {request.start_seconds:g} is after the end of the audio, {seconds:.2f} s",
            hint="give an earlier --start",
        )
    mask = Span(request.start_seconds or 0.0, min(seconds, request.end_seconds or seconds))
    speech = [span for span in find_speech(loaded.waveform) if span.overlaps(mask)]
    if not speech:
        raise InputError(
            f"{driving}: no speech found, so there is no sync to tune",
            hint="give a recording of speech, or use lipwright render",
        )
    image = read_image(request.image) if request.image else None
    video_size = snap_size(request.size, image.size if image else None, sizes, two_stage=two_stage)[1]
    size = str(preview_size(video_size, sizes, two_stage=two_stage))
    small = replace(request, size=size, start_seconds=None, end_seconds=None, check=False)
    if mask.seconds <= PREVIEW_SECONDS + MAX_EXTRA_SECONDS and mask.seconds == seconds:
        return Preview(small, mask, whole=True, video_size=video_size, image=image)
    span = find_busiest_span(loaded.waveform, speech, float(PREVIEW_SECONDS), within=mask)
    excerpts = {}
    for role, source in (("audio", request.recording), ("driver", driving if request.driver else None)):
        if source is not None:
            excerpts[role] = cache.excerpt(source, span)
            write_excerpt(source, span, excerpts[role])
    small = replace(small, audio_from_seconds=None, audio_to_seconds=None)
    small = replace(small, **excerpts)  # type: ignore[arg-type]
    return Preview(small, span, whole=False, video_size=video_size, image=image)


def find_busiest_span(audio: Waveform, speech: Sequence[Span], seconds: float, *, within: Span) -> Span:
    """Find the span of a given length with the most speech.

    This is the span with the largest sum of level changes, in dB, during speech. Syllables change the level;
    held vowels, music and noise do not. Pauses are ignored.

    Args:
        audio: Mono.
        speech: Spans of speech.
        seconds: Length of the span.
        within: Span to search; it is returned unchanged if it is not longer than `seconds`.
    """
    if within.seconds <= seconds:
        return within
    hop = round(audio.rate_hz * LEVEL_HOP_S)
    hops = len(audio.mono) // hop
    power = (audio.mono[: hops * hop].reshape(hops, hop).astype(np.float64) ** 2).mean(1)
    level_db = 10 * np.log10(power + 1e-7)
    change_db = np.abs(np.diff(level_db, prepend=level_db[:1]))
    spoken = np.zeros(hops, bool)
    for span in speech:
        spoken[int(span.start / LEVEL_HOP_S) : int(span.end / LEVEL_HOP_S)] = True
    total_db = np.concatenate([[0.0], np.cumsum(np.where(spoken, change_db, 0.0))])
    length = round(seconds / LEVEL_HOP_S)
    first = -(-round(within.start / LEVEL_HOP_S) // START_STEP_HOPS) * START_STEP_HOPS
    starts = np.arange(first, max(first + 1, round(within.end / LEVEL_HOP_S) - length + 1), START_STEP_HOPS)
    said_db = total_db[np.minimum(starts + length, hops)] - total_db[np.minimum(starts, hops)]
    start = min(float(starts[int(said_db.argmax())] * LEVEL_HOP_S), within.end - seconds)
    return Span(start, start + seconds)


def preview_size(video: FrameSize, sizes: SizeRules, *, two_stage: bool = False) -> FrameSize:
    """Return the engine's 480p size in the video's aspect ratio; a video of 480p or less keeps its size.

    >>> str(preview_size(FrameSize(1280, 704), SizeRules()))
    '832x448'
    """
    small = snap_size("480p", video, sizes, two_stage=two_stage)[1]
    aspects = sorted(size.width / size.height for size in (small, video))
    if aspects[1] > MAX_ASPECT_RATIO * aspects[0]:
        scale = min(small.width, small.height) / min(video.width, video.height)
        if scale >= 1:
            return video
        scaled = f"{round(video.width * scale)}x{round(video.height * scale)}"
        small = snap_size(scaled, None, sizes, two_stage=two_stage)[1]
    return small if small.width * small.height < video.width * video.height else video
