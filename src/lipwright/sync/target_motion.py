"""What a mouth should do for audio: by the regression, or by the words where they are known.

The two stand apart, so that one can judge the other: the regression listens to the audio alone,
the alignment knows the words and a fixed rule, and has never seen a training.
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
class Expectation:
    """The mouth that belongs to audio."""

    source: Source
    curves: NDArray[np.float32]
    """Shape (n, 8 or more): motion channels in domain.motion's order, CURVE_RATE_HZ a second."""
    speech: tuple[Span, ...]
    """Where somebody speaks, in seconds of the audio."""

    @property
    def opening(self) -> NDArray[np.float64]:
        """Jaw and lower lip, less what presses the lips together; shape (n,)."""
        return self._channel("jawOpen") + self._channel("mouthLowerDown") - self._channel("mouthPress")

    @property
    def width(self) -> NDArray[np.float64]:
        """Corners apart (+) or together (-), shape (n,)."""
        return self._channel("mouthStretch")

    @property
    def rounding(self) -> NDArray[np.float64]:
        """Lips rounded and forward, shape (n,)."""
        return self._channel("mouthPucker")

    @property
    def press(self) -> NDArray[np.float64]:
        """Lips pressed shut, shape (n,)."""
        return self._channel("mouthPress")

    def at(self, curve: NDArray[np.float64], seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """A curve, shape (n,) at CURVE_RATE_HZ, at instants of the audio; its end values are held outside."""
        return np.interp(seconds, np.arange(len(curve)) / CURVE_RATE_HZ, curve)

    def _channel(self, name: str) -> NDArray[np.float64]:
        return self.curves[:, CHANNEL[name]].astype(np.float64)


def expect_from_audio(audio: Waveform, speech: tuple[Span, ...]) -> Expectation:
    """What the regression expects, from the audio alone.

    Args:
        audio: Any rate.
        speech: Where somebody speaks, in its seconds.
    """
    return Expectation("audio", encode_audio(audio).mouth, speech)
