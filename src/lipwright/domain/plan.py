"""The plan of a video: its number of frames, its chunks, and how the audio is padded or cut to fit."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from lipwright.domain.grid import audio_latents, latent_frames
from lipwright.domain.time import frames_to_seconds

Fit = Literal["auto", "nearest", "cover", "floor"]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A section of the video that is sampled in one run."""

    start_frame: int
    frames: int
    """Number of frames of the chunk: 8k+1."""
    overlap_frames: int
    """Number of frames at the start of the chunk that are kept, not sampled: 8k+1. In the first chunk, only
    frame 0 (the reference image) is kept. In later chunks, the last frames of the previous chunk are kept."""


@dataclass(frozen=True, slots=True)
class FramePlan:
    """The number of frames for a recording, and their division into chunks."""

    frames: int
    """Number of frames of the video: 8n+1."""
    frame_rate: Fraction
    """Frames per second, exact."""
    audio_seconds: Fraction
    """Length of the input audio, in seconds."""
    fit: Fit
    """How the length was rounded to 8n+1 frames: "nearest", "cover" (up) or "floor" (down)."""
    chunks: tuple[Chunk, ...]

    @property
    def seconds(self) -> Fraction:
        """Length of the video in seconds: frames / frame rate."""
        return frames_to_seconds(self.frames, self.frame_rate)

    @property
    def latent_frames(self) -> int:
        """Number of latent frames."""
        return latent_frames(self.frames)

    @property
    def audio_latents(self) -> int:
        """Number of audio latents, 25 a second."""
        return audio_latents(self.frames, self.frame_rate)

    @property
    def pad_seconds(self) -> Fraction:
        """Length of the room tone added after the audio, in seconds."""
        return max(Fraction(0), self.seconds - self.audio_seconds)

    @property
    def trim_seconds(self) -> Fraction:
        """Length of the audio cut off at the end, in seconds."""
        return max(Fraction(0), self.audio_seconds - self.seconds)

    def to_json(self) -> dict[str, Any]:
        """Return the values of `lipwright plan --json`."""
        return {
            "frames": self.frames,
            "fps": str(self.frame_rate),
            "seconds": float(self.seconds),
            "latent_frames": self.latent_frames,
            "audio_latents": self.audio_latents,
            "audio_seconds": float(self.audio_seconds),
            "pad_seconds": float(self.pad_seconds),
            "trim_seconds": float(self.trim_seconds),
            "fit": self.fit,
            "chunks": [
                {
                    "start_frame": c.start_frame,
                    "frames": c.frames,
                    "overlap_frames": c.overlap_frames,
                    "start_seconds": float(frames_to_seconds(c.start_frame, self.frame_rate)),
                }
                for c in self.chunks
            ],
        }
