"""Detect rough positions of faces with BlazeFace, in views of several sizes.

The network's input has 128x128 pixels; a face is found if its height is 10 % to 100 % of the input's height.
So the network is applied to the whole image, to the image with a margin, to tilted images, and to overlapping
tiles.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from lipwright.face.image_ops import Floats, Pixels

DETECTOR_SIDE_PX = 128
CROP_MARGIN_RATIO = 1.5
"""Side of the square that the mesh network sees, divided by the longer side of the face's box (MediaPipe's
face_landmark graph)."""
MIN_SCORE = 0.5
"""Minimum score of a detection (MediaPipe's default)."""
MIN_CONFIRMED_SCORE = 0.7
"""Minimum score at which `Detector.confirm` accepts a face. Some sixty photographed and painted faces have
0.82 or more; cups and the eyes of cats have 0.6 or less."""


@dataclass(frozen=True, slots=True)
class Window:
    """A tilted square of an image that is the input of a network."""

    x: float
    """Coordinates of the center, in pixels."""
    y: float
    side: float
    """Length of a side, in pixels."""
    angle: float
    """Angle of the line through the eyes, in radians; positive clockwise as the viewer sees it."""
    score: float = 1.0
    """Confidence of the detector, 0..1."""


def crop_matrix(window: Window, size_px: int) -> Floats:
    """Return the affine map, shape (2, 3), from image pixels to the pixels of an upright square crop."""
    c, s = (f(window.angle) * size_px / window.side for f in (math.cos, math.sin))
    half = (size_px - 1) / 2
    return np.array(
        [
            [c, s, half - c * window.x - s * window.y],
            [-s, c, half + s * window.x - c * window.y],
        ]
    )


def cropped(rgb: Pixels, window: Window, size_px: int) -> Pixels:
    """Return a window of an image as an upright square of `size_px` x `size_px` pixels."""
    matrix, factor = crop_matrix(window, size_px), window.side / size_px
    while factor >= 2:  # until the crop skips no pixels
        half = (max(1, rgb.shape[1] // 2), max(1, rgb.shape[0] // 2))
        rgb = np.asarray(cv2.resize(rgb, half, interpolation=cv2.INTER_AREA), np.uint8)
        # New pixel n covers old pixels 2n and 2n+1: old = 2 new + 0.5.
        matrix[:, 2] += matrix[:, :2] @ [0.5, 0.5]
        matrix[:, :2] *= 2
        factor /= 2
    return np.asarray(cv2.warpAffine(rgb, matrix, (size_px, size_px)), np.uint8)


def window_of(points: Floats) -> Window:
    """Return the mesh network's window around landmarks of shape (478, 2 or 3)."""
    eyes = points[263, :2] - points[33, :2]
    angle = math.atan2(eyes[1], eyes[0])
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    upright = points[:, :2] @ turn.T
    low, high = upright.min(0), upright.max(0)
    center = (low + high) / 2 @ turn
    return Window(float(center[0]), float(center[1]), float((high - low).max()) * CROP_MARGIN_RATIO, angle)


class Network:
    """A LiteRT network with one input, run on one thread; callers decide what runs in parallel."""

    def __init__(self, blob: bytes) -> None:
        with _native_stderr_discarded():
            self._run = Interpreter(model_content=blob, num_threads=1)
            self._run.allocate_tensors()
        self._input = self._run.get_input_details()[0]["index"]
        self._outputs = [detail["index"] for detail in self._run.get_output_details()]

    def __call__(self, values: NDArray[Any]) -> list[NDArray[np.float32]]:
        """Return all outputs, in the model's order."""
        self._run.set_tensor(self._input, np.ascontiguousarray(values, np.float32))
        self._run.invoke()
        return [self._run.get_tensor(index) for index in self._outputs]


def sigmoid(x: NDArray[np.float32]) -> NDArray[np.float64]:
    """Convert logits to scores of 0..1."""
    return 1 / (1 + np.exp(-np.clip(x.astype(np.float64), -60, 60)))


@contextlib.contextmanager
def _native_stderr_discarded() -> Iterator[None]:
    """Keep LiteRT's "INFO: Created ... delegate" off the user's terminal.

    LiteRT 2.3 writes this from C++ to file descriptor 2 and has no setting to prevent it. Python's errors are
    exceptions and are not affected.
    """
    try:
        saved = os.dup(2)
    except OSError:  # a process without standard error
        yield
        return
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)


class Detector:
    """Finds the windows of an image to which the mesh network is applied."""

    def __init__(self, blob: bytes) -> None:
        self._network = Network(blob)
        self._anchors = _anchors()

    def confirm(self, rgb: Pixels, around: Window) -> bool:
        """Return True if the detector finds a face in the center of an upright crop around a window.

        Cups, knots in wood and cats can pass the test of the mesh network, but they rarely pass this test.
        """
        view = cropped(rgb, replace(around, side=1.5 * around.side), DETECTOR_SIDE_PX)
        middle, near = DETECTOR_SIDE_PX / 2, DETECTOR_SIDE_PX / 10
        return any(
            seen.score > MIN_CONFIRMED_SCORE and max(abs(seen.x - middle), abs(seen.y - middle)) < near
            for seen in self._windows(view)
        )

    def detect(self, rgb: Pixels, level: Level, scaled: dict[float, Pixels]) -> Iterator[Window]:
        """Yield windows around the faces detected at one level, in image pixels.

        `scaled` caches resized copies of the image by scale factor; levels that differ only in tilt share a
        copy.
        """
        height, width = rgb.shape[:2]
        shrink = DETECTOR_SIDE_PX / level.side
        if shrink not in scaled:
            wanted = (max(1, round(width * shrink)), max(1, round(height * shrink)))
            how = cv2.INTER_AREA if shrink < 1 else cv2.INTER_LINEAR
            scaled[shrink] = np.asarray(cv2.resize(rgb, wanted, interpolation=how), np.uint8)
        small = scaled[shrink]
        scale = np.array([small.shape[1] / width, small.shape[0] / height])
        for x, y in level.centers:
            look = Window(x * scale[0], y * scale[1], DETECTOR_SIDE_PX, level.angle)
            back = cv2.invertAffineTransform(crop_matrix(look, DETECTOR_SIDE_PX))
            for window in self._windows(cropped(small, look, DETECTOR_SIDE_PX)):
                center = (back[:, :2] @ [window.x, window.y] + back[:, 2]) / scale
                yield Window(
                    float(center[0]),
                    float(center[1]),
                    window.side / float(scale.mean()),
                    window.angle + level.angle,
                    window.score,
                )

    def _windows(self, view: Pixels) -> Iterator[Window]:
        """Yield the windows detected in one view, in pixels of the view.

        Overlapping detections are averaged, weighted by their scores (BlazeFace paper, section 4.3).
        """
        boxes, logits = self._network(view[None] / np.float32(127.5) - 1)
        scores = sigmoid(logits[0, :, 0])
        left = np.flatnonzero(scores > MIN_SCORE)
        shapes = boxes[0, left].reshape(-1, 8, 2).astype(np.float64)  # center, size, six key points
        shapes[:, [0, *range(2, 8)]] += self._anchors[left][:, None] * DETECTOR_SIDE_PX
        left_scores = scores[left]
        while len(shapes):
            best = int(left_scores.argmax())
            near = np.abs(shapes[:, 0] - shapes[best, 0]).max(1) < 0.4 * shapes[best, 1].max()
            mean = np.average(shapes[near], axis=0, weights=left_scores[near])
            eyes = mean[3] - mean[2]
            yield Window(
                float(mean[0, 0]),
                float(mean[0, 1]),
                float(mean[1].max()) * CROP_MARGIN_RATIO,
                math.atan2(eyes[1], eyes[0]),
                float(left_scores[best]),
            )
            shapes, left_scores = shapes[~near], left_scores[~near]


@dataclass(frozen=True, slots=True)
class Level:
    """One pass of the detector, over square views of one size and tilt."""

    side: float
    centers: tuple[tuple[float, float], ...]
    angle: float = 0.0
    last_resort: bool = False


def levels(height: int, width: int) -> Iterator[Level]:
    """Yield levels: first the whole image, then ever smaller tiles.

    Tiles have at least 128 pixels, and at least a tenth of the shorter side of the image.
    """
    long, middle = max(height, width), ((width - 1) / 2, (height - 1) / 2)
    for tilt in (0.0, -0.7, 0.7):
        yield Level(long, (middle,), tilt)
        yield Level(long * 1.8, (middle,), tilt)
    short = min(height, width)
    side = short if long > 1.2 * short else short / 2
    while side >= max(DETECTOR_SIDE_PX, short / 10):
        centers = tuple((x, y) for y in _steps(height, side) for x in _steps(width, side))
        tiny = side < 0.45 * short
        yield Level(side, centers, last_resort=tiny)
        # Small tiles are not searched for tilted faces: an image whose only face is tilted and smaller than a
        # quarter of it is no portrait, and in an image without faces these tiles would take most of the time.
        for tilt in (-0.7, 0.7) if side >= 0.24 * short else ():
            yield Level(side, centers, tilt, last_resort=True)
        side /= 2


def _steps(length: int, side: float) -> list[float]:
    """Return the centers, in pixels, of tiles that overlap by half and cover `length` pixels."""
    if side >= length:
        return [(length - 1) / 2]
    count = math.ceil((length - side) / (side / 2)) + 1
    return [side / 2 + i * (length - side) / (count - 1) - 0.5 for i in range(count)]


def _anchors() -> NDArray[np.float32]:
    """Return the centers of the network's anchors, 0..1, shape (896, 2).

    There are 16x16 cells with 2 anchors each, then 8x8 cells with 6 each.
    """
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
