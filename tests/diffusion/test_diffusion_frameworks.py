"""Every public function returns the same on torch as on numpy, in kind, dtype and value."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from lipwright.diffusion.guidance_clipping import clip_outlier_frames
from lipwright.diffusion.guiders import Guidance, Pass
from lipwright.diffusion.masks import held_weights, token_mask, window_weights
from lipwright.diffusion.sample import Prediction, sample
from lipwright.diffusion.schedules import DISTILLED, shifted
from lipwright.diffusion.state import (
    AVState,
    VideoShape,
    apply_mask,
    frozen,
    noised,
    pack_audio,
    pack_video,
    unpack_video,
)
from lipwright.diffusion.steps import ancestral, euler, scale_clean_part, velocity_to_x0

B, F, P, C = 2, 6, 2, 5
T = F * P
LEVELS = {"sigma": 0.8, "sigma_next": 0.5}


def mask_of(array):
    weights = held_weights(F, 1) * (1 + window_weights(F, range(0, 5))) / 2
    return token_mask(weights, batch=B, similar_to=array, tokens_per_frame=P)


def predictions(a):
    return {name: a(B, T, C) for name in Pass}


def guided(guidance, by_pass):
    return guidance.apply(by_pass[Pass.POSITIVE], guidance.delta(by_pass))


def spiky(a):
    x = a(B, T, C)
    return x * x * x


def whole_loop(a, sigmas=None, **options):
    clean = a(B, T, C)

    def denoise(x, passes):
        drive = 0.1 * x.audio[:, :1, :1]
        return {
            name: Prediction(x.video * (0.2 * i + 0.3) + drive - x.video_sigmas[..., None], x.audio * 0.5)
            for i, name in enumerate(passes)
        }

    state = AVState(
        noised(clean, mask_of(clean), a(B, T, C), sigma=1.0, tokens_per_frame=P),
        frozen(a(B, 7, 4)) if options.pop("freeze", True) else noised(*a.audio(), sigma=1.0),
    )
    return sample(denoise, state, sigmas or shifted(12), noise=lambda like: a(*like.shape), **options)


FUNCTIONS = {
    "pack_video": lambda a: pack_video(a(2, 3, 4, 5, 6)),
    "unpack_video": lambda a: unpack_video(a(2, 24, 3), VideoShape(2, 3, 4, 2, 3)),
    "pack_audio": lambda a: pack_audio(a(2, 8, 5, 16)),
    "token_mask": lambda a: mask_of(a(1)),
    "keep": lambda a: apply_mask(a(B, T, C), mask_of(a(1)), a(B, T, C)),
    "noised": lambda a: noised(a(B, T, C), mask_of(a(1)), a(B, T, C), sigma=0.9).latent,
    "token_sigmas": lambda a: noised(a(B, T, C), mask_of(a(1)), a(B, T, C), sigma=0.9).token_sigmas(0.7),
    "frozen": lambda a: frozen(a(B, T, C)).token_sigmas(0.7),
    "guidance": lambda a: guided(Guidance(4, 1, 3, 0.7), predictions(a)),
    "clip_outlier_frames": lambda a: clip_outlier_frames(
        spiky(a), mask_of(a(1)), threshold=0.5, tokens_per_frame=P
    ),
    "clip_outlier_frames of an even count": lambda a: clip_outlier_frames(
        spiky(a), a(B, T, C)[..., :1] * 0 + 1, threshold=0.5
    ),
    "scale_clean_part": lambda a: scale_clean_part(
        a(B, T, C), a(B, T, C), mask_of(a(1)), sigma=0.4, factor=0.25
    ),
    "euler": lambda a: euler(a(B, T, C), a(B, T, C), **LEVELS),
    "ancestral": lambda a: ancestral(
        a(B, T, C), a(B, T, C), mask_of(a(1)), eta=0.2, noise=a(B, T, C), **LEVELS
    ),
    "velocity_to_x0": lambda a: velocity_to_x0(a(B, T, C), a(B, T, C), mask_of(a(1))[..., 0]),
    "sample": lambda a: whole_loop(a).video.latent,
    "sample distilled": lambda a: whole_loop(a, DISTILLED).video.latent,
    "sample with everything": lambda a: (
        whole_loop(
            a,
            video_guidance=Guidance(4, 0.5, 2, 0.7),
            norming_threshold=0.4,
            eta=0.3,
            audio_factors=(0.25,),
        ).video.latent
    ),
    "sample of the audio too": lambda a: (
        whole_loop(a, freeze=False, eta=0.3, audio_guidance=Guidance(7), audio_factors=(1, 0.5)).audio.latent
    ),
}


class Arrays:
    """The same random numbers, in either framework."""

    def __init__(self, dtype, convert):
        self.rng, self.dtype, self.convert = np.random.default_rng(11), dtype, convert

    def __call__(self, *shape):
        return self.convert(self.rng.standard_normal(shape).astype(self.dtype))

    def audio(self):
        """Clean, mask and noise of an audio latent that is sampled."""
        clean = self(B, 7, 4)
        return clean, token_mask(np.ones(7), batch=B, similar_to=clean), self(B, 7, 4)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-6)])
@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_numpy_and_torch_agree(function, dtype, tolerance):
    ours = function(Arrays(dtype, lambda x: x))
    theirs = function(Arrays(dtype, torch.from_numpy))
    assert isinstance(ours, np.ndarray)
    assert isinstance(theirs, torch.Tensor)
    assert ours.dtype == theirs.numpy().dtype == dtype
    assert ours.shape == tuple(theirs.shape)
    assert np.isfinite(ours).all()
    np.testing.assert_allclose(theirs.numpy(), ours, rtol=0, atol=tolerance * max(1, abs(ours).max()))


def test_states_and_masks_are_made_where_the_latent_lives():
    """torch's meta device stands for a GPU: mixing it with the CPU raises."""
    latent = torch.zeros(B, T, C, device="meta")
    mask = mask_of(latent)
    state = AVState(noised(latent, mask, latent, sigma=1.0, tokens_per_frame=P), frozen(latent))

    def denoise(x, passes):
        assert x.audio_sigmas.device.type == x.video_sigmas.device.type == "meta"
        return {name: Prediction(x.video * 0.5) for name in passes}

    out = sample(
        denoise,
        state,
        DISTILLED,
        video_guidance=Guidance(4, 1, 2, 0.5),
        norming_threshold=0.3,
        eta=0.2,
        noise=torch.empty_like,
        audio_factors=(0.5,),
    )
    assert out.video.latent.device.type == "meta"  # and no value was ever waited for


def test_the_core_itself_loads_no_framework():
    code = "import sys, lipwright.diffusion.sample, lipwright.diffusion.masks; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
