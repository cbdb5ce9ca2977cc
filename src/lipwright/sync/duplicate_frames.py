"""Find frames that repeat the previous frame although the face moves.

A frame in which nothing changes is a duplicate. At a low bit rate, the codec can encode a duplicate with
visible differences from the previous frame; such a duplicate is called "redrawn". It is recognized by three
signs. The blurred face changes much less than in a smooth movement. The change does not resemble the
motion in the frames before and after the duplicate. After the duplicate, the face moves on as before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.sync.mouth_track import MouthTrack

Floats = NDArray[np.float64]

NEIGHBORS = 8
"""A frame is compared with this number of frames before it, and with the same number of frames after it."""


@dataclass(frozen=True, slots=True)
class DuplicateThresholds:
    """Thresholds for duplicate frames.

    "Difference" is the mean gray-level difference from the previous frame, in the part of the face that
    changes most. "Step" is an image: the whole blurred face minus the blurred face in the previous frame.

    The thresholds were fitted on 37 videos with 91 duplicates, made as in `benchmarks.sync_faults` (200 to
    1500 kb/s, 24 to 30 fps), and on 16 clean videos of the portrait engine (192 to 512 pixels, 18 to 50 fps,
    calm to lively). All 91 duplicates are found. Two other frames are reported, but none in a clean video.
    """

    min_frame_rate_hz: float = 18.0
    """Minimum frame rate of the video; at lower rates, a real face can pause for one frame."""
    min_difference: float = 1.4
    """Minimum median difference of the frames around a duplicate, in gray levels (0..255); with less
    motion, an unchanged frame does not stand out."""
    max_difference_ratio: float = 0.6
    """Maximum of d / min(b, a): d is the difference of the duplicate from its previous frame, b that of the
    frame before the duplicate, and a that of the frame after it (see `DuplicateThresholds`)."""
    same_difference_ratio: float = 0.03
    """Maximum of the ratio in `max_difference_ratio` for a duplicate in which nothing changes. If a real face
    pauses for one frame, its ratio is higher, because some part of the face still moves a little."""
    max_step_ratio: float = 0.42
    """Maximum of s / m: s is the size of a redrawn duplicate's step (change of the blurred face); m is the
    size of the mean of the steps before and after, which is the step of a smooth movement. If the face
    reverses its motion, m is small, so that a real face at its turning point is not reported."""
    max_cosine: float = 0.52
    """Maximum absolute cosine between a redrawn duplicate's step (change of the blurred face) and the mean of
    the steps before and after. If a real face slows down, its step keeps the direction of that mean."""
    min_cosine: float = -0.6
    """Minimum cosine between the steps (changes of the blurred face) before and after a redrawn duplicate. If
    it is lower, the face reverses its motion."""
    min_catching_up: float = 0.42
    """Minimum size of the step (change of the blurred face) after a redrawn duplicate, divided by the size of
    the step before the duplicate. After a duplicate, the face catches up on the motion that the duplicate
    lacks. A real face that comes to rest has a smaller step."""
    still_step: float = 0.1
    """Maximum size of the step (change of the blurred face), divided by the geometric mean of the steps
    before and after. This limit applies only to duplicates next to a damaged frame, and to consecutive
    duplicates: the codec must have left such frames almost unchanged."""
    broken_cosine: float = -0.5
    """Minimum cosine between the steps (changes of the blurred face) of the two frames before, or of the two
    frames after, a redrawn duplicate. If the cosine is lower, a frame near the suspected duplicate was
    damaged and then restored, so there is no duplicate."""
    broken_ratio: float = 10.0
    """Maximum ratio of the steps before and after a duplicate, the larger divided by the smaller; above this
    ratio, one of the two is a jump."""
    max_run: int = 3
    """Maximum number of consecutive duplicates; if there are more, the face is at rest."""


DUPLICATE = DuplicateThresholds()


def find_duplicates(track: MouthTrack) -> tuple[int, ...]:
    """Return the numbers of the frames that repeat the previous frame although the face moves.

    The whole face is compared, because lips can rest during speech. The first frames of a video are skipped,
    because codecs often repeat them at a low bit rate.
    """
    difference = np.where(track.visible, track.max_cell_difference, np.nan).astype(np.float64)
    found: set[int] = set()
    for count in range(1, DUPLICATE.max_run + 1):
        for first in range(1, len(difference) - count):
            if _is_run_of_duplicates(difference, track.difference_products, first, count):
                found.update(range(first, first + count))
    return tuple(sorted(found))


def _is_run_of_duplicates(difference: Floats, products: NDArray[np.float32], first: int, count: int) -> bool:
    before, after = first - 1, first + count
    largest, neighbor = np.max(difference[first:after]), np.minimum(difference[before], difference[after])
    # This is also true if the face is not visible, because the differences are then NaN.
    if not largest < DUPLICATE.max_difference_ratio * neighbor:
        return False
    around = np.concatenate(
        [difference[max(0, first - NEIGHBORS) : first], difference[after : after + NEIGHBORS]]
    )
    around = around[np.isfinite(around)]
    if len(around) < 4 or float(np.median(around)) < DUPLICATE.min_difference:
        return False
    steps = np.sqrt(products[before : after + 1, 0].astype(np.float64))
    into, out = float(steps[0]), float(steps[-1])
    if not (into > 0 and out > 0) or max(into, out) > DUPLICATE.broken_ratio * min(into, out):
        return False
    return bool(largest < DUPLICATE.same_difference_ratio * neighbor) or _is_redrawn(steps, products, first)


def _is_redrawn(steps: Floats, products: NDArray[np.float32], first: int) -> bool:
    """Return True if a run of suspected duplicates are duplicates that a codec redrew.

    Args:
        steps: Sizes of the steps (see `DuplicateThresholds`): of the frame before the run, of each frame in
            the run, and of the frame after the run.
        products: The products of `FaceDifference` for every frame of the video.
        first: Index of the first frame in the run.
    """
    count, into, out = len(steps) - 2, float(steps[0]), float(steps[-1])
    before, after = first - 1, first + count
    step = float(steps[1:-1].max()) / (into * out) ** 0.5
    cosine = float(products[after, count + 1]) / (into * out)
    smooth_step = (max(0.0, 1 + cosine) / 2) ** 0.5  # length of the mean of two unit vectors
    along = (_cosine(products, first) + _cosine(products, after)) / 2
    if (
        cosine < DUPLICATE.min_cosine
        or step >= DUPLICATE.max_step_ratio * smooth_step
        or abs(along) > DUPLICATE.max_cosine * smooth_step
        or out < DUPLICATE.min_catching_up * into
    ):
        return False
    damaged = min(_cosine(products, before), _cosine(products, after + 1)) < DUPLICATE.broken_cosine
    return step < DUPLICATE.still_step or (count == 1 and not damaged)


def _cosine(products: NDArray[np.float32], frame: int) -> float:
    """Return the cosine between the step of a frame and the step of the previous frame.

    A step is the change of the blurred face. The result is 0 if either step is 0.
    """
    if not 1 <= frame < len(products):
        return 0.0
    size = float(products[frame, 0]) * float(products[frame - 1, 0])
    return float(products[frame, 1]) / size**0.5 if size > 0 else 0.0
