"""The sound side of a render: what drives the mouth, where it speaks, how long the film is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from lipwright.audio.driver import DRIVER_RATE_HZ
from lipwright.audio.speech import find_speech
from lipwright.domain.finding import Finding
from lipwright.domain.media import Waveform
from lipwright.domain.plan import FramePlan
from lipwright.domain.run import Report
from lipwright.domain.time import Span
from lipwright.media.sound import probe_audio, read_audio
from lipwright.pipeline.request import RenderRequest
from lipwright.planning import plan_film


@dataclass(frozen=True, slots=True)
class Voice:
    """The sound, read and planned."""

    heard: Waveform
    """What drives the mouth: mono at the driver's rate."""
    speech: tuple[Span, ...]
    plan: FramePlan
    seconds: Mapping[str, Fraction]
    """Exact length of each sound file, by its role."""
    findings: tuple[Finding, ...]


def read_voice(request: RenderRequest, report: Report) -> Voice:
    """Read the sound that drives, and plan the film by the sound that is delivered.

    Raises:
        InputError: a sound cannot be read or used.
        PlanError: no film has such a length.
    """
    sound = read_audio(request.driver or request.audio, rate_hz=DRIVER_RATE_HZ, report=report)
    seconds = {"audio": sound.format.seconds}
    if request.driver is not None:
        seconds = {"audio": probe_audio(request.audio).seconds, "driver": sound.format.seconds}
    # What the driver says after the delivered sound has ended makes the film no longer.
    end = float(seconds["audio"])
    speech = tuple(
        Span(span.start, min(span.end, end)) for span in find_speech(sound.waveform) if span.start < end
    )
    plan = plan_film(seconds["audio"], request.rate, request.fit, speech=speech)
    return Voice(sound.waveform, speech, plan, seconds, _findings(seconds, plan))


def _findings(seconds: Mapping[str, Fraction], plan: FramePlan) -> tuple[Finding, ...]:
    if "driver" not in seconds or abs(seconds["driver"] - seconds["audio"]) * plan.rate < 1:
        return ()
    return (
        Finding(
            rule="driver-length",
            severity="warning",
            text=f"the driver lasts {float(seconds['driver']):.3f} s, the sound delivered "
            f"{float(seconds['audio']):.3f} s",
            advice="make both from the same timeline, or the lips will not fit what is heard",
            where={"start": float(min(seconds.values())), "end": float(max(seconds.values()))},
        ),
    )
