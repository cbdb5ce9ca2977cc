"""From what the user gives, a recording, a length or a frame count, to the plan of a video."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from lipwright.audio.driver import DRIVER_RATE_HZ
from lipwright.audio.speech import find_speech
from lipwright.domain.paths import AnyPath
from lipwright.domain.plan import Fit, FramePlan
from lipwright.domain.progress import ProgressCallback, no_progress
from lipwright.domain.time import DEFAULT_FRAME_RATE
from lipwright.media.audio_reader import read_audio
from lipwright.planning import plan_video


def plan_recording(
    audio: AnyPath,
    frame_rate: Fraction = DEFAULT_FRAME_RATE,
    fit: Fit = "auto",
    report: ProgressCallback = no_progress,
) -> FramePlan:
    """Plan the video of a recording; `auto` listens where the speech ends.

    Args:
        audio: Any audio or video file.
        frame_rate: Frames per second, exact.
        fit: How the length meets the 8n+1 grid.
        report: Told how far the reading is.

    Raises:
        InputError: the file cannot be read, or holds no audio.
        PlanError: too short or too long.
    """
    loaded = read_audio(Path(audio), rate_hz=DRIVER_RATE_HZ, report=report)
    return plan_video(loaded.format.seconds, frame_rate, fit, speech=find_speech(loaded.waveform))
