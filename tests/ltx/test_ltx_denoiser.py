"""One batch for all passes gives the same results as separate runs, and computes nothing that is not used."""

from __future__ import annotations

from collections import Counter

import frozen_case
import pytest
import torch
from diffusers.hooks import HookRegistry, ModelHook
from frozen_case import LENGTH, RATE, SHAPE, Case

from lipwright.diffusion.guiders import Pass
from lipwright.diffusion.sample import DenoiserInput
from lipwright.engines.ltx import blocks
from lipwright.engines.ltx.denoiser import LtxDenoiser, Text

ALL = tuple(Pass)


@pytest.fixture(scope="module")
def case() -> Case:
    return frozen_case.make_case()


def denoiser(case: Case, **changes) -> LtxDenoiser:
    given = {
        "shape": SHAPE,
        "audio_length": LENGTH,
        "frame_rate": RATE,
        "positive": Text(*case.positive),
        "negative": Text(*case.negative),
        "stg_blocks": (1,),
    }
    return LtxDenoiser(case.net, **(given | changes))


def seen(case: Case, *, audio: torch.Tensor | None = None, audio_sigma: float = 0.0) -> DenoiserInput:
    sigma = 0.6
    return DenoiserInput(
        case.noise,
        case.audio if audio is None else audio,
        case.mask[..., 0] * sigma,
        torch.full((1, LENGTH), audio_sigma),
        sigma,
        audio_sigma,
    )


@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize("at_once", [4096, 18], ids=["together", "row by row"])
@pytest.mark.parametrize("stg_blocks", [(1,), (0,), (0, 2)])
def test_batched_passes_equal_separate_passes(
    case: Case, monkeypatch: pytest.MonkeyPatch, frozen: bool, at_once: int, stg_blocks: tuple[int, ...]
) -> None:
    monkeypatch.setattr(blocks, "MAX_BATCHED_TOKENS", at_once)
    x = seen(case, audio_sigma=0.0 if frozen else 0.6)
    how = {"audio_frozen": frozen, "stg_blocks": stg_blocks}
    together = denoiser(case, **how)(x, ALL)
    assert set(together) == set(ALL)
    for name in ALL:
        asked = (name,) if name is Pass.POSITIVE else (Pass.POSITIVE, name)
        alone = denoiser(case, **how)(x, asked)[name]
        torch.testing.assert_close(together[name].video, alone.video, rtol=0, atol=1e-5)
        assert (together[name].audio is None) is frozen
        if not frozen:
            torch.testing.assert_close(together[name].audio, alone.audio, rtol=0, atol=1e-5)
    videos = [together[name].video for name in ALL]
    apart = [(a - b).abs().max() for i, a in enumerate(videos) for b in videos[:i]]
    assert min(apart) > 1e-3


def test_isolated_pass_ignores_the_audio(case: Case) -> None:
    passes = (Pass.POSITIVE, Pass.ISOLATED)
    first = denoiser(case)(seen(case), passes)
    other = denoiser(case)(seen(case, audio=-case.audio), passes)
    assert torch.equal(first[Pass.ISOLATED].video, other[Pass.ISOLATED].video)
    assert (first[Pass.POSITIVE].video - other[Pass.POSITIVE].video).abs().max() > 1e-2


def test_each_block_runs_once_and_the_audio_head_never(case: Case) -> None:
    calls: Counter[str] = Counter()

    def counted(name: str):
        return lambda *_: calls.update([name])

    net = case.net
    parts = {
        "head": net.audio_proj_out,
        "last v2a": net.transformer_blocks[-1].video_to_audio_attn.to_out[0],
        "first v2a": net.transformer_blocks[0].video_to_audio_attn.to_out[0],
        "rope": net.rope,
        **{f"block {index}": block for index, block in enumerate(net.transformer_blocks)},
    }
    hooks = [part.register_forward_hook(counted(name)) for name, part in parts.items()]
    try:
        denoise = denoiser(case)
        denoise(seen(case), ALL)
        denoise(seen(case), ALL)
    finally:
        for hook in hooks:
            hook.remove()
    assert calls == {"block 0": 2, "block 1": 2, "block 2": 2, "first v2a": 2, "rope": 1}


def test_distinct_noise_levels_are_embedded_once(case: Case) -> None:
    sizes = []
    hook = case.net.time_embed.linear.register_forward_hook(lambda _, __, out: sizes.append(len(out)))
    try:
        denoiser(case)(seen(case), ALL)
    finally:
        hook.remove()
    assert sizes == [2]  # latent frame 0, held in part, and all the others


def test_module_hooks_still_run(case: Case) -> None:
    """Offloading lives in such hooks: passing them by would leave weights where they are."""
    plain = denoiser(case)(seen(case), ALL)[Pass.POSITIVE].video
    seen_by = []

    class Noting(ModelHook):
        def pre_forward(self, module, *args, **kwargs):
            seen_by.append(type(module).__name__)
            return args, kwargs

    modules = [case.net, *case.net.transformer_blocks]
    for module in modules:
        HookRegistry.check_if_exists_or_initialize(module).register_hook(Noting(), "noting")
    try:
        hooked = denoiser(case)(seen(case), ALL)[Pass.POSITIVE].video
    finally:
        for module in modules:
            HookRegistry.check_if_exists_or_initialize(module).remove_hook("noting", recurse=False)
    assert seen_by == ["LTX2VideoTransformer3DModel", *["LTX2VideoTransformerBlock"] * 3]
    assert torch.equal(plain, hooked)
    assert torch.equal(plain, denoiser(case)(seen(case), ALL)[Pass.POSITIVE].video)
