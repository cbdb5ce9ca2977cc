"""Many channels heard as one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.media import Waveform

CANCELLED = 0.1
"""Amplitude of the mean, relative to the loudest channel, below which channels cancel. Eight
channels of which one speaks leave 0.125."""


def fold(audio: Waveform) -> NDArray[np.float32]:
    """The mean of the channels; the loudest one where they cancel (one inverts the other).

    Returns:
        Shape (n,); a view where there is one channel only.
    """
    samples = audio.mono
    if len(audio.samples) > 1:
        loudest = max(audio.samples, key=_rms)
        if _rms(samples) < CANCELLED * _rms(loudest):
            return np.asarray(loudest)
    return samples


def _rms(samples: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.dot(samples, samples) / max(1, samples.size)))
