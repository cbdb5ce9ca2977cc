"""Frames that show the one before once more while everything around moves.

A codec short of bits draws such a frame anew, so that it changes nearly as much as others. What tells it
is that its change does not lie on the way from the frame before to the frame after, and that it is small
once blurred. The shares below were fitted on videos of `benchmarks.sync_faults`, 200 to 1500 kb/s, 24 to 50
frames a second, seeds 0 and 2 to 17, and on real ones; others are reported.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipwright.sync.mouth import MouthTrack

Floats = NDArray[np.float64]

LOCAL = 8
"""Frames to either side that a frame is compared with."""
MOVING = 1.6
"""Change of grey level around it from which a frame that does not change stands out."""
MOST = 0.85
"""A repeated frame changes less than this share of what is usual around it and of what changes right
before and after. A codec short of bits draws it anew, and better, which is nearly as much."""
SURELY, NEARLY = 0.06, 0.2
"""Shares below which nothing changes, and next to nothing."""
SOFTLY = 0.36
"""From SURELY on, a repeated frame's own step in the blurred face is less than this share of the steps
beside it (their geometric mean): what is drawn anew is fine, what moves is not."""
NOWHERE, ALONG = 0.06, 0.08
"""And it gets nowhere: of the way from before to after it makes less than this share of both steps beside
it (twice their geometric mean); and so much more, the straighter the way, times its cosine."""
ONWARD, NEARLY_ONWARD = -0.3, -0.65
"""And the face goes on after it as before: cosine of the two steps beside it. Where a face turns round
between two movements it comes to rest by itself, for a frame too. The second below NEARLY."""
BACK, LOPSIDED = -0.7, 10.0
"""From NEARLY on, where the step beside it is taken back by the one beside that, so far or further by
cosine, or is so many times the step on its other side, a frame went wrong or the image leapt: a jump,
and beside it nothing is told."""
LEAST_STEP = 0.4
"""Deviation of grey levels, in the blurred face, of the steps beside it: what is less is no way to hold
anything against."""
AT_A_TIME = 3
"""Repetitions one after another at most: a longer rest is none. Lips rest for two frames in speech as well,
so that several at a time are each below NEARLY."""


def find_repeats(track: MouthTrack) -> tuple[int, ...]:
    """Frames that show the one before once more while everything around moves.

    Told by the image of the whole face: lips alone are held in speech. The video's first frames repeat
    nothing: a codec that is short of bits often lets them stand.
    """
    stir = np.where(track.seen, track.stir, np.nan).astype(np.float64)
    found: set[int] = set()
    for count in range(1, AT_A_TIME + 1):
        most = MOST if count == 1 else NEARLY
        for first in range(1, len(stir) - count):
            held = slice(first, first + count)
            if np.max(stir[held]) < most * np.minimum(stir[first - 1], stir[first + count]) and _repeats(
                stir, track.steps, held, most
            ):
                found.update(range(first, first + count))
    return tuple(sorted(found))


def _repeats(stir: Floats, steps: NDArray[np.float32], held: slice, most: float) -> bool:
    """Whether these frames show the one before them.

    Args:
        stir: Change of grey level where the face changes most, shape (n,), NaN where it is not seen.
        steps: Of the track, shape (n, STEPS).
        held: The frames; those beside them are seen.
        most: Share of the change around that they may have.
    """
    before, after = held.start - 1, held.stop
    around = np.concatenate([stir[max(0, held.start - LOCAL) : held.start], stir[after : after + LOCAL]])
    around = around[np.isfinite(around)]
    usual = float(np.median(around))
    if len(around) < 4 or usual < MOVING:
        return False
    share = float(np.max(stir[held]) / min(usual, stir[before], stir[after]))
    if share < SURELY or share >= most:
        return share < SURELY
    # Products of all steps from the one before to the one after, shape (count + 2, count + 2).
    product = np.array(
        [[steps[max(i, j), abs(i - j)] for j in range(before, after + 1)] for i in range(before, after + 1)],
        np.float64,
    )
    into, out = np.sqrt(np.maximum(product[[0, -1], [0, -1]], 0))
    if min(into, out) < LEAST_STEP:
        return False
    beside = float(np.sqrt(into * out))
    straight = float(product[0, -1] / beside**2)
    if straight < (ONWARD if share >= NEARLY else NEARLY_ONWARD):
        return False
    if share >= NEARLY and _gone_wrong(steps, before, after):
        return False
    softly = float(np.sqrt(product.diagonal()[1:-1].max())) < SOFTLY * beside
    way = float(np.sqrt(max(product.sum(), 0.0)))  # rows of different frames: rounding can leave less than 0
    most_made = (NOWHERE + ALONG * max(straight, 0.0)) * 2 * beside
    return softly and abs(float(product[1:-1].sum())) < most_made * way


def _gone_wrong(steps: NDArray[np.float32], before: int, after: int) -> bool:
    """Whether one of two frames is a jump: what lies between is no repetition."""
    less, more = sorted(float(steps[frame, 0]) ** 0.5 for frame in (before, after))
    return more > LOPSIDED * less or min(_turn(steps, before), _turn(steps, after + 1)) < BACK


def _turn(steps: NDArray[np.float32], frame: int) -> float:
    """Cosine of a frame's step and the one before; 0 where there is none."""
    if not 1 <= frame < len(steps):
        return 0.0
    size = float(steps[frame, 0]) * float(steps[frame - 1, 0])
    return float(steps[frame, 1]) / size**0.5 if size > 0 else 0.0
