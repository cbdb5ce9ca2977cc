"""The few seconds that are rendered again and again: where most is said, small, with a plan of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from lipwright.audio.driver import DRIVER_RATE_HZ
from lipwright.audio.speech import find_speech
from lipwright.domain.media import FrameSize, Waveform
from lipwright.domain.progress import ProgressCallback
from lipwright.domain.settings import RenderRequest
from lipwright.domain.time import Span
from lipwright.errors import InputError, UsageError
from lipwright.media.audio_reader import read_audio
from lipwright.media.audio_writer import write_excerpt
from lipwright.media.image_file import read_image
from lipwright.pipeline.tune.preview_cache import PreviewStore
from lipwright.planning import SizeRules, snap_size

PREVIEW_SECONDS = Fraction(129, 25)
"""5.16 s, 129 frames at 25 fps: the shortest plan in which a sync measurement can be sure."""

SPARE_SECONDS = 1
"""A recording longer than the preview by no more than this is its own preview."""

SHORT_SIDE = 480
"""Pixels of a preview's shorter side: 480p in the video's own shape."""

HOP_S = 0.01
STEP_HOPS = 5
"""Where previews may begin: every 50 ms."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What is rendered in each round."""

    request: RenderRequest
    """The user's, on the excerpt and in the preview's size; its output is each round's own."""
    span: Span
    """What it shows, in seconds of the recording."""
    whole: bool
    """It shows all of the recording."""
    video_size: FrameSize
    """The size of the video."""

    @property
    def smaller(self) -> bool:
        """The preview is smaller than the video."""
        return self.request.size != str(self.video_size)

    def at_full_size(self) -> Preview:
        """The same in the video's size, for faces that are too small in a small image."""
        return replace(self, request=replace(self.request, size=str(self.video_size)))


def plan_preview(
    request: RenderRequest,
    sizes: SizeRules,
    store: PreviewStore,
    report: ProgressCallback,
    *,
    two_stage: bool = False,
) -> Preview:
    """Find the busiest seconds of speech, and cut them out.

    Args:
        request: What the user wants.
        sizes: What the engine can make.
        store: Where excerpts go; those that lie there are written again.
        report: Told the steps of reading.
        two_stage: Sizes are multiples of 64.

    Raises:
        InputError: a file cannot be used, or nobody speaks in the audio.
        OutputError: the excerpt cannot be written.
    """
    loaded = read_audio(request.driver or request.audio, rate_hz=DRIVER_RATE_HZ, report=report)
    seconds = float(loaded.format.seconds)
    if (request.start_seconds or 0.0) >= seconds:
        raise UsageError(f"--start {request.start_seconds:g} is after the audio's end", hint="give less")
    moving = Span(request.start_seconds or 0.0, min(seconds, request.end_seconds or seconds))
    speech = [span for span in find_speech(loaded.waveform) if span.overlaps(moving)]
    if not speech:
        raise InputError(
            f"{request.driver or request.audio}: nobody speaks in it, so there is no sync to tune",
            hint="give a recording with speech, or render it without tuning",
        )
    image = read_image(request.image) if request.image else None
    shape = image.size if image else None
    video_size = snap_size(request.size, shape, sizes, two_stage=two_stage)[1]
    size = str(preview_size(video_size, sizes, two_stage=two_stage))
    small = replace(request, size=size, start_seconds=None, end_seconds=None, check=False)
    if moving.seconds <= PREVIEW_SECONDS + SPARE_SECONDS and moving.seconds == seconds:
        return Preview(small, moving, whole=True, video_size=video_size)
    span = busiest(loaded.waveform, speech, float(PREVIEW_SECONDS), within=moving)
    audio = store.excerpt(request.audio, span)
    write_excerpt(request.audio, span, audio)
    driver = None
    if request.driver is not None:
        driver = store.excerpt(request.driver, span)
        write_excerpt(request.driver, span, driver)
    return Preview(replace(small, audio=audio, driver=driver), span, whole=False, video_size=video_size)


def busiest(audio: Waveform, speech: Sequence[Span], seconds: float, *, within: Span) -> Span:
    """The stretch in which most is said.

    What counts is how much the level of the speech goes up and down, in dB: syllables do
    that, while held vowels, music and noise do not. Pauses count nothing.

    Args:
        audio: Mono.
        speech: Where somebody speaks.
        seconds: Length of the stretch.
        within: Where it may lie; shorter than `seconds`, it is the answer.

    Returns:
        A span of exactly that length (or `within`), in seconds.
    """
    if within.seconds <= seconds:
        return within
    hop = round(audio.rate_hz * HOP_S)
    hops = len(audio.mono) // hop
    power = (audio.mono[: hops * hop].reshape(hops, hop).astype(np.float64) ** 2).mean(1)
    level_db = 10 * np.log10(power + 1e-7)
    moves = np.abs(np.diff(level_db, prepend=level_db[:1]))
    spoken = np.zeros(hops, bool)
    for span in speech:
        spoken[int(span.start / HOP_S) : int(span.end / HOP_S)] = True
    total = np.concatenate([[0.0], np.cumsum(np.where(spoken, moves, 0.0))])
    length = round(seconds / HOP_S)
    first = -(-round(within.start / HOP_S) // STEP_HOPS) * STEP_HOPS
    starts = np.arange(first, max(first + 1, round(within.end / HOP_S) - length + 1), STEP_HOPS)
    said = total[np.minimum(starts + length, hops)] - total[np.minimum(starts, hops)]
    start = float(starts[int(said.argmax())] * HOP_S)
    start = min(start, within.end - seconds)
    return Span(start, start + seconds)


def preview_size(video: FrameSize, sizes: SizeRules, *, two_stage: bool = False) -> FrameSize:
    """480p in the video's shape, or the video's own size where it is no larger.

    >>> str(preview_size(FrameSize(1280, 704), SizeRules()))
    '832x448'
    """
    if sizes.keeps_own_size:
        scale = min(1.0, SHORT_SIDE / min(video.width, video.height))
        step = sizes.multiple
        return FrameSize(*(step * round(side * scale / step) for side in (video.width, video.height)))
    upright = video.height > video.width
    flat = FrameSize(max(video.width, video.height), min(video.width, video.height))
    named = flat in sizes.named.values()  # 1080p's 1920x1088 is not quite the shape of 832x448
    small = sizes.named["480p"] if named else snap_size(None, flat, sizes, two_stage=two_stage)[1]
    if small.width * small.height >= video.width * video.height:
        return video
    return FrameSize(small.height, small.width) if upright else small
