"""What a recording is like, what it becomes as a video's driver, and the driver as a file."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Literal

from lipwright.audio.driver import DEFAULTS, DRIVER_RATE_HZ
from lipwright.audio.pause_trimming import Edit, plan_edits
from lipwright.audio.speech import find_silences
from lipwright.domain.media import Waveform
from lipwright.domain.paths import AnyPath, path_or_none
from lipwright.domain.plan import Fit
from lipwright.domain.progress import Progress, ProgressCallback, no_progress
from lipwright.domain.settings import Preparation
from lipwright.domain.time import DEFAULT_FRAME_RATE
from lipwright.errors import UsageError
from lipwright.media.audio_writer import write_shortened, write_wav
from lipwright.media.files import same_file, write_text_atomically
from lipwright.pipeline.atomic_outputs import check_output
from lipwright.pipeline.audio_input import PlannedAudio, load_audio, plan_voice
from lipwright.pipeline.audio_page import AudioPreview, audio_page, make_preview
from lipwright.pipeline.audio_report import AudioReport
from lipwright.pipeline.driver import make_driver

SILENCE_S = 0.5
"""Shorter pauses are not listed."""

Bits = Literal[16, 24]


def examine_audio(
    audio: AnyPath,
    frame_rate: Fraction = DEFAULT_FRAME_RATE,
    fit: Fit = "auto",
    *,
    driver: AnyPath | None = None,
    bits: Bits = 16,
    preparation: Preparation = DEFAULTS,
    master_out: AnyPath | None = None,
    page: AnyPath | None = None,
    report: ProgressCallback = no_progress,
) -> AudioReport:
    """Examine a recording, and write its driver where one is wanted.

    Args:
        audio: Any audio or video file.
        frame_rate: Frames per second of the video.
        fit: How its length meets the 8n+1 grid.
        driver: A .wav file to write: mono, 24 kHz, as long as the video.
        bits: Depth of that file.
        preparation: What may be done on the way to the driver.
        master_out: A .wav file to write: the recording with its long pauses shortened.
        page: An .html file to write: the report as a page.
        report: Told the steps of read and prepare.

    Raises:
        UsageError: a file to write is the recording or another such file, or no .wav; `master_out`
            without leave to shorten.
        InputError: the recording cannot be read or used.
        OutputError: a file cannot be written.
        PlanError: no video has such a length.
        EngineUnavailable: denoising was asked for, and cannot be done here.
    """
    audio, driver = Path(audio), path_or_none(driver)
    master_out, page = path_or_none(master_out), path_or_none(page)
    if driver is not None:
        check_output(driver, [audio], suffix=".wav")
    if master_out is not None:
        check_output(master_out, [audio], suffix=".wav")
        if driver is not None and same_file(driver, master_out):
            raise UsageError(f"{driver} would be both driver and shortened recording", hint="give two names")
        if not preparation.trim_silence:
            raise UsageError("--master-out is for --trim-silence", hint="add --trim-silence")
    if page is not None:
        check_output(page, [audio], suffix=".html")
    heard = load_audio(audio, report)
    form = heard.audio.format
    report(Progress("prepare", 0, 10))
    edits: tuple[Edit, ...] = ()
    if preparation.trim_silence:
        edits = plan_edits(heard.speech, form.seconds, form.sample_rate_hz, DRIVER_RATE_HZ)
    plan = plan_voice(form.seconds, heard.speech, edits, frame_rate, fit)
    before = _take(page, heard.audio.waveform)
    voice = PlannedAudio(heard, heard.speech, plan, edits, {"audio": form}, ())
    prepared = make_driver(voice, preparation, prepare=True, bits=bits, report=report)
    if master_out is not None:
        write_shortened(audio, master_out, [(edit.master_start, edit.master_end) for edit in edits])
    if driver is not None:
        write_wav(driver, prepared.waveform, bits=bits)
    examined = AudioReport(
        format=form,
        level=prepared.before,
        driver_level=prepared.after,
        speech=heard.speech,
        driver_speech=prepared.speech,
        silences=find_silences(heard.speech, float(form.seconds), SILENCE_S),
        findings=prepared.findings,
        actions=prepared.actions,
        edits=edits,
        plan=plan,
    )
    after = _take(page, prepared.waveform)
    if page is not None and before is not None and after is not None:
        write_text_atomically(page, audio_page(audio.name, examined, before, after))
    return examined


def _take(page: Path | None, waveform: Waveform) -> AudioPreview | None:
    """A version for the page, where there is one: preparation works in the recording's own memory."""
    if page is None:
        return None
    return make_preview(waveform.samples[0])
