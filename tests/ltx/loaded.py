"""What the tests of loading have in common: models loaded, run once, and GGUF and LoRA files for them."""

from __future__ import annotations

import warnings
from pathlib import Path

import gguf
import torch
from safetensors.torch import save_file

from lipwright.domain.progress import no_progress
from lipwright.engines.ltx.loading.load import load_components
from lipwright.engines.ltx.loading.memory_plan import Clip

ROOT = "model.diffusion_model."


CLIP = Clip(frames=257, width=832, height=448, rows=2, steps=40)
"""The longest chunk at 480p, with guidance."""


def load(model, memory=None, *, clip=CLIP, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return load_components(
            None if model is None else str(model), memory, no_progress, clip=clip, **options
        )


def state(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    return dict(network.state_dict())


def lora_file(
    path: Path, seed: int, *, rank: int = 2, layers: tuple[str, ...], alpha: float | None = None
) -> Path:
    numbers = torch.Generator().manual_seed(seed)
    tensors = {}
    down, up = ("lora_A", "lora_B") if alpha is None else ("lora_down", "lora_up")
    for layer in layers:
        tensors[f"{layer}.{down}.weight"] = torch.randn(rank, 64, generator=numbers)
        tensors[f"{layer}.{up}.weight"] = torch.randn(64, rank, generator=numbers)
        if alpha is not None:
            tensors[f"{layer}.alpha"] = torch.tensor(alpha)
    save_file(tensors, path)
    return path


LAYER = "diffusion_model.transformer_blocks.0.attn1.to_q"


def run(network) -> torch.Tensor:
    numbers = torch.Generator().manual_seed(5)

    def noise(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=numbers)

    with torch.no_grad():
        video, _ = network(
            hidden_states=noise(1, 8, 8),
            audio_hidden_states=noise(1, 3, 8),
            encoder_hidden_states=noise(1, 4, 64),
            audio_encoder_hidden_states=noise(1, 4, 32),
            timestep=torch.full((1, 8), 500.0),
            audio_timestep=torch.full((1, 3), 500.0),
            sigma=torch.tensor([500.0]),
            audio_sigma=torch.tensor([500.0]),
            num_frames=2,
            height=2,
            width=2,
            audio_num_frames=3,
            return_dict=False,
        )
    return video


def write_gguf(path: Path, tensors: dict[str, torch.Tensor], kind: gguf.GGMLQuantizationType) -> Path:
    """As published files are: matrices packed, the rest in 32 bits, names without a prefix."""
    writer = gguf.GGUFWriter(path, "ltxv")
    for key, tensor in tensors.items():
        if not key.startswith(ROOT) or "_embeddings_connector" in key:
            continue
        name, data = key.removeprefix(ROOT), tensor.float().numpy()
        if data.ndim == 2 and data.shape[1] % 32 == 0 and "table" not in name:
            writer.add_tensor(name, gguf.quants.quantize(data, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, data)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
