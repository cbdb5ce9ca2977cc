"""Long videos keep their colors."""

from __future__ import annotations

import torch

from lipwright.engines.ltx.color_matching import ChannelLevels, match_color_statistics

SHAPE = (1, 8, 30, 6, 6)


def normal(seed: int) -> torch.Tensor:
    """A still texture with a little movement."""
    chance = torch.Generator().manual_seed(seed)
    texture = torch.randn(1, 8, 1, 6, 6, generator=torch.Generator().manual_seed(0))
    return texture + 0.1 * torch.randn(SHAPE, generator=chance)


def away(latents: torch.Tensor, levels: ChannelLevels) -> float:
    own = ChannelLevels.of(latents)
    return float(((own.mean - levels.mean).abs() + (own.deviation / levels.deviation).log().abs()).max())


def test_drifting_colors_end_at_the_reference() -> None:
    levels = ChannelLevels.of(normal(1))
    video = []
    begun = torch.zeros(1, 8, 1, 1, 1)
    for seed in range(2, 12):  # every chunk goes on from the end of the one before, and drifts by as much
        ramp = torch.linspace(0, 1, SHAPE[2])[:, None, None]
        chunk = match_color_statistics((normal(seed) + begun + 0.3 * ramp) * (1 + 0.2 * ramp), levels)
        video.append(chunk)
        begun = chunk[:, :, -3:].mean((2, 3, 4), keepdim=True) - levels.mean
    assert away(video[-1], levels) < 0.35  # without it 3 and more
    assert max(away(chunk, levels) for chunk in video[1:]) < 0.5


def test_beginning_is_hardly_changed() -> None:
    levels = ChannelLevels.of(normal(1))
    drifted = normal(2) + 0.5
    came = match_color_statistics(drifted, levels)
    moved = (came - drifted).abs().mean((0, 1, 3, 4))
    assert (moved.diff() > 0).all()
    assert moved[0] < 0.02 and 0.4 < moved[-1] < 0.6


def test_without_drift_nothing_changes() -> None:
    video = normal(2)
    torch.testing.assert_close(
        match_color_statistics(video, ChannelLevels.of(video)), video, rtol=0, atol=1e-5
    )
