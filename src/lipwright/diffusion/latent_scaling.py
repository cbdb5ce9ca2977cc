"""Factors on the generated latents after each step, after ComfyUI-LTXVideo's LTXVNormalizingSampler.

After a step whose factor is not 1 the node ends sampling, scales the predicted clean latent and starts
again from it at the next noise level. Two things differ here: the noise that is in the latent is kept,
where the node draws its first noise again; and tokens that are kept or frozen are never scaled, where
the node's default factors leave a frozen audio latent at 0.0625 of its amplitude.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from lipwright.diffusion.arrays import Array
from lipwright.errors import UsageError


@dataclass(frozen=True, slots=True)
class StepFactors:
    """One factor per step; 1 changes nothing. The last one applies to all further steps."""

    video: tuple[float, ...] = ()
    audio: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        for factor in (*self.video, *self.audio):
            if not (isfinite(factor) and factor >= 0):
                raise UsageError(
                    f"the latents' factor after a step must be 0 or more, got {factor:g}",
                    hint="1 changes nothing",
                )


def factor_at(factors: tuple[float, ...], step: int) -> float:
    """The factor after step number `step`, counted from 0."""
    return factors[min(step, len(factors) - 1)] if factors else 1.0


def scale_clean_part(x: Array, x0: Array, mask: Array, *, sigma: float, factor: float) -> Array:
    """Scale the clean part of a latent and leave its noise.

    x = (1 - level) x0 + level n becomes (1 - level) x0' + level n, where level = mask * sigma and x0' is
    x0 scaled as far as it is generated: x0 (1 + (factor - 1) mask).

    Args:
        x: Tokens at noise level mask * sigma, shape (B, T, C).
        x0: Their predicted clean values, shape (B, T, C).
        mask: Shape (B, T, 1), 0..1.
        sigma: Noise level of `x` where the mask is 1.
        factor: 1 returns `x` itself.
    """
    if factor == 1:
        return x
    return x + (1 - mask * sigma) * (factor - 1) * mask * x0
