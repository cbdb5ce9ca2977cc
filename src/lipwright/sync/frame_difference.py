"""How the image of a face changes from frame to frame, and which way."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

STIR_PX, STIR_CELLS = 96, 12
"""Side of the grey image of a face that is compared, and cells along it."""
CODEC_BLUR_PX = 1.0
"""Takes away what a codec draws anew in a face that stands still, and leaves what moves."""
STEPS = 5
"""Changes that are held against each other, one after another."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class FaceChange:
    """What a face's image did from the frame before to this one."""

    stir: float
    """Change of grey level in the cell of the face that changes most, 0..255. A face that turns round
    between two movements stands still on the whole, but never everywhere. NaN where a video or a shot
    begins, and where the face lies outside the image."""
    steps: NDArray[np.float32]
    """Shape (STEPS,): mean product, over the face, of this change of grey level with itself, with the
    change before, and so on; both of the blurred image without its mean. The first is the square of how
    much changed; a product near zero is of changes that have nothing to do with each other. Zeros where
    the video has no frames before."""


class LastImages:
    """The last images of a video, in grey."""

    def __init__(self) -> None:
        self._images: deque[NDArray[np.uint8]] = deque(maxlen=STEPS + 1)

    def take(self, rgb: NDArray[np.uint8], *, cut: bool) -> None:
        """Go on by a frame, shape (height, width, 3); a cut begins anew."""
        grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
        if cut or (self._images and self._images[-1].shape != grey.shape):
            self._images.clear()
        self._images.append(grey)

    def change(self, box: Box) -> FaceChange:
        """How the face has changed that is here now.

        Args:
            box: Left, top, right, bottom in pixels; what lies outside the image is left out.
        """
        steps = np.zeros(STEPS, np.float32)
        left, top, right, bottom = (max(0, round(edge)) for edge in box)
        faces = [image[top:bottom, left:right] for image in self._images]
        if len(faces) < 2 or min(faces[-1].shape) < 2:
            return FaceChange(np.nan, steps)
        size = (STIR_PX, STIR_PX)
        grey = [cv2.resize(face, size, interpolation=cv2.INTER_AREA).astype(np.float32) for face in faces]
        grey = [face - face.mean() for face in grey]
        changed = np.abs(grey[-1] - grey[-2])
        stir = float(cv2.resize(changed, (STIR_CELLS, STIR_CELLS), interpolation=cv2.INTER_AREA).max())
        soft = [cv2.GaussianBlur(face, (0, 0), CODEC_BLUR_PX).ravel() for face in grey]
        back = np.stack([after - before for before, after in pairwise(soft)][::-1])
        steps[: len(back)] = back @ back[0] / back.shape[1]
        return FaceChange(stir, steps)
