"""From what the user gives, a recording, a length or a frame count, to the plan of a film."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from lipwright.audio.driver import DRIVER_RATE_HZ
from lipwright.audio.speech import find_speech
from lipwright.domain.paths import AnyPath
from lipwright.domain.plan import Fit, FramePlan
from lipwright.domain.run import Report, silent
from lipwright.domain.time import DEFAULT_RATE
from lipwright.media.sound import read_audio
from lipwright.planning import plan_film


def plan_recording(
    audio: AnyPath, rate: Fraction = DEFAULT_RATE, fit: Fit = "auto", report: Report = silent
) -> FramePlan:
    """Plan the film of a recording; `auto` listens where the speech ends.

    Args:
        audio: Any sound or video file.
        rate: Frames per second, exact.
        fit: How the length meets the 8n+1 grid.
        report: Told how far the reading is.

    Raises:
        InputError: the file cannot be read, or holds no sound.
        PlanError: too short or too long.
    """
    sound = read_audio(Path(audio), rate_hz=DRIVER_RATE_HZ, report=report)
    return plan_film(sound.format.seconds, rate, fit, speech=find_speech(sound.waveform))
