"""Shapes, packing, and the start of sampling."""

from dataclasses import astuple

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lipwright.diffusion.arrays import fingerprint
from lipwright.diffusion.state import (
    VideoShape,
    frozen,
    noised,
    pack_audio,
    pack_video,
    unpack_video,
)
from lipwright.errors import EngineError

sizes = st.integers(1, 4)


@given(sizes, sizes, sizes, sizes, sizes)
def test_a_video_token_holds_the_channels_of_its_place(batch, channels, frames, height, width):
    shape = VideoShape(batch, channels, frames, height, width)
    latents = np.arange(np.prod(astuple(shape))).reshape(astuple(shape))
    tokens = pack_video(latents)
    assert tokens.shape == shape.packed
    for f, y, x in np.ndindex(frames, height, width):
        token = (f * height + y) * width + x
        assert (tokens[:, token] == latents[:, :, f, y, x]).all()
    assert (unpack_video(tokens, shape) == latents).all()


@given(sizes, sizes, sizes, sizes)
def test_an_audio_token_holds_channel_after_channel(batch, channels, length, bins):
    latents = np.arange(batch * channels * length * bins).reshape(batch, channels, length, bins)
    tokens = pack_audio(latents)
    assert tokens.shape == (batch, length, channels * bins)
    for c, t, m in np.ndindex(channels, length, bins):
        assert (tokens[:, t, c * bins + m] == latents[:, c, t, m]).all()


def test_each_token_starts_at_its_own_level():
    clean, noise = np.full((1, 3, 2), 8.0), np.full((1, 3, 2), -4.0)
    mask = np.array([0, 0.5, 1]).reshape(1, 3, 1)
    state = noised(clean, mask, noise, sigma=0.75)
    assert state.latent[0, :, 0].tolist() == [8, 0.625 * 8 - 0.375 * 4, 0.25 * 8 - 0.75 * 4]
    assert state.token_sigmas(0.75).tolist() == [[0, 0.375, 0.75]]
    assert state.sigma(0.75) == 0.75


def test_kept_tokens_start_bit_identical_even_beside_bad_noise():
    clean = np.array([[[-0.0, 0.1], [1.0, 1.0]]], dtype=np.float32)
    noise = np.array([[[np.nan, np.inf], [0.0, 0.0]]], dtype=np.float32)
    with np.errstate(invalid="ignore"):
        state = noised(clean, np.array([[[0], [1]]], dtype=np.float32), noise, sigma=1.0)
    assert fingerprint(state.latent[:, :1]) == fingerprint(clean[:, :1])


def test_a_frozen_latent_is_clean_and_at_level_zero():
    clean = np.ones((2, 5, 3), dtype=np.float32)
    state = frozen(clean)
    assert state.latent is clean
    assert state.sigma(0.9) == 0.0
    assert state.token_sigmas(0.9).shape == (2, 5)
    assert not state.token_sigmas(0.9).any()


@pytest.mark.parametrize(
    ("noise", "mask", "per_frame"),
    [((1, 4, 3), (1, 4, 1), 1), ((1, 4, 2), (1, 4), 1), ((1, 4, 2), (1, 3, 1), 1), ((1, 4, 2), (1, 4, 1), 3)],
)
def test_shapes_that_do_not_fit_are_refused(noise, mask, per_frame):
    with pytest.raises(EngineError):
        noised(np.zeros((1, 4, 2)), np.ones(mask), np.zeros(noise), sigma=1.0, tokens_per_frame=per_frame)


def test_fingerprint_distinguishes_bits_shapes_and_types():
    one = np.zeros((2, 3), dtype=np.float32)
    others = [-one, one + 1e-45, one.reshape(3, 2), one.astype(np.float64), one.view(np.int32)]
    assert len({fingerprint(a) for a in [one, *others]}) == 6
    assert fingerprint(one) == fingerprint(one.copy()) == fingerprint(torch.zeros(2, 3))
    assert fingerprint(one.T) == fingerprint(np.zeros((3, 2), dtype=np.float32))


def test_fingerprint_reads_bfloat16():
    values = torch.tensor([1.0, 2.0], dtype=torch.bfloat16)
    assert fingerprint(values) == fingerprint(values.clone())
    assert fingerprint(values) not in (fingerprint(values.float()), fingerprint(-values))
