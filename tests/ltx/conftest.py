"""The tiny model, built once a session."""

from __future__ import annotations

import shutil
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import tiny_ltx
import torch
from tests.ltx.fake_hub import HUB, FakeHub

from lipwright.engines.ltx.components import Components
from lipwright.engines.ltx.loading.memory_plan import MemoryPlan
from lipwright.engines.ltx.profile import Profile

torch.backends.cudnn.allow_tf32 = False  # float error is what the tolerances are for


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Encoded prompts of these tests are in a separate folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def tiny() -> dict[str, Any]:
    """The tiny model's modules by diffusers' names; shared, so never change them."""
    return tiny_ltx.components()


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_ltx.build_folder(tmp_path_factory.mktemp("ltx") / "tiny-ltx")


@pytest.fixture(scope="session")
def components(tiny: dict[str, Any]) -> Components:
    """The tiny model as the engine takes it."""
    upsampler = tiny_ltx.latent_upsampler()
    return Components(
        profile=Profile(
            name="tiny-ltx",
            identity="tiny-ltx of the tests",
            tiny=True,
            mel_bins=tiny_ltx.MEL_BINS,
            stg_blocks=(1,),
        ),
        transformer=lambda: tiny["transformer"],
        video_vae=lambda: tiny["vae"],
        audio_vae=lambda: tiny["audio_vae"],
        connectors=lambda: tiny["connectors"],
        text_encoder=lambda: tiny["text_encoder"],
        tokenizer=lambda: tiny["tokenizer"],
        latent_upsampler=lambda: upsampler,
        device=tiny_ltx.DEVICE,
        dtype=torch.float32,
        memory=MemoryPlan(mode="full", why="asked for", bytes=0, offload_text=False),
    )


@pytest.fixture
def nothing_pulled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Models of this machine are hidden."""
    monkeypatch.setenv("LIPWRIGHT_MODELS", str(tmp_path / "no-models"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "no-cache"))
    monkeypatch.delenv("LIPWRIGHT_TEXT_ENCODER", raising=False)


@pytest.fixture
def gemma(nothing_pulled: None, monkeypatch: pytest.MonkeyPatch, tiny_folder: Path, tmp_path: Path) -> Path:
    """Text encoder and tokenizer in one folder, as Google's repository has them."""
    folder = tmp_path / "gemma"
    shutil.copytree(tiny_folder / "text_encoder", folder)
    for file in (tiny_folder / "tokenizer").iterdir():
        shutil.copy(file, folder)
    monkeypatch.setenv("LIPWRIGHT_TEXT_ENCODER", str(folder))
    return folder


@pytest.fixture(scope="module")
def original() -> Any:
    """A tiny model of the original classes, which few tests need."""
    from tests.ltx.original_models import original_model

    return original_model()


@pytest.fixture(scope="module")
def files(original: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An original checkpoint, and the upscaler."""
    from tests.ltx.original_models import UPSAMPLER, original_upsampler, write_original

    folder = tmp_path_factory.mktemp("files")
    write_original(folder / "ltx-2.3-tiny-distilled.safetensors", original.tensors())
    write_original(
        folder / "ltx-2.3-spatial-upscaler-x2-1.1.safetensors",
        original_upsampler().state_dict(),
        config=UPSAMPLER,
    )
    return folder


@pytest.fixture
def empty_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """A hub on this machine, without a repository; models are pulled into tmp_path / models."""
    root = tmp_path / "hub"
    root.mkdir()
    with subprocess.Popen([sys.executable, str(HUB), str(root)], stdout=subprocess.PIPE, text=True) as server:
        hub = FakeHub(root, f"http://127.0.0.1:{server.stdout.readline().strip()}")
        for name in ("HF_TOKEN", "HF_TOKEN_PATH"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
        monkeypatch.setenv("LIPWRIGHT_MODELS", str(tmp_path / "models"))
        yield hub
        server.terminate()


@pytest.fixture
def word(voice: Path, tmp_path: Path) -> Path:
    """Six tenths of a second of the recording."""
    path = tmp_path / "word.wav"
    with wave.open(str(voice)) as whole, wave.open(str(path), "wb") as short:
        short.setparams(whole.getparams())
        whole.setpos(int(0.7 * whole.getframerate()))
        short.writeframes(whole.readframes(int(0.6 * whole.getframerate())))
    return path
