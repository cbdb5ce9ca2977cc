"""Checking a folder in diffusers' layout, and loading networks from the folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors import SafetensorError

from lipwright.engines.ltx.loading.safetensors_file import reason_of
from lipwright.engines.ltx.loading.single_file import check_names
from lipwright.errors import EngineUnavailable, InputError, LipwrightError
from lipwright.media.text_files import read_json

FOLDERS: Mapping[str, str] = {
    "transformer": "transformer",
    "video_vae": "vae",
    "audio_vae": "audio_vae",
    "connectors": "connectors",
}
"""Name of each network's subfolder in diffusers' layout."""
INDEXES = ("diffusion_pytorch_model.safetensors.index.json", "model.safetensors.index.json")
SINGLES = ("diffusion_pytorch_model.safetensors", "model.safetensors")
TEXT_ENCODERS = frozenset(
    {
        "Gemma3ForConditionalGeneration",
        "Gemma4ForConditionalGeneration",
        "Gemma4UnifiedForConditionalGeneration",
    }
)
"""Class names of text encoders: Gemma 3 for LTX-2.3, and Gemma 4 for 2.5."""


@contextmanager
def translated(what: str, folder: Path) -> Iterator[None]:
    """Convert exceptions of diffusers, transformers and safetensors to EngineUnavailable in a `with` block.

    Raises:
        EngineUnavailable: One of these libraries raised an exception.
    """
    try:
        yield
    except SafetensorError as error:
        raise EngineUnavailable(f"{folder}: the {what} is damaged or truncated ({error})") from error
    except (LipwrightError, MemoryError, torch.OutOfMemoryError):
        raise
    except Exception as error:  # these libraries may raise anything for odd configurations
        raise EngineUnavailable(f"{folder}: the {what} cannot be loaded ({reason_of(error)})") from error


def read_config(folder: Path) -> dict[str, Any]:
    """Return the content of config.json in the folder of a network.

    Raises:
        EngineUnavailable: The file is missing, or is not JSON.
    """
    path = folder / "config.json"
    try:
        read = read_json(path, "configuration")
    except InputError as error:
        raise EngineUnavailable(error.message) from error
    if not isinstance(read, dict):
        raise EngineUnavailable(f"{path} contains no configuration")
    return read


def check_folder(folder: Path) -> str:
    """Check that a folder contains a complete LTX-2.3 or 2.5 pipeline, and return its family.

    Raises:
        EngineUnavailable: The pipeline is incomplete, or is not LTX-2.3 or 2.5; the message gives details.
    """
    try:
        index = read_json(folder / "model_index.json", "index")
    except InputError as error:
        raise EngineUnavailable(error.message) from error
    pipeline = str(index.get("_class_name", "")) if isinstance(index, dict) else ""
    if not pipeline.startswith("LTX2"):
        raise EngineUnavailable(
            f"expected an LTX-2 pipeline in {folder}, got {pipeline or 'an index without a pipeline'}",
            hint="give --model a folder with LTX-2.3 or 2.5",
        )
    missing = [lack for part in (*FOLDERS.values(), "text_encoder") for lack in _lacking(folder / part)]
    if not (folder / "tokenizer").is_dir():
        missing.append("tokenizer/")
    if missing:
        raise EngineUnavailable(f"{folder} is not complete; missing: {', '.join(missing[:6])}")
    config = read_config(folder / "transformer")
    if not config.get("cross_attn_mod"):
        raise EngineUnavailable(
            f"{folder} contains an older LTX-2 model, which this engine cannot run",
            hint="give --model a folder with LTX-2.3 or 2.5",
        )
    return "2.3" if config.get("ff_bias", True) else "2.5"


def _lacking(part: Path) -> list[str]:
    """Return the names of the files that are missing in a network's folder.

    The folder must contain config.json. If the weights are split, an index lists their files, and all of
    these must exist. Otherwise, there must be a single safetensors file.
    """
    if not (part / "config.json").is_file():
        return [f"{part.name}/config.json"]
    for name in INDEXES:
        if (part / name).is_file():
            try:
                shards = {str(shard) for shard in read_json(part / name, "index")["weight_map"].values()}
            except (InputError, LookupError, TypeError, AttributeError):
                return [f"{part.name}/{name} (unreadable)"]
            return [f"{part.name}/{shard}" for shard in sorted(shards) if not (part / shard).is_file()]
    if any((part / name).is_file() for name in SINGLES):
        return []
    pickled = (
        " (there is only a pickle, which could run code when it is read)" if any(part.glob("*.bin")) else ""
    )
    return [f"{part.name}/*.safetensors{pickled}"]


def load_network(cls: Any, folder: Path, what: str, **dtype: torch.dtype) -> torch.nn.Module:  # noqa: ANN401
    """Load a network on the CPU, in evaluation mode, after a check of every tensor.

    Args:
        cls: Class of the network in diffusers or transformers.
        folder: The network's folder.
        what: Name of the network for messages.
        **dtype: Type of the parameters: `torch_dtype=` for diffusers, `dtype=` for transformers.

    Raises:
        EngineUnavailable: The network is damaged, or tensors are missing, unexpected or of another shape.
    """
    with translated(what, folder):
        model, info = cls.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, output_loading_info=True, **dtype
        )
    if mismatched := info.get("mismatched_keys"):
        raise EngineUnavailable(
            f"{folder}: {len(mismatched)} tensors of the {what} do not have the shapes that config.json "
            "states"
        )
    missing, unexpected = (set(info.get(keys) or ()) for keys in ("missing_keys", "unexpected_keys"))
    expected = missing | set(model.state_dict())
    check_names(what, expected, (expected - missing) | unexpected, source=str(folder))
    network: torch.nn.Module = model.eval().requires_grad_(requires_grad=False)
    return network


def load_text_encoder(folder: Path, dtype: torch.dtype) -> torch.nn.Module:
    """Load the text encoder, Gemma, on the CPU, in evaluation mode.

    Raises:
        EngineUnavailable: The folder contains another model, or a damaged or incomplete one.
    """
    named = read_config(folder).get("architectures") or ["no model"]
    if named[0] not in TEXT_ENCODERS or not hasattr(transformers, named[0]):
        raise EngineUnavailable(
            f"expected {' or '.join(sorted(TEXT_ENCODERS))} in {folder}, got {str(named[0])[:60]}"
        )
    return load_network(getattr(transformers, named[0]), folder, "text encoder", dtype=dtype)


def load_tokenizer(folder: Path) -> Any:  # noqa: ANN401 - one of transformers' tokenizers
    """Load the tokenizer of the text encoder.

    Raises:
        EngineUnavailable: The tokenizer is missing or damaged.
    """
    with translated("tokenizer", folder):
        return transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
