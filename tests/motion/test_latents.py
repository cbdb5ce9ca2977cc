"""Motion latents hold eight frames each, as in LTX-2, on numpy and on torch."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch

from lipwright.domain.motion import LEARNED_CHANNELS
from lipwright.motion.latents import from_latents, to_latents, token_seconds


def motion(frames: int) -> np.ndarray:
    return np.random.default_rng(7).standard_normal((2, frames, len(LEARNED_CHANNELS)), np.float32)


@pytest.mark.parametrize("frames", [1, 9, 17, 121])
def test_there_and_back_is_the_same(frames: int) -> None:
    rows = motion(frames)
    assert np.array_equal(from_latents(to_latents(rows)), rows)


@pytest.mark.parametrize("frames", [1, 9, 121])
def test_torch_gives_the_same(frames: int) -> None:
    rows = motion(frames)
    latents = to_latents(torch.from_numpy(rows))
    assert isinstance(latents, torch.Tensor)
    assert np.array_equal(latents.numpy(), to_latents(rows))
    assert np.array_equal(from_latents(latents).numpy(), rows)


def test_which_frames_a_latent_holds() -> None:
    frame_numbers = np.repeat(np.arange(25.0)[None, :, None], len(LEARNED_CHANNELS), 2)
    latents = to_latents(frame_numbers).reshape(4, 8, len(LEARNED_CHANNELS))
    held = [sorted(set(latent.ravel())) for latent in latents]
    assert held == [[0], list(range(1, 9)), list(range(9, 17)), list(range(17, 25))]


@pytest.mark.parametrize("frame_rate", [Fraction(25), Fraction(24000, 1001), Fraction(30)])
def test_a_latent_s_instant_is_the_middle_of_its_frames(frame_rate: Fraction) -> None:
    # Frame n is shown during [n / rate, (n + 1) / rate).
    expected = [(0 + 1) / frame_rate / 2, *((8 * j - 7 + 8 * j + 1) / frame_rate / 2 for j in range(1, 6))]
    assert token_seconds(6, frame_rate) == pytest.approx([float(at) for at in expected])
