"""What a viewer sees: planted faults are reported, and clean real videos stay silent."""

from __future__ import annotations

from dataclasses import fields
from itertools import islice

import cv2
import numpy as np
import pytest
from benchmarks.made_videos import Clip, Look, carphone, draw, motion_of

from lipwright.domain.media import Image
from lipwright.domain.motion import CHANNEL
from lipwright.face.landmark_indices import INNER_LOWER, INNER_UPPER
from lipwright.face.landmarks import Face, FaceTracker
from lipwright.media.video_reader import read_video_frames
from lipwright.pipeline.check import check_video
from lipwright.sync import findings
from lipwright.sync.diagnosis import judge_face
from lipwright.sync.face_appearance import COLUMNS, FaceMeasures, measure_appearance, measure_face

LOOK = Look("astronaut", 320, 25, 400_000, 0.0, 1.0)
FPS = 25
LOOKS_WRONG = {
    kind.id
    for kind in (
        *(findings.MOUTH_BARELY_OPENS, findings.DARK_MOUTH, findings.SECOND_LIP_LINE, findings.NO_BLINKS),
        *(findings.TOO_MANY_BLINKS, findings.EYES_STAY_OPEN, findings.GRAY_LIDS),
        *(findings.STILL_HEAD, findings.STILL_EYES),
    )
}


def lively(seconds: float = 24.0) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Columns of a face that moves as real speakers do, and its lip gap."""
    at = np.arange(round(seconds * FPS)) / FPS
    wave = {name: np.sin(2 * np.pi * 0.3 * at + i) for i, name in enumerate(COLUMNS)}
    eyes = np.full(len(at), 0.35)
    eyes[40::100] = 0.05
    columns = {"eye_opening": eyes, "gaze_x": 0.2 * wave["gaze_x"], "gaze_y": 0.1 * wave["gaze_y"]}
    columns |= {name: 5 * wave[name] for name in ("yaw", "pitch", "roll")}
    columns |= {"teeth": np.full(len(at), 1.0), "lid_chroma": np.full(len(at), 0.9)}
    columns |= {"lip_line": np.zeros(len(at))}
    return columns, 0.05 + 0.05 * np.sin(2 * np.pi * 4 * at)


def reported(columns: dict[str, np.ndarray], gap: np.ndarray) -> set[str]:
    values = np.stack([columns[name] for name in COLUMNS], 1).astype(np.float32)
    found = measure_face(values, gap, np.ones(len(gap), bool), FPS)
    return {finding.id for finding in judge_face(found, len(gap) / FPS)}


def test_a_lively_face_is_silent() -> None:
    assert reported(*lively()) == set()


def blinking(depth: float, every: int = 100) -> np.ndarray:
    eyes = np.full(600, 0.35)
    eyes[40::every] = depth * 0.35
    return eyes


@pytest.mark.parametrize(
    ("kind", "name", "wrong", "right"),
    [
        (findings.DARK_MOUTH, "teeth", 0.45, 0.55),
        (findings.GRAY_LIDS, "lid_chroma", 0.45, 0.55),
        (findings.SECOND_LIP_LINE, "lip_line", 0.02, 0.014),
        (findings.SECOND_LIP_LINE, "lip_line", -0.02, -0.014),
        (findings.NO_BLINKS, "eye_opening", blinking(1.0), blinking(0.1)),
        (findings.TOO_MANY_BLINKS, "eye_opening", blinking(0.1, 13), blinking(0.1, 20)),
        (findings.EYES_STAY_OPEN, "eye_opening", blinking(0.5), blinking(0.4)),
    ],
    ids=lambda value: getattr(value, "id", None),
)
def test_what_looks_wrong_is_reported(
    kind: findings.FindingType, name: str, wrong: float | np.ndarray, right: float | np.ndarray
) -> None:
    columns, gap = lively()
    assert kind.id in reported(columns | {name: np.broadcast_to(wrong, len(gap))}, gap)
    assert reported(columns | {name: np.broadcast_to(right, len(gap))}, gap) == set()


def test_a_still_head_still_eyes_and_a_small_opening_are_reported() -> None:
    columns, gap = lively()
    for names, kind in (
        (("yaw", "pitch", "roll"), findings.STILL_HEAD),
        (("gaze_x", "gaze_y"), findings.STILL_EYES),
    ):
        assert reported(columns | {name: 0.15 * columns[name] for name in names}, gap) == {kind.id}
        assert reported(columns | {name: 0.6 * columns[name] for name in names}, gap) == set()
    assert reported(columns, 0.35 * gap) == {findings.MOUTH_BARELY_OPENS.id}
    assert reported(columns, 0.45 * gap) == set()


def test_short_videos_and_low_rates_report_no_head_or_eye_findings() -> None:
    columns, gap = lively(3.0)
    still = columns | {name: 0 * columns[name] for name in ("yaw", "pitch", "roll", "gaze_x", "gaze_y")}
    assert reported(still, gap) == set()
    assert set(judge_face(FaceMeasures(), 60.0)) == set()
    assert all(getattr(FaceMeasures(), field.name) is None for field in fields(FaceMeasures))


@pytest.fixture(scope="module")
def tracker() -> FaceTracker:
    return FaceTracker()


def drawn(clip: Clip, tracker: FaceTracker, **motion: float) -> tuple[np.ndarray, Face]:
    row = 0 * motion_of(clip, LOOK)[:1]
    for name, value in motion.items():
        row[:, CHANNEL[name]] = value
    rgb = next(draw(row, LOOK))
    return rgb, tracker.find_faces(Image(rgb))[0]


def column(name: str, rgb: np.ndarray, face: Face) -> float:
    return float(measure_appearance(rgb, face)[COLUMNS.index(name)])


def test_a_black_mouth_is_dark(clip: Clip, tracker: FaceTracker) -> None:
    rgb, face = drawn(clip, tracker, jawOpen=1.0, mouthUpperUp=0.6)
    assert column("teeth", rgb, face) > 0.7
    black = rgb.copy()
    ring = face.points[[*INNER_UPPER, *INNER_LOWER[::-1]], :2].round().astype(np.int32)
    cv2.fillPoly(black, [ring], (25, 12, 12))
    assert column("teeth", black, face) < 0.4


def test_a_gray_patch_over_a_closed_eye_has_no_color(clip: Clip, tracker: FaceTracker) -> None:
    rgb, face = drawn(clip, tracker, eyeBlink=1.0)
    assert column("lid_chroma", rgb, face) > 0.7
    patched = rgb.copy()
    for center in (face.points[[33, 133], :2].mean(0), face.points[[362, 263], :2].mean(0)):
        cv2.ellipse(
            patched, tuple(center.round().astype(int).tolist()), (20, 7), 0, 0, 360, (150, 150, 150), -1
        )
    assert column("lid_chroma", patched, face) < 0.4


def test_a_line_below_the_lips_is_not_the_lips(clip: Clip, tracker: FaceTracker) -> None:
    rgb, face = drawn(clip, tracker, mouthPress=1.0)
    assert abs(column("lip_line", rgb, face)) < 0.02
    x, y = face.points[[13, 14], :2].mean(0)
    lined = rgb.copy()
    cv2.line(
        lined,
        (int(x - 30), int(y + 0.05 * face.height_px)),
        (int(x + 30), int(y + 0.05 * face.height_px)),
        (20, 5, 5),
        3,
    )
    assert column("lip_line", lined, face) == pytest.approx(0.05, abs=0.01)


def test_a_real_talking_video_is_silent(watched_once: None) -> None:
    found = check_video(carphone())
    assert not LOOKS_WRONG & {finding.id for finding in found.findings}
    face = found.extra["face"]
    assert face["teeth"] > 0.6
    assert face["blink_closure"] < 0.3
    assert face["head_motion_deg"] > 5


def test_real_teeth_that_are_painted_black_are_reported(tracker: FaceTracker) -> None:
    """The same man, with the inside of his mouth darkened in every frame."""
    values, gaps = [], []
    for _, rgb in islice(read_video_frames(carphone()), 0, 40, 2):
        face = tracker.find_faces(Image(rgb))[0]
        black = rgb.copy()
        ring = face.points[[*INNER_UPPER, *INNER_LOWER[::-1]], :2].round().astype(np.int32)
        cv2.fillPoly(black, [ring], (12, 6, 6))
        values.append(measure_appearance(black, face))
        gaps.append(0.1)
    found = measure_face(np.stack(values), np.array(gaps), np.ones(len(gaps), bool), FPS)
    assert findings.DARK_MOUTH.id in {finding.id for finding in judge_face(found, 1.0)}
