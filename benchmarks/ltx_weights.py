"""Write LTX-2.3 at its real width with random weights, in the files that a user has.

The names are those of the published files, each checked against the loader's own map; the shapes are those
of the bundled profile. Files are written tensor by tensor, so that 40 GB need no more memory than one tensor.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lipwright.engines.ltx.loading.single_file import CLASSES, empty
from lipwright.engines.ltx.loading.state_dict_map import ROOT, NetworkTensor, Part, network_tensor
from lipwright.engines.ltx.profile import network_configs

PARTS: tuple[Part, ...] = ("transformer", "connectors", "video_vae", "audio_vae")
NAME = "ltx-2.3-random-distilled"
_TRANSFORMER = {
    "proj_in": "patchify_proj",
    "audio_proj_in": "audio_patchify_proj",
    "time_embed": "adaln_single",
    "audio_time_embed": "audio_adaln_single",
    "prompt_adaln": "prompt_adaln_single",
    "audio_prompt_adaln": "audio_prompt_adaln_single",
    "av_cross_attn_video_scale_shift": "av_ca_video_scale_shift_adaln_single",
    "av_cross_attn_audio_scale_shift": "av_ca_audio_scale_shift_adaln_single",
    "av_cross_attn_video_a2v_gate": "av_ca_a2v_gate_adaln_single",
    "av_cross_attn_audio_v2a_gate": "av_ca_v2a_gate_adaln_single",
    "video_a2v_cross_attn_scale_shift_table": "scale_shift_table_a2v_ca_video",
    "audio_a2v_cross_attn_scale_shift_table": "scale_shift_table_a2v_ca_audio",
    "norm_q": "q_norm",
    "norm_k": "k_norm",
}
_CONNECTORS = {
    "video_connector": f"{ROOT}video_embeddings_connector",
    "audio_connector": f"{ROOT}audio_embeddings_connector",
    "video_text_proj_in": "text_embedding_projection.video_aggregate_embed",
    "audio_text_proj_in": "text_embedding_projection.audio_aggregate_embed",
    "transformer_blocks": "transformer_1d_blocks",
    "norm_q": "q_norm",
    "norm_k": "k_norm",
}
_STATISTICS = {
    "latents_mean": "per_channel_statistics.mean-of-means",
    "latents_std": "per_channel_statistics.std-of-means",
}


@dataclass(frozen=True, slots=True)
class Size:
    """Depth of the model; its width is always the real one."""

    layers: int = 48
    connector_layers: int = 8
    text_layers: int = 48
    """Layers of the text encoder, which has Gemma's width and depth but is narrow inside, so it has few
    weights."""


FEW = Size(layers=8, connector_layers=1, text_layers=2)


def original_name(part: Part, name: str) -> str:
    """Return the name that a tensor of diffusers has in the published files.

    Raises:
        ValueError: the loader would not give it back.
    """
    segments = name.split(".")
    if part == "transformer":
        old = ROOT + ".".join(_TRANSFORMER.get(segment, segment) for segment in segments)
    elif part == "connectors":
        old = ".".join(_CONNECTORS.get(segment, segment) for segment in segments)
    elif name in _STATISTICS:
        old = f"{part.removeprefix('video_')}.{_STATISTICS[name]}"
    elif part == "video_vae":
        old = f"vae.{'.'.join(_numbered(segments))}"
    else:
        old = f"{part}.{name}"
    if network_tensor(old) != NetworkTensor(part, name):
        raise ValueError(f"{part} {name}: the loader takes {old} for {network_tensor(old)}")
    return old


def _numbered(segments: list[str]) -> list[str]:
    """Number the blocks and samplers of a VAE consecutively, as the original does."""
    half, kind, *rest = segments
    if kind == "mid_block":
        kind, rest = ("down_blocks", ["8", *rest]) if half == "encoder" else ("up_blocks", ["0", *rest])
    elif kind in {"down_blocks", "up_blocks"}:
        sampler = rest[1] in {"downsamplers", "upsamplers"}
        number = 2 * int(rest[0]) + (sampler if kind == "down_blocks" else 2 - sampler)
        rest = [str(number), *rest[3 if sampler else 1 :]]
    return [half, kind, *("res_blocks" if segment == "resnets" else segment for segment in rest)]


def configurations(size: Size) -> dict[Part, dict[str, Any]]:
    """Return diffusers' configurations of a model of that size."""
    data = network_configs("2.3")
    return {
        "transformer": data["transformer"] | {"num_layers": size.layers},
        "connectors": data["connectors"]
        | {
            "video_connector_num_layers": size.connector_layers,
            "audio_connector_num_layers": size.connector_layers,
            "text_proj_in_factor": size.text_layers + 1,
        },
        "video_vae": data["video_vae"],
        "audio_vae": data["audio_vae"],
    }


def shapes(size: Size, parts: tuple[Part, ...] = PARTS) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield name and shape of every tensor of a published file of that size."""
    for part in parts:
        for name, tensor in empty(CLASSES[part], configurations(size)[part]).state_dict().items():
            yield original_name(part, name), tuple(tensor.shape)


def write_model(folder: Path, size: Size, device: torch.device) -> Path:
    """Write a checkpoint as it is published, its latent upscaler, and a text encoder; return the checkpoint.

    LIPWRIGHT_TEXT_ENCODER has to name the folder `text` in there.
    """
    path = write_checkpoint(folder / f"{NAME}.safetensors", size, device)
    upscaler = empty(_upsampler_class(), network_configs("2.3")["latent_upsampler"]).state_dict()
    named = [(name, tuple(tensor.shape)) for name, tensor in upscaler.items()]
    config = {"spatial_scale": 2.0}
    _write(
        folder / "ltx-2.3-spatial-upscaler-x2-1.1.safetensors", named, {"config": json.dumps(config)}, device
    )
    _write_text_encoder(folder / "text", size.text_layers)
    return path


def write_checkpoint(path: Path, size: Size, device: torch.device, *, fp8: bool = False) -> Path:
    """Write a checkpoint in one file; with `fp8` the matrices of its blocks are in scaled float8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    config = {
        "transformer": {
            "num_layers": size.layers,
            "connector_num_layers": size.connector_layers,
            "audio_connector_num_layers": size.connector_layers,
        }
    }
    header = {"model_version": "2.3.0", "config": json.dumps(config)}
    _write(path, list(shapes(size)), header, device, fp8=fp8)
    return path


def write_gguf(folder: Path, size: Size, model: Path) -> Path:
    """Write the transformer as Q8_0 with random bytes; VAEs and connectors are those of the checkpoint."""
    import gguf  # noqa: PLC0415 - of the ltx extra

    folder.mkdir(parents=True, exist_ok=True)
    vaes_and_connectors = folder / f"{NAME}-vae-and-connectors.safetensors"
    vaes_and_connectors.unlink(missing_ok=True)
    vaes_and_connectors.symlink_to(model)
    path, kind = folder / f"{NAME}-Q8_0.gguf", gguf.GGMLQuantizationType.Q8_0
    chance = np.random.default_rng(0)
    writer = gguf.GGUFWriter(path, "ltxv")
    for old, shape in shapes(size, ("transformer",)):
        name = old.removeprefix(ROOT)
        if len(shape) == 2 and shape[1] % 32 == 0 and "table" not in name:
            blocks = np.frombuffer(chance.bytes(math.prod(shape) // 32 * 34), np.uint8).copy()
            blocks = blocks.reshape(shape[0], shape[1] // 32, 34)
            scale = np.array([shape[1] ** -0.5 / 74], np.float16)  # random bytes have a deviation of 74
            blocks[..., :2] = scale.view(np.uint8)
            writer.add_tensor(name, blocks.reshape(shape[0], -1), raw_dtype=kind)
        else:
            values = numbers(name, shape, torch.device("cpu")).float().numpy()
            writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def numbers(name: str, shape: tuple[int, ...], device: torch.device) -> torch.Tensor:
    """Return weights that roughly preserve the strength of a signal, in bf16."""
    kind = name.rsplit(".", 1)[-1]
    if kind == "std-of-means" or (len(shape) == 1 and kind == "weight"):
        return torch.ones(shape, dtype=torch.bfloat16, device=device)
    if kind in {"bias", "mean-of-means"}:
        return torch.zeros(shape, dtype=torch.bfloat16, device=device)
    fan = math.prod(shape[1:]) if kind == "weight" else 25
    return torch.randn(shape, dtype=torch.bfloat16, device=device) * fan**-0.5


def _write(
    path: Path,
    named: list[tuple[str, tuple[int, ...]]],
    header: dict[str, str],
    device: torch.device,
    *,
    fp8: bool = False,
) -> None:
    """Write a safetensors file: length of the header, header, then the tensors one after another."""
    told: dict[str, Any] = {"__metadata__": header}
    at = 0

    def place(name: str, kind: str, size: int, shape: tuple[int, ...]) -> None:
        nonlocal at
        told[name] = {"dtype": kind, "shape": shape, "data_offsets": [at, at + size * math.prod(shape)]}
        at += size * math.prod(shape)

    for name, shape in named:
        if fp8 and _is_block_matrix(name, shape):
            place(name, "F8_E4M3", 1, shape)
            for scale in ("weight_scale", "input_scale"):
                place(f"{name.removesuffix('weight')}{scale}", "F32", 4, ())
        else:
            place(name, "BF16", 2, shape)
    text = json.dumps(told).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name, shape in named:
            values = numbers(name, shape, device)
            if fp8 and _is_block_matrix(name, shape):
                scale = values.abs().max().float() / torch.finfo(torch.float8_e4m3fn).max
                small = (values.float() / scale).to(torch.float8_e4m3fn)
                file.write(small.cpu().view(torch.uint8).numpy().data)
                file.write(torch.stack((scale, torch.ones_like(scale))).cpu().numpy().data)
            else:
                file.write(values.cpu().view(torch.uint8).numpy().data)


def _is_block_matrix(name: str, shape: tuple[int, ...]) -> bool:
    return f"{ROOT}transformer_blocks." in name and name.endswith(".weight") and len(shape) == 2


def _upsampler_class() -> Callable[..., Any]:
    from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel  # noqa: PLC0415

    return LTX2LatentUpsamplerModel


def _write_text_encoder(folder: Path, layers: int) -> None:
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "ltx"))
    import tiny_ltx  # noqa: PLC0415 - the tests' own, once its folder is on the path

    tiny_ltx.TEXT_WIDTH = network_configs("2.3")["connectors"]["caption_channels"]
    tiny_ltx.TEXT_LAYERS = layers
    tiny_ltx.text_encoder().to(torch.bfloat16).save_pretrained(folder)
    tiny_ltx.tokenizer().save_pretrained(folder)
