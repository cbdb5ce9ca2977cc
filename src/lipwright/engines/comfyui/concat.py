"""Videos of several jobs become one: each but the first leaves out the frame that it shares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright.media.video_reader import received_frames

MAX_SHIFT = 12.0
"""Of 255: a difference in mean colour beyond it is no drift of the decoder, and is left alone."""


@dataclass(frozen=True, slots=True)
class Take:
    """One job's video."""

    path: Path
    start: int
    """Number of its first frame in the whole video."""
    image: NDArray[np.uint8] | None = None
    """What its first frame should be, shape (height, width, 3): the last frame before it; None for the
    first take, which is kept whole."""


def joined(takes: Sequence[Take]) -> Iterator[NDArray[np.uint8]]:
    """All frames of the video, each take in the colours of the one before.

    A model gives back its reference image a little off in colour; over many chunks that would add up.
    So each take's mean colour is shifted by what its first frame is off.

    Yields:
        Shape (height, width, 3), RGB.
    """
    shift = np.zeros(3)
    for take in takes:
        frames = received_frames(take.path)
        if take.image is None:
            yield from frames
            continue
        first = next(frames)
        off = shift + take.image.mean((0, 1)) - first.mean((0, 1))
        shift = off if np.abs(off).max() <= MAX_SHIFT else np.zeros(3)
        for frame in frames:
            yield np.clip(np.rint(frame + shift), 0, 255).astype(np.uint8)
