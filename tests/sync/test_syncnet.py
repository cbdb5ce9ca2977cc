"""SyncNet is the published network, and takes its weights from nothing but weights."""

from __future__ import annotations

import pickle
from fractions import Fraction
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from benchmarks.made_videos import carphone
from safetensors.torch import save_file

from lipwright.domain.media import Waveform
from lipwright.errors import InputError
from lipwright.media.video_reader import read_video_frames
from lipwright.sync.mouth_track import MouthTrack
from lipwright.sync.syncnet import SyncNet, load_syncnet, measure_syncnet, mfccs

PUBLISHED = {
    "netcnnaud.0.weight": (64, 1, 3, 3),
    "netcnnaud.4.weight": (192, 64, 3, 3),
    "netcnnaud.8.weight": (384, 192, 3, 3),
    "netcnnaud.11.weight": (256, 384, 3, 3),
    "netcnnaud.14.weight": (256, 256, 3, 3),
    "netcnnaud.18.weight": (512, 256, 5, 4),
    "netcnnaud.19.running_var": (512,),
    "netfcaud.0.weight": (512, 512),
    "netfcaud.3.weight": (1024, 512),
    "netfclip.3.bias": (1024,),
    "netcnnlip.0.weight": (96, 3, 5, 7, 7),
    "netcnnlip.4.weight": (256, 96, 1, 5, 5),
    "netcnnlip.8.weight": (256, 256, 1, 3, 3),
    "netcnnlip.11.weight": (256, 256, 1, 3, 3),
    "netcnnlip.14.weight": (256, 256, 1, 3, 3),
    "netcnnlip.18.weight": (512, 256, 1, 6, 6),
    "netcnnlip.19.running_mean": (512,),
}
"""Of SyncNetModel.py in github.com/joonson/syncnet_python."""


def test_layers_are_the_published_ones() -> None:
    state = SyncNet().state_dict()
    assert {name: tuple(state[name].shape) for name in PUBLISHED} == PUBLISHED
    convolutions = [name for name, value in state.items() if value.ndim > 2]
    assert len(convolutions) == 12


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("syncnet") / "random.safetensors"
    save_file(SyncNet().state_dict(), str(path))
    return path


def test_a_video_is_measured_with_any_weights(weights: Path, see) -> None:
    rng = np.random.default_rng(0)
    audio = Waveform(rng.normal(0, 0.1, (1, 16_000 * 2)).astype(np.float32), 16_000)
    track = see(carphone()).people[0]
    found = measure_syncnet(load_syncnet(weights), islice(read_video_frames(carphone()), 34), track, audio)
    assert abs(found["offset_ms"]) <= 600
    assert found["lse_d"] > 0
    assert found["lse_c"] >= 0


class Flashes(torch.nn.Module):
    """In the network's place: how bright each of the five frames is, and how loud."""

    def embed_lips(self, frames: torch.Tensor) -> torch.Tensor:
        return (frames.mean((1, 3, 4)) > 127).float()

    def embed_audio(self, mfcc: torch.Tensor) -> torch.Tensor:
        return (mfcc[:, 0, 0].reshape(-1, 5, 4).mean(-1) > 16).float()


@pytest.mark.parametrize("late_ms", [-120, 0, 200])
@pytest.mark.parametrize("first_seen", [0, 40])
def test_late_audio_is_positive_whenever_the_face_appears(late_ms: int, first_seen: int) -> None:
    rng = np.random.default_rng(0)
    bright = rng.random(120) > 0.5
    images = np.repeat(255 * bright.astype(np.uint8), 32 * 32 * 3).reshape(-1, 32, 32, 3)
    frames = ((Fraction(n, 25), image) for n, image in enumerate(images))
    loud = np.repeat(np.roll(bright, late_ms // 40), 640)
    audio = Waveform((rng.normal(0, 0.1, len(loud)) * (0.001 + loud))[None].astype(np.float32), 16_000)
    n = len(bright)
    nothing = np.zeros((n, 1), np.float32)
    track = MouthTrack(
        seconds=np.arange(n) / 25,
        visible=np.arange(n) >= first_seen,
        features=nothing,
        lips=nothing,
        box=np.tile(np.float32([0.3, 0.3, 0.7, 0.7]), (n, 1)),
        face_height_px=nothing[:, 0],
        mouth_center_px=nothing,
        max_cell_difference=nothing[:, 0],
        difference_products=nothing,
        yaw_ratio=nothing[:, 0],
        appearance=nothing,
    )
    found = measure_syncnet(Flashes(), frames, track, audio)
    assert found["offset_ms"] == late_ms
    assert found["lse_c"] > 0.5


def test_foreign_files_are_refused_and_not_run(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    path = tmp_path / "bad.model"

    class Evil:
        def __reduce__(self):
            return (Path.touch, (ran,))

    path.write_bytes(pickle.dumps(Evil()))
    with pytest.raises(InputError, match="not SyncNet's weights"):
        load_syncnet(path)
    assert not ran.exists()
    torch.save({"fc.weight": torch.zeros(3)}, path)
    with pytest.raises(InputError, match="not SyncNet's weights"):
        load_syncnet(path)
    path.write_bytes(b"eight")  # torch says "101" of it, and no more
    with pytest.raises(InputError, match=r"not SyncNet's weights \([A-Za-z]+: "):
        load_syncnet(path)


def test_mfccs_tell_tones_apart_and_run_at_100_hz() -> None:
    at = np.arange(16_000) / 16_000
    low, high = (mfccs(0.3 * np.sin(2 * np.pi * f * at).astype(np.float32)) for f in (200, 3000))
    assert low.shape == (13, 99)
    assert low[1].mean() > high[1].mean() + 10
