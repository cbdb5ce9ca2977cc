"""Measure a reference image: its orientation, and the pose, sharpness and light of the face in it.

`image_checks` compares the results with limits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.domain.media import Image
from lipwright.face.image_ops import Floats, Pixels
from lipwright.face.landmark_indices import CHIN, EAR_LEFT, EAR_RIGHT, FOREHEAD, OVAL
from lipwright.face.landmarks import Face, FaceTracker

Turn = Literal[0, 90, 180, 270]
"""Clockwise rotation that makes an image upright, in degrees."""
TURNS: tuple[Turn, ...] = (0, 90, 180, 270)
TURN_SEARCH_SIDE_PX = 512
"""Length, in pixels, to which `find_turn` reduces the longer side of an image. The detector's input has only
128 x 128 pixels."""
TURN_SCORE_MARGIN = 0.05
"""Minimum difference by which the detector's score of the rotated image must exceed its score of the original
image. Upright real faces have scores of 0.83 to 0.94. If an image is rotated by 90 or
180 degrees, false detections in it have scores at least 0.12 lower than the upright face."""
UPRIGHT_SCORE = 0.9
"""Minimum detector score at which an image counts as upright without a test of its rotations. Even the best
real faces score less than UPRIGHT_SCORE + TURN_SCORE_MARGIN, so no rotation would be chosen."""
MEASURED_FACE_PX = 128
"""Height, from forehead to chin, to which larger faces are reduced before they are measured, so that a photo
of 12 megapixels and its thumbnail give the same values. A face in a video 512 pixels high has about this
height."""
BLUR_KERNEL_PX = 7
"""Length of the box filter of the blur measure: 5 % of the height of a measured face."""
FULL_SCALE = 250
"""Value, of 255, from which a color channel counts as clipped (blown out)."""
LIGHT_FLOOR = 1e-3
"""Linear luma (white is 1) that is added to the luma of each side of the face, so that the ratio of the two
sides stays finite. It is the luma of gray level 11 of 255, almost black."""


@dataclass(frozen=True, slots=True)
class Pose:
    """How a head is turned. If all angles are 0, it faces the camera."""

    yaw_deg: float
    """Yaw of the head, positive if it is turned toward the right of the image."""
    pitch_deg: float
    """Pitch of the head, positive if the chin is raised."""
    roll_deg: float
    """Roll of the head, positive if it is tilted clockwise, as the viewer sees it."""


@dataclass(frozen=True, slots=True)
class FaceQuality:
    """Sharpness and light of a face."""

    blur: float
    """Blur from 0 (sharp) to 1 (no detail); see `blur_of`."""
    highlight_luma: float
    """Luma that 5 % of the face's pixels exceed, 0..255."""
    blown_share: float
    """Share of the face in which at least two color channels are clipped."""
    uneven_stops: float
    """Difference in brightness between the two sides of the face, in stops; positive if the side on the right
    in the image is darker."""


def pose_of(points: Floats) -> Pose:
    """Return the pose of a face.

    Two lines define the plane of the face: from ear to ear, and from forehead to chin. In MediaPipe's
    canonical face both lines are perpendicular to the line of sight within 0.7 degrees, so their cross
    product is the direction in which the face looks.

    Args:
        points: Landmarks, shape (478, 3): x right, y down, z toward the back, all in the same unit.
    """
    across = points[EAR_RIGHT] - points[EAR_LEFT]
    down = points[CHIN] - points[FOREHEAD]
    ahead = np.cross(down, across)
    ahead /= np.linalg.norm(ahead)
    return Pose(
        yaw_deg=math.degrees(math.atan2(ahead[0], -ahead[2])),
        pitch_deg=-math.degrees(math.asin(ahead[1])),
        roll_deg=math.degrees(math.atan2(across[1], across[0])),
    )


def find_turn(image: Image, tracker: FaceTracker) -> Turn:
    """Find by how much an image must be turned clockwise to be upright.

    The mesh network fits an upright face to almost everything, even to an upside-down face; the detector does
    not. So the detector is applied to the image turned by 0, 90, 180 and 270 degrees, and the highest score
    decides. If the image without rotation has a high score, the rotations are skipped.

    Returns:
        The rotation; 0 if the image is upright, or if no large face is found in any orientation.
    """
    shrink = min(1.0, TURN_SEARCH_SIDE_PX / max(image.rgb.shape[:2]))
    reduced = cv2.resize(image.rgb, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    small = np.asarray(reduced, np.uint8)
    upright = tracker.best_score(small)
    if upright >= UPRIGHT_SCORE:
        return 0
    scores = {turn: tracker.best_score(turned(small, turn)) for turn in TURNS[1:]}
    best = max(TURNS[1:], key=lambda turn: scores[turn])
    return best if scores[best] > upright + TURN_SCORE_MARGIN else 0


def turned(rgb: Pixels, turn: Turn) -> Pixels:
    """Return an image turned clockwise by `turn` degrees."""
    return np.ascontiguousarray(np.rot90(rgb, -turn // 90))


def measure_face(image: Image, face: Face) -> FaceQuality:
    """Measure sharpness and light of a face found in an image."""
    rgb, points = _reduced_to_face(image.rgb, face)
    inside = np.zeros(rgb.shape[:2], np.uint8)
    cv2.fillPoly(inside, [points[OVAL].round().astype(np.int32)], 1)
    skin = inside > 0
    if not skin.any():  # the face lies beyond the image's edges
        return FaceQuality(0.0, 255.0, 0.0, 0.0)
    luma = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    rows, columns = np.flatnonzero(skin.any(1)), np.flatnonzero(skin.any(0))
    return FaceQuality(
        blur=blur_of(luma[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]),
        highlight_luma=float(np.percentile(luma[skin], 95)),
        blown_share=float((np.sort(rgb[skin], axis=-1)[:, 1] >= FULL_SCALE).mean()),
        uneven_stops=_stops_between_sides(rgb, skin, points),
    )


def blur_of(luma: NDArray[np.uint8]) -> float:
    """Return the blur of an image, 0..1: the share of its detail that survives smoothing.

    Smoothing changes a sharp image much and a blurred one little. The result does not depend on contrast and
    size (Crete, Dolmiere, Ladret, Nicolas: The blur effect, 2007). The result is 1 for an image of a
    single color. `luma` has shape (height, width).
    """
    values = luma.astype(np.float64)
    directions = [
        _blur_along(values, axis)
        for axis in (0, 1)
        if min(values.shape) > 2  # otherwise no pixel has neighbors
    ]
    return max(directions, default=1.0)


def _blur_along(values: Floats, axis: int) -> float:
    kernel = (1, BLUR_KERNEL_PX) if axis == 0 else (BLUR_KERNEL_PX, 1)  # OpenCV: width, height
    smooth = cv2.blur(values, kernel, borderType=cv2.BORDER_REFLECT)
    sharp_steps = np.abs(cv2.Sobel(values, cv2.CV_64F, int(axis == 1), int(axis == 0)))[1:-1, 1:-1]
    smooth_steps = np.abs(cv2.Sobel(smooth, cv2.CV_64F, int(axis == 1), int(axis == 0)))[1:-1, 1:-1]
    total = float(sharp_steps.sum())
    lost = float(np.maximum(sharp_steps - smooth_steps, 0).sum())
    return 1.0 if total == 0 else (total - lost) / total


def _reduced_to_face(rgb: Pixels, face: Face) -> tuple[Pixels, Floats]:
    """Crop an image to the face, at most MEASURED_FACE_PX high; also return the landmarks in the crop."""
    height, width = rgb.shape[:2]
    left, right = (int(np.clip(edge, 0, width - 1)) for edge in (face.box[0], face.box[2]))
    top, bottom = (int(np.clip(edge, 0, height - 1)) for edge in (face.box[1], face.box[3]))
    part = np.ascontiguousarray(rgb[top : bottom + 1, left : right + 1])
    shrink = min(1.0, MEASURED_FACE_PX / face.height_px)
    size = max(1, round(part.shape[1] * shrink)), max(1, round(part.shape[0] * shrink))
    small = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    scale = np.array(size) / (part.shape[1], part.shape[0])
    return small, (face.points[:, :2] - (left, top) + 0.5) * scale - 0.5


def _stops_between_sides(rgb: Pixels, skin: NDArray[np.bool_], points: Floats) -> float:
    """Return by how many stops the left side of the face, as seen in the image, is brighter than the right.

    This is log2 of the ratio between the median linear luma of the left side and that of the right side.
    """
    light = (rgb / 255.0) ** 2.2 @ (0.2126, 0.7152, 0.0722)
    rows, columns = np.nonzero(skin)
    down = points[CHIN] - points[FOREHEAD]
    offset = (columns - points[FOREHEAD][0]) * down[1] - (rows - points[FOREHEAD][1]) * down[0]
    values = light[rows, columns]
    sides = values[offset < 0], values[offset > 0]
    if not all(map(len, sides)):
        return 0.0
    left, right = (float(np.median(side)) + LIGHT_FLOOR for side in sides)
    return float(np.log2(left / right))
