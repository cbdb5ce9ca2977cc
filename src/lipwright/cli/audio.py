"""`lipwright audio`: examine a recording, and prepare the driver."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from lipwright.cli.options import Given, command, input_argument, output_option, take_recording
from lipwright.cli.output import Output
from lipwright.cli.progress import progress
from lipwright.domain.settings import PIECE, SETTINGS, Preparation
from lipwright.domain.text import pluralize
from lipwright.errors import UsageError

if TYPE_CHECKING:
    from lipwright.audio.restoration import Action
    from lipwright.media.audio_writer import Bits
    from lipwright.reports.audio_report import AudioReport

DEPTHS = (16, 24)


@command
def audio(
    *,
    out: Output,
    given: Given,
    audio: Annotated[
        Path,
        input_argument(metavar="AUDIO", help="The recording: any audio or video file, up to 4 hours."),
    ],
    driver: Annotated[
        Path | None,
        output_option(
            "-o",
            "--output",
            metavar="DRIVER.wav",
            help="Write the driver, the audio that the model hears: mono, 24 kHz, exactly as long as the "
            "video.",
        ),
    ] = None,
    bits: Annotated[int, typer.Option("--bits", metavar="16|24", help="Bits per sample of the driver.")] = 16,
    master_out: Annotated[
        Path | None,
        output_option(
            "--master-out",
            metavar="M.wav",
            help="With --trim-silence: write the recording with the same pauses shortened as in the driver.",
        ),
    ] = None,
    page: Annotated[
        Path | None,
        output_option(
            "--report",
            metavar="OUT.html",
            help="Write an HTML page that shows waveforms, spectrograms and levels of the recording and the "
            "driver, and plays both.",
        ),
    ] = None,
) -> None:
    """Examine a recording, and prepare the driver.

    Prints the recording's format, level, speech and pauses, and faults that would spoil the lip sync.
    """
    from lipwright.pipeline.audio import examine_audio

    if bits not in DEPTHS:
        raise UsageError(f"--bits {bits} is not supported", hint="give 16 or 24")
    frame_rate, fit = (SETTINGS[name].check(given.pop(name)) for name in ("frame_rate", "fit"))
    recording = take_recording(audio, *(given.pop(name, None) for name in PIECE))
    preparation = Preparation(**given)
    with progress(out) as report:
        found = examine_audio(
            recording,
            frame_rate,
            fit,
            driver=driver,
            bits=cast("Bits", bits),
            preparation=preparation,
            master_out=master_out,
            page=page,
            report=report,
        )
    value = found.to_json()
    out.result(value, _describe(found))
    out.findings(value["findings"])
    if driver is not None:
        out.say(f"driver: {driver}")
    if page is not None:
        out.say(f"report: {page}")
    if master_out is not None:
        out.say(f"shortened recording: {master_out}")


def _describe(found: AudioReport) -> str:
    """Describe the recording and its driver in a few lines."""
    form, level = found.format, found.level
    spoken = sum(span.seconds for span in found.speech)
    depth = f", {form.bits} bits" if form.bits else ""
    noise = "" if level.snr_db is None else f", noise {level.snr_db:.0f} dB below the speech"
    lines = [
        f"format: {form.codec}, {form.sample_rate_hz} Hz, channels {form.channels}{depth}",
        f"length: {float(form.seconds):.3f} s; "
        f"of the video {float(found.plan.seconds):.3f} s, {pluralize(found.plan.frames, 'frame')}",
        f"level: peak {level.peak_dbfs:.1f} dBFS, {level.lufs:.1f} LUFS, "
        f"clipped samples {level.clipped_samples}{noise}",
        f"speech: {spoken:.1f} s; pauses over half a second: {len(found.silences)}",
    ]
    lines += [_action_line(action) for action in found.actions]
    after = found.driver_level
    lines.append(f"level of the driver: peak {after.peak_dbfs:.1f} dBFS, {after.lufs:.1f} LUFS")
    return "\n".join(lines)


def _action_line(action: Action) -> str:
    places = f", {action.count} places" if action.count > 1 else ""
    return f"{action.name}: {round(action.amount, 2):g} {action.unit}{places}"
