"""Which latents a stretch of time touches, and how strongly.

A stretch becomes a window of latent indices, a window becomes weights (one number per latent
frame), weights multiply where several conditions meet, and the product becomes a token mask.
1 is generated, 0 is kept.

The index arithmetic is that of ComfyUI-LTXVideo's LTXVSetAudioVideoMaskByTime, so that a film
masked here and one masked there agree. Rounding is Python's `round`, halves to even; a time given
as Fraction is multiplied exactly, a float as a float, as the node does it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from fractions import Fraction
from math import isnan

import numpy as np
from numpy.typing import NDArray

from lipwright.diffusion.arrays import Array, like, namespace
from lipwright.domain.grid import AUDIO_LATENTS_PER_SECOND, FRAMES_PER_LATENT
from lipwright.errors import UsageError


def video_window(start: Fraction | float, end: Fraction | float, *, frames: int, rate: Fraction) -> range:
    """Latent frames that lie wholly inside a stretch of time.

    Latent frames begin at pixel frames 0, 1, 9, 17, ...; the start goes up to the first such
    boundary not before round(start * fps), the end down to the last one not after round(end * fps).

    Args:
        start: Seconds; before 0 counts as 0.
        end: Seconds; past the film, or infinity, counts as its end.
        frames: Latent frames of the film.
        rate: Frames per second.

    Returns:
        Indices, empty where no whole latent frame fits.

    Raises:
        UsageError: a time that is not a number.
    """
    boundaries = [0, *range(1, FRAMES_PER_LATENT * frames, FRAMES_PER_LATENT)]
    first = bisect_left(boundaries, _tick(start, rate, boundaries[-1]))
    last = bisect_right(boundaries, _tick(end, rate, boundaries[-1])) - 1
    return range(first, max(first, last))


def audio_window(start: Fraction | float, end: Fraction | float, *, length: int) -> range:
    """Audio latents of a stretch of time: round(25 start) up to and including round(25 end).

    Args:
        start: Seconds; before 0 counts as 0.
        end: Seconds; past the sound, or infinity, counts as its end.
        length: Audio latents of the film.

    Raises:
        UsageError: a time that is not a number.
    """
    rate = Fraction(AUDIO_LATENTS_PER_SECOND)
    first = _tick(start, rate, length)
    last = min(_tick(end, rate, length) + 1, length)
    return range(first, max(first, last))


def window_weights(
    latents: int, window: range, *, outside: float = 0.0, slope: int = 0
) -> NDArray[np.float64]:
    """1 inside a window of latents and `outside` elsewhere.

    Args:
        latents: How many latents there are in time.
        window: Those to generate.
        outside: Weight far from the window, 0..1.
        slope: Latents over which the weight falls off on each side of the window, in a straight
            line: with 3, the neighbours get 3/4, 2/4, 1/4 (never less than `outside`). 0 is a
            hard edge. An empty window has no edges.

    Returns:
        Shape (latents,), 0..1.
    """
    if not window:
        return np.full(latents, outside)
    index = np.arange(latents)
    distance = np.maximum(np.maximum(window.start - index, index - (window.stop - 1)), 0)
    return np.maximum(np.clip(1 - distance / (slope + 1), 0, 1), outside)


def held_weights(latents: int, held: int, *, strength: float = 1.0) -> NDArray[np.float64]:
    """Holds the first latents: the reference picture, or the end of the chunk before.

    Args:
        latents: How many latents there are in time.
        held: How many of them, from the first, are held.
        strength: 1 keeps them bit for bit, 0 generates them like the rest.

    Returns:
        Shape (latents,): 1 - strength for those held, 1 after them.
    """
    return np.where(np.arange(latents) < held, 1.0 - strength, 1.0)


def token_mask(
    weights: NDArray[np.float64], *, batch: int, similar_to: Array, tokens_per_frame: int = 1
) -> Array:
    """The mask of packed tokens.

    Args:
        weights: One per latent frame, 0..1.
        batch: Size of the batch.
        similar_to: Array whose kind, dtype and device the mask takes.
        tokens_per_frame: Tokens that share a latent frame's weight.

    Returns:
        Shape (batch, latents * tokens_per_frame, 1).
    """
    tokens = like(np.repeat(weights, tokens_per_frame), similar_to)
    xp = namespace(tokens)
    return xp.broadcast_to(tokens[None, :, None], (batch, tokens.shape[0], 1))


def _tick(time: Fraction | float, rate: Fraction, last: int) -> int:
    """The nearest frame or latent to a time, within 0..last."""
    if isnan(time):
        raise UsageError("a time of the mask is not a number", hint="give start and end in seconds")
    return round(min(max(time * rate, 0), last))
