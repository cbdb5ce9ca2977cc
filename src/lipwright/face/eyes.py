"""Blinks: lid skin drawn down over the eye along an exact backward map.

Inverting a forward field leaves streaks here, for a lid moves by its own height in
four frames; so each pixel below the lid's edge asks directly which skin above the
eye it shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.face.color_sampling import LUMA, Tones
from lipwright.face.image_ops import Floats, blur, sample, smoothstep
from lipwright.face.landmark_indices import BRIDGE, EYES, NOSE_RIDGE, EyePoints, FaceFrame

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class _Eye:
    box: Box
    x: Floats
    """Corner to corner, in W, shape (21,)."""
    upper: Floats
    """y of the upper lid's edge at x."""
    gap: Floats
    """How far the lid has to fall at x."""
    room: float
    """Height of the skin above the lid's edge that is stretched over the eye, in W."""
    width: float
    lash: Floats
    """RGB of the lashes."""
    lid: Floats
    """RGB of the lid that the open eye has folded away."""


GLASSES_DIP = 0.35
"""Of skin luma: how dark a bridge across the nose must be. Some fifty bare faces in photographs
and paintings stayed under 0.2, the two with glasses were at 1 and above."""
GLASSES_CAP = 0.8
"""Behind glasses lids close so far: rims and glare are not ours to redraw."""


class Lids:
    """Closes the eyes of one face.

    Args:
        rgb: The region, shape (height, width, 3).
        frame: The face's frame in its pixels.
        points_px: Landmarks in its pixels, shape (478, 2).
        tones: Colours of the image.
    """

    def __init__(self, rgb: NDArray[np.uint8], frame: FaceFrame, points_px: Floats, tones: Tones) -> None:
        self._frame, self._rgb, self._tones = frame, rgb, tones
        self._skin = rgb.copy()
        self._glasses = _wears_glasses(rgb, frame, points_px)
        self._eyes = tuple(
            eye for eye in (self._measure(e, frame.to_face(points_px)) for e in EYES) if eye is not None
        )

    def _measure(self, eye: EyePoints, points: Floats) -> _Eye | None:
        upper_edge, lower_edge = points[list(eye.upper)], points[list(eye.lower)]
        left, right = upper_edge[0, 0], upper_edge[-1, 0]
        width = right - left
        if width * self._frame.unit_px < 6:
            return None  # turned away, or too small to tell lid from eye
        x = np.linspace(left, right, 21)
        # The lid's edge starts on the root of the lashes and ends on the lower ones.
        upper = np.interp(x, upper_edge[:, 0], upper_edge[:, 1]) - 0.015 * width
        lower = np.interp(x, lower_edge[:, 0], lower_edge[:, 1]) + 0.02 * width
        gap = np.maximum(lower - upper, 0)
        gap[[0, -1]] = 0
        brow = np.interp(x, points[list(eye.brow), 0], points[list(eye.brow), 1])
        # The skin between lash and brow is stretched; behind glasses a rim may lie in it.
        room = (
            0.06 * width
            if self._glasses
            else float(np.clip(np.median(upper - brow) * 0.7, 0.08 * width, 0.30 * width))
        )
        margin = 0.12 * width + 0.04 * self._frame.tall  # the head may carry the eye a little
        corners = np.array(
            [(cx, cy) for cx in (left, right) for cy in (upper.min() - room, lower.max())], np.float64
        )
        height_px, width_px = self._rgb.shape[:2]
        places = self._frame.to_image(corners)
        low = np.floor(places.min(0) - margin * self._frame.unit_px).astype(int).clip(0)
        high = np.ceil(places.max(0) + margin * self._frame.unit_px).astype(int)
        high = np.minimum(high, [width_px, height_px])
        if (high <= low).any():
            return None
        box = int(low[0]), int(low[1]), int(high[0]), int(high[1])
        ring = np.concatenate([np.c_[x, upper], np.c_[x, lower][::-1]])
        mask = np.zeros((height_px, width_px), np.uint8)
        cv2.fillPoly(mask, [self._frame.to_image(ring).round().astype(np.int32)], 255)
        inside = self._rgb[mask > 0]
        lash = np.percentile(inside, 8, axis=0) if len(inside) else np.zeros(3)
        self._clean(box, x, upper, room, width)
        lid = self._lid_tone(x, upper, room)
        return _Eye(box, x, upper, gap, room, width, np.asarray(lash, np.float64), lid)

    def _lid_tone(self, x: Floats, upper: Floats, room: float) -> Floats:
        """Between the lighter skin above the eye and the cheek's: the fold itself lies in shadow."""
        middle = slice(4, -4)
        probes = np.stack(
            np.broadcast_arrays(x[middle], upper[middle] - np.linspace(0.15, 1.0, 12)[:, None] * room), -1
        )
        seen = sample(self._rgb, self._frame.to_image(probes)).reshape(-1, 3).astype(np.float64)
        luma = seen @ LUMA
        above = seen[luma >= np.percentile(luma, 70)].mean(0)
        return np.asarray(0.3 * above + 0.7 * 0.88 * self._tones.skin)

    def _clean(self, box: Box, x: Floats, upper: Floats, room: float, width: float) -> None:
        """Take dark hairs off the skin that will be stretched: close them, then blur."""
        x0, y0, x1, y1 = box
        patch, width_px = self._rgb[y0:y1, x0:x1], width * self._frame.unit_px
        size = int(0.16 * width_px) | 1
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (max(3, size), max(3, size // 3 | 1)))
        closed = cv2.GaussianBlur(
            cv2.morphologyEx(patch, cv2.MORPH_CLOSE, kernel), (0, 0), max(0.6, 0.03 * width_px)
        )
        gx, gy = np.meshgrid(np.arange(x0, x1), np.arange(y0, y1))
        place = self._frame.to_face(np.stack([gx, gy], -1).astype(np.float64))
        above = np.interp(place[..., 0], x, upper) - place[..., 1]
        weight = smoothstep(0.01, 0.07, above / width) * smoothstep(1.0, 0.6, above / room)
        weight = weight * smoothstep(-0.1, 0.12, (place[..., 0] - x[0]) / width)
        weight = weight * smoothstep(-0.1, 0.12, (x[-1] - place[..., 0]) / width)
        mixed = patch + 0.85 * weight[..., None] * (closed.astype(np.float64) - patch)
        self._skin[y0:y1, x0:x1] = (mixed + 0.5).clip(0, 255).astype(np.uint8)

    def draw(self, out: NDArray[np.uint8], source: NDArray[np.float32], closed: float) -> None:
        """Lower the lids into `out`, the warped region, in place.

        Args:
            out: Shape (height, width, 3).
            source: Where each pixel of `out` comes from in the region, shape (height, width, 2).
            closed: 0..1.
        """
        closed *= GLASSES_CAP if self._glasses else 1.0
        down = self._frame.axes[1].astype(np.float32)
        for eye in self._eyes:
            x0, y0, x1, y1 = eye.box
            before = source[y0:y1, x0:x1]
            place = self._frame.to_face(before.astype(np.float64))
            x, y = place[..., 0], place[..., 1]
            upper = np.interp(x, eye.x, eye.upper)
            fall = np.interp(x, eye.x, closed * eye.gap, 0, 0)
            top, edge = upper - eye.room, upper + fall
            stretch = fall * smoothstep(0, 1, (y - top) / (eye.room + fall))
            at = (before - (stretch * self._frame.unit_px)[..., None] * down).astype(np.float32)
            skin = sample(self._rgb, at).astype(np.float64)
            clean = sample(self._skin, at).astype(np.float64)
            # Hairs are taken off only where the skin is stretched.
            depth = smoothstep(0.05, 0.5, (y - top) / (eye.room + fall))
            skin += (min(1.0, 2 * closed) * depth)[..., None] * (clean - skin)
            # Skin that comes out of the fold leaves its shadow: what is too dark is lightened,
            # and its colour is the lid's, where closing the lashes let the white of the eye in.
            folded = closed * smoothstep(-0.4, 0.6, (y - upper) / np.maximum(fall, 1e-6))
            light = (skin @ LUMA / max(float(eye.lid @ LUMA), 1.0))[..., None]
            skin += (0.85 * folded)[..., None] * (eye.lid * light - skin)
            lift = 0.8 * folded[..., None] * smoothstep(1.0, 0.65, light)
            skin += lift * (eye.lid * 0.94 - skin)
            pixel = 1 / self._frame.unit_px
            cover = np.clip((edge - y) / pixel + 0.5, 0, 1) * (y > top) * (fall > 0.05 * pixel)
            view = out[y0:y1, x0:x1]
            mixed = view.astype(np.float64)
            mixed += cover[..., None] * (skin - mixed)
            thin = max(0.7 * pixel, 0.020 * eye.width)
            line = 0.6 * min(1.0, 1.5 * closed) * np.exp(-(((edge - y) / thin) ** 2))
            line = line * smoothstep(0.02, 0.14, fall / eye.width)
            mixed += line[..., None] * (eye.lash - mixed)
            view[:] = (mixed + 0.5).clip(0, 255).astype(np.uint8)


def _wears_glasses(rgb: NDArray[np.uint8], frame: FaceFrame, points_px: Floats) -> bool:
    """Something much darker than the skin above and below it crosses the bridge of the nose."""
    points = frame.to_face(points_px)
    down = np.linspace(points[BRIDGE, 1] - 0.15, points[NOSE_RIDGE, 1], 60)
    across = points[BRIDGE, 0] + np.linspace(-0.05, 0.05, 7)
    luma = blur(np.asarray(rgb @ LUMA, np.float32), max(0.5, 0.01 * frame.unit_px))
    seen = sample(luma, frame.to_image(np.stack(np.meshgrid(across, down), -1))).mean(1)
    reach = 15
    dips = [
        min(seen[max(0, n - reach) : n].max(), seen[n + 1 : n + 1 + reach].max()) - seen[n]
        for n in range(3, len(seen) - 3)
    ]
    return float(max(dips)) > GLASSES_DIP * max(1.0, float(np.median(seen)))
