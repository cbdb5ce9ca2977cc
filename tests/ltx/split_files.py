"""A tiny LTX-2.5 in the files that Lightricks publishes: a file for each network, with their names."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tiny_ltx
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from tests.ltx.loaded import LAYER, ROOT, lora_file
from tests.ltx.original_models import (
    CAPTION,
    CONFIG,
    TEXT_LAYERS,
    TRANSFORMER,
    UPSAMPLER,
    VAE,
    original_model,
    original_upsampler,
    write_original,
)
from transformers import Gemma4UnifiedConfig, Gemma4UnifiedForConditionalGeneration

VERSION = "gemma4-12b-ltx-v1"
TRANSFORMER_FILE = "diffusion_models/ltx-2.5-22b-distilled-transformer-bf16.safetensors"
TEXT_FILE = "text_encoders/gemma4-12b-with-proj-ltx-2.5-bf16.safetensors"
VIDEO_FILE = "vae/ltx-2.5-video-vae-conv-bf16.safetensors"
AUDIO_FILE = "vae/ltx-2.5-audio-vae-bf16.safetensors"
UPSCALER_FILE = "latent_upscale_models/ltx-2.5-latent-spatial-upscaler-x2-bf16-1.0.safetensors"
LORA_FILE = "loras/ltx-2.5-22b-distilled-lora-450-bf16.safetensors"
CONFIG_2_5 = CONFIG | {
    "transformer": TRANSFORMER | {"use_keyframes_abs_pos_embedding": True, "ff_bias": False},
    "vae": VAE | {"_class_name": "CausalVideoAutoencoder"},
}
COMFY = {
    "model.language_model.": "model.",
    "model.vision_embedder.": "vision_model.",
    "model.embed_vision.": "multi_modal_projector.",
    "model.embed_audio.": "audio_projector.",
}
"""Google's names of Gemma 4, and ComfyUI's, which the published file has (ltx-core's gemma_assets)."""


def all_tensors() -> dict[str, torch.Tensor]:
    """The original's modules under the published names, with what is 2.5's own."""
    tensors = {
        key: tensor
        for key, tensor in original_model().tensors().items()
        if not (
            ".ff.net." in key
            and key.endswith(".bias")
            and "transformer_blocks" in key
            and "_embeddings" not in key
        )
    }
    return tensors | {f"{ROOT}keyframes_abs_pos_embedding": torch.ones(1, 64)}


def build_gemma4(folder: Path) -> Path:
    """A tiny Gemma 4 as transformers writes it, in the tuned version, with a tokenizer."""
    torch.manual_seed(1)
    text = {
        "vocab_size": 64,
        "hidden_size": CAPTION,
        "intermediate_size": 32,
        "num_hidden_layers": TEXT_LAYERS - 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 16,
        "sliding_window": 64,
        "max_position_embeddings": 2048,
    }
    vision = {"patch_size": 4, "mm_embed_dim": 16, "mm_posemb_size": 8, "output_proj_dims": CAPTION}
    config = Gemma4UnifiedConfig(text_config=text, vision_config=vision, audio_config={"audio_embed_dim": 8})
    config.gemma_version = VERSION
    Gemma4UnifiedForConditionalGeneration(config).eval().save_pretrained(folder)
    tiny_ltx.tokenizer(bos=False).save_pretrained(folder)
    (folder / "processor_config.json").write_text("{}")
    return folder


def text_encoder_tensors(gemma4: Path) -> dict[str, torch.Tensor]:
    """The tensors of the published file: weights in ComfyUI's names, and the repository's other files."""
    out = {}
    for name, tensor in load_file(gemma4 / "model.safetensors").items():
        old = next((old for old in COMFY if name.startswith(old)), "")
        out[COMFY.get(old, "") + name.removeprefix(old)] = tensor
    for name in ("tokenizer.json", "tokenizer_config.json", "processor_config.json"):
        key = "tokenizer_json" if name == "tokenizer.json" else f"hf_asset__{name}"
        out[key] = torch.frombuffer(bytearray((gemma4 / name).read_bytes()), dtype=torch.uint8)
    return out


def write_text_encoder(path: Path, tensors: dict[str, torch.Tensor], config: dict[str, Any]) -> Path:
    save_file(tensors, path, metadata={"format": "pt", "gemma_config": json.dumps(config)})
    return path


def publish(folder: Path, gemma4: Path) -> Path:
    """The repository's folder: each network in a file of its own."""
    for file in (TRANSFORMER_FILE, TEXT_FILE, VIDEO_FILE, UPSCALER_FILE, LORA_FILE):
        (folder / file).parent.mkdir(exist_ok=True)
    tensors = all_tensors()
    header = {"model_version": "2.5.0", "config": CONFIG_2_5}
    transformer = {key: tensor for key, tensor in tensors.items() if key.startswith(ROOT)}
    gemma_source = {"gemma_version": VERSION}
    write_original(folder / TRANSFORMER_FILE, transformer, **header, gemma_source_checkpoint=gemma_source)
    projections = {key: tensor for key, tensor in tensors.items() if key.startswith("text_embedding")}
    config = json.loads((gemma4 / "config.json").read_text())
    write_text_encoder(folder / TEXT_FILE, text_encoder_tensors(gemma4) | projections, config)
    video = {key.removeprefix("vae."): tensor for key, tensor in tensors.items() if key.startswith("vae.")}
    write_original(folder / VIDEO_FILE, video, **header)
    audio = {key: tensor for key, tensor in tensors.items() if key.startswith(("audio_vae.", "vocoder."))}
    write_original(folder / AUDIO_FILE, audio, **header)
    write_original(folder / UPSCALER_FILE, original_upsampler().state_dict(), config=UPSAMPLER)
    lora_file(folder / LORA_FILE, 1, layers=(LAYER,))
    return folder


def rewrite(path: Path, change: Callable[[dict[str, torch.Tensor]], object], **header: str) -> None:
    """Change the tensors or the metadata of a file."""
    with safe_open(path, "pt") as file:
        metadata = dict(file.metadata())
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path, metadata={key: text for key, text in {**metadata, **header}.items() if text})
