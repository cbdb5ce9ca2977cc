"""Windows give the frames of the whole clip, each in its place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tiny_ltx
import torch

from lipwright.engines.ltx.decoding import stream_frames
from lipwright.engines.ltx.image_conditioning import denormalize, encode_frames, normalize

LATENTS = 13


@pytest.fixture(scope="module")
def latents() -> torch.Tensor:
    return torch.randn(1, 8, LATENTS, 2, 2, generator=torch.Generator().manual_seed(1)).to(tiny_ltx.DEVICE)


@pytest.fixture(scope="module")
def whole(tiny: dict[str, Any], latents: torch.Tensor) -> np.ndarray:
    vae = tiny["vae"]
    with torch.no_grad():
        pixels = vae.decode(denormalize(latents, vae), return_dict=False)[0][0]
    levels = (pixels * 127.5 + 127.5).round().clamp(0, 255).to(torch.uint8)
    return levels.permute(1, 2, 3, 0).cpu().numpy()


@pytest.mark.parametrize("window", [1, 3, 5, LATENTS, 50])
def test_windowed_decoding_equals_the_whole_clip(
    tiny: dict[str, Any], latents: torch.Tensor, whole: np.ndarray, window: int
) -> None:
    frames = np.stack(list(stream_frames(latents, tiny["vae"], window=window)))
    assert frames.shape == (8 * (LATENTS - 1) + 1, 64, 64, 3)
    assert np.abs(frames.astype(int) - whole).max() <= 1  # a level that lay on the edge of rounding
    neighbors = np.abs(np.diff(whole.astype(int), axis=0)).max(axis=(1, 2, 3))
    assert neighbors.min() > 3  # a frame out of place would show


def test_less_context_is_less_exact(tiny: dict[str, Any], latents: torch.Tensor, whole: np.ndarray) -> None:
    frames = np.stack(list(stream_frames(latents, tiny["vae"], window=3, context=1)))
    assert np.abs(frames.astype(int) - whole).max() > 1


def test_windows_are_decoded_lazily(tiny: dict[str, Any], latents: torch.Tensor) -> None:
    lengths = []
    hook = tiny["vae"].decoder.register_forward_hook(lambda _, args, __: lengths.append(args[0].shape[2]))
    try:
        frames = stream_frames(latents, tiny["vae"], window=3, context=2)
        next(frames)
        assert lengths == [5]
        assert len(list(frames)) == 8 * (LATENTS - 1)
    finally:
        hook.remove()
    assert lengths == [5, 7, 7, 6, 3]


def test_normalization_round_trips(tiny: dict[str, Any], latents: torch.Tensor) -> None:
    vae = tiny["vae"]
    torch.testing.assert_close(normalize(denormalize(latents, vae), vae), latents)
    assert not torch.allclose(denormalize(latents, vae), latents)


def test_frames_are_encoded_to_latents(tiny: dict[str, Any]) -> None:
    chance = np.random.default_rng(0)
    frames = torch.from_numpy(chance.integers(0, 256, (17, 64, 96, 3), np.uint8))
    encoded = encode_frames(frames, tiny["vae"])
    assert encoded.shape == (1, 8, 3, 2, 3)
    first = encode_frames(frames[:1], tiny["vae"])  # causal: what follows has no say in it
    torch.testing.assert_close(first[:, :, 0], encoded[:, :, 0], rtol=0, atol=1e-5)
