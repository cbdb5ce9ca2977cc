"""Faces in an image: where they are, 478 landmarks and 52 blendshapes of each.

Three small networks of MediaPipe's face_landmarker.task on LiteRT: a detector
(BlazeFace short range, 128x128, 896 anchors), the face mesh (256x256, attention
on lips and eyes) and blendshapes from 146 of its points. Landmark numbers are
MediaPipe's: 13 and 14 are the inner lips' middle, 61 and 291 the mouth's corners,
10 and 152 the top and bottom of the face.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from lipwright.domain.finding import Finding
from lipwright.domain.media import Image
from lipwright.errors import EngineUnavailable, InputError
from lipwright.face.blendshapes import BLENDSHAPE_POINTS, BLENDSHAPES
from lipwright.face.detector import Detector, levels
from lipwright.face.model_file import face_model_path
from lipwright.face.network import Network, sigmoid
from lipwright.face.windows import CROP_MARGIN, Floats, Pixels, Window, crop_matrix, reduced, window_of

MESH_PX = 256
POINTS = 478
MIN_SCORE, SURE = 0.5, 0.7
"""The mesh's own "is this a face": MediaPipe's default, which followed faces need, and what a face
found in a still image must reach."""
MIN_FACE_PX = 60
"""Forehead to chin. The mouth is then some 22 pixels wide: teeth and lips still read as such."""
FACES_AT_MOST = 24
MAX_TILT = 1.2
"""Radians. Faces lying on their side are mostly cups and knots of wood."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face, in the pixels of the image it was found in."""

    points: Floats
    """Shape (478, 3): x right, y down, z towards the back, all in pixels."""
    score: float
    """How sure the mesh is that this is a face, 0..1."""
    blendshapes: Mapping[str, float]
    """ARKit names to 0..1."""
    box: tuple[float, float, float, float]
    """left, top, right, bottom of the landmarks."""

    @property
    def height_px(self) -> float:
        """Forehead (10) to chin (152), tilted with the head."""
        return float(np.linalg.norm(self.points[152, :2] - self.points[10, :2]))


def mouth_opening(face: Face) -> float:
    """Inner lip gap (mean of 13-14 and its neighbours) over face height; closed is about 0."""
    upper, lower = face.points[[82, 13, 312], :2], face.points[[87, 14, 317], :2]
    return float(np.linalg.norm(lower - upper, axis=1).mean() / face.height_px)


def mouth_rounding(face: Face) -> float:
    """Pucker and funnel blendshapes together, 0..2."""
    return face.blendshapes["mouthPucker"] + face.blendshapes["mouthFunnel"]


class FaceTracker:
    """Finds faces, and follows one through the frames of a video.

    Not thread-safe: the interpreters hold their tensors.

    Args:
        model: face_landmarker.task; None finds it, or fetches it once.

    Raises:
        EngineUnavailable: the model is not to be had or cannot be read.
    """

    def __init__(self, model: Path | None = None) -> None:
        path = model or face_model_path()
        try:
            with zipfile.ZipFile(path) as archive:
                self._detector = Detector(archive.read("face_detector.tflite"))
                self._mesh = Network(archive.read("face_landmarks_detector.tflite"))
                self._blend = Network(archive.read("face_blendshapes.tflite"))
        except (OSError, KeyError, ValueError, RuntimeError, zipfile.BadZipFile) as error:
            raise EngineUnavailable(
                f"face model {path} cannot be read ({error})", hint="run `lipwright models pull face`"
            ) from error
        self._last: Window | None = None

    def __call__(self, rgb: Pixels) -> Face | None:
        """The face of the next frame: near the last one, else the largest.

        Args:
            rgb: Shape (height, width, 3).
        """
        face = self._look(rgb, self._last) if self._last is not None else None
        if face is None:
            found = self.find_faces(Image(rgb))
            face = found[0] if found else None
        self._last = window_of(face.points) if face is not None else None
        return face

    def look_again(self, rgb: Pixels, face: Face) -> Face | None:
        """The same face in the next frame; None where it is not near its last place any more.

        Args:
            rgb: Shape (height, width, 3), of the frame that `face` was found in or of one after it.
            face: As it was last seen.
        """
        return self._look(rgb, window_of(face.points))

    def find_faces(self, image: Image) -> tuple[Face, ...]:
        """Every face in an image, largest first.

        The whole image is searched upright and tilted, with and without a margin
        (close-ups), then in overlapping tiles (small faces); tiles under half of its
        shorter side, and tilted ones, only while nothing has been found.
        """
        rgb = image.rgb
        faces: list[Face] = []
        scaled: dict[float, Pixels] = {}
        for level in levels(*rgb.shape[:2]):
            if level.last_resort and faces:
                continue
            seen = sorted(self._detector.detect(rgb, level, scaled), key=lambda w: -w.score)
            for window in seen[: 2 * FACES_AT_MOST]:
                if any(_covers(face, window) for face in faces):
                    continue
                face = self._look(rgb, window)
                # A second look from the mesh's own box settles points that a rough box left off.
                face = face and self._look(rgb, window_of(face.points))
                if face is None or face.score < SURE or abs(window_of(face.points).angle) > MAX_TILT:
                    continue
                known = any(_overlap(face.box, other.box) > 0.3 for other in faces)
                if not known and self._detector.confirm(rgb, window_of(face.points)):
                    faces.append(face)
        return tuple(sorted(faces, key=lambda face: -face.height_px)[:FACES_AT_MOST])

    def surest(self, rgb: Pixels) -> float:
        """How sure the detector is of its surest large, roughly upright face; 0 where there is none.

        Args:
            rgb: Shape (height, width, 3).
        """
        whole = [level for level in levels(*rgb.shape[:2]) if not level.last_resort][:2]
        found = [
            window.score
            for level in whole
            for window in self._detector.detect(rgb, level)
            if abs(window.angle) < math.pi / 4
            and (face := self._look(rgb, window)) is not None
            and face.score >= SURE
            and self._detector.confirm(rgb, window_of(face.points))
        ]
        return max(found, default=0.0)

    def _look(self, rgb: Pixels, window: Window) -> Face | None:
        """Landmarks of the face in a window; None where the mesh sees no face."""
        to_crop = crop_matrix(window, MESH_PX)
        crop = cv2.warpAffine(reduced(rgb, window.side / MESH_PX, to_crop), to_crop, (MESH_PX, MESH_PX))
        points, presence, *_ = self._mesh(crop[None] / np.float32(255))
        score = float(sigmoid(presence).ravel()[0])
        if score < MIN_SCORE:
            return None
        mesh = points.reshape(POINTS, 3).astype(np.float64)
        back = cv2.invertAffineTransform(crop_matrix(window, MESH_PX))
        # The mesh counts from the crop's edge, pixels from their centres: half a pixel.
        xy = (mesh[:, :2] - 0.5) @ back[:, :2].T + back[:, 2]
        placed = np.column_stack([xy, mesh[:, 2] * window.side / MESH_PX])
        shapes = self._blend(xy[list(BLENDSHAPE_POINTS)][None].astype(np.float32))[0].ravel()
        low, high = xy.min(0), xy.max(0)
        return Face(
            points=placed,
            score=score,
            blendshapes=dict(zip(BLENDSHAPES, map(float, shapes), strict=True)),
            box=(float(low[0]), float(low[1]), float(high[0]), float(high[1])),
        )


def choose_face(faces: Sequence[Face]) -> tuple[Face, tuple[Finding, ...]]:
    """The face that will speak: the largest.

    Args:
        faces: What `find_faces` gave, largest first.

    Returns:
        The face, and a warning where there are several.

    Raises:
        InputError: no face, or one too small to draw a mouth in.
    """
    if not faces:
        raise InputError(
            "no face found in the image",
            hint="give an image of one person, upright, face to the camera and at least "
            f"{MIN_FACE_PX} pixels high, eyes and mouth uncovered",
        )
    face = faces[0]
    if face.height_px < MIN_FACE_PX:
        raise InputError(
            f"the face is {face.height_px:.0f} pixels high; at least {MIN_FACE_PX} are needed",
            hint="give a larger image, or crop it to head and shoulders and scale it up",
        )
    if len(faces) == 1:
        return face, ()
    warning = Finding(
        id="several-faces",
        severity="warning",
        text=f"{len(faces)} faces in the image; the largest one speaks",
        advice="crop the image to the person who speaks",
        where={"box": [round(edge) for edge in face.box]},
    )
    return face, (warning,)


def _covers(face: Face, window: Window) -> bool:
    """True where a window's centre lies in a known face that is not much smaller."""
    left, top, right, bottom = face.box
    inside = left <= window.x <= right and top <= window.y <= bottom
    return inside and window.side / CROP_MARGIN < 1.5 * max(right - left, bottom - top)


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    """Shared area over the smaller box's area."""
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return 0.0
    return wide * high / min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
