"""Frozen audio against Lightricks' own code: 1.0 run beside ours, 1.2 by its recorded answers."""

from __future__ import annotations

import importlib.machinery
import sys
import types
from collections.abc import Mapping
from dataclasses import astuple, replace
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import frozen_case
import numpy as np
import official
import pytest
import torch
from frozen_case import GUIDANCE, LENGTH, RATE, SHAPE, Case
from ltx_core.components.diffusion_steps import EulerDiffusionStep
from ltx_core.components.guiders import MultiModalGuider, MultiModalGuiderParams
from ltx_core.components.patchifiers import AudioPatchifier, VideoLatentPatchifier
from ltx_core.components.schedulers import LTX2Scheduler
from ltx_core.conditioning.types.keyframe_cond import VideoConditionByKeyframeIndex
from ltx_core.conditioning.types.latent_cond import VideoConditionByLatentIndex
from ltx_core.tools import AudioLatentTools, VideoLatentTools
from ltx_core.types import AudioLatentShape, VideoLatentShape

from lipwright.diffusion.guiders import Pass
from lipwright.diffusion.sample import DenoiserInput, Prediction, sample
from lipwright.diffusion.schedules import SECOND_STAGE, shifted
from lipwright.diffusion.state import AVState, frozen, noised
from lipwright.domain.grid import audio_latents
from lipwright.engines.ltx.denoiser import LtxDenoiser, Text

SIGMAS = tuple(LTX2Scheduler().execute(steps=frozen_case.STEPS).float().tolist())
"""Theirs to the last bit: the model magnifies what float32 makes of a level."""
CORE12 = Path(__file__).with_name("core12.npz")


@pytest.fixture(scope="module")
def case() -> Case:
    return frozen_case.make_case()


@pytest.fixture(scope="module")
def pipelines() -> tuple[ModuleType, ModuleType]:
    """ltx_pipelines' helpers and samplers, which import torchaudio and do not use it here."""
    name = "torchaudio"
    assert name not in sys.modules
    empty = types.ModuleType(name)
    empty.__spec__ = importlib.machinery.ModuleSpec(name, None)
    sys.modules[name] = empty
    try:
        from ltx_pipelines.utils import helpers, samplers
    finally:
        del sys.modules[name]
    return helpers, samplers


def denoiser(case: Case, timing: str) -> LtxDenoiser:
    return LtxDenoiser(
        case.net,
        shape=SHAPE,
        audio_length=LENGTH,
        frame_rate=RATE,
        positive=Text(*case.positive),
        negative=Text(*case.negative),
        cross_timing=timing,
        stg_blocks=(frozen_case.BLOCK,),
    )


def state(case: Case) -> AVState:
    video = noised(
        case.clean, case.mask, case.noise, sigma=SIGMAS[0], tokens_per_frame=SHAPE.tokens_per_frame
    )
    return AVState(video, frozen(case.audio))


def seen(case: Case, sigma: float, audio_sigma: float) -> DenoiserInput:
    now = state(case)
    return DenoiserInput(
        now.video.latent,
        now.audio.latent,
        now.video.token_sigmas(sigma),
        now.audio.token_sigmas(sigma),
        sigma,
        audio_sigma,
    )


def as_core10_has_it(denoise: LtxDenoiser):
    """ltx-core 1.0 tells the model the video's scalar level for the frozen audio too."""

    def with_sigma(x: DenoiserInput, passes: tuple[Pass, ...]) -> Mapping[Pass, Prediction]:
        return denoise(replace(x, audio_sigma=x.video_sigma), passes)

    return with_sigma


def official_states(case: Case):
    """The same start, as ltx-core's own tools build it."""
    video_tools = VideoLatentTools(VideoLatentPatchifier(1), VideoLatentShape(*astuple(SHAPE)), float(RATE))
    audio_tools = AudioLatentTools(AudioPatchifier(1), AudioLatentShape(1, 2, LENGTH, 4))
    video = video_tools.create_initial_state("cpu", torch.float32)
    image = VideoConditionByLatentIndex(case.image, frozen_case.STRENGTH, 0)
    video = image.apply_to(video, video_tools)
    noisy = case.noise * video.denoise_mask + video.latent * (1 - video.denoise_mask)
    latent = case.audio.unflatten(2, (2, 4)).transpose(1, 2)
    audio = audio_tools.create_initial_state("cpu", torch.float32, latent)
    return replace(video, latent=noisy), replace(audio, denoise_mask=torch.zeros_like(audio.denoise_mask))


@torch.no_grad()
def test_one_forward_equals_ltx_core_10(case: Case, pipelines) -> None:
    helpers, _ = pipelines
    video, audio = official_states(case)
    transformer = official.official_transformer(case.net)
    step = helpers.simple_denoising_func(case.positive[0], case.positive[1], transformer)
    theirs, _ = step(video, audio, torch.tensor(SIGMAS), 1)
    ours = denoiser(case, "core10")(seen(case, SIGMAS[1], SIGMAS[1]), (Pass.POSITIVE,))
    torch.testing.assert_close(ours[Pass.POSITIVE].video, theirs, rtol=0, atol=1e-5)
    other = denoiser(case, "core12")(seen(case, SIGMAS[1], 0.0), (Pass.POSITIVE,))
    assert (other[Pass.POSITIVE].video - theirs).abs().max() > 1e-3  # the clock matters, and is told


@torch.no_grad()
def test_stage_one_equals_ltx_core_10(case: Case, pipelines) -> None:
    helpers, samplers = pipelines
    video, audio = official_states(case)
    params = MultiModalGuiderParams(
        cfg_scale=GUIDANCE.cfg,
        stg_scale=GUIDANCE.stg,
        stg_blocks=[frozen_case.BLOCK],
        rescale_scale=GUIDANCE.rescale,
        modality_scale=GUIDANCE.modality_scale,
    )
    theirs, their_audio = samplers.euler_denoising_loop(
        torch.tensor(SIGMAS),
        video,
        audio,
        EulerDiffusionStep(),
        helpers.multi_modal_guider_denoising_func(
            MultiModalGuider(params, negative_context=case.negative[0]),
            MultiModalGuider(MultiModalGuiderParams()),
            case.positive[0],
            case.positive[1],
            official.official_transformer(case.net),
        ),
    )
    ours = sample(as_core10_has_it(denoiser(case, "core10")), state(case), SIGMAS, video_guidance=GUIDANCE)
    torch.testing.assert_close(ours.video.latent, theirs.latent, rtol=0, atol=3e-5)
    assert torch.equal(ours.audio.latent, their_audio.latent)


def test_one_forward_equals_ltx_core_12(case: Case) -> None:
    answers = np.load(CORE12)
    assert tuple(answers["sigmas"].tolist()) == SIGMAS
    assert shifted(frozen_case.STEPS) == pytest.approx(SIGMAS, abs=1e-6)
    ours = denoiser(case, "core12")(seen(case, SIGMAS[1], 0.0), (Pass.POSITIVE,))[Pass.POSITIVE].video
    torch.testing.assert_close(ours, torch.from_numpy(answers["forward"]), rtol=0, atol=1e-5)


def test_stage_one_equals_ltx_core_12(case: Case) -> None:
    ours = sample(denoiser(case, "core12"), state(case), SIGMAS, video_guidance=GUIDANCE)
    theirs = torch.from_numpy(np.load(CORE12)["stage"])
    torch.testing.assert_close(ours.video.latent, theirs, rtol=0, atol=3e-5)
    assert torch.equal(ours.audio.latent, case.audio)


def test_stage_two_equals_ltx_core_12(case: Case) -> None:
    """Under an image of strength 0.8 lies the upscaled draft, not the image again."""
    answers = np.load(CORE12)
    sigmas = tuple(answers["refining_sigmas"].tolist())
    assert sigmas == pytest.approx(SECOND_STAGE)
    start = noised(
        case.clean,
        case.mask,
        case.noise,
        sigma=sigmas[0],
        draft=case.draft,
        tokens_per_frame=SHAPE.tokens_per_frame,
    )
    ours = sample(denoiser(case, "core12"), AVState(start, frozen(case.audio)), sigmas)
    theirs = torch.from_numpy(answers["refined"])
    torch.testing.assert_close(ours.video.latent, theirs, rtol=0, atol=3e-5)


@pytest.mark.parametrize("rate", ["12", "24", "24000/1001", "25", "30000/1001", "30", "50", "60"])
def test_audio_latents_are_counted_as_ltx_core_counts_them(rate: str) -> None:
    frame_rate = Fraction(rate)
    for frames in range(1, 1002, 8):
        theirs = AudioLatentShape.from_duration(batch=1, duration=frames / float(frame_rate))
        # Theirs is 0 for one frame at 50 fps and more: a video whose audio cannot be frozen.
        assert audio_latents(frames, frame_rate) == max(1, theirs.frames)


@torch.no_grad()
def test_a_guide_at_the_last_frame_equals_ltx_core_10(case: Case, pipelines) -> None:
    """An image that guides the clip's end, held to 0.6, lasts one frame there as in ltx-core since 1.2."""
    helpers, _ = pipelines
    per_frame, last = SHAPE.tokens_per_frame, 8 * (SHAPE.frames - 1)
    noise = torch.from_numpy(np.random.default_rng(3).standard_normal((1, per_frame, SHAPE.channels))).float()
    tools = VideoLatentTools(VideoLatentPatchifier(1), VideoLatentShape(*astuple(SHAPE)), float(RATE))
    video, audio = official_states(case)
    video = VideoConditionByKeyframeIndex(case.image, last, 0.6).apply_to(video, tools)
    video.latent[:, -per_frame:] = 0.4 * noise + 0.6 * video.clean_latent[:, -per_frame:]
    begins = video.positions[:, 0, -per_frame:, :1]
    assert begins.unique().tolist() == pytest.approx([last / float(RATE)])
    video.positions[:, 0, -per_frame:, 1:] = begins + 1 / float(RATE)
    step = helpers.simple_denoising_func(
        case.positive[0], case.positive[1], official.official_transformer(case.net)
    )
    theirs, _ = step(video, audio, torch.tensor(SIGMAS), 1)

    denoise = LtxDenoiser(
        case.net,
        shape=replace(SHAPE, frames=SHAPE.frames + 1),
        audio_length=LENGTH,
        frame_rate=RATE,
        positive=Text(*case.positive),
        cross_timing="core10",
        guide_frames=(last,),
    )
    clean = torch.cat([case.clean, case.image.flatten(2).transpose(1, 2)], 1)
    mask = torch.cat([case.mask, torch.full((1, per_frame, 1), 0.4)], 1)
    start = noised(
        clean, mask, torch.cat([case.noise, noise], 1), sigma=SIGMAS[0], tokens_per_frame=per_frame
    )
    x = DenoiserInput(
        start.latent, case.audio, start.token_sigmas(SIGMAS[1]), frozen(case.audio).token_sigmas(0.0),
        SIGMAS[1], SIGMAS[1],
    )  # fmt: skip
    ours = denoise(x, (Pass.POSITIVE,))[Pass.POSITIVE].video
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5)
    alone = denoiser(case, "core10")(seen(case, SIGMAS[1], SIGMAS[1]), (Pass.POSITIVE,))[Pass.POSITIVE].video
    assert (ours[:, :-per_frame] - alone).abs().max() > 1e-3, "the guide is heard"
