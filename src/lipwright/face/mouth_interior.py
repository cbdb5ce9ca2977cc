"""Draw the inside of the mouth: its dark back, the tongue, lower and upper teeth.

There are three textures: the upper teeth, which move with the skull; the floor of the mouth (lower teeth and
tongue), which moves with the jaw; and the tip of the tongue, which rises between the teeth for "th" and "l".
If teeth are visible in the image, they are used for the upper row. Lengths are in lip widths (W).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.face.color_sampling import LUMA, Tones
from lipwright.face.image_ops import Box, Floats, affine_view, bell, blur, sample, smoothstep
from lipwright.face.landmark_indices import FaceFrame
from lipwright.face.lips import Lips

TEXTURE_WIDTH, TEXTURE_ABOVE, TEXTURE_BELOW = 1.3, 0.40, 0.75
"""Width of a texture, and its extent above and below the middle of the lips, in lip widths."""
TOOTH_GAPS = np.array([0.0, 0.165, 0.295, 0.395, 0.465, 0.515])
"""Positions of the boundaries between teeth, as distances from the middle, in lip widths. Seen from the
front, in a mouth 50 mm wide, the teeth are about 8.5, 6.5, 5, 3.5 and 2.5 mm wide."""

NOMINAL_HALF = 0.42
"""Half the distance between the inner corners of a mouth seen from the front, in lip widths. `_along_arch`
scales each measured half of the lips to this length."""
TEETH_FAINT, TEETH_FULL = (0.010, 0.09), (0.075, 0.24)
"""Heights of the mouth opening, in lip widths, at which the upper teeth begin to show (TEETH_FAINT) and are
fully visible (TEETH_FULL). The first value of a pair is for spread lips; the second is added if the lips are
fully rounded. A narrower opening is dark, and teeth in it would look like a gray strip."""


@dataclass(frozen=True, slots=True, eq=False)
class Mouth:
    """The opening of the mouth in one frame, in pixels of the region."""

    upper_px: NDArray[np.float32]
    """Edge of the upper lip, shape (n, 2), left to right."""
    lower_px: NDArray[np.float32]
    skull_px: NDArray[np.float32]
    """Displacement of the head, which the upper teeth follow, shape (2,)."""
    jaw_px: NDArray[np.float32]
    """Displacement of the jaw, which the floor of the mouth follows, shape (2,)."""
    shown: float
    """Opacity of the drawn interior, 0..1; at 0 the mouth of the image is visible."""
    rounding: float
    tuck: float
    """How far the lower lip is under the upper teeth, 0..1."""
    tongue: float
    """How far the tip of the tongue is raised, 0..1."""


class Interior:
    """Draws the inside of one mouth; `rgb` is the region of the image around the face, shape (h, w, 3)."""

    def __init__(self, rgb: NDArray[np.uint8], frame: FaceFrame, lips: Lips, tones: Tones) -> None:
        self._frame, self._lips, self._tones = frame, lips, tones
        self._soft_px = min(0.8 * tones.blur_px, 0.03 * frame.unit_px)
        self._scale = max(1.0, 150 / frame.unit_px)  # texture pixels per image pixel
        per_w = self._scale * frame.unit_px
        self._origin = np.array([TEXTURE_WIDTH / 2 * per_w, TEXTURE_ABOVE * per_w])
        width, height = round(TEXTURE_WIDTH * per_w), round((TEXTURE_ABOVE + TEXTURE_BELOW) * per_w)
        x, y = np.meshgrid(
            (np.arange(width) - self._origin[0]) / per_w, (np.arange(height) - self._origin[1]) / per_w
        )
        soft_px = self._soft_px
        drawn = self._upper_teeth(x, y)
        own = self._own_teeth(rgb, x, y, *drawn) if lips.is_open else None
        # Teeth taken from the image already have its softness.
        self._upper = self._texture(*own, 0.35) if own else self._texture(*drawn, soft_px)
        self._floor = self._texture(self._mouth_floor(x, y), np.ones_like(x), soft_px)
        self._tip = self._texture(*self._tongue_tip(x, y), soft_px)

    def draw(self, out: NDArray[np.uint8], mouth: Mouth) -> None:
        """Draw the inside of the mouth into `out`, the warped region, in place."""
        down = self._frame.axes[1].astype(np.float32)
        gap_px = (mouth.lower_px - mouth.upper_px) @ down
        if self._lips.is_open:
            self._draw_seam(out, mouth, float(gap_px.max()))
        # Polygons are at least a pixel thick, so thinner openings are faded in to avoid a sudden appearance.
        shown = mouth.shown * float(smoothstep(0.4, 1.8, float(gap_px.max())))
        if shown <= 0:
            return
        unit = self._frame.unit_px
        outline = np.concatenate([mouth.upper_px, mouth.lower_px[::-1]])
        box = _box(outline, 4 + round(0.03 * unit), out.shape)
        if box is None:
            return
        x0, y0, x1, y1 = box
        mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
        cv2.fillPoly(mask, [np.round((outline - [x0, y0]) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        opening = mask.astype(np.float32) / np.float32(255)
        sunk = self._frame.axes[1] * (0.06 * mouth.rounding * unit)
        color = self._place(self._floor, box, mouth.jaw_px + sunk.astype(np.float32))[0]
        if mouth.tongue > 0.02:
            tip, cover = self._place(self._tip, box, mouth.skull_px + down * unit * 0.05 * (1 - mouth.tongue))
            color += (cover * mouth.tongue) * (tip - color)
        bared = self._bared(mouth, float(gap_px.max()))
        teeth, cover = self._place(self._upper, box, mouth.skull_px + self._teeth_shift(mouth, gap_px, bared))
        cover *= np.float32(smoothstep(0, 0.7, bared))
        # Protruding lips shade the teeth.
        color += cover * (teeth * (1 - 0.5 * mouth.rounding) - color)
        color = self._shade(color, opening)
        soft = blur(opening, max(0.6, 0.008 * unit, self._soft_px))[..., None] * np.float32(shown)
        view = out[y0:y1, x0:x1]
        view[:] = (view + soft * (color - view) + 0.5).clip(0, 255).astype(np.uint8)

    def _bared(self, mouth: Mouth, gap_px: float) -> float:
        """Return the visibility of the upper teeth, 0..1."""
        low, high = (least + more * mouth.rounding for least, more in (TEETH_FAINT, TEETH_FULL))
        return max(float(smoothstep(low, high, gap_px / self._frame.unit_px)), mouth.tuck)

    def _teeth_shift(self, mouth: Mouth, gap_px: NDArray[np.float32], bared: float) -> NDArray[np.float32]:
        """Return the displacement of the upper teeth relative to the head, in pixels, shape (2,).

        For the sounds f and v, the teeth move down to the lower lip. For th, they make room for the tongue.
        For o and u, they move up, out of sight.
        """
        down, unit = self._frame.axes[1].astype(np.float32), self._frame.unit_px
        middle = len(gap_px) // 2
        origin = self._frame.origin_px.astype(np.float32)
        edge_px = float(down @ mouth.skull_px) + self._edge_at_middle * unit
        upper_px, lower_px = (float((e[middle] - origin) @ down) for e in (mouth.upper_px, mouth.lower_px))
        bite = max(0.0, lower_px + 0.012 * unit - edge_px) * mouth.tuck
        rounded = float(smoothstep(0, 0.3, mouth.rounding))
        hide = max(0.0, edge_px - upper_px) * max(0.95 * mouth.rounding, (1 - bared) * rounded)
        clear = max(0.0, edge_px - (upper_px + 0.45 * (lower_px - upper_px))) * mouth.tongue
        return np.asarray(down * np.float32(bite - max(hide, clear)), np.float32)

    def _shade(self, color: NDArray[np.float32], opening: NDArray[np.float32]) -> NDArray[np.float32]:
        """Darken pixels near the edge of the opening, where the lips cast a shadow."""
        unit = self._frame.unit_px
        near = blur(opening, max(1.0, 0.04 * unit))
        light = np.clip((near - 0.22) / 0.36, 0, 1)
        # The upper lip overhangs, so its shadow reaches further.
        fallen = self._frame.axes[1] * 0.03 * unit
        back = np.column_stack([np.eye(2), -fallen])
        overhang = affine_view(opening, back, opening.shape[1], opening.shape[0])
        overhang = blur(overhang, max(0.8, 0.02 * unit))
        light *= 0.78 + 0.22 * overhang
        dark = self._tones.dark.astype(np.float32)
        return np.asarray(dark + (color - dark) * (0.50 + 0.50 * light[..., None]), np.float32)

    def _draw_seam(self, out: NDArray[np.uint8], mouth: Mouth, gap_px: float) -> None:
        """Draw a soft dark line between lips that are closed now but open in the image."""
        strength = 0.55 * mouth.shown * float(smoothstep(2.5, 0.5, gap_px))
        if strength < 0.01:
            return
        unit = self._frame.unit_px
        line = (mouth.upper_px + mouth.lower_px)[1:-1] / 2
        box = _box(line, 5 + round(0.03 * unit), out.shape)
        if box is None:
            return
        x0, y0, x1, y1 = box
        mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
        at = np.round((line - [x0, y0]) * 16).astype(np.int32)
        cv2.polylines(mask, [at], False, 255, max(1, round(0.010 * unit)), cv2.LINE_AA, 4)
        soft = blur(mask, max(0.7, 0.009 * unit)).astype(np.float32)[..., None] / 255
        view = out[y0:y1, x0:x1]
        view[:] = (
            (view + strength * soft * (self._tones.dark * 1.6 - view) + 0.5).clip(0, 255).astype(np.uint8)
        )

    def _place(
        self, texture: NDArray[np.uint8], box: Box, moved_px: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return a displaced texture in a box of the region: colors (h, w, 3) and opacity (h, w, 1)."""
        x0, y0, x1, y1 = box
        turn = self._scale * self._frame.axes
        start = turn @ (np.array([x0, y0]) - self._frame.origin_px - moved_px) + self._origin
        back = np.column_stack([turn, start])
        seen = affine_view(texture, back, x1 - x0, y1 - y0).astype(np.float32)
        return seen[..., :3], seen[..., 3:] / np.float32(255)

    def _texture(self, color: Floats, cover: Floats, soft_px: float) -> NDArray[np.uint8]:
        """Pack a texture as 8-bit RGBA, blurred by `soft_px` image pixels."""
        stacked = blur(np.dstack([color, cover * 255]), soft_px * self._scale)
        return np.asarray(stacked.clip(0, 255), np.uint8)

    def _along_arch(self, x: Floats) -> Floats:
        """Convert x in the image to x on a dental arch seen from the front, both in lip widths.

        If the face is turned, the left and right halves of the lips differ in width. Each half of the arch is
        foreshortened like the half of the lips in front of it.
        """
        half = np.where(x < 0, -self._lips.x[0], self._lips.x[-1])
        return np.asarray(x * NOMINAL_HALF / np.clip(half, 0.5 * NOMINAL_HALF, 1.2 * NOMINAL_HALF))

    def _upper_teeth(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return colors and opacity of the upper row of teeth."""
        tones = self._tones
        ax = np.abs(self._along_arch(x))
        which = np.searchsorted(TOOTH_GAPS, ax, side="right") - 1
        left, right = TOOTH_GAPS[which], np.append(TOOTH_GAPS, 0.56)[which + 1]
        inside = np.abs((ax - left) / (right - left) - 0.5) * 2  # 0 mid-tooth, 1 between two teeth
        between = np.minimum(ax - left, right - ax)
        length = np.array([0.0, 0.010, -0.002, 0.006, 0.012, 0.016])[which]
        line = float(np.interp(0, self._lips.x, self._lips.upper))
        self._edge_at_middle = line + 0.058
        edge = self._edge_at_middle - 0.10 * x**2 - length - 0.014 * inside**6
        cover = smoothstep(-0.010, 0.010, edge - y) * smoothstep(0.54, 0.44, ax)
        crease = 1 - 0.16 * bell(between / 0.007) - 0.05 * inside**4
        falloff = 1 - 0.52 * np.clip(ax / 0.5, 0, 1) ** 2
        # Enamel is thinner toward the biting edge, and the side near the gums is in the shadow of the lip.
        body = 1 - 0.10 * bell((edge - y) / 0.018) - 0.12 * smoothstep(0.10, 0.22, edge - y)
        shade = np.clip(crease * falloff * body, 0.1, 1)
        return tones.teeth * shade[..., None], cover

    def _mouth_floor(self, x: Floats, y: Floats) -> Floats:
        """Return the opaque colors of the floor of the mouth, with tongue and lower teeth."""
        tones, dark = self._tones, self._tones.dark
        lip = float(np.interp(0, self._lips.x, self._lips.lower))
        throat = 0.55 + 0.6 * smoothstep(-0.25, 0.10, y) * bell(x / 0.5)
        color = dark * throat[..., None]
        dome = np.hypot(x / 0.33, (y - lip - 0.09) / 0.25)
        tongue = smoothstep(1.0, 0.72, dome)[..., None]
        light = (
            0.42 + 0.50 * smoothstep(0.95, 0.25, dome) - 0.16 * bell(x / 0.025) * smoothstep(1.0, 0.5, dome)
        )
        light += 0.10 * bell((np.abs(x) - 0.10) / 0.07) * bell((y - lip - 0.02) / 0.06)
        color = color + tongue * (tones.tongue * light[..., None] - color)
        pitch, ax = 0.088, np.abs(self._along_arch(x))
        between = np.abs((ax / pitch) % 1 - 0.5) * 2
        top = lip - 0.046 + 0.26 * ax**2 + 0.010 * (1 - between) ** 3
        cover = smoothstep(-0.012, 0.012, y - top) * smoothstep(0.34, 0.22, ax) * 0.85
        shade = 0.72 * (1 - 0.20 * smoothstep(0.75, 1, 1 - between)) * (1 - 0.6 * (ax / 0.4) ** 2)
        return np.asarray(color + cover[..., None] * (tones.teeth * np.clip(shade, 0, 1)[..., None] - color))

    def _tongue_tip(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return colors and opacity of the tip of the tongue, behind the edge of the upper teeth."""
        line = self._edge_at_middle
        dome = np.hypot(x / 0.25, (y - line - 0.085) / 0.13)
        light = 0.62 + 0.42 * smoothstep(1.0, 0.2, dome) - 0.10 * bell(x / 0.02)
        return self._tones.tongue * light[..., None], smoothstep(1.0, 0.75, dome)

    def _own_teeth(
        self, rgb: NDArray[np.uint8], x: Floats, y: Floats, drawn: Floats, cover: Floats
    ) -> tuple[Floats, Floats] | None:
        """Return the upper teeth of the image, completed with drawn teeth; None if the image shows too few.

        The result is colors and opacity. Pixels between the inner lips that are light (by Otsu's threshold)
        and pale count as teeth. The biting edge is approximated by a parabola, and missing parts are filled
        with the color of the visible teeth.
        """
        lips, per_w = self._lips, self._scale * self._frame.unit_px
        places = self._frame.to_image(np.stack([x, y], -1)).astype(np.float32)
        seen = sample(rgb, places, cubic=True).astype(np.float64)
        mask = np.zeros(x.shape, np.uint8)
        ring = np.concatenate(
            [
                np.c_[lips.x, lips.upper + 0.008],
                np.c_[lips.x, np.maximum(lips.lower - 0.012, lips.upper)][::-1],
            ]
        )
        cv2.fillPoly(mask, [(ring * per_w + self._origin).round().astype(np.int32)], 255)
        inside = mask > 0
        if not inside.any():
            return None
        luma = blur(seen @ LUMA, 0.01 * per_w)
        level, _ = cv2.threshold(luma[inside].clip(0, 255).astype(np.uint8), 0, 255, cv2.THRESH_OTSU)
        pale = np.ptp(seen, axis=-1) < 0.55 * seen.max(-1) + 8
        found = inside & (luma > min(level, 0.75 * self._tones.skin_luma)) & pale
        if found.sum() < 0.3 * inside.sum() or luma[found].mean() < 0.55 * self._tones.skin_luma:
            return None
        small, large = (max(3, round(k * per_w) | 1) for k in (0.03, 0.10))
        solid = cv2.morphologyEx(found.astype(np.uint8), cv2.MORPH_OPEN, np.ones((small, small), np.uint8))
        solid = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((large, large), np.uint8))
        solid = np.where(mask > 0, solid, 0)
        columns = solid.astype(bool).sum(0) > 3
        if columns.sum() < 0.2 * per_w:
            return None
        across = x[0]
        bottom = y[:, 0][len(y) - 1 - solid[::-1].argmax(0)]
        # The dental arch bends by 0.10 x^2 (see _upper_teeth); its height and tilt are taken from the image.
        bend = -0.10 * across**2
        fitted = np.polyval(np.polyfit(across[columns], (bottom - bend)[columns], 1), across) + bend
        half = float(np.abs(across[columns]).max())
        near = blur(columns.astype(np.float64)[None], 0.05 * per_w)[0]
        near = near * smoothstep(half, 0.7 * half, np.abs(across))
        edge = fitted + near * (
            np.where(columns, np.clip(bottom, fitted - 0.03, fitted + 0.02), fitted) - fitted
        )
        edge = blur(edge[None], 0.025 * per_w)[0]
        half = max(0.46, half)
        cover = smoothstep(-0.012, 0.012, edge[None] - y) * smoothstep(1.05, 0.86, np.abs(x) / half)
        self._edge_at_middle = float(np.interp(0, across, edge))
        own = np.median(seen[solid > 0], 0)
        middle = drawn[np.abs(y[:, 0] - self._edge_at_middle + 0.05) < 0.03][:, np.abs(across) < 0.08]
        drawn = drawn * (own / (middle.mean((0, 1)) + 1))
        _, label = cv2.distanceTransformWithLabels(1 - solid, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
        nearest = np.zeros((int(label.max()) + 1, 3))
        nearest[label[solid > 0]] = seen[solid > 0]
        spread = blur(nearest[label], 0.015 * per_w)
        spread *= (1 - 0.4 * smoothstep(half * 0.6, half, np.abs(x)))[..., None]
        weight = blur(solid.astype(np.float64), 0.015 * per_w)
        weight = np.clip(weight * 2 - 1, 0, 1)[..., None]
        missing = 0.5 * drawn + 0.5 * spread
        return missing + weight * (seen - missing), cover


def _box(points: NDArray[np.floating], margin: int, shape: tuple[int, ...]) -> Box | None:
    """Return the box around points, with a margin, clipped to the region, in pixels; None if empty."""
    low = np.maximum(np.floor(points.min(0)).astype(int) - margin, 0)
    high = np.minimum(np.ceil(points.max(0)).astype(int) + margin + 1, [shape[1], shape[0]])
    if (high <= low).any():
        return None
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])
