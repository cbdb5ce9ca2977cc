"""Convert tracked faces to mouth curves, with one value per frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from lipwright.face.landmarks import Face, mouth_opening, mouth_rounding
from lipwright.sync.face_tracking import TrackedFrame
from lipwright.sync.frame_difference import FaceDifference

FEATURES = ("gap", "outer", "corners", "rounding", "press")
"""Names of the features that are measured in each frame.

The first three are distances in face heights. "gap": between the inner edges of the lips. "outer": from the
top of the upper lip to the bottom of the lower lip (landmarks 0 and 17). "corners": between the outer corners
of the mouth (landmarks 61 and 291). The last two are blendshape values. "rounding": pucker plus funnel.
"press": the mean of left and right lip press.
"""
LIPS: tuple[int, ...] = (
    *(61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146),
    *(78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95),
)
"""MediaPipe's landmark numbers of the lips: the outer ring, then the inner ring."""
RIGID_POINTS = (33, 133, 362, 263, 168, 6, 197, 195, 5, 4, 1, 98, 327)
"""Landmark numbers of eye corners and nose, which speech does not move."""

Row = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class MouthTrack:
    """One person's mouth throughout the video; each array has one row per frame of the video."""

    seconds: NDArray[np.float64]
    """Presentation time of each frame, shape (n,)."""
    visible: NDArray[np.bool_]
    """True for frames in which the face was found, shape (n,)."""
    features: NDArray[np.float32]
    """FEATURES of each frame, shape (n, len(FEATURES)); NaN if the face is not visible."""
    lips: NDArray[np.float32]
    """Positions of LIPS relative to RIGID_POINTS, in face heights, with the head's tilt removed, shape (n,
    40, 2); NaN if the face is not visible."""
    box: NDArray[np.float32]
    """Left, top, right and bottom of the face, as shares of the image's width and height, 0..1, shape (n,
    4)."""
    face_height_px: NDArray[np.float32]
    """Height of the face, in pixels of the examined image, shape (n,)."""
    mouth_center_px: NDArray[np.float32]
    """Center of the lips, in pixels of the examined image, shape (n, 2)."""
    max_cell_difference: NDArray[np.float32]
    """`FaceDifference.max_cell_difference` of each frame, shape (n,)."""
    difference_products: NDArray[np.float32]
    """`FaceDifference.products` of each frame, shape (n, HISTORY)."""
    yaw_ratio: NDArray[np.float32]
    """Turn of the head to a side, computed from the distances between nose and cheeks, shape (n,): 0 if
    frontal, 1 in profile."""
    appearance: NDArray[np.float32]
    """Result of `measure_appearance` for each frame, shape (n, len(face_appearance.COLUMNS)); NaN if the face
    is not visible."""

    def feature(self, name: str) -> NDArray[np.float64]:
        """Return a column of `features`, shape (n,)."""
        return self.features[:, FEATURES.index(name)].astype(np.float64)


@dataclass(frozen=True, slots=True)
class TrackedVideo:
    """The tracked faces of a whole video."""

    seconds: NDArray[np.float64]
    """Presentation time of each frame, shape (n,)."""
    difference: NDArray[np.float32]
    """Mean gray-level difference between each frame and the previous frame, 0..255, shape (n,)."""
    cuts: tuple[int, ...]
    """Indices of the first frames of new shots."""
    size: tuple[int, int]
    """Width and height of the examined images, in pixels."""
    people: tuple[MouthTrack, ...]
    """Tracks of all people, sorted by visible time, longest first."""

    @property
    def frame_rate_hz(self) -> float:
        """Frames per second, from the median time between frames; 0 with fewer than two frames."""
        steps = np.diff(self.seconds)
        steps = steps[steps > 0]
        return 1 / float(np.median(steps)) if len(steps) else 0.0

    @property
    def length_seconds(self) -> float:
        """Time until the end of the last frame."""
        if not len(self.seconds):
            return 0.0
        return float(self.seconds[-1]) + (1 / self.frame_rate_hz if self.frame_rate_hz else 0.0)

    @property
    def variable_frame_rate(self) -> bool:
        """True if the frames are not evenly spaced."""
        steps = np.diff(self.seconds)
        return len(steps) > 4 and float(np.quantile(np.abs(steps - np.median(steps)), 0.95)) > 0.004


def merge_tracks(a: MouthTrack, b: MouthTrack) -> MouthTrack:
    """Merge two tracks that are never visible in the same frame."""

    def pick(name: str) -> Row:
        x, y = getattr(a, name), getattr(b, name)
        return np.asarray(np.where(b.visible.reshape(-1, *[1] * (x.ndim - 1)), y, x))

    names = [f.name for f in fields(MouthTrack) if f.name not in {"seconds", "visible"}]
    return MouthTrack(a.seconds, a.visible | b.visible, **{name: pick(name) for name in names})


def track_mouths(
    frames: Iterable[TrackedFrame], size: tuple[int, int], on_frame: Callable[[int], None] = lambda n: None
) -> TrackedVideo:
    """Collect the mouth curves of all people.

    Args:
        frames: Result of `track_faces`.
        size: Width and height of the images, in pixels.
        on_frame: Called with the number of frames done so far.

    Returns:
        The tracks. They take about 410 bytes per frame and person, or 40 MB per hour at 25 fps.
    """
    seconds: list[float] = []
    difference: list[float] = []
    cuts: list[int] = []
    people: dict[int, _TrackBuilder] = {}
    for frame in frames:
        seconds.append(frame.seconds)
        difference.append(frame.difference)
        if frame.cut:
            cuts.append(frame.number)
        for name, face in frame.people.items():
            builder = people.setdefault(name, _TrackBuilder())
            builder.add(frame.number, face, frame.face_differences[name], frame.appearances[name], size)
        on_frame(len(seconds))
    times = np.array(seconds)
    tracks = sorted((person.build(times) for person in people.values()), key=lambda t: -int(t.visible.sum()))
    return TrackedVideo(times, np.array(difference, np.float32), tuple(cuts), size, tuple(tracks))


@dataclass(slots=True)
class _TrackBuilder:
    numbers: list[int] = field(default_factory=list)
    rows: list[tuple[Row, ...]] = field(default_factory=list)
    """Five arrays for each frame: the features; the lips; box, face height, yaw ratio, mouth center and
    largest cell difference in one array; the difference products; the appearance."""

    def add(
        self, number: int, face: Face, difference: FaceDifference, appearance: Row, size: tuple[int, int]
    ) -> None:
        height = face.height_px
        points = face.points[:, :2]

        def distance(a: int, b: int) -> float:
            return float(np.linalg.norm(points[a] - points[b])) / height

        shapes = face.blendshapes
        press = (shapes["mouthPressLeft"] + shapes["mouthPressRight"]) / 2
        features = (mouth_opening(face), distance(0, 17), distance(61, 291), mouth_rounding(face), press)
        left, right = distance(1, 234), distance(1, 454)
        scale = np.array([size[0], size[1], size[0], size[1]])
        shape = (
            *(np.array(face.box) / scale),
            height,
            abs(left - right) / (left + right),
            *points[[13, 14]].mean(0),
            difference.max_cell_difference,
        )
        self.numbers.append(number)
        self.rows.append(
            (
                np.array(features, np.float32),
                stabilized_lips(points, height),
                np.array(shape, np.float32),
                difference.products,
                appearance,
            )
        )

    def build(self, seconds: NDArray[np.float64]) -> MouthTrack:
        features, lips, shape, products, appearance = (self._spread(part, len(seconds)) for part in range(5))
        visible = np.zeros(len(seconds), bool)
        visible[self.numbers] = True
        return MouthTrack(
            seconds=seconds,
            visible=visible,
            features=features,
            lips=lips,
            box=shape[:, :4],
            face_height_px=shape[:, 4],
            yaw_ratio=shape[:, 5],
            mouth_center_px=shape[:, 6:8],
            max_cell_difference=shape[:, 8],
            difference_products=products,
            appearance=appearance,
        )

    def _spread(self, part: int, count: int) -> Row:
        values = [row[part] for row in self.rows]
        out = np.full((count, *values[0].shape), np.nan, np.float32)
        out[self.numbers] = np.stack(values)
        return out


def stabilized_lips(points: NDArray[np.float64], face_height_px: float) -> Row:
    """Return the lip points relative to eyes and nose, without the motion and tilt of the head.

    Args:
        points: Landmarks in pixels, shape (478, 2).
        face_height_px: Height of the face in pixels, the unit of the result.

    Returns:
        Shape (40, 2), in face heights.
    """
    middle = points[list(RIGID_POINTS)].mean(0)
    right = points[263] - points[33]
    right = right / np.linalg.norm(right)
    axes = np.stack([right, np.array([-right[1], right[0]])])
    return np.asarray((points[list(LIPS)] - middle) @ axes.T / face_height_px, np.float32)
