"""Measure how the image of a face changes from frame to frame."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.domain.face_choice import Box

CROP_PX, GRID_CELLS = 96, 12
"""Width and height of the gray face crop that is compared, in pixels, and number of grid cells per side."""
BLUR_SIGMA_PX = 1.0
"""Sigma of the Gaussian blur that removes codec noise and keeps real motion."""
HISTORY = 5
"""Number of consecutive frame differences that are compared with each other."""


@dataclass(frozen=True, slots=True)
class FaceDifference:
    """Difference between the image of a face and the same part of the previous frame."""

    max_cell_difference: float
    """Mean gray-level difference in the grid cell that changes most, 0..255. The mean over the whole face
    is not used, because it is small while a face reverses its motion, although some cells still change. NaN
    in the first frame of a video or shot, and if the face is outside the image."""
    products: NDArray[np.float32]
    """Similarity of this frame's motion to the motion in earlier frames, shape (HISTORY,). products[k] is the
    mean of d[t] * d[t - k] over the pixels of the face. d[t] is the blurred face in frame t minus the blurred
    face in frame t - 1, after the mean of each image is subtracted. So products[0] is the mean squared
    difference; products[k] near zero means unrelated motion. Values without an earlier frame are zero."""


class FrameHistory:
    """The most recent frames of a video, as gray images."""

    def __init__(self) -> None:
        self._images: deque[NDArray[np.uint8]] = deque(maxlen=HISTORY + 1)

    def push(self, rgb: NDArray[np.uint8], *, cut: bool) -> None:
        """Add a frame, shape (height, width, 3); if `cut` is true, discard all earlier frames first."""
        gray = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
        if cut or (self._images and self._images[-1].shape != gray.shape):
            self._images.clear()
        self._images.append(gray)

    def face_difference(self, box: Box) -> FaceDifference:
        """Compare the face in the newest frame with the same part of the image in earlier frames.

        Args:
            box: Left, top, right and bottom of the face in pixels; parts outside the image are left out.
        """
        products = np.zeros(HISTORY, np.float32)
        left, top, right, bottom = (max(0, round(edge)) for edge in box)
        crops = [image[top:bottom, left:right] for image in self._images]
        if len(crops) < 2 or min(crops[-1].shape) < 2:
            return FaceDifference(np.nan, products)
        size = (CROP_PX, CROP_PX)
        gray = [cv2.resize(crop, size, interpolation=cv2.INTER_AREA).astype(np.float32) for crop in crops]
        gray = [crop - crop.mean() for crop in gray]
        cells = cv2.resize(
            np.abs(gray[-1] - gray[-2]), (GRID_CELLS, GRID_CELLS), interpolation=cv2.INTER_AREA
        )
        blurred = [cv2.GaussianBlur(crop, (0, 0), BLUR_SIGMA_PX).ravel() for crop in gray]
        differences = np.stack([after - before for before, after in pairwise(blurred)][::-1])
        products[: len(differences)] = differences @ differences[0] / differences.shape[1]
        return FaceDifference(float(cells.max()), products)
