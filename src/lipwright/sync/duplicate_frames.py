"""Find frames that repeat the one before while everything around moves.

A codec short of bits redraws such a frame, so that it changes nearly as much as others. What gives it away is
that its change does not lie on the way from the frame before to the frame after, and that it is small once
blurred.
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
    """When a frame counts as a duplicate.

    The ratios were fitted on videos of `benchmarks.sync_faults` (200 to 1500 kb/s, 24 to 50 fps, seeds 0 and
    2 to 17) and on real ones; docs/check.md reports other seeds. "Step" is the difference of the blurred face
    between two frames; "beside" are the steps into the frame before and out of the frame.
    """

    min_difference: float = 1.6
    """Usual gray-level difference around a frame, of 255, from which a still frame stands out."""
    max_ratio: float = 0.85
    """Largest gray-level difference of a single duplicate, relative to what is usual around it and to the
    differences beside it."""
    small_ratio: float = 0.2
    """The same for two or three duplicates in a row: lips at rest in speech stand for two frames as well."""
    zero_ratio: float = 0.06
    """Below this nothing changes, whatever the steps."""
    max_step_ratio: float = 0.36
    """Largest step of a duplicate relative to those beside it (their geometric mean)."""
    max_progress: float = 0.06
    """Largest part of the way from before to after that a duplicate may cover, ..."""
    max_progress_straight: float = 0.08
    """... plus this where the steps beside it point in one direction, times their cosine."""
    min_cosine: float = -0.3
    """Smallest cosine of the steps beside it. Where a face reverses its motion it comes to rest by itself."""
    min_cosine_small: float = -0.65
    """The same below small_ratio."""
    broken_cosine: float = -0.7
    """Cosine of a step beside it and the next one further out, below which a frame was broken: a jump. Beside
    a jump nothing is reported."""
    broken_ratio: float = 10.0
    """Ratio of the two steps beside it from which one is a jump."""
    min_step: float = 0.4
    """Standard deviation of gray levels of the steps beside it, below which their direction is noise."""
    max_run: int = 3
    """Longest run of duplicates; a longer rest is a rest."""


DUPLICATE = DuplicateThresholds()


def find_duplicates(track: MouthTrack) -> tuple[int, ...]:
    """Find frames that repeat the one before while everything around moves.

    The whole face is compared, since lips alone are held in speech. The first frames of a video are no
    duplicates: a codec short of bits often repeats them.
    """
    difference = np.where(track.visible, track.max_cell_difference, np.nan).astype(np.float64)
    found: set[int] = set()
    for count in range(1, DUPLICATE.max_run + 1):
        limit = DUPLICATE.max_ratio if count == 1 else DUPLICATE.small_ratio
        for first in range(1, len(difference) - count):
            held = slice(first, first + count)
            beside = np.minimum(difference[first - 1], difference[first + count])
            if np.max(difference[held]) < limit * beside and _is_duplicate(
                difference, track.difference_products, held, limit
            ):
                found.update(range(first, first + count))
    return tuple(sorted(found))


def _is_duplicate(difference: Floats, products: NDArray[np.float32], held: slice, limit: float) -> bool:
    before, after = held.start - 1, held.stop
    around = np.concatenate(
        [difference[max(0, held.start - NEIGHBORS) : held.start], difference[after : after + NEIGHBORS]]
    )
    around = around[np.isfinite(around)]
    usual = float(np.median(around))
    if len(around) < 4 or usual < DUPLICATE.min_difference:
        return False
    share = float(np.max(difference[held]) / min(usual, difference[before], difference[after]))
    if share < DUPLICATE.zero_ratio or share >= limit:
        return share < DUPLICATE.zero_ratio
    # Products of all steps from the one before to the one after, shape (count + 2, count + 2).
    product = np.array(
        [
            [products[max(i, j), abs(i - j)] for j in range(before, after + 1)]
            for i in range(before, after + 1)
        ],
        np.float64,
    )
    into, out = np.sqrt(np.maximum(product[[0, -1], [0, -1]], 0))
    if min(into, out) < DUPLICATE.min_step:
        return False
    beside = float(np.sqrt(into * out))
    cosine = float(product[0, -1] / beside**2)
    clear = share >= DUPLICATE.small_ratio
    if cosine < (DUPLICATE.min_cosine if clear else DUPLICATE.min_cosine_small):
        return False
    if clear and _is_broken(products, before, after):
        return False
    small = float(np.sqrt(product.diagonal()[1:-1].max())) < DUPLICATE.max_step_ratio * beside
    way = float(np.sqrt(max(product.sum(), 0.0)))  # rows of different frames: rounding can leave less than 0
    progress = (DUPLICATE.max_progress + DUPLICATE.max_progress_straight * max(cosine, 0.0)) * 2 * beside
    return small and abs(float(product[1:-1].sum())) < progress * way


def _is_broken(products: NDArray[np.float32], before: int, after: int) -> bool:
    """Whether one of the frames beside a gap is broken, so that nothing can be said about the gap."""
    less, more = sorted(float(products[frame, 0]) ** 0.5 for frame in (before, after))
    turns = (_cosine(products, before), _cosine(products, after + 1))
    return more > DUPLICATE.broken_ratio * less or min(turns) < DUPLICATE.broken_cosine


def _cosine(products: NDArray[np.float32], frame: int) -> float:
    """Cosine of a frame's step and the one before; 0 where there is none."""
    if not 1 <= frame < len(products):
        return 0.0
    size = float(products[frame, 0]) * float(products[frame - 1, 0])
    return float(products[frame, 1]) / size**0.5 if size > 0 else 0.0
