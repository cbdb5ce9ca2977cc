"""Draw blinks: an upper lid with the tone, shading and grain of the skin.

Within three frames a lid falls by its full height, which is too far for displacement fields. So each pixel
above the lid's edge is filled with a skin tone, which blends from the tone above the eye to the tone below
the eye; the lashes follow the edge. If the result cannot look right (glasses, hair over the eye, stylized or
closed eyes), the face does not blink.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.face.color_sampling import LUMA, Tones
from lipwright.face.image_ops import Box, Floats, bell, blur, sample, smoothstep
from lipwright.face.landmark_indices import BRIDGE, EYES, NOSE_RIDGE, EyePoints, FaceFrame


@dataclass(frozen=True, slots=True)
class LidThresholds:
    """Conditions for drawing blinks; lengths in eye widths, lightness relative to that of the skin."""

    min_width_px: float = 9
    """Minimum width of an eye; smaller eyes are a few dark pixels."""
    min_opening: float = 0.13
    """Minimum gap between the lids of an open eye, in eye widths; closed and laughing eyes have less."""
    min_contrast: float = 0.30
    """Minimum difference in lightness between the lightest and the darkest tenth of the eye, relative to the
    skin; sunglasses and eyes without pupils have less."""
    max_pattern: float = 0.16
    """Maximum RMS difference between the lightness above the eye and a parabola fitted to it, divided by the
    lightness of the skin; hair or a rim of glasses causes a larger difference."""
    max_tone_jump: float = 1.4
    """Maximum difference between the lightness of the skin above the eye and below the eye, divided by the
    mean of the two. It reaches 1.3 under deep brows in hard light and in paintings, where lids drawn in the
    tone of the shadow still look right."""
    glasses_dip: float = 0.35
    """Minimum drop in lightness at a dark line across the nose for the line to count as the bridge of
    glasses, divided by the median lightness along the nose. In some fifty photographs and paintings, faces
    without glasses had less than 0.2; two faces with glasses had 1 or more."""


LIMITS = LidThresholds()
KNOTS = 25


@dataclass(frozen=True, slots=True, eq=False)
class _Eye:
    """One eye, in the coordinates of `FaceFrame`; lengths are in lip widths."""

    box: Box
    x: Floats
    """Positions from corner to corner, shape (KNOTS,)."""
    upper: Floats
    """y of the upper lid's edge at x."""
    gap: Floats
    """Distance by which the lid falls at x when the eye closes, in lip widths."""
    room: float
    """Height of the zone above the lid in which the drawn skin fades into the image, in lip widths."""
    width: float
    above: Floats
    """RGB of the skin above the eye at x, shape (KNOTS, 3)."""
    below: Floats
    """RGB of the skin below the eye at x, shape (KNOTS, 3)."""
    lash: Floats
    """RGB of the lashes, shape (3,)."""
    lash_strength: float
    """Contrast of the lashes to the skin, 0..1."""

    @property
    def shade(self) -> float:
        """Luma of the skin above the eye, divided by the luma of the skin below it."""
        return float((self.above @ LUMA).mean() / max((self.below @ LUMA).mean(), 1.0))

    @property
    def lift(self) -> float:
        """How much of the skin tone below the eye is mixed into the lid's tone at its edge, 0..1.

        The value is small if the tones above and below the eye differ much, as under a deep brow and in
        paintings. The lid then keeps more of the tone above the eye.
        """
        jump = 2 * abs(1 - self.shade) / (1 + self.shade)
        return 0.75 - 0.4 * float(smoothstep(0.15, 0.7, jump))


class Lids:
    """Closes the eyes of one face. `rgb` is the image region around the face, shape (height, width, 3)."""

    def __init__(self, rgb: NDArray[np.uint8], frame: FaceFrame, points_px: Floats, tones: Tones) -> None:
        self._frame, self._rgb, self._tones = frame, rgb, tones
        points = frame.to_face(points_px)
        measured = [self._measure(eye, points) for eye in EYES]
        usable = _balanced([eye for eye in measured if eye is not None])
        self._eyes = tuple(usable)
        self.behind_glasses = _wears_glasses(rgb, frame, points_px)
        self.can_blink = bool(usable) and not self.behind_glasses and all(map(self._is_clear, usable))
        if self.can_blink:
            grain_px = max(1.0, 0.05 * usable[0].width * frame.unit_px)
            smooth = rgb.astype(np.float32)
            self._grain = np.clip(smooth - blur(smooth, grain_px), -14, 14).astype(np.float32)

    def _measure(self, eye: EyePoints, points: Floats) -> _Eye | None:
        upper_edge, lower_edge = points[list(eye.upper)], points[list(eye.lower)]
        left, right = upper_edge[0, 0], upper_edge[-1, 0]
        width = right - left
        if width * self._frame.unit_px < LIMITS.min_width_px:
            return None  # the eye is turned away, or too small
        x = np.linspace(left, right, KNOTS)
        # From the root of the upper lashes to the lower lashes.
        upper = np.interp(x, upper_edge[:, 0], upper_edge[:, 1]) - 0.015 * width
        lower = np.interp(x, lower_edge[:, 0], lower_edge[:, 1]) + 0.015 * width
        gap = np.maximum(lower - upper, 0)
        gap[[0, -1]] = 0
        brow = np.interp(x, points[list(eye.brow), 0], points[list(eye.brow), 1])
        room = float(np.clip(np.median(upper - brow) * 0.75, 0.14 * width, 0.30 * width))
        margin = 0.12 * width + 0.04 * self._frame.face_height  # head and gaze may move the eye a little
        corners = np.array(
            [(cx, cy) for cx in (left, right) for cy in (upper.min() - room, lower.max())], np.float64
        )
        places = self._frame.to_image(corners)
        low = np.floor(places.min(0) - margin * self._frame.unit_px).astype(int).clip(0)
        high = np.ceil(places.max(0) + margin * self._frame.unit_px).astype(int)
        high = np.minimum(high, [self._rgb.shape[1], self._rgb.shape[0]])
        if (high <= low).any():
            return None
        lash = np.percentile(self._inside(x, upper, lower), 7, axis=0)
        above = self._skin(x, upper, -np.linspace(0.7, 1.05, 6) * room)
        below = self._skin(x, lower, np.linspace(0.15, 0.36, 6) * width)
        skin_luma = max(float((above @ LUMA).mean() + (below @ LUMA).mean()) / 2, 1.0)
        return _Eye(
            box=(int(low[0]), int(low[1]), int(high[0]), int(high[1])),
            x=x,
            upper=upper,
            gap=gap,
            room=room,
            width=width,
            above=above,
            below=below,
            lash=lash,
            lash_strength=float(np.clip(1.25 * (1 - float(lash @ LUMA) / skin_luma), 0, 1)),
        )

    def _inside(self, x: Floats, upper: Floats, lower: Floats) -> Floats:
        """Return the colors of the pixels between the lids, shape (n, 3)."""
        share = np.linspace(0.05, 0.95, 11)[:, None]
        probes = np.stack(np.broadcast_arrays(x[2:-2], upper[2:-2] + share * (lower - upper)[2:-2]), -1)
        return sample(self._rgb, self._frame.to_image(probes)).reshape(-1, 3).astype(np.float64)

    def _skin(self, x: Floats, edge: Floats, offsets: Floats) -> Floats:
        """Return the RGB tone of the skin next to a lid, without hairs and spots, shape (KNOTS, 3)."""
        probes = np.stack(np.broadcast_arrays(x, edge + offsets[:, None]), -1)
        seen = sample(self._rgb, self._frame.to_image(probes)).astype(np.float64)
        order = np.argsort(seen @ LUMA, 0)
        # Leave out the darkest and the lightest samples: lashes, creases and catchlights.
        typical = np.take_along_axis(seen, order[3:-1, :, None], 0).mean(0)
        return np.asarray(
            cv2.GaussianBlur(typical[None], (0, 0), KNOTS / 7, borderType=cv2.BORDER_REFLECT)[0]
        )

    def _is_clear(self, eye: _Eye) -> bool:
        """Return True if the eye is open and surrounded by plain skin."""
        if eye.gap.max() < LIMITS.min_opening * eye.width:
            return False
        above, below = (float((tone @ LUMA).mean()) for tone in (eye.above, eye.below))
        skin = max((above + below) / 2, 1.0)
        inside = self._inside(eye.x, eye.upper, eye.upper + eye.gap) @ LUMA
        dark, light = np.percentile(inside, (10, 90))
        if light - dark < LIMITS.min_contrast * skin or abs(above - below) > LIMITS.max_tone_jump * skin:
            return False
        offsets = -np.linspace(0.45, 1.0, 7) * eye.room
        probes = np.stack(np.broadcast_arrays(eye.x[3:-3], eye.upper[3:-3] + offsets[:, None]), -1)
        seen = sample(self._rgb, self._frame.to_image(probes)).astype(np.float64) @ LUMA
        plain = np.polyval(np.polyfit(eye.x[3:-3], seen.mean(0), 2), eye.x[3:-3])
        return float(np.sqrt(np.square(seen.mean(0) - plain).mean())) < LIMITS.max_pattern * skin

    def draw(self, out: NDArray[np.uint8], source: NDArray[np.float32], closed: float) -> None:
        """Draw lowered lids into `out`, the warped region, in place.

        Args:
            out: Shape (height, width, 3).
            source: Position in the unwarped region from which each pixel of `out` comes, shape (height,
                width, 2).
            closed: How far the eyes are closed, 0..1.
        """
        down = self._frame.axes[1].astype(np.float32) * self._frame.unit_px
        pixel = 1 / self._frame.unit_px
        soft = self._tones.blur_px * pixel
        for eye in self._eyes:
            x0, y0, x1, y1 = eye.box
            before = source[y0:y1, x0:x1]
            place = self._frame.to_face(before.astype(np.float64))
            x, y = place[..., 0], place[..., 1]
            upper = np.interp(x, eye.x, eye.upper)
            fall = closed * np.interp(x, eye.x, eye.gap, 0, 0)
            edge, top = upper + fall, upper - eye.room
            along = np.clip((x - eye.x[0]) / eye.width, 0, 1)
            depth = np.clip((y - top) / (eye.room + fall), 0, 1)
            tone = self._tone(eye, x, depth, along)
            # Take the grain of the skin from the cheek below the eye.
            lower = upper + np.interp(x, eye.x, eye.gap, 0, 0) + 0.14 * eye.width
            tone += sample(self._grain, before + ((lower - top)[..., None] * down).astype(np.float32))
            # Cover the skin above the eye gradually, but the edge and corners of the open lid at once.
            near = smoothstep(-0.10 * eye.width, 0, y - upper)
            strength, side = min(1.0, 1.6 * closed), 0.20 - 0.15 * near
            cover = (strength + (1 - strength) * near) * smoothstep(0.0, 0.4 * eye.room, y - top)
            cover = cover * smoothstep(0, side, along) * smoothstep(1, 1 - side, along)
            cover = cover * np.clip((edge - y) / max(pixel, soft) + 0.5, 0, 1)
            cover = cover * smoothstep(0, 0.06 * eye.width, fall)
            view = out[y0:y1, x0:x1]
            mixed = view.astype(np.float64)
            mixed += cover[..., None] * (tone - mixed)
            mixed += self._lashes(eye, y - edge, along, fall, soft)[..., None] * (eye.lash - mixed)
            view[:] = (mixed + 0.5).clip(0, 255).astype(np.uint8)

    def _tone(self, eye: _Eye, x: Floats, depth: Floats, along: Floats) -> Floats:
        """Return the RGB color of the lid.

        Args:
            eye: The eye that is closed.
            x: Position in the coordinates of `FaceFrame`, in lip widths.
            depth: Distance down the lid, from 0 at the top to 1 at the lid's edge.
            along: Position along the lid, from 0 at one corner of the eye to 1 at the other corner.
        """
        above, below = (
            np.stack([np.interp(x, eye.x, channel) for channel in tone.T], -1)
            for tone in (eye.above, eye.below)
        )
        share = eye.lift * smoothstep(0.0, 0.75, depth)[..., None]
        tone = above + share * (below - above)
        # Shade a crease at the top, the curve of the eyeball, and the shadow of the lashes at the edge.
        light = 1 - 0.03 * bell((depth - 0.2) / 0.13) + 0.02 * bell((depth - 0.6) / 0.22)
        light = light - 0.12 * smoothstep(0.7, 1.0, depth) - 0.09 * (2 * along - 1) ** 4
        return np.asarray(tone * light[..., None])

    def _lashes(self, eye: _Eye, below: Floats, along: Floats, fall: Floats, soft: float) -> Floats:
        """Return the opacity of the lashes, 0..1: a line on the edge of the lid, and tips below it."""
        thick = float(np.hypot(max(0.6 / self._frame.unit_px, 0.030 * eye.width), 0.6 * soft))
        line = 0.85 * bell((below + 0.2 * thick) / thick)
        tips = 0.5 * np.where(below > 0, bell(below / (0.09 * eye.width)), 0.0)
        taper = np.sqrt(np.clip(np.sin(np.pi * along), 0, 1))
        cover = np.maximum(line, tips) * taper * eye.lash_strength
        return np.asarray(cover * smoothstep(0.02, 0.16, fall / eye.width))


def _balanced(eyes: list[_Eye]) -> list[_Eye]:
    """Lighten the skin tone above one eye if it is much darker than the tone above the other eye.

    In this case, the darker tone was sampled from the brow instead of the lid.
    """
    least = max((eye.shade for eye in eyes), default=0.0) - 0.12
    return [replace(eye, above=eye.above * least / eye.shade) if eye.shade < least else eye for eye in eyes]


def _wears_glasses(rgb: NDArray[np.uint8], frame: FaceFrame, points_px: Floats) -> bool:
    """Return True if a line that is much darker than the skin around it crosses the bridge of the nose."""
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
    return float(max(dips)) > LIMITS.glasses_dip * max(1.0, float(np.median(seen)))
