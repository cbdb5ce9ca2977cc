"""Resolution of `--model` to files on this machine.

`--model` can be a folder in diffusers' layout, an original safetensors file, a GGUF file, the name of a model
in the catalog, or a repository in the Hugging Face cache. Nothing is downloaded, since a render must not
start a download of 70 GB.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from lipwright.engines.ltx.loading import pulled_models
from lipwright.engines.ltx.loading.catalog import CATALOG, DISTILLED, FULL, TEXT_ENCODER, models_of
from lipwright.engines.ltx.profile import Kind
from lipwright.errors import EngineUnavailable

TEXT_ENCODER_ENV = "LIPWRIGHT_TEXT_ENCODER"
"""Environment variable with the path of the text encoder: a folder for LTX-2.3, a file for 2.5."""
PICKLES = frozenset({".ckpt", ".pt", ".pth", ".bin", ".pkl"})
"""Suffixes of pickles, which can run code when they are read."""
HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
UPSCALER_FILES = "*spatial-upscaler-x2*.safetensors"
DISTILLED_LORA_FILES = "*distilled-lora*.safetensors"
TEXT_ENCODER_FILES = "*gemma*4*.safetensors"
TYPE_FOLDERS = frozenset(
    {
        "checkpoints",
        "clip",
        "diffusion_models",
        "latent_upscale_models",
        "loras",
        "text_encoders",
        "unet",
        "upscale_models",
        "vae",
    }
)
"""Names of folders that each contain one type of model, in LTX-2.5's hub repository and in ComfyUI."""


@dataclass(frozen=True, slots=True)
class ModelPaths:
    """Paths of the parts of a model. `with_companions` finds text encoder, upsampler and distilled LoRA."""

    name: str
    """Name of the model in messages and in the manifest."""
    kind: Kind
    repair_hint: str
    """Hint for errors about these files; it says how to get complete files."""
    folder: Path | None = None
    """Folder of a model in diffusers' layout; `originals` is then empty, and `gguf` is None. For a model in
    another layout, this is None."""
    originals: tuple[Path, ...] = ()
    """Original safetensors files; they contain the transformer unless `gguf` does."""
    gguf: Path | None = None
    text_encoder: Path | None = None
    """Folder or file of the text encoder; None if it was not found."""
    tokenizer: Path | None = None
    upsampler: Path | None = None
    """Diffusers folder or original file of the latent upsampler; None if it was not found."""
    distilled_lora: Path | None = None
    """File of the LoRA with which a full model needs only a few steps in the second stage; None if it was not
    found. Distilled models do not use it."""


def find_model_paths(model: str | None, prefer: Kind = "distilled") -> ModelPaths:
    """Find the files of the model that --model names, or of a pulled model if `model` is None.

    If several models are pulled, one of the kind `prefer` is preferred.

    Raises:
        EngineUnavailable: The model is not on this machine, or does not exist; the hint contains the command
            that downloads it.
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
        hint="give a file, a folder, a repository in the Hugging Face cache, or a name "
        f"that `lipwright models list` shows, such as {DISTILLED}",
    )


def with_companions(paths: ModelPaths, family: str) -> ModelPaths:
    """Return the paths with the other files that a model needs: text encoder, upsampler, distilled LoRA.

    These files are searched for in the folders around the model's files, and then among the pulled models.

    Raises:
        EngineUnavailable: LIPWRIGHT_TEXT_ENCODER does not name a text encoder.
    """
    around = next(iter((*paths.originals, *filter(None, (paths.gguf, paths.folder)))), None)
    folders = [] if around is None else list(_folders_around(around))
    text_encoder = paths.text_encoder or _text_encoder(family, folders)
    return replace(
        paths,
        text_encoder=text_encoder,
        tokenizer=paths.tokenizer or text_encoder,
        upsampler=paths.upsampler or _newest(UPSCALER_FILES, family, folders, "upscaler"),
        distilled_lora=_newest(DISTILLED_LORA_FILES, family, folders, "lora"),
    )


def missing_models() -> list[str]:
    """Return the names of the models that must be pulled before --engine ltx can run without --model."""
    try:
        name = _first_pulled("distilled")
    except EngineUnavailable:
        name = DISTILLED
    wanted = [] if pulled_models.pulled_folder(name) is not None else [name]
    try:
        text_encoder = _text_encoder("2.3", [])
    except EngineUnavailable:  # a render reports the error about LIPWRIGHT_TEXT_ENCODER
        text_encoder = None
    return [*wanted, *(other for other in CATALOG[name].with_models if text_encoder is None)]


def refuse_pickle(path: Path) -> None:
    """Check that a file is not a pickle, which could run code when it is read.

    Raises:
        EngineUnavailable: The file is a pickle.
    """
    if path.suffix.lower() in PICKLES:
        raise EngineUnavailable(
            f"{path.name} is a pickle, which could run code when it is read",
            hint="use the .safetensors or .gguf file of the same model",
        )


def _first_pulled(prefer: Kind) -> str:
    for model in sorted(models_of("model"), key=lambda one: one.kind != prefer):
        if pulled_models.pulled_folder(model.name) is not None:
            return model.name
    raise EngineUnavailable(
        "there are no weights of LTX on this machine",
        hint=f"run: {CATALOG[DISTILLED].pull_command} and: {CATALOG[TEXT_ENCODER].pull_command} "
        "(or give --model PATH)",
    )


def _pulled(name: str) -> ModelPaths:
    model = CATALOG[name]
    if model.role != "model":
        raise EngineUnavailable(
            f"{name} cannot make videos by itself", hint=f"use --model {DISTILLED} or --model {FULL}"
        )
    folder = pulled_models.pulled_folder(name)
    if folder is None:
        begun = pulled_models.folder_of(name).is_dir()
        raise EngineUnavailable(
            f"{name} is {'only partly' if begun else 'not'} on this machine",
            hint=f"run: {model.pull_command}",
        )
    files = tuple(sorted(folder.rglob("*.safetensors")))
    return ModelPaths(
        name=name,
        kind=model.kind,
        repair_hint=f"run: {model.pull_command}",
        originals=tuple(file for file in files if "text_encoders" not in file.parts),
    )


def _from_folder(folder: Path) -> ModelPaths:
    if (folder / "model_index.json").is_file():
        inside = folder / "latent_upsampler"
        return ModelPaths(
            name=folder.resolve().name,
            kind=_kind(folder.resolve().name),
            repair_hint=f"download the whole folder again: hf download OWNER/NAME --local-dir {folder}",
            folder=folder,
            text_encoder=folder / "text_encoder",
            tokenizer=folder / "tokenizer",
            upsampler=inside if inside.is_dir() else None,
        )
    patterns = ("*.safetensors", "*.gguf", "diffusion_models/*.safetensors", "diffusion_models/*.gguf")
    files = [file for pattern in patterns for file in sorted(folder.glob(pattern))]
    models = [
        file
        for file in files
        if not re.search(r"lora|upscaler|upsampler|vae|connector|embed|gemma|duration-head", file.name)
    ]
    if len(models) == 1:
        return _from_file(models[0])
    if models:
        raise EngineUnavailable(
            f"{folder} contains {len(models)} models; expected one",
            hint=f"give --model one of the files, such as --model {models[0]}",
        )
    raise EngineUnavailable(
        f"{folder} contains no model: neither a model_index.json nor a .safetensors or .gguf file",
        hint=f"run: {CATALOG[DISTILLED].pull_command}",
    )


def _from_file(path: Path) -> ModelPaths:
    refuse_pickle(path)
    packed = path.suffix.lower() == ".gguf"
    if not packed and path.suffix.lower() != ".safetensors":
        raise EngineUnavailable(
            f"{path.name} is neither a .safetensors nor a .gguf file",
            hint="give a file of one of these types, or a folder",
        )
    return ModelPaths(
        name=path.stem,
        kind=_kind(path.name),
        repair_hint=f"download {path.name} again, or run: {_likely(path.name)}",
        originals=_companions(path) if packed else (path,),
        gguf=path if packed else None,
    )


def _likely(name: str) -> str:
    """Return the command that downloads the model that a file name suggests."""
    family = "2.5" if "2.5" in name else "2.3"
    return next(m.pull_command for m in models_of("model", family) if m.kind == _kind(name))


def _companions(gguf: Path) -> tuple[Path, ...]:
    """Return the VAE and connector files for a GGUF file, from nearby folders or else from a pulled model."""
    if around := parts_around(gguf):
        return around
    for model in models_of("model"):
        if (folder := pulled_models.pulled_folder(model.name)) is not None:
            return tuple(sorted(folder.rglob("*.safetensors")))
    return ()


def parts_around(model: Path) -> tuple[Path, ...]:
    """Return the files near a model whose names suggest VAEs, connectors or projections."""
    return tuple(
        file
        for folder in _folders_around(model)
        for file in sorted(folder.glob("*.safetensors"))
        if file != model and re.search(r"vae|connector|embed|projection", file.name)
    )


def _folders_around(model: Path) -> Iterator[Path]:
    """Yield the folder of a model, its subfolders, and the folders of other model types next to it."""
    folder = model if model.is_dir() else model.parent
    yield folder
    yield from sorted(inner for inner in folder.iterdir() if inner.is_dir())
    if folder.name in TYPE_FOLDERS:
        yield from sorted(
            other for other in folder.parent.iterdir() if other.name in TYPE_FOLDERS and other != folder
        )


def _from_hub_cache(name: str) -> ModelPaths:
    folder = cached_snapshot(name)
    if folder is None:
        raise EngineUnavailable(
            f"{name} is not in the Hugging Face cache, and a render does not download models",
            hint=f"run: hf download {name}; or give --model {DISTILLED}",
        )
    return _from_folder(folder)


def cached_snapshot(repo: str) -> Path | None:
    """Return the folder of a repository's snapshot in the Hugging Face cache; None if there is none."""
    if importlib.util.find_spec("huggingface_hub") is None:
        return None
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - only where something is looked up
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError  # noqa: PLC0415

    try:
        return Path(snapshot_download(repo, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        return None


def _text_encoder(family: str, folders: Iterable[Path]) -> Path | None:
    """Return the text encoder of a family: a folder for LTX-2.3, a file for 2.5; None if it was not found."""
    if named := os.environ.get(TEXT_ENCODER_ENV):
        place = Path(named)
        if not place.is_file() and not (place / "config.json").is_file():
            raise EngineUnavailable(
                f"{TEXT_ENCODER_ENV} is {named}, which is neither a file nor a folder with config.json",
                hint=f"unset this variable and run: {CATALOG[TEXT_ENCODER].pull_command}",
            )
        return place
    if family == "2.3":
        return pulled_models.pulled_folder(TEXT_ENCODER) or cached_snapshot(CATALOG[TEXT_ENCODER].repo)
    pulled = [pulled_models.pulled_folder(model.name) for model in models_of("model", family)]
    inside = [folder / "text_encoders" for folder in pulled if folder is not None]
    files = [file for folder in (*folders, *inside) for file in sorted(folder.glob(TEXT_ENCODER_FILES))]
    return next((file for file in files if family in file.name), next(iter(files), None))


def _newest(pattern: str, family: str, folders: Iterable[Path], role: str) -> Path | None:
    """Return the newest file of a model family whose name matches `pattern`; None if there is none.

    The search goes through `folders`, then through the folders of pulled models with the role `role`.
    """
    pulled = [pulled_models.pulled_folder(model.name) for model in CATALOG.values() if model.role == role]
    for folder in (*folders, *(inside for one in pulled if one for inside in _folders_around(one))):
        files = [file for file in sorted(folder.glob(pattern)) if is_of_family(file.name, family)]
        if files:
            return files[-1]
    return None


def is_of_family(name: str, family: str) -> bool:
    """Return True if a file name contains this family's version, or no version at all."""
    named = re.findall(r"ltx-?v?(\d+\.\d+)", name.lower())
    return not named or family in named


def _kind(name: str) -> Kind:
    """Return the kind of a model by its file name: names of full models contain dev, full or sft."""
    return "full" if re.search(r"(?<![a-z])(dev|full|sft)(?![a-z])", name.lower()) else "distilled"
