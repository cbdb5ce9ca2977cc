"""The mouth motion expected from audio, which the lips are compared with.

`target_from_audio` uses the regression of the embedded model on the audio. `alignment` derives the same from
the words with a fixed rule, without training, so that each can check the other.
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
    """The mouth motion that belongs to an audio recording."""

    source: Source
    curves: NDArray[np.float32]
    """Shape (n, 8 or more): motion channels in the order of `domain.motion`, CURVE_RATE_HZ a second."""
    speech: tuple[Span, ...]
    """Spans of speech, in seconds of the audio."""

    @property
    def opening(self) -> NDArray[np.float64]:
        """Jaw and lower lip minus lip press, shape (n,)."""
        return self._channel("jawOpen") + self._channel("mouthLowerDown") - self._channel("mouthPress")

    @property
    def width(self) -> NDArray[np.float64]:
        """Mouth corners apart (+) or together (-), shape (n,)."""
        return self._channel("mouthStretch")

    @property
    def rounding(self) -> NDArray[np.float64]:
        """Lips rounded and forward, shape (n,)."""
        return self._channel("mouthPucker")

    @property
    def press(self) -> NDArray[np.float64]:
        """Lips pressed together, shape (n,)."""
        return self._channel("mouthPress")

    @property
    def speech_seconds(self) -> float:
        """Total length of the speech."""
        return sum(span.seconds for span in self.speech)

    def at(self, curve: NDArray[np.float64], seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sample a curve of shape (n,) at times of the audio; the end values continue outside."""
        return np.interp(seconds, np.arange(len(curve)) / CURVE_RATE_HZ, curve)

    def _channel(self, name: str) -> NDArray[np.float64]:
        return self.curves[:, CHANNEL[name]].astype(np.float64)


def target_from_audio(audio: Waveform, speech: tuple[Span, ...]) -> TargetMotion:
    """Predict the mouth motion from the audio alone.

    Args:
        audio: Any sample rate.
        speech: Spans of speech, in seconds of the audio.
    """
    return TargetMotion("audio", encode_audio(audio).mouth, speech)
