"""AdaLN modulation (scale, shift and gate by timestep), computed once per distinct noise level.

diffusers embeds the timestep of every token separately: 9 x 4096 numbers per token, or a gigabyte per batch
row of 14,080 tokens. But a clip has only two or three distinct noise levels, and the tokens of a latent frame
share a level. So each distinct level is embedded once, and its embedding is expanded to frames when it is
used.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class LevelGroups:
    """The grouping of tokens by noise level; the grouping is the same in all steps of a run."""

    samples: Tensor
    """Index of one token per distinct level, shape (U,)."""
    index: Tensor | None
    """Index of each latent frame's level among the distinct levels, shape (F,); None if all frames share a
    level."""

    @classmethod
    def of(cls, sigmas: Tensor, tokens_per_frame: int) -> LevelGroups:
        """Return the grouping of tokens with these noise levels.

        Args:
            sigmas: Noise levels of all tokens, shape (1, T), in a step that still has noise. (Without noise,
                all levels would be 0.)
            tokens_per_frame: Number of adjacent tokens that share a level: the tokens of one latent frame.
        """
        distinct, index = torch.unique(sigmas[0, ::tokens_per_frame], return_inverse=True)
        first = torch.stack([(index == number).nonzero()[0, 0] for number in range(len(distinct))])
        return cls(first * tokens_per_frame, None if len(distinct) == 1 else index)

    def levels(self, sigmas: Tensor) -> Tensor:
        """Return the distinct levels of a step, shape (U,), from the levels of all tokens, shape (1, T)."""
        return sigmas[0, self.samples]


@dataclass(frozen=True, slots=True)
class Modulation:
    """AdaLN parameters of the distinct noise levels, to be added to the scale_shift_table of any block."""

    values: Tensor
    """The parameters of each noise level, shape (noise levels, parameters per channel * channels)."""
    index: Tensor | None
    """Index of each latent frame's level among the distinct levels, as in `LevelGroups`."""

    def spread(self, table: Tensor) -> tuple[Tensor, ...]:
        """Return the scales, shifts and gates of a block as one tensor per row of `table`.

        Args:
            table: The block's scale_shift_table, shape (P, D): a row of D channels for each of the P scales,
                shifts and gates. `values` are added to it.

        Returns:
            P tensors of shape (1, F, 1, D), or (1, 1, 1, D) if all frames share a level. They apply to tokens
            in the shape (rows, F, tokens per frame, D).
        """
        # Tables may have a wider dtype than the computation, as in GGUF files, which must not widen the
        # results.
        values = table.to(self.values) + self.values.unflatten(-1, (len(table), -1))
        if self.index is not None:
            values = values[self.index]
        return values[None, :, None].unbind(3)


def scaled(x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """Return x (1 + scale) + shift for tokens of shape (rows, T, D)."""
    frames = x.unflatten(1, (scale.shape[1], -1))
    return torch.addcmul(shift, frames, 1 + scale).flatten(1, 2)


def add_gated(x: Tensor, gate: Tensor | None, addition: Tensor) -> None:
    """Add gate * addition to tokens of shape (rows, T, D), in place."""
    if gate is None:
        x += addition
        return
    x.unflatten(1, (gate.shape[1], -1)).addcmul_(gate, addition.unflatten(1, (gate.shape[1], -1)))


def embed(module: nn.Module, times: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Apply diffusers' AdaLN module to timesteps.

    Args:
        module: The AdaLN module, which yields P modulation parameters per channel.
        times: The timesteps, shape (U,).
        dtype: Type of the computation.

    Returns:
        The modulation parameters, shape (U, P * channels), and the timestep embeddings, shape (U, channels).
    """
    values, embedded = module(times, batch_size=len(times), hidden_dtype=dtype)
    return values, embedded
