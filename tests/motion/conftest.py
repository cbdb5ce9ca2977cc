"""Real recordings at the model's rate."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from lipwright.domain.media import Waveform
from lipwright.motion.audio_encoder import AudioFeatures, encode_audio
from lipwright.motion.mel import RATE_HZ

LIBRIVOX = Path("/usr/share/pocketsphinx/test/data/librivox")


@pytest.fixture(scope="session")
def reading() -> np.ndarray:
    """25 seconds of a woman reading, float32 at 16 kHz, shape (n,)."""
    pieces = []
    for path in sorted(LIBRIVOX.glob("*.wav")):
        with wave.open(str(path)) as file:
            assert (file.getframerate(), file.getnchannels()) == (RATE_HZ, 1)
            pieces.append(np.frombuffer(file.readframes(file.getnframes()), np.int16))
    return (np.concatenate(pieces) / 32768).astype(np.float32)


@pytest.fixture(scope="session")
def features(reading: np.ndarray) -> AudioFeatures:
    """The same, as the model hears it."""
    return encode_audio(Waveform(reading[None], RATE_HZ))
