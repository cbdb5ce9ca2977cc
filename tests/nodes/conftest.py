"""The pack beside the shim of ComfyUI's types; tensors are torch's, as there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "fakes" / "comfy_shim"))


class Nested:
    """ComfyUI's NestedTensor: several tensors as one latent."""

    is_nested = True

    def __init__(self, tensors) -> None:
        self.tensors = list(tensors)

    def unbind(self):
        return self.tensors


@pytest.fixture(scope="session")
def nested():
    return Nested


@pytest.fixture
def av_latent():
    """Video of 3 latent frames and its audio."""
    generator = torch.Generator().manual_seed(0)
    video = torch.randn(1, 128, 3, 4, 4, generator=generator)
    audio = torch.randn(1, 8, 17, 16, generator=generator)
    return {"samples": Nested((video, audio))}


@pytest.fixture(scope="session")
def spoken(voice: Path):
    """Real speech as an AUDIO: 16 kHz mono."""
    from lipwright.media.audio_reader import read_audio

    audio = read_audio(voice, rate_hz=16_000).waveform
    return {"waveform": torch.from_numpy(audio.samples.copy())[None], "sample_rate": 16_000}
