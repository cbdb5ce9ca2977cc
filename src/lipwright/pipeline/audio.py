"""What a recording is like, what it becomes as a film's driver, and the driver as a file."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from lipwright.audio.driver import DEFAULTS, Action, prepare_driver, to_driver_rate
from lipwright.audio.level import Level, measure_level
from lipwright.audio.speech import find_silences, find_speech
from lipwright.domain.finding import Finding
from lipwright.domain.plan import Fit, FramePlan
from lipwright.domain.preparation import Preparation
from lipwright.domain.run import Progress, Report, silent
from lipwright.domain.time import Span
from lipwright.media.decode import AudioFormat
from lipwright.media.sound import probe_audio, read_audio
from lipwright.media.wav import write_wav
from lipwright.pipeline.outputs import check_output
from lipwright.planning import plan_film

SILENCE_S = 0.5
"""Shorter pauses are not listed."""

UNMEASURED = ("true_peak_dbfs", "noise_floor_dbfs", "snr_db")
"""Keys of `level` that the mastering chain will fill; null until then."""

Bits = Literal[16, 24]


@dataclass(frozen=True, slots=True)
class AudioReport:
    """A recording, examined."""

    format: AudioFormat
    level: Level
    speech: tuple[Span, ...]
    silences: tuple[Span, ...]
    findings: tuple[Finding, ...]
    actions: tuple[Action, ...]
    """What preparation did, in order."""
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
            "level": {"true_peak_dbfs": None, "noise_floor_dbfs": None, "snr_db": None}
            | self.level.to_json(),
            "speech": [[span.start, span.end] for span in self.speech],
            "silences": [[span.start, span.end] for span in self.silences],
            "findings": [finding.to_json() for finding in self.findings],
            "actions": [action.to_json() for action in self.actions],
            "edits": [],
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
        report: Told the steps of read and prepare.

    Raises:
        UsageError: `driver` is the recording, or no .wav.
        InputError: the recording cannot be read or used.
        OutputError: the driver cannot be written.
        PlanError: no film has such a length.
    """
    if driver is not None:
        check_output(driver, [audio], suffix=".wav")
    # At its own rate: clipping does not survive resampling.
    own_rate_hz = probe_audio(audio).sample_rate_hz
    sound = read_audio(audio, rate_hz=own_rate_hz, report=report)
    report(Progress("prepare", 0, 1))
    level = measure_level(sound.waveform)
    heard = to_driver_rate(sound.waveform)
    speech = find_speech(heard)
    plan = plan_film(sound.format.seconds, rate, fit, speech=speech)
    prepared = prepare_driver(heard, plan, speech, options=preparation, source_level=level)
    if driver is not None:
        write_wav(driver, prepared.waveform, bits=bits)
    report(Progress("prepare", 1, 1))
    return AudioReport(
        format=sound.format,
        level=level,
        speech=speech,
        silences=find_silences(speech, float(sound.format.seconds), SILENCE_S),
        findings=prepared.findings,
        actions=prepared.actions,
        plan=plan,
    )
