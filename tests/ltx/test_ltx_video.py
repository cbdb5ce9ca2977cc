"""Frozen audio, kept latents, and guidance that has an effect."""

from __future__ import annotations

import copy
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import tiny_ltx
import torch

from lipwright.diffusion.arrays import fingerprint
from lipwright.diffusion.chunked_sampling import SamplerSettings
from lipwright.diffusion.guiders import Guidance
from lipwright.diffusion.schedules import SECOND_STAGE
from lipwright.diffusion.state import unpack_video
from lipwright.domain.chunks import ChunkOptions
from lipwright.domain.grid import audio_latents, latent_frames
from lipwright.domain.media import FrameSize, Image, Waveform
from lipwright.domain.plan import Chunk, FramePlan
from lipwright.domain.presets import PRESETS
from lipwright.domain.settings import SamplingSettings
from lipwright.domain.shot import Shot
from lipwright.domain.time import Span
from lipwright.engines.ltx.color_matching import ChannelLevels, match_color_statistics
from lipwright.engines.ltx.denoiser import Text
from lipwright.engines.ltx.profile import Profile, make_profile
from lipwright.engines.ltx.sampling_plan import SamplingPlan, Stage, make_sampling_plan
from lipwright.engines.ltx.staged_sampling import (
    Conditions,
    Networks,
    SampledVideo,
    noise_source,
    sample_video,
)

RATE = Fraction(25)
SIGMAS = (1.0, 0.8, 0.4, 0.0)
PLAIN = Guidance()


def plan_of(*chunks: Chunk) -> FramePlan:
    frames = chunks[-1].start_frame + chunks[-1].frames
    return FramePlan(frames, RATE, Fraction(frames) / RATE, "cover", chunks)


ONE = plan_of(Chunk(0, 33, 1))
TWO = plan_of(Chunk(0, 33, 1), Chunk(16, 33, 17))


def normal(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(tiny_ltx.DEVICE)


@pytest.fixture(scope="module")
def networks(tiny: dict[str, Any]) -> Networks:
    return Networks(lambda: tiny["transformer"], None, tiny["vae"], tiny_ltx.latent_upsampler())


NEGATIVE = Text(normal(1, 8, 64, seed=32), normal(1, 8, 32, seed=33))
IMAGE = Image(np.zeros((64, 64, 3), np.uint8))


def conditions(
    plan: FramePlan = ONE,
    sizes: tuple[int, ...] = (2,),
    *,
    audio: tuple[torch.Tensor, ...] | None = None,
    stills: tuple[torch.Tensor, ...] | None = None,
    negative: Text | None = NEGATIVE,
    image: Image | None = IMAGE,
    mask: Span | None = None,
    freeze_audio: bool = True,
    chunks: ChunkOptions | None = None,
    **settings: Any,
) -> Conditions:
    shot = Shot(
        driver=Waveform(np.zeros((1, 1), np.float32), 24_000),
        speech=(),
        plan=plan,
        size=FrameSize(64, 64),
        settings=SamplingSettings(**({"image_strength": 1.0} | settings)),
        image=image,
        mask=mask,
        freeze_audio=freeze_audio,
        chunks=chunks or ChunkOptions(),
    )
    lengths = [audio_latents(chunk.frames, RATE) for chunk in plan.chunks]
    count = latent_frames(plan.frames)
    return Conditions(
        shot,
        audio or tuple(normal(1, length, 8, seed=10 + place) for place, length in enumerate(lengths)),
        stills or tuple(normal(1, 8, count, size, size, seed=20) for size in sizes),
        positive=Text(normal(1, 8, 64, seed=30), normal(1, 8, 32, seed=31)),
        negative=negative,
    )


def recipe(video: Guidance = PLAIN, *, stages: int = 1, **changes: Any) -> SamplingPlan:
    first = Stage(stages, SamplerSettings(SIGMAS, video, PLAIN, **changes))
    second = Stage(1, SamplerSettings((0.9, 0.4, 0.0), PLAIN, PLAIN))
    return SamplingPlan((first, second)[:stages], (1,))


@pytest.fixture(scope="module")
def plain(networks: Networks) -> SampledVideo:
    return sample_video(networks, conditions(), recipe())


def test_audio_is_bit_identical_after_both_stages(networks: Networks) -> None:
    wanted = conditions(TWO, sizes=(2, 4))
    before = [fingerprint(audio) for audio in wanted.audio]
    done = sample_video(
        networks, wanted, recipe(Guidance(cfg=4.0), stages=2, eta=0.2, norming_threshold=0.25)
    )
    assert done.frozen
    assert [fingerprint(audio) for audio in wanted.audio] == before
    assert done.latents.shape == (1, 8, 7, 4, 4)
    assert done.latents.isfinite().all()


def test_second_stage_may_use_another_transformer(networks: Networks) -> None:
    wanted, plan = conditions(sizes=(2, 4)), recipe(stages=2)
    alone = sample_video(networks, wanted, plan)
    loaded = []

    def stronger() -> torch.nn.Module:
        loaded.append(True)
        other = copy.deepcopy(networks.transformer())
        other.proj_out.weight.data.mul_(1.5)
        return other

    other = sample_video(replace(networks, refining_transformer=stronger), wanted, plan)
    assert loaded == [True] and not torch.equal(other.latents, alone.latents)
    first = replace(plan, stages=plan.stages[:1])
    one_stage = replace(wanted, stills=wanted.stills[:1])
    assert torch.equal(
        sample_video(replace(networks, refining_transformer=stronger), one_stage, first).latents,
        sample_video(networks, one_stage, first).latents,
    )
    assert loaded == [True]


def test_unfrozen_audio_is_reported(networks: Networks) -> None:
    assert not sample_video(networks, conditions(freeze_audio=False), recipe()).frozen


def test_image_latent_is_kept_bit_identical(plain: SampledVideo) -> None:
    still = conditions().stills[0].cpu()
    assert torch.equal(plain.latents[:, :, 0], still[:, :, 0])
    assert ((plain.latents - still)[:, :, 1:].abs().amax((0, 1, 3, 4)) > 0.1).all()


def test_lower_image_strength_changes_the_first_frame(networks: Networks, plain: SampledVideo) -> None:
    held = conditions().stills[0][:, :, 0].cpu()
    away = [
        (sample_video(networks, conditions(image_strength=strength), recipe()).latents[:, :, 0] - held)
        .square()
        .mean()
        for strength in (0.9, 0.5, 0.0)
    ]
    assert 0 < away[0] < away[1] < away[2]


def test_image_is_optional(networks: Networks) -> None:
    free = conditions(image=None, stills=(torch.zeros(1, 8, 5, 2, 2, device=tiny_ltx.DEVICE),))
    assert (sample_video(networks, free, recipe()).latents.abs().amax((0, 1, 3, 4)) > 0.1).all()


@pytest.mark.parametrize("stages", [1, 2])
def test_video_is_still_outside_the_mask(networks: Networks, stages: int) -> None:
    wanted = conditions(sizes=(2, 4)[:stages], mask=Span(0.3, 0.8))
    done = sample_video(networks, wanted, recipe(stages=stages, eta=0.2)).latents
    still = wanted.stills[-1].cpu()
    moved = [not torch.equal(done[:, :, index], still[:, :, index]) for index in range(5)]
    # frames 8 to 20: the first latent that begins at 9, the last that ends by 17
    assert moved == [False, False, True, False, False]


def test_other_audio_makes_another_video(networks: Networks, plain: SampledVideo) -> None:
    other = conditions(audio=(normal(1, 33, 8, seed=99),))
    away = sample_video(networks, other, recipe()).latents - plain.latents
    assert away[:, :, 1:].square().mean() > 1e-4
    assert torch.equal(away[:, :, 0], torch.zeros_like(away[:, :, 0]))


@pytest.mark.parametrize(
    "guidance",
    [Guidance(cfg=3.0), Guidance(stg=1.0), Guidance(modality_scale=3.0), Guidance(modality_scale=0.0)],
    ids=["cfg", "stg", "modality", "no modality"],
)
def test_each_guidance_changes_the_video(networks: Networks, plain: SampledVideo, guidance: Guidance) -> None:
    done = sample_video(networks, conditions(), recipe(guidance))
    assert (done.latents - plain.latents).abs().max() > 1e-3


def test_neutral_guidance_changes_nothing(networks: Networks, plain: SampledVideo) -> None:
    neutral = Guidance(cfg=1.0, stg=0.0, modality_scale=1.0, rescale=0.7)
    same = recipe(neutral, norming_threshold=0.25)
    assert torch.equal(sample_video(networks, conditions(negative=None), same).latents, plain.latents)


def test_eta_and_norming_change_the_video(networks: Networks, plain: SampledVideo) -> None:
    guided = Guidance(cfg=4.0)
    videos = [
        sample_video(networks, conditions(), recipe(guided, **changes)).latents
        for changes in ({}, {"eta": 0.2}, {"norming_threshold": 0.9})
    ]
    assert all((a - b).abs().max() > 1e-4 for i, a in enumerate(videos) for b in videos[:i])


def test_chunks_keep_overlapping_frames(networks: Networks, plain: SampledVideo) -> None:
    inputs = []
    hook = networks.transformer().proj_in.register_forward_hook(lambda _, args, __: inputs.append(args[0]))
    wanted = conditions(TWO)
    still = wanted.stills[0]
    try:
        done = sample_video(networks, wanted, recipe())
    finally:
        hook.remove()
    first = sample_video(networks, conditions(stills=(still[:, :, :5],)), recipe())
    assert torch.equal(done.latents[:, :, :5], first.latents)
    shared = done.latents[:, :, 3:5]  # latents 1 and 2 of the second chunk
    for x in inputs[3:]:
        held = x.unflatten(1, (5, 4))[:, 1:3].flatten(1, 2).transpose(1, 2).unflatten(2, (2, 2, 2))
        assert torch.equal(held.cpu(), shared)
    assert (done.latents[:, :, 5:] - still[:, :, 5:].cpu()).abs().amax((0, 1, 3, 4)).min() > 0.1


def test_later_chunks_match_the_colors_of_the_first(networks: Networks) -> None:
    raw: list[torch.Tensor] = []
    done = sample_video(
        networks,
        conditions(TWO),
        recipe(),
        lambda moment: raw.append(unpack_video(moment.video_x0, moment.shape)),
    ).latents
    levels = ChannelLevels.of(done[:, :, :5])
    sampled, kept = raw[-1].cpu()[:, :, 3:], done[:, :, 5:]  # latents 3 and 4 of the second chunk are new
    torch.testing.assert_close(kept, match_color_statistics(sampled, levels))
    assert not torch.equal(kept, sampled)


def test_steps_are_reported(networks: Networks) -> None:
    told = []
    sample_video(
        networks,
        conditions(TWO, sizes=(2, 4)),
        recipe(stages=2),
        lambda moment: told.append((moment.done, moment.total, moment.shape.height)),
    )
    assert [done for done, _, _ in told] == list(range(1, 11))
    assert {total for _, total, _ in told} == {10}
    assert [height for _, _, height in told] == [2] * 6 + [4] * 4


def test_noise_depends_on_seed_stage_and_chunk() -> None:
    similar = torch.empty(4, 1000)
    draws = {key: noise_source(*key)(similar) for key in [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)]}
    assert torch.equal(draws[0, 0, 0], noise_source(0, 0, 0)(similar))
    values = list(draws.values())
    assert all(abs(float((a * b).mean())) < 0.06 for i, a in enumerate(values) for b in values[:i])
    assert all(abs(float(a.std()) - 1) < 0.05 for a in values)


PROFILE = Profile("m", "m")


def test_presets_become_sampling_plans() -> None:
    guide = make_sampling_plan(PRESETS["guide"], PROFILE)
    (stage,) = guide.stages
    sampler = stage.sampler
    assert (len(sampler.sigmas), sampler.video, sampler.eta) == (41, Guidance(cfg=4.0), 0.2)
    assert sampler.sigmas[-2] == pytest.approx(0.1)
    assert guide.guided
    distilled = make_sampling_plan(PRESETS["official-distilled"], PROFILE)
    levels = [stage.sampler.sigmas for stage in distilled.stages]
    assert levels == [PROFILE.sigmas, SECOND_STAGE]
    assert [stage.scale for stage in distilled.stages] == [2, 1]
    assert not distilled.guided
    assert [stage.sampler.eta for stage in distilled.stages] == [0, 0]
    newer = make_sampling_plan(
        PRESETS["official-distilled"], make_profile("2.5", "distilled", name="m", identity="m")
    )
    assert [stage.sampler.eta for stage in newer.stages] == [1, 0]
    full = make_sampling_plan(PRESETS["official-full"], replace(PROFILE, distilled=False))
    assert full.stages[0].sampler.video == Guidance(3.0, 1.0, 3.0, 0.7)
    assert not full.findings


def test_mismatched_presets_are_reported() -> None:
    rules = {
        finding.id
        for preset in ("official-distilled", "official-full")
        for finding in make_sampling_plan(
            PRESETS[preset], replace(PROFILE, distilled=preset == "official-full"), can_upsample=False
        ).findings
    }
    assert rules == {"norming-inert", "one-stage", "preset-for-other-model"}
