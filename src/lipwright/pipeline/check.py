"""A video, measured: is it in sync, and if not, why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from lipwright.audio.clipping import CrowdMeter
from lipwright.audio.diagnosis import Diagnosis, diagnose
from lipwright.audio.source_stats import SourceMeter, SourceStats
from lipwright.audio.speech import find_speech
from lipwright.domain.finding import Finding
from lipwright.domain.media import Waveform
from lipwright.domain.paths import AnyPath, path_or_none
from lipwright.domain.progress import Progress, ProgressCallback, no_progress
from lipwright.domain.sync import MouthMeasures, SyncReport
from lipwright.domain.time import Span
from lipwright.engines.registry import ENGINES
from lipwright.errors import EngineUnavailable, InputError, NothingHeard
from lipwright.face.landmarks import FaceTracker
from lipwright.media.audio_reader import read_audio
from lipwright.media.files import write_text_atomically
from lipwright.media.prefetch import decode_ahead
from lipwright.media.video_reader import read_video_frames, video_facts
from lipwright.pipeline import findings
from lipwright.pipeline.atomic_outputs import check_output
from lipwright.pipeline.audio_input import prefix_errors
from lipwright.pipeline.manifest import read_manifest
from lipwright.pipeline.text_file import read_text
from lipwright.sync.active_speaker import find_speaker, most_at_once, people_of
from lipwright.sync.alignment import expect_from_words
from lipwright.sync.audio_measures import MATCH_RATE_HZ, match_sounds, measure_audio
from lipwright.sync.diagnosis import DiagnosisInput, find_causes
from lipwright.sync.face_tracking import follow_people
from lipwright.sync.html_report import Shown, draw_page, show, worst_places
from lipwright.sync.mouth import MouthTrack, Watched, watch
from lipwright.sync.mouth_metrics import Quality, measure_mouth
from lipwright.sync.offset_estimate import Timing
from lipwright.sync.target_motion import Expectation, expect_from_audio
from lipwright.sync.verdict import judge, remarks

LONGEST_PX = 960
"""Larger images are looked at in this size: a face that fills a quarter of it has 240 pixels."""
AHEAD = 8
"""Frames decoded ahead, in another thread."""
AUDIO_RATE_HZ = 24_000
MIN_SPEECH_SECONDS = 0.5
STAMP_S = 0.002
"""How far a frame may lie from its place at the video's rate: Matroska stamps to whole milliseconds."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything a report page draws."""

    report: SyncReport
    watched: Watched
    speaker: MouthTrack | None
    expected: Expectation | None
    timing: Timing
    quality: Quality | None
    audio: Waveform | None
    """The video's own, at AUDIO_RATE_HZ."""


def check_video(
    video: AnyPath,
    *,
    audio: AnyPath | None = None,
    transcript: AnyPath | None = None,
    syncnet: AnyPath | None = None,
    report_html: AnyPath | None = None,
    report: ProgressCallback = no_progress,
) -> SyncReport:
    """Measure how well a video's mouth goes with its audio, and say why where it does not.

    Args:
        video: The video.
        audio: The recording it should deliver; None compares with nothing.
        transcript: What is said, in English; the words are then aligned to the audio.
        syncnet: Weights of SyncNet, for its own three numbers beside ours.
        report_html: Where to write the page.
        report: Told "read", "look" and "compare"; may raise Cancelled.

    Raises:
        InputError: no video, no image in it, damaged, or a transcript that does not fit.
        EngineUnavailable: the face model, pocketsphinx or torch is needed and not there.
        OutputError: the page cannot be written.
    """
    video, audio, transcript = Path(video), path_or_none(audio), path_or_none(transcript)
    syncnet, report_html = path_or_none(syncnet), path_or_none(report_html)
    if report_html is not None:
        inputs = [path for path in (video, audio, transcript, syncnet) if path is not None]
        check_output(report_html, inputs, suffix=".html")
    network = None if syncnet is None else _syncnet(syncnet)
    measured = measure_video(video, audio=audio, transcript=transcript, report=report)
    if network is not None:
        measured.report.extra["syncnet"] = _by_syncnet(network, video, measured)
    if report_html is not None:
        write_text_atomically(report_html, _page(video, measured))
    return measured.report


def measure_video(
    video: Path,
    *,
    audio: Path | None = None,
    transcript: Path | None = None,
    report: ProgressCallback = no_progress,
) -> Measured:
    """As `check_video`, with everything that the page draws."""
    facts = video_facts(video)
    words = None if transcript is None else read_text(transcript, "transcript")
    report(Progress("read", 0, 1))
    own, source, clipped = _read_audio(video) if facts.has_audio else (None, None, 0)
    given = None if audio is None else read_audio(audio, rate_hz=AUDIO_RATE_HZ)
    recording = None if given is None else given.waveform
    heard = own if own is not None else recording
    report(Progress("read", 1, 1))
    watched = _watch(video, facts.frames, report)
    report(Progress("compare", 0, 1))
    speech = () if heard is None else find_speech(heard)
    by_audio = None if heard is None else expect_from_audio(heard, speech)
    by_words = None
    if words is not None and heard is not None:
        with prefix_errors(transcript):
            by_words = expect_from_words(heard, words)
    expected = by_words or by_audio
    speaks = sum(span.seconds for span in speech) >= MIN_SPEECH_SECONDS
    seconds = watched.length_seconds
    speaker = find_speaker(watched, expected if speaks else None, seconds)
    timing = speaker.timing
    track = speaker.track
    quality, people = None, people_of(watched, seconds)
    if track is not None and people:
        quality = measure_mouth(track, watched, expected if speaks else None, timing.offset_ms)
    rate_hz = _rate_hz(facts.frame_rate, watched)
    verdict = judge(track, quality, timing, watched, seconds)
    if verdict in {"static", "no-face", "inconclusive"}:
        timing = Timing(None, min(timing.confidence, 0.49), None, None, None, timing.windows)
    match = None
    if own is not None and recording is not None:
        match = match_sounds(_at(own, MATCH_RATE_HZ), _at(recording, MATCH_RATE_HZ))
    measured_audio = measure_audio(
        own, None if source is None else replace(source.level, clipped_samples=clipped)
    )
    examined = None
    if own is not None and source is not None:
        examined = diagnose(own.mono, AUDIO_RATE_HZ, speech, source)
    manifest, beside = _manifest_beside(video)
    causes = find_causes(
        DiagnosisInput(
            verdict=verdict,
            quality=quality,
            audio=measured_audio,
            match=match,
            lossy_codec=given.format.codec if given is not None and given.format.lossy else "",
            image_seconds=seconds,
            audio_seconds=0.0 if own is None else own.seconds,
            rate_hz=rate_hz,
            frames=len(watched.seconds),
            seen_frames=0 if track is None else int(track.seen.sum()),
            turned=0.0 if track is None else float(np.nanmedian(track.yaw)),
            audio_rate_hz=facts.audio_rate_hz,
            uneven=watched.uneven,
            speech_seconds=sum(span.seconds for span in speech),
            snr_db=None if examined is None else examined.snr_db,
            bursts=() if examined is None else _bursts(examined),
            jumps_s=() if quality is None else _heard_at(quality.mouth.jumps, watched, timing.offset_ms),
            manifest=manifest,
        )
    )
    extra: dict[str, Any] = {
        "offset_interval_ms": timing.interval_ms,
        "drift_interval_ms_per_s": timing.drift_interval,
        "expectation": None if expected is None else expected.source,
        "video": {
            "seconds": seconds,
            "frames": len(watched.seconds),
            "rate": rate_hz,
            "people": most_at_once(people),
            "cuts": list(watched.cuts),
        },
    }
    if match is not None:
        extra["match"] = {
            "correlation": match.correlation,
            "shift_ms": match.shift_ms,
            "seconds_missing": match.seconds_missing,
        }
    if by_words is not None and by_audio is not None and speaks:
        other = find_speaker(watched, by_audio, seconds).timing
        extra["by_audio"] = {"offset_ms": other.offset_ms, "confidence": other.confidence}
    report(Progress("compare", 1, 1))
    done = SyncReport(
        verdict=verdict,
        offset_ms=timing.offset_ms,
        confidence=timing.confidence,
        drift_ms_per_s=timing.drift_ms_per_s,
        mouth=quality.mouth if quality else MouthMeasures(0.0, None, None),
        audio=measured_audio,
        windows=timing.windows,
        causes=causes,
        findings=(*remarks(quality, watched, seconds, own), *beside),
        extra=extra,
    )
    return Measured(done, watched, track, expected, timing, quality, own)


def _syncnet(weights: Path) -> Any:  # noqa: ANN401 - torch is not imported here
    """The network, before any work: what is missing is told at once."""
    if not weights.is_file():
        raise InputError(f"{weights}: no such file", hint="check the path")
    try:
        module = import_module("lipwright.sync.syncnet")
    except ImportError as error:
        raise EngineUnavailable(
            "SyncNet needs torch, which is not installed", hint="pip install 'lipwright[syncnet]'"
        ) from error
    return module.load_syncnet(weights)


def _by_syncnet(network: Any, video: Path, measured: Measured) -> dict[str, float | None]:  # noqa: ANN401
    track, audio = measured.speaker, measured.audio
    if track is None or audio is None:
        return {"offset_ms": None, "lse_d": None, "lse_c": None}
    module = import_module("lipwright.sync.syncnet")
    frames = read_video_frames(video, longest_px=LONGEST_PX, exact=False)
    found: dict[str, float | None] = module.measure_syncnet(
        network, frames, track, _at(audio, module.RATE_HZ)
    )
    return found


def _page(video: Path, measured: Measured) -> str:
    """The page; the video is read once more for its images."""
    track = measured.speaker
    places = worst_places(measured.report, track, measured.expected)
    shown: list[Shown] = []
    if track is not None and places:
        wanted = {place.frame: place for place in places}
        for number, (_, rgb) in enumerate(read_video_frames(video, longest_px=LONGEST_PX, exact=False)):
            if number in wanted:
                shown.append(show(wanted[number], rgb, track))
            if number >= places[-1].frame:
                break
    return draw_page(video.name, measured.report, track, measured.expected, shown)


def _watch(video: Path, frames: int, report: ProgressCallback) -> Watched:
    ahead = decode_ahead(read_video_frames(video, longest_px=LONGEST_PX, exact=False), AHEAD)
    try:
        first = next(ahead, None)
        if first is None:
            raise InputError(f"{video}: there are no images in it", hint="give a video")
        height, width = first[1].shape[:2]

        def stream() -> Iterator[tuple[Fraction, NDArray[np.uint8]]]:
            yield first
            yield from ahead

        def told(done: int) -> None:
            if done % 10 == 0:
                report(Progress("look", done, max(done, frames)))

        return watch(follow_people(stream(), FaceTracker()), (width, height), told)
    finally:
        ahead.close()


def _rate_hz(stated: Fraction, watched: Watched) -> float:
    """Frames per second, exact where the frames come at one rate; else by the median step.

    The file's word is taken where the frames bear it out: all but one in twenty follow the frame
    before at that rate, and together they last as long as that. Steps alone do not tell: 30 a second
    in whole milliseconds have a median of 33.
    """
    steps = np.diff(watched.seconds)
    if stated > 0:
        period = float(1 / stated)
        regular = steps[np.abs(steps - period) <= STAMP_S]
        gaps = len(steps) - len(regular)
        lasts = abs(float(regular.sum()) - len(regular) * period) <= STAMP_S * (1 + gaps)
        if lasts and len(regular) and gaps <= 0.05 * len(steps):
            return float(stated)
    return float(Fraction(watched.rate_hz).limit_denominator(1001))


def _read_audio(video: Path) -> tuple[Waveform | None, SourceStats | None, int]:
    """A video's audio, what shows of it only at its own rate, and how many of its samples are clipped."""
    meter, crowd = SourceMeter(), CrowdMeter()

    def listen(block: NDArray[np.float32], rate_hz: int) -> None:
        meter(block, rate_hz)
        crowd.push(block)

    try:
        audio = read_audio(video, rate_hz=AUDIO_RATE_HZ, listener=listen)
    except NothingHeard:
        return None, None, 0
    source = meter.finish()
    crowded = crowd.crowded if audio.format.lossy else 0
    return audio.waveform, source, max(source.level.clipped_samples, crowded)


def _at(audio: Waveform, rate_hz: int) -> Waveform:
    return Waveform(soxr.resample(audio.mono, audio.rate_hz, rate_hz)[None], rate_hz)


def _bursts(examined: Diagnosis) -> tuple[Span, ...]:
    """Plosives, clicks and clipped tops: what a model takes for a blow."""
    tops = [
        Span(start / AUDIO_RATE_HZ, end / AUDIO_RATE_HZ)
        for start, end in np.concatenate([examined.clicks, examined.clipped]).tolist()
    ]
    return tuple(sorted([*(event.span for event in examined.plosives), *tops], key=lambda span: span.start))


def _heard_at(frames: tuple[int, ...], watched: Watched, offset_ms: float | None) -> tuple[float, ...]:
    """What is heard when these frames should be seen, in seconds."""
    return tuple(float(watched.seconds[n]) + (offset_ms or 0.0) / 1000 for n in frames)


def _manifest_beside(video: Path) -> tuple[dict[str, Any] | None, tuple[Finding, ...]]:
    """OUT.json, where it is a manifest of ours and of this video; else a word if it is of another."""
    path = video.with_suffix(".json")
    if not path.is_file():
        return None, ()
    try:
        manifest = read_manifest(path)
    except InputError:
        return None, ()
    if manifest.is_of(video):
        return _without_what_was_not_read(manifest.to_json()), ()
    return None, (findings.MANIFEST_OF_ANOTHER_VIDEO(name=path.name),)


def _without_what_was_not_read(manifest: dict[str, Any]) -> dict[str, Any]:
    """A setting that the engine does not read is no cause of anything."""
    engine, job = manifest["engine"], manifest["job"]
    if not (isinstance(engine, dict) and isinstance(job, dict) and engine.get("name") in ENGINES):
        return manifest
    ignored = ENGINES[engine["name"]].ignores
    if "talking" in ignored:
        ignored |= {"prompt"}  # causes look for nothing else in it
    return manifest | {"job": {key: value for key, value in job.items() if key not in ignored}}
