"""A model in a folder of diffusers' layout, as components."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKLLTX2Audio, AutoencoderKLLTX2Video, LTX2VideoTransformer3DModel
from diffusers.pipelines.ltx2.connectors import LTX2TextConnectors
from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel
from transformers import AutoTokenizer, Gemma3ForConditionalGeneration

from lipwright.domain.run import Report
from lipwright.engines.ltx.components import Components, Placement
from lipwright.engines.ltx.profile import GuidanceDefaults, Profile
from lipwright.errors import EngineUnavailable

TINY_LAYERS = 8
"""Fewer transformer blocks than this is a model to test with; the real one has 48."""


def load_components(model: str | None, memory: str | None, report: Report) -> Components:
    """Components of the folder that `model` names.

    Raises:
        EngineUnavailable: no such folder, or not a model's.
    """
    del report
    folder = Path(model or "")
    if not model or not (folder / "model_index.json").is_file():
        raise EngineUnavailable(
            f"there is no model at {model or 'the default place'}",
            hint="give --model a folder in diffusers' layout",
        )
    device = torch.device("cuda" if torch.cuda.is_available() and memory != "cpu" else "cpu")
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    profile = _profile(folder)

    def ready(kind: Any, name: str) -> Any:  # noqa: ANN401 - one of five classes
        net = kind.from_pretrained(folder, subfolder=name, torch_dtype=dtype)
        return net.eval().requires_grad_(False).to(device)

    upsampler = folder / "latent_upsampler"
    return Components(
        profile=profile,
        transformer=lambda: ready(LTX2VideoTransformer3DModel, "transformer"),
        video_vae=lambda: ready(AutoencoderKLLTX2Video, "vae"),
        audio_vae=lambda: ready(AutoencoderKLLTX2Audio, "audio_vae"),
        connectors=lambda: ready(LTX2TextConnectors, "connectors"),
        text_encoder=lambda: ready(Gemma3ForConditionalGeneration, "text_encoder"),
        tokenizer=lambda: AutoTokenizer.from_pretrained(folder / "tokenizer"),
        latent_upsampler=(lambda: ready(LTX2LatentUpsamplerModel, "latent_upsampler"))
        if upsampler.is_dir()
        else None,
        device=device,
        dtype=dtype,
        placement=Placement(mode="cpu" if device.type == "cpu" else "full"),
    )


def _profile(folder: Path) -> Profile:
    net = json.loads((folder / "transformer" / "config.json").read_text(encoding="utf-8"))
    audio = json.loads((folder / "audio_vae" / "config.json").read_text(encoding="utf-8"))
    layers = net["num_layers"]
    return Profile(
        name=folder.name,
        identity=f"{folder.resolve()}",
        tiny=layers < TINY_LAYERS,
        mel_bins=audio["mel_bins"],
        audio_rate_hz=audio["sample_rate"],
        audio_hop=audio["mel_hop_length"],
        guidance=GuidanceDefaults(stg_blocks=(28 if layers > 28 else layers // 2,)),
    )
