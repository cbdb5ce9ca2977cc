"""Types for audio and images in memory, and the mixdown to mono."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.time import samples_to_seconds

LIVE_CHANNEL_DB = 40.0
"""A channel that is at least this many dB quieter than the loudest one is left out of a mixdown."""

CANCELLATION_RATIO = 0.25
"""Minimum power of a mixdown, relative to the power that it would have if the channels were uncorrelated.
Below this ratio, one channel is assumed to have inverted polarity, so that the channels cancel each other."""


def mixdown_weights(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute the weights of a mixdown to mono.

    Channels up to LIVE_CHANNEL_DB quieter than the loudest are averaged, quieter ones are left out. If the
    channels cancel each other, only the loudest one is used.

    Args:
        covariance: Shape (channels, channels): sums of products of the channels' samples.

    Returns:
        One weight per channel, shape (channels,); their sum is 1.
    """
    power = covariance.diagonal()
    live = power > power.max(initial=0.0) * 10 ** (-LIVE_CHANNEL_DB / 10)
    if not live.any():
        return np.full(len(power), 1 / len(power))
    weights: NDArray[np.float64] = live / live.sum()
    mixed = float(weights @ covariance @ weights)
    unrelated = float((weights**2 * power).sum())
    if mixed < CANCELLATION_RATIO * unrelated:
        weights = np.zeros(len(power))
        weights[int(power.argmax())] = 1.0
    return weights


def fit_length(samples: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """Return a copy of audio of shape (..., n), cut to `length` samples or padded with digital silence."""
    fitted = np.zeros((*samples.shape[:-1], length), np.float32)
    kept = samples[..., :length]
    fitted[..., : kept.shape[-1]] = kept
    return fitted


@dataclass(frozen=True, slots=True)
class Waveform:
    """Audio in memory."""

    samples: NDArray[np.float32]
    """Samples of shape (channels, n), with full scale +-1."""
    rate_hz: int
    """Samples per second of each channel."""

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return float(samples_to_seconds(self.samples.shape[-1], self.rate_hz))

    @property
    def mono(self) -> NDArray[np.float32]:
        """The channels mixed down by `mixdown_weights`, shape (n,); a view if there is only one channel."""
        if len(self.samples) == 1:
            one: NDArray[np.float32] = self.samples[0]
            return one
        weights = mixdown_weights((self.samples @ self.samples.T).astype(np.float64))
        mixed: NDArray[np.float32] = weights.astype(np.float32) @ self.samples
        return mixed


class AudioBuffer:
    """Mono audio that its only consumer may overwrite, so that long audio is not held in memory twice.

    Read the audio through `waveform`. After `take` has handed out the memory, reading raises an error; to
    keep the samples, copy them before calling `take`.
    """

    def __init__(self, memory: NDArray[np.float32], length: int, rate_hz: int) -> None:
        """Wrap memory of shape (m,): `length` samples of audio, then unused space for the consumer."""
        self._memory: NDArray[np.float32] | None = memory
        self.length = length
        self.rate_hz = rate_hz

    @property
    def waveform(self) -> Waveform:
        """The audio, shape (1, length), read-only.

        Raises:
            RuntimeError: the memory has been taken.
        """
        if self._memory is None:
            raise RuntimeError(
                "AudioBuffer.take has handed out this audio; read or copy it before calling take"
            )
        view = self._memory[None, : self.length]
        view.flags.writeable = False
        return Waveform(view, self.rate_hz)

    def take(self) -> NDArray[np.float32]:
        """Hand out the buffer's memory, shape (m,), which the caller may overwrite.

        Afterward, `waveform` raises an error.

        Raises:
            RuntimeError: the memory has been taken before.
        """
        if self._memory is None:
            raise RuntimeError("AudioBuffer.take has already handed out this audio; call it only once")
        memory, self._memory = self._memory, None
        return memory


@dataclass(frozen=True, slots=True)
class FrameSize:
    """Width and height of a video, in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True, slots=True)
class Image:
    """A still image, upright, in sRGB."""

    rgb: NDArray[np.uint8]
    """RGB pixels, shape (height, width, 3)."""

    @property
    def size(self) -> FrameSize:
        """Width and height in pixels."""
        return FrameSize(self.rgb.shape[1], self.rgb.shape[0])
