"""Examine a recording, and prepare it as audio that drives the model, for `lipwright audio`."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from lipwright.audio.driver import DEFAULTS, DRIVER_RATE_HZ
from lipwright.audio.pause_trimming import Edit, plan_edits
from lipwright.audio.speech import find_silences
from lipwright.domain.audio_piece import AudioPiece, AudioSource, as_piece
from lipwright.domain.media import Waveform
from lipwright.domain.plan import Fit
from lipwright.domain.progress import Progress, ProgressCallback, no_progress
from lipwright.domain.settings import DEFAULT_FRAME_RATE, Preparation
from lipwright.domain.text import AnyPath, path_or_none
from lipwright.errors import UsageError
from lipwright.media.atomic_files import write_text_atomically
from lipwright.media.audio_writer import Bits, write_shortened, write_wav
from lipwright.pipeline.atomic_outputs import check_outputs, commit_together
from lipwright.pipeline.audio_input import (
    LoadedAudio,
    PlannedAudio,
    load_audio,
    make_driver,
    plan_edited,
)
from lipwright.reports.audio_report import AudioReport, audio_page, make_preview

SILENCE_S = 0.5
"""Minimum length in seconds of the pauses that the report lists."""


def examine_audio(
    audio: AnyPath | AudioPiece,
    frame_rate: Fraction = DEFAULT_FRAME_RATE,
    fit: Fit = "auto",
    *,
    driver: AnyPath | None = None,
    convert: Callable[[Waveform], Waveform] | None = None,
    bits: Bits = 16,
    preparation: Preparation = DEFAULTS,
    master_out: AnyPath | None = None,
    page: AnyPath | None = None,
    look: Callable[[LoadedAudio], None] | None = None,
    report: ProgressCallback = no_progress,
) -> AudioReport:
    """Examine a recording; if requested, also write its driver, the audio that drives the model.

    Args:
        audio: Any audio or video file, or a piece of one.
        frame_rate: Frames per second of the video.
        fit: How the length is rounded to 8n+1 frames.
        driver: A .wav file to write: mono, 24 kHz, as long as the video.
        convert: Converts the driver before it is written; None to write it at 24 kHz.
        bits: Bits per sample of the driver file.
        preparation: Which processing steps may be applied to make the driver.
        master_out: A .wav file to write: the recording with its long pauses shortened.
        page: An .html file to write: the report as a page.
        look: Called with the recording before its samples are overwritten with the driver.
        report: Called with the progress of the stages "read" and "prepare".

    Raises:
        UsageError: a file to write is the recording or another output, or has the wrong suffix; or
            `master_out` is given without `trim_silence`.
        InputError: the recording cannot be read or used.
        OutputError: a file cannot be written.
        PlanError: no video can have the length of the recording.
        EngineUnavailable: denoising was requested and is not available.
    """
    recording: AudioSource = audio if isinstance(audio, AudioPiece) else Path(audio)
    audio, driver = as_piece(recording).path, path_or_none(driver)
    master_out, page = path_or_none(master_out), path_or_none(page)
    check_outputs([audio], (driver, ".wav"), (master_out, ".wav"), (page, ".html"))
    if master_out is not None and not preparation.trim_silence:
        raise UsageError(
            "--master-out needs --trim-silence", hint="add --trim-silence, or leave out --master-out"
        )
    loaded = load_audio(recording, report)
    form = loaded.audio.format
    report(Progress("prepare", 0, 10))
    edits: tuple[Edit, ...] = ()
    if preparation.trim_silence:
        edits = plan_edits(
            loaded.long_pauses(form.seconds), form.seconds, form.sample_rate_hz, DRIVER_RATE_HZ
        )
    plan = plan_edited(form.seconds, loaded.speech, edits, frame_rate, fit)
    if look is not None:
        look(loaded)
    before = None if page is None else make_preview(loaded.audio.waveform.samples[0])
    planned = PlannedAudio(loaded, loaded.speech, plan, edits, {"audio": form}, ())
    prepared = make_driver(planned, preparation, prepare=True, bits=bits, report=report)
    examined = AudioReport(
        format=form,
        level=prepared.before,
        driver_level=prepared.after,
        speech=loaded.speech,
        driver_speech=prepared.speech,
        silences=find_silences(loaded.speech, float(form.seconds), SILENCE_S),
        findings=prepared.findings,
        actions=prepared.actions,
        edits=edits,
        plan=plan,
    )
    with commit_together(driver, master_out, page) as staged:
        if driver is not None:
            write_wav(staged[driver], convert(prepared.waveform) if convert else prepared.waveform, bits=bits)
        if master_out is not None:
            pauses = [(edit.master_start, edit.master_end) for edit in edits]
            write_shortened(recording, staged[master_out], pauses)
        if page is not None and before is not None:
            after = make_preview(prepared.waveform.samples[0])
            write_text_atomically(staged[page], audio_page(audio.name, examined, before, after))
    return examined
