"""What a face looks like in its image: how sharp, how lit. Numbers; `checks` judges them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.domain.media import Image
from lipwright.face.landmark_indices import CHIN, FOREHEAD, OVAL
from lipwright.face.landmarks import Face
from lipwright.face.windows import Floats, Pixels

LOOK_PX = 128
"""Forehead to chin of the face that is measured: larger ones are reduced to it, so that a photo of
12 megapixels and its thumbnail measure alike. A video of 512 pixels shows a face of about this size."""
SMOOTHING_PX = 7
"""Of the blur measure: 5 % of a face's height."""
FULL = 250
"""A colour of this value has lost what lay above it."""
BLACK = 1e-3
"""Floor of linear light, about a tenth of what 8 bits resolve in the shadows: keeps the stops finite."""


@dataclass(frozen=True, slots=True)
class FaceQuality:
    """A face, measured."""

    blur: float
    """0 sharp, 1 without detail (Crete et al. 2007)."""
    bright: float
    """Luma that 5 % of the face pass, 0..255: its highlights, whatever its skin."""
    blown: float
    """Share of the face in which two colours or more are at full."""
    uneven_stops: float
    """Photographic stops between the two sides of the face; positive where the image's right is darker."""


def measure_face(image: Image, face: Face) -> FaceQuality:
    """Measure a face.

    Args:
        image: In which the face was found.
        face: Any size.
    """
    rgb, points = _reduced_to_face(image.rgb, face)
    inside = np.zeros(rgb.shape[:2], np.uint8)
    cv2.fillPoly(inside, [points[OVAL].round().astype(np.int32)], 1)
    skin = inside > 0
    if not skin.any():  # all of it beyond the image's edge
        return FaceQuality(0.0, 255.0, 0.0, 0.0)
    luma = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    rows, columns = np.flatnonzero(skin.any(1)), np.flatnonzero(skin.any(0))
    return FaceQuality(
        blur=blur_of(luma[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]),
        bright=float(np.percentile(luma[skin], 95)),
        blown=float((np.sort(rgb[skin], axis=-1)[:, 1] >= FULL).mean()),
        uneven_stops=_stops_between_sides(rgb, skin, points),
    )


def blur_of(luma: NDArray[np.uint8]) -> float:
    """How little an image loses when it is smoothed.

    A sharp image differs much from its smoothed self, a blurred one hardly. Contrast and size
    of the image cancel (Crete, Dolmiere, Ladret, Nicolas: The blur effect, 2007).

    Args:
        luma: Shape (height, width).

    Returns:
        0..1; 1 for a plain surface.
    """
    values = luma.astype(np.float64)
    directions = [
        _blur_along(values, axis)
        for axis in (0, 1)
        if min(values.shape) > 2  # nothing has neighbours otherwise
    ]
    return max(directions, default=1.0)


def _blur_along(values: Floats, axis: int) -> float:
    kernel = (1, SMOOTHING_PX) if axis == 0 else (SMOOTHING_PX, 1)  # OpenCV: width, height
    smooth = cv2.blur(values, kernel, borderType=cv2.BORDER_REFLECT)
    sharp_steps = np.abs(cv2.Sobel(values, cv2.CV_64F, int(axis == 1), int(axis == 0)))[1:-1, 1:-1]
    smooth_steps = np.abs(cv2.Sobel(smooth, cv2.CV_64F, int(axis == 1), int(axis == 0)))[1:-1, 1:-1]
    total = float(sharp_steps.sum())
    lost = float(np.maximum(sharp_steps - smooth_steps, 0).sum())
    return 1.0 if total == 0 else (total - lost) / total


def _reduced_to_face(rgb: Pixels, face: Face) -> tuple[Pixels, Floats]:
    """The face's part of the image, at LOOK_PX or its own size, and the landmarks in it."""
    height, width = rgb.shape[:2]
    left, right = (int(np.clip(edge, 0, width - 1)) for edge in (face.box[0], face.box[2]))
    top, bottom = (int(np.clip(edge, 0, height - 1)) for edge in (face.box[1], face.box[3]))
    part = np.ascontiguousarray(rgb[top : bottom + 1, left : right + 1])
    shrink = min(1.0, LOOK_PX / face.height_px)
    size = max(1, round(part.shape[1] * shrink)), max(1, round(part.shape[0] * shrink))
    small = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    scale = np.array(size) / (part.shape[1], part.shape[0])
    return small, (face.points[:, :2] - (left, top) + 0.5) * scale - 0.5


def _stops_between_sides(rgb: Pixels, skin: NDArray[np.bool_], points: Floats) -> float:
    """log2 of the median light on the image's left of the face's middle line over that on its right."""
    light = (rgb / 255.0) ** 2.2 @ (0.2126, 0.7152, 0.0722)
    rows, columns = np.nonzero(skin)
    down = points[CHIN] - points[FOREHEAD]
    beside = (columns - points[FOREHEAD][0]) * down[1] - (rows - points[FOREHEAD][1]) * down[0]
    values = light[rows, columns]
    sides = values[beside < 0], values[beside > 0]
    if not all(map(len, sides)):
        return 0.0
    left, right = (float(np.median(side)) + BLACK for side in sides)
    return float(np.log2(left / right))
