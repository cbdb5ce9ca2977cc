"""Draw a number on each face of an image; `--face` takes such a number."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from lipwright.domain.media import Image
from lipwright.face.landmarks import Face

CHOSEN, OTHER, DARK = (64, 200, 96), (255, 255, 255), (16, 16, 16)
FONT = cv2.FONT_HERSHEY_DUPLEX
DIGIT_SHARE = 0.28
"""Height of a number, divided by the height of its face."""


def draw_numbers(image: Image, numbers: Mapping[Face, int], chosen: Face) -> Image:
    """Return a copy of the image with a frame and a number on each face.

    Frame and number are green for the chosen face, and white for the other faces.
    """
    canvas = image.rgb.copy()
    for face, number in numbers.items():
        left, top, right, bottom = (round(edge) for edge in face.box)
        color = CHOSEN if face is chosen else OTHER
        line = max(2, round(face.height_px / 80))
        for width, shade in ((line + 2, DARK), (line, color)):
            cv2.rectangle(canvas, (left, top), (right, bottom), shade, width, cv2.LINE_AA)
        scale = cv2.getFontScaleFromHeight(FONT, max(12, round(DIGIT_SHARE * face.height_px)))
        for width, shade in ((3 * line, DARK), (line, color)):
            at = (left + 2 * line, bottom - 2 * line)
            cv2.putText(canvas, str(number), at, FONT, scale, shade, width, cv2.LINE_AA)
    return Image(np.ascontiguousarray(canvas))
