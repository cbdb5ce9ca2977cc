"""Load the audio of a job, plan the video from the length of the audio, and make the driver."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from lipwright.audio.diagnosis import Diagnosis, diagnose
from lipwright.audio.driver import DRIVER_RATE_HZ, Driver, check_usable, prepare_driver
from lipwright.audio.pause_trimming import (
    KEPT_PAUSE_S,
    Edit,
    edited_seconds,
    find_long_pauses,
    plan_edits,
    to_driver_time,
)
from lipwright.audio.source_stats import SourceMeter, SourceStats
from lipwright.audio.speech import find_speech
from lipwright.domain.audio_piece import AudioPiece, AudioSource, as_piece
from lipwright.domain.finding import Finding
from lipwright.domain.grid import FRAMES_PER_LATENT, MAX_CLIP_FRAMES
from lipwright.domain.media import Waveform, fit_length
from lipwright.domain.plan import Fit, FramePlan
from lipwright.domain.progress import ProgressCallback, no_progress
from lipwright.domain.settings import DEFAULT_FRAME_RATE, Preparation, RenderRequest
from lipwright.domain.spans import clip_spans
from lipwright.domain.text import AnyPath
from lipwright.domain.time import Span, seconds_to_samples
from lipwright.errors import InputError
from lipwright.media.audio_decoder import AudioFormat
from lipwright.media.audio_reader import Recording, format_findings, probe_audio, read_audio
from lipwright.pipeline.findings import DRIVER_LENGTH, MASTER_SHORTENED
from lipwright.planning import plan_video

HOLE_MARGIN_S = 0.02
"""Length in seconds of the disturbed audio that a decoder returns directly before and after a gap (missing
audio) in a file."""


@dataclass(frozen=True, slots=True)
class LoadedAudio:
    """An audio file that has been read and measured."""

    path: Path
    audio: Recording
    """The audio, mono at the driver's sample rate; `make_driver` overwrites its samples."""
    source: SourceStats
    """Statistics measured at the file's own sample rate."""
    speech: tuple[Span, ...]

    @property
    def lossy_codec(self) -> str:
        """Name of the codec if it is lossy or has fewer than 16 bits per sample; else empty."""
        form = self.audio.format
        return form.codec if form.lossy or (form.bits or 16) < 16 else ""

    def long_pauses(self, seconds: Fraction) -> tuple[Span, ...]:
        """Return the pauses longer than 2 s in the first `seconds` seconds of the audio."""
        waveform, end = self.audio.waveform, float(seconds)
        speech = clip_spans(self.speech, Span(0.0, end))
        return find_long_pauses(waveform.samples[0], waveform.rate_hz, speech, end)


@dataclass(frozen=True, slots=True)
class PlannedAudio:
    """The loaded audio of a video, and the plan of the video."""

    loaded: LoadedAudio
    """The audio that drives the mouth."""
    speech: tuple[Span, ...]
    """Spans of speech in the driving audio, up to the end of the delivered audio. Their times refer to the
    audio before pauses are shortened."""
    plan: FramePlan
    edits: tuple[Edit, ...]
    """Sections of the recording that remain when long pauses are shortened; empty if none is shortened."""
    formats: Mapping[str, AudioFormat]
    """Format of each audio file, by role ("audio" or "driver")."""
    findings: tuple[Finding, ...]
    sources: Mapping[str, AudioSource] = field(default_factory=dict)
    """The used part of each audio file, by role ("audio" or "driver")."""


def load_audio(source: AudioSource, report: ProgressCallback, channel: int | None = None) -> LoadedAudio:
    """Read an audio file or a piece of one, and find the spans of speech.

    `channel` selects one channel, counted from 0; None mixes all channels to mono.

    Raises:
        InputError: the file cannot be read or used.
    """
    meter = SourceMeter()
    path = as_piece(source).path
    audio = read_audio(source, rate_hz=DRIVER_RATE_HZ, report=report, listener=meter, channel=channel)
    with prefix_errors(path):
        check_usable(audio.waveform)
    return LoadedAudio(path, audio, meter.finish(), find_speech(audio.waveform))


@contextmanager
def prefix_errors(path: Path | None) -> Iterator[None]:
    """Put the path of a file before the message of an InputError that is raised in the block."""
    try:
        yield
    except InputError as error:
        if path is not None and str(path) not in error.message:
            error.message = f"{path}: {error.message}"
            error.args = (error.message,)
        raise


def load_planned_audio(
    request: RenderRequest, report: ProgressCallback, *, max_clip_frames: int = MAX_CLIP_FRAMES
) -> PlannedAudio:
    """Load the audio that drives the mouth, and plan the video from the audio that is delivered.

    Raises:
        InputError: an audio file cannot be read or used.
        PlanError: no video can have the length of the audio.
    """
    driving = driving_audio(request)
    sources = {"audio": request.recording} | ({"driver": driving} if request.driver else {})
    loaded = load_audio(driving, report)
    formats = {"audio": loaded.audio.format}
    if request.driver is not None:
        formats = {"audio": probe_audio(request.recording), "driver": loaded.audio.format}
    master = formats["audio"]
    # Speech in the driver after the end of the delivered audio does not make the video longer.
    speech = tuple(clip_spans(loaded.speech, Span(0.0, float(master.seconds))))
    edits: tuple[Edit, ...] = ()
    if request.prepare and request.preparation.trim_silence:
        pauses = loaded.long_pauses(master.seconds)
        edits = plan_edits(pauses, master.seconds, master.sample_rate_hz, DRIVER_RATE_HZ)
    plan = plan_edited(
        master.seconds, speech, edits, request.frame_rate, request.fit, max_clip_frames=max_clip_frames
    )
    return PlannedAudio(loaded, speech, plan, edits, formats, tuple(_findings(formats, plan, edits)), sources)


def driving_audio(request: RenderRequest) -> AudioSource:
    """Return the audio that drives the mouth: the driver if the user gave one, else the recording.

    If only a piece of the recording is used, the same piece is cut from the driver. Exception: a driver that
    is about as long as the piece is used whole, because `lipwright audio` makes such a driver for a piece.
    """
    recording, driver = request.recording, request.driver
    if driver is None:
        return recording
    if isinstance(recording, AudioPiece):
        surplus = probe_audio(driver).seconds - probe_audio(recording).seconds
        if abs(surplus) * request.frame_rate > FRAMES_PER_LATENT:
            return replace(recording, path=driver)
    return driver


def plan_edited(
    seconds: Fraction,
    speech: Sequence[Span],
    edits: Sequence[Edit],
    frame_rate: Fraction,
    fit: Fit,
    *,
    max_clip_frames: int = MAX_CLIP_FRAMES,
) -> FramePlan:
    """Plan the video for audio whose pauses may be shortened by `edits`.

    Raises:
        PlanError: no video can have the resulting length.
    """
    if edits:
        seconds, speech = edited_seconds(edits), to_driver_time(speech, edits)
    return plan_video(seconds, frame_rate, fit, speech=speech, max_clip_frames=max_clip_frames)


def plan_recording(
    audio: AnyPath | AudioPiece,
    frame_rate: Fraction = DEFAULT_FRAME_RATE,
    fit: Fit = "auto",
    report: ProgressCallback = no_progress,
) -> FramePlan:
    """Plan the frames and chunks of the video of a recording.

    Args:
        audio: Any audio or video file, or a piece of one.
        frame_rate: Frames per second, exact.
        fit: How the length is rounded to 8n+1 frames; `auto` considers where the speech ends.
        report: Called with the progress of the stage "read".

    Raises:
        InputError: the file cannot be read, or has no audio.
        PlanError: the audio is too short or too long.
    """
    source = audio if isinstance(audio, AudioPiece) else Path(audio)
    loaded = read_audio(source, rate_hz=DRIVER_RATE_HZ, report=report)
    return plan_video(loaded.format.seconds, frame_rate, fit, speech=find_speech(loaded.waveform))


def make_driver(
    planned: PlannedAudio,
    preparation: Preparation,
    *,
    prepare: bool,
    bits: int = 16,
    report: ProgressCallback = no_progress,
) -> Driver:
    """Make the driver, exactly as long as the video.

    With `prepare` the audio is processed in place, which overwrites the original samples. Without `prepare`
    only the length changes.

    Raises:
        InputError: the part of the audio that the video uses is silent.
        EngineUnavailable: denoising was requested and is not available.
    """
    loaded = planned.loaded
    waveform = loaded.audio.waveform
    of_file = format_findings(loaded.audio.format)
    if not prepare:
        length = seconds_to_samples(planned.plan.seconds, DRIVER_RATE_HZ)
        made = Waveform(fit_length(waveform.samples, length), DRIVER_RATE_HZ)
        level = loaded.source.level
        return Driver(made, planned.speech, (), of_file, before=level, after=level)
    diagnosis = diagnose(waveform.samples[0], DRIVER_RATE_HZ, planned.speech, loaded.source)
    diagnosis = _without_holes(diagnosis, loaded.audio.format.holes)
    with prefix_errors(loaded.path):
        driver = prepare_driver(
            loaded.audio.buffer,
            planned.plan,
            planned.speech,
            options=preparation,
            diagnosis=diagnosis,
            edits=planned.edits,
            bits=bits,
            lossy_codec=loaded.lossy_codec,
            report=report,
        )
    return replace(driver, findings=(*of_file, *driver.findings))


def _without_holes(diagnosis: Diagnosis, holes: Sequence[Span]) -> Diagnosis:
    """Return a diagnosis without the dropouts and clicks that are at `holes`, the gaps in the file.

    These gaps are already reported as missing audio.
    """
    wide = [Span(hole.start - HOLE_MARGIN_S, hole.end + HOLE_MARGIN_S) for hole in holes]

    def is_elsewhere(span: Span) -> bool:
        return not any(span.overlaps(hole) for hole in wide)

    clicks = [
        is_elsewhere(Span(start / diagnosis.rate_hz, end / diagnosis.rate_hz))
        for start, end in diagnosis.clicks.tolist()
    ]
    return replace(
        diagnosis,
        dropouts=tuple(filter(is_elsewhere, diagnosis.dropouts)),
        clicks=diagnosis.clicks[np.array(clicks, bool)],
    )


def _findings(
    formats: Mapping[str, AudioFormat], plan: FramePlan, edits: Sequence[Edit]
) -> Iterator[Finding]:
    if "driver" in formats:
        yield from format_findings(formats["audio"])
    lengths = [form.seconds for form in formats.values()]
    if (max(lengths) - min(lengths)) * plan.frame_rate >= 1:
        yield DRIVER_LENGTH(
            where={"start": float(min(lengths)), "end": float(max(lengths))},
            driver_seconds=float(formats["driver"].seconds),
            audio_seconds=float(formats["audio"].seconds),
        )
    if edits:
        seconds = formats["audio"].seconds
        yield MASTER_SHORTENED(
            where={"start": 0.0, "end": float(seconds)},
            seconds=float(seconds - edited_seconds(edits)),
            pause_seconds=KEPT_PAUSE_S,
        )
