"""The sound side of a render: what drives the mouth, where it speaks, how long the film is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lipwright.audio.driver import DRIVER_RATE_HZ
from lipwright.audio.speech import find_speech
from lipwright.domain.finding import Finding
from lipwright.domain.media import Waveform
from lipwright.domain.plan import FramePlan
from lipwright.domain.run import Report
from lipwright.domain.time import Span
from lipwright.media.decode import AudioFormat
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
    formats: Mapping[str, AudioFormat]
    """What each sound file holds, by its role."""
    findings: tuple[Finding, ...]


def read_voice(request: RenderRequest, report: Report) -> Voice:
    """Read the sound that drives, and plan the film by the sound that is delivered.

    Raises:
        InputError: a sound cannot be read or used.
        PlanError: no film has such a length.
    """
    sound = read_audio(request.driver or request.audio, rate_hz=DRIVER_RATE_HZ, report=report)
    formats = {"audio": sound.format}
    if request.driver is not None:
        formats = {"audio": probe_audio(request.audio), "driver": sound.format}
    seconds = formats["audio"].seconds
    # What the driver says after the delivered sound has ended makes the film no longer.
    end = float(seconds)
    speech = tuple(
        Span(span.start, min(span.end, end)) for span in find_speech(sound.waveform) if span.start < end
    )
    plan = plan_film(seconds, request.rate, request.fit, speech=speech)
    return Voice(sound.waveform, speech, plan, formats, _findings(formats, plan))


def _findings(formats: Mapping[str, AudioFormat], plan: FramePlan) -> tuple[Finding, ...]:
    lengths = [form.seconds for form in formats.values()]
    if (max(lengths) - min(lengths)) * plan.rate < 1:
        return ()
    return (
        Finding(
            rule="driver-length",
            severity="warning",
            text=f"the driver lasts {float(formats['driver'].seconds):.3f} s, "
            f"the sound delivered {float(formats['audio'].seconds):.3f} s",
            advice="make both from the same timeline, or the lips will not fit what is heard",
            where={"start": float(min(lengths)), "end": float(max(lengths))},
        ),
    )
