"""Limit guidance in outlier frames; the setting is `norming_threshold`.

The mouth jerks if guidance changes a few latent frames far more than the other frames. The limit is a
multiple of the median change over all generated frames, so the same threshold suits a preview and the final
render.
"""

from __future__ import annotations

from lipwright.diffusion.arrays import Array, namespace
from lipwright.diffusion.guiders import Guidance

MIN_GENERATED_FRAMES = 3
"""Minimum number of generated latent frames for clipping; the median of fewer frames is meaningless."""


def applies(threshold: float, guidance: Guidance) -> bool:
    """Return True if the threshold has an effect: it is not 0, and the guidance is not neutral."""
    return threshold > 0 and not guidance.neutral


def clip_outlier_frames(delta: Array, mask: Array, *, threshold: float, tokens_per_frame: int = 1) -> Array:
    """Scale down `delta` in latent frames where its RMS is far above the median RMS.

    For each item of the batch, e_t is the RMS of `delta` over latent frame t, and m is the median of e_t over
    the generated frames (those with a mask above 0). In a frame with e_t > m / threshold, `delta` is scaled
    down to the RMS m / threshold. With fewer than three generated frames, nothing is changed.

    Args:
        delta: The difference that guidance makes to the plain prediction, shape (B, T, C).
        mask: Shape (B, T, 1), 0..1.
        threshold: 0.1..0.5 is the tested range; 0.25 limits a frame to four times the median. Higher values
            clip more; 0 switches clipping off and returns `delta` itself.
        tokens_per_frame: Number of tokens in one latent frame.

    Returns:
        The scaled `delta`, shape (B, T, C).
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
    """Return the median of the chosen values along axis 1, shape (B, 1).

    The median of an even number of values is the mean of the middle two. It is computed here because
    torch.median returns the lower of the two, and the medians of numpy and torch take no mask. Values that
    are not chosen are sorted to the end instead of removed. This keeps all shapes fixed, so that the CPU
    does not have to wait for the GPU.
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
