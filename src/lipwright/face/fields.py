"""The displacement fields: for each movement, how far every point of the image moves.

Every movement has two fields on a coarse grid, one for the area above the lip line and one for the area below
it. The two are equal outside the mouth and differ inside it. The displacement of a frame is the weighted sum
of the fields. Formulas use the face frame (see `landmark_indices`); u is +-1 at the inner corners of the
mouth. The constants were fitted by eye on some sixty faces.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.face.image_ops import Floats, bell, blur, smoothstep
from lipwright.face.landmark_indices import EYES, IRISES, OVAL, FaceFrame
from lipwright.face.lips import Lips
from lipwright.face.motion_mapping import FIELD, FIELDS

MOUTH_REACH, HEAD_REACH = 0.34, 0.55
"""Distance from the face's outline at which mouth motion (first value) and head motion (second value) have
faded to 0, in face heights."""
MOUTH_BORDER, HEAD_BORDER = 0.10, 0.22
"""Width of a strip along the edges of the animated region, in face heights. Within this strip, mouth motion
(first value) and head motion (second value) fade to 0."""
MAX_HEAD_SLOPE = 0.55
"""Maximum slope of the head's displacement, in pixels per pixel; at 1 the image would fold over."""
CORNER_SHARE = 0.42
"""Drop of the corners of the mouth, divided by the drop of the jaw."""
JAW_DROP = 0.36
"""Drop of the chin at jaw weight 1, in lip widths, on a face of usual height."""
USUAL_FACE_HEIGHT, MAX_FACE_HEIGHT_RATIO = 3.4, 1.25
"""Usual height of a face in lip widths, and maximum factor on JAW_DROP. On a face that is taller than usual,
the chin drops by JAW_DROP * height / USUAL_FACE_HEIGHT, but at most by JAW_DROP * MAX_FACE_HEIGHT_RATIO.
Without this, a mouth that is small, or looks small because the face is turned, would not open far enough."""
BREATH_RISE = 0.016
"""Rise of the shoulders at breath weight 1, in face heights."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """A grid of nodes every `step` pixels over a region, with a margin of one node."""

    step: int
    columns: int
    rows: int
    x: Floats
    """Positions of the nodes in the region, in pixels, shape (rows, columns)."""
    y: Floats


def make_grid(width: int, height: int, step: int) -> Grid:
    """Make the grid of a region of width x height pixels, with nodes every `step` pixels.

    The grid extends beyond the region by one node on each side. If an array of node values is enlarged by a
    factor of `step`, pixel (0, 0) of the region is therefore at pixel (step, step) of the enlarged array.
    """
    columns, rows = -(-width // step) + 2, -(-height // step) + 2
    x, y = np.meshgrid((np.arange(columns) - 0.5) * step - 0.5, (np.arange(rows) - 0.5) * step - 0.5)
    return Grid(step, columns, rows, x, y)


def build_fields(grid: Grid, frame: FaceFrame, lips: Lips, points_px: Floats) -> NDArray[np.float32]:
    """Build all displacement fields, in pixels of the region per unit of weight.

    Returns:
        Shape (len(FIELDS), 2, rows, columns, 2): field, layer (upper, lower), row, column, (dx, dy).
    """
    builder = _Builder(grid, frame, lips, points_px)
    builder.jaw()
    builder.width()
    builder.lips_apart()
    builder.lips_together()
    builder.brows()
    builder.gaze()
    builder.head()
    builder.breath()
    return builder.in_pixels()


def head_limits(fields: NDArray[np.float32], grid: Grid) -> dict[str, float]:
    """Return the maximum weights of the fields for yaw, pitch and roll; above them, the image folds over.

    The weights are about 0.3 for yaw and pitch and 0.12 for roll; they are half as large if the image is
    cropped tightly.
    """
    limits = {}
    for name in ("yaw", "pitch", "roll"):
        field = fields[FIELD[name], 0]
        slopes = [np.abs(np.diff(field, axis=axis)).max(initial=0) for axis in (0, 1)]
        limits[name] = MAX_HEAD_SLOPE * grid.step / max(float(max(slopes)), 1e-6)
    return limits


class _Builder:
    """Builds the displacement fields; keeps node coordinates and other values that several fields need."""

    def __init__(self, grid: Grid, frame: FaceFrame, lips: Lips, points_px: Floats) -> None:
        place = frame.to_face(np.stack([grid.x, grid.y], -1))
        x, y = place[..., 0], place[..., 1]
        self._grid, self._frame, self._lips, self._x, self._y = grid, frame, lips, x, y
        self._points_px = points_px
        self._points = frame.to_face(points_px[:, :2])
        u = np.where(x < 0, -x / lips.x[0], x / lips.x[-1])
        self._au, self._side = np.abs(u), np.sign(u)
        # If the face is turned, the far half of the mouth is foreshortened and moves less sideways.
        self._half = np.clip(np.where(x < 0, -lips.x[0], lips.x[-1]) / 0.42, 0.4, 1.2)
        self._above = np.minimum(y - np.interp(x, lips.x, lips.upper), 0)
        self._below = np.maximum(y - np.interp(x, lips.x, lips.lower), 0)
        self._mouth_fade, self._head_fade = self._fades()
        self._out = np.zeros((len(FIELDS), 2, *x.shape, 2))
        self._drop = JAW_DROP * float(
            np.clip(frame.face_height / USUAL_FACE_HEIGHT, 1, MAX_FACE_HEIGHT_RATIO)
        )
        # Nothing may move sideways at the nose, which a wider bell would pinch.
        self._near_up, self._near_down = bell(self._above / (0.85 * lips.nose)), bell(self._below / 0.55)

    def _fades(self) -> tuple[Floats, Floats]:
        """Return the factors by which mouth motion and head motion are multiplied at each node.

        Both factors are 1 on the face, and 0 far outside the face and at the edges of the region.
        """
        grid, face_height_px = self._grid, self._frame.face_height * self._frame.unit_px
        outline = (self._points_px[OVAL, :2] + 0.5) / grid.step + 0.5
        mask = np.full((grid.rows, grid.columns), 255, np.uint8)
        cv2.fillPoly(mask, [np.round(outline * 16).astype(np.int32)], 0, cv2.LINE_8, 4)
        away = cv2.distanceTransform(mask, cv2.DIST_L2, 5).astype(np.float64) * grid.step / face_height_px
        away = blur(away, max(0.8, 0.02 * face_height_px / grid.step))
        right, bottom = (grid.columns - 2) * grid.step, (grid.rows - 2) * grid.step
        edge = np.minimum.reduce([grid.x, right - grid.x, grid.y, bottom - grid.y]) - 2 * grid.step
        mouth = (1 - smoothstep(0, MOUTH_REACH, away)) * smoothstep(0, MOUTH_BORDER * face_height_px, edge)
        head = (1 - smoothstep(0.02, HEAD_REACH, away)) * smoothstep(0, HEAD_BORDER * face_height_px, edge)
        return mouth, head

    def _put(self, name: str, upper: tuple[object, object], lower: tuple[object, object]) -> None:
        """Set a displacement field of the mouth: for each layer, (dx, dy) in lip widths."""
        field = self._out[FIELD[name]]
        for layer, (dx, dy) in enumerate((upper, lower)):
            field[layer, ..., 0] = np.asarray(dx) * self._mouth_fade
            field[layer, ..., 1] = np.asarray(dy) * self._mouth_fade

    def _opening(self, profile: Floats) -> tuple[Floats, Floats]:
        """Return dy of the upper and the lower layer, each divided by the drop of the jaw.

        `profile` is the gap between the lips at each node, relative to its maximum, 0..1.
        """
        c, soft = CORNER_SHARE, 0.95
        lower = c + (1 - c) * profile + (1 - c) * (1 - profile) * np.tanh(self._below / (soft * (1 - c)))
        upper = c * (1 - profile) * (1 - np.tanh(-self._above / (soft * c)))
        return upper, lower

    def jaw(self) -> None:
        """Set the displacement fields of the jaw.

        The chin drops by JAW_DROP or more; the sides of the face drop less than the chin.
        """
        sides = 1 - 0.6 * smoothstep(0.55, 1.5, np.abs(self._x))
        pull = np.where(self._au < 1, self._au, bell((self._au - 1) / 0.9)) * self._side * self._half
        inward = -0.10 if self._lips.is_open else -0.045
        for name, au, power in (("jaw", self._au, 0.7), ("jaw_round", self._au / 0.78, 0.8)):
            upper, lower = self._opening(np.clip(1 - au**2.2, 0, 1) ** power)
            self._put(
                name,
                (inward * pull * self._near_up, self._drop * upper * sides),
                (inward * pull * self._near_down, self._drop * lower * sides),
            )

    def width(self) -> None:
        """Set the displacement fields that move the corners of the mouth apart, together, and up."""
        beyond = bell((self._au - 1) / 0.9)
        pull = np.where(self._au < 1, self._au, beyond) * self._side * self._half
        lift = np.where(self._au < 1, self._au**2, beyond)
        up, down = self._near_up, self._near_down
        self._put("wide", (0.11 * pull * up, -0.03 * lift * up), (0.11 * pull * down, -0.03 * lift * down))
        # A smiling mouth is wider than one at rest, so it has to narrow more.
        inward = -(0.14 + 0.25 * np.clip(self._lips.smile, 0, 0.12))
        low = bell(self._below / 0.6)
        self._put("narrow", (inward * pull * up, 0), (inward * pull * low, 0))
        cheek = bell(self._above / 0.5)
        self._put(
            "smile", (0.07 * pull * up, -0.08 * lift * cheek), (0.07 * pull * down, -0.08 * lift * down)
        )

    def lips_apart(self) -> None:
        """Set the displacement fields that move one lip alone, and the field that makes both lips fuller."""
        lips, near = self._lips, np.clip(1.25 - self._au, 0, 1) ** 0.5
        middle = np.clip(1 - self._au**2, 0, 1)
        self._put("upper", (0, -0.10 * middle * bell(self._above / 0.30)), (0, 0))
        self._put("lower", (0, 0), (0, 0.12 * middle * bell(self._below / 0.38)))
        fuller_up = 0.22 * self._above * bell(self._above / (2 * lips.upper_vermilion_height))
        fuller_down = 0.22 * self._below * bell(self._below / (2 * lips.lower_vermilion_height))
        self._put("pucker", (0, fuller_up * near), (0, fuller_down * near))

    def lips_together(self) -> None:
        """Set the displacement fields that bring the lips together.

        These fields press the lips, roll the lower lip in, keep the lips shut while the jaw drops, and close
        a mouth that the image shows open.
        """
        lips, near = self._lips, np.clip(1.25 - self._au, 0, 1) ** 0.5
        thin_up = -0.55 * self._above * bell(self._above / (1.5 * lips.upper_vermilion_height)) * near
        thin_down = -0.55 * self._below * bell(self._below / (1.5 * lips.lower_vermilion_height)) * near
        chin_up = -0.02 * bell((self._below - 0.5) / 0.4)
        self._put("press", (0, thin_up), (0, thin_down + chin_up))
        self._put("roll_in", (0, 0), (0, 1.1 * thin_down))
        profile = np.clip(1 - self._au**2.2, 0, 1) ** 0.7
        self._put(
            "seal",
            (0, 0.3 * self._drop * profile * bell(self._above / 0.40)),
            (0, -0.7 * self._drop * profile * bell(self._below / 0.60)),
        )
        gap = np.interp(self._x, lips.x, lips.gap, 0, 0)
        if lips.is_open:
            self._put(
                "close",
                (0, 0.35 * gap * bell(self._above / 0.45)),
                (0, -0.65 * gap * bell(self._below / 0.9)),
            )

    def brows(self) -> None:
        """Set the displacement field that raises the brows by 0.048 face heights; the lids do not move."""
        frame, total = self._frame, np.zeros_like(self._x)
        for eye in EYES:
            brow, lid = self._points[list(eye.brow)], self._points[list(eye.upper)]
            center, half = brow.mean(0), np.ptp(brow[:, 0]) / 2
            room = max(0.1, float(lid[:, 1].min() - brow[:, 1].mean()))
            across = bell((self._x - center[0]) / (1.3 * half))
            height = self._y - center[1]
            down = 1 - smoothstep(0.15 * room, 1.0 * room, height)
            total += across * np.where(height < 0, bell(height / (0.28 * frame.face_height)), down)
        self._out[FIELD["brow"], :, ..., 1] = -0.048 * frame.face_height * total * self._head_fade

    def gaze(self) -> None:
        """Set the displacement fields of gaze.

        Per radian, an iris moves by 0.4 eye widths, the radius of the eyeball.
        """
        for eye, iris in zip(EYES, IRISES, strict=True):
            upper, lower, center = (
                self._points[list(eye.upper)],
                self._points[list(eye.lower)],
                self._points[iris],
            )
            left, right = upper[0, 0], upper[-1, 0]
            width = right - left
            if width <= 0 or not left < center[0] < right:
                continue
            reach = np.where(self._x < center[0], center[0] - left, right - center[0])
            across = smoothstep(1.1, 0.42, np.abs(self._x - center[0]) / reach)
            above = np.interp(self._x, upper[:, 0], upper[:, 1]) - self._y
            below = self._y - np.interp(self._x, lower[:, 0], lower[:, 1])
            weight = across * smoothstep(0.28, 0.02, above / width) * smoothstep(0.22, 0.02, below / width)
            self._out[FIELD["gaze_across"], :, ..., 0] += 0.4 * width * weight
            self._out[FIELD["gaze_down"], :, ..., 1] += 0.4 * width * weight

    def head(self) -> None:
        """Set the displacement fields of the head.

        Yaw and pitch move each point in proportion to its depth; roll rotates the head about the neck.
        """
        depth = self._depth()
        pivot = self._points[152] + [0, 0.25 * self._frame.face_height]
        for name, dx, dy in (
            ("yaw", depth, 0.0 * depth),
            ("pitch", 0.0 * depth, depth),
            ("roll", pivot[1] - self._y, self._x - pivot[0]),
        ):
            field = self._out[FIELD[name]]
            field[..., 0], field[..., 1] = dx * self._head_fade, dy * self._head_fade

    def breath(self) -> None:
        """Set the displacement field that raises shoulders and chest by BREATH_RISE.

        Nothing above the chin moves.
        """
        grid, face_height = self._grid, self._frame.face_height
        below = (self._y - self._points[152, 1]) / face_height
        face_height_px = face_height * self._frame.unit_px
        right, bottom = (grid.columns - 2) * grid.step, (grid.rows - 2) * grid.step
        side_distance_px = np.minimum(grid.x, right - grid.x) - grid.step
        bottom_distance_px = bottom - grid.y - grid.step
        fade = smoothstep(0, 0.30 * face_height_px, side_distance_px)
        fade = fade * smoothstep(0, 0.06 * face_height_px, bottom_distance_px)
        self._out[FIELD["breath"], :, ..., 1] = (
            -BREATH_RISE * face_height * smoothstep(0.04, 0.45, below) * fade
        )

    def _depth(self) -> Floats:
        """Return how near each node is to the camera, in lip widths, shape (rows, columns).

        The nearness of the landmarks (their negative z) is interpolated smoothly over the grid, and shifted
        so that it is negative for the quarter of the landmarks that is farthest away.
        """
        grid, near = self._grid, -self._points_px[:, 2] / self._frame.unit_px
        places = ((self._points_px[:, :2] + 0.5) / grid.step + 0.5).round().astype(int)
        inside = ((places >= 0) & (places < [grid.columns, grid.rows])).all(1)
        value, count = np.zeros((grid.rows, grid.columns)), np.zeros((grid.rows, grid.columns))
        np.add.at(value, (places[inside, 1], places[inside, 0]), near[inside])
        np.add.at(count, (places[inside, 1], places[inside, 0]), 1)
        face_height_steps = self._frame.face_height * self._frame.unit_px / grid.step
        out, done = np.zeros_like(value), np.zeros_like(value)
        for reach in (0.03, 0.08, 0.25, 0.8):
            v, n = (blur(a, reach * face_height_steps) for a in (value, count))
            part = np.clip(n / (0.02 * n.max() + 1e-9), 0, 1) * (1 - done)
            out += part * v / (n + 1e-9)
            done += part
        smooth = blur(out, 0.05 * face_height_steps)
        return np.asarray(smooth - np.percentile(near, 25))

    def in_pixels(self) -> NDArray[np.float32]:
        """Convert the displacement fields from lip widths along the face's axes to pixels of the image."""
        pixels: NDArray[np.float32] = (self._out @ self._frame.axes * self._frame.unit_px).astype(np.float32)
        return pixels
