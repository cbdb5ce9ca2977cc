"""Resolve `--model` to files on this machine.

It names a folder in diffusers' layout, an original safetensors file, a GGUF file, a model of the catalog, or
a repository that is in the Hugging Face cache. Nothing is downloaded: a render must not start to load 70 GB.
"""

from __future__ import annotations

import importlib.util
import os
import re
from dataclasses import dataclass
from pathlib import Path

from lipwright.engines.ltx.loading import store
from lipwright.engines.ltx.loading.catalog import (
    CATALOG,
    DISTILLED,
    DISTILLED_LORA,
    FULL,
    TEXT_ENCODER,
    UPSCALER,
)
from lipwright.engines.ltx.profile import Kind
from lipwright.errors import EngineUnavailable

TEXT_ENCODER_ENV = "LIPWRIGHT_TEXT_ENCODER"
"""Environment variable that names the folder of Gemma."""
PICKLES = frozenset({".ckpt", ".pt", ".pth", ".bin", ".pkl"})
"""Pickles: formats that run code when they are read."""
HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
UPSCALER_FILES = "*spatial-upscaler-x2*.safetensors"
DISTILLED_LORA_FILES = "*distilled-lora*.safetensors"


@dataclass(frozen=True, slots=True)
class Weights:
    """Where the parts of a model lie."""

    name: str
    """Name in messages and in the manifest."""
    kind: Kind
    repair_hint: str
    """Hint of errors: how to get complete files."""
    folder: Path | None = None
    """Folder in diffusers' layout; then the next two fields are empty."""
    originals: tuple[Path, ...] = ()
    """Original safetensors files, with the transformer unless `gguf` holds it."""
    gguf: Path | None = None
    text_encoder: Path | None = None
    """Folder of the text encoder; None where there is none."""
    tokenizer: Path | None = None
    upsampler: Path | None = None
    """A folder of diffusers or an original file; None where there is none."""
    distilled_lora: Path | None = None
    """What makes a full model refine in few steps; None where it is not here, or the model is distilled."""


def find_weights(model: str | None, prefer: Kind = "distilled") -> Weights:
    """Find a model on this machine.

    Args:
        model: Value of --model; None is a pulled model.
        prefer: The kind of pulled model that is taken first.

    Raises:
        EngineUnavailable: It is not here or does not exist; the hint names the command that downloads it.
    """
    if model is None:
        return _pulled(_first_pulled(prefer))
    if model in CATALOG:
        return _pulled(model)
    path = Path(model).expanduser()
    if path.is_dir():
        return _from_folder(path)
    if path.is_file():
        return _from_file(path)
    if HUB_NAME.fullmatch(model) and path.suffix.lower() not in {".safetensors", ".gguf", *PICKLES}:
        return _from_hub_cache(model)
    raise EngineUnavailable(
        f"there is no model {model}",
        hint=f"give a file, a folder, a hub's name that is in the cache, or one of {DISTILLED}, {FULL}",
    )


def missing_models() -> list[str]:
    """Models that must be pulled before --engine ltx runs without --model; empty where all are here."""
    try:
        weights = _pulled(_first_pulled("distilled"))
    except EngineUnavailable:
        here = _text_encoder()[0] is not None
        return [DISTILLED] if here else [DISTILLED, TEXT_ENCODER]
    return [] if weights.text_encoder else [TEXT_ENCODER]


def refuse_pickle(path: Path) -> None:
    """Refuse a file whose format runs code when it is read.

    Raises:
        EngineUnavailable: The file has such a format.
    """
    if path.suffix.lower() in PICKLES:
        raise EngineUnavailable(
            f"{path.name} is a pickle: reading such a file runs the code in it",
            hint="use the .safetensors or .gguf file of the same model",
        )


def _first_pulled(prefer: Kind) -> str:
    for name in (FULL, DISTILLED) if prefer == "full" else (DISTILLED, FULL):
        if store.pulled_folder(name) is not None:
            return name
    raise EngineUnavailable(
        "there are no LTX-2.3 weights on this machine",
        hint=f"run: {CATALOG[DISTILLED].pull_command} and: {CATALOG[TEXT_ENCODER].pull_command} "
        "(or give --model PATH)",
    )


def _pulled(name: str) -> Weights:
    model = CATALOG[name]
    if name not in {DISTILLED, FULL}:
        raise EngineUnavailable(
            f"{name} cannot make videos by itself", hint=f"use --model {DISTILLED} or --model {FULL}"
        )
    folder = store.pulled_folder(name)
    if folder is None:
        begun = store.folder_of(name).is_dir()
        raise EngineUnavailable(
            f"{name} is {'only partly' if begun else 'not'} on this machine",
            hint=f"run: {model.pull_command}",
        )
    text, tokenizer = _text_encoder()
    files = tuple(sorted(folder.glob("*.safetensors")))
    return Weights(
        name=name,
        kind="full" if name == FULL else "distilled",
        repair_hint=f"run: {model.pull_command}",
        originals=files,
        text_encoder=text,
        tokenizer=tokenizer,
        upsampler=_upsampler(folder),
        distilled_lora=_distilled_lora(folder),
    )


def _from_folder(folder: Path) -> Weights:
    if (folder / "model_index.json").is_file():
        inside = folder / "latent_upsampler"
        return Weights(
            name=folder.resolve().name,
            kind=_kind(folder.resolve().name),
            repair_hint=f"bring the whole folder again: hf download OWNER/NAME --local-dir {folder}",
            folder=folder,
            text_encoder=folder / "text_encoder",
            tokenizer=folder / "tokenizer",
            upsampler=inside if inside.is_dir() else _upsampler(folder),
            distilled_lora=_distilled_lora(folder),
        )
    files = sorted([*folder.glob("*.safetensors"), *folder.glob("*.gguf")])
    models = [
        file for file in files if not re.search(r"lora|upscaler|upsampler|vae|connector|embed", file.name)
    ]
    if len(models) == 1:
        return _from_file(models[0])
    if models:
        raise EngineUnavailable(
            f"{folder} holds {len(models)} models",
            hint=f"name one of them, such as --model {models[0]}",
        )
    raise EngineUnavailable(
        f"{folder} holds no model: neither a model_index.json nor a .safetensors or .gguf file",
        hint=f"run: {CATALOG[DISTILLED].pull_command}",
    )


def _from_file(path: Path) -> Weights:
    refuse_pickle(path)
    text, tokenizer = _text_encoder()
    common = {
        "name": path.stem,
        "kind": _kind(path.name),
        "repair_hint": f"download {path.name} again, or run: {CATALOG[DISTILLED].pull_command}",
    }
    if path.suffix.lower() == ".gguf":
        return Weights(
            **common,  # type: ignore[arg-type]
            originals=_companions(path),
            gguf=path,
            text_encoder=text,
            tokenizer=tokenizer,
            upsampler=_upsampler(path.parent),
            distilled_lora=_distilled_lora(path.parent),
        )
    if path.suffix.lower() != ".safetensors":
        raise EngineUnavailable(
            f"{path.name} is neither a .safetensors nor a .gguf file", hint="give one of these, or a folder"
        )
    return Weights(
        **common,  # type: ignore[arg-type]
        originals=(path,),
        text_encoder=text,
        tokenizer=tokenizer,
        upsampler=_upsampler(path.parent),
        distilled_lora=_distilled_lora(path.parent),
    )


def _companions(gguf: Path) -> tuple[Path, ...]:
    """The files of VAEs and connectors for a GGUF file: beside it, else those of a pulled model."""
    if beside := parts_beside(gguf):
        return beside
    for name in (DISTILLED, FULL):
        if (folder := store.pulled_folder(name)) is not None:
            return tuple(sorted(folder.glob("*.safetensors")))
    return ()


def parts_beside(model: Path) -> tuple[Path, ...]:
    """Files beside a model, or one folder below, whose names say that they hold VAEs or connectors."""
    return tuple(
        file
        for pattern in ("*.safetensors", "*/*.safetensors")
        for file in sorted(model.parent.glob(pattern))
        if file != model and re.search(r"vae|connector|embed|projection", file.name)
    )


def _from_hub_cache(name: str) -> Weights:
    folder = cached_snapshot(name)
    if folder is None:
        raise EngineUnavailable(
            f"{name} is not in the Hugging Face cache, and a render downloads nothing",
            hint=f"run: hf download {name}; or give --model {DISTILLED}",
        )
    return _from_folder(folder)


def cached_snapshot(repo: str) -> Path | None:
    """The snapshot of a repository in the Hugging Face cache; None where there is none."""
    if importlib.util.find_spec("huggingface_hub") is None:
        return None
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - only where something is looked up
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError  # noqa: PLC0415

    try:
        return Path(snapshot_download(repo, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        return None


def _text_encoder() -> tuple[Path | None, Path | None]:
    """Folders of text encoder and tokenizer; Google's repository has both in one."""
    if named := os.environ.get(TEXT_ENCODER_ENV):
        folder: Path | None = Path(named)
        if not (Path(named) / "config.json").is_file():
            raise EngineUnavailable(
                f"{TEXT_ENCODER_ENV} names {named}, which has no config.json",
                hint=f"unset it and run: {CATALOG[TEXT_ENCODER].pull_command}",
            )
    else:
        folder = store.pulled_folder(TEXT_ENCODER) or cached_snapshot(CATALOG[TEXT_ENCODER].repo)
    return folder, folder


def _upsampler(beside: Path) -> Path | None:
    return _beside_or_pulled(beside, UPSCALER, UPSCALER_FILES)


def _distilled_lora(beside: Path) -> Path | None:
    return _beside_or_pulled(beside, DISTILLED_LORA, DISTILLED_LORA_FILES)


def _beside_or_pulled(beside: Path, name: str, pattern: str) -> Path | None:
    """The newest matching file of the model's own folder, else of the pulled model of that name."""
    for folder in (beside, store.pulled_folder(name)):
        if folder is not None and (files := sorted(folder.glob(pattern))):
            return files[-1]
    return None


def _kind(name: str) -> Kind:
    """The kind by its name: published files of full models are called dev, full or sft."""
    return "full" if re.search(r"(?<![a-z])(dev|full|sft)(?![a-z])", name.lower()) else "distilled"
