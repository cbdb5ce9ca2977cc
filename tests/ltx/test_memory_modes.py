"""Our own loop over the blocks under each memory mode, and one step down when memory runs out.

Without a GPU, offloading to the disk stands in for it: what is offloaded is thrown out of
memory, so that a weight which no hook brought back shows as other numbers.
"""

from __future__ import annotations

import weakref
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import tiny_ltx
import torch
from tests.ltx.loaded import load

from lipwright.diffusion.guiders import Guidance
from lipwright.diffusion.sample import sample
from lipwright.diffusion.state import AVState, VideoShape, frozen, noised
from lipwright.domain.media import FrameSize, Waveform
from lipwright.domain.progress import no_progress
from lipwright.domain.settings import SamplingSettings
from lipwright.domain.shot import Shot
from lipwright.engines.ltx.denoiser import LtxDenoiser, Text
from lipwright.engines.ltx.engine import LtxEngine
from lipwright.engines.ltx.loading.offload import place_transformer
from lipwright.errors import EngineOutOfMemory
from lipwright.planning import plan_video

CPU = torch.device("cpu")
SHAPE = VideoShape(1, 8, 2, 2, 2)
GUIDED = Guidance(cfg=3.0, stg=1.0, modality_scale=2.0, rescale=0.5)


@pytest.fixture(scope="module")
def components(tiny_folder):
    return load(tiny_folder)


def video(network, device=tiny_ltx.DEVICE) -> torch.Tensor:
    """Two steps with all four guidance passes, the audio frozen."""
    numbers = torch.Generator().manual_seed(5)

    def noise(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=numbers).to(device)

    denoise = LtxDenoiser(
        network,
        shape=SHAPE,
        audio_length=3,
        frame_rate=Fraction(25),
        positive=Text(noise(1, 4, 64), noise(1, 4, 32)),
        negative=Text(noise(1, 4, 64), noise(1, 4, 32)),
        stg_blocks=(1,),
    )
    start = noise(1, 8, 8)
    clean = torch.zeros_like(start)
    state = AVState(
        noised(clean, torch.ones_like(start[..., :1]), start, sigma=1.0, tokens_per_frame=4),
        frozen(noise(1, 3, 8)),
    )
    return sample(denoise, state, [1.0, 0.5, 0.0], video_guidance=GUIDED, audio_guidance=GUIDED).video.latent


@pytest.fixture
def network(components):
    """The transformer in the computer's memory, where every mode begins."""
    return components.transformer().to("cpu", torch.float32)


@pytest.fixture(scope="module")
def wanted(components) -> torch.Tensor:
    """Of the model as it lies in memory."""
    return video(components.transformer().to(tiny_ltx.DEVICE, torch.float32))


@pytest.mark.parametrize("kind", ["block_level", "leaf_level"])
def test_offloaded_weights_return_when_needed(network, wanted, tmp_path: Path, kind: str):
    network.enable_group_offload(
        onload_device=CPU,
        offload_device=CPU,
        offload_type=kind,
        num_blocks_per_group=1 if kind == "block_level" else None,
        offload_to_disk_path=str(tmp_path),
    )
    assert any(tmp_path.iterdir())
    # What comes from the disk lies elsewhere in memory, and is summed up in another order.
    for _ in range(2):
        torch.testing.assert_close(video(network, CPU), wanted.cpu(), rtol=0, atol=1e-5)


def test_onloaded_weights_are_present_while_running(network, wanted):
    """Weights that are not copied to the device are NaN."""
    place_transformer(network, "sequential", tiny_ltx.DEVICE, torch.float32)
    for tensor in [*network.parameters(), *network.buffers()]:
        tensor.data = torch.full_like(tensor.data, torch.nan)
    for _ in range(2):
        assert torch.equal(video(network), wanted)
    assert {tensor.device for tensor in network.parameters()} == {CPU}


@pytest.mark.parametrize("mode", ["full", "group-offload", "sequential"])
def test_sixteen_bit_modes_are_bit_identical(network, wanted, mode: str):
    placed = place_transformer(network, mode, tiny_ltx.DEVICE, torch.float32)
    for _ in range(2):  # with streams, the second run fetches ahead
        assert torch.equal(video(placed), wanted)


def test_eight_bit_modes_are_close(network, wanted):
    came = video(place_transformer(network, "fp8", tiny_ltx.DEVICE, torch.float32))
    assert 0 < (came - wanted).norm() / wanted.norm() < 1 / 8


def shot() -> Shot:
    rng = np.random.default_rng(0)
    plan = plan_video(Fraction(9, 25), Fraction(25), "nearest")
    samples = rng.standard_normal((1, round(float(plan.seconds) * 24_000))).astype(np.float32) * 0.1
    return Shot(
        driver=Waveform(samples, 24_000),
        speech=(),
        plan=plan,
        size=FrameSize(64, 64),
        settings=SamplingSettings(steps=2),
        prompt="a woman talks",
    )


def exploding(load, seen: list[weakref.ref]):
    """The network of a card that is too small: its first pass runs out of memory."""

    def loaded():
        network = load()
        seen.append(weakref.ref(network))

        def run_out(*_: object) -> None:
            raise torch.OutOfMemoryError("CUDA out of memory")

        network.transformer_blocks[1].register_forward_pre_hook(run_out)
        return network

    return loaded


def test_out_of_memory_retries_one_mode_lower_with_freed_memory(components):
    seen: list[weakref.ref] = []
    alive: list[bool] = []

    def smaller():
        alive.append(seen[0]() is not None)
        return replace(components, memory=replace(components.memory, mode="sequential"))

    failing = replace(components, transformer=exploding(components.transformer, seen), fall_back=smaller)
    render = LtxEngine(components=failing).render(shot(), no_progress)
    assert alive == [False]
    fallen = next(finding for finding in render.findings if finding.id == "memory-fallback")
    assert fallen.severity == "warning" and "made in mode sequential" in fallen.text
    assert render.settings["memory"] == "sequential" and render.frozen


def test_out_of_memory_retries_only_once(components):
    seen: list[weakref.ref] = []
    failing = replace(components, transformer=exploding(components.transformer, seen), fall_back=None)
    with pytest.raises(EngineOutOfMemory, match="ran out of GPU memory with --memory"):
        LtxEngine(components=failing).render(shot(), no_progress)
    with pytest.raises(EngineOutOfMemory, match="ran out of GPU memory with --memory"):
        LtxEngine(components=replace(failing, fall_back=lambda: failing)).render(shot(), no_progress)
    assert len(seen) == 3
