"""Clip outliers of the guidance, relative to its own median: the norming threshold.

A few latent frames that guidance pushes far harder than the others make the mouth jerk. The limit is a
multiple of the median, so a threshold means the same for a preview and for the final render.
"""

from __future__ import annotations

from lipwright.diffusion.arrays import Array, namespace
from lipwright.diffusion.guiders import Guidance

MIN_GENERATED_FRAMES = 3
"""Minimum number of generated frames: with fewer, the median is meaningless."""


def applies(threshold: float, guidance: Guidance) -> bool:
    """Whether the threshold has any effect: it is on, and guidance adds something to clip."""
    return threshold > 0 and not guidance.neutral


def clip_outlier_frames(delta: Array, mask: Array, *, threshold: float, tokens_per_frame: int = 1) -> Array:
    """Scale down the latent frames in which guidance adds far more than usual.

    e_t is the RMS of `delta` over latent frame t, and m the median of e over the frames that are being
    generated (any token's mask above 0), for each item of the batch separately. Frames with
    e_t > m / threshold are scaled to m / threshold. With fewer than three generated frames nothing is
    changed.

    Args:
        delta: The difference that guidance makes to the plain prediction, shape (B, T, C).
        mask: Shape (B, T, 1), 0..1.
        threshold: 0.1..0.5 is the tested range; 0.25 limits a frame to four times the median. Higher
            values are calmer; 0 switches clipping off and returns `delta` itself.
        tokens_per_frame: Tokens of one latent frame.

    Returns:
        Shape (B, T, C).
    """
    if threshold <= 0:
        return delta
    xp = namespace(delta)
    batch, tokens, channels = delta.shape
    frames = tokens // tokens_per_frame
    by_frame = xp.reshape(delta, (batch, frames, tokens_per_frame, channels))
    e = xp.sqrt(xp.mean(by_frame * by_frame, axis=(2, 3)))
    generated = xp.any(xp.reshape(mask, (batch, frames, tokens_per_frame)) > 0, axis=2)
    count = xp.sum(xp.astype(generated, xp.int64), axis=1, keepdims=True)
    no_limit = xp.full_like(e, float("inf"))
    limit = xp.where(count >= MIN_GENERATED_FRAMES, _median(e, generated, count) / threshold, no_limit)
    divisor = xp.where(e > 0, e, xp.ones_like(e))
    scale = xp.where(e > limit, limit, divisor) / divisor  # exactly 1 where nothing is clipped
    return xp.reshape(by_frame * scale[:, :, None, None], (batch, tokens, channels))


def _median(e: Array, chosen: Array, count: Array) -> Array:
    """Median of the chosen values along axis 1, shape (B, 1); the mean of the middle two if even.

    Written out because torch.median returns the lower of the two, and neither library's median takes a
    mask. Sorting the other values to the end keeps shapes fixed, so the GPU is never waited for.
    """
    xp = namespace(e)
    ordered = xp.sort(xp.where(chosen, e, xp.full_like(e, float("inf"))), axis=1)
    place = xp.broadcast_to(xp.cumulative_sum(xp.ones_like(chosen, dtype=xp.int64), axis=1) - 1, e.shape)
    zero = xp.zeros_like(e)
    low, high = (
        xp.sum(xp.where(place == middle, ordered, zero), axis=1, keepdims=True)
        for middle in ((count - 1) // 2, count // 2)
    )
    return (low + high) / 2
