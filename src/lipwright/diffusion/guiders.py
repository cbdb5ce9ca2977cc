"""Guidance: combine several predictions of the same latent into one.

Predictions are of x0, the clean latent. Each scale pushes the plain prediction away from a prediction without
the condition (cfg), without some self attention (stg), or without the other modality (modality_scale).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from lipwright.diffusion.arrays import Array, namespace


class Pass(Enum):
    """A run of the model within a sampling step; all passes of a step receive the same latents."""

    POSITIVE = "positive"
    """Pass with the condition: the plain prediction."""
    NEGATIVE = "negative"
    """Pass with the negative or null condition."""
    PERTURBED = "perturbed"
    """Pass with some self attention switched off."""
    ISOLATED = "isolated"
    """Pass without attention between audio and video."""


@dataclass(frozen=True, slots=True)
class Guidance:
    """How strongly one modality is guided. The defaults are neutral: nothing is added."""

    cfg: float = 1.0
    """Scale of classifier-free guidance; 1 is neutral."""
    stg: float = 0.0
    """Scale of spatio-temporal guidance; 0 is neutral."""
    modality_scale: float = 1.0
    """Scale of the other modality's influence; 1 is neutral, 0 removes the influence."""
    rescale: float = 0.0
    """Strength of the rescale, 0..1: 0 leaves the guided prediction unchanged, 1 gives it the standard
    deviation of the plain prediction."""

    @property
    def _weights(self) -> dict[Pass, float]:
        """Nonzero factors of the terms in `delta`, keyed by the pass that each term subtracts."""
        weights = {
            Pass.NEGATIVE: self.cfg - 1,
            Pass.PERTURBED: self.stg,
            Pass.ISOLATED: self.modality_scale - 1,
        }
        return {name: weight for name, weight in weights.items() if weight != 0}

    @property
    def neutral(self) -> bool:
        """True if guidance adds nothing, so that clipping and rescale have no effect."""
        return not self._weights

    @property
    def passes(self) -> frozenset[Pass]:
        """The passes of the model that this guidance needs."""
        return frozenset({Pass.POSITIVE, *self._weights})

    def delta(self, predictions: Mapping[Pass, Array]) -> Array | None:
        """Compute what guidance adds to the plain prediction, before rescale; None if guidance is neutral.

        With the predictions pos, neg, perturbed and isolated of the four passes, this is
        (cfg-1)(pos-neg) + stg(pos-perturbed) + (modality_scale-1)(pos-isolated), as in ltx-core.

        Args:
            predictions: x0 of each of `passes`, shape (B, T, C).
        """
        positive = predictions[Pass.POSITIVE]
        terms = [weight * (positive - predictions[name]) for name, weight in self._weights.items()]
        return sum(terms[1:], start=terms[0]) if terms else None

    def apply(self, positive: Array, delta: Array | None) -> Array:
        """Add delta to the plain prediction, and rescale the sum.

        Rescale follows "Common Diffusion Noise Schedules and Sample Steps are Flawed", section 3.4.
        The standard deviations are taken over the tokens and channels of each item in the batch. (diffusers
        divides by n - 1 instead of n; this makes no difference, because only the ratio of two deviations is
        used.)

        Args:
            positive: Plain x0, shape (B, T, C); returned unchanged if delta is None.
            delta: What guidance adds to `positive` before the rescale, shape (B, T, C).
        """
        if delta is None:
            return positive
        guided = positive + delta
        if self.rescale == 0:
            return guided
        xp = namespace(positive)
        target, spread = (xp.std(x, axis=(1, 2), keepdims=True) for x in (positive, guided))
        ratio = target / xp.where(spread > 0, spread, xp.ones_like(spread))
        return guided * (self.rescale * ratio + (1 - self.rescale))
