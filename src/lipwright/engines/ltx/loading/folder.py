"""A folder in diffusers' layout: checked, and loaded model by model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from safetensors import SafetensorError

from lipwright.engines.ltx.loading.single_file import account
from lipwright.errors import EngineUnavailable

FOLDERS: Mapping[str, str] = {
    "transformer": "transformer",
    "video_vae": "vae",
    "audio_vae": "audio_vae",
    "connectors": "connectors",
}
"""Each part's folder."""
INDEXES = ("diffusion_pytorch_model.safetensors.index.json", "model.safetensors.index.json")
SINGLES = ("diffusion_pytorch_model.safetensors", "model.safetensors")
TEXT_ENCODERS = frozenset(
    {
        "Gemma3ForConditionalGeneration",
        "Gemma4ForConditionalGeneration",
        "Gemma4UnifiedForConditionalGeneration",
    }
)
"""Gemma 3 for LTX-2.3, Gemma 4 for 2.5."""


@contextmanager
def translated(what: str, folder: Path, mend: str) -> Iterator[None]:
    """What diffusers, transformers and safetensors refuse, in our words.

    Raises:
        EngineUnavailable: in place of their exceptions.
    """
    try:
        yield
    except SafetensorError as error:
        raise EngineUnavailable(
            f"{folder}: the {what} is damaged or cut short ({error})", hint=mend
        ) from error
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        if isinstance(error, torch.OutOfMemoryError):
            raise
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise EngineUnavailable(f"{folder}: the {what} cannot be loaded ({reason})", hint=mend) from error


def read_config(folder: Path, mend: str) -> dict[str, Any]:
    """The config.json of a model's folder.

    Raises:
        EngineUnavailable: there is none, or it is no JSON.
    """
    path = folder / "config.json"
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise EngineUnavailable(f"{path}: {error.strerror or error}", hint=mend) from error
    except ValueError as error:
        raise EngineUnavailable(f"{path} is no JSON ({error})", hint=mend) from error
    if not isinstance(read, dict):
        raise EngineUnavailable(f"{path} holds no configuration", hint=mend)
    return read


def check_folder(folder: Path, mend: str) -> str:
    """See that a folder is an LTX-2.3 or 2.5 pipeline with all of its parts.

    Returns:
        Its family.

    Raises:
        EngineUnavailable: another pipeline, another generation, or files missing: naming them.
    """
    try:
        index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EngineUnavailable(
            f"{folder / 'model_index.json'} cannot be read ({error})", hint=mend
        ) from error
    pipeline = str(index.get("_class_name", "nothing")) if isinstance(index, dict) else "nothing"
    if not pipeline.startswith("LTX2"):
        raise EngineUnavailable(
            f"{folder} is a {pipeline}; this engine runs LTX-2.3 and 2.5", hint="give --model another folder"
        )
    missing = [lack for part in (*FOLDERS.values(), "text_encoder") for lack in _lacking(folder / part)]
    if not (folder / "tokenizer").is_dir():
        missing.append("tokenizer/")
    if missing:
        raise EngineUnavailable(f"{folder} is not whole: {', '.join(missing[:6])} missing", hint=mend)
    config = read_config(folder / "transformer", mend)
    if not config.get("cross_attn_mod"):
        raise EngineUnavailable(
            f"{folder} is an older LTX-2; this engine runs LTX-2.3 and 2.5",
            hint="give --model another folder",
        )
    return "2.3" if config.get("ff_bias", True) else "2.5"


def _lacking(part: Path) -> list[str]:
    """Files of a model's folder that are not there, as its index or the usual names have them."""
    if not (part / "config.json").is_file():
        return [f"{part.name}/config.json"]
    for name in INDEXES:
        if (part / name).is_file():
            try:
                shards = set(json.loads((part / name).read_text(encoding="utf-8"))["weight_map"].values())
            except (ValueError, KeyError, AttributeError):
                return [f"{part.name}/{name} (unreadable)"]
            return [f"{part.name}/{shard}" for shard in sorted(shards) if not (part / shard).is_file()]
    if any((part / name).is_file() for name in SINGLES):
        return []
    pickled = (
        " (what is there is a pickle, which runs code when it is read)" if any(part.glob("*.bin")) else ""
    )
    return [f"{part.name}/*.safetensors{pickled}"]


def load_part(cls: Any, folder: Path, what: str, dtype: torch.dtype, mend: str) -> torch.nn.Module:  # noqa: ANN401
    """One of diffusers' models, in evaluation mode, on the CPU; every tensor accounted for.

    Args:
        cls: Its class.
        folder: Its own folder.
        what: Its name for people.
        dtype: Of its parameters.
        mend: For hints.

    Raises:
        EngineUnavailable: damaged, or tensors missing or left over.
    """
    with translated(what, folder, mend):
        model, told = cls.from_pretrained(
            folder, torch_dtype=dtype, local_files_only=True, use_safetensors=True, output_loading_info=True
        )
    _complete(what, folder, told, mend)
    network: torch.nn.Module = model.eval().requires_grad_(requires_grad=False)
    return network


def load_text_encoder(folder: Path, dtype: torch.dtype, mend: str) -> torch.nn.Module:
    """Gemma, in evaluation mode, on the CPU.

    Raises:
        EngineUnavailable: another model, damaged, or tensors missing.
    """
    named = read_config(folder, mend).get("architectures") or ["nothing"]
    if named[0] not in TEXT_ENCODERS or not hasattr(transformers, named[0]):
        raise EngineUnavailable(
            f"{folder} is a {named[0]}; LTX-2.3 reads its prompts with Gemma3ForConditionalGeneration",
            hint=mend,
        )
    with translated("text encoder", folder, mend):
        model, told = getattr(transformers, named[0]).from_pretrained(
            folder, dtype=dtype, local_files_only=True, use_safetensors=True, output_loading_info=True
        )
    _complete("text encoder", folder, told, mend)
    network: torch.nn.Module = model.eval().requires_grad_(requires_grad=False)
    return network


def load_tokenizer(folder: Path, mend: str) -> Any:  # noqa: ANN401 - one of transformers' tokenizers
    """The tokenizer of the text encoder.

    Raises:
        EngineUnavailable: not there or damaged.
    """
    with translated("tokenizer", folder, mend):
        return transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)


def load_upsampler_folder(folder: Path, dtype: torch.dtype, mend: str) -> torch.nn.Module:
    """The latent upsampler of a diffusers folder.

    Raises:
        EngineUnavailable: damaged.
    """
    cls = diffusers.pipelines.ltx2.latent_upsampler.LTX2LatentUpsamplerModel
    return load_part(cls, folder, "latent upscaler", dtype, mend)


def _complete(what: str, folder: Path, told: Mapping[str, Any], mend: str) -> None:
    if mismatched := told.get("mismatched_keys"):
        raise EngineUnavailable(
            f"{folder}: {len(mismatched)} tensors of the {what} have other sizes than its configuration says",
            hint=mend,
        )
    missing, left = set(told.get("missing_keys") or ()), set(told.get("unexpected_keys") or ())
    account(what, missing, left, source=str(folder), mend=mend)
