"""The frame grid of LTX-2: 8n+1 pixel frames, their latent frames, audio latents.

Latent frame 0 holds pixel frame 0 alone; latent frame j >= 1 holds pixel frames
8j-7 .. 8j (ltx-core, AudioVideo VAE; the same law for the embedded model).
"""

from __future__ import annotations

from fractions import Fraction

from lipwright.domain.time import round_half_up

FRAMES_PER_LATENT = 8
"""Temporal compression of the video latents."""

AUDIO_LATENTS_PER_SECOND = 25
"""16,000 Hz / hop 160 / 4."""

MAX_CLIP_FRAMES = 257
"""Longest single clip that keeps its quality (traps: decay past 257 frames)."""


def is_valid_frames(frames: int) -> bool:
    """True for 1, 9, 17, 25, ..."""
    return frames >= 1 and frames % FRAMES_PER_LATENT == 1


def floor_frames(frames: Fraction | int) -> int:
    """Largest valid count not above `frames` (at least 1)."""
    return max(1, (int(frames // 1) - 1) // FRAMES_PER_LATENT * FRAMES_PER_LATENT + 1)


def cover_frames(frames: Fraction | int) -> int:
    """Smallest valid count not below `frames`."""
    below = floor_frames(frames)
    return below if below >= frames else below + FRAMES_PER_LATENT


def nearest_frames(frames: Fraction | int) -> int:
    """Nearest valid count; a tie goes down, as the guide has it (125 -> 121)."""
    below, above = floor_frames(frames), cover_frames(frames)
    return above if above - frames < frames - below else below


def latent_frames(frames: int) -> int:
    """Latent frames of a valid pixel frame count.

    >>> latent_frames(121)
    16
    """
    return (frames - 1) // FRAMES_PER_LATENT + 1


def pixel_frames(latents: int) -> int:
    """The inverse of latent_frames."""
    return (latents - 1) * FRAMES_PER_LATENT + 1


def audio_latents(frames: int, rate: Fraction) -> int:
    """Audio latents that accompany so many frames: round(frames / fps x 25), halves up."""
    return round_half_up(Fraction(frames) / rate * AUDIO_LATENTS_PER_SECOND)
