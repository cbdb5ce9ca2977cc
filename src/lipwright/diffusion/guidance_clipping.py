"""The norming threshold: spikes of the guidance, capped relative to its own median.

A few latent frames that guidance pushes far harder than the rest make the mouth jerk. The cap is
a multiple of the median, so a value means the same for a preview and the final render.
"""

from __future__ import annotations

from lipwright.diffusion.arrays import Array, namespace
from lipwright.diffusion.guiders import Guidance

FEWEST_FRAMES = 3
"""Below this many generated frames a median says nothing about what is usual."""


def applies(threshold: float, guidance: Guidance) -> bool:
    """False where norming is inert: switched off, or guidance adds nothing it could cap."""
    return threshold > 0 and not guidance.neutral


def cap_spikes(delta: Array, mask: Array, *, threshold: float, tokens_per_frame: int = 1) -> Array:
    """Scales down the latent frames where guidance adds far more than usual.

    e_t is the RMS of `delta` over latent frame t and m its median over the frames that are being
    generated (any token's mask above 0), each item of the batch by itself. Frames with
    e_t > m / threshold are scaled to m / threshold. With fewer than three generated frames
    nothing is done.

    Args:
        delta: What guidance adds to the plain prediction, shape (B, T, C).
        mask: Shape (B, T, 1), 0..1.
        threshold: 0.1..0.5 is the tested range; 0.25 caps at four times the median. Higher is
            calmer; 0 switches it off and gives `delta` itself back.
        tokens_per_frame: Tokens that share a latent frame.

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
    unlimited = xp.full_like(e, float("inf"))
    cap = xp.where(count >= FEWEST_FRAMES, _median(e, generated, count) / threshold, unlimited)
    spread = xp.where(e > 0, e, xp.ones_like(e))
    scale = xp.where(e > cap, cap, spread) / spread  # exactly 1 where nothing is capped
    return xp.reshape(by_frame * scale[:, :, None, None], (batch, tokens, channels))


def _median(e: Array, chosen: Array, count: Array) -> Array:
    """Median along axis 1 of the chosen values, shape (B, 1); the mean of the middle two if even.

    Written out because torch.median takes the lower of the two, and neither library's median
    takes a mask. Sorting the rest to the end keeps shapes fixed: no wait for the GPU.
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
