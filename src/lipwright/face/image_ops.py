"""Helpers of the face package: OpenCV's samplers with exact types, crops for networks, and two curves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]
Kind = TypeVar("Kind", np.uint8, np.float32, np.float64)

CROP_MARGIN_RATIO = 1.5
"""Side of the mesh network's crop over the face's box (MediaPipe's face_landmark graph)."""


def smoothstep(low: Floats | float, high: Floats | float, x: Floats | float) -> Floats:
    """Return 0 below `low`, 1 above `high` and a smooth cubic between; falling where low > high."""
    t = np.clip((np.asarray(x, np.float64) - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def bell(t: Floats | float) -> Floats:
    """Return exp(-t^2)."""
    return np.asarray(np.exp(-np.square(t)))


def sample(image: NDArray[Kind], positions: NDArray[Any], *, cubic: bool = False) -> NDArray[Kind]:
    """Read an image at fractional positions; its edge pixels continue beyond its border.

    Args:
        image: Shape (height, width) or (height, width, channels).
        positions: Shape (h, w, 2): x, y in pixels, pixel centers at whole numbers.
        cubic: Cubic instead of linear interpolation.

    Returns:
        Shape (h, w) or (h, w, channels).
    """
    # cv2's type stubs forbid None here, but with an empty array OpenCV 5.0 reads invalid memory.
    values = cv2.remap(  # type: ignore[call-overload]
        image,
        np.asarray(positions, np.float32),
        None,
        cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(values, image.dtype)


def blur(image: NDArray[Kind], sigma_px: float) -> NDArray[Kind]:
    """Blur an image of shape (h, w) or (h, w, channels) with a Gaussian."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma_px), image.dtype)


def affine_view(image: NDArray[Kind], to_image: NDArray[Any], width: int, height: int) -> NDArray[Kind]:
    """Resample an image by an affine map; its edge pixels continue beyond its border.

    Args:
        image: Shape (h, w) or (h, w, channels).
        to_image: Shape (2, 3): from the view's pixels to the image's.
        width: Width of the view.
        height: Height of the view.
    """
    view = cv2.warpAffine(
        image,
        np.asarray(to_image, np.float64),
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(view, image.dtype)


def resized(image: NDArray[Kind], width: int, height: int) -> NDArray[Kind]:
    """Resize an image of shape (h, w) or (h, w, channels): by area when smaller, by Lanczos when larger."""
    smaller = width < image.shape[1] or height < image.shape[0]
    how = cv2.INTER_AREA if smaller else cv2.INTER_LANCZOS4
    return np.asarray(cv2.resize(image, (width, height), interpolation=how), image.dtype)


@dataclass(frozen=True, slots=True)
class Window:
    """A tilted square of an image, shown to a network."""

    x: float
    """Center, in pixels."""
    y: float
    side: float
    """In pixels."""
    angle: float
    """Radians; the eye line's, positive clockwise as the viewer sees it."""
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


def halved(rgb: Pixels, factor: float, matrix: Floats) -> Pixels:
    """Halve an image until a crop that is `factor` times smaller skips no pixels.

    Args:
        rgb: Shape (height, width, 3).
        factor: Image pixels per pixel of the crop.
        matrix: Map from the image to the crop, shape (2, 3); adjusted in place.
    """
    while factor >= 2:
        half = (max(1, rgb.shape[1] // 2), max(1, rgb.shape[0] // 2))
        rgb = np.asarray(cv2.resize(rgb, half, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        # New pixel n covers old 2n and 2n+1: old = 2 new + 0.5.
        matrix[:, 2] += matrix[:, :2] @ [0.5, 0.5]
        matrix[:, :2] *= 2
        factor /= 2
    return rgb


def window_of(points: Floats) -> Window:
    """Return the mesh network's window around landmarks of shape (478, 2 or 3)."""
    eyes = points[263, :2] - points[33, :2]
    angle = math.atan2(eyes[1], eyes[0])
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    upright = points[:, :2] @ turn.T
    low, high = upright.min(0), upright.max(0)
    center = (low + high) / 2 @ turn
    return Window(float(center[0]), float(center[1]), float((high - low).max()) * CROP_MARGIN_RATIO, angle)
