"""Find frames that repeat the one before while everything around moves.

At a low bit rate, a codec redraws a duplicate, so that it also changes visibly. It is recognized because the
change is small in gray levels, small once blurred, and the face moves on after it as before.
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
    "step" is the difference of the whole blurred face. Fitted on 90 videos of `benchmarks.sync_faults` (seeds
    1, 5, 9, 18 and 23; 200 to 1500 kb/s, 24 to 50 fps), on three real videos at 6 to 30 fps, and on clean
    videos of the portrait engine at 192 to 512 pixels and 15 to 50 fps.
    """

    min_frame_rate_hz: float = 18.0
    """Minimum frame rate: at lower rates, a real face can rest for a whole frame."""
    min_difference: float = 1.6
    """Minimum median difference around a frame, of 255: only then does a still frame stand out."""
    still_ratio: float = 0.2
    """A frame is still if its difference is below this share of the median and of the adjacent
    differences."""
    max_still_difference: float = 1.5
    """Maximum difference, of 255, of a duplicate that the codec has kept; others it has redrawn."""
    redrawn_ratio: float = 0.45
    """Maximum difference of a duplicate that the codec has redrawn, as a share of the median."""
    max_redrawn_difference: float = 7.0
    """Maximum difference of a redrawn duplicate, of 255; most are below 3."""
    max_redrawn_step: float = 0.32
    """Maximum step of a redrawn duplicate, as a share of the geometric mean of the steps next to it."""
    min_cosine: float = -0.05
    """Minimum cosine of the steps next to a redrawn duplicate. A face that reverses its motion rests for a
    moment."""
    min_still_cosine: float = -0.65
    """The same if nothing moves."""
    max_own_cosine: float = 0.5
    """Maximum cosine of a redrawn duplicate's own step and the step before: a face that moves on is none."""
    min_catching_up: float = 0.6
    """Minimum ratio of the step after a redrawn duplicate to the step before: it makes up for the motion that
    was left out. A face that comes to rest moves less."""
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
    if not largest < DUPLICATE.redrawn_ratio * beside:  # not visible, or as large as its neighbors
        return False
    around = np.concatenate(
        [difference[max(0, first - NEIGHBORS) : first], difference[after : after + NEIGHBORS]]
    )
    around = around[np.isfinite(around)]
    usual = float(np.median(around))
    if len(around) < 4 or usual < DUPLICATE.min_difference:
        return False
    ratio = largest / min(usual, beside)
    into, out = (float(products[frame, 0]) ** 0.5 for frame in (before, after))
    cosine = float(products[after, count + 1]) / (into * out) if into > 0 and out > 0 else 0.0
    if ratio < DUPLICATE.still_ratio and largest < DUPLICATE.max_still_difference:
        return cosine >= DUPLICATE.min_still_cosine
    if (
        cosine < DUPLICATE.min_cosine
        or _cosine(products, first) > DUPLICATE.max_own_cosine
        or out < DUPLICATE.min_catching_up * into
    ):
        return False
    if ratio < DUPLICATE.still_ratio:
        return True
    broken = max(into, out) > DUPLICATE.broken_ratio * min(into, out) or (
        min(_cosine(products, before), _cosine(products, after + 1)) < DUPLICATE.broken_cosine
    )
    return bool(
        count == 1
        and ratio < DUPLICATE.redrawn_ratio
        and largest <= DUPLICATE.max_redrawn_difference
        and float(products[first, 0]) ** 0.5 < DUPLICATE.max_redrawn_step * (into * out) ** 0.5
        and not broken
    )


def _cosine(products: NDArray[np.float32], frame: int) -> float:
    """Cosine of a frame's step and the one before; 0 if there is none."""
    if not 1 <= frame < len(products):
        return 0.0
    size = float(products[frame, 0]) * float(products[frame - 1, 0])
    return float(products[frame, 1]) / size**0.5 if size > 0 else 0.0
