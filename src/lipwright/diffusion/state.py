"""Latents on their way through the sampler: shapes, tokens, positions in seconds, what is kept.

Rectified flow: at noise level sigma a latent is x = (1 - sigma) x0 + sigma n, with n standard
normal. Every token has its own level, mask * sigma: 1 is generated, 0 is kept, and what lies
between is generated in part.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lipwright.diffusion.arrays import Array, namespace
from lipwright.domain.grid import FRAMES_PER_LATENT
from lipwright.errors import EngineError

PIXELS_PER_LATENT = 32
"""Spatial compression of the LTX-2 video VAE, each way."""

MEL_FRAMES_PER_LATENT = 4
"""Temporal compression of the LTX-2 audio VAE."""

MEL_FRAMES_PER_SECOND = 100
"""16,000 Hz / hop 160."""


@dataclass(frozen=True, slots=True)
class VideoShape:
    """Size of video latents."""

    batch: int
    channels: int
    frames: int
    """Latent frames: (pixel frames - 1) / 8 + 1."""
    height: int
    width: int

    @property
    def tokens_per_frame(self) -> int:
        """Tokens of one latent frame."""
        return self.height * self.width

    @property
    def tokens(self) -> int:
        """Length of the packed sequence."""
        return self.frames * self.tokens_per_frame

    @property
    def packed(self) -> tuple[int, int, int]:
        """(batch, tokens, channels)."""
        return self.batch, self.tokens, self.channels

    @property
    def unpacked(self) -> tuple[int, int, int, int, int]:
        """(batch, channels, frames, height, width)."""
        return self.batch, self.channels, self.frames, self.height, self.width


@dataclass(frozen=True, slots=True)
class AudioShape:
    """Size of audio latents."""

    batch: int
    channels: int
    length: int
    """Latents in time, 25 per second."""
    bins: int
    """Latent mel bins."""

    @property
    def packed(self) -> tuple[int, int, int]:
        """(batch, length, channels * bins)."""
        return self.batch, self.length, self.channels * self.bins

    @property
    def unpacked(self) -> tuple[int, int, int, int]:
        """(batch, channels, length, bins)."""
        return self.batch, self.channels, self.length, self.bins


def pack_video(latents: Array) -> Array:
    """(B, C, F, H, W) to tokens (B, F*H*W, C), frame by frame, row by row."""
    shape = VideoShape(*latents.shape)
    xp = namespace(latents)
    return xp.reshape(xp.permute_dims(latents, (0, 2, 3, 4, 1)), shape.packed)


def unpack_video(tokens: Array, shape: VideoShape) -> Array:
    """The inverse of pack_video: tokens (B, F*H*W, C) to (B, C, F, H, W)."""
    xp = namespace(tokens)
    grid = (shape.batch, shape.frames, shape.height, shape.width, shape.channels)
    return xp.permute_dims(xp.reshape(tokens, grid), (0, 4, 1, 2, 3))


def pack_audio(latents: Array) -> Array:
    """(B, C, L, M) to tokens (B, L, C*M), channel by channel."""
    shape = AudioShape(*latents.shape)
    xp = namespace(latents)
    return xp.reshape(xp.permute_dims(latents, (0, 2, 1, 3)), shape.packed)


def unpack_audio(tokens: Array, shape: AudioShape) -> Array:
    """The inverse of pack_audio: tokens (B, L, C*M) to (B, C, L, M)."""
    xp = namespace(tokens)
    grid = (shape.batch, shape.length, shape.channels, shape.bins)
    return xp.permute_dims(xp.reshape(tokens, grid), (0, 2, 1, 3))


def video_coordinates(shape: VideoShape, frame_rate: Fraction) -> NDArray[np.float64]:
    """Where each video token lies in time and in the image.

    Latent frame 0 covers [0, 1/fps], latent frame j >= 1 covers [(8j-7)/fps, (8j+1)/fps]
    (diffusers, LTX2AudioVideoRotaryPosEmbed.prepare_video_coords).

    Args:
        shape: Size of the latents; the batch plays no part.
        frame_rate: Frames per second.

    Returns:
        Shape (3, tokens, 2): start and end of each token in seconds, then down the image
        and across it in pixels.
    """
    frames = _causal_bounds(shape.frames, FRAMES_PER_LATENT) / float(frame_rate)
    rows = np.arange(shape.height)[:, None] * PIXELS_PER_LATENT + np.array([0.0, PIXELS_PER_LATENT])
    columns = np.arange(shape.width)[:, None] * PIXELS_PER_LATENT + np.array([0.0, PIXELS_PER_LATENT])
    grid = (shape.frames, shape.height, shape.width, 2)
    axes = (frames[:, None, None], rows[None, :, None], columns[None, None, :])
    return np.stack([np.broadcast_to(axis, grid).reshape(-1, 2) for axis in axes])


def audio_coordinates(length: int) -> NDArray[np.float64]:
    """Where each audio latent lies in time.

    The audio VAE is causal like the video's: latent 0 covers mel frame 0 alone, latent j >= 1
    covers mel frames 4j-3 .. 4j, that is [(4j-3)/100, (4j+1)/100] seconds
    (diffusers, LTX2AudioVideoRotaryPosEmbed.prepare_audio_coords).

    Returns:
        Shape (1, length, 2): start and end in seconds.
    """
    return _causal_bounds(length, MEL_FRAMES_PER_LATENT)[None] / MEL_FRAMES_PER_SECOND


def _causal_bounds(latents: int, factor: int) -> NDArray[np.float64]:
    """First and one-past-last source frame of each latent; latent 0 holds one frame alone."""
    ends = np.arange(latents, dtype=np.float64) * factor + 1
    return np.stack([np.maximum(ends - factor, 0), ends], axis=-1)


@dataclass(frozen=True, slots=True)
class LatentState:
    """One modality inside the sampler. Make it with `noised` or `frozen`."""

    latent: Array
    """Tokens as they are now, shape (B, T, C); token t is at noise level mask * sigma."""
    clean: Array
    """What is kept where the mask is below 1, shape (B, T, C)."""
    mask: Array
    """Shape (B, T, 1), 0..1: 1 is generated, 0 is kept bit for bit."""
    is_frozen: bool = False
    """True where nothing is generated: such a latent leaves as the very array that came."""
    tokens_per_frame: int = 1
    """Tokens that share an instant: height * width for video, 1 for audio."""

    def sigma(self, sigma: float) -> float:
        """The scalar noise level the model is told: 0 for a frozen latent."""
        return 0.0 if self.is_frozen else sigma

    def token_sigmas(self, sigma: float) -> Array:
        """Noise level of every token, shape (B, T)."""
        return self.mask[..., 0] * self.sigma(sigma)


@dataclass(frozen=True, slots=True)
class AVState:
    """Image and audio, sampled together."""

    video: LatentState
    audio: LatentState


def noised(
    clean: Array,
    mask: Array,
    noise: Array,
    *,
    sigma: float,
    draft: Array | None = None,
    tokens_per_frame: int = 1,
) -> LatentState:
    """A latent at the start of sampling: x = (1 - m) clean + m ((1 - sigma) draft + sigma noise).

    Args:
        clean: Tokens, shape (B, T, C): what is kept as far as the mask is below 1.
        mask: m, shape (B, T, 1), 0..1; where it is 0 the token is `clean`, bit for bit.
        noise: Standard normal, shape (B, T, C).
        sigma: First level of the schedule, 0..1.
        draft: Tokens that are refined where sigma is below 1, shape (B, T, C); None is `clean`.
            (ltx-core, GaussianNoiser, at LTX-2 400fd31.)
        tokens_per_frame: Tokens that share an instant.

    Raises:
        EngineError: Shapes that do not fit together, or an empty latent.
    """
    draft = clean if draft is None else draft
    batch, tokens, _ = clean.shape
    shapes = tuple(tuple(array.shape) for array in (noise, draft, mask))
    if shapes != (tuple(clean.shape), tuple(clean.shape), (batch, tokens, 1)):
        raise EngineError(
            f"noise and draft must be {tuple(clean.shape)} and mask {(batch, tokens, 1)}, "
            f"came {shapes[0]}, {shapes[1]} and {shapes[2]}"
        )
    if tokens == 0 or tokens % tokens_per_frame:
        raise EngineError(f"{tokens} tokens are not a whole number of frames of {tokens_per_frame}")
    level = mask * sigma
    latent = (1 - level) * clean if draft is clean else (1 - mask) * clean + (mask - level) * draft
    return LatentState(
        apply_mask(clean, mask, latent + level * noise), clean, mask, tokens_per_frame=tokens_per_frame
    )


def frozen(clean: Array, *, tokens_per_frame: int = 1) -> LatentState:
    """A latent that conditions the other modality and is itself never touched.

    Its tokens are clean, its mask, per-token and scalar noise levels are all 0.

    Args:
        clean: Tokens, shape (B, T, C).
        tokens_per_frame: Tokens that share an instant.
    """
    xp = namespace(clean)
    return LatentState(clean, clean, xp.zeros_like(clean[..., :1]), True, tokens_per_frame)


def apply_mask(clean: Array, mask: Array, generated: Array) -> Array:
    """`generated`, but `clean` bit for bit where the mask is 0: tokens (B, T, C), mask (B, T, 1)."""
    return namespace(clean).where(mask == 0, clean, generated)
