"""Why a video is out of sync, jumps, drops out or is stiff: the guide's own order, with evidence.

A cause is named only where something speaks for it: the video's own numbers, or the manifest
that lipwright wrote beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lipwright.domain.finding import Finding
from lipwright.domain.pluralize import pluralize
from lipwright.domain.sync import AudioMeasures, Cause, Verdict
from lipwright.domain.time import Span
from lipwright.sync.audio_measures import QUIET_LUFS, Match
from lipwright.sync.mouth_metrics import SLOW_RATE_HZ, Quality

STIFF = 0.5
NOISY_SNR_DB = 20.0
"""As `audio.diagnosis` measures it. At 19 dB of pink noise, and at 17 dB of music, what the mouth should do
correlates by 0.9 with what it should do without; at 25 dB by 0.93 and more."""
NEAR_BURST_S = 0.12
"""Three audio latents: what lies nearer reaches the frame."""
SELDOM = 0.5
"""Of a video's frames."""
TURNED = 0.55
"""A face turned by 25 degrees, in perspective; by 45 it is 0.65, and beyond 55 hardly any is seen."""
BURST_TIMES = 2.0
"""So many times the jumps that chance puts near a burst."""


@dataclass(frozen=True, slots=True)
class DiagnosisInput:
    """What the rules look at."""

    verdict: Verdict
    quality: Quality | None
    audio: AudioMeasures
    match: Match | None
    """Against --audio; None where it was not given."""
    lossy_codec: str
    """Of the recording, where that loses something; empty where it does not, or is not known."""
    image_seconds: float
    audio_seconds: float
    rate_hz: float
    frames: int
    seen_frames: int
    """Those in which the mouth that was measured is seen."""
    turned: float
    """How far the nose is from the middle between the cheeks in half of them: 0 frontal, 1 profile."""
    audio_rate_hz: int
    uneven: bool
    """Frames do not come at one rate."""
    speech_seconds: float
    snr_db: float | None
    """Speech over noise; None where neither is heard."""
    bursts: tuple[Span, ...]
    """Plosives, clicks and clipped tops of the audio, in order, in seconds."""
    jumps_s: tuple[float, ...]
    """When in the audio each jump is."""
    manifest: Mapping[str, Any] | None
    """OUT.json beside the video."""


def find_causes(facts: DiagnosisInput) -> tuple[Cause, ...]:
    """What may be the reason, most likely first for each problem."""
    causes: list[Cause] = []
    if facts.verdict in {"audio-late", "audio-early", "drift", "inconclusive"}:
        causes += _out_of_sync(facts)
    if facts.verdict == "static":
        causes += _static(facts)
    if facts.verdict == "no-face":
        causes += _no_face(facts)
    if facts.quality and (facts.quality.mouth.jumps or facts.quality.mouth.repeats):
        causes += _jumps(facts)
    causes += _audio(facts)
    stiffness = facts.quality.mouth.stiffness if facts.quality else None
    if facts.verdict != "static" and stiffness is not None and stiffness > STIFF:
        causes += _stiff(facts)
    unique = {cause.finding.id: cause for cause in reversed(causes)}
    return tuple(cause for cause in causes if unique[cause.finding.id] is cause)


def _out_of_sync(facts: DiagnosisInput) -> Iterator[Cause]:
    if (facts.frames - 1) % 8 and facts.manifest is not None:
        yield Cause(
            Finding(
                "frame-count",
                "warning",
                "the frame count is not 8n+1",
                "plan it anew: `lipwright plan AUDIO`",
            ),
            pluralize(facts.frames, "frame"),
        )
    gap = facts.image_seconds - facts.audio_seconds
    if not facts.audio.missing and abs(gap) > max(0.1, 1.5 / max(facts.rate_hz, 1)):
        longer = "image" if gap > 0 else "audio"
        yield Cause(
            Finding(
                "lengths-differ",
                "warning",
                f"the {longer} is longer by {abs(gap):.2f} s",
                "count the frames from the audio's length: `lipwright plan AUDIO`",
            ),
            f"image {facts.image_seconds:.2f} s, audio {facts.audio_seconds:.2f} s",
        )
    planned = _get(facts.manifest, "plan", "fps")
    if (
        planned is not None
        and (frame_rate := _rate(planned))
        and abs(frame_rate / max(facts.rate_hz, 1e-9) - 1) > 0.002
    ):
        yield Cause(
            Finding(
                "frame-rate",
                "warning",
                "the video does not run at the rate it was planned for",
                "use one exact rate from plan to file",
            ),
            f"planned {planned}, file {facts.rate_hz:.3f}",
        )
    elif facts.verdict == "drift":
        yield Cause(
            Finding(
                "frame-rate",
                "warning",
                "image and audio run at different speeds",
                "use one exact frame rate for the count, the model and the file",
            ),
            f"{facts.rate_hz:.3f} frames a second in the file",
        )
    yield from _uneven(facts)
    if facts.manifest is not None and facts.manifest.get("frozen") is False:
        yield Cause(
            Finding(
                "not-frozen",
                "warning",
                "the audio latent was sampled too",
                "freeze it: no --no-freeze; mask_audio False in ComfyUI",
            ),
            "frozen is false in the manifest",
        )
    if facts.match is not None and not facts.match.foreign and abs(facts.match.shift_ms) > 20:
        yield Cause(
            Finding(
                "audio-shifted",
                "warning",
                "the audio itself lies elsewhere in the video than in the recording",
                "mux the recording from its beginning",
            ),
            f"{facts.match.shift_ms:+.0f} ms against the recording",
        )
    if facts.snr_db is not None and facts.snr_db < NOISY_SNR_DB:
        yield Cause(
            Finding(
                "noise-under-speech",
                "hint",
                "there is noise or music under the speech",
                "drive with the dialogue alone: --driver, or --denoise on",
            ),
            f"speech lies {facts.snr_db:.0f} dB over the noise",
        )
    if 0 < facts.audio_rate_hz < 16000:
        yield Cause(
            Finding("sample-rate", "hint", "the audio has a low sample rate", "record at 24 kHz or more"),
            f"{facts.audio_rate_hz} Hz",
        )
    yield from _image(facts)
    if facts.verdict == "inconclusive":
        yield from _unsure(facts)


def _uneven(facts: DiagnosisInput) -> Iterator[Cause]:
    if facts.uneven:
        yield Cause(
            Finding(
                "uneven-frames",
                "hint",
                "the frames do not come at one rate",
                "write it at a constant frame rate",
            ),
            f"median rate {facts.rate_hz:.2f}",
        )


def _no_face(facts: DiagnosisInput) -> Iterator[Cause]:
    yield Cause(
        Finding(
            "no-face",
            "warning",
            "no face is seen in any frame",
            "it must be a real face, turned to the camera, its eyes and mouth in the image; drawn faces, "
            "profiles and faces far away are not seen",
        ),
        pluralize(facts.frames, "frame"),
    )


def _unsure(facts: DiagnosisInput) -> Iterator[Cause]:
    """Too little of something; where there is enough of all, the lips just do not go with the audio."""
    reasons = list(_too_little(facts))
    yield from reasons
    if not reasons and not facts.audio.missing:
        yield Cause(
            Finding(
                "lips-unlike-audio",
                "hint",
                "the lips go with the audio no better than chance",
                "is it the voice of the person who is seen, and of nobody else? a longer part tells more",
            ),
            f"{facts.speech_seconds:.1f} s of speech compared",
        )


def _too_little(facts: DiagnosisInput) -> Iterator[Cause]:
    if facts.seen_frames < SELDOM * facts.frames:
        yield Cause(
            Finding(
                "face-seldom-seen",
                "hint",
                "most of the time the speaker's face is not seen",
                "check a part in which it is turned to the camera, near enough and uncovered",
            ),
            f"seen in {facts.seen_frames} of {pluralize(facts.frames, 'frame')}",
        )
    elif facts.turned > TURNED:
        yield Cause(
            Finding(
                "face-turned-away",
                "hint",
                "the speaker's face is turned to the side",
                "check a part in which it is turned to the camera",
            ),
            f"the nose is {100 * facts.turned:.0f} % of the way from the middle to the cheek",
        )
    if facts.audio.missing:
        return
    if facts.speech_seconds < 1.5:
        yield Cause(
            Finding(
                "little-speech",
                "hint",
                "there is too little speech to compare lips with",
                "check a part in which somebody speaks for 3 s or more",
            ),
            f"{facts.speech_seconds:.1f} s of speech",
        )
    if facts.rate_hz < SLOW_RATE_HZ:
        yield Cause(
            Finding(
                "slow-rate",
                "hint",
                "too few frames a second to see lips move",
                "check a video of 20 frames a second or more",
            ),
            f"{facts.rate_hz:.2f} frames a second",
        )


def _static(facts: DiagnosisInput) -> Iterator[Cause]:
    if facts.frames == 1:
        yield Cause(
            Finding("one-image", "error", "it is one image, not a video", "give the video"), "1 frame"
        )
        return
    motion = facts.quality.mouth.motion if facts.quality else 0.0
    if facts.audio.lufs is not None and facts.audio.lufs < QUIET_LUFS:
        yield Cause(
            Finding(
                "quiet-audio",
                "warning",
                "the audio is too quiet to move a mouth",
                "bring it to about -16 LUFS",
            ),
            f"{facts.audio.lufs:.1f} LUFS",
        )
    prompt = str(_get(facts.manifest, "job", "prompt") or "")
    if facts.manifest is not None and prompt and not any(w in prompt.lower() for w in ("talk", "speak")):
        yield Cause(
            Finding(
                "nobody-talks-in-prompt",
                "hint",
                "the prompt does not say that somebody talks",
                "say that the person is talking",
            ),
            f"prompt: {prompt[:80]!r}",
        )
    strength = _number(_get(facts.manifest, "job", "image_strength"))
    if strength is not None and strength > 0.7:
        yield Cause(
            Finding("image-strength", "hint", "the image is held very firmly", "--image-strength 0.4 to 0.7"),
            f"image strength {strength:g}",
        )
    yield from _image(facts)
    yield Cause(
        Finding(
            "still-mouth",
            "hint",
            "the mouth does not move with the audio",
            "say in the prompt that the person talks, then --driver-noise -55, a lower --image-strength, "
            "another --seed; `lipwright tune` tries them in turn",
        ),
        f"the lips' distance varies by {100 * motion:.2f} % of the face's height",
    )


def _image(facts: DiagnosisInput) -> Iterator[Cause]:
    if "mouth-closed" in _rules(facts.manifest):
        yield Cause(
            Finding(
                "mouth-closed",
                "hint",
                "the image shows a closed mouth",
                "use one with a neutral or slightly open mouth",
            ),
            "mouth-closed in the manifest",
        )


def _jumps(facts: DiagnosisInput) -> Iterator[Cause]:
    quality = facts.quality
    what = ""
    if quality:
        jumps, repeats = len(quality.mouth.jumps), len(quality.mouth.repeats)
        what = f"{pluralize(jumps, 'jump')}, {pluralize(repeats, 'repeated frame')}"
    norming = _number(_get(facts.manifest, "job", "norming_threshold"))
    if norming is not None and norming < 0.3:
        yield Cause(
            Finding(
                "norming-threshold", "hint", "the norming threshold is low", "--norming-threshold 0.3 to 0.4"
            ),
            f"threshold {norming:g}; {what}",
        )
    yield from _bursts(facts)
    if facts.audio.clipped >= 10:
        yield Cause(
            Finding(
                "clipped-audio",
                "warning",
                "clipping in the audio makes the mouth jump",
                "record again with the peak between -6 and -3 dB",
            ),
            f"{facts.audio.clipped} clipped samples; {what}",
        )
    steps = _number(_get(facts.manifest, "job", "steps"))
    if steps is not None and steps < 20:
        yield Cause(
            Finding("few-steps", "hint", "few sampling steps", "more --steps"), f"{steps:g} steps; {what}"
        )
    quality_repeats = bool(quality and quality.mouth.repeats)
    if quality_repeats:
        yield from _uneven(facts)
    if norming is None and quality_repeats:
        yield Cause(
            Finding(
                "repeated-frames",
                "warning",
                "frames are repeated: the video was made at another rate than it runs at",
                "make it and write it at one rate",
            ),
            what,
        )


def _bursts(facts: DiagnosisInput) -> Iterator[Cause]:
    """Plosives and other blows, where the mouth jumps just there."""
    hit = {
        at: burst
        for at in facts.jumps_s
        for burst in facts.bursts
        if burst.start - NEAR_BURST_S <= at <= burst.end + NEAR_BURST_S
    }
    reach, covered = 0.0, 0.0
    for burst in facts.bursts:
        start, end = max(reach, burst.start - NEAR_BURST_S), burst.end + NEAR_BURST_S
        covered += max(0.0, end - start)
        reach = max(reach, end)
    by_chance = len(facts.jumps_s) * covered / max(facts.audio_seconds, 1e-9)
    if hit and len(hit) >= BURST_TIMES * by_chance:
        first = hit[min(hit)]
        yield Cause(
            Finding(
                "plosives",
                "warning",
                "the mouth jumps where plosives or clicks strike the microphone",
                "take them out of the driver: --deess on, --declip on; and use a pop filter",
                {"start": first.start, "end": first.end},
            ),
            f"{len(hit)} of {pluralize(len(facts.jumps_s), 'jump')} within {1000 * NEAR_BURST_S:.0f} ms of "
            f"one, the first at {min(hit):.2f} s",
        )


def _audio(facts: DiagnosisInput) -> Iterator[Cause]:
    if facts.audio.missing and facts.frames == 1:
        return
    if facts.audio.missing:
        yield Cause(
            Finding("no-audio", "error", "the video has no audio", "mux the recording into it"),
            "no audio stream",
        )
        return
    if facts.audio.lufs is not None and facts.audio.lufs < QUIET_LUFS and facts.verdict != "static":
        yield Cause(
            Finding(
                "quiet-audio",
                "warning",
                "the audio is very quiet",
                "bring the recording's peak to between -6 and -3 dB",
            ),
            f"{facts.audio.lufs:.1f} LUFS",
        )
    if facts.audio.clipped >= 10:
        yield Cause(
            Finding(
                "clipped-audio",
                "warning",
                "the audio is clipped",
                "record again with the peak between -6 and -3 dB",
            ),
            f"{facts.audio.clipped} samples in flat tops",
        )
    faulty = facts.audio.clipped >= 10 or facts.audio.dropouts or (facts.audio.lufs or 0.0) < QUIET_LUFS
    if faulty and facts.lossy_codec:
        yield Cause(
            Finding(
                "lossy-recording",
                "hint",
                "the recording is in a lossy format",
                "export it again as 16 or 24-bit WAV",
            ),
            f"{facts.lossy_codec}",
        )
    if facts.audio.dropouts:
        first = facts.audio.dropouts[0]
        yield Cause(
            Finding(
                "dropouts",
                "warning",
                f"the audio drops out {pluralize(len(facts.audio.dropouts), 'time')}",
                "check the recording; export it again as 16 or 24-bit WAV",
                {"start": first.start, "end": first.end},
            ),
            f"the first from {first.start:.2f} to {first.end:.2f} s",
        )
    match = facts.match
    if match is not None and match.foreign:
        yield Cause(
            Finding(
                "wrong-audio", "error", "the video's audio is not the recording", "mux the recording itself"
            ),
            f"correlation {match.correlation:.2f}",
        )
    elif match is not None and not match.same:
        yield Cause(
            Finding(
                "processed-audio",
                "warning",
                "the video's audio is not the recording as it was, but processed",
                "deliver the original recording, not what the model made or heard",
            ),
            f"correlation {match.correlation:.2f}",
        )
    if match is not None and match.seconds_missing > 0.5:
        yield Cause(
            Finding(
                "audio-cut",
                "warning",
                "the video's audio is shorter than the recording",
                "use --fit cover, or check the recording's length",
            ),
            f"{match.seconds_missing:.2f} s are missing",
        )


def _stiff(facts: DiagnosisInput) -> Iterator[Cause]:
    stiffness = facts.quality.mouth.stiffness if facts.quality else None
    evidence = f"stiffness {stiffness:.2f}"
    eta = _number(_get(facts.manifest, "job", "eta"))
    if eta is not None and eta < 0.1:
        yield Cause(Finding("low-eta", "hint", "eta is low", "--eta 0.2 to 0.25"), f"eta {eta:g}; {evidence}")
    rules = _rules(facts.manifest) & {"motion", "gesture", "pacing", "temporal", "mouth-in-time"}
    if rules:
        yield Cause(
            Finding(
                "prompt-motion",
                "warning",
                "the prompt describes motion",
                "take such words out: `lipwright prompt TEXT`",
            ),
            f"{', '.join(sorted(rules))} in the manifest; {evidence}",
        )
    cfg = _number(_get(facts.manifest, "job", "cfg"))
    if cfg is not None and cfg > 5:
        yield Cause(Finding("high-cfg", "warning", "CFG is over 5", "--cfg 4"), f"cfg {cfg:g}; {evidence}")
    yield Cause(
        Finding(
            "stiff",
            "hint",
            "the mouth moves less than the audio asks for",
            "--eta 0.2 to 0.25, and no motion words in the prompt",
        ),
        f"{evidence}: lips move {100 * (1 - (stiffness or 0)):.0f} % as much as usual",
    )


def _get(value: Mapping[str, Any] | None, *keys: str) -> Any:  # noqa: ANN401 - JSON
    found: Any = value
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _number(value: Any) -> float | None:  # noqa: ANN401 - JSON
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _rate(text: Any) -> float | None:  # noqa: ANN401 - JSON
    try:
        top, _, bottom = str(text).partition("/")
        return float(top) / float(bottom or 1)
    except (ValueError, ZeroDivisionError):
        return None


def _rules(manifest: Mapping[str, Any] | None) -> set[str]:
    findings = (manifest or {}).get("findings")
    if not isinstance(findings, list | tuple):
        return set()
    return {str(f.get("rule")) for f in findings if isinstance(f, Mapping)}
