"""Encode audio for the embedded model, and predict the mouth motion from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from lipwright.domain.grid import AUDIO_LATENTS_PER_SECOND
from lipwright.domain.media import Waveform
from lipwright.motion.mel import FRAMES_PER_LATENT, RATE_HZ, log_mel, normalize
from lipwright.motion.network import network

ENCODER_PEAK = 0.6
"""Peak to which audio is scaled before encoding; full scale is 1, so this is -4.4 dBFS."""

_BLOCK_LATENTS = 500
"""Number of audio latents (20 seconds) that the network encodes in one run. The limit bounds the memory for
long audio."""

_MARGIN_LATENTS = 32
"""Number of latents by which a block of audio is extended on each side before it is encoded; they are cut off
afterward. The network's receptive field reaches 25 latents to each side."""


@dataclass(frozen=True, slots=True)
class AudioFeatures:
    """Encoded audio."""

    latents: NDArray[np.float32]
    """Packed audio latents, shape (L, 128): L latents with 8 channels of 16 frequency bins, as in LTX-2.
    Latent j covers the seconds [j / 25, (j + 1) / 25)."""
    mouth: NDArray[np.float32]
    """Expected mouth motion at 100 rows per second, shape (rows, 8), with four rows per latent. The columns
    are the first eight of LEARNED_CHANNELS."""


def encode_audio(audio: Waveform) -> AudioFeatures:
    """Encode audio of any sample rate and number of channels into latents and the expected mouth motion.

    Level and timbre are normalized. The length is rounded up to a whole number of latents.
    """
    samples = audio.mono
    if audio.rate_hz != RATE_HZ:
        samples = soxr.resample(samples, audio.rate_hz, RATE_HZ, quality="HQ")
    count = max(1, -(-len(samples) * AUDIO_LATENTS_PER_SECOND // RATE_HZ))
    # The floor of the mel spectrogram is absolute, so every recording is scaled to the same peak.
    loudest = float(np.abs(samples).max(initial=0.0))
    samples = samples * np.float32(ENCODER_PEAK / max(loudest, 1e-6))
    mel = normalize(log_mel(samples, count * FRAMES_PER_LATENT))
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
