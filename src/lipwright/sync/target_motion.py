"""Predict mouth motion from audio, as a reference for the lips of a video.

`target_from_audio` uses a trained network (see `motion.audio_encoder`). `alignment` derives the motion from
the words by rules that were not trained. So the two methods can check each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.media import Waveform
from lipwright.domain.motion import CHANNEL
from lipwright.domain.time import Span
from lipwright.motion.audio_encoder import encode_audio
from lipwright.motion.visemes import CURVE_RATE_HZ

Source = Literal["audio", "transcript"]


@dataclass(frozen=True, slots=True)
class TargetMotion:
    """The mouth motion expected from a recording."""

    source: Source
    curves: NDArray[np.float32]
    """Motion channels in the order of `domain.motion`, CURVE_RATE_HZ rows per second, shape (n, 8 or
    more)."""
    speech: tuple[Span, ...]
    """Spans of speech, in seconds of the audio."""

    @property
    def opening(self) -> NDArray[np.float64]:
        """Opening of the mouth, shape (n,): jaw and lower lip minus lip press."""
        return self._channel("jawOpen") + self._channel("mouthLowerDown") - self._channel("mouthPress")

    @property
    def width(self) -> NDArray[np.float64]:
        """Width of the mouth, shape (n,): positive if the corners are spread, negative if drawn together."""
        return self._channel("mouthStretch")

    @property
    def rounding(self) -> NDArray[np.float64]:
        """Rounding and protrusion of the lips, shape (n,)."""
        return self._channel("mouthPucker")

    @property
    def press(self) -> NDArray[np.float64]:
        """How far the lips are pressed together, shape (n,)."""
        return self._channel("mouthPress")

    @property
    def speech_seconds(self) -> float:
        """Total length of the speech."""
        return sum(span.seconds for span in self.speech)

    def at(self, curve: NDArray[np.float64], seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sample a curve of shape (n,) at times in seconds; beyond its ends, the end values are used."""
        return np.interp(seconds, np.arange(len(curve)) / CURVE_RATE_HZ, curve)

    def _channel(self, name: str) -> NDArray[np.float64]:
        return self.curves[:, CHANNEL[name]].astype(np.float64)


def target_from_audio(audio: Waveform, speech: tuple[Span, ...]) -> TargetMotion:
    """Predict the mouth motion from the audio alone.

    Args:
        audio: The recording, at any sample rate.
        speech: Spans of speech, in seconds of the audio.
    """
    return TargetMotion("audio", encode_audio(audio).mouth, speech)
