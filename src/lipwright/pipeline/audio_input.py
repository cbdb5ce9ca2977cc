"""The audio side of a job: what drives the mouth, where it speaks, how long the video is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from lipwright.audio.driver import DRIVER_RATE_HZ, check_usable
from lipwright.audio.pause_trimming import KEPT_PAUSE_S, Edit, edited_seconds, plan_edits, to_driver_time
from lipwright.audio.source_stats import SourceMeter, SourceStats
from lipwright.audio.speech import find_speech
from lipwright.domain.finding import Finding
from lipwright.domain.media import Waveform
from lipwright.domain.plan import Fit, FramePlan
from lipwright.domain.progress import ProgressCallback
from lipwright.domain.settings import RenderRequest
from lipwright.domain.time import Span
from lipwright.errors import InputError
from lipwright.media.audio_decoder import AudioFormat
from lipwright.media.audio_reader import Audio, probe_audio, read_audio
from lipwright.pipeline.findings import DRIVER_LENGTH, MASTER_SHORTENED
from lipwright.planning import plan_video


@dataclass(frozen=True, slots=True)
class LoadedAudio:
    """Audio file, read and measured once."""

    path: Path
    audio: Audio
    """Mono at the driver's rate."""
    source: SourceStats
    """What it was like at its own rate."""
    speech: tuple[Span, ...]

    @property
    def lossy_codec(self) -> str:
        """Name of its codec where that loses something: a lossy one, or fewer than 16 bits a sample."""
        form = self.audio.format
        return form.codec if form.lossy or (form.bits or 16) < 16 else ""


@dataclass(frozen=True, slots=True)
class PlannedAudio:
    """The audio of a video, read and planned."""

    recording: LoadedAudio
    """What drives the mouth."""
    speech: tuple[Span, ...]
    """Where it speaks, as far as the delivered audio goes; before any edit."""
    plan: FramePlan
    edits: tuple[Edit, ...]
    """How pauses are shortened, in driver and delivered audio alike; empty leaves them."""
    formats: Mapping[str, AudioFormat]
    """What each audio file holds, by its role."""
    findings: tuple[Finding, ...]

    @property
    def heard(self) -> Waveform:
        """What drives the mouth: mono at the driver's rate; lost where `make_driver` prepares it."""
        return self.recording.audio.waveform


def load_audio(path: Path, report: ProgressCallback) -> LoadedAudio:
    """Read audio file and find who speaks when.

    Raises:
        InputError: it cannot be read or used.
    """
    meter = SourceMeter()
    audio = read_audio(path, rate_hz=DRIVER_RATE_HZ, report=report, listener=meter)
    with prefix_errors(path):
        check_usable(audio.waveform)
    return LoadedAudio(path, audio, meter.finish(), find_speech(audio.waveform))


@contextmanager
def prefix_errors(path: Path | None) -> Iterator[None]:
    """Put the file's name, where there is one, before what is wrong with what it holds."""
    try:
        yield
    except InputError as error:
        if path is not None and str(path) not in error.message:
            error.message = f"{path}: {error.message}"
            error.args = (error.message,)
        raise


def load_planned_audio(request: RenderRequest, report: ProgressCallback) -> PlannedAudio:
    """Read the audio that drives, and plan the video by the audio that is delivered.

    Raises:
        InputError: audio cannot be read or used.
        PlanError: no video has such a length.
    """
    heard = load_audio(request.driver or request.audio, report)
    formats = {"audio": heard.audio.format}
    if request.driver is not None:
        formats = {"audio": probe_audio(request.audio), "driver": heard.audio.format}
    master = formats["audio"]
    # What the driver says after the delivered audio has ended makes the video no longer.
    end = float(master.seconds)
    speech = tuple(Span(span.start, min(span.end, end)) for span in heard.speech if span.start < end)
    edits: tuple[Edit, ...] = ()
    if request.prepare and request.preparation.trim_silence:
        edits = plan_edits(speech, master.seconds, master.sample_rate_hz, DRIVER_RATE_HZ)
    plan = plan_voice(master.seconds, speech, edits, request.frame_rate, request.fit)
    return PlannedAudio(heard, speech, plan, edits, formats, tuple(_findings(formats, plan, edits)))


def plan_voice(
    seconds: Fraction, speech: Sequence[Span], edits: Sequence[Edit], frame_rate: Fraction, fit: Fit
) -> FramePlan:
    """Plan the video of audio whose pauses may have been shortened.

    Raises:
        PlanError: no video has such a length.
    """
    if edits:
        seconds, speech = edited_seconds(edits), to_driver_time(speech, edits)
    return plan_video(seconds, frame_rate, fit, speech=speech)


def _findings(
    formats: Mapping[str, AudioFormat], plan: FramePlan, edits: Sequence[Edit]
) -> Iterator[Finding]:
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
