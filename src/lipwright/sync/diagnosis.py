"""Decide the verdict, and explain why a video is out of sync, or has jumps, dropouts or a stiff mouth.

The most likely cause of a problem is listed first. A cause is reported only if there is
evidence: a measurement of the video, or the manifest that lipwright wrote next to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lipwright.audio.findings import REPORTING
from lipwright.domain.finding import Finding
from lipwright.domain.presets import CFG_CEILING, PRESETS
from lipwright.domain.sync_verdict import IN_SYNC_MS, MAX_STIFFNESS, AudioMeasures, Verdict
from lipwright.domain.text import pluralize
from lipwright.domain.time import Span, parse_frame_rate
from lipwright.errors import UsageError
from lipwright.face.findings import MOUTH_CLOSED
from lipwright.prompt.findings import GESTURE, MOUTH_IN_TIME, PACING, TEMPORAL
from lipwright.prompt.findings import MOTION as MOTION_WORDS
from lipwright.sync import findings
from lipwright.sync.active_speaker import max_people_at_once, persistent_people
from lipwright.sync.audio_measures import RecordingMatch
from lipwright.sync.face_appearance import APPEARANCE, FaceMeasures
from lipwright.sync.findings import LIMITS
from lipwright.sync.mouth_metrics import MOTION, MouthQuality
from lipwright.sync.mouth_track import MouthTrack, TrackedVideo
from lipwright.sync.offset_estimate import OffsetEstimate

MAX_SETTING = 1e9
"""Maximum absolute value of a number in a manifest; larger numbers are ignored."""
CLOSED_MOUTH_IDS = frozenset({MOUTH_CLOSED.id})
PROMPT_MOTION_IDS = frozenset(kind.id for kind in (MOTION_WORDS, GESTURE, PACING, TEMPORAL, MOUTH_IN_TIME))


@dataclass(frozen=True, slots=True)
class DiagnosisInput:
    """The evidence for the likely causes of problems: measurements of a video, and its manifest."""

    verdict: Verdict
    quality: MouthQuality | None
    audio: AudioMeasures
    match: RecordingMatch | None
    """Comparison with the recording given by --audio; None if no recording was given."""
    lossy_codec: str
    """Codec of the recording if it is lossy; else empty."""
    image_seconds: float
    audio_seconds: float
    frame_rate_hz: float
    frames: int
    visible_frames: int
    """Number of frames in which the measured mouth is visible."""
    yaw_ratio: float
    """Median of how far the head is turned sideways: 0 for a frontal face, 1 in profile (see
    `MouthTrack.yaw_ratio`)."""
    audio_rate_hz: int
    variable_frame_rate: bool
    speech_seconds: float
    snr_db: float | None
    """Signal-to-noise ratio of the speech; None without speech, or without a pause for measuring noise."""
    bursts: tuple[Span, ...]
    """Plosives, clicks and clipped peaks of the audio, in order, in seconds."""
    jump_seconds: tuple[float, ...]
    """Time of each jump, in seconds of the audio."""
    manifest: Mapping[str, Any] | None
    """The manifest next to the video, if there is one."""

    @property
    def quiet(self) -> bool:
        """True if the audio is too quiet to move a mouth."""
        return self.audio.lufs is not None and self.audio.lufs < REPORTING.very_quiet_lufs

    @property
    def clipped(self) -> bool:
        """True if the audio is audibly clipped."""
        return self.audio.clipped >= REPORTING.clipped_samples

    def setting(self, name: str) -> float | None:
        """Return a setting of the render from the manifest; None if it is missing or not a number."""
        value = self._job.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < MAX_SETTING:
            return None
        return float(value)

    def chosen_setting(self, name: str) -> float | None:
        """Return a setting of the render; None if it is missing or has the value of the render's preset."""
        value, preset = self.setting(name), PRESETS.get(str(self._job.get("preset")))  # type: ignore[call-overload]
        return None if preset is not None and value == getattr(preset, name) else value

    @property
    def prompt(self) -> str:
        """Prompt of the render; empty if there is none."""
        return str(self._job.get("prompt") or "")

    def manifest_findings(self, ids: frozenset[str]) -> list[str]:
        """Return the members of `ids` that the manifest lists as findings, in alphabetical order."""
        held = (self.manifest or {}).get("findings")
        held = held if isinstance(held, list | tuple) else ()
        return sorted(ids & {str(one.get("rule")) for one in held if isinstance(one, Mapping)})

    @property
    def _job(self) -> Mapping[str, Any]:
        job = (self.manifest or {}).get("job")
        return job if isinstance(job, Mapping) else {}


def decide_verdict(
    track: MouthTrack | None, quality: MouthQuality | None, estimate: OffsetEstimate, video: TrackedVideo
) -> Verdict:
    """Decide the verdict; problems that prevent other measurements come first.

    Args:
        track: Mouth of the speaker; None if no face was found.
        quality: Measurements of the speaker's mouth; None if no face was found.
        estimate: Offset between lips and audio.
        video: The tracked faces.
    """
    if track is None:
        return "no-face"
    if quality is not None and (quality.frozen_image or (quality.static and estimate.offset_ms is None)):
        return "static"
    if estimate.offset_ms is None:
        return "inconclusive"
    if abs(estimate.drift_ms_per_s or 0.0) * video.length_seconds >= 1000 / max(video.frame_rate_hz, 1.0):
        return "drift"
    if estimate.offset_ms < IN_SYNC_MS[0]:
        return "audio-early"
    return "audio-late" if estimate.offset_ms > IN_SYNC_MS[1] else "in-sync"


def find_causes(facts: DiagnosisInput) -> tuple[Finding, ...]:
    """Find the likely causes of all problems; for each problem, the most likely cause comes first."""
    causes: list[Finding] = []
    mouth = facts.quality.mouth if facts.quality else None
    if facts.verdict in {"audio-late", "audio-early", "drift", "inconclusive"}:
        causes += _out_of_sync(facts)
    if facts.verdict == "static":
        causes += _static(facts)
    if facts.verdict == "no-face":
        causes.append(findings.NO_FACE(evidence=pluralize(facts.frames, "frame")))
    if mouth is not None and (mouth.jumps or mouth.repeats):
        causes += _jumps(facts, len(mouth.jumps), len(mouth.repeats))
    causes += _audio(facts)
    if facts.verdict != "static" and mouth is not None and (mouth.stiffness or 0.0) > MAX_STIFFNESS:
        causes += _stiff(facts, mouth.stiffness or 0.0)
    first: dict[str, Finding] = {}
    for cause in causes:
        first.setdefault(cause.id, cause)
    return tuple(first.values())


def find_observations(
    quality: MouthQuality | None,
    video: TrackedVideo,
    audio_seconds: float | None,
    causes: tuple[Finding, ...],
) -> tuple[Finding, ...]:
    """Return findings that are not causes of a problem.

    Args:
        quality: Measurements of the mouth; None without a face.
        video: The tracked faces.
        audio_seconds: Length of the video's audio; None if it has none.
        causes: Causes that are already reported.
    """
    found: list[Finding] = []
    if quality is not None and quality.zoom:
        severity = findings.SLOW_ZOOM.severity if not quality.static else "warning"
        found.append(findings.SLOW_ZOOM(severity=severity, percent=100 * quality.zoom))
    if quality is not None and (quality.mouth.silence_motion or 0.0) > LIMITS.silence_motion:
        found.append(findings.LIPS_MOVE_IN_SILENCE(percent=100 * (quality.mouth.silence_motion or 0.0)))
    if quality is not None and not quality.static:
        found += judge_face(quality.face, quality.visible_seconds)
    faces = max_people_at_once(persistent_people(video))
    if faces > 1:
        found.append(findings.SEVERAL_FACES(faces=faces))
    if audio_seconds is not None:
        lengths = _lengths_differ(video.length_seconds, audio_seconds, video.frame_rate_hz)
        found += [one for one in lengths if one.id not in {cause.id for cause in causes}]
    return tuple(found)


def judge_face(measures: FaceMeasures, seconds: float) -> Iterator[Finding]:
    """Yield a finding for everything that looks wrong in a face.

    Args:
        measures: Measurements of the face.
        seconds: Time for which the face is visible.
    """
    m, limit = measures, APPEARANCE
    if m.opening is not None and m.opening < limit.min_opening:
        yield findings.MOUTH_BARELY_OPENS(percent=100 * m.opening)
    if m.teeth is not None and m.teeth < limit.min_teeth:
        yield findings.DARK_MOUTH(percent=100 * m.teeth)
    if m.lip_line is not None and abs(m.lip_line) > limit.max_lip_line:
        side = "below" if m.lip_line > 0 else "above"
        yield findings.SECOND_LIP_LINE(percent=100 * abs(m.lip_line), side=side)
    if m.blinks_per_minute == 0 and seconds >= limit.min_seconds_without_blink:
        yield findings.NO_BLINKS(seconds=seconds)
    if m.blinks_per_minute is not None and m.blinks_per_minute > limit.max_blinks_per_minute:
        yield findings.TOO_MANY_BLINKS(rate=m.blinks_per_minute)
    if m.blink_closure is not None and m.blink_closure > limit.closed_eye:
        yield findings.EYES_STAY_OPEN(percent=100 * m.blink_closure)
    if m.lid_chroma is not None and m.lid_chroma < limit.min_lid_chroma:
        yield findings.GRAY_LIDS(percent=100 * m.lid_chroma)
    if m.head_motion_deg is not None and m.head_motion_deg < limit.min_head_motion_deg:
        yield findings.STILL_HEAD(degrees=m.head_motion_deg)
    if m.gaze_motion is not None and m.gaze_motion < limit.min_gaze_motion:
        yield findings.STILL_EYES(motion=m.gaze_motion)


def _out_of_sync(facts: DiagnosisInput) -> Iterator[Finding]:
    if (facts.frames - 1) % 8 and facts.manifest is not None:
        yield findings.FRAME_COUNT(evidence=pluralize(facts.frames, "frame"))
    if not facts.audio.missing:
        yield from _lengths_differ(facts.image_seconds, facts.audio_seconds, facts.frame_rate_hz)
    planned = _planned_frame_rate(facts.manifest)
    file = f"{facts.frame_rate_hz:.3f} fps in the file"
    ratio = planned / max(facts.frame_rate_hz, 1e-9) if planned else 1.0
    if abs(ratio - 1) > LIMITS.frame_rate_ratio:
        yield findings.FRAME_RATE(evidence=f"planned at {planned:.3f} fps, {file}")
    elif facts.verdict == "drift":
        yield findings.FRAME_RATE(evidence=file)
    yield from _uneven(facts)
    if facts.manifest is not None and facts.manifest.get("frozen") is False:
        yield findings.LATENT_NOT_FROZEN(evidence="frozen is false in the manifest")
    if facts.match is not None and not facts.match.unrelated:
        yield from _shifted(facts.match)
    if facts.snr_db is not None and facts.snr_db < LIMITS.snr_db:
        yield findings.NOISE_UNDER_SPEECH(evidence=f"speech is {facts.snr_db:.0f} dB above the noise")
    if 0 < facts.audio_rate_hz < REPORTING.low_rate_hz:
        yield findings.LOW_SAMPLE_RATE(evidence=f"{facts.audio_rate_hz} Hz")
    yield from _closed_mouth(facts)
    if facts.verdict == "inconclusive":
        reasons = list(_too_little(facts))
        yield from reasons
        if not reasons and not facts.audio.missing:
            yield findings.LIPS_UNLIKE_AUDIO(evidence=f"{facts.speech_seconds:.1f} s of speech compared")


def _lengths_differ(image_seconds: float, audio_seconds: float, frame_rate_hz: float) -> Iterator[Finding]:
    gap = image_seconds - audio_seconds
    if abs(gap) > max(LIMITS.length_difference_seconds, 1.5 / max(frame_rate_hz, 1)):
        longer, shorter = ("video track", "audio") if gap > 0 else ("audio", "video track")
        yield findings.LENGTHS_DIFFER(
            where={"start": min(image_seconds, audio_seconds), "end": max(image_seconds, audio_seconds)},
            evidence=f"video track {image_seconds:.2f} s, audio {audio_seconds:.2f} s",
            longer=longer,
            shorter=shorter,
            seconds=abs(gap),
        )


def _planned_frame_rate(manifest: Mapping[str, Any] | None) -> float | None:
    plan = (manifest or {}).get("plan")
    if not isinstance(plan, Mapping) or "fps" not in plan:
        return None
    try:
        return float(parse_frame_rate(str(plan["fps"])))
    except UsageError:
        return None


def _uneven(facts: DiagnosisInput) -> Iterator[Finding]:
    if facts.variable_frame_rate:
        yield findings.UNEVEN_FRAMES(evidence=f"median rate {facts.frame_rate_hz:.2f} fps")


def _shifted(match: RecordingMatch) -> Iterator[Finding]:
    if abs(match.shift_ms) > LIMITS.shift_ms:
        seconds = abs(match.shift_ms) / 1000
        place = f"{seconds:.2f} s into" if match.shift_ms > 0 else f"{seconds:.2f} s before"
        evidence = f"shifted by {match.shift_ms:+.0f} ms"
        yield findings.AUDIO_SHIFTED(evidence=evidence, place=place)


def _closed_mouth(facts: DiagnosisInput) -> Iterator[Finding]:
    held = facts.manifest_findings(CLOSED_MOUTH_IDS)
    if held:
        yield findings.CLOSED_MOUTH_IMAGE(evidence=f"{', '.join(held)} in the manifest")


def _too_little(facts: DiagnosisInput) -> Iterator[Finding]:
    if facts.visible_frames < LIMITS.visible_share * facts.frames:
        evidence = f"found in {facts.visible_frames} of {pluralize(facts.frames, 'frame')}"
        yield findings.FACE_SELDOM_VISIBLE(evidence=evidence)
    elif facts.yaw_ratio > LIMITS.yaw_ratio:
        evidence = (
            f"the nose is {100 * facts.yaw_ratio:.0f} % of the way from the middle of the face to one cheek "
            "(a frontal face has 0 %)"
        )
        yield findings.FACE_TURNED_AWAY(evidence=evidence)
    if facts.audio.missing:
        return
    if facts.speech_seconds < LIMITS.speech_seconds:
        yield findings.LITTLE_SPEECH(evidence=f"{facts.speech_seconds:.1f} s of speech")
    if facts.frame_rate_hz < MOTION.min_frame_rate_hz:
        yield findings.SLOW_RATE(evidence=f"{facts.frame_rate_hz:.2f} fps")


def _static(facts: DiagnosisInput) -> Iterator[Finding]:
    if facts.frames == 1:
        yield findings.ONE_IMAGE(evidence="1 frame")
        return
    if facts.quiet:
        yield findings.QUIET_AUDIO(evidence=f"{facts.audio.lufs:.1f} LUFS")
    talks = any(word in facts.prompt.lower() for word in ("talk", "speak"))
    if facts.prompt and not talks:
        yield findings.NOBODY_TALKS_IN_PROMPT(evidence=f"prompt: {facts.prompt[:80]!r}")
    strength = facts.setting("image_strength")
    if strength is not None and strength > LIMITS.image_strength:
        yield findings.IMAGE_STRENGTH(evidence=f"image strength {strength:g}")
    yield from _closed_mouth(facts)
    motion = facts.quality.mouth.motion if facts.quality else 0.0
    yield findings.STILL_MOUTH(evidence=f"the lip gap varies by {100 * motion:.2f} % of the face height")


def _jumps(facts: DiagnosisInput, jumps: int, repeats: int) -> Iterator[Finding]:
    parts = [(jumps, "jump"), (repeats, "repeated frame")]
    evidence = ", ".join(pluralize(count, name) for count, name in parts if count)
    if jumps:
        norming = facts.setting("norming_threshold")
        if norming is not None and 0 < norming < LIMITS.norming_threshold:
            yield findings.NORMING_THRESHOLD(evidence=f"threshold {norming:g}; {evidence}")
        yield from _bursts(facts)
        if facts.clipped:
            yield _clipped(facts)
        steps = facts.chosen_setting("steps")
        if steps is not None and steps < LIMITS.steps:
            yield findings.FEW_STEPS(evidence=f"{pluralize(int(steps), 'step')}; {evidence}")
    if repeats:
        yield from _uneven(facts)
        if facts.manifest is None:
            yield findings.REPEATED_FRAMES(evidence=evidence)


def _bursts(facts: DiagnosisInput) -> Iterator[Finding]:
    """Yield a finding on plosives and clicks if more jumps are near them than chance explains."""
    margin = LIMITS.burst_seconds
    near = {
        at: burst
        for at in facts.jump_seconds
        for burst in facts.bursts
        if burst.start - margin <= at <= burst.end + margin
    }
    reach, covered = 0.0, 0.0
    for burst in facts.bursts:
        start, end = max(reach, burst.start - margin), burst.end + margin
        covered += max(0.0, end - start)
        reach = max(reach, end)
    by_chance = len(facts.jump_seconds) * covered / max(facts.audio_seconds, 1e-9)
    if near and len(near) >= LIMITS.burst_ratio * by_chance:
        first = near[min(near)]
        yield findings.PLOSIVES(
            where={"start": first.start, "end": first.end},
            evidence=f"{len(near)} of {pluralize(len(facts.jump_seconds), 'jump')} within "
            f"{1000 * margin:.0f} ms of a burst, the first at {min(near):.2f} s",
        )


def _clipped(facts: DiagnosisInput) -> Finding:
    return findings.CLIPPED_AUDIO(evidence=f"{facts.audio.clipped} clipped samples")


def _audio(facts: DiagnosisInput) -> Iterator[Finding]:
    if facts.audio.missing:
        if facts.frames > 1:
            yield findings.NO_AUDIO(evidence="no audio stream")
        return
    dropouts, match = facts.audio.dropouts, facts.match
    if facts.quiet and facts.verdict != "static":
        yield findings.QUIET_AUDIO(evidence=f"{facts.audio.lufs:.1f} LUFS")
    if facts.clipped:
        yield _clipped(facts)
    if facts.lossy_codec and (facts.clipped or dropouts or facts.quiet):
        yield findings.LOSSY_RECORDING(evidence=facts.lossy_codec)
    if dropouts:
        first = dropouts[0]
        yield findings.DROPOUTS(
            where={"start": first.start, "end": first.end},
            evidence=f"the first from {first.start:.2f} to {first.end:.2f} s",
            times="once" if len(dropouts) == 1 else f"{len(dropouts)} times",
        )
    if match is None:
        return
    if match.unrelated:
        yield findings.WRONG_AUDIO(evidence=f"correlation {match.correlation:.2f}")
    elif not match.same:
        yield findings.PROCESSED_AUDIO(evidence=f"correlation {match.correlation:.2f}")
    if not match.unrelated and match.seconds_missing > LIMITS.missing_seconds:
        yield findings.AUDIO_CUT(evidence=f"{match.seconds_missing:.2f} s are missing")


def _stiff(facts: DiagnosisInput, stiffness: float) -> Iterator[Finding]:
    eta, cfg = facts.chosen_setting("eta"), facts.setting("cfg")
    evidence = f"stiffness {stiffness:.2f}"
    if eta is not None and eta < LIMITS.eta:
        yield findings.LOW_ETA(evidence=f"eta {eta:g}; {evidence}")
    held = facts.manifest_findings(PROMPT_MOTION_IDS)
    if held:
        yield findings.PROMPT_MOTION(evidence=f"{', '.join(held)} in the manifest; {evidence}")
    if cfg is not None and cfg > CFG_CEILING:
        yield findings.HIGH_CFG(evidence=f"CFG {cfg:g}; {evidence}")
    share = f"lips move {100 * (1 - stiffness):.0f} % as much as usual"
    yield findings.STIFF(evidence=f"{evidence}: {share}")
