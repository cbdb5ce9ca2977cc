"""Encoded audio does not depend on level, rate, channels, or where the audio is cut."""

from __future__ import annotations

import numpy as np
import pytest
import soxr

from lipwright.domain.media import Waveform
from lipwright.motion.audio_encoder import AudioFeatures, encode_audio
from lipwright.motion.mel import FRAMES_PER_LATENT, RATE_HZ, log_mel, normalize
from lipwright.motion.network import network
from lipwright.motion.visemes import sample_curves


def encode(samples: np.ndarray, rate_hz: int = RATE_HZ) -> AudioFeatures:
    return encode_audio(Waveform(np.atleast_2d(samples).astype(np.float32), rate_hz))


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Root mean square of the difference, over that of the first."""
    return float(np.sqrt(((one - other) ** 2).mean() / (one**2).mean()))


@pytest.mark.parametrize("samples", [1, 639, 640, 641, 16_000, 40_001])
def test_as_many_latents_as_cover_the_audio(reading: np.ndarray, samples: int) -> None:
    features = encode(reading[30_000 : 30_000 + samples])
    count = -(-samples // 640)
    assert features.latents.shape == (count, 8 * 16)
    assert features.mouth.shape == (4 * count, 8)
    assert np.isfinite(features.latents).all()
    assert np.isfinite(features.mouth).all()


def test_in_blocks_as_in_one(reading: np.ndarray) -> None:
    """Over a minute, so in several blocks: the joins must not show."""
    audio = np.tile(reading, 3)[: 66 * RATE_HZ]
    features = encode(audio)
    mel = normalize(log_mel(audio, len(features.latents) * FRAMES_PER_LATENT))
    whole = network("encoder").run(mel=mel[None])
    assert np.abs(features.latents - whole["latents"][0]).max() < 1e-3
    assert np.abs(features.mouth - whole["mouth"][0]).max() < 1e-3


@pytest.mark.parametrize("gain_db", [-20, -6, 6])
def test_level_does_not_matter(reading: np.ndarray, features: AudioFeatures, gain_db: float) -> None:
    other = encode(reading * 10 ** (gain_db / 20))
    assert difference(features.latents, other.latents) < 1e-3
    assert difference(features.mouth, other.mouth) < 1e-3


def test_two_channels_are_heard_as_their_mean(reading: np.ndarray, features: AudioFeatures) -> None:
    other = encode(np.stack([1.5 * reading, 0.5 * reading]))
    assert difference(features.latents, other.latents) < 1e-3


@pytest.mark.parametrize("rate_hz", [24_000, 48_000])
def test_the_rate_does_not_matter(reading: np.ndarray, features: AudioFeatures, rate_hz: int) -> None:
    other = encode(soxr.resample(reading, RATE_HZ, rate_hz, quality="VHQ"), rate_hz)
    assert len(other.latents) == len(features.latents)
    # Resampling takes away what lies within a few hundred hertz of the band's end.
    assert difference(features.latents, other.latents) < 0.1
    assert difference(features.mouth, other.mouth) < 0.1


def test_forty_milliseconds_later_is_one_latent_later(reading: np.ndarray, features: AudioFeatures) -> None:
    later = encode(np.concatenate([np.zeros(640, np.float32), reading]))
    reach = 32  # latents near the ends hear how the audio is continued there
    assert len(later.latents) == len(features.latents) + 1
    inner = slice(reach, -reach)
    assert difference(features.latents[inner], later.latents[1:][inner]) < 0.02
    fine = slice(4 * reach, -4 * reach)
    assert difference(features.mouth[fine], later.mouth[4:][fine]) < 0.02
    assert difference(features.latents[inner], later.latents[:-1][inner]) > 0.2


def test_expected_motion_is_interpolated(features: AudioFeatures) -> None:
    at = np.array([0.0, 1.0, 1.005, 2.0])
    expected = sample_curves(features.mouth, at)
    assert np.allclose(expected[[0, 1, 3]], features.mouth[[0, 100, 200]])
    assert np.allclose(expected[2], (features.mouth[100] + features.mouth[101]) / 2, atol=1e-6)
