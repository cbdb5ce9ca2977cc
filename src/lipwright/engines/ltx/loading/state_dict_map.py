"""Translation of tensor names in original LTX-2.3 and 2.5 files to diffusers' names.

An original file contains all networks, and the prefix of a tensor's name denotes the network. Names are
translated segment by segment, so that no rule matches a part of another name ("up_blocks.1" in
"up_blocks.10").

The layout follows ltx-core (its configurators) and diffusers' conversion script. diffusers' own single-file
loader cannot be used, because it lacks prompt modulation, connectors and the fourth decoder stage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Part = Literal["transformer", "connectors", "video_vae", "audio_vae"]
"""The networks in an original file."""

PARTS: tuple[Part, ...] = ("transformer", "connectors", "video_vae", "audio_vae")

ROOT = "model.diffusion_model."
"""Name prefix of transformer and connectors in a checkpoint; GGUF files omit it."""

VOCODER_PREFIX = "vocoder."

OMITTED_PREFIXES: Mapping[str, str] = {
    "per_channel_statistics.mean-of-means": "vae.",
    "patchify_proj.weight": ROOT,
}
"""Name prefixes that a file with a single network may omit. Each key is the name of one tensor of the network
without the prefix; a file that contains a tensor of exactly this name omits the prefix."""

TEXT_ENCODER_CONFIG = "gemma_config"
"""Key in the metadata of a text encoder's file. The value is the configuration of the text encoder, in the
format of `transformers`."""
TOKENIZER = "tokenizer_json"
ASSET = "hf_asset__"
"""Name prefix of tensors that contain other files of the text encoder's repository, one byte per value."""

_CONNECTORS = {
    "video_embeddings_connector": "video_connector",
    "audio_embeddings_connector": "audio_connector",
}
_PROJECTIONS = {
    "text_embedding_projection.video_aggregate_embed.": "video_text_proj_in.",
    "text_embedding_projection.audio_aggregate_embed.": "audio_text_proj_in.",
    "text_embedding_projection.aggregate_embed.": "text_proj_in.",
}
_TRANSFORMER_HEADS = {
    "patchify_proj": "proj_in",
    "audio_patchify_proj": "audio_proj_in",
    "adaln_single": "time_embed",
    "audio_adaln_single": "audio_time_embed",
    "prompt_adaln_single": "prompt_adaln",
    "audio_prompt_adaln_single": "audio_prompt_adaln",
    "av_ca_video_scale_shift_adaln_single": "av_cross_attn_video_scale_shift",
    "av_ca_audio_scale_shift_adaln_single": "av_cross_attn_audio_scale_shift",
    "av_ca_a2v_gate_adaln_single": "av_cross_attn_video_a2v_gate",
    "av_ca_v2a_gate_adaln_single": "av_cross_attn_audio_v2a_gate",
}
_ATTENTION = {"q_norm": "norm_q", "k_norm": "norm_k"}
_TRANSFORMER_INNER = {
    **_ATTENTION,
    "scale_shift_table_a2v_ca_video": "video_a2v_cross_attn_scale_shift_table",
    "scale_shift_table_a2v_ca_audio": "audio_a2v_cross_attn_scale_shift_table",
}
_STATISTICS = {"mean-of-means": "latents_mean", "std-of-means": "latents_std"}
_UNUSED_STATISTICS = frozenset({"channel", "mean-of-stds", "mean-of-stds_over_std-of-means"})
"""Statistics from training that are still in the files, but that no network reads."""


@dataclass(frozen=True, slots=True)
class NetworkTensor:
    """The network to which a tensor of an original file belongs, and the tensor's name in diffusers."""

    part: Part
    name: str
    """Name of the tensor in diffusers' network; empty for a statistic that no network reads."""


def network_tensor(key: str) -> NetworkTensor | None:
    """Return the network and name of a tensor; None if it belongs to no network."""
    for prefix, new in _PROJECTIONS.items():
        if key.startswith(prefix):
            return NetworkTensor("connectors", new + key.removeprefix(prefix))
    for head, (part, rename) in _HEADS.items():
        if key.startswith(head):
            name = rename(key.removeprefix(head).split("."))
            return None if name is None else NetworkTensor(part, name)
    return None


def bare_transformer_name(key: str) -> str:
    """Translate the name of a transformer tensor, which may lack the prefix (GGUF, LoRA)."""
    for prefix in (ROOT, "diffusion_model.", "transformer."):
        key = key.removeprefix(prefix)
    return ".".join(_transformer(key.split(".")))


def original_layers(name: str) -> tuple[str, ...]:
    """Return the names, without prefix, that a layer may have in original files, given its diffusers name."""
    head, dot, rest = name.partition(".")
    heads = [old for old, new in (_TRANSFORMER_HEADS | _CONNECTORS).items() if new == head]
    prefixed = [f"connectors.{name}"] if head in _CONNECTORS.values() else []
    return (name, *(f"{old}{dot}{rest}" for old in heads), *prefixed)


def is_connector(key: str) -> bool:
    """Return True if a name, with or without a prefix, belongs to the text connectors."""
    for prefix in (ROOT, "diffusion_model."):
        key = key.removeprefix(prefix)
    return key.startswith((*_CONNECTORS, "text_embedding_projection."))


def connector_name(key: str) -> str:
    """Translate the name of a connector tensor, which may lack the prefix."""
    for prefix in (ROOT, "diffusion_model."):
        key = key.removeprefix(prefix)
    for prefix, new in _PROJECTIONS.items():
        if key.startswith(prefix):
            return new + key.removeprefix(prefix)
    return ".".join(_connector(key.split(".")))


def sort_keys(keys: Iterable[str]) -> tuple[dict[Part, dict[str, str]], list[str]]:
    """Sort the tensor names of a file by network.

    Returns:
        The original names, keyed by network and then by diffusers' name; and a list of the names that belong
        to no network. The vocoder is left out, because audio that the model makes is never used.
    """
    parts: dict[Part, dict[str, str]] = {}
    unknown: list[str] = []
    keys = list(keys)
    prefix = _prefix_left_out(keys)
    for key in keys:
        if key.startswith(VOCODER_PREFIX):
            continue
        tensor = network_tensor(prefix + key)
        if tensor is None:
            unknown.append(key)
        else:
            names = parts.setdefault(tensor.part, {})
            if tensor.name:
                names[tensor.name] = key
    return parts, unknown


def _prefix_left_out(keys: list[str]) -> str:
    """Return the prefix that a file with a single network omits; empty if it omits none."""
    return next((prefix for tensor, prefix in OMITTED_PREFIXES.items() if tensor in keys), "")


def text_encoder_keys(header: Mapping[str, str], keys: Iterable[str]) -> set[str]:
    """Return the names of the tensors that belong to a file's text encoder; empty if it has none."""
    if TEXT_ENCODER_CONFIG not in header:
        return set()
    return {key for key in keys if network_tensor(key) is None}


def text_encoder_name(key: str) -> str | None:
    """Translate a tensor name in a text encoder's file to its name in the Gemma 4 of `transformers`.

    The files have ComfyUI's names; older files have the names of transformers 5.7 and before (ltx-core's
    `gemma_assets` and `encoder_configurator`).

    Returns:
        The name; None for a tensor that contains a file, such as the tokenizer, instead of a weight.
    """
    if key == TOKENIZER or key.startswith(ASSET):
        return None
    for old, new in _TEXT_ENCODER.items():
        if key.startswith(old):
            return new + key.removeprefix(old)
    return key


_TEXT_ENCODER: Mapping[str, str] = {
    "model.layers.": "model.language_model.layers.",
    "model.embed_tokens.": "model.language_model.embed_tokens.",
    "model.norm.": "model.language_model.norm.",
    "vision_model.": "model.embed_vision.",
    "model.vision_embedder.": "model.embed_vision.",
    "multi_modal_projector.": "model.embed_vision.multimodal_embedder.",
    "model.embed_vision.embedding": "model.embed_vision.multimodal_embedder.embedding",
    "audio_projector.": "model.embed_audio.",
}


def _model_tensor(segments: list[str]) -> str:
    return ".".join(_transformer(segments))


def _transformer(segments: list[str]) -> list[str]:
    head, *inner = segments
    return [_TRANSFORMER_HEADS.get(head, head), *(_TRANSFORMER_INNER.get(part, part) for part in inner)]


def _connector(segments: list[str]) -> list[str]:
    table: Mapping[str, str] = {**_CONNECTORS, **_ATTENTION, "transformer_1d_blocks": "transformer_blocks"}
    return [table.get(segment, segment) for segment in segments]


def _statistic(segments: list[str]) -> str | None:
    name = segments[-1]
    return "" if name in _UNUSED_STATISTICS else _STATISTICS.get(name)


def _video_vae(segments: list[str]) -> str | None:
    """Translate a tensor name of the video VAE, including the block number, which is different in diffusers.

    Original files number blocks, upsamplers and downsamplers in one sequence. diffusers numbers only blocks,
    each with its upsampler or downsampler. In the original encoder, number 2i is block i, 2i + 1 is the
    downsampler of block i, and the last number is the middle block. In the original decoder, number 0 is the
    middle block, 2i + 1 is the upsampler of block i, and 2i + 2 is block i.
    """
    head, *rest = segments
    if head == "per_channel_statistics":
        return _statistic(rest)
    if head not in {"encoder", "decoder"} or not rest:
        return None
    if rest[0] in {"down_blocks", "up_blocks"} and len(rest) > 2 and rest[1].isdigit():
        rest = [*_vae_block(rest[0], int(rest[1])), *rest[2:]]
    elif rest[0] in {"last_time_embedder", "last_scale_shift_table"}:
        rest = [rest[0].removeprefix("last_"), *rest[1:]]
    return ".".join([head, *("resnets" if segment == "res_blocks" else segment for segment in rest)])


MIDDLE_DOWN = 8
"""Number of the encoder's middle block, which follows four pairs of block and downsampler in LTX-2 to 2.5."""


def _vae_block(kind: str, number: int) -> list[str]:
    if kind == "down_blocks":
        if number == MIDDLE_DOWN:
            return ["mid_block"]
        sampler = ["downsamplers", "0"] if number % 2 else []
        return [kind, str(number // 2), *sampler]
    if number == 0:
        return ["mid_block"]
    sampler = ["upsamplers", "0"] if number % 2 else []
    return [kind, str((number - 1) // 2), *sampler]


def _audio_vae(segments: list[str]) -> str | None:
    if segments[0] == "per_channel_statistics":
        return _statistic(segments[1:])
    return ".".join(segments) if segments[0] in {"encoder", "decoder"} else None


def _connector_tensor(name: str) -> Callable[[list[str]], str]:
    return lambda segments: ".".join([_CONNECTORS[name], *_connector(segments)])


_Rename = Callable[[list[str]], str | None]
_HEADS: Mapping[str, tuple[Part, _Rename]] = {
    **{f"{ROOT}{name}.": ("connectors", _connector_tensor(name)) for name in _CONNECTORS},
    ROOT: ("transformer", _model_tensor),
    "audio_vae.": ("audio_vae", _audio_vae),
    "vae.": ("video_vae", _video_vae),
}
"""Network and translation function by name prefix. The prefixes of the connectors come first, because they
begin with the transformer's prefix."""
