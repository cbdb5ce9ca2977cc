"""The lip line of a still image: where the cut between the lips goes."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.face.image_ops import Floats, blur, sample
from lipwright.face.landmark_indices import INNER_LOWER, INNER_UPPER, OUTER_LOWER, OUTER_UPPER, FaceFrame

KNOTS = 41
OPEN_GAP = 0.045
"""In W. A wider gap is an open mouth; below it landmarks cannot tell one from a shadow."""
SNAP = 0.07
"""How far from the landmarks the dark line between closed lips is sought, in W."""
TRIM_UPPER, TRIM_LOWER = 0.012, 0.016
"""Open mouths: the cut goes so far into the lips, so that no rim of teeth stays on them."""


@dataclass(frozen=True, slots=True, eq=False)
class Lips:
    """Edges of the inner lips in the face frame, in lip widths."""

    x: Floats
    """Shape (41,), inner corner to inner corner, rising."""
    upper: Floats
    """y of the upper lip's edge at x."""
    lower: Floats
    """y of the lower lip's edge at x; equal to upper on closed mouths."""
    is_open: bool
    """The image shows an open mouth."""
    red_upper: float
    """Thickness of the upper lip's red."""
    red_lower: float
    nose: float
    """Distance from the lip line up to the base of the nose."""
    smile: float
    """How far the corners lie above the middle of the lip line; negative when they hang."""

    @property
    def gap(self) -> Floats:
        """Opening of the mouth at x, never negative."""
        return np.maximum(self.lower - self.upper, 0)


def find_lips(grey: NDArray[np.uint8], frame: FaceFrame, points_px: Floats) -> Lips:
    """Lip edges from landmarks, snapped to the image where the mouth is closed.

    Args:
        grey: Shape (height, width).
        frame: The face's frame, in the pixels of `grey`.
        points_px: Landmarks, shape (478, 2), in the pixels of `grey`.
    """
    points = frame.to_face(points_px)
    x = np.linspace(points[78, 0], points[308, 0], KNOTS)
    upper = _through(x, points[INNER_UPPER])
    lower = _through(x, points[INNER_LOWER])
    is_open = float((lower - upper).max()) > OPEN_GAP
    if is_open:
        bulge = 1 - np.linspace(-1, 1, KNOTS) ** 4
        upper, lower = upper - TRIM_UPPER * bulge, lower + TRIM_LOWER * bulge
        lower = np.maximum(lower, upper)
    else:
        upper = lower = _snap_to_dark(grey, frame, x, (upper + lower) / 2)
    middle = slice(3, 8)
    line = (upper + lower) / 2
    return Lips(
        x=x,
        upper=upper,
        lower=lower,
        is_open=is_open,
        red_upper=max(0.06, float(upper.mean() - points[OUTER_UPPER, 1][middle].mean())),
        red_lower=max(0.06, float(points[OUTER_LOWER, 1][middle].mean() - lower.mean())),
        nose=float(np.clip(upper.mean() - points[2, 1], 0.15, 0.6)),
        smile=float(line[KNOTS // 2 - 4 : KNOTS // 2 + 5].mean() - line[[0, -1]].mean()),
    )


def _through(x: Floats, edge: Floats) -> Floats:
    order = np.argsort(edge[:, 0])
    return np.asarray(np.interp(x, edge[order, 0], edge[order, 1]))


def _snap_to_dark(grey: NDArray[np.uint8], frame: FaceFrame, x: Floats, y: Floats) -> Floats:
    """Move the line to the darkest ridge near it, smoothly along x."""
    soft = blur(grey, max(0.6, 0.008 * frame.unit_px)).astype(np.float32)
    shift = np.linspace(-SNAP, SNAP, 29)
    probes = np.stack(np.broadcast_arrays(x[None], y[None] + shift[:, None]), -1)
    seen = sample(soft, frame.to_image(probes))
    # A quadratic cost of 12 grey levels at the ends keeps to the landmarks where there is no line.
    cost = seen + 12 * (shift[:, None] / SNAP) ** 2
    weight = np.exp(-(cost - cost.min(0)) / 6)
    offset = (weight * shift[:, None]).sum(0) / weight.sum(0)
    smooth = cv2.GaussianBlur(offset[None], (0, 0), 3, borderType=cv2.BORDER_REPLICATE)[0]
    return np.asarray(y + smooth, np.float64)
