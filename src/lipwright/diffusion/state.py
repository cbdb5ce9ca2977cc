"""Latents in the sampler: their shapes, their packing into tokens, and the masks that control their noise.

Rectified flow: at noise level sigma a latent is x = (1 - sigma) x0 + sigma n, with n standard normal. Every
token has its own level, mask * sigma. A token with mask 1 is generated, a token with mask 0 is kept, and a
token with a mask between 0 and 1 is partly generated. Shapes are written (B, T, C): batch, tokens, channels.
"""

from __future__ import annotations

from dataclasses import dataclass

from lipwright.diffusion.arrays import Array, namespace
from lipwright.errors import EngineError

MEL_FRAMES_PER_LATENT = 4
"""Number of mel frames per audio latent, the temporal compression factor of LTX-2's audio VAE."""


@dataclass(frozen=True, slots=True)
class VideoShape:
    """Size of video latents."""

    batch: int
    channels: int
    frames: int
    """Number of latent frames: (pixel frames - 1) / 8 + 1."""
    height: int
    width: int

    @property
    def tokens_per_frame(self) -> int:
        """Number of tokens in one latent frame."""
        return self.height * self.width

    @property
    def tokens(self) -> int:
        """Number of tokens in all latent frames."""
        return self.frames * self.tokens_per_frame

    @property
    def packed(self) -> tuple[int, int, int]:
        """Shape of the packed latents: (batch, tokens, channels)."""
        return self.batch, self.tokens, self.channels


def pack_video(latents: Array) -> Array:
    """Pack video latents (B, C, F, H, W) into tokens (B, F*H*W, C), frame by frame, row by row."""
    shape = VideoShape(*latents.shape)
    xp = namespace(latents)
    return xp.reshape(xp.permute_dims(latents, (0, 2, 3, 4, 1)), shape.packed)


def unpack_video(tokens: Array, shape: VideoShape) -> Array:
    """Unpack tokens (B, F*H*W, C) into video latents (B, C, F, H, W)."""
    xp = namespace(tokens)
    grid = (shape.batch, shape.frames, shape.height, shape.width, shape.channels)
    return xp.permute_dims(xp.reshape(tokens, grid), (0, 4, 1, 2, 3))


def pack_audio(latents: Array) -> Array:
    """Pack audio latents (B, C, L, M) into L tokens, shape (B, L, C*M), channel by channel.

    L is the number of latents in time, and M is the number of frequency bins.
    """
    batch, channels, length, bins = latents.shape
    xp = namespace(latents)
    return xp.reshape(xp.permute_dims(latents, (0, 2, 1, 3)), (batch, length, channels * bins))


@dataclass(frozen=True, slots=True)
class LatentState:
    """The latent of one modality in the sampler, made by `noised` or `frozen`."""

    latent: Array
    """Current tokens, shape (B, T, C), each at noise level mask * sigma."""
    clean: Array
    """Clean tokens, shape (B, T, C), which are kept with weight 1 - mask."""
    mask: Array
    """Mask of shape (B, T, 1), 0..1: 1 is generated, 0 is kept bit for bit."""
    is_frozen: bool = False
    """True if no token is generated; the sampler then returns this object unchanged."""
    tokens_per_frame: int = 1
    """Number of tokens in one latent frame: height * width for video, 1 for audio."""

    def sigma(self, sigma: float) -> float:
        """Return the scalar noise level for the model: `sigma`, or 0 for a frozen latent."""
        return 0.0 if self.is_frozen else sigma

    def token_sigmas(self, sigma: float) -> Array:
        """Return the noise level of every token, shape (B, T)."""
        return self.mask[..., 0] * self.sigma(sigma)


@dataclass(frozen=True, slots=True)
class AVState:
    """Video and audio, sampled together."""

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
    """Make a latent for the start of sampling: x = (1 - m) clean + m ((1 - sigma) draft + sigma noise).

    Args:
        clean: Clean tokens, shape (B, T, C), which are kept with weight 1 - mask.
        mask: m, shape (B, T, 1), 0..1; where it is 0 the token is `clean`, bit for bit.
        noise: Standard normal, shape (B, T, C).
        sigma: First level of the schedule, 0..1.
        draft: Tokens to refine, shape (B, T, C); None to refine `clean`. With sigma 1, the draft has no
            effect. (As in GaussianNoiser of ltx-core, LTX-2 commit 400fd31.)
        tokens_per_frame: Number of tokens in one latent frame.

    Raises:
        EngineError: Shapes do not match, or the latent is empty.
    """
    draft = clean if draft is None else draft
    batch, tokens, _ = clean.shape
    shapes = tuple(tuple(array.shape) for array in (noise, draft, mask))
    if shapes != (tuple(clean.shape), tuple(clean.shape), (batch, tokens, 1)):
        raise EngineError(
            f"noise and draft must have shape {tuple(clean.shape)}, and the mask shape {(batch, tokens, 1)}; "
            f"got noise {shapes[0]}, draft {shapes[1]} and mask {shapes[2]}"
        )
    if tokens == 0 or tokens % tokens_per_frame:
        raise EngineError(f"{tokens} tokens cannot be divided into frames of {tokens_per_frame} tokens each")
    level = mask * sigma
    latent = (1 - level) * clean if draft is clean else (1 - mask) * clean + (mask - level) * draft
    return LatentState(
        apply_mask(clean, mask, latent + level * noise), clean, mask, tokens_per_frame=tokens_per_frame
    )


def frozen(clean: Array) -> LatentState:
    """Make a frozen latent, which conditions the other modality and is never changed itself.

    Its tokens, shape (B, T, C), are clean; its mask and its noise levels, per token and scalar, are all 0.
    """
    return LatentState(clean, clean, namespace(clean).zeros_like(clean[..., :1]), is_frozen=True)


def apply_mask(clean: Array, mask: Array, generated: Array) -> Array:
    """Return `clean`, bit for bit, where the mask is 0, else `generated`; shape (B, T, C), mask (B, T, 1)."""
    return namespace(clean).where(mask == 0, clean, generated)
