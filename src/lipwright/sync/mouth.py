"""What a mouth does, as numbers per frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lipwright.face.landmarks import Face, mouth_opening, mouth_rounding
from lipwright.sync.face_tracking import SeenFrame
from lipwright.sync.frame_difference import FaceChange

FEATURES = ("gap", "outer", "corners", "rounding", "press")
"""gap: inner lip gap · outer: upper lip's top to lower lip's bottom (0-17) · corners: distance of
the outer corners (61-291) · all three in face heights · rounding: pucker and funnel blendshapes ·
press: mean of both press blendshapes."""

LIPS: tuple[int, ...] = (
    61,
    185,
    40,
    39,
    37,
    0,
    267,
    269,
    270,
    409,
    291,
    375,
    321,
    405,
    314,
    17,
    84,
    181,
    91,
    146,
)
LIPS += (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95)
"""Outer, then inner ring of the lips, by MediaPipe's numbers."""

STEADY = (33, 133, 362, 263, 168, 6, 197, 195, 5, 4, 1, 98, 327)
"""Eye corners and the nose: what speech does not move."""

Row = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class MouthTrack:
    """One person's mouth through the video; rows are the video's frames."""

    seconds: NDArray[np.float64]
    """Shape (n,): when each frame is shown."""
    seen: NDArray[np.bool_]
    """Shape (n,)."""
    features: NDArray[np.float32]
    """Shape (n, len(FEATURES)), NaN where not seen."""
    lips: NDArray[np.float32]
    """Shape (n, 40, 2): LIPS in face heights, in the frame of the steady points; NaN where not seen."""
    box: NDArray[np.float32]
    """Shape (n, 4): left, top, right, bottom over the image's width and height, 0..1."""
    height: NDArray[np.float32]
    """Shape (n,): face height in pixels of the image as it was looked at."""
    place: NDArray[np.float32]
    """Shape (n, 2): the middle of the lips, in pixels of the image as it was looked at."""
    stir: NDArray[np.float32]
    """Shape (n,): change of grey level against the frame before where the face changes most, 0..255; NaN
    where `FaceChange` has none."""
    steps: NDArray[np.float32]
    """Shape (n, STEPS): products of the face's last changes, as `FaceChange` has them."""
    yaw: NDArray[np.float32]
    """Shape (n,): how far the nose has left the middle between the cheeks, 0 frontal, 1 profile."""

    def feature(self, name: str) -> NDArray[np.float64]:
        """One column, shape (n,)."""
        return self.features[:, FEATURES.index(name)].astype(np.float64)


@dataclass(frozen=True, slots=True)
class Watched:
    """A video's image, watched to its end."""

    seconds: NDArray[np.float64]
    """Shape (n,): when each frame is shown."""
    change: NDArray[np.float32]
    """Shape (n,): mean change of grey level against the frame before, 0..255."""
    cuts: tuple[int, ...]
    """Frames at which a new shot begins."""
    size: tuple[int, int]
    """Width and height of the images as they were looked at."""
    people: tuple[MouthTrack, ...]
    """Everybody, whoever was seen longest first."""

    @property
    def rate_hz(self) -> float:
        """Frames per second, by the median distance of the instants; 0 with fewer than two frames."""
        steps = np.diff(self.seconds)
        steps = steps[steps > 0]
        return 1 / float(np.median(steps)) if len(steps) else 0.0

    @property
    def length_seconds(self) -> float:
        """Until the last frame has been shown."""
        if not len(self.seconds):
            return 0.0
        return float(self.seconds[-1]) + (1 / self.rate_hz if self.rate_hz else 0.0)

    @property
    def uneven(self) -> bool:
        """The frames do not come at one rate."""
        steps = np.diff(self.seconds)
        return len(steps) > 4 and float(np.quantile(np.abs(steps - np.median(steps)), 0.95)) > 0.004


@dataclass(slots=True)
class _Rows:
    numbers: list[int] = field(default_factory=list)
    features: list[Row] = field(default_factory=list)
    lips: list[Row] = field(default_factory=list)
    steps: list[Row] = field(default_factory=list)
    shape: list[Row] = field(default_factory=list)


def joined(a: MouthTrack, b: MouthTrack) -> MouthTrack:
    """Two tracks that share no frame, as one."""

    def either(x: Row, y: Row) -> Row:
        where = b.seen.reshape(-1, *[1] * (x.ndim - 1))
        return np.asarray(np.where(where, y, x))

    return MouthTrack(
        seconds=a.seconds,
        seen=a.seen | b.seen,
        features=either(a.features, b.features),
        lips=either(a.lips, b.lips),
        box=either(a.box, b.box),
        height=either(a.height, b.height),
        place=either(a.place, b.place),
        stir=either(a.stir, b.stir),
        steps=either(a.steps, b.steps),
        yaw=either(a.yaw, b.yaw),
    )


def watch(
    frames: Iterable[SeenFrame], size: tuple[int, int], on_frame: Callable[[int], None] = lambda n: None
) -> Watched:
    """Gather what everybody's mouth does.

    Args:
        frames: From `follow_people`.
        size: Width and height of the images, in pixels.
        on_frame: Told how many frames are done.

    Returns:
        About 410 bytes a frame and person: 37 MB an hour at 25 frames a second.
    """
    seconds: list[float] = []
    change: list[float] = []
    cuts: list[int] = []
    rows: dict[int, _Rows] = {}
    for frame in frames:
        seconds.append(frame.seconds)
        change.append(frame.change)
        if frame.cut:
            cuts.append(frame.number)
        for name, face in frame.people.items():
            _note(rows.setdefault(name, _Rows()), frame.number, face, frame.changes[name], size)
        on_frame(len(seconds))
    instants = np.array(seconds)
    tracks = sorted((_track(person, instants) for person in rows.values()), key=lambda t: -int(t.seen.sum()))
    return Watched(instants, np.array(change, np.float32), tuple(cuts), size, tuple(tracks))


def _note(rows: _Rows, number: int, face: Face, change: FaceChange, size: tuple[int, int]) -> None:
    height = face.height_px
    points = face.points[:, :2]

    def apart(a: int, b: int) -> float:
        return float(np.linalg.norm(points[a] - points[b])) / height

    shapes = face.blendshapes
    rows.numbers.append(number)
    rows.features.append(
        np.array(
            [
                mouth_opening(face),
                apart(0, 17),
                apart(61, 291),
                mouth_rounding(face),
                (shapes["mouthPressLeft"] + shapes["mouthPressRight"]) / 2,
            ],
            np.float32,
        )
    )
    rows.lips.append(_steadied(points, height))
    rows.steps.append(change.steps)
    left, right = apart(1, 234), apart(1, 454)
    scale = np.array([size[0], size[1], size[0], size[1]])
    rows.shape.append(
        np.array(
            [
                *(np.array(face.box) / scale),
                height,
                abs(left - right) / (left + right),
                *points[[13, 14]].mean(0),
                change.stir,
            ],
            np.float32,
        )
    )


def _steadied(points: NDArray[np.float64], height: float) -> Row:
    """The lips as seen from eyes and nose: the head's own motion and tilt taken away."""
    middle = points[list(STEADY)].mean(0)
    right = points[263] - points[33]
    right = right / np.linalg.norm(right)
    axes = np.stack([right, np.array([-right[1], right[0]])])
    return np.asarray((points[list(LIPS)] - middle) @ axes.T / height, np.float32)


def _track(rows: _Rows, seconds: NDArray[np.float64]) -> MouthTrack:
    def spread(values: list[Row]) -> Row:
        out = np.full((len(seconds), *values[0].shape), np.nan, np.float32)
        out[rows.numbers] = np.stack(values)
        return out

    seen = np.zeros(len(seconds), bool)
    seen[rows.numbers] = True
    shape = spread(rows.shape)
    return MouthTrack(
        seconds=seconds,
        seen=seen,
        features=spread(rows.features),
        lips=spread(rows.lips),
        box=shape[:, :4],
        height=shape[:, 4],
        yaw=shape[:, 5],
        place=shape[:, 6:8],
        stir=shape[:, 8],
        steps=spread(rows.steps),
    )
