"""Each cause is reported if there is evidence for it; the most likely cause of a problem comes first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lipwright.domain.finding import FindingType
from lipwright.domain.sync_verdict import AudioMeasures, MouthMeasures
from lipwright.domain.time import Span
from lipwright.sync import findings
from lipwright.sync.audio_measures import RecordingMatch
from lipwright.sync.diagnosis import DiagnosisInput, find_causes
from lipwright.sync.face_appearance import FaceMeasures
from lipwright.sync.mouth_metrics import MouthQuality

MOUTH = MouthMeasures(0.02, 0.1, 0.1)
QUALITY = MouthQuality(
    MOUTH, static=False, frozen_image=False, zoom=0.0, face=FaceMeasures(), visible_seconds=10.0
)
HEALTHY = DiagnosisInput(
    verdict="in-sync",
    quality=QUALITY,
    audio=AudioMeasures(-3.0, -16.0, 0),
    match=None,
    lossy_codec="",
    image_seconds=10.0,
    audio_seconds=10.0,
    frame_rate_hz=25.0,
    frames=249,
    visible_frames=249,
    yaw_ratio=0.1,
    audio_rate_hz=48_000,
    variable_frame_rate=False,
    speech_seconds=8.0,
    snr_db=40.0,
    bursts=(),
    jump_seconds=(),
    manifest=None,
)


def manifest(*findings: str, **job: Any) -> dict[str, Any]:
    return {"job": job, "findings": [{"rule": rule} for rule in findings]}


def mouth(**changes: Any) -> MouthQuality:
    return replace(QUALITY, mouth=replace(MOUTH, **changes))


LATE = {"verdict": "audio-late"}
DRIFT, UNSURE, STATIC = {"verdict": "drift"}, {"verdict": "inconclusive"}, {"verdict": "static"}
JUMPY = {"quality": mouth(jumps=(50, 75)), "jump_seconds": (2.0, 3.0)}
REPEATING = {"quality": mouth(repeats=(50,))}
STIFF = {"quality": mouth(stiffness=0.7)}
BURST = Span(2.05, 2.10)


def audio(peak: float = -3.0, lufs: float = -16.0, clipped: int = 0, dropouts: tuple[Span, ...] = ()) -> dict:
    return {"audio": AudioMeasures(peak, lufs, clipped, dropouts)}


def match(correlation: float, shift_ms: float = 0.0, missing: float = 0.0) -> dict:
    return {"match": RecordingMatch(correlation, shift_ms, missing)}


def rendered(*found: str, **job: Any) -> dict:
    return {"manifest": manifest(*found, **job)}


CASES = [
    (findings.FRAME_COUNT, LATE, {"frames": 250} | rendered(), {"frames": 249} | rendered()),
    (findings.LENGTHS_DIFFER, LATE, {"audio_seconds": 9.85}, {"audio_seconds": 9.95}),
    (
        findings.FRAME_RATE,
        LATE,
        {"manifest": {"plan": {"fps": "24000/1001"}}, "frame_rate_hz": 24.05},
        {"manifest": {"plan": {"fps": "24000/1001"}}, "frame_rate_hz": 24.0},
    ),
    (findings.FRAME_RATE, {}, DRIFT, LATE),
    (findings.UNEVEN_FRAMES, LATE, {"variable_frame_rate": True}, {}),
    (findings.UNEVEN_FRAMES, {"variable_frame_rate": True}, REPEATING, {}),
    (findings.LATENT_NOT_FROZEN, LATE, {"manifest": {"frozen": False}}, {"manifest": {"frozen": True}}),
    (findings.AUDIO_SHIFTED, LATE, match(0.99, 25.0), match(0.99, 15.0)),
    (findings.AUDIO_SHIFTED, LATE, match(0.99, -25.0), match(0.2, -25.0)),
    (findings.NOISE_UNDER_SPEECH, LATE, {"snr_db": 19.0}, {"snr_db": 21.0}),
    (findings.LOW_SAMPLE_RATE, LATE, {"audio_rate_hz": 15_999}, {"audio_rate_hz": 16_000}),
    (findings.CLOSED_MOUTH_IMAGE, LATE, rendered("mouth-closed"), rendered("several-faces")),
    (findings.LITTLE_SPEECH, UNSURE, {"speech_seconds": 1.4}, {"speech_seconds": 1.6}),
    (findings.SLOW_RATE, UNSURE, {"frame_rate_hz": 11.9}, {"frame_rate_hz": 12.0}),
    (findings.FACE_SELDOM_VISIBLE, UNSURE, {"visible_frames": 124}, {"visible_frames": 125}),
    (findings.FACE_TURNED_AWAY, UNSURE, {"yaw_ratio": 0.57}, {"yaw_ratio": 0.53}),
    (findings.NO_FACE, {}, {"verdict": "no-face"}, UNSURE),
    (findings.LIPS_UNLIKE_AUDIO, UNSURE, {}, {"speech_seconds": 1.4}),
    (findings.STILL_MOUTH, STATIC, {}, {"frames": 1}),
    (findings.ONE_IMAGE, STATIC, {"frames": 1}, {"frames": 2}),
    (findings.NOBODY_TALKS_IN_PROMPT, STATIC, rendered(prompt="A room"), rendered(prompt="She is speaking")),
    (findings.IMAGE_STRENGTH, STATIC, rendered(image_strength=0.75), rendered(image_strength=0.65)),
    (
        findings.NORMING_THRESHOLD,
        JUMPY,
        rendered(norming_threshold=0.28),
        rendered(norming_threshold=0.32),
    ),
    (findings.NORMING_THRESHOLD, rendered(norming_threshold=0.2), JUMPY, REPEATING),
    (findings.PLOSIVES, JUMPY, {"bursts": (BURST,)}, {"bursts": (Span(2.15, 2.2),)}),
    (findings.CLIPPED_AUDIO, JUMPY, audio(0.0, -10.0, 10), audio(0.0, -10.0, 9)),
    (findings.FEW_STEPS, JUMPY, rendered(steps=19), rendered(steps=20)),
    (findings.FEW_STEPS, JUMPY, rendered(steps=6, preset="portrait"), rendered(steps=8, preset="portrait")),
    (findings.FEW_STEPS, rendered(steps=8), JUMPY, REPEATING),
    (findings.REPEATED_FRAMES, REPEATING, {}, rendered()),
    (findings.NO_AUDIO, {}, {"audio": AudioMeasures(None, None, 0, missing=True)}, {}),
    (findings.QUIET_AUDIO, {}, audio(lufs=-31.0), audio(lufs=-29.0)),
    (findings.QUIET_AUDIO, STATIC, audio(lufs=-31.0), audio(lufs=-29.0)),
    (findings.CLIPPED_AUDIO, {}, audio(clipped=10), audio(clipped=9)),
    (findings.LOSSY_RECORDING, {"lossy_codec": "mp3"}, audio(clipped=10), audio()),
    (findings.DROPOUTS, {}, audio(dropouts=(BURST,)), audio()),
    (findings.WRONG_AUDIO, {}, match(0.34), match(0.36)),
    (findings.PROCESSED_AUDIO, {}, match(0.89), match(0.91)),
    (findings.AUDIO_CUT, {}, match(0.99, 0.0, 0.6), match(0.99, 0.0, 0.4)),
    (findings.LOW_ETA, STIFF, rendered(eta=0.09), rendered(eta=0.11)),
    (findings.LOW_ETA, STIFF, rendered(eta=0.05, preset="portrait"), rendered(eta=0.0, preset="portrait")),
    (findings.PROMPT_MOTION, STIFF, rendered("gesture"), rendered("no-person")),
    (findings.HIGH_CFG, STIFF, rendered(cfg=5.1), rendered(cfg=5.0)),
    (findings.STIFF, {}, {"quality": mouth(stiffness=0.52)}, {"quality": mouth(stiffness=0.48)}),
]


def rules(**changes: Any) -> list[str]:
    return [cause.id for cause in find_causes(replace(HEALTHY, **changes))]


@pytest.mark.parametrize(
    ("kind", "problem", "evident", "absent"), CASES, ids=lambda value: getattr(value, "id", "")
)
def test_a_cause_is_reported_only_with_its_evidence(
    kind: FindingType, problem: dict[str, Any], evident: dict[str, Any], absent: dict[str, Any]
) -> None:
    found = find_causes(replace(HEALTHY, **problem | evident))
    assert kind.id in {cause.id for cause in found}
    assert all(cause.evidence and cause.advice for cause in found)
    assert kind.id not in rules(**problem | absent)


def test_a_video_in_sync_has_no_cause() -> None:
    assert rules() == []


def test_the_order_of_all_causes() -> None:
    everything = {"frozen": False, "plan": {"fps": "24"}} | manifest(
        "mouth-closed", "gesture", norming_threshold=0.1, steps=8, eta=0.05, cfg=6.0
    )
    found = rules(
        **LATE
        | JUMPY
        | {
            "quality": mouth(jumps=(50, 75), stiffness=0.8),
            "frames": 250,
            "manifest": everything,
            "snr_db": 10.0,
            "audio_rate_hz": 8000,
            "bursts": (BURST,),
            "audio": AudioMeasures(0.0, -40.0, 500, dropouts=(BURST,)),
            "lossy_codec": "mp3",
            "match": RecordingMatch(0.6, 0.0, 0.0),
        }
    )
    assert found == [
        *("frame-count", "frame-rate", "latent-not-frozen", "noise-under-speech", "low-sample-rate"),
        *("closed-mouth-image", "norming-threshold-too-low", "jumps-at-plosives", "clipped-audio"),
        "few-steps",
        *("quiet-audio", "lossy-recording", "dropouts", "processed-audio"),
        *("low-eta", "prompt-motion", "high-cfg", "stiff"),
    ]


def test_plosives_everywhere_do_not_explain_jumps() -> None:
    many = tuple(Span(at / 4, at / 4 + 0.02) for at in range(40))
    assert "jumps-at-plosives" not in rules(**JUMPY | {"bursts": many})
