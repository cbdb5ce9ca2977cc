"""Faces in an image, roughly: BlazeFace over views of every size.

The network takes 128x128 pixels and sees faces of a tenth to all of them, so a
image is shown to it whole, with a margin, tilted, and in overlapping tiles.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.face.network import Network, sigmoid
from lipwright.face.windows import CROP_MARGIN, Pixels, Window, crop_matrix, reduced

DETECTOR_PX = 128
MIN_SCORE = 0.5
"""MediaPipe's default."""
CONFIRMED = 0.7
"""The detector's score for a found face shown to it upright: 0.82 and more on some sixty people,
painted ones too, 0.6 and less on eyes of cats and on cups."""


class Detector:
    """Finds windows for the mesh.

    Args:
        blob: face_detector.tflite.
    """

    def __init__(self, blob: bytes) -> None:
        self._network = Network(blob)
        self._anchors = _anchors()

    def confirm(self, rgb: Pixels, around: Window) -> bool:
        """The face in a window is seen again when shown upright and in the middle.

        Cups, knots and cats pass the mesh's own test, but seldom this one.
        """
        view = Window(around.x, around.y, 1.5 * around.side, around.angle)
        matrix = crop_matrix(view, DETECTOR_PX)
        crop = cv2.warpAffine(
            reduced(rgb, view.side / DETECTOR_PX, matrix), matrix, (DETECTOR_PX, DETECTOR_PX)
        )
        boxes, scores = self._network(crop[None] / np.float32(127.5) - 1)
        middle, near = DETECTOR_PX / 2, DETECTOR_PX / 10
        return any(
            seen.score > CONFIRMED and max(abs(seen.x - middle), abs(seen.y - middle)) < near
            for seen in self._decode(boxes[0], scores[0, :, 0])
        )

    def detect(
        self, rgb: Pixels, level: Level, scaled: dict[float, Pixels] | None = None
    ) -> Iterator[Window]:
        """Windows around the faces that the detector sees at one level, in image pixels.

        Args:
            rgb: Shape (height, width, 3).
            level: Where to look.
            scaled: The image in sizes it was looked at before, kept here for the tilted looks.
        """
        height, width = rgb.shape[:2]
        shrink = DETECTOR_PX / level.side
        scaled = {} if scaled is None else scaled
        if shrink not in scaled:
            wanted = (max(1, round(width * shrink)), max(1, round(height * shrink)))
            how = cv2.INTER_AREA if shrink < 1 else cv2.INTER_LINEAR
            scaled[shrink] = np.asarray(cv2.resize(rgb, wanted, interpolation=how), np.uint8)
        small = scaled[shrink]
        scale = np.array([small.shape[1] / width, small.shape[0] / height])
        for x, y in level.centres:
            look = Window(x * scale[0], y * scale[1], DETECTOR_PX, level.angle)
            matrix = crop_matrix(look, DETECTOR_PX)
            view = cv2.warpAffine(small, matrix, (DETECTOR_PX, DETECTOR_PX))
            boxes, scores = self._network(view[None] / np.float32(127.5) - 1)
            for window in self._decode(boxes[0], scores[0, :, 0]):
                back = cv2.invertAffineTransform(matrix)
                centre = (back[:, :2] @ [window.x, window.y] + back[:, 2]) / scale
                yield Window(
                    float(centre[0]),
                    float(centre[1]),
                    window.side / float(scale.mean()),
                    window.angle + level.angle,
                    window.score,
                )

    def _decode(self, boxes: NDArray[np.float32], logits: NDArray[np.float32]) -> Iterator[Window]:
        """Anchor boxes to windows, overlapping ones averaged by their score (BlazeFace, sec. 4.3)."""
        scores = sigmoid(logits)
        left = np.flatnonzero(scores > MIN_SCORE)
        shapes = boxes[left].reshape(-1, 8, 2).astype(np.float64)  # centre, size, six key points
        shapes[:, [0, *range(2, 8)]] += self._anchors[left][:, None] * DETECTOR_PX
        left_scores = scores[left]
        while len(shapes):
            best = int(left_scores.argmax())
            near = np.abs(shapes[:, 0] - shapes[best, 0]).max(1) < 0.4 * shapes[best, 1].max()
            mean = np.average(shapes[near], axis=0, weights=left_scores[near])
            eyes = mean[3] - mean[2]
            yield Window(
                float(mean[0, 0]),
                float(mean[0, 1]),
                float(mean[1].max()) * CROP_MARGIN,
                math.atan2(eyes[1], eyes[0]),
                float(left_scores[best]),
            )
            shapes, left_scores = shapes[~near], left_scores[~near]


@dataclass(frozen=True, slots=True)
class Level:
    """One pass of the detector: square views of one size, at one tilt."""

    side: float
    centres: tuple[tuple[float, float], ...]
    angle: float = 0.0
    last_resort: bool = False


def levels(height: int, width: int) -> Iterator[Level]:
    """Views from the whole image down to tiles of 128 pixels or a twelfth of the image."""
    long, middle = max(height, width), ((width - 1) / 2, (height - 1) / 2)
    for tilt in (0.0, -0.7, 0.7):
        yield Level(long, (middle,), tilt)
        yield Level(long * 1.8, (middle,), tilt)
    short = min(height, width)
    side = short if long > 1.2 * short else short / 2
    while side >= max(DETECTOR_PX, short / 10):
        centres = tuple((x, y) for y in _steps(height, side) for x in _steps(width, side))
        tiny = side < 0.45 * short
        yield Level(side, centres, last_resort=tiny)
        # A face under a quarter of the image that is tilted too is nobody's portrait: the smallest
        # tiles are most of the work on an image without a face.
        for tilt in (-0.7, 0.7) if side >= 0.24 * short else ():
            yield Level(side, centres, tilt, last_resort=True)
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
