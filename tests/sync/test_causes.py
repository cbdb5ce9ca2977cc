"""Each cause of the guide is named where something speaks for it, in the guide's order, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lipwright.domain.sync import AudioMeasures, MouthMeasures
from lipwright.domain.time import Span
from lipwright.sync.audio_measures import Match
from lipwright.sync.diagnosis import DiagnosisInput, find_causes
from lipwright.sync.mouth_metrics import Quality

MOUTH = MouthMeasures(0.02, 0.1, 0.1)
QUALITY = Quality(MOUTH, static=False, frozen_image=False, zoom=0.0)
HEALTHY = DiagnosisInput(
    verdict="in-sync",
    quality=QUALITY,
    audio=AudioMeasures(-3.0, -16.0, 0),
    match=None,
    lossy_codec="",
    image_seconds=10.0,
    audio_seconds=10.0,
    rate_hz=25.0,
    frames=249,
    seen_frames=249,
    turned=0.1,
    audio_rate_hz=48_000,
    uneven=False,
    speech_seconds=8.0,
    snr_db=40.0,
    bursts=(),
    jumps_s=(),
    manifest=None,
)


def manifest(*findings: str, **job: Any) -> dict[str, Any]:
    return {"job": job, "findings": [{"rule": rule} for rule in findings]}


def mouth(**changes: Any) -> Quality:
    return replace(QUALITY, mouth=replace(MOUTH, **changes))


LATE = {"verdict": "audio-late"}
JUMPY = {"quality": mouth(jumps=(50, 75)), "jumps_s": (2.0, 3.0)}
BURST = Span(2.05, 2.10)
CASES = [
    ("frame-count", LATE, {"frames": 250, "manifest": manifest()}),
    ("lengths-differ", LATE, {"audio_seconds": 9.5}),
    ("frame-rate", LATE, {"manifest": {"plan": {"fps": "24"}}}),
    ("frame-rate", {"verdict": "drift"}, {}),
    ("uneven-frames", LATE, {"uneven": True}),
    ("not-frozen", LATE, {"manifest": {"frozen": False}}),
    ("audio-shifted", LATE, {"match": Match(0.99, 80.0, 0.0)}),
    ("noise-under-speech", LATE, {"snr_db": 15.0}),
    ("sample-rate", LATE, {"audio_rate_hz": 8000}),
    ("mouth-closed", LATE, {"manifest": manifest("mouth-closed")}),
    ("little-speech", {"verdict": "inconclusive"}, {"speech_seconds": 1.0}),
    ("slow-rate", {"verdict": "inconclusive"}, {"rate_hz": 8.0, "image_seconds": 10.0}),
    ("face-seldom-seen", {"verdict": "inconclusive"}, {"seen_frames": 100}),
    ("face-turned-away", {"verdict": "inconclusive"}, {"turned": 0.62}),
    ("no-face", {"verdict": "no-face"}, {}),
    ("lips-unlike-audio", {"verdict": "inconclusive"}, {}),
    ("still-mouth", {"verdict": "static"}, {}),
    ("one-image", {"verdict": "static"}, {"frames": 1}),
    ("uneven-frames", {"quality": mouth(repeats=(50,))}, {"uneven": True}),
    ("image-strength", {"verdict": "static"}, {"manifest": manifest(image_strength=1.0)}),
    ("norming-threshold", JUMPY, {"manifest": manifest(norming_threshold=0.2)}),
    ("plosives", JUMPY, {"bursts": (BURST,)}),
    ("clipped-audio", JUMPY, {"audio": AudioMeasures(0.0, -10.0, 500)}),
    ("few-steps", JUMPY, {"manifest": manifest(steps=8, norming_threshold=0.4)}),
    ("repeated-frames", {}, {"quality": mouth(repeats=(50,))}),
    ("no-audio", {}, {"audio": AudioMeasures(None, None, 0, missing=True)}),
    ("quiet-audio", {}, {"audio": AudioMeasures(-25.0, -40.0, 0)}),
    ("clipped-audio", {}, {"audio": AudioMeasures(0.0, -10.0, 500)}),
    ("dropouts", {}, {"audio": AudioMeasures(-3.0, -16.0, 0, dropouts=(BURST,))}),
    ("wrong-audio", {}, {"match": Match(0.1, 0.0, 0.0)}),
    ("processed-audio", {}, {"match": Match(0.6, 0.0, 0.0)}),
    ("audio-cut", {}, {"match": Match(0.99, 0.0, 2.0)}),
    ("low-eta", {"quality": mouth(stiffness=0.7)}, {"manifest": manifest(eta=0.05)}),
    ("prompt-motion", {"quality": mouth(stiffness=0.7)}, {"manifest": manifest("gesture")}),
    ("high-cfg", {"quality": mouth(stiffness=0.7)}, {"manifest": manifest(cfg=6.0)}),
]


def rules(**changes: Any) -> list[str]:
    return [cause.finding.id for cause in find_causes(replace(HEALTHY, **changes))]


@pytest.mark.parametrize(("rule", "problem", "evidence"), CASES, ids=lambda value: str(value)[:20])
def test_a_cause_goes_with_its_evidence(rule: str, problem: dict[str, Any], evidence: dict[str, Any]) -> None:
    found = find_causes(replace(HEALTHY, **problem | evidence))
    assert rule in {cause.finding.id for cause in found}
    assert all(cause.evidence and cause.finding.advice for cause in found)
    without = rules(**problem)
    assert rule not in without or not evidence


def test_a_video_that_is_right_has_no_cause() -> None:
    assert rules() == []


def test_the_guides_order() -> None:
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
            "match": Match(0.6, 0.0, 0.0),
        }
    )
    assert found == [
        *("frame-count", "frame-rate", "not-frozen", "noise-under-speech", "sample-rate", "mouth-closed"),
        *("norming-threshold", "plosives", "clipped-audio", "few-steps"),
        *("quiet-audio", "lossy-recording", "dropouts", "processed-audio"),
        *("low-eta", "prompt-motion", "high-cfg", "stiff"),
    ]


def test_plosives_everywhere_explain_no_jump() -> None:
    many = tuple(Span(at / 4, at / 4 + 0.02) for at in range(40))
    assert "plosives" not in rules(**JUMPY | {"bursts": many})
