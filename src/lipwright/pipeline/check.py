"""Check whether a video is in sync, and find likely causes if it is not."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from lipwright.audio.diagnosis import Diagnosis, diagnose
from lipwright.audio.source_stats import SourceMeter, SourceStats
from lipwright.audio.speech import find_speech
from lipwright.domain.audio_piece import AudioPiece, AudioSource, as_piece, cut_piece
from lipwright.domain.finding import Finding
from lipwright.domain.media import Waveform
from lipwright.domain.progress import Progress, ProgressCallback, no_progress
from lipwright.domain.settings import PIECE, SETTINGS
from lipwright.domain.spans import clip_spans
from lipwright.domain.sync_verdict import MouthMeasures, SyncReport
from lipwright.domain.text import AnyPath, path_or_none
from lipwright.domain.time import Span
from lipwright.engines.registry import ENGINES
from lipwright.errors import EngineUnavailable, InputError, LipwrightError, NothingHeard
from lipwright.face.landmarks import FaceTracker
from lipwright.media.atomic_files import file_sha256, write_text_atomically
from lipwright.media.audio_reader import Recording, format_findings, probe_audio, read_audio
from lipwright.media.file_errors import require_file
from lipwright.media.text_files import read_text
from lipwright.media.video_reader import VideoFacts, decode_ahead, read_video_frames, video_facts
from lipwright.pipeline.atomic_outputs import check_outputs
from lipwright.pipeline.audio_input import prefix_errors
from lipwright.pipeline.findings import MANIFEST_OF_ANOTHER_VIDEO
from lipwright.pipeline.manifest import read_manifest
from lipwright.reports.sync_report import sync_page
from lipwright.sync.active_speaker import find_speaker, max_people_at_once, only_chosen, persistent_people
from lipwright.sync.alignment import target_from_transcript
from lipwright.sync.audio_measures import MATCH_RATE_HZ, match_recording, measure_audio
from lipwright.sync.chunk_score import MIN_SPEECH_SECONDS
from lipwright.sync.diagnosis import DiagnosisInput, decide_verdict, find_causes, find_observations
from lipwright.sync.face_appearance import FaceMeasures
from lipwright.sync.face_tracking import track_faces
from lipwright.sync.lag_correlation import LagCorrelation
from lipwright.sync.mouth_metrics import measure_mouth
from lipwright.sync.mouth_track import MouthTrack, TrackedVideo, track_mouths
from lipwright.sync.offset_estimate import OffsetEstimate, estimate_spans
from lipwright.sync.target_motion import TargetMotion, target_from_audio

MAX_IMAGE_PX = 960
"""Maximum width and height in pixels of the examined frames; larger frames are scaled down. In a square or
upright video, a face that takes up a quarter of the height is then still 240 pixels high."""
FRAMES_AHEAD = 8
"""Maximum number of frames that are decoded ahead in another thread."""
AUDIO_RATE_HZ = 24_000
TIMESTAMP_TOLERANCE_SECONDS = 0.002
"""Maximum deviation of the interval between two frames from 1 / frame rate, because Matroska rounds
timestamps to milliseconds."""
MAX_UNCERTAIN_CONFIDENCE = 0.49
"""Upper limit of the confidence that is reported without an offset. An offset requires at least 0.5."""


@dataclass(frozen=True, slots=True)
class CheckedVideo:
    """A sync report with the data for its HTML page."""

    report: SyncReport
    speaker: MouthTrack | None
    target: TargetMotion | None
    audio: Waveform | None
    """The video's audio, at AUDIO_RATE_HZ."""
    manifest: Mapping[str, Any] | None
    """The manifest next to the video; None if there is none or it describes another video."""


def check_video(
    video: AnyPath,
    *,
    audio: AnyPath | AudioPiece | None = None,
    transcript: AnyPath | None = None,
    syncnet: AnyPath | None = None,
    face: str | None = None,
    report_html: AnyPath | None = None,
    video_address: str | None = None,
    video_name: str | None = None,
    report: ProgressCallback = no_progress,
) -> SyncReport:
    """Measure how well the lips in a video follow its audio, and find likely causes of problems.

    Args:
        video: The video.
        audio: The recording, or a piece of one, that the video should contain; None to skip the comparison.
        transcript: Text file with the spoken English words; the lips are compared with them.
        syncnet: File with the weights of SyncNet, to add its three measurements to the report.
        face: Which face is measured, in the form returned by `read_face_choice`; a number or a side is
            applied to each shot separately. None to measure the face whose mouth follows the audio.
        report_html: Path of the HTML report to write; None to write none.
        video_address: URL to which the HTML report links if the video is too large to be embedded; None for
            the path of the video relative to the report.
        video_name: Name of the video in the report; None for its file name.
        report: Progress callback for "read", "look" and "compare"; may raise Cancelled.

    Raises:
        InputError: A file is damaged or not a video, the transcript does not match the audio, or the chosen
            face is not found.
        EngineUnavailable: The face model, pocketsphinx or torch is needed and missing.
        OutputError: The report cannot be written.
    """
    video, transcript = Path(video), path_or_none(transcript)
    recording: AudioSource | None = audio if isinstance(audio, AudioPiece) else path_or_none(audio)
    audio = None if recording is None else as_piece(recording).path
    syncnet, report_html = path_or_none(syncnet), path_or_none(report_html)
    inputs = [path for path in (video, audio, transcript, syncnet) if path is not None]
    check_outputs(inputs, (report_html, ".html"))
    network = None if syncnet is None else _load_syncnet(syncnet)
    checked = _measure(video, recording, transcript, face, report)
    if network is not None:
        checked.report.extra["syncnet"] = _measure_syncnet(network, video, checked)
    if report_html is not None:
        frames = read_video_frames(video, longest_px=MAX_IMAGE_PX, exact=False)
        page = sync_page(
            report_html,
            video,
            checked.report,
            track=checked.speaker,
            target=checked.target,
            frames=frames,
            manifest=checked.manifest,
            address=video_address,
            name=video_name,
        )
        write_text_atomically(report_html, page)
    return checked.report


def _measure(
    path: Path, audio: AudioSource | None, transcript: Path | None, face: str | None, report: ProgressCallback
) -> CheckedVideo:
    facts = video_facts(path)
    words = None if transcript is None else read_text(transcript, "transcript")
    report(Progress("read", 0, 1))
    own, source, clipped, holes, of_file = _read_audio(path) if facts.has_audio else _NO_AUDIO
    manifest, manifest_findings = _manifest_beside(path)
    given = None if audio is None else read_audio(_delivered(audio, manifest), rate_hz=AUDIO_RATE_HZ)
    compared = own if own is not None or given is None else given.waveform
    report(Progress("read", 1, 1))
    video = _track(path, facts, face, report)
    report(Progress("compare", 0, 1))
    speech = () if compared is None else find_speech(compared)
    by_audio = None if compared is None else target_from_audio(compared, speech)
    target = by_audio
    if words is not None and compared is not None:
        with prefix_errors(transcript):
            target = target_from_transcript(compared, words)
    speech_seconds = sum(span.seconds for span in speech)
    speaks = speech_seconds >= MIN_SPEECH_SECONDS
    speaker = find_speaker(video, target if speaks else None)
    estimate, track = speaker.estimate, speaker.track
    people = persistent_people(video)
    level = None if source is None else replace(source.level, clipped_samples=clipped)
    measured_audio = measure_audio(own, level)
    after = () if own is None else (Span(own.seconds, math.inf),)  # nothing is known about speech there
    quality = None
    if track is not None and people:
        quality = measure_mouth(
            track,
            speaker.shots(video),
            target if speaks else None,
            estimate.offset_ms,
            lost=(*holes, *measured_audio.dropouts, *after),
        )
    verdict = decide_verdict(track, quality, estimate, video)
    if verdict in {"static", "no-face", "inconclusive"}:
        confidence = min(estimate.confidence, MAX_UNCERTAIN_CONFIDENCE)
        estimate = OffsetEstimate(None, confidence, None, None, None, estimate.windows)
    match = None
    if own is not None and given is not None:
        match = match_recording(_resampled(own, MATCH_RATE_HZ), _resampled(given.waveform, MATCH_RATE_HZ))
    diagnosis = None
    if own is not None and source is not None:
        diagnosis = diagnose(own.mono, AUDIO_RATE_HZ, speech, source)
    frame_rate_hz = _frame_rate_hz(facts.frame_rate, video)
    causes = find_causes(
        DiagnosisInput(
            verdict=verdict,
            quality=quality,
            audio=measured_audio,
            match=match,
            lossy_codec=given.format.codec if given is not None and given.format.lossy else "",
            image_seconds=video.length_seconds,
            audio_seconds=0.0 if own is None else own.seconds,
            frame_rate_hz=frame_rate_hz,
            frames=len(video.seconds),
            visible_frames=0 if track is None else int(track.visible.sum()),
            yaw_ratio=0.0 if track is None else float(np.nanmedian(track.yaw_ratio)),
            audio_rate_hz=facts.audio_rate_hz,
            variable_frame_rate=video.variable_frame_rate,
            speech_seconds=speech_seconds,
            snr_db=None if diagnosis is None else diagnosis.level.snr_db,
            bursts=() if diagnosis is None else _bursts(diagnosis),
            jump_seconds=()
            if quality is None
            else _audio_seconds(quality.mouth.jumps, video, estimate.offset_ms),
            manifest=manifest,
        )
    )
    extra: dict[str, Any] = {
        "offset_interval_ms": estimate.interval_ms,
        "drift_interval_ms_per_s": estimate.drift_interval,
        "face": (quality.face if quality else FaceMeasures()).to_json(),
        "expectation": None if target is None else target.source,
        "video": {
            "seconds": video.length_seconds,
            "frames": len(video.seconds),
            "rate": frame_rate_hz,
            "people": max_people_at_once(people),
            "cuts": list(video.cuts),
        },
    }
    if match is not None:
        extra["match"] = asdict(match)
    if manifest is not None and speaker.lags is not None:
        extra |= _by_turns(manifest, speaker.lags, speaker.estimate)
    if words is not None and by_audio is not None and speaks:
        other = find_speaker(video, by_audio).estimate
        extra["by_audio"] = {"offset_ms": other.offset_ms, "confidence": other.confidence}
    observations = find_observations(quality, video, None if own is None else own.seconds, causes)
    report(Progress("compare", 1, 1))
    done = SyncReport(
        verdict=verdict,
        offset_ms=estimate.offset_ms,
        confidence=estimate.confidence,
        drift_ms_per_s=estimate.drift_ms_per_s,
        mouth=quality.mouth if quality else MouthMeasures(0.0, None, None),
        audio=measured_audio,
        windows=estimate.windows,
        causes=causes,
        findings=(*of_file, *_findings_of(audio, given), *observations, *manifest_findings),
        extra=extra,
    )
    return CheckedVideo(done, track, target, own, manifest)


def _by_turns(
    manifest: Mapping[str, Any], lags: LagCorrelation, estimate: OffsetEstimate
) -> dict[str, list[dict[str, Any]]]:
    """Return the offset in each of the turns and shots that the manifest of a dialogue lists.

    The keys are "turns" and "shots"; the result is empty if the manifest lists no turns.
    """
    turns, shots = (_named_spans(manifest.get(key)) for key in ("turns", "shots"))
    if not turns:
        return {}
    groups = [(name, [span]) for name, span in turns]
    groups += [
        (name, [part for who, turn in turns if who == name for part in clip_spans([turn], shot)])
        for name, shot in shots
    ]
    found = [
        {"speaker": name, **window.to_json()}
        for (name, _), window in zip(
            groups, estimate_spans(lags, [spans for _, spans in groups], estimate), strict=True
        )
    ]
    return {"turns": found[: len(turns)], "shots": found[len(turns) :]}


def _named_spans(value: Any) -> list[tuple[str, Span]]:  # noqa: ANN401 - a manifest's
    """Return speaker and span of each turn or shot in a manifest; an empty list if an entry is malformed."""
    try:
        return [(str(one["speaker"]), Span(float(one["start"]), float(one["end"]))) for one in value or ()]
    except (KeyError, TypeError, ValueError):
        return []


def _load_syncnet(weights: Path) -> Any:  # noqa: ANN401 - torch is not imported here
    """Load SyncNet. This is done before any work, so that a missing file is reported at once."""
    require_file(weights)
    try:
        module = import_module("lipwright.sync.syncnet")
    except ImportError as error:
        raise EngineUnavailable(
            "SyncNet needs torch, which is not installed", hint="run: pip install 'lipwright[syncnet]'"
        ) from error
    return module.load_syncnet(weights)


def _measure_syncnet(network: Any, video: Path, checked: CheckedVideo) -> dict[str, float | None]:  # noqa: ANN401
    if checked.speaker is None or checked.audio is None:
        return {"offset_ms": None, "lse_d": None, "lse_c": None}
    module = import_module("lipwright.sync.syncnet")
    frames = read_video_frames(video, longest_px=MAX_IMAGE_PX, exact=False)
    audio = _resampled(checked.audio, module.RATE_HZ)
    found: dict[str, float | None] = module.measure_syncnet(network, frames, checked.speaker, audio)
    return found


def _track(video: Path, facts: VideoFacts, face: str | None, report: ProgressCallback) -> TrackedVideo:
    """Track all faces of a video, or only the chosen one."""
    frames = facts.frames
    ahead = decode_ahead(read_video_frames(video, longest_px=MAX_IMAGE_PX, exact=False), FRAMES_AHEAD)
    try:
        first = next(ahead, None)
        if first is None:
            raise InputError(
                f"{video}: the file has no video frames", hint="give a file that contains a video"
            )
        height, width = first[1].shape[:2]

        def stream() -> Iterator[tuple[Fraction, NDArray[np.uint8]]]:
            yield first
            yield from ahead

        def on_frame(done: int) -> None:
            if done % 10 == 0:
                report(Progress("look", done, max(done, frames)))

        tracked = track_mouths(track_faces(stream(), FaceTracker()), (width, height), on_frame)
        with prefix_errors(video):
            return tracked if face is None else only_chosen(tracked, face, facts.size)
    finally:
        ahead.close()


def _frame_rate_hz(stated: Fraction, video: TrackedVideo) -> float:
    """Return the stated frame rate if the timestamps confirm it, else 1 / median interval.

    The stated rate is confirmed if at least 95 % of the intervals between frames are close to 1 / `stated`,
    and the sum of n such intervals is close to n / `stated`. The sum is needed because timestamps
    may be rounded: at 30 fps, timestamps in whole milliseconds have a median interval of 33 ms (30.3 fps).
    """
    steps = np.diff(video.seconds)
    if stated > 0:
        period = float(1 / stated)
        regular = steps[np.abs(steps - period) <= TIMESTAMP_TOLERANCE_SECONDS]
        gaps = len(steps) - len(regular)
        error = abs(float(regular.sum()) - len(regular) * period)
        lasts = error <= TIMESTAMP_TOLERANCE_SECONDS * (1 + gaps)
        if lasts and len(regular) and gaps <= 0.05 * len(steps):
            return float(stated)
    return float(Fraction(video.frame_rate_hz).limit_denominator(1001))


_ReadAudio = tuple[Waveform | None, SourceStats | None, int, tuple[Span, ...], tuple[Finding, ...]]
_NO_AUDIO: _ReadAudio = (None, None, 0, (), ())


def _read_audio(video: Path) -> _ReadAudio:
    """Return a video's audio, statistics, number of clipped samples, spans of missing audio, and findings."""
    meter = SourceMeter()
    try:
        audio = read_audio(video, rate_hz=AUDIO_RATE_HZ, listener=meter)
    except NothingHeard:
        return None, None, 0, (), format_findings(probe_audio(video))  # another track may contain the voice
    source = meter.finish()
    clipped = max(source.level.clipped_samples, source.near_full_scale_samples if audio.format.lossy else 0)
    return audio.waveform, source, clipped, audio.format.holes, format_findings(audio.format)


def _findings_of(audio: AudioSource | None, given: Recording | None) -> Iterator[Finding]:
    """Yield findings about the recording's file; the text of each begins with the file's name."""
    if audio is None or given is None:
        return
    for one in format_findings(given.format):
        yield replace(one, text=f"{as_piece(audio).path.name}: {one.text}")


def _resampled(audio: Waveform, rate_hz: int) -> Waveform:
    return Waveform(soxr.resample(audio.mono, audio.rate_hz, rate_hz)[None], rate_hz)


def _bursts(diagnosis: Diagnosis) -> tuple[Span, ...]:
    """Return the plosives, clicks and clipped peaks, in order of time."""
    peaks = [
        Span(start / AUDIO_RATE_HZ, end / AUDIO_RATE_HZ)
        for start, end in np.concatenate([diagnosis.clicks, diagnosis.clipped]).tolist()
    ]
    spans = [*(event.span for event in diagnosis.plosives), *peaks]
    return tuple(sorted(spans, key=lambda span: span.start))


def _audio_seconds(
    frames: tuple[int, ...], video: TrackedVideo, offset_ms: float | None
) -> tuple[float, ...]:
    """Return the time in the audio to which each frame corresponds: its time in the video plus the offset."""
    return tuple(float(video.seconds[n]) + (offset_ms or 0.0) / 1000 for n in frames)


def _manifest_beside(video: Path) -> tuple[Mapping[str, Any] | None, tuple[Finding, ...]]:
    """Read the manifest next to a video; if it describes another video, return a finding instead."""
    path = video.with_suffix(".json")
    if not path.is_file():
        return None, ()
    try:
        manifest = read_manifest(path)
    except InputError:
        return None, ()
    if manifest.is_of(video):
        return _without_ignored_settings(manifest.to_json()), ()
    return None, (MANIFEST_OF_ANOTHER_VIDEO(name=path.name),)


def _delivered(audio: AudioSource, manifest: Mapping[str, Any] | None) -> AudioSource:
    """Return the piece of a recording that was used for the video, according to the manifest.

    `audio` is returned unchanged if it is already a piece, or if the manifest is missing or does not list it.
    """
    if manifest is None or isinstance(audio, AudioPiece):
        return audio
    with suppress(LipwrightError, TypeError, KeyError, AttributeError):
        if any(one["role"] == "audio" and one["sha256"] == file_sha256(audio) for one in manifest["inputs"]):
            return cut_piece(
                audio, *(SETTINGS[name].check(manifest["job"].get(SETTINGS[name].job_key)) for name in PIECE)
            )
    return audio


def _without_ignored_settings(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return the manifest without settings that the engine ignores, which cannot cause sync problems."""
    engine = ENGINES.get(manifest["engine"]["name"])
    if engine is None:
        return manifest
    ignored = engine.ignores
    if "talking" in ignored:
        ignored |= {"prompt"}  # a prompt can only be a cause by not mentioning talking
    return manifest | {"job": {key: value for key, value in manifest["job"].items() if key not in ignored}}
