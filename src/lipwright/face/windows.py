"""Where a network looks: tilted squares of an image."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]

CROP_MARGIN = 1.5
"""The mesh wants the face's box grown by half (MediaPipe's face_landmark graph)."""


@dataclass(frozen=True, slots=True)
class Window:
    """Where a network should look: a tilted square."""

    x: float
    y: float
    side: float
    angle: float
    """Radians; the eye line's, + clockwise as seen."""
    score: float = 1.0


def crop_matrix(window: Window, size_px: int) -> Floats:
    """Affine map, shape (2, 3), from image pixels to the pixels of an upright square crop."""
    c, s = (f(window.angle) * size_px / window.side for f in (math.cos, math.sin))
    half = (size_px - 1) / 2
    return np.array(
        [
            [c, s, half - c * window.x - s * window.y],
            [-s, c, half + s * window.x - c * window.y],
        ]
    )


def reduced(rgb: Pixels, factor: float, matrix: Floats) -> Pixels:
    """Halve an image until a crop of it skips no pixels; `matrix` is adjusted in place."""
    while factor >= 2:
        half = (max(1, rgb.shape[1] // 2), max(1, rgb.shape[0] // 2))
        rgb = np.asarray(cv2.resize(rgb, half, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        # New pixel n covers old 2n and 2n+1: old = 2 new + 0.5.
        matrix[:, 2] += matrix[:, :2] @ [0.5, 0.5]
        matrix[:, :2] *= 2
        factor /= 2
    return rgb


def window_of(points: Floats) -> Window:
    """The window that the mesh wants around landmarks, shape (478, 2 or 3): their upright box, grown."""
    eyes = points[263, :2] - points[33, :2]
    angle = math.atan2(eyes[1], eyes[0])
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    upright = points[:, :2] @ turn.T
    low, high = upright.min(0), upright.max(0)
    centre = (low + high) / 2 @ turn
    return Window(float(centre[0]), float(centre[1]), float((high - low).max()) * CROP_MARGIN, angle)
