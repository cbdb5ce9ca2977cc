"""The tiny transformer in Lightricks' own code, ltx-core, with the same weights."""

from __future__ import annotations

from typing import Any

import torch
from benchmarks.ltx_weights import original_name
from ltx_core.model.transformer.modality import Modality
from ltx_core.model.transformer.model import LTXModel, LTXModelType, X0Model
from ltx_core.model.transformer.rope import LTXRopeType

from lipwright.engines.ltx.loading.state_dict_map import ROOT


def official_transformer(net: Any) -> X0Model:
    """The same network in ltx-core; every tensor must find its place."""
    config = net.config
    model = LTXModel(
        model_type=LTXModelType.AudioVideo,
        num_attention_heads=config.num_attention_heads,
        attention_head_dim=config.attention_head_dim,
        in_channels=config.in_channels,
        out_channels=config.out_channels,
        num_layers=config.num_layers,
        cross_attention_dim=config.cross_attention_dim,
        audio_num_attention_heads=config.audio_num_attention_heads,
        audio_attention_head_dim=config.audio_attention_head_dim,
        audio_in_channels=config.audio_in_channels,
        audio_out_channels=config.audio_out_channels,
        audio_cross_attention_dim=config.audio_cross_attention_dim,
        av_ca_timestep_scale_multiplier=config.cross_attn_timestep_scale_multiplier,
        rope_type=LTXRopeType.SPLIT,
        double_precision_rope=True,
        apply_gated_attention=True,
        cross_attention_adaln=True,
    )
    tensors = {
        original_name("transformer", name).removeprefix(ROOT): tensor
        for name, tensor in net.state_dict().items()
    }
    model.load_state_dict(tensors, strict=True)
    return X0Model(model.eval().requires_grad_(False))


def modality(
    latent: torch.Tensor, times: torch.Tensor, sigma: float, positions: torch.Tensor, text: torch.Tensor
) -> Modality:
    return Modality(
        latent=latent,
        sigma=torch.tensor([sigma]),
        timesteps=times,
        positions=positions,
        context=text,
    )
