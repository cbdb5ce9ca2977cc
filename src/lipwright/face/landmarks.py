"""Faces in a picture: where they are, 478 landmarks and 52 blendshapes of each.

Three small networks of MediaPipe's face_landmarker.task on LiteRT: a detector
(BlazeFace short range, 128x128, 896 anchors), the face mesh (256x256, attention
on lips and eyes) and blendshapes from 146 of its points. Landmark numbers are
MediaPipe's: 13 and 14 are the inner lips' middle, 61 and 291 the mouth's corners,
10 and 152 the top and bottom of the face.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from lipwright.domain.finding import Finding
from lipwright.domain.media import Picture
from lipwright.errors import EngineUnavailable, InputError
from lipwright.face.blendshapes import BLENDSHAPE_POINTS, BLENDSHAPES
from lipwright.face.model_file import face_model_path

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]

DETECTOR_PX, MESH_PX = 128, 256
POINTS = 478
MIN_SCORE = 0.5
"""Of the detector and of the mesh's own "is this a face": MediaPipe's defaults."""
SURE = 0.7
"""What a face found in a still picture must reach; followed faces need MIN_SCORE only."""
CONFIRMED = 0.7
"""The detector's score for a found face shown to it upright: 0.82 and more on some sixty people,
painted ones too, 0.6 and less on eyes of cats and on cups."""
CROP_MARGIN = 1.5
"""The mesh wants the face's box grown by half (MediaPipe's face_landmark graph)."""
MIN_FACE_PX = 96
"""Forehead to chin. Below this the mouth has under 30 pixels across: nothing to draw with."""
FACES_AT_MOST = 24
MAX_TILT = 1.2
"""Radians. Faces lying on their side are mostly cups and knots of wood."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face, in the pixels of the picture it was found in."""

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


def mouth_width(face: Face) -> float:
    """Distance of the inner mouth corners (78-308) over face height."""
    return float(np.linalg.norm(face.points[308, :2] - face.points[78, :2]) / face.height_px)


def mouth_rounding(face: Face) -> float:
    """Pucker and funnel blendshapes together, 0..2."""
    return face.blendshapes["mouthPucker"] + face.blendshapes["mouthFunnel"]


@dataclass(frozen=True, slots=True)
class _Window:
    """Where a network should look: a tilted square."""

    x: float
    y: float
    side: float
    angle: float
    """Radians; the eye line's, + clockwise as seen."""
    score: float = 1.0


class FaceTracker:
    """Finds faces, and follows one through the frames of a film.

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
                self._detector = _Network(archive.read("face_detector.tflite"))
                self._mesh = _Network(archive.read("face_landmarks_detector.tflite"))
                self._blend = _Network(archive.read("face_blendshapes.tflite"))
        except (OSError, KeyError, ValueError, RuntimeError, zipfile.BadZipFile) as error:
            raise EngineUnavailable(
                f"face model {path} cannot be read ({error})", hint="run `lipwright models pull face`"
            ) from error
        self._anchors = _anchors()
        self._last: _Window | None = None

    def __call__(self, rgb: Pixels) -> Face | None:
        """The face of the next frame: near the last one, else the largest.

        Args:
            rgb: Shape (height, width, 3).
        """
        face = self._look(rgb, self._last) if self._last is not None else None
        if face is None:
            found = self.find_faces(Picture(rgb))
            face = found[0] if found else None
        self._last = _window_of(face.points) if face is not None else None
        return face

    def reset(self) -> None:
        """Forget the last frame: the next one starts another film."""
        self._last = None

    def find_faces(self, picture: Picture) -> tuple[Face, ...]:
        """Every face in a picture, largest first.

        The whole picture is searched upright and tilted, with and without a margin
        (close-ups), then in overlapping tiles (small faces); tiles under a quarter of
        the picture only while nothing has been found.
        """
        rgb = picture.rgb
        faces: list[Face] = []
        for level in _levels(*rgb.shape[:2]):
            if level.last_resort and faces:
                continue
            seen = sorted(self._detect(rgb, level), key=lambda w: -w.score)
            for window in seen[: 2 * FACES_AT_MOST]:
                if any(_covers(face, window) for face in faces):
                    continue
                face = self._look(rgb, window)
                # A second look from the mesh's own box settles points that a rough box left off.
                face = face and self._look(rgb, _window_of(face.points))
                if face is None or face.score < SURE or abs(_window_of(face.points).angle) > MAX_TILT:
                    continue
                known = any(_overlap(face.box, other.box) > 0.3 for other in faces)
                if not known and self._confirm(rgb, face):
                    faces.append(face)
        return tuple(sorted(faces, key=lambda face: -face.height_px)[:FACES_AT_MOST])

    def _look(self, rgb: Pixels, window: _Window) -> Face | None:
        """Landmarks of the face in a window; None where the mesh sees no face."""
        to_crop = _crop_matrix(window, MESH_PX)
        crop = cv2.warpAffine(_reduced(rgb, window.side / MESH_PX, to_crop), to_crop, (MESH_PX, MESH_PX))
        points, presence, *_ = self._mesh(crop[None] / np.float32(255))
        score = float(_sigmoid(presence).ravel()[0])
        if score < MIN_SCORE:
            return None
        mesh = points.reshape(POINTS, 3).astype(np.float64)
        back = cv2.invertAffineTransform(_crop_matrix(window, MESH_PX))
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

    def _confirm(self, rgb: Pixels, face: Face) -> bool:
        """The detector sees the same face when it is shown upright and in the middle.

        Cups, knots and cats pass the mesh's own test, but seldom this one.
        """
        around = _window_of(face.points)
        view = _Window(around.x, around.y, 1.5 * around.side, around.angle)
        matrix = _crop_matrix(view, DETECTOR_PX)
        crop = cv2.warpAffine(
            _reduced(rgb, view.side / DETECTOR_PX, matrix), matrix, (DETECTOR_PX, DETECTOR_PX)
        )
        boxes, scores = self._detector(crop[None] / np.float32(127.5) - 1)
        middle, near = DETECTOR_PX / 2, DETECTOR_PX / 10
        return any(
            seen.score > CONFIRMED and max(abs(seen.x - middle), abs(seen.y - middle)) < near
            for seen in self._decode(boxes[0], scores[0, :, 0])
        )

    def _detect(self, rgb: Pixels, level: _Level) -> Iterator[_Window]:
        """Windows around the faces that the detector sees at one level, in picture pixels."""
        height, width = rgb.shape[:2]
        shrink = DETECTOR_PX / level.side
        small = cv2.resize(
            rgb,
            (max(1, round(width * shrink)), max(1, round(height * shrink))),
            interpolation=cv2.INTER_AREA if shrink < 1 else cv2.INTER_LINEAR,
        )
        scale = np.array([small.shape[1] / width, small.shape[0] / height])
        for x, y in level.centres:
            look = _Window(x * scale[0], y * scale[1], DETECTOR_PX, level.angle)
            matrix = _crop_matrix(look, DETECTOR_PX)
            view = cv2.warpAffine(small, matrix, (DETECTOR_PX, DETECTOR_PX))
            boxes, scores = self._detector(view[None] / np.float32(127.5) - 1)
            for window in self._decode(boxes[0], scores[0, :, 0]):
                back = cv2.invertAffineTransform(matrix)
                centre = (back[:, :2] @ [window.x, window.y] + back[:, 2]) / scale
                yield _Window(
                    float(centre[0]),
                    float(centre[1]),
                    window.side / float(scale.mean()),
                    window.angle + level.angle,
                    window.score,
                )

    def _decode(self, boxes: NDArray[np.float32], logits: NDArray[np.float32]) -> Iterator[_Window]:
        """Anchor boxes to windows, overlapping ones averaged by their score (BlazeFace, sec. 4.3)."""
        scores = _sigmoid(logits)
        left = np.flatnonzero(scores > MIN_SCORE)
        shapes = boxes[left].reshape(-1, 8, 2).astype(np.float64)  # centre, size, six key points
        shapes[:, [0, *range(2, 8)]] += self._anchors[left][:, None] * DETECTOR_PX
        left_scores = scores[left]
        while len(shapes):
            best = int(left_scores.argmax())
            near = np.abs(shapes[:, 0] - shapes[best, 0]).max(1) < 0.4 * shapes[best, 1].max()
            mean = np.average(shapes[near], axis=0, weights=left_scores[near])
            eyes = mean[3] - mean[2]
            yield _Window(
                float(mean[0, 0]),
                float(mean[0, 1]),
                float(mean[1].max()) * CROP_MARGIN,
                math.atan2(eyes[1], eyes[0]),
                float(left_scores[best]),
            )
            shapes, left_scores = shapes[~near], left_scores[~near]


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
            "no face found in the picture",
            hint="give a picture of one person, face to the camera, eyes and mouth uncovered",
        )
    face = faces[0]
    if face.height_px < MIN_FACE_PX:
        raise InputError(
            f"the face is {face.height_px:.0f} pixels high; at least {MIN_FACE_PX} are needed",
            hint="give a larger picture, or crop it to head and shoulders and scale it up",
        )
    if len(faces) == 1:
        return face, ()
    warning = Finding(
        rule="several-faces",
        severity="warning",
        text=f"{len(faces)} faces in the picture; the largest one speaks",
        advice="crop the picture to the person who speaks",
        where={"box": [round(edge) for edge in face.box]},
    )
    return face, (warning,)


class _Network:
    """One network with one input, on one thread: callers own the parallelism."""

    def __init__(self, blob: bytes) -> None:
        self._run = Interpreter(model_content=blob, num_threads=1)
        self._run.allocate_tensors()
        self._input = self._run.get_input_details()[0]["index"]
        self._outputs = [detail["index"] for detail in self._run.get_output_details()]

    def __call__(self, values: NDArray[Any]) -> list[NDArray[np.float32]]:
        self._run.set_tensor(self._input, np.ascontiguousarray(values, np.float32))
        self._run.invoke()
        return [self._run.get_tensor(index) for index in self._outputs]


@dataclass(frozen=True, slots=True)
class _Level:
    """One pass of the detector: square views of one size, at one tilt."""

    side: float
    centres: tuple[tuple[float, float], ...]
    angle: float = 0.0
    last_resort: bool = False


def _levels(height: int, width: int) -> Iterator[_Level]:
    """Views from the whole picture down to tiles of 128 pixels or a twelfth of the picture."""
    long, middle = max(height, width), ((width - 1) / 2, (height - 1) / 2)
    yield _Level(long, (middle,))
    yield _Level(long * 1.8, (middle,))
    for tilt in (-0.7, 0.7):
        yield _Level(long, (middle,), tilt)
        yield _Level(long * 1.8, (middle,), tilt)
    short = min(height, width)
    side = short if long > 1.2 * short else short / 2
    while side >= max(DETECTOR_PX, short / 10):
        centres = tuple((x, y) for y in _steps(height, side) for x in _steps(width, side))
        tiny = side < 0.45 * short
        yield _Level(side, centres, last_resort=tiny)
        for tilt in (-0.7, 0.7):
            yield _Level(side, centres, tilt, last_resort=True)
        side /= 2


def _steps(length: int, side: float) -> list[float]:
    """Centres of tiles that overlap by half and cover `length` pixels."""
    if side >= length:
        return [(length - 1) / 2]
    count = math.ceil((length - side) / (side / 2)) + 1
    return [side / 2 + i * (length - side) / (count - 1) - 0.5 for i in range(count)]


def _anchors() -> NDArray[np.float32]:
    """Centres of the 896 anchors, 0..1: 16x16 cells of 2, then 8x8 cells of 6."""
    return np.array(
        [
            ((x + 0.5) / cells, (y + 0.5) / cells)
            for cells, each in ((16, 2), (8, 6))
            for y in range(cells)
            for x in range(cells)
            for _ in range(each)
        ],
        np.float32,
    )


def _crop_matrix(window: _Window, size_px: int) -> Floats:
    """Affine map from picture pixels to the pixels of an upright square crop."""
    c, s = (f(window.angle) * size_px / window.side for f in (math.cos, math.sin))
    half = (size_px - 1) / 2
    return np.array(
        [
            [c, s, half - c * window.x - s * window.y],
            [-s, c, half + s * window.x - c * window.y],
        ]
    )


def _reduced(rgb: Pixels, factor: float, matrix: Floats) -> Pixels:
    """Halve a picture until a crop of it skips no pixels; `matrix` is adjusted in place."""
    while factor >= 2:
        half = (max(1, rgb.shape[1] // 2), max(1, rgb.shape[0] // 2))
        rgb = np.asarray(cv2.resize(rgb, half, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        # New pixel n covers old 2n and 2n+1: old = 2 new + 0.5.
        matrix[:, 2] += matrix[:, :2] @ [0.5, 0.5]
        matrix[:, :2] *= 2
        factor /= 2
    return rgb


def _window_of(points: Floats) -> _Window:
    """The window that the mesh wants around landmarks: their upright box, grown."""
    eyes = points[263, :2] - points[33, :2]
    angle = math.atan2(eyes[1], eyes[0])
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    upright = points[:, :2] @ turn.T
    low, high = upright.min(0), upright.max(0)
    centre = (low + high) / 2 @ turn
    return _Window(float(centre[0]), float(centre[1]), float((high - low).max()) * CROP_MARGIN, angle)


def _covers(face: Face, window: _Window) -> bool:
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


def _sigmoid(x: NDArray[np.float32]) -> Floats:
    return 1 / (1 + np.exp(-np.clip(x.astype(np.float64), -60, 60)))
