"""Find the faces of an image, with 478 landmarks and 52 blendshapes each.

Three small networks of MediaPipe's face_landmarker.task run on LiteRT: a detector (BlazeFace short
range, 128x128, 896 anchors), a network for the face mesh (256x256, with attention on lips and eyes),
and a network that computes the blendshapes from 146 points of the mesh. Landmark numbers are
MediaPipe's: 13 and 14 are the middle of the inner lips, 61 and 291 the corners of the mouth, 10 and
152 the top and bottom of the face.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from lipwright.domain.media import Image
from lipwright.errors import EngineUnavailable
from lipwright.face.detector import (
    CROP_MARGIN_RATIO,
    Detector,
    Network,
    Window,
    crop_matrix,
    cropped,
    levels,
    sigmoid,
    window_of,
)
from lipwright.face.image_ops import Floats, Pixels
from lipwright.face.model_file import face_model_path

MESH_SIDE_PX = 256
LANDMARKS = 478
MIN_TRACKED_SCORE, MIN_FOUND_SCORE = 0.5, 0.7
"""Minimum face score of the mesh network for a face tracked through a video (MediaPipe's default), and for a
face found in a still image."""
MIN_FACE_PX = 60
"""Minimum height of a usable face, forehead to chin: the mouth is then about 22 pixels wide."""
MAX_FACES = 24
MAX_TILT_RAD = 1.2
"""Maximum tilt of a detected face; detections with a larger tilt are mostly false, such as cups or knots in
wood."""

# fmt: off
BLENDSHAPE_POINTS: tuple[int, ...] = (
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70,
    78, 80, 81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149,
    150, 152, 153, 154, 155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195,
    197, 234, 246, 249, 251, 263, 267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300,
    308, 310, 311, 312, 314, 317, 318, 321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375,
    377, 378, 379, 380, 381, 382, 384, 385, 386, 387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454,
    466, 468, 469, 470, 471, 472, 473, 474, 475, 476, 477,
)
"""Numbers of the 146 landmarks that the blendshape network takes, in order."""

BLENDSHAPES: tuple[str, ...] = (
    "_neutral", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight",
    "cheekPuff", "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft",
    "eyeLookDownRight", "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight",
    "eyeLookUpLeft", "eyeLookUpRight", "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight",
    "jawForward", "jawLeft", "jawOpen", "jawRight", "mouthClose", "mouthDimpleLeft", "mouthDimpleRight",
    "mouthFrownLeft", "mouthFrownRight", "mouthFunnel", "mouthLeft", "mouthLowerDownLeft",
    "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight", "mouthPucker", "mouthRight",
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft",
    "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    "noseSneerLeft", "noseSneerRight",
)
"""Names of the blendshape network's outputs, in order; "Left" is the person's own left."""
# fmt: on


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A face found in an image; positions are in pixels of the image."""

    points: Floats
    """Shape (478, 3): x right, y down, z toward the back, all in pixels."""
    score: float
    """Confidence of the mesh network that this is a face, 0..1."""
    blendshapes: Mapping[str, float]
    """Value of each ARKit blendshape, 0..1, by name."""
    box: tuple[float, float, float, float]
    """Bounding box of the landmarks: left, top, right, bottom."""

    @property
    def height_px(self) -> float:
        """Distance from forehead (landmark 10) to chin (152)."""
        return float(np.linalg.norm(self.points[152, :2] - self.points[10, :2]))


def mouth_opening(face: Face) -> float:
    """Return the inner lip gap divided by the face height; about 0 for closed lips.

    The gap is the mean of three distances: between landmarks 13 and 14, and between the pairs to their left
    and right (82 and 87, 312 and 317).
    """
    upper, lower = face.points[[82, 13, 312], :2], face.points[[87, 14, 317], :2]
    return float(np.linalg.norm(lower - upper, axis=1).mean() / face.height_px)


def mouth_rounding(face: Face) -> float:
    """Return the sum of the pucker and funnel blendshapes, 0..2."""
    return face.blendshapes["mouthPucker"] + face.blendshapes["mouthFunnel"]


class FaceTracker:
    """Finds faces in images and follows them through a video.

    The model is downloaded at first use. An object must not be used by several threads at the same time,
    because the interpreters reuse their tensors.

    Raises:
        EngineUnavailable: the model is not available or cannot be read.
    """

    def __init__(self) -> None:
        path = face_model_path()
        try:
            with zipfile.ZipFile(path) as archive:
                self._detector = Detector(archive.read("face_detector.tflite"))
                self._mesh = Network(archive.read("face_landmarks_detector.tflite"))
                self._blend = Network(archive.read("face_blendshapes.tflite"))
        except (OSError, KeyError, ValueError, RuntimeError, zipfile.BadZipFile) as error:
            raise EngineUnavailable(
                f"face model {path} cannot be read ({error})", hint="run `lipwright models pull face`"
            ) from error

    def look_again(self, rgb: Pixels, face: Face) -> Face | None:
        """Find a face of an earlier frame again, near its last position; None if no face is there."""
        return self._look(rgb, window_of(face.points))

    def find_faces(self, image: Image) -> tuple[Face, ...]:
        """Find every face in an image, largest first.

        The whole image is searched for upright and tilted faces, with and without a margin; the margin is for
        close-ups. Then overlapping tiles are searched for smaller faces. If a face has been found, small
        tiles are skipped, and no tile is searched for tilted faces.
        """
        rgb = image.rgb
        faces: list[Face] = []
        scaled: dict[float, Pixels] = {}
        for level in levels(*rgb.shape[:2]):
            if level.last_resort and faces:
                continue
            seen = sorted(self._detector.detect(rgb, level, scaled), key=lambda w: -w.score)
            for window in seen[: 2 * MAX_FACES]:
                if any(_covers(face, window) for face in faces):
                    continue
                face = self._look(rgb, window)
                # The detector's box is rough, so repeat this with the box of the landmarks.
                face = face and self._look(rgb, window_of(face.points))
                if (
                    face is None
                    or face.score < MIN_FOUND_SCORE
                    or abs(window_of(face.points).angle) > MAX_TILT_RAD
                ):
                    continue
                known = any(shared_area(face.box, other.box) > 0.3 for other in faces)
                if not known and self._detector.confirm(rgb, window_of(face.points)):
                    faces.append(face)
        return tuple(sorted(faces, key=lambda face: -face.height_px)[:MAX_FACES])

    def best_score(self, rgb: Pixels) -> float:
        """Return the detector's highest score for a large, roughly upright face; 0 if it finds none."""
        whole = [level for level in levels(*rgb.shape[:2]) if not level.last_resort][:2]
        found = [
            window.score
            for level in whole
            for window in self._detector.detect(rgb, level, {})
            if abs(window.angle) < math.pi / 4
            and (face := self._look(rgb, window)) is not None
            and face.score >= MIN_FOUND_SCORE
            and self._detector.confirm(rgb, window_of(face.points))
        ]
        return max(found, default=0.0)

    def _look(self, rgb: Pixels, window: Window) -> Face | None:
        """Return the face in a window; None if the mesh network finds none."""
        points, presence, *_ = self._mesh(cropped(rgb, window, MESH_SIDE_PX)[None] / np.float32(255))
        score = float(sigmoid(presence).ravel()[0])
        if score < MIN_TRACKED_SCORE:
            return None
        mesh = points.reshape(LANDMARKS, 3).astype(np.float64)
        back = cv2.invertAffineTransform(crop_matrix(window, MESH_SIDE_PX))
        # The mesh network's coordinates start at the edge of the crop, those of OpenCV at the center of the
        # first pixel.
        xy = (mesh[:, :2] - 0.5) @ back[:, :2].T + back[:, 2]
        placed = np.column_stack([xy, mesh[:, 2] * window.side / MESH_SIDE_PX])
        shapes = self._blend(xy[list(BLENDSHAPE_POINTS)][None].astype(np.float32))[0].ravel()
        low, high = xy.min(0), xy.max(0)
        return Face(
            points=placed,
            score=score,
            blendshapes=dict(zip(BLENDSHAPES, map(float, shapes), strict=True)),
            box=(float(low[0]), float(low[1]), float(high[0]), float(high[1])),
        )


def _covers(face: Face, window: Window) -> bool:
    """Return True if the center of a window is in a known face that is not much smaller than the window."""
    left, top, right, bottom = face.box
    inside = left <= window.x <= right and top <= window.y <= bottom
    return inside and window.side / CROP_MARGIN_RATIO < 1.5 * max(right - left, bottom - top)


def shared_area(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    """Return the area that two boxes share, divided by the area of the smaller box."""
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return 0.0
    return wide * high / min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
