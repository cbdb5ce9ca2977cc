"""The attention of LTX-2's blocks, in parts, so that the rows of a batch can share keys and workspace.

The arithmetic is that of diffusers' LTX2PerturbedAttnProcessor, on diffusers' modules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from diffusers.models.attention_dispatch import dispatch_attention_fn
from diffusers.models.transformers.transformer_ltx2 import (
    LTX2Attention,
    apply_interleaved_rotary_emb,
    apply_split_rotary_emb,
)
from torch import Tensor

Rope = tuple[Tensor, Tensor]
"""Cosines and sines of a rotary embedding, for a single sequence (batch size 1)."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Projected keys and values of a batch of sequences."""

    key: Tensor
    """Keys, shape (batch, tokens, heads, head size)."""
    value: Tensor
    """Values, shape (batch, tokens, heads, head size)."""


def project_keys(attn: LTX2Attention, source: Tensor, rope: Rope | None = None) -> Keys:
    """Project a batch of sequences, shape (batch, tokens, channels), to keys and values."""
    key = _rotate(attn, attn.norm_k(attn.to_k(source)), rope)
    return Keys(_by_head(attn, key), _by_head(attn, attn.to_v(source)))


def attend(
    attn: LTX2Attention,
    source: Tensor,
    keys: Keys,
    *,
    rope: Rope | None = None,
    groups: Sequence[tuple[int, int, int]] | None = None,
    values_only: int | None = None,
) -> Tensor:
    """Compute the attention of several sequences, the rows of a batch, to keys and values.

    Args:
        attn: The module with the weights.
        source: The sequences of the queries, shape (rows, tokens, channels).
        keys: Keys and values: one batch item per row, or with `groups`, the items to which the groups refer.
        rope: Rotary embedding of the queries.
        groups: Adjacent rows that share keys, as (batch item of the keys, first row, one past the last row).
            All rows must be in a group, in order. With None, row i uses batch item i.
        values_only: Index of the row that skips attention, so that its values themselves are the result (the
            perturbed pass); None if all rows use attention.

    Returns:
        The attended sequences, shape (rows, tokens, channels).
    """
    rows, tokens, _ = source.shape
    gate = None if attn.to_gate_logits is None else attn.to_gate_logits(source)
    if values_only is not None and rows == 1:
        attended = keys.value
    else:
        query = _by_head(attn, _rotate(attn, attn.norm_q(attn.to_q(source)), rope))
        if groups is None:
            attended = _attention(attn, query, keys.key, keys.value)
        else:
            parts = [
                _attention(
                    attn,
                    query[first:last].flatten(0, 1)[None],  # rows that share keys are joined to one long row
                    keys.key[item : item + 1],
                    keys.value[item : item + 1],
                ).unflatten(1, (last - first, tokens))[0]
                for item, first, last in groups
            ]
            attended = parts[0] if len(parts) == 1 else torch.cat(parts)
        if values_only is not None:
            attended[values_only] = keys.value[values_only]
    if gate is not None:
        attended = attended * (2.0 * torch.sigmoid(gate)).unsqueeze(-1)
    out: Tensor = attn.to_out[0](attended.flatten(2))
    return out


def _attention(attn: LTX2Attention, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    backend = getattr(attn.processor, "_attention_backend", None)
    attended: Tensor = dispatch_attention_fn(query, key, value, backend=backend)
    return attended.to(query.dtype)


def _by_head(attn: LTX2Attention, x: Tensor) -> Tensor:
    return x.unflatten(2, (attn.heads, -1))


def _rotate(attn: LTX2Attention, x: Tensor, rope: Rope | None) -> Tensor:
    if rope is None:
        return x
    whole = (rope[0].expand(len(x), *rope[0].shape[1:]), rope[1].expand(len(x), *rope[1].shape[1:]))
    rotate = apply_split_rotary_emb if attn.rope_type == "split" else apply_interleaved_rotary_emb
    rotated: Tensor = rotate(x, whole)
    return rotated
