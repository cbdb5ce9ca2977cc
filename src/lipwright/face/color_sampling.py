"""Colours that an image gives to what it does not show: teeth, tongue, the dark of the mouth."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.face.image_ops import Floats, blur, smoothstep
from lipwright.face.landmark_indices import (
    CHEEKS,
    CHIN,
    EYES,
    INNER_LOWER,
    INNER_UPPER,
    NOSE_BASE,
    OUTER_LOWER,
    OUTER_UPPER,
)

LUMA = np.array([0.299, 0.587, 0.114])
SKIN = np.array([1.20, 0.95, 0.82])
"""RGB of skin in neutral light, up to its brightness: what differs from it is the image's cast."""
ENAMEL = np.array([1.0, 0.95, 0.86])


@dataclass(frozen=True, slots=True, eq=False)
class Tones:
    """RGB colours, 0..255, and what else the image tells."""

    dark: Floats
    """The depth of the mouth."""
    teeth: Floats
    tongue: Floats
    lips: Floats
    skin: Floats
    skin_luma: float
    colour: float
    """0 on black-and-white images, 1 where skin has colour."""
    beard: float
    """0..1: hair around the mouth."""
    blur_px: float
    """Sigma of the image's own softness: what is drawn into it must not be sharper."""

    def tint(self, r: float, g: float, b: float) -> Floats:
        """A factor of luma 1 that leans to a colour, as far as the image has colour."""
        factor = np.array([r, g, b])
        leaning: Floats = 1 + (factor / (factor @ LUMA) - 1) * self.colour
        return leaning


def image_tones(rgb: NDArray[np.uint8], points_px: Floats) -> Tones:
    """Read the tones of one face.

    Args:
        rgb: Shape (height, width, 3).
        points_px: Landmarks in its pixels, shape (478, 2).
    """
    lip_ring = [*OUTER_UPPER, *OUTER_LOWER[::-1]]
    lips = np.median(_ring(rgb, points_px, lip_ring, hole=[*INNER_UPPER, *INNER_LOWER[::-1]]), 0)
    skin = np.median(_ring(rgb, points_px, CHEEKS), 0)
    skin_luma = float(skin @ LUMA)
    colour = float(np.clip(np.ptp(skin) / 40, 0, 1)) if _has_colour(rgb, points_px) else 0.0
    whites = np.concatenate([_ring(rgb, points_px, [*eye.upper, *eye.lower[::-1]]) for eye in EYES])
    luma = whites @ LUMA
    white = whites[luma >= np.percentile(luma, 92)].mean(0)
    moustache = _ring(rgb, points_px, [NOSE_BASE, 326, 287, 269, 0, 39, 57, 97])
    chin = _ring(rgb, points_px, [17, 405, 364, CHIN, 135, 181])
    around = float(np.median(np.concatenate([moustache, chin]) @ LUMA))
    beard = float(smoothstep(0.82, 0.5, around / max(skin_luma, 1.0)))
    soft_px = _softness_px(rgb, points_px)
    blank = Tones(lips, lips, lips, lips, skin, skin_luma, colour, beard, soft_px)
    # Teeth lie behind the lips: less light than the cheeks, and less still behind a beard.
    cast = (skin / max(skin_luma, 1.0)) / (SKIN / (SKIN @ LUMA))
    enamel = np.clip(cast, 0.3, 1.6) ** 0.75 * ENAMEL
    enamel = enamel / (enamel @ LUMA) * min(225.0, skin_luma * 0.95 + 14)
    teeth = 0.3 * white + 0.7 * enamel
    brightest = (skin_luma * 0.92 + 12) * (1 - 0.35 * beard)
    teeth = teeth * min(1.0, brightest / float(teeth @ LUMA))
    return Tones(
        dark=np.clip(lips * 0.17 * blank.tint(1.3, 0.85, 0.9), 4, 46),
        teeth=_grey(teeth) if colour == 0 else teeth,
        tongue=lips * 0.72 * blank.tint(1.12, 0.88, 0.90),
        lips=lips,
        skin=skin,
        skin_luma=skin_luma,
        colour=colour,
        beard=beard,
        blur_px=soft_px,
    )


def _softness_px(rgb: NDArray[np.uint8], points_px: Floats) -> float:
    """Width of the face's sharpest edges, as the sigma of a Gaussian.

    An edge blurred by s has a slope of 1/s; blurred once more by 1 pixel, 1/sqrt(s^2 + 1).
    Their ratio gives s (Zhuo and Sim, Defocus map estimation from a single image, 2011).
    """
    low = np.maximum(np.floor(points_px.min(0)).astype(int), 0)
    high = np.ceil(points_px.max(0)).astype(int) + 1
    grey = np.asarray(rgb[low[1] : high[1], low[0] : high[0]] @ LUMA, np.float32)
    if min(grey.shape) < 8:
        return 0.5
    slopes = []
    for image in (grey, blur(grey, 1.0)):
        across, down = np.gradient(image)
        slopes.append(float(np.percentile(np.hypot(across, down), 99)))
    ratio = slopes[0] / max(slopes[1], 1e-3)
    return float(np.clip(1 / np.sqrt(max(ratio * ratio - 1, 1e-3)), 0.4, 6.0))


def _grey(colour: Floats) -> Floats:
    return np.full(3, float(colour @ LUMA))


def _has_colour(rgb: NDArray[np.uint8], points_px: Floats) -> bool:
    skin = _ring(rgb, points_px, CHEEKS).astype(np.int16)
    return bool(np.ptp(skin, axis=1).mean() > 3)


def _ring(
    rgb: NDArray[np.uint8], points_px: Floats, ring: list[int], hole: list[int] | None = None
) -> Floats:
    """Pixels inside a ring of landmarks, shape (n, 3); at least the ring's own where it is tiny."""
    mask = np.zeros(rgb.shape[:2], np.uint8)
    cv2.fillPoly(mask, [points_px[ring].round().astype(np.int32)], 255)
    if hole is not None:
        cv2.fillPoly(mask, [points_px[hole].round().astype(np.int32)], 0)
    inside = rgb[mask > 0]
    if not len(inside):
        x, y = points_px[ring].round().astype(int).T
        inside = rgb[np.clip(y, 0, rgb.shape[0] - 1), np.clip(x, 0, rgb.shape[1] - 1)]
    return inside.astype(np.float64)
