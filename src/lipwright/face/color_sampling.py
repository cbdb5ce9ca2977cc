"""Sample the colors of a face, and derive the colors of the inside of the mouth from them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.face.image_ops import Floats, blur, smoothstep
from lipwright.face.landmark_indices import (
    CHEEKS,
    EYES,
    INNER_LOWER,
    INNER_UPPER,
    OUTER_LOWER,
    OUTER_UPPER,
    OVAL,
)

LUMA = np.array([0.299, 0.587, 0.114])
NEUTRAL_SKIN = np.array([1.20, 0.95, 0.82])
"""Color of skin in neutral light, as R:G:B. The color cast of an image is estimated from
the ratio of its skin color to this color."""
ENAMEL = np.array([1.0, 0.965, 0.90])
"""Color of teeth in neutral light, as R:G:B."""


@dataclass(frozen=True, slots=True, eq=False)
class Tones:
    """Colors of a face, RGB in 0..255, and the softness of the image."""

    dark: Floats
    """Color of the dark back of the mouth."""
    teeth: Floats
    tongue: Floats
    skin_luma: float
    blur_px: float
    """Blur of the image, as the sigma of a Gaussian; nothing drawn into the image may be sharper."""


def image_tones(rgb: NDArray[np.uint8], points_px: Floats) -> Tones:
    """Sample the colors of a face, and derive the colors of the inside of the mouth.

    Args:
        rgb: The image, shape (height, width, 3).
        points_px: Landmarks of the face, shape (478, 2), in pixels of the image.
    """
    lip_ring = [*OUTER_UPPER, *OUTER_LOWER[::-1]]
    lips = np.median(_ring(rgb, points_px, lip_ring, hole=[*INNER_UPPER, *INNER_LOWER[::-1]]), 0)
    cheeks = _ring(rgb, points_px, CHEEKS)
    skin = np.median(cheeks, 0)
    has_color = np.ptp(cheeks, axis=1).mean() > 3
    saturation = float(np.clip(np.ptp(skin) / 40, 0, 1)) if has_color else 0.0  # 1 if the skin has color
    teeth = _teeth(rgb, points_px, skin)
    return Tones(
        dark=np.clip(lips * 0.17 * _tint(saturation, 1.3, 0.85, 0.9), 4, 46),
        teeth=np.full(3, float(teeth @ LUMA)) if saturation == 0 else teeth,
        tongue=lips * 0.72 * _tint(saturation, 1.12, 0.88, 0.90),
        skin_luma=float(skin @ LUMA),
        blur_px=_softness_px(rgb, points_px),
    )


def _teeth(rgb: NDArray[np.uint8], points_px: Floats, skin: Floats) -> Floats:
    """Return the color of teeth in the light of the scene, estimated from the eye whites and the skin.

    Teeth of people who talk are 0.7 to 1.2 times as light as their cheeks, for all skin colors.
    """
    skin_luma = max(float(skin @ LUMA), 1.0)
    whites = np.concatenate([_ring(rgb, points_px, [*eye.upper, *eye.lower[::-1]]) for eye in EYES])
    luma = whites @ LUMA
    white = whites[luma >= np.percentile(luma, 90)].mean(0)
    highlight = float(np.percentile(_ring(rgb, points_px, OVAL) @ LUMA, 92))
    level = max(float(white @ LUMA), 0.96 * highlight, 1.04 * skin_luma)
    level = max(level, (1.05 + 0.3 * float(smoothstep(150, 80, skin_luma))) * skin_luma)
    level = float(min(level, max(1.35 * skin_luma, 120.0)))
    # Two estimates of the color of the light: the skin divided by NEUTRAL_SKIN, and the white of the eye.
    cast = np.clip((skin / skin_luma) / (NEUTRAL_SKIN / (NEUTRAL_SKIN @ LUMA)), 0.5, 1.5) ** 0.6
    cast = 0.5 * cast + 0.5 * np.clip(white / max(float(white @ LUMA), 1.0), 0.8, 1.2)
    enamel = cast * ENAMEL
    return np.asarray(np.minimum(enamel / (enamel @ LUMA) * min(level, 232.0), 250.0))


def _tint(saturation: float, *factor: float) -> Floats:
    """Return RGB factors that tint a color.

    `factor` is scaled so that its luma is 1. The result is the scaled `factor` if `saturation` is 1, and
    (1, 1, 1) if `saturation` is 0.
    """
    color = np.array(factor)
    return np.asarray(1 + (color / (color @ LUMA) - 1) * saturation)


def _softness_px(rgb: NDArray[np.uint8], points_px: Floats) -> float:
    """Estimate the blur of the face's sharpest edges, as the sigma of a Gaussian in pixels.

    An edge blurred by s pixels has a slope proportional to 1/s; blurred again by 1 pixel, its slope is
    proportional to 1/sqrt(s^2 + 1). The ratio of the two slopes gives s (Zhuo and Sim, Defocus map estimation
    from a single image, 2011).
    """
    low = np.maximum(np.floor(points_px.min(0)).astype(int), 0)
    high = np.ceil(points_px.max(0)).astype(int) + 1
    gray = np.asarray(rgb[low[1] : high[1], low[0] : high[0]] @ LUMA, np.float32)
    if min(gray.shape) < 8:
        return 0.5
    slopes = []
    for image in (gray, blur(gray, 1.0)):
        across, down = np.gradient(image)
        slopes.append(float(np.percentile(np.hypot(across, down), 99)))
    ratio = slopes[0] / max(slopes[1], 1e-3)
    return float(np.clip(1 / np.sqrt(max(ratio * ratio - 1, 1e-3)), 0.4, 6.0))


def _ring(
    rgb: NDArray[np.uint8], points_px: Floats, ring: list[int], hole: list[int] | None = None
) -> Floats:
    """Return the RGB colors of the pixels inside a ring of landmarks and outside `hole`, shape (n, 3).

    If the ring contains no pixel, the pixels at its landmarks are used. `ring` and `hole` are landmark
    numbers.
    """
    mask = np.zeros(rgb.shape[:2], np.uint8)
    cv2.fillPoly(mask, [points_px[ring].round().astype(np.int32)], 255)
    if hole is not None:
        cv2.fillPoly(mask, [points_px[hole].round().astype(np.int32)], 0)
    inside = rgb[mask > 0]
    if not len(inside):
        x, y = points_px[ring].round().astype(int).T
        inside = rgb[np.clip(y, 0, rgb.shape[0] - 1), np.clip(x, 0, rgb.shape[1] - 1)]
    return inside.astype(np.float64)
