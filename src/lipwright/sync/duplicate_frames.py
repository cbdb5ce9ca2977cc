"""Find frames that repeat the one before while everything around moves.

At a low bit rate, a codec redraws a duplicate, so that it also changes visibly. It is recognized because the
blurred face hardly changes, the change is unlike the motion around it, and the face moves on as before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.sync.mouth_track import MouthTrack

Floats = NDArray[np.float64]

NEIGHBORS = 8
"""Frames to either side that a frame is compared with."""


@dataclass(frozen=True, slots=True)
class DuplicateThresholds:
    """Thresholds for duplicate frames.

    "Difference" is the gray-level difference to the frame before in the part of the face that changes most;
    "step" is the difference of the whole blurred face. Fitted on 53 spoiled videos as in
    `benchmarks.sync_faults` (200 to 1500 kb/s, 24 to 50 fps), and on 40 clean videos of the portrait engine
    (192 to 384 pixels, 18 to 50 fps).
    """

    min_frame_rate_hz: float = 18.0
    """Minimum frame rate: at lower rates, a real face can rest for a whole frame."""
    min_difference: float = 1.4
    """Minimum median difference around a frame, of 255: only then does a still frame stand out."""
    max_difference_ratio: float = 0.6
    """Maximum difference of a duplicate, as a share of the smaller difference next to it."""
    still_step: float = 0.1
    """Step up to which nothing moves, as a share of the geometric mean of the steps next to it."""
    redrawn_step: float = 0.3
    """The same for a duplicate that the codec has redrawn."""
    still_own_cosine: float = 0.35
    """Maximum cosine of the step of a still duplicate and the steps next to it. A face that slows down moves
    on in the same direction."""
    redrawn_own_cosine: float = 0.5
    """The same for a redrawn duplicate."""
    still_cosine: float = -0.65
    """Minimum cosine of the two steps next to a still duplicate. A face that reverses its motion rests for a
    moment."""
    redrawn_cosine: float = -0.05
    """The same for a redrawn duplicate."""
    broken_cosine: float = -0.7
    """Cosine of an adjacent step and the step beyond it below which the frame was damaged and then restored:
    next to such a jump, nothing was redrawn."""
    broken_ratio: float = 10.0
    """Ratio of the two adjacent steps from which one of them is a jump."""
    max_run: int = 3
    """Longest run of duplicates; in a longer one, the face itself is at rest."""


DUPLICATE = DuplicateThresholds()


def find_duplicates(track: MouthTrack) -> tuple[int, ...]:
    """Find frames that repeat the one before while everything around moves.

    The whole face is compared, because lips can rest in speech. The first frames of a video are skipped: at a
    low bit rate, codecs often repeat them.
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
    largest, beside = np.max(difference[first:after]), np.minimum(difference[before], difference[after])
    if not largest < DUPLICATE.max_difference_ratio * beside:  # not visible, or as large as its neighbors
        return False
    around = np.concatenate(
        [difference[max(0, first - NEIGHBORS) : first], difference[after : after + NEIGHBORS]]
    )
    around = around[np.isfinite(around)]
    if len(around) < 4 or float(np.median(around)) < DUPLICATE.min_difference:
        return False
    steps = np.sqrt(products[before : after + 1, 0].astype(np.float64))
    into, out = float(steps[0]), float(steps[-1])
    if not (into > 0 and out > 0):
        return False
    step = float(steps[1:-1].max()) / (into * out) ** 0.5
    cosine = float(products[after, count + 1]) / (into * out)
    own_cosine = max(_cosine(products, first), _cosine(products, after))
    if max(into, out) > DUPLICATE.broken_ratio * min(into, out):
        return False
    if step < DUPLICATE.still_step:
        return cosine >= DUPLICATE.still_cosine and own_cosine <= DUPLICATE.still_own_cosine
    return (
        count == 1
        and step < DUPLICATE.redrawn_step
        and cosine >= DUPLICATE.redrawn_cosine
        and own_cosine <= DUPLICATE.redrawn_own_cosine
        and min(_cosine(products, before), _cosine(products, after + 1)) >= DUPLICATE.broken_cosine
    )


def _cosine(products: NDArray[np.float32], frame: int) -> float:
    """Cosine of a frame's step and the one before; 0 if there is none."""
    if not 1 <= frame < len(products):
        return 0.0
    size = float(products[frame, 0]) * float(products[frame - 1, 0])
    return float(products[frame, 1]) / size**0.5 if size > 0 else 0.0
