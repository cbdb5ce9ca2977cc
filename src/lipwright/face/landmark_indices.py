"""Landmark numbers of the parts of a face, and coordinates relative to the face.

Lengths in the face frame are in lip widths (W, the distance between the corners of the mouth), so that the
same constants suit every image.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lipwright.face.image_ops import Floats

INNER_UPPER = [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308]
INNER_LOWER = [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308]
OUTER_UPPER = [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291]
OUTER_LOWER = [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291]
"""Landmark numbers of the outer edge of the lower lip, from left to right in the image. INNER_UPPER,
INNER_LOWER and OUTER_UPPER are the other three edges of the lips, in the same order."""

# fmt: off
OVAL = [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
]
# fmt: on
"""Landmark numbers of the outline of the face, clockwise from the forehead."""

CHEEKS = [50, 205, 206, 98, 2, 327, 426, 425, 280, 195]
"""Landmark numbers of a polygon of skin between the eyes and the mouth: the cheeks and the lower nose."""
FOREHEAD, CHIN = 10, 152
EAR_LEFT, EAR_RIGHT = 234, 454
"""Landmark numbers of the edges of the face in front of the ears, left and right in the image."""
BRIDGE, NOSE_RIDGE = 168, 195
MOUTH_LEFT, MOUTH_RIGHT = 61, 291
EYE_LEFT, EYE_RIGHT = 33, 263


@dataclass(frozen=True, slots=True)
class EyePoints:
    """Landmark numbers of one eye's lid edges and lower brow edge, from left to right in the image."""

    upper: tuple[int, ...]
    lower: tuple[int, ...]
    brow: tuple[int, ...]


EYES = (
    EyePoints(
        (33, 246, 161, 160, 159, 158, 157, 173, 133),
        (33, 7, 163, 144, 145, 153, 154, 155, 133),
        (46, 53, 52, 65, 55),
    ),
    EyePoints(
        (362, 398, 384, 385, 386, 387, 388, 466, 263),
        (362, 382, 381, 380, 374, 373, 390, 249, 263),
        (285, 295, 282, 283, 276),
    ),
)
IRISES = (468, 473)
"""Landmark numbers of the centers of the irises, in the order of EYES."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceFrame:
    """Coordinate system of a face, in lip widths.

    The origin is between the inner lips, the x axis is parallel to the eyes and the mouth, and the y axis
    points down.
    """

    origin_px: Floats
    """Position of the origin, shape (2,), in image pixels."""
    axes: Floats
    """Unit vectors of x and y in the image, as rows, shape (2, 2)."""
    unit_px: float
    """Lip width: the distance between the mouth corners, in pixels."""
    face_height: float
    """Face height: the distance from forehead to chin, in lip widths."""

    def to_face(self, points_px: Floats) -> Floats:
        """Convert positions (..., 2) in image pixels to lip widths."""
        turned: Floats = (points_px - self.origin_px) @ self.axes.T / self.unit_px
        return turned

    def to_image(self, points: Floats) -> Floats:
        """Convert positions (..., 2) in lip widths to image pixels."""
        placed: Floats = points @ self.axes * self.unit_px + self.origin_px
        return placed


def face_frame(points_px: Floats) -> FaceFrame:
    """Return the frame of a face from its landmarks, shape (478, 2)."""
    mouth = points_px[MOUTH_RIGHT] - points_px[MOUTH_LEFT]
    along = points_px[EYE_RIGHT] - points_px[EYE_LEFT] + mouth
    x_axis = along / np.linalg.norm(along)
    unit = float(np.linalg.norm(mouth))
    return FaceFrame(
        origin_px=(points_px[13] + points_px[14]) / 2,
        axes=np.array([x_axis, [-x_axis[1], x_axis[0]]]),
        unit_px=unit,
        face_height=float(np.linalg.norm(points_px[CHIN] - points_px[FOREHEAD])) / unit,
    )
