"""What a video's measures come to: the verdict, and what is worth a word beside it."""

from __future__ import annotations

from lipwright.domain.finding import Finding
from lipwright.domain.media import Waveform
from lipwright.domain.sync import IN_SYNC_MS, Verdict
from lipwright.sync.active_speaker import most_at_once, people_of
from lipwright.sync.mouth import MouthTrack, Watched
from lipwright.sync.mouth_metrics import Quality
from lipwright.sync.offset_estimate import Timing

SILENCE_MOTION = 0.5
"""Lip motion in silence, as a share of that in speech, from which it is told."""
LENGTHS_S = 0.1
"""Difference of image and audio from which it is told."""


def judge(
    track: MouthTrack | None, quality: Quality | None, timing: Timing, watched: Watched, seconds: float
) -> Verdict:
    """The verdict, in the order in which one finding hides the next.

    Args:
        track: The mouth that speaks; None where no face is seen.
        quality: How it moves.
        timing: How far it is from the audio.
        watched: The video.
        seconds: Its length.
    """
    if track is None:
        return "no-face"
    if quality is not None and (quality.frozen_image or (quality.static and timing.offset_ms is None)):
        return "static"
    if timing.offset_ms is None:
        return "inconclusive"
    if abs(timing.drift_ms_per_s or 0.0) * seconds >= 1000 / max(watched.rate_hz, 1.0):
        return "drift"
    if timing.offset_ms < IN_SYNC_MS[0]:
        return "audio-early"
    return "audio-late" if timing.offset_ms > IN_SYNC_MS[1] else "in-sync"


def remarks(
    quality: Quality | None, watched: Watched, seconds: float, own: Waveform | None
) -> tuple[Finding, ...]:
    """What was noticed beside the causes.

    Args:
        quality: How the mouth moves; None without a face.
        watched: The video.
        seconds: Its length.
        own: Its own audio; None where it has none.
    """
    found: list[Finding] = []
    if quality is not None and quality.zoom:
        found.append(
            Finding(
                "slow-zoom",
                "warning" if quality.static else "hint",
                f"the image zooms slowly: the face grows by {100 * quality.zoom:.0f} %",
                "a frozen image with a zoom is what a model makes of a driver that is too clean: "
                "--driver-noise -55, a lower --image-strength, another --seed",
            )
        )
    if quality is not None and (quality.mouth.silence_motion or 0.0) > SILENCE_MOTION:
        found.append(
            Finding(
                "lips-move-in-silence",
                "warning",
                "the lips move in silence, "
                f"{100 * (quality.mouth.silence_motion or 0):.0f} % as much as in speech",
                "leave room tone in pauses, and take motion words out of the prompt",
            )
        )
    faces = most_at_once(people_of(watched, seconds))
    if faces > 1:
        found.append(
            Finding(
                "several-people",
                "hint",
                f"{faces} faces; the one whose mouth goes with the audio was measured",
            )
        )
    if own is not None and abs(own.seconds - seconds) > LENGTHS_S:
        found.append(
            Finding(
                "lengths-differ",
                "warning",
                f"image {seconds:.2f} s, audio {own.seconds:.2f} s",
                "count the frames from the audio's length: `lipwright plan AUDIO`",
                {"start": min(own.seconds, seconds), "end": max(own.seconds, seconds)},
            )
        )
    return tuple(found)
