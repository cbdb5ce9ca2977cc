"""Audio and images as values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.time import samples_to_seconds


@dataclass(frozen=True, slots=True)
class Waveform:
    """Audio in memory."""

    samples: NDArray[np.float32]
    """Shape (channels, n), full scale +-1."""
    rate_hz: int
    """Samples per second of each channel."""

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return float(samples_to_seconds(self.samples.shape[-1], self.rate_hz))

    @property
    def mono(self) -> NDArray[np.float32]:
        """The mean of all channels, shape (n,)."""
        one: NDArray[np.float32] = self.samples[0]
        if len(self.samples) > 1:
            one = self.samples.mean(0, dtype=np.float32)
        return one


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
    """Shape (height, width, 3), red first."""

    @property
    def size(self) -> FrameSize:
        """Width and height in pixels."""
        return FrameSize(self.rgb.shape[1], self.rgb.shape[0])
