"""The denoiser in our loop against diffusers' own pipelines, audio and image both generated."""

from __future__ import annotations

import copy
from dataclasses import astuple, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import tiny_ltx
import torch
from diffusers import LTX2ImageToVideoPipeline, LTX2Pipeline, LTXEulerAncestralRFScheduler
from PIL import Image

from lipwright.diffusion.guiders import Guidance, Pass
from lipwright.diffusion.sample import Prediction, sample
from lipwright.diffusion.state import AVState, VideoShape, frozen, noised, pack_audio, pack_video
from lipwright.engines.ltx.denoiser import LtxDenoiser, Text

PROMPT, NEGATIVE = "a woman talks to camera", "bad blurry"
FRAMES, HEIGHT, WIDTH = 17, 64, 96
SHAPE = VideoShape(1, 8, 3, 2, 3)
RATE = Fraction(24)
AUDIO_LENGTH = 18
VIDEO, AUDIO = Guidance(3.0, 1.0, 3.0, 0.7), Guidance(7.0, 1.0, 3.0, 0.7)
BLOCKS = [1]
GUIDANCE = {
    "guidance_scale": VIDEO.cfg,
    "stg_scale": VIDEO.stg,
    "modality_scale": VIDEO.modality_scale,
    "guidance_rescale": VIDEO.rescale,
    "audio_guidance_scale": AUDIO.cfg,
    "audio_stg_scale": AUDIO.stg,
    "audio_modality_scale": AUDIO.modality_scale,
    "audio_guidance_rescale": AUDIO.rescale,
    "spatio_temporal_guidance_blocks": BLOCKS,
}


@pytest.fixture(scope="module")
def image() -> Image.Image:
    return Image.fromarray(np.random.default_rng(3).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8))


def texts(pipe: Any) -> tuple[Text, Text]:
    positive, mask, negative, negative_mask = pipe.encode_prompt(PROMPT, NEGATIVE)
    both = (pipe.connectors(*pair)[:2] for pair in ((positive, mask), (negative, negative_mask)))
    first, second = (Text(video, audio) for video, audio in both)
    return first, second


@pytest.mark.parametrize("timing", ["core10", "own"])
@pytest.mark.parametrize("with_image", [False, True], ids=["t2v", "i2v"])
@torch.no_grad()
def test_equals_diffusers_pipeline(
    tiny: dict[str, Any], image: Image.Image, with_image: bool, timing: str
) -> None:
    # diffusers takes one noise level for all tokens, which rescale lets show where the image has its own.
    video_guidance = replace(VIDEO, rescale=0.0) if with_image else VIDEO
    components = tiny | {"scheduler": copy.deepcopy(tiny["scheduler"])}
    pipe = (LTX2ImageToVideoPipeline if with_image else LTX2Pipeline)(**components)
    pipe.set_progress_bar_config(disable=True)
    answer, answer_audio = pipe(
        prompt=PROMPT,
        negative_prompt=NEGATIVE,
        height=HEIGHT,
        width=WIDTH,
        num_frames=FRAMES,
        frame_rate=float(RATE),
        num_inference_steps=3,
        use_cross_timestep=timing == "core10",
        generator=torch.Generator().manual_seed(5),
        output_type="latent",
        return_dict=False,
        **({"image": image, "image_crf": 0} if with_image else {}),
        **(GUIDANCE | {"guidance_rescale": video_guidance.rescale}),
    )
    sigmas = [float(sigma) for sigma in pipe.scheduler.sigmas]
    chance = torch.Generator().manual_seed(5)
    noise = pack_video(torch.randn(astuple(SHAPE), generator=chance)).to(tiny_ltx.DEVICE)
    audio_noise = pack_audio(torch.randn((1, 2, AUDIO_LENGTH, 4), generator=chance)).to(tiny_ltx.DEVICE)
    mask, clean = torch.ones(1, SHAPE.tokens, 1).to(noise), torch.zeros(SHAPE.packed).to(noise)
    mean, std = (
        statistic.view(1, -1, 1, 1, 1) for statistic in (pipe.vae.latents_mean, pipe.vae.latents_std)
    )
    if with_image:
        pixels = pipe.video_processor.preprocess(image, height=HEIGHT, width=WIDTH)[:, :, None].to(noise)
        first = pack_video((pipe.vae.encode(pixels).latent_dist.mode() - mean) / std)
        mask[:, : SHAPE.tokens_per_frame] = 0
        clean = first.repeat(1, SHAPE.frames, 1)
    positive, negative = texts(pipe)
    denoise = LtxDenoiser(
        pipe.transformer,
        shape=SHAPE,
        audio_length=AUDIO_LENGTH,
        frame_rate=RATE,
        positive=positive,
        negative=negative,
        audio_frozen=False,
        cross_timing=timing,
        stg_blocks=tuple(BLOCKS),
    )
    ours = sample(
        denoise,
        AVState(
            noised(clean, mask, noise, sigma=1.0, tokens_per_frame=SHAPE.tokens_per_frame),
            noised(
                torch.zeros_like(audio_noise), torch.ones_like(audio_noise[..., :1]), audio_noise, sigma=1.0
            ),
        ),
        sigmas,
        video_guidance=video_guidance,
        audio_guidance=AUDIO,
    )
    video = pack_video((answer - mean) / std)
    audio = (pack_audio(answer_audio) - pipe.audio_vae.latents_mean) / pipe.audio_vae.latents_std
    torch.testing.assert_close(ours.video.latent, video, rtol=0, atol=2e-5)
    torch.testing.assert_close(ours.audio.latent, audio, rtol=0, atol=2e-5)


@pytest.mark.parametrize("eta", [0.2, 1.0])
def test_ancestral_steps_equal_diffusers_scheduler(eta: float) -> None:
    levels = [1.0, 0.9, 0.6, 0.2]
    scheduler = LTXEulerAncestralRFScheduler(eta=eta)
    scheduler.set_timesteps(sigmas=[*levels, 0.0])
    chance = torch.Generator().manual_seed(1)
    start = torch.randn(1, 6, 4, generator=chance)
    answers = [torch.randn(1, 6, 4, generator=chance) for _ in levels]
    theirs = start
    noises = torch.Generator().manual_seed(2)
    for time, answer, sigma in zip(scheduler.timesteps[: len(levels)], answers, levels, strict=True):
        velocity = (theirs - answer) / sigma
        theirs = scheduler.step(velocity, time, theirs, generator=noises, return_dict=False)[0]
    given = iter(answers)
    again = torch.Generator().manual_seed(2)
    ours = sample(
        lambda x, passes: {Pass.POSITIVE: Prediction(next(given))},
        AVState(
            noised(torch.zeros_like(start), torch.ones(1, 6, 1), start, sigma=1.0),
            frozen(torch.zeros(1, 2, 4)),
        ),
        [*levels, 0.0],
        eta=eta,
        noise=lambda similar: torch.randn(similar.shape, generator=again),
    )
    torch.testing.assert_close(ours.video.latent, theirs, rtol=0, atol=2e-6)
