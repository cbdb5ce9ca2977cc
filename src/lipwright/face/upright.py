"""Whether an image lies on its side or upside down, by the faces in it."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np

from lipwright.domain.media import Image
from lipwright.face.landmarks import FaceTracker
from lipwright.face.windows import Pixels

Turn = Literal[0, 90, 180, 270]
"""Degrees clockwise that make an image upright."""

TURNS: tuple[Turn, ...] = (0, 90, 180, 270)
LOOK_PX = 512
"""Longer side of the image that is looked at: the detector takes 128 pixels of it at a time."""
SURER = 0.05
"""How much surer the detector must be of a turned face. Real faces score 0.83 to 0.94 upright; what
it takes for faces in them turned by a quarter or half scores at least 0.12 less."""


def find_turn(image: Image, tracker: FaceTracker) -> Turn:
    """How an image must be turned to stand upright.

    The mesh draws an upright face into almost anything, also into one upside down; the detector
    does not. So it is asked four times, and its surest answer counts.

    Args:
        image: Any size.
        tracker: Whose networks look.

    Returns:
        0 where the image is upright, or no large face is seen any way round.
    """
    shrink = min(1.0, LOOK_PX / max(image.rgb.shape[:2]))
    small = cv2.resize(image.rgb, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    sure = {turn: tracker.surest(turned(np.asarray(small, np.uint8), turn)) for turn in TURNS}
    best = max(TURNS, key=lambda turn: sure[turn])
    return best if sure[best] > sure[0] + SURER else 0


def turned(rgb: Pixels, turn: Turn) -> Pixels:
    """An image turned clockwise."""
    return np.ascontiguousarray(np.rot90(rgb, -turn // 90))
