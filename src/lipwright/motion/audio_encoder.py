"""What the embedded model hears: audio latents, and what the mouth should do for them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from lipwright.domain.grid import AUDIO_LATENTS_PER_SECOND
from lipwright.domain.media import Waveform
from lipwright.motion.mel import FRAMES_PER_LATENT, RATE_HZ, log_mel, normalise
from lipwright.motion.network import network
from lipwright.motion.visemes import CURVE_RATE_HZ, sample_curves

PEAK = 0.6
"""-4.5 dBFS."""

_BLOCK_LATENTS = 500
"""Twenty seconds at a time: the memory of an hour stays that of a minute."""

_MARGIN_LATENTS = 32
"""Neighbours given with each block; the network's own reach is 25."""

AUDIO_CHANNELS, AUDIO_BINS = 8, 16
"""Audio latents are (B, 8, L, 16), as LTX-2's."""


@dataclass(frozen=True, slots=True)
class AudioFeatures:
    """A voice as the embedded model hears it."""

    latents: NDArray[np.float32]
    """Packed audio latents, shape (L, 128); latent j hears [j / 25, (j + 1) / 25) seconds."""
    mouth: NDArray[np.float32]
    """The regression: shape (4 L, 8), the first eight motion channels 100 times a second."""

    def expected(self, seconds: NDArray[np.float64]) -> NDArray[np.float32]:
        """What the mouth should do at these instants, shape (n, 8)."""
        return sample_curves(self.mouth, seconds)


def encode_audio(audio: Waveform) -> AudioFeatures:
    """Turn a voice into audio latents and the expected motion of the mouth.

    Args:
        audio: Any rate and channels; its own level and timbre do not matter.

    Returns:
        Latents for the whole audio, rounded up to a full latent.
    """
    samples = audio.mono
    if audio.rate_hz != RATE_HZ:
        samples = soxr.resample(samples, audio.rate_hz, RATE_HZ, quality="HQ")
    count = max(1, -(-len(samples) * AUDIO_LATENTS_PER_SECOND // RATE_HZ))
    # The mel's floor is absolute, the driver's peak is this: what is quieter or louder is brought to it.
    loudest = float(np.abs(samples).max(initial=0.0))
    samples = samples * np.float32(PEAK / max(loudest, 1e-6))
    mel = normalise(log_mel(samples, count * FRAMES_PER_LATENT))
    encoder = network("encoder")
    latents, mouth = [], []
    for start in range(0, count, _BLOCK_LATENTS):
        stop = min(start + _BLOCK_LATENTS, count)
        first, last = max(0, start - _MARGIN_LATENTS), min(count, stop + _MARGIN_LATENTS)
        made = encoder.run(mel=mel[None, first * FRAMES_PER_LATENT : last * FRAMES_PER_LATENT])
        latents.append(made["latents"][0, start - first : stop - first])
        fine = slice((start - first) * FRAMES_PER_LATENT, (stop - first) * FRAMES_PER_LATENT)
        mouth.append(made["mouth"][0, fine])
    return AudioFeatures(np.concatenate(latents), np.concatenate(mouth))


if CURVE_RATE_HZ != AUDIO_LATENTS_PER_SECOND * FRAMES_PER_LATENT:
    raise ImportError("the regression's rate is the mel frames' rate")
