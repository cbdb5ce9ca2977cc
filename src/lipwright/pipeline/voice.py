"""The sound side of a job: what drives the mouth, where it speaks, how long the film is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from lipwright.audio.driver import DRIVER_RATE_HZ, check_usable
from lipwright.audio.edits import KEPT_PAUSE_S, Edit, edited_seconds, plan_edits, to_driver_time
from lipwright.audio.source import Source, SourceMeter
from lipwright.audio.speech import find_speech
from lipwright.domain.finding import Finding
from lipwright.domain.media import Waveform
from lipwright.domain.plan import Fit, FramePlan
from lipwright.domain.run import Report
from lipwright.domain.time import Span
from lipwright.errors import InputError
from lipwright.media.decode import AudioFormat
from lipwright.media.sound import Sound, probe_audio, read_audio
from lipwright.pipeline.request import RenderRequest
from lipwright.planning import plan_film


@dataclass(frozen=True, slots=True)
class Heard:
    """A sound file, read and measured once."""

    path: Path
    sound: Sound
    """Mono at the driver's rate."""
    source: Source
    """What it was like at its own rate."""
    speech: tuple[Span, ...]

    @property
    def lossy_codec(self) -> str:
        """Name of its codec where that loses something: a lossy one, or fewer than 16 bits a sample."""
        form = self.sound.format
        return form.codec if form.lossy or (form.bits or 16) < 16 else ""


@dataclass(frozen=True, slots=True)
class Voice:
    """The sound of a film, read and planned."""

    recording: Heard
    """What drives the mouth."""
    speech: tuple[Span, ...]
    """Where it speaks, as far as the delivered sound goes; before any edit."""
    plan: FramePlan
    edits: tuple[Edit, ...]
    """How pauses are shortened, in driver and delivered sound alike; empty leaves them."""
    formats: Mapping[str, AudioFormat]
    """What each sound file holds, by its role."""
    findings: tuple[Finding, ...]

    @property
    def heard(self) -> Waveform:
        """What drives the mouth: mono at the driver's rate; lost where `make_driver` prepares it."""
        return self.recording.sound.waveform


def hear(path: Path, report: Report) -> Heard:
    """Read a sound file and find who speaks when.

    Raises:
        InputError: it cannot be read or used.
    """
    meter = SourceMeter()
    sound = read_audio(path, rate_hz=DRIVER_RATE_HZ, report=report, listener=meter)
    with naming(path):
        check_usable(sound.waveform)
    return Heard(path, sound, meter.finish(), find_speech(sound.waveform))


@contextmanager
def naming(path: Path | None) -> Iterator[None]:
    """Put the file's name, where there is one, before what is wrong with what it holds."""
    try:
        yield
    except InputError as error:
        if path is not None and str(path) not in error.message:
            error.message = f"{path}: {error.message}"
            error.args = (error.message,)
        raise


def read_voice(request: RenderRequest, report: Report) -> Voice:
    """Read the sound that drives, and plan the film by the sound that is delivered.

    Raises:
        InputError: a sound cannot be read or used.
        PlanError: no film has such a length.
    """
    heard = hear(request.driver or request.audio, report)
    formats = {"audio": heard.sound.format}
    if request.driver is not None:
        formats = {"audio": probe_audio(request.audio), "driver": heard.sound.format}
    master = formats["audio"]
    # What the driver says after the delivered sound has ended makes the film no longer.
    end = float(master.seconds)
    speech = tuple(Span(span.start, min(span.end, end)) for span in heard.speech if span.start < end)
    edits: tuple[Edit, ...] = ()
    if request.prepare and request.preparation.trim_silence:
        edits = plan_edits(speech, master.seconds, master.sample_rate_hz, DRIVER_RATE_HZ)
    plan = plan_voice(master.seconds, speech, edits, request.rate, request.fit)
    return Voice(heard, speech, plan, edits, formats, tuple(_findings(formats, plan, edits)))


def plan_voice(
    seconds: Fraction, speech: Sequence[Span], edits: Sequence[Edit], rate: Fraction, fit: Fit
) -> FramePlan:
    """Plan the film of a sound whose pauses may have been shortened.

    Raises:
        PlanError: no film has such a length.
    """
    if edits:
        seconds, speech = edited_seconds(edits), to_driver_time(speech, edits)
    return plan_film(seconds, rate, fit, speech=speech)


def _findings(
    formats: Mapping[str, AudioFormat], plan: FramePlan, edits: Sequence[Edit]
) -> Iterator[Finding]:
    lengths = [form.seconds for form in formats.values()]
    if (max(lengths) - min(lengths)) * plan.rate >= 1:
        yield Finding(
            rule="driver-length",
            severity="warning",
            text=f"the driver lasts {float(formats['driver'].seconds):.3f} s, "
            f"the sound delivered {float(formats['audio'].seconds):.3f} s",
            advice="make both from the same timeline, or the lips will not fit what is heard",
            where={"start": float(min(lengths)), "end": float(max(lengths))},
        )
    if edits:
        seconds = formats["audio"].seconds
        yield Finding(
            rule="master-shortened",
            severity="hint",
            text=f"the delivered sound is {float(seconds - edited_seconds(edits)):.2f} s shorter than the"
            f" recording: its long pauses were cut to {KEPT_PAUSE_S} s, as --trim-silence asks",
            advice="the manifest's edits tell what lies where; without --trim-silence it is delivered whole",
            where={"start": 0.0, "end": float(seconds)},
        )
