"""Animate a still portrait: draw a frame from an image and a row of motion.

For each frame, the weighted sum of the displacement fields (fields.py) is inverted on a coarse grid and
applied to the image in one remap; then the lids (eyes.py) and the inside of the mouth (mouth_interior.py) are
drawn. Pixels above the line where the lips meet move by the fields of the upper layer, pixels below the line
by the fields of the lower layer.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.domain.media import Image
from lipwright.domain.motion import CHANNEL, CHANNELS, LEARNED_CHANNELS, MOUTH
from lipwright.face.color_sampling import image_tones
from lipwright.face.eyes import Lids
from lipwright.face.fields import build_fields, head_limits, make_grid
from lipwright.face.image_ops import Floats, Pixels, sample, smoothstep
from lipwright.face.landmark_indices import face_frame
from lipwright.face.landmarks import Face
from lipwright.face.lips import find_lips
from lipwright.face.motion_mapping import FIELD, field_weights
from lipwright.face.mouth_interior import Interior, Mouth

Maps = NDArray[np.float32]

REGION_MARGIN = 0.60
"""Margin of the animated region around the landmarks, in face heights; below the chin it is twice as
large."""
INVERSE_STEPS = 3
"""Number of fixed-point steps that solve x = y - d(x), where x is the source of pixel y and d the
displacement field. Each step multiplies the error by the slope of the field, which is about 0.5 at most."""
PARTING = [
    FIELD[name]
    for name in ("jaw", "jaw_round", "pucker", "upper", "lower", "press", "roll_in", "seal", "close")
]
"""Indices of the displacement fields that part or join the lips."""
REST_WEIGHT = 1e-6
"""A movement counts as at rest if the absolute value of its weight is below this value."""
ZONE_FADE = 0.35
"""Width of the transition from moving to still pixels between two animated faces, in face heights. A point
that is equally far from both faces does not move. A point moves fully if it is nearer to one face than to the
other by at least this width."""
GLASSES_SHARES = {"brow": 0.12, "gaze_across": 0.5, "gaze_down": 0.4}
"""Share of each movement that remains if the person wears glasses."""


class PortraitWarp:
    """Animates one face of a still image.

    Frames depend only on the arguments of `frame`, so several threads may use one object.

    Args:
        image: The still image, in the video's size.
        face: A face found in the image.
        others: Other animated faces of the same image. Motion ends halfway to each of them, so that the faces
            can be drawn one after another without a seam.
    """

    def __init__(self, image: Image, face: Face, others: Sequence[Face] = ()) -> None:
        self._image = image.rgb
        height, width = self._image.shape[:2]
        low, high = face.points[:, :2].min(0), face.points[:, :2].max(0)
        margin = REGION_MARGIN * face.height_px
        x0, y0 = np.maximum(np.floor(low - margin), 0).astype(int)
        # Down to the shoulders, which move with the breath.
        x1, y1 = np.minimum(np.ceil(high + np.array([margin, 2 * margin])), [width, height]).astype(int)
        self._region = (slice(int(y0), int(y1)), slice(int(x0), int(x1)))
        source = np.ascontiguousarray(self._image[self._region])
        points = face.points - [x0, y0, 0]
        self._frame = face_frame(points[:, :2])
        step = int(np.clip(round(self._frame.unit_px / 27), 2, 8))
        self._grid = make_grid(source.shape[1], source.shape[0], step)
        self._lips = find_lips(source, self._frame, points[:, :2])
        fields = build_fields(self._grid, self._frame, self._lips, points)
        self._own: NDArray[np.bool_] | None = None
        if others:
            nodes = np.stack([self._grid.x + x0, self._grid.y + y0], -1)
            fields *= smoothstep(0, ZONE_FADE, _nearer(nodes, face, others))[..., None].astype(np.float32)
            pixels = np.stack(np.meshgrid(np.arange(x0, x1), np.arange(y0, y1)), -1)
            self._own = (_nearer(pixels, face, others) > 0)[..., None]
        self._head_limits = head_limits(fields, self._grid)
        self._fields = fields.reshape(len(fields), -1)
        self._nodes = np.stack([self._grid.x, self._grid.y], -1).astype(np.float32)
        columns, rows = np.meshgrid(np.arange(self._grid.columns), np.arange(self._grid.rows))
        self._index = np.stack([columns, rows], -1).astype(np.float32)
        self._double = _doubled(source)
        self._source = source
        tones = image_tones(source, points[:, :2])
        self._lids = Lids(source, self._frame, points[:, :2], tones)
        # The rims of glasses would bend with the skin under them, so that skin moves less.
        self._shares = GLASSES_SHARES if self._lids.behind_glasses else {}
        self._interior = Interior(source, self._frame, self._lips, tones)
        reach = np.linspace(0, 3, 9)[1:]
        x = np.r_[self._lips.x[0] - reach[::-1], self._lips.x, self._lips.x[-1] + reach]
        self._inner = slice(len(reach), -len(reach))
        self._upper_line, self._lower_line = (
            self._frame.to_image(np.c_[x, np.interp(x, self._lips.x, y)]).astype(np.float32)
            for y in (self._lips.upper, self._lips.lower)
        )
        middle = self._frame.origin_px
        down = self._frame.axes[1] * self._frame.unit_px
        self._anchors = np.array([middle - 0.5 * down, middle + 0.25 * down], np.float32)

    @property
    def can_blink(self) -> bool:
        """True if eyelids can be drawn well; False behind glasses or hair, and for tiny or closed eyes."""
        return self._lids.can_blink

    def frame(
        self, row: NDArray[np.floating], engage: float | None = None, onto: Pixels | None = None
    ) -> Pixels:
        """Draw one frame of the animated face.

        Args:
            row: One row of Motion.values, with a value for each of CHANNELS or only for each of
                LEARNED_CHANNELS. If all values are 0 and `engage` is 0 or None, no pixel is changed.
            engage: For an image with an open mouth, how far speech controls the mouth, 0..1. At 0 the row
                adds to the opening in the image; at 1 the lips are closed when the row is at rest. Over the
                first frames of a video, engage rises from 0 to 1. None means 0 for a row at rest, and 1 for
                a row of clear mouth motion.
            onto: Frame to draw over, in which other faces are already animated; None for the image.

        Returns:
            `onto`, or a new array if that is None: RGB, shape (height, width, 3).

        Raises:
            ValueError: the row has the wrong length.
        """
        if np.shape(row) not in {(len(CHANNELS),), (len(LEARNED_CHANNELS),)}:
            raise ValueError(
                f"expected a row of {len(CHANNELS)} or {len(LEARNED_CHANNELS)} channels, "
                f"got shape {np.shape(row)}"
            )
        values = np.zeros(len(CHANNELS))
        values[: len(row)] = row
        speech = float(np.abs(values[list(MOUTH)]).max())
        if engage is None:
            engage = float(smoothstep(0, 0.15, speech))
        weights = field_weights(values, engage, self._lips)
        for name, share in self._shares.items():
            weights[FIELD[name]] *= share
        for name, limit in self._head_limits.items():
            weights[FIELD[name]] = limit * np.tanh(weights[FIELD[name]] / limit)
        blink = float(np.clip(values[CHANNEL["eyeBlink"]], 0, 1)) if self._lids.can_blink else 0.0
        out = self._image.copy() if onto is None else onto
        if np.abs(weights).max() < REST_WEIGHT and blink < REST_WEIGHT:
            return out
        moved = self._move(weights, values, blink)
        if self._own is None:
            out[self._region] = moved
        else:
            np.copyto(out[self._region], moved, where=self._own)
        return out

    def _move(self, weights: NDArray[np.float64], row: NDArray[np.float64], blink: float) -> Pixels:
        both = self._displacement(weights)
        down = self._frame.axes[1].astype(np.float32)
        upper = self._upper_line + self._at(both[0], self._upper_line)
        lower = self._lower_line + self._at(both[1], self._lower_line)
        # Lips may touch but not cross.
        overlap = np.minimum((lower - upper) @ down, 0)[:, None] / 2
        upper, lower = upper + overlap * down, lower - overlap * down
        out, places = self._remap(both, upper, lower)
        if blink > 0.01:
            self._lids.draw(out, places * np.float32(0.5), blink)
        # Only movements that part or join the lips need a drawn interior; a smile moves the image's teeth.
        shown = float(smoothstep(0, 0.10, np.abs(weights[PARTING]).max()))
        if shown > 0:
            skull, jaw = (self._at(both[i], self._anchors[i : i + 1])[0] for i in (0, 1))
            self._interior.draw(
                out,
                Mouth(
                    upper_px=upper[self._inner],
                    lower_px=lower[self._inner],
                    skull_px=skull,
                    jaw_px=jaw,
                    shown=shown,
                    rounding=float(np.clip(weights[FIELD["pucker"]], 0, 1)),
                    tuck=float(weights[FIELD["roll_in"]]),
                    tongue=float(np.clip(row[CHANNEL["tongueOut"]], 0, 1)),
                ),
            )
        return out

    def _remap(self, both: Maps, upper: Maps, lower: Maps) -> tuple[Pixels, Maps]:
        """Warp the layers above and below the lips, and join them at the lips.

        Returns:
            RGB pixels, shape (height, width, 3), and for each pixel the position from which its color is
            taken, shape (height, width, 2). Positions are in pixels of the image that `_doubled` returns.
        """
        height, width = self._source.shape[:2]
        meet = (upper + lower) / 2
        step = self._grid.step
        # Only the rows that the line between the lips crosses need both layers.
        inside = meet[(meet[:, 0] > -step) & (meet[:, 0] < width + step)]
        inside = inside if len(inside) else meet
        first = int(np.clip(inside[:, 1].min() // step - 1, 0, self._grid.rows - 2))
        last = int(np.clip(inside[:, 1].max() // step + 2, first, self._grid.rows - 2))
        above = self._upsampled(2 * self._source_nodes(both[0], 0, last), 0, last)
        end = self._grid.rows - 2
        below = self._upsampled(2 * self._source_nodes(both[1], first, end), first, end)
        band = slice(first * step, min(last * step, height))
        places = np.empty((height, width, 2), np.float32)
        places[: band.stop] = above[: band.stop, :width]
        places[band.stop :] = below[band.stop - band.start : height - band.start, :width]
        mask = np.zeros((band.stop - band.start, width), np.uint8)
        far = self._frame.axes[1].astype(np.float32) * (4 * self._frame.face_height * self._frame.unit_px)
        outline = np.concatenate([meet, (meet + far)[::-1]]) - np.array([0, band.start], np.float32)
        cv2.fillPoly(mask, [np.round(outline * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        cv2.copyTo(np.ascontiguousarray(below[: len(mask), :width]), mask & 128, places[band])
        seen = sample(self._double, places)
        mouth = np.concatenate([upper[self._inner], lower[self._inner]])
        self._join_at_lips(seen, above, below, mask=mask, top=band.start, mouth=mouth)
        return np.asarray(cv2.cvtColor(seen, cv2.COLOR_RGBA2RGB), np.uint8), places

    def _join_at_lips(
        self, out: Pixels, above: Maps, below: Maps, *, mask: Pixels, top: int, mouth: Maps
    ) -> None:
        """Blend the colors of the upper and the lower layer along the line between the lips.

        The two colors of a pixel are blended, because blending its two source coordinates would cause specks.
        `below` and `mask` begin at pixel row `top`.
        """
        x0, y0 = np.maximum(np.floor(mouth.min(0)).astype(int) - 3, [0, top])
        x1, y1 = np.minimum(np.ceil(mouth.max(0)).astype(int) + 4, [out.shape[1], top + len(mask)])
        if x1 <= x0 or y1 <= y0:
            return
        over = sample(self._double, above[y0:y1, x0:x1]).astype(np.float32)
        under = sample(self._double, below[y0 - top : y1 - top, x0:x1])
        share = mask[y0 - top : y1 - top, x0:x1, None].astype(np.float32) / 255
        out[y0:y1, x0:x1] = (over + share * (under - over) + 0.5).astype(np.uint8)

    def _displacement(self, weights: NDArray[np.float64]) -> Maps:
        """Return the weighted sum of the displacement fields, in pixels.

        The fields are added one by one, because a matrix product would use all threads of the BLAS library.

        Returns:
            Shape (2, rows, columns, 2): layer (upper, lower), grid row, grid column, (dx, dy).
        """
        total = np.zeros(self._fields.shape[1:], np.float32)
        for weight, field in zip(weights, self._fields, strict=True):
            if abs(weight) > REST_WEIGHT:
                cv2.scaleAdd(field, float(weight), total, total)
        return np.asarray(total, np.float32).reshape(2, self._grid.rows, self._grid.columns, 2)

    def _source_nodes(self, field: Maps, first: int, last: int) -> Maps:
        """Return the positions in the source that move to the nodes of grid rows first..last+1.

        The position x that moves to node y is the fixed point of x = y - d(x), where d is `field`.
        """
        rows = slice(first, last + 2)
        moved = field[rows]
        for _ in range(INVERSE_STEPS):
            moved = sample(field, cv2.scaleAdd(moved, -1 / self._grid.step, self._index[rows]))
        return self._nodes[rows] - moved

    def _upsampled(self, nodes: Maps, first: int, last: int) -> Maps:
        """Interpolate values of grid nodes for all pixels in rows first*step..last*step of the region.

        `step` is the distance between nodes in pixels.
        """
        step = self._grid.step
        size = (nodes.shape[1] * step, nodes.shape[0] * step)
        full = np.asarray(cv2.resize(nodes, size, interpolation=cv2.INTER_LINEAR), np.float32)
        return full[step : step + (last - first) * step, step:]

    def _at(self, field: Maps, points: Maps) -> Maps:
        """Return the displacement by `field` at points of the region, in pixels, shape (n, 2)."""
        place = (points + 0.5) / np.float32(self._grid.step) + np.float32(0.5)
        return np.asarray(sample(field, place[None])[0])


def _nearer(places: NDArray[np.floating] | NDArray[np.integer], face: Face, others: Sequence[Face]) -> Floats:
    """Return how much farther each place is from the nearest other face than from `face`.

    The distance from a face is measured to the center of its landmarks, and divided by the face height.
    """

    def distance(one: Face) -> Floats:
        return np.asarray(np.linalg.norm(places - one.points[:, :2].mean(0), axis=-1) / one.height_px)

    return np.asarray(np.min([distance(other) for other in others], axis=0) - distance(face))


def _doubled(rgb: Pixels) -> Pixels:
    """Double the size of an image by Lanczos-4 interpolation; the original pixels are at the even positions.

    Linear sampling of the doubled image is sharp at and between the original pixels. Linear sampling of the
    original image would blur between the pixels, so that the sharpness of a drifting face would pulsate.

    Returns:
        Shape (2 * height, 2 * width, 4): RGB, and a channel without meaning, because OpenCV samples four
        channels faster than three.
    """
    # OpenCV samples four channels twice as fast as three.
    rgba = np.dstack([rgb, rgb[..., :1]])
    away = np.arange(-3.5, 4)
    half = np.sinc(away) * np.sinc(away / 4)
    half /= half.sum()
    same = np.ones(1)
    doubled = np.empty((rgb.shape[0] * 2, rgb.shape[1] * 2, 4), np.uint8)
    doubled[::2, ::2] = rgba
    for y, x, down, across in ((0, 1, same, half), (1, 0, half, same), (1, 1, half, half)):
        anchor = (3 if across is half else 0, 3 if down is half else 0)
        doubled[y::2, x::2] = cv2.sepFilter2D(rgba, -1, across, down, anchor=anchor)
    return doubled
