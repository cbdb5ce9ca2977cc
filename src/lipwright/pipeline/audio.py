"""What a recording is like, what it becomes as a film's driver, and the driver as a file."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from lipwright.audio.action import Action
from lipwright.audio.driver import DEFAULTS, DRIVER_RATE_HZ
from lipwright.audio.edits import Edit, plan_edits
from lipwright.audio.level import Level
from lipwright.audio.speech import find_silences
from lipwright.domain.finding import Finding
from lipwright.domain.plan import Fit, FramePlan
from lipwright.domain.preparation import Preparation
from lipwright.domain.run import Progress, Report, silent
from lipwright.domain.time import Span
from lipwright.errors import UsageError
from lipwright.media.decode import AudioFormat
from lipwright.media.shorten import write_shortened
from lipwright.media.wav import write_wav
from lipwright.pipeline.driver import make_driver
from lipwright.pipeline.outputs import check_output
from lipwright.pipeline.voice import Voice, hear, plan_voice

SILENCE_S = 0.5
"""Shorter pauses are not listed."""

Bits = Literal[16, 24]


@dataclass(frozen=True, slots=True)
class AudioReport:
    """A recording, examined."""

    format: AudioFormat
    level: Level
    driver_level: Level
    """The same of the driver."""
    speech: tuple[Span, ...]
    silences: tuple[Span, ...]
    findings: tuple[Finding, ...]
    actions: tuple[Action, ...]
    """What preparation did, in order."""
    edits: tuple[Edit, ...]
    plan: FramePlan

    def to_json(self) -> dict[str, Any]:
        """The keys of `lipwright audio --json`."""
        return {
            "format": {
                "codec": self.format.codec,
                "lossy": self.format.lossy,
                "sample_rate": self.format.sample_rate_hz,
                "channels": self.format.channels,
                "bits": self.format.bits,
                "seconds": float(self.format.seconds),
            },
            "level": self.level.to_json(),
            "driver_level": self.driver_level.to_json(),
            "speech": [[span.start, span.end] for span in self.speech],
            "silences": [[span.start, span.end] for span in self.silences],
            "findings": [finding.to_json() for finding in self.findings],
            "actions": [action.to_json() for action in self.actions],
            "edits": [edit.to_json() for edit in self.edits],
            "plan": self.plan.to_json(),
        }


def examine_audio(
    audio: Path,
    rate: Fraction,
    fit: Fit = "auto",
    *,
    driver: Path | None = None,
    bits: Bits = 16,
    preparation: Preparation = DEFAULTS,
    master_out: Path | None = None,
    report: Report = silent,
) -> AudioReport:
    """Examine a recording, and write its driver where one is wanted.

    Args:
        audio: Any sound or video file.
        rate: Frames per second of the film.
        fit: How its length meets the 8n+1 grid.
        driver: A .wav file to write: mono, 24 kHz, as long as the film.
        bits: Depth of that file.
        preparation: What may be done on the way to the driver.
        master_out: A .wav file to write: the recording with its long pauses shortened.
        report: Told the steps of read and prepare.

    Raises:
        UsageError: a file to write is the recording or another such file, or no .wav; `master_out`
            without leave to shorten.
        InputError: the recording cannot be read or used.
        OutputError: a file cannot be written.
        PlanError: no film has such a length.
        EngineUnavailable: denoising was asked for, and cannot be done here.
    """
    if driver is not None:
        check_output(driver, [audio], suffix=".wav")
    if master_out is not None:
        check_output(master_out, [audio, *([driver] if driver else [])], suffix=".wav")
        if not preparation.trim_silence:
            raise UsageError("--master-out is for --trim-silence", hint="add --trim-silence")
    heard = hear(audio, report)
    form = heard.sound.format
    report(Progress("prepare", 0, 10))
    edits: tuple[Edit, ...] = ()
    if preparation.trim_silence:
        edits = plan_edits(heard.speech, form.seconds, form.sample_rate_hz, DRIVER_RATE_HZ)
    plan = plan_voice(form.seconds, heard.speech, edits, rate, fit)
    voice = Voice(heard, heard.speech, plan, edits, {"audio": form}, ())
    prepared = make_driver(voice, preparation, prepare=True, bits=bits, report=report)
    if master_out is not None:
        write_shortened(audio, master_out, [(edit.master_start, edit.master_end) for edit in edits])
    if driver is not None:
        write_wav(driver, prepared.waveform, bits=bits)
    return AudioReport(
        format=form,
        level=prepared.before,
        driver_level=prepared.after,
        speech=heard.speech,
        silences=find_silences(heard.speech, float(form.seconds), SILENCE_S),
        findings=prepared.findings,
        actions=prepared.actions,
        edits=edits,
        plan=plan,
    )
