"""Find the edges of the inner lips in a still image."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.face.color_sampling import LUMA
from lipwright.face.image_ops import Floats, blur, sample
from lipwright.face.landmark_indices import INNER_LOWER, INNER_UPPER, OUTER_LOWER, OUTER_UPPER, FaceFrame

KNOTS = 41
MIN_OPEN_GAP = 0.045
"""Minimum gap between the landmarks of the inner lips of an open mouth, in lip widths; a smaller gap may be a
shadow."""
MIN_OPEN_CONTRAST = 0.12
"""Minimum color difference between gap and lips of an open mouth, relative to the luma of the lips."""
RIDGE_REACH = 0.07
"""Search range for the dark line between closed lips: maximum distance from the landmarks, in lip widths."""
EDGE_REACH = 0.05
"""Search range for the edges of open lips: maximum distance from the landmarks, in lip widths."""
TRIM_UPPER, TRIM_LOWER = 0.012, 0.016
"""Distances by which the detected edges of open lips are moved into the upper and the lower lip, in lip
widths, so that no rim of teeth remains on the lips."""
SMOOTH_KNOTS = 3
"""Standard deviation of the Gaussian that smooths a line along the lips, in knots. A line consists of KNOTS
knots."""


@dataclass(frozen=True, slots=True, eq=False)
class Lips:
    """Edges of the inner lips, in the coordinates of `FaceFrame`; lengths are in lip widths."""

    x: Floats
    """x of points along the lips, ascending from the left to the right inner corner of the mouth, shape
    (41,)."""
    upper: Floats
    """y of the upper lip's edge at each x, shape (41,)."""
    lower: Floats
    """y of the lower lip's edge at each x, shape (41,); equal to `upper` if the mouth is closed."""
    is_open: bool
    """True if the image shows an open mouth."""
    upper_vermilion_height: float
    """Height of the vermilion (the red part) of the upper lip, in lip widths."""
    lower_vermilion_height: float
    nose: float
    """Distance from the lip line up to the base of the nose, in lip widths."""
    smile: float
    """Height of the mouth corners above the middle of the lip line, in lip widths; negative if the corners
    are lower."""

    @property
    def gap(self) -> Floats:
        """Height of the opening between the lips at x, in lip widths, shape (41,); never negative."""
        return np.maximum(self.lower - self.upper, 0)


def find_lips(rgb: NDArray[np.uint8], frame: FaceFrame, points_px: Floats) -> Lips:
    """Find the edges of the inner lips in an image, near the landmarks.

    Args:
        rgb: The image, shape (height, width, 3).
        frame: Coordinate system of the face.
        points_px: The landmarks in pixels of the image, shape (478, 2).
    """
    points = frame.to_face(points_px)
    soft = blur(rgb, max(0.6, 0.008 * frame.unit_px)).astype(np.float32)
    x = np.linspace(points[78, 0], points[308, 0], KNOTS)
    upper = _through(x, points[INNER_UPPER])
    lower = _through(x, points[INNER_LOWER])
    is_open = float((lower - upper).max()) > MIN_OPEN_GAP and _shows_inside(soft, frame, points, x)
    if is_open:
        upper, lower = (_snap_to_edge(soft, frame, x, edge) for edge in (upper, lower))
        bulge = 1 - np.linspace(-1, 1, KNOTS) ** 4
        upper, lower = upper - TRIM_UPPER * bulge, lower + TRIM_LOWER * bulge
        lower = np.maximum(lower, upper)
    else:
        upper = lower = _snap_to_dark(soft, frame, x, (upper + lower) / 2)
    middle = slice(3, 8)
    line = (upper + lower) / 2
    return Lips(
        x=x,
        upper=upper,
        lower=lower,
        is_open=is_open,
        upper_vermilion_height=max(0.06, float(upper.mean() - points[OUTER_UPPER, 1][middle].mean())),
        lower_vermilion_height=max(0.06, float(points[OUTER_LOWER, 1][middle].mean() - lower.mean())),
        nose=float(np.clip(upper.mean() - points[2, 1], 0.15, 0.6)),
        smile=float(line[KNOTS // 2 - 4 : KNOTS // 2 + 5].mean() - line[[0, -1]].mean()),
    )


def _through(x: Floats, edge: Floats) -> Floats:
    order = np.argsort(edge[:, 0])
    return np.asarray(np.interp(x, edge[order, 0], edge[order, 1]))


def _shows_inside(soft: NDArray[np.float32], frame: FaceFrame, points: Floats, x: Floats) -> bool:
    """Return True if the gap differs in color from the lips, because it shows teeth, tongue or darkness."""
    x = x[KNOTS // 4 : -KNOTS // 4]
    upper, lower = _through(x, points[INNER_UPPER]), _through(x, points[INNER_LOWER])
    above, below = _through(x, points[OUTER_UPPER]), _through(x, points[OUTER_LOWER])

    def colors(start: Floats, end: Floats, shares: tuple[float, float]) -> Floats:
        y = start + np.linspace(*shares, 7)[:, None] * (end - start)
        return sample(soft, frame.to_image(np.stack(np.broadcast_arrays(x, y), -1))).astype(np.float64)

    lips = np.concatenate([colors(above, upper, (0.35, 0.85)), colors(lower, below, (0.15, 0.65))])
    typical = np.median(lips.reshape(-1, 3), 0)
    inside = np.abs(colors(upper, lower, (0.1, 0.9)) - typical).mean(-1)
    # Require this for most of the gap, not only for a dark line in it.
    return float(np.median(inside)) > MIN_OPEN_CONTRAST * max(float(typical.mean()), 1.0)


def _probe(
    image: NDArray[np.float32], frame: FaceFrame, x: Floats, y: Floats, shift: Floats
) -> NDArray[np.float32]:
    """Sample an image at (x, y + shift) for all shifts, shape (len(shift), len(x), ...)."""
    probes = np.stack(np.broadcast_arrays(x[None], y[None] + shift[:, None]), -1)
    return sample(image, frame.to_image(probes))


def _moved(y: Floats, shift: Floats, cost: Floats, sharpness: float) -> Floats:
    """Shift each knot of a line toward its position of lowest cost, and smooth the shifts along the line.

    The shift of a knot is the mean of all possible shifts, weighted by exp(-cost / sharpness).

    Args:
        y: Heights of the knots, shape (knots,).
        shift: Possible shifts, shape (shifts,).
        cost: Cost of each possible shift for each knot, shape (shifts, knots).
        sharpness: Difference in cost that changes the weight of a shift by a factor of e.
    """
    weight = np.exp(-(cost - cost.min(0)) / sharpness)
    offset = (weight * shift[:, None]).sum(0) / weight.sum(0)
    smooth = cv2.GaussianBlur(offset[None], (0, 0), SMOOTH_KNOTS, borderType=cv2.BORDER_REPLICATE)[0]
    return np.asarray(y + smooth, np.float64)


def _snap_to_dark(soft: NDArray[np.float32], frame: FaceFrame, x: Floats, y: Floats) -> Floats:
    """Move a line to the darkest ridge near it."""
    shift = np.linspace(-RIDGE_REACH, RIDGE_REACH, 29)
    luma = _probe(soft, frame, x, y, shift) @ LUMA
    # A quadratic cost, of 12 gray levels at the ends, keeps the line near the landmarks if there is no ridge.
    return _moved(y, shift, luma + 12 * (shift[:, None] / RIDGE_REACH) ** 2, 6)


def _snap_to_edge(soft: NDArray[np.float32], frame: FaceFrame, x: Floats, y: Floats) -> Floats:
    """Move a line to the strongest color edge near it."""
    shift = np.linspace(-EDGE_REACH, EDGE_REACH, 25)
    step = 0.012
    change = _probe(soft, frame, x, y, shift + step) - _probe(soft, frame, x, y, shift - step)
    strength = np.abs(change).mean(-1).astype(np.float64)
    return _moved(y, shift, 14 * (shift[:, None] / EDGE_REACH) ** 2 - strength, 5)
