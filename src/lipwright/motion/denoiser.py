"""Adapt the embedded network to the diffusion core's denoiser interface."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lipwright.diffusion.guiders import Pass
from lipwright.diffusion.sample import DenoiserInput, Prediction
from lipwright.diffusion.steps import velocity_to_x0
from lipwright.domain.grid import AUDIO_LATENTS_PER_SECOND
from lipwright.domain.motion import LEARNED_CHANNELS
from lipwright.errors import EngineUnavailable
from lipwright.motion.latents import token_seconds
from lipwright.motion.network import Network
from lipwright.motion.styles import NULL_STYLE


@dataclass(frozen=True, slots=True)
class MotionScale:
    """Mean and standard deviation of each motion channel in the training data."""

    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]

    @classmethod
    def of(cls, net: Network) -> MotionScale:
        """Read the scale from the network's metadata.

        Raises:
            EngineUnavailable: the weights were trained for motion channels other than LEARNED_CHANNELS.
        """
        properties = net.properties
        if properties.get("channels") != ",".join(LEARNED_CHANNELS):
            raise EngineUnavailable(
                "the embedded model's weights were trained for other motion channels than this version uses",
                hint="reinstall lipwright; if you trained the weights yourself, train them again with the "
                "scripts of this version",
            )
        mean, deviation = (
            np.array([float(value) for value in properties[key].split(",")], np.float32)
            for key in ("mean", "deviation")
        )
        return cls(mean, deviation)

    def normalize(self, motion: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scale motion, shape (..., channels), to zero mean and unit standard deviation per channel."""
        return ((motion - self.mean) / self.deviation).astype(np.float32)

    def restore(self, normal: NDArray[np.float32]) -> NDArray[np.float32]:
        """Undo `normalize`: scale motion, shape (..., channels), back to its original values."""
        return (normal * self.deviation + self.mean).astype(np.float32)


@dataclass(frozen=True, slots=True)
class MotionDenoiser:
    """The embedded model's denoiser, which runs all guidance passes of a sampling step as one batch."""

    net: Network
    style: int
    """Index in STYLES of the style that conditions the model; the negative guidance pass has no style."""
    frame_rate: Fraction
    """Frames per second of the motion."""
    audio_offset_seconds: float
    """Start of audio latent 0 in seconds, relative to frame 0 of the chunk. The value is negative if frame 0
    begins inside a latent; otherwise it is 0."""

    def __call__(self, x: DenoiserInput, passes: tuple[Pass, ...]) -> dict[Pass, Prediction]:
        """Predict clean motion and clean audio for each pass."""
        count = len(passes)
        batch, frames, _ = x.video.shape
        length = x.audio.shape[1]
        rows = count * batch

        def each(values: NDArray[np.generic]) -> NDArray[np.generic]:
            return np.tile(values, (count, *([1] * (values.ndim - 1))))

        def switch(off: Pass) -> NDArray[np.float32]:
            return np.repeat(np.array([p is not off for p in passes], np.float32), batch)

        styles = np.repeat([NULL_STYLE if p is Pass.NEGATIVE else self.style for p in passes], batch)
        audio_at = (np.arange(length) + 0.5) / AUDIO_LATENTS_PER_SECOND + self.audio_offset_seconds
        made = self.net.run(
            video=each(x.video),
            audio=each(x.audio),
            video_time=each(x.video_sigmas).astype(np.float32),
            audio_time=each(x.audio_sigmas).astype(np.float32),
            video_sigma=np.full(rows, x.video_sigma, np.float32),
            audio_sigma=np.full(rows, x.audio_sigma, np.float32),
            style=styles.astype(np.int64),
            frame_seconds=np.full(rows, float(1 / self.frame_rate), np.float32),
            joint=switch(Pass.ISOLATED),
            attentive=switch(Pass.PERTURBED),
            video_at=token_seconds(frames, self.frame_rate),
            audio_at=audio_at.astype(np.float32),
        )
        video = np.split(made["video_velocity"], count)
        audio = np.split(made["audio_velocity"], count)
        return {
            name: Prediction(
                video=velocity_to_x0(x.video, video[i], x.video_sigmas),
                audio=velocity_to_x0(x.audio, audio[i], x.audio_sigmas),
            )
            for i, name in enumerate(passes)
        }
