"""Measure the appearance of a face: what a viewer notices but a sync measurement does not.

The sync measurement compares the mouth with a prediction from the audio. A mouth that barely opens, black
teeth, eyes that never close or a head that never moves can be perfectly in sync.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.domain.spans import runs
from lipwright.face.image_quality import pose_of
from lipwright.face.landmark_indices import CHEEKS, EYES, INNER_LOWER, INNER_UPPER
from lipwright.face.landmarks import Face

Floats = NDArray[np.float64]

COLUMNS = ("eye_opening", "gaze_x", "gaze_y", "yaw", "pitch", "roll", "teeth", "lid_chroma", "lip_line")
"""Values per frame:

- eye_opening: height of the eyes, divided by their width
- gaze_x, gaze_y: differences of the eyeLook blendshapes
- yaw, pitch, roll: angles of the head, in degrees
- teeth: 90th percentile of the luma between the lips, divided by the median luma of the cheeks
- lid_chroma: chroma of the skin just above the eyes, divided by the chroma of the skin below the eyes
- lip_line: distance of the darkest line near the lips from the middle of the inner lips, in face heights;
  positive if the line is below the middle
"""
MIN_MOUTH_PIXELS = 12
MIN_CHEEK_LUMA = 8.0


@dataclass(frozen=True, slots=True)
class AppearanceThresholds:
    """Limits beyond which a face looks wrong.

    They are calibrated on three real videos of speakers, and 40 renders whose faces people had called
    lifeless.
    """

    open_gap: float = 0.035
    """Minimum inner lip gap, in face heights, at which teeth can be seen."""
    min_opening: float = 0.04
    """Minimum 95th percentile of the inner lip gap in speech, in face heights. Real speakers have 0.077 and
    more; the lowest value of lifeless renders is 0.035."""
    min_teeth: float = 0.5
    """Minimum median of `teeth` (luma of the teeth divided by the luma of the cheeks) while the mouth is
    open. Real speakers have 0.63 to 1.4, even in a dark car."""
    blink_depth: float = 0.6
    """Eye opening, divided by the median opening, below which a blink is detected."""
    closed_eye: float = 0.49
    """Maximum opening of closed eyes, divided by the median opening. Real blinks reach 0.05 to 0.3.
    In videos generated from paintings, eyes that close well reach 0.48 at most; eyes that do not close
    well stay at 0.5 or more."""
    min_lid_chroma: float = 0.5
    """Minimum median of `lid_chroma` (chroma of the lids, divided by the chroma of the skin below the eyes)
    while the eyes are closed. Real lids have 0.64 and more, with and without make-up."""
    max_blinks_per_minute: float = 100.0
    """Maximum blink rate; a lively real speaker had 75."""
    min_seconds_without_blink: float = 20.0
    """A face that does not blink is reported if it is visible for at least this time. People blink every 2 to
    6 s, and more often while they speak."""
    min_seconds: float = 4.0
    """Minimum time, in seconds, for which the face must be visible. In a shorter time, blink rate, head
    motion and gaze motion are not measured, because they can be low by chance."""
    min_head_motion_deg: float = 2.0
    """Minimum standard deviation of yaw, pitch and roll combined, in degrees. Real speakers have 7 and more,
    lifeless renders 1.7."""
    min_gaze_motion: float = 0.05
    """Minimum standard deviation of the gaze, both axes combined. Real speakers have 0.2, lifeless renders
    0.03 to 0.08."""
    closed_gap: float = 0.02
    """Maximum inner lip gap, in face heights, at which the lips count as closed. Closed lips meet in one dark
    line."""
    max_lip_line: float = 0.018
    """Maximum median distance between the dark line in which closed lips meet and the landmarks of the lips
    (`lip_line`), in face heights. Real lips have up to 0.011."""
    min_face_px: float = 60.0
    """Minimum height of the face; smaller faces have too few pixels for measuring their appearance."""
    min_frame_rate_hz: float = 12.0
    """Minimum frame rate; at lower rates, blinks fall between frames."""
    min_frames: int = 5
    """Minimum number of frames for a measurement; with fewer, the measurement is None. Measurements of blinks
    need no minimum."""


APPEARANCE = AppearanceThresholds()


@dataclass(frozen=True, slots=True)
class FaceMeasures:
    """Measurements of a face's appearance and motion.

    A value is None if it could not be measured, for instance because the mouth never opens.
    """

    opening: float | None = None
    """95th percentile of the inner lip gap in speech, in face heights."""
    teeth: float | None = None
    """Luma of the teeth divided by the luma of the cheeks."""
    blinks_per_minute: float | None = None
    blink_closure: float | None = None
    """Smallest eye opening in any blink, divided by the median opening; None without blinks."""
    lid_chroma: float | None = None
    """Chroma of the closed lids divided by the chroma of the skin below the eyes."""
    head_motion_deg: float | None = None
    gaze_motion: float | None = None
    lip_line: float | None = None
    """Distance of the dark line between closed lips from the landmarks of the lips, in face heights; positive
    if the line is below the landmarks."""

    def to_json(self) -> dict[str, Any]:
        """Return the object that `lipwright check --json` prints under `face`."""
        return asdict(self)


def measure_appearance(rgb: NDArray[np.uint8], face: Face) -> NDArray[np.float32]:
    """Measure the appearance of a face in one frame.

    Args:
        rgb: Shape (height, width, 3).
        face: The face in the image.

    Returns:
        The values named in `COLUMNS`, shape (len(COLUMNS),). A value that cannot be measured, for instance
        because that part of the face is outside the image, is NaN.
    """
    points = face.points[:, :2]
    pose = pose_of(face.points)
    shapes = face.blendshapes
    right, left, up, down = (
        (shapes[f"eyeLook{a}Left"] + shapes[f"eyeLook{b}Right"]) / 2
        for a, b in (("In", "Out"), ("Out", "In"), ("Up", "Up"), ("Down", "Down"))
    )
    values = (
        float(np.mean([_eye_opening(points, eye.upper, eye.lower) for eye in EYES])),
        right - left,
        up - down,
        pose.yaw_deg,
        pose.pitch_deg,
        pose.roll_deg,
        _teeth(rgb, points),
        float(np.mean([_lid_chroma(rgb, points, eye.upper, eye.lower) for eye in EYES])),
        _lip_line(rgb, points, face.height_px),
    )
    return np.array(values, np.float32)


def measure_face(
    values: NDArray[np.float32], gap: Floats, spoken: NDArray[np.bool_], frame_rate_hz: float
) -> FaceMeasures:
    """Combine the measurements of all frames in which a face is visible.

    Args:
        values: Results of `measure_appearance`, shape (n, len(COLUMNS)).
        gap: Inner lip gap in face heights, shape (n,).
        spoken: True for frames in speech, shape (n,).
        frame_rate_hz: Frames per second.
    """
    column = {name: values[:, i].astype(np.float64) for i, name in enumerate(COLUMNS)}
    seconds = len(gap) / max(frame_rate_hz, 1e-9)
    eyes = column["eye_opening"] / max(float(np.median(column["eye_opening"])), 1e-6)
    blinks = _blinks(eyes, APPEARANCE.blink_depth)
    closed = np.isin(np.arange(len(eyes)), blinks) & (eyes < APPEARANCE.closed_eye)
    long = seconds >= APPEARANCE.min_seconds and frame_rate_hz >= APPEARANCE.min_frame_rate_hz
    awake = eyes > APPEARANCE.blink_depth
    return FaceMeasures(
        opening=float(np.percentile(gap[spoken], 95)) if spoken.sum() >= APPEARANCE.min_frames else None,
        teeth=_median(column["teeth"][gap > APPEARANCE.open_gap]),
        blinks_per_minute=60 * len(blinks) / seconds if long else None,
        blink_closure=float(np.min(eyes[blinks])) if blinks else None,
        lid_chroma=_median(column["lid_chroma"][closed], 1),
        head_motion_deg=_spread(column["yaw"], column["pitch"], column["roll"]) if long else None,
        gaze_motion=_spread(column["gaze_x"][awake], column["gaze_y"][awake]) if long else None,
        lip_line=_median(column["lip_line"][gap < APPEARANCE.closed_gap]),
    )


def _median(values: Floats, needed: int = APPEARANCE.min_frames) -> float | None:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) >= needed else None


def _spread(*curves: Floats) -> float | None:
    if len(curves[0]) < APPEARANCE.min_frames:
        return None
    return float(np.sqrt(sum(float(curve.var()) for curve in curves)))


def _blinks(eyes: Floats, depth: float) -> list[int]:
    """Return, for each blink, the index of the frame with the smallest eye opening."""
    return [start + int(np.argmin(eyes[start:end])) for start, end in runs(eyes < depth)]


def _eye_opening(points: Floats, upper: tuple[int, ...], lower: tuple[int, ...]) -> float:
    middle = len(upper) // 2
    height = np.linalg.norm(points[upper[middle]] - points[lower[middle]])
    return float(height / max(float(np.linalg.norm(points[upper[-1]] - points[upper[0]])), 1e-6))


def _inside(luma: NDArray[np.uint8], ring: Floats) -> NDArray[np.uint8]:
    """Return the pixels of the gray image `luma` that are inside the polygon `ring`, as a flat array."""
    left, top = np.floor(ring.min(0)).astype(int).clip(0)
    right, bottom = np.ceil(ring.max(0)).astype(int) + 1
    part = luma[top:bottom, left:right]
    if not part.size:
        return part.ravel()
    mask = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(mask, [np.round(ring - (left, top)).astype(np.int32)], 1)
    return np.asarray(part[mask > 0], np.uint8)


def _teeth(rgb: NDArray[np.uint8], points: Floats) -> float:
    left, top = np.floor(points.min(0)).astype(int).clip(0)
    right, bottom = np.ceil(points.max(0)).astype(int) + 1
    luma = np.asarray(cv2.cvtColor(rgb[top:bottom, left:right], cv2.COLOR_RGB2GRAY), np.uint8)
    mouth, cheek = (
        _inside(luma, points[ring] - (left, top)) for ring in ([*INNER_UPPER, *INNER_LOWER[::-1]], CHEEKS)
    )
    if len(mouth) < MIN_MOUTH_PIXELS or len(cheek) < MIN_MOUTH_PIXELS or np.median(cheek) < MIN_CHEEK_LUMA:
        return float("nan")
    return float(np.percentile(mouth, 90) / np.median(cheek))


def _lid_chroma(
    rgb: NDArray[np.uint8], points: Floats, upper: tuple[int, ...], lower: tuple[int, ...]
) -> float:
    """Return the chroma just above the edge of the upper lid, divided by the chroma below the eye.

    `upper` and `lower` contain the landmark indices of the edges of the two lids.
    """
    middle = len(upper) // 2
    edge, low = points[upper[middle]], points[lower[middle]]
    width = float(np.linalg.norm(points[upper[-1]] - points[upper[0]]))
    down = np.array([-1.0, 1.0]) * (points[upper[-1]] - points[upper[0]])[::-1] / max(width, 1e-6)
    down = down if down[1] > 0 else -down
    lid, below = (
        _patch_chroma(rgb, at, width) for at in (edge - 0.1 * width * down, low + 0.35 * width * down)
    )
    return lid / below if below > 1 else float("nan")


def _patch_chroma(rgb: NDArray[np.uint8], center: Floats, width: float) -> float:
    x, y = center
    rx, ry = max(1.0, 0.2 * width), max(1.0, 0.06 * width)
    patch = rgb[max(0, int(y - ry)) : int(y + ry) + 1, max(0, int(x - rx)) : int(x + rx) + 1]
    if not patch.size:
        return float("nan")
    lab = cv2.cvtColor(patch.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).reshape(-1, 3)
    return float(np.hypot(*np.median(lab[:, 1:], 0)))


def _lip_line(rgb: NDArray[np.uint8], points: Floats, height_px: float) -> float:
    """Return the distance of the darkest line near the lips from the middle of the inner lips.

    The distance is in face heights, and positive if the line is below the middle. NaN if the mouth is too
    narrow to be measured.
    """
    middle = points[[13, 14]].mean(0)
    right = points[308] - points[78]
    width = float(np.linalg.norm(right))
    rows, columns = max(5, round(0.12 * height_px)), max(3, round(0.4 * width))
    if width < MIN_MOUTH_PIXELS:
        return float("nan")
    x_axis, y_axis = right / width, np.array([-right[1], right[0]]) / width
    corner = middle - x_axis * (columns - 1) / 2 - y_axis * (rows - 1) / 2
    matrix = np.column_stack([x_axis, y_axis, corner])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    band = cv2.warpAffine(rgb, matrix, (columns, rows), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    profile = cv2.cvtColor(band, cv2.COLOR_RGB2GRAY).astype(np.float64).mean(1)
    smooth = cv2.GaussianBlur(profile[:, None], (0, 0), 0.03 * height_px)[:, 0]
    ridge = cv2.GaussianBlur(profile[:, None], (0, 0), max(0.5, 0.004 * height_px))[:, 0] - smooth
    return float((int(np.argmin(ridge)) - (rows - 1) / 2) / height_px)
