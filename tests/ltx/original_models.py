# ruff: noqa: E402 - one import needs a preparation, told where it stands
"""Tiny LTX-2.3 checkpoints in the original layout, written by the original's own classes.

ltx-core 1.0.0 builds each model from a configuration of the original form; its
tensors, under the prefixes of the published files, and that configuration in the
header make a file like `ltx-2.3-22b-distilled.safetensors`, only small. So names and
shapes are those of code that nobody here wrote, and its outputs are the truth.
"""

from __future__ import annotations

import json
import sys
import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

# ltx-core imports torchaudio for a spectrogram that nothing here calls; its wheels are for CUDA.
sys.modules["torchaudio"] = types.ModuleType("torchaudio")
try:
    from ltx_core.model.audio_vae.model_configurator import (
        AudioDecoderConfigurator,
        AudioEncoderConfigurator,
        VocoderConfigurator,
    )
finally:
    del sys.modules["torchaudio"]
from ltx_core.model.transformer.model_configurator import LTXModelConfigurator
from ltx_core.model.upsampler.model_configurator import LatentUpsamplerConfigurator
from ltx_core.model.video_vae.model_configurator import VideoDecoderConfigurator, VideoEncoderConfigurator
from ltx_core.text_encoders.gemma.embeddings_connector import (
    AudioEmbeddings1DConnectorConfigurator,
    Embeddings1DConnectorConfigurator,
)
from safetensors.torch import save_file
from tests.ltx.loaded import ROOT

CAPTION, TEXT_LAYERS = 16, 3
LATENTS = 8

TRANSFORMER: dict[str, Any] = {
    "num_attention_heads": 4,
    "attention_head_dim": 16,
    "in_channels": LATENTS,
    "out_channels": LATENTS,
    "num_layers": 2,
    "cross_attention_dim": 64,
    "audio_num_attention_heads": 4,
    "audio_attention_head_dim": 8,
    "audio_in_channels": 8,
    "audio_out_channels": 8,
    "audio_cross_attention_dim": 32,
    "caption_channels": CAPTION,
    "rope_type": "split",
    "frequencies_precision": "float64",
    "apply_gated_attention": True,
    "connector_apply_gated_attention": True,
    "cross_attention_adaln": True,
    "caption_proj_before_connector": True,
    "caption_projection_first_linear": False,
    "caption_proj_input_norm": False,
    "caption_projection_second_linear": False,
    "av_ca_timestep_scale_multiplier": 1000,
    "connector_num_attention_heads": 4,
    "connector_attention_head_dim": 16,
    "connector_num_layers": 2,
    "audio_connector_num_attention_heads": 4,
    "audio_connector_attention_head_dim": 8,
    "audio_connector_num_layers": 2,
    "connector_positional_embedding_max_pos": [4096],
    # what ltx-core insists on
    "dropout": 0.0,
    "attention_bias": True,
    "num_vector_embeds": None,
    "activation_fn": "gelu-approximate",
    "num_embeds_ada_norm": 1000,
    "use_linear_projection": False,
    "only_cross_attention": False,
    "cross_attention_norm": True,
    "double_self_attention": False,
    "upcast_attention": False,
    "standardization_norm": "rms_norm",
    "norm_elementwise_affine": False,
    "qk_norm": "rms_norm",
    "positional_embedding_type": "rope",
    "use_audio_video_cross_attention": True,
    "share_ff": False,
    "av_cross_ada_norm": True,
    "use_middle_indices_grid": True,
}
ONE = {"num_layers": 1}
VAE: dict[str, Any] = {
    "latent_channels": LATENTS,
    "patch_size": 4,
    "timestep_conditioning": False,
    "spatial_padding_mode": "zeros",
    "causal_decoder": False,
    "decoder_base_channels": 4,
    "encoder_blocks": [
        ["res_x", {"num_layers": 2}],
        ["compress_space_res", {"multiplier": 2}],
        ["res_x", ONE],
        ["compress_time_res", {"multiplier": 2}],
        ["res_x", ONE],
        ["compress_all_res", {"multiplier": 2}],
        ["res_x", ONE],
        ["compress_all_res", {"multiplier": 1}],
        ["res_x", ONE],
    ],
    "decoder_blocks": [
        ["res_x", {"num_layers": 2}],
        ["compress_space", {"multiplier": 2}],
        ["res_x", ONE],
        ["compress_time", {"multiplier": 2}],
        ["res_x", ONE],
        ["compress_all", {"multiplier": 1}],
        ["res_x", ONE],
        ["compress_all", {"multiplier": 2}],
        ["res_x", ONE],
    ],
}
AUDIO_VAE: dict[str, Any] = {
    "model": {
        "params": {
            "sampling_rate": 16000,
            "ddconfig": {
                "ch": 8,
                "out_ch": 2,
                "in_channels": 2,
                "ch_mult": [1, 2, 4],
                "num_res_blocks": 1,
                "attn_resolutions": [],
                "resolution": 256,
                "z_channels": 2,
                "norm_type": "pixel",
                "causality_axis": "height",
                "mid_block_add_attention": False,
                "double_z": True,
                "mel_bins": 16,
            },
        }
    },
    "preprocessing": {"stft": {"hop_length": 160, "filter_length": 1024, "causal": True}},
}
VOCODER: dict[str, Any] = {
    "vocoder": {
        "resblock": "AMP1",
        "stereo": True,
        "activation": "snakebeta",
        "upsample_initial_channel": 64,
        "upsample_rates": [5, 2, 2, 2, 2, 2],
        "upsample_kernel_sizes": [11, 4, 4, 4, 4, 4],
        "resblock_kernel_sizes": [3],
        "resblock_dilation_sizes": [[1, 3, 5]],
        "use_tanh_at_final": False,
        "use_bias_at_final": False,
    },
    "bwe": {
        "resblock": "AMP1",
        "stereo": True,
        "activation": "snakebeta",
        "upsample_initial_channel": 32,
        "upsample_rates": [6, 5, 2, 2, 2],
        "upsample_kernel_sizes": [12, 11, 4, 4, 4],
        "resblock_kernel_sizes": [3],
        "resblock_dilation_sizes": [[1, 3, 5]],
        "use_tanh_at_final": False,
        "use_bias_at_final": False,
        "n_fft": 512,
        "hop_length": 80,
        "num_mels": 64,
        "input_sampling_rate": 16000,
        "output_sampling_rate": 48000,
    },
}
CONFIG = {"transformer": TRANSFORMER, "vae": VAE, "audio_vae": AUDIO_VAE, "vocoder": VOCODER}
UPSAMPLER = {
    "in_channels": LATENTS,
    "mid_channels": 32,
    "num_blocks_per_stage": 1,
    "dims": 3,
    "spatial_upsample": True,
    "temporal_upsample": False,
    "spatial_scale": 2.0,
    "rational_resampler": False,
}


@dataclass(frozen=True)
class OriginalModel:
    """The original's own modules, filled with seeded numbers."""

    transformer: torch.nn.Module
    video_connector: torch.nn.Module
    audio_connector: torch.nn.Module
    video_projection: torch.nn.Linear
    audio_projection: torch.nn.Linear
    video_encoder: torch.nn.Module
    video_decoder: torch.nn.Module
    audio_encoder: torch.nn.Module
    audio_decoder: torch.nn.Module
    vocoder: torch.nn.Module

    def tensors(self) -> dict[str, torch.Tensor]:
        """Under the names of the published files."""
        prefixes = {
            "model.diffusion_model.": self.transformer,
            "model.diffusion_model.video_embeddings_connector.": self.video_connector,
            "model.diffusion_model.audio_embeddings_connector.": self.audio_connector,
            "text_embedding_projection.video_aggregate_embed.": self.video_projection,
            "text_embedding_projection.audio_aggregate_embed.": self.audio_projection,
            "vae.encoder.": self.video_encoder,
            "vae.decoder.": self.video_decoder,
            "audio_vae.encoder.": self.audio_encoder,
            "audio_vae.decoder.": self.audio_decoder,
            "vocoder.": self.vocoder,
        }
        found = {}
        for prefix, module in prefixes.items():
            for name, tensor in module.state_dict().items():
                # Both halves of a VAE share their statistics, which the files keep once.
                whole = prefix.removesuffix("encoder.").removesuffix("decoder.") + name
                shared = name.startswith("per_channel_statistics") and "vae." in prefix
                found[whole if shared else prefix + name] = tensor.contiguous().clone()
        return found


def original_model(seed: int = 0) -> OriginalModel:
    torch.manual_seed(seed)
    width = CAPTION * TEXT_LAYERS
    model = OriginalModel(
        transformer=LTXModelConfigurator.from_config(CONFIG),
        video_connector=Embeddings1DConnectorConfigurator.from_config(CONFIG),
        audio_connector=AudioEmbeddings1DConnectorConfigurator.from_config(CONFIG),
        video_projection=torch.nn.Linear(width, 64),
        audio_projection=torch.nn.Linear(width, 32),
        video_encoder=VideoEncoderConfigurator.from_config(CONFIG),
        video_decoder=VideoDecoderConfigurator.from_config(CONFIG),
        audio_encoder=AudioEncoderConfigurator.from_config(CONFIG),
        audio_decoder=AudioDecoderConfigurator.from_config(CONFIG),
        vocoder=VocoderConfigurator.from_config(CONFIG),
    )
    numbers = torch.Generator().manual_seed(seed)
    for module in vars(model).values():
        for tensor in module.state_dict().values():
            if tensor.is_floating_point():
                with torch.no_grad():
                    tensor.copy_(torch.randn(tensor.shape, generator=numbers) * 0.1)
        module.eval().requires_grad_(False)
    for half in (model.video_encoder, model.audio_encoder):
        half.per_channel_statistics.get_buffer("std-of-means").abs_().add_(0.5)
    for half, other in (
        (model.video_decoder, model.video_encoder),
        (model.audio_decoder, model.audio_encoder),
    ):
        half.per_channel_statistics.load_state_dict(other.per_channel_statistics.state_dict())
    return model


def write_original(path: Path, tensors: dict[str, torch.Tensor], **header: Any) -> Path:
    """A file of the published form; `config` and `model_version` can be replaced."""
    fields = {"model_version": "2.3.0", "config": CONFIG} | header
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in fields.items()}
    save_file(tensors, path, metadata={key: text for key, text in texts.items() if text})
    return path


def original_upsampler(seed: int = 3) -> torch.nn.Module:
    torch.manual_seed(seed)
    return LatentUpsamplerConfigurator.from_config(UPSAMPLER).eval().requires_grad_(False)


def write_vaes_and_connectors(folder: Path, tensors: dict[str, torch.Tensor]) -> None:
    """VAEs and connectors as files of their own."""
    rest = {key: tensor for key, tensor in tensors.items() if not key.startswith(ROOT) or "_connector" in key}
    write_original(folder / "ltx-2.3-vae-and-connectors.safetensors", rest)
