"""Translation of an original checkpoint's configuration into the configuration of diffusers' classes.

An original checkpoint has its configuration as JSON in the safetensors metadata (`config` and
`model_version`). Missing values are taken from the bundled profile of the model family.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lipwright.domain.json_text import parse_json
from lipwright.engines.ltx.loading.state_dict_map import Part
from lipwright.errors import EngineUnavailable

Config = dict[str, Any]

_TRANSFORMER = {
    "in_channels": "in_channels",
    "out_channels": "out_channels",
    "num_layers": "num_layers",
    "num_attention_heads": "num_attention_heads",
    "attention_head_dim": "attention_head_dim",
    "cross_attention_dim": "cross_attention_dim",
    "audio_num_attention_heads": "audio_num_attention_heads",
    "audio_attention_head_dim": "audio_attention_head_dim",
    "audio_in_channels": "audio_in_channels",
    "audio_out_channels": "audio_out_channels",
    "audio_cross_attention_dim": "audio_cross_attention_dim",
    "caption_channels": "caption_channels",
    "norm_eps": "norm_eps",
    "positional_embedding_theta": "rope_theta",
    "rope_type": "rope_type",
    "timestep_scale_multiplier": "timestep_scale_multiplier",
    "av_ca_timestep_scale_multiplier": "cross_attn_timestep_scale_multiplier",
    "ff_bias": "ff_bias",
    "audio_ff_bias": "audio_ff_bias",
    "use_prompt_adaln_single": "use_prompt_adaln_single",
    "use_keyframes_abs_pos_embedding": "use_keyframes_abs_pos_embedding",
}
_CONNECTORS = {
    "caption_channels": "caption_channels",
    "connector_num_attention_heads": "video_connector_num_attention_heads",
    "connector_attention_head_dim": "video_connector_attention_head_dim",
    "connector_num_layers": "video_connector_num_layers",
    "audio_connector_num_attention_heads": "audio_connector_num_attention_heads",
    "audio_connector_attention_head_dim": "audio_connector_attention_head_dim",
    "audio_connector_num_layers": "audio_connector_num_layers",
    "rope_type": "rope_type",
    "positional_embedding_theta": "rope_theta",
}
_VIDEO_VAE = {
    "in_channels": "in_channels",
    "out_channels": "out_channels",
    "latent_channels": "latent_channels",
    "patch_size": "patch_size",
    "timestep_conditioning": "timestep_conditioning",
    "causal_decoder": "decoder_causal",
    "encoder_spatial_padding_mode": "encoder_spatial_padding_mode",
    "spatial_padding_mode": "decoder_spatial_padding_mode",
}
_AUDIO_VAE = {
    "ch": "base_channels",
    "out_ch": "output_channels",
    "ch_mult": "ch_mult",
    "num_res_blocks": "num_res_blocks",
    "in_channels": "in_channels",
    "resolution": "resolution",
    "z_channels": "latent_channels",
    "norm_type": "norm_type",
    "causality_axis": "causality_axis",
    "mid_block_add_attention": "mid_block_add_attention",
    "double_z": "double_z",
    "mel_bins": "mel_bins",
}
_ENCODER_SAMPLERS = {
    "compress_space_res": "spatial",
    "compress_time_res": "temporal",
    "compress_all_res": "spatiotemporal",
}
_DECODER_SAMPLERS = {
    "compress_space": "spatial",
    "compress_time": "temporal",
    "compress_all": "spatiotemporal",
}
DECODER_WIDENING = 8
"""Number of channels of the decoder's first block, divided by `decoder_base_channels` (ltx-core)."""


def config_of(part: Part, metadata: Mapping[str, Any], base: Mapping[str, Any]) -> Config:
    """Return a network's configuration: the model family's values, overridden by those in `metadata`.

    Args:
        part: The network.
        metadata: The `config` in the file's metadata.
        base: The model family's configuration of the network, with diffusers' names.

    Raises:
        EngineUnavailable: diffusers has no class for the network that the file describes.
    """
    return dict(base) | _READERS[part](metadata)


def version_of(header: Mapping[str, str]) -> tuple[int, ...]:
    """Return the version in a safetensors file's metadata, such as (2, 3) for "2.3.rc1"; () if missing."""
    numbers = []
    for part in header.get("model_version", "").replace("-", ".").split("."):
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers)


def text_encoder_version_of(header: Mapping[str, str]) -> str | None:
    """Return the version of the text encoder with which a transformer was trained; None if not stated."""
    try:
        version = parse_json(header["gemma_source_checkpoint"])["gemma_version"]
    except (KeyError, ValueError, TypeError):
        return None
    return version if isinstance(version, str) else None


def _take(source: Mapping[str, Any], names: Mapping[str, str]) -> Config:
    return {new: source[old] for old, new in names.items() if source.get(old) is not None}


def _precision(source: Mapping[str, Any]) -> Config:
    known = source.get("frequencies_precision")
    return {} if known is None else {"rope_double_precision": known == "float64"}


def _transformer(metadata: Mapping[str, Any]) -> Config:
    source = metadata.get("transformer", {})
    config = _take(source, _TRANSFORMER) | _precision(source)
    if (gated := source.get("apply_gated_attention")) is not None:
        config |= {"gated_attn": gated, "audio_gated_attn": gated}
    if (modulated := source.get("cross_attention_adaln")) is not None:
        config |= {"cross_attn_mod": modulated, "audio_cross_attn_mod": modulated}
    if (before := source.get("caption_proj_before_connector")) is not None:
        config["use_prompt_embeddings"] = not before
    if reach := source.get("positional_embedding_max_pos"):
        config |= dict(zip(("pos_embed_max_pos", "base_height", "base_width"), reach, strict=True))
    if reach := source.get("audio_positional_embedding_max_pos"):
        config["audio_pos_embed_max_pos"] = reach[0]
    return config


def _connectors(metadata: Mapping[str, Any]) -> Config:
    source = metadata.get("transformer", {})
    config = _take(source, _CONNECTORS) | _precision(source)
    if (gated := source.get("connector_apply_gated_attention")) is not None:
        config |= {"video_gated_attn": gated, "audio_gated_attn": gated}
    if reach := source.get("connector_positional_embedding_max_pos"):
        config["connector_rope_base_seq_len"] = reach[0]
    if (before := source.get("caption_proj_before_connector")) is not None:
        config |= {"per_modality_projections": before, "proj_bias": before}
    for name, prefix in (("video_hidden_dim", ""), ("audio_hidden_dim", "audio_")):
        heads, width = source.get(f"{prefix}num_attention_heads"), source.get(f"{prefix}attention_head_dim")
        if heads and width:
            config[name] = heads * width
    return config


def _video_vae(metadata: Mapping[str, Any]) -> Config:
    source = metadata.get("vae", {})
    config = _take(source, _VIDEO_VAE)
    if blocks := source.get("encoder_blocks"):
        config |= _encoder(_pairs(blocks, _ENCODER_SAMPLERS), source.get("latent_channels", 128))
    if blocks := source.get("decoder_blocks"):
        config |= _decoder(_pairs(blocks, _DECODER_SAMPLERS), source.get("decoder_base_channels", 128))
    return config


_VaeBlocks = tuple[list[int], list[tuple[str, int]]]
"""Structure of an encoder or decoder, as two lists. The first has the number of residual layers of each
block; the second has (kind, channel multiplier) of each upsampler or downsampler between two blocks."""


def _pairs(blocks: list[Any], samplers: Mapping[str, str]) -> _VaeBlocks:
    layers: list[int] = []
    between: list[tuple[str, int]] = []
    for index, (name, given) in enumerate(blocks):
        options = given if isinstance(given, Mapping) else {"num_layers": given}
        if index % 2 == 0 and name == "res_x":
            layers.append(options["num_layers"])
        elif index % 2 == 1 and name in samplers:
            between.append((samplers[name], options.get("multiplier", 2 if name.endswith("_res") else 1)))
        else:
            raise EngineUnavailable(
                f"the video VAE has a block {name!r} at index {index}, where diffusers does not support it",
                hint="use the convolutional VAE of the same family",
            )
    return layers, between


def _encoder(blocks: _VaeBlocks, latent_channels: int) -> Config:
    layers, between = blocks
    channels, width = [], latent_channels
    for _, multiplier in between:
        width *= multiplier
        channels.append(width)
    return {
        "layers_per_block": layers,
        "block_out_channels": channels,
        "downsample_type": [kind for kind, _ in between],
        "spatio_temporal_scaling": [True] * len(between),
        "down_block_types": ["LTX2VideoDownBlock3D"] * len(between),
    }


def _decoder(blocks: _VaeBlocks, base_channels: int) -> Config:
    """Return the decoder's configuration.

    diffusers reverses all lists except `upsample_type`, which is therefore reversed here.
    """
    layers, between = blocks
    widths, width = [], base_channels * DECODER_WIDENING
    for _, multiplier in reversed(between):
        widths.append(width)
        width //= multiplier
    return {
        "decoder_layers_per_block": layers,
        "decoder_block_out_channels": widths[::-1],
        "upsample_type": [kind for kind, _ in reversed(between)],
        "upsample_factor": [multiplier for _, multiplier in between],
        "upsample_residual": [False] * len(between),
        "decoder_spatio_temporal_scaling": [True] * len(between),
        "decoder_inject_noise": [False] * len(layers),
    }


def _audio_vae(metadata: Mapping[str, Any]) -> Config:
    source = metadata.get("audio_vae", {})
    parameters = source.get("model", {}).get("params", {})
    transform = source.get("preprocessing", {}).get("stft", {})
    config = _take(parameters.get("ddconfig", {}), _AUDIO_VAE)
    if "mel_bins" not in config and (
        bins := source.get("preprocessing", {}).get("mel", {}).get("n_mel_channels")
    ):
        config["mel_bins"] = bins
    return config | _take(
        {
            "rate": parameters.get("sampling_rate"),
            "hop": transform.get("hop_length"),
            "causal": transform.get("causal"),
        },
        {"rate": "sample_rate", "hop": "mel_hop_length", "causal": "is_causal"},
    )


_READERS: Mapping[Part, Callable[[Mapping[str, Any]], Config]] = {
    "transformer": _transformer,
    "connectors": _connectors,
    "video_vae": _video_vae,
    "audio_vae": _audio_vae,
}
