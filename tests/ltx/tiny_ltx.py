# ruff: noqa: C408, S106 - sizes read best as keywords; the "passwords" are special tokens
"""A tiny LTX-2.3 with random weights: every class is the real one, every size is small.

`build_folder` writes it as a diffusers folder, the text encoder and its tokenizer included.
"""

from __future__ import annotations

import gc
import warnings
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKLLTX2Audio,
    AutoencoderKLLTX2Video,
    FlowMatchEulerDiscreteScheduler,
    LTX2Pipeline,
    LTX2VideoTransformer3DModel,
)
from diffusers.pipelines.ltx2 import LTX2TextConnectors
from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel
from diffusers.pipelines.ltx2.vocoder import LTX2VocoderWithBWE
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    Gemma3Config,
    Gemma3ForConditionalGeneration,
    Gemma3TextConfig,
    PreTrainedTokenizerFast,
    SiglipVisionConfig,
)

gc.collect()
gc.freeze()  # The engine looks for garbage several times a shot, among the million objects of these modules.

TEXT_WIDTH, TEXT_LAYERS = 16, 2
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
"""Where the tests compute: on a GPU where there is one."""
VIDEO_HEADS, VIDEO_HEAD, AUDIO_HEADS, AUDIO_HEAD = 4, 16, 4, 8
LATENT_CHANNELS = 8
"""128 in the real model."""
AUDIO_CHANNELS, MEL_BINS = 2, 16
"""8 and 64 in the real model."""
WORDS = [
    "<pad>",
    "<bos>",
    "<eos>",
    "<unk>",
    "a",
    "robot",
    "dancing",
    "woman",
    "man",
    "person",
    "talks",
    "to",
    "camera",
    "bad",
    "blurry",
]


def tokenizer(*, bos: bool = True) -> PreTrainedTokenizerFast:
    """Gemma 3's begins with <bos>; Gemma 4's leaves it to who encodes."""
    made = Tokenizer(models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    if bos:
        made.post_processor = processors.TemplateProcessing("<bos> $A", special_tokens=[("<bos>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token="<pad>",
        bos_token="<bos>",
        eos_token="<eos>",
        unk_token="<unk>",
        padding_side="left",
        model_max_length=1024,
    )


def text_encoder() -> Gemma3ForConditionalGeneration:
    text = Gemma3TextConfig(
        vocab_size=64,
        hidden_size=TEXT_WIDTH,
        intermediate_size=32,
        num_hidden_layers=TEXT_LAYERS,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
        max_position_embeddings=2048,
        sliding_window=64,
    )
    vision = SiglipVisionConfig(
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        image_size=28,
        patch_size=14,
    )
    return Gemma3ForConditionalGeneration(
        Gemma3Config(
            text_config=text.to_dict(),
            vision_config=vision.to_dict(),
            mm_tokens_per_image=4,
            image_token_index=60,
            boi_token_index=61,
            eoi_token_index=62,
        )
    )


def transformer(layers: int = 3, **changes: Any) -> LTX2VideoTransformer3DModel:
    sizes = dict(
        in_channels=LATENT_CHANNELS,
        out_channels=LATENT_CHANNELS,
        num_attention_heads=VIDEO_HEADS,
        attention_head_dim=VIDEO_HEAD,
        cross_attention_dim=VIDEO_HEADS * VIDEO_HEAD,
        audio_in_channels=AUDIO_CHANNELS * MEL_BINS // 4,
        audio_out_channels=AUDIO_CHANNELS * MEL_BINS // 4,
        audio_num_attention_heads=AUDIO_HEADS,
        audio_attention_head_dim=AUDIO_HEAD,
        audio_cross_attention_dim=AUDIO_HEADS * AUDIO_HEAD,
        num_layers=layers,
        caption_channels=TEXT_WIDTH,
        rope_type="split",
        rope_double_precision=True,
        # what makes it 2.3
        gated_attn=True,
        cross_attn_mod=True,
        audio_gated_attn=True,
        audio_cross_attn_mod=True,
        use_prompt_embeddings=False,
        perturbed_attn=True,
        cross_attn_timestep_scale_multiplier=1000,
    )
    return LTX2VideoTransformer3DModel(**(sizes | changes))


def connectors() -> LTX2TextConnectors:
    return LTX2TextConnectors(
        caption_channels=TEXT_WIDTH,
        text_proj_in_factor=TEXT_LAYERS + 1,
        video_connector_num_attention_heads=VIDEO_HEADS,
        video_connector_attention_head_dim=VIDEO_HEAD,
        video_connector_num_layers=2,
        video_connector_num_learnable_registers=8,
        video_gated_attn=True,
        audio_connector_num_attention_heads=AUDIO_HEADS,
        audio_connector_attention_head_dim=AUDIO_HEAD,
        audio_connector_num_layers=2,
        audio_connector_num_learnable_registers=8,
        audio_gated_attn=True,
        connector_rope_base_seq_len=4096,
        rope_double_precision=True,
        rope_type="split",
        per_modality_projections=True,
        video_hidden_dim=VIDEO_HEADS * VIDEO_HEAD,
        audio_hidden_dim=AUDIO_HEADS * AUDIO_HEAD,
        proj_bias=True,
    )


def video_vae() -> AutoencoderKLLTX2Video:
    return AutoencoderKLLTX2Video(
        latent_channels=LATENT_CHANNELS,
        block_out_channels=(8, 16, 32, 32),
        decoder_block_out_channels=(8, 16, 16, 32),
        layers_per_block=(1, 1, 1, 1, 1),
        decoder_layers_per_block=(1, 1, 1, 1, 1),
        spatio_temporal_scaling=(True,) * 4,
        decoder_spatio_temporal_scaling=(True,) * 4,
        decoder_inject_noise=(False,) * 5,
        downsample_type=("spatial", "temporal", "spatiotemporal", "spatiotemporal"),
        upsample_type=("spatiotemporal", "spatiotemporal", "temporal", "spatial"),
        upsample_residual=(False,) * 4,
        upsample_factor=(2, 2, 1, 2),
        timestep_conditioning=False,
        patch_size=4,
        patch_size_t=1,
        encoder_causal=True,
        decoder_causal=False,
        encoder_spatial_padding_mode="zeros",
        decoder_spatial_padding_mode="zeros",
        spatial_compression_ratio=32,
        temporal_compression_ratio=8,
    )


def audio_vae() -> AutoencoderKLLTX2Audio:
    return AutoencoderKLLTX2Audio(
        base_channels=AUDIO_CHANNELS * MEL_BINS // 4,
        output_channels=2,
        ch_mult=(1, 2, 4),
        num_res_blocks=1,
        attn_resolutions=None,
        in_channels=2,
        resolution=256,
        latent_channels=AUDIO_CHANNELS,
        norm_type="pixel",
        causality_axis="height",
        mid_block_add_attention=False,
        sample_rate=16000,
        mel_hop_length=160,
        is_causal=True,
        mel_bins=MEL_BINS,
    )


def vocoder() -> LTX2VocoderWithBWE:
    return LTX2VocoderWithBWE(
        in_channels=2 * MEL_BINS,
        hidden_channels=64,
        out_channels=2,
        upsample_kernel_sizes=[11, 4, 4, 4, 4, 4],
        upsample_factors=[5, 2, 2, 2, 2, 2],
        resnet_kernel_sizes=[3],
        resnet_dilations=[[1, 3, 5]],
        act_fn="snakebeta",
        antialias=True,
        final_act_fn=None,
        final_bias=False,
        bwe_in_channels=2 * MEL_BINS,
        bwe_hidden_channels=32,
        bwe_out_channels=2,
        bwe_upsample_kernel_sizes=[12, 11, 4, 4, 4],
        bwe_upsample_factors=[6, 5, 2, 2, 2],
        bwe_resnet_kernel_sizes=[3],
        bwe_resnet_dilations=[[1, 3, 5]],
        bwe_act_fn="snakebeta",
        bwe_antialias=True,
        bwe_final_act_fn=None,
        bwe_final_bias=False,
        filter_length=512,
        hop_length=80,
        window_length=512,
        num_mel_channels=MEL_BINS,
        input_sampling_rate=16000,
        output_sampling_rate=48000,
    )


def upsampler() -> LTX2LatentUpsamplerModel:
    return LTX2LatentUpsamplerModel(
        in_channels=LATENT_CHANNELS,
        mid_channels=32,
        num_blocks_per_stage=1,
        dims=3,
        spatial_upsample=True,
        temporal_upsample=False,
        rational_spatial_scale=2.0,
        use_rational_resampler=False,
    )


def components(layers: int = 3, seed: int = 0) -> dict[str, Any]:
    """What diffusers' pipelines take, by their names."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        modules = dict(
            text_encoder=text_encoder(),
            transformer=transformer(layers),
            connectors=connectors(),
            vae=video_vae(),
            audio_vae=audio_vae(),
            vocoder=vocoder(),
        )
    chance = torch.Generator().manual_seed(7)
    for vae in (modules["vae"], modules["audio_vae"]):  # so that a missed normalization shows
        vae.latents_mean.copy_(torch.randn(vae.latents_mean.shape, generator=chance, device="cpu") * 0.1)
        vae.latents_std.copy_(torch.rand(vae.latents_std.shape, generator=chance, device="cpu") + 0.5)
    for module in modules.values():
        module.eval().requires_grad_(False).to(DEVICE)
    scheduler = FlowMatchEulerDiscreteScheduler(
        use_dynamic_shifting=True,
        base_shift=0.95,
        max_shift=2.05,
        base_image_seq_len=1024,
        max_image_seq_len=4096,
        shift_terminal=0.1,
    )
    nothing = dict(processor=None, prompt_enhancer=None, duration_head=None)
    return modules | dict(scheduler=scheduler, tokenizer=tokenizer()) | nothing


def latent_upsampler(seed: int = 1) -> LTX2LatentUpsamplerModel:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return upsampler().eval().requires_grad_(False).to(DEVICE)


def build_folder(folder: Path, *, layers: int = 3, seed: int = 0) -> Path:
    """Write a complete diffusers folder, with the x2 upsampler in `latent_upsampler`."""
    with warnings.catch_warnings():  # diffusers' and transformers' own remarks while saving
        warnings.simplefilter("ignore")
        LTX2Pipeline(**components(layers, seed)).save_pretrained(folder)
        latent_upsampler().save_pretrained(folder / "latent_upsampler")
    return folder
