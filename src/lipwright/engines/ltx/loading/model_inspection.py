"""Inspect a model: its family, sizes and profile, and a loader for each network."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import torch

from lipwright.engines.ltx.loading import safetensors_file
from lipwright.engines.ltx.loading.catalog import CATALOG, TEXT_ENCODER
from lipwright.engines.ltx.loading.folder import (
    FOLDERS,
    check_folder,
    load_part,
    load_upsampler_folder,
    read_config,
)
from lipwright.engines.ltx.loading.gguf import GgufFile, read_gguf
from lipwright.engines.ltx.loading.memory_plan import ModelSizes
from lipwright.engines.ltx.loading.resolve import Weights, parts_beside
from lipwright.engines.ltx.loading.single_file import (
    CLASSES,
    OriginalFiles,
    empty,
    load_upsampler,
    missing_parts,
    read_original,
)
from lipwright.engines.ltx.loading.state_dict_map import PARTS, Part
from lipwright.engines.ltx.profile import Profile, make_profile, with_configurations
from lipwright.errors import EngineUnavailable

WIDE_BYTES = 2
"""Bytes of a weight in 16 bits."""
TINY_BLOCKS = 8
"""A model with fewer transformer blocks is one for tests; the real one has 48."""


class OpenedModel(Protocol):
    """A model on the disk whose networks can be loaded one by one."""

    weights: Weights
    family: str
    quantized: bool

    def config(self, part: Part) -> Mapping[str, Any]:
        """Diffusers' configuration of a network."""
        ...

    def load(self, part: Part, dtype: torch.dtype, *, keep_8_bits: bool = False) -> torch.nn.Module:
        """Load a network, on the CPU, in evaluation mode; scaled weights may stay in 8 bits."""
        ...

    def sizes(self) -> ModelSizes:
        """Sizes of its weights."""
        ...

    def files(self, part: Part) -> list[Path]:
        """The files that hold a network."""
        ...


class FolderModel:
    """A folder in diffusers' layout."""

    quantized = False

    def __init__(self, weights: Weights, folder: Path) -> None:
        self.weights, self._folder = weights, folder
        self.family = check_folder(folder, weights.repair_hint)

    def config(self, part: Part) -> Mapping[str, Any]:
        """Read its config.json."""
        return read_config(self._folder / FOLDERS[part], self.weights.repair_hint)

    def load(self, part: Part, dtype: torch.dtype, *, keep_8_bits: bool = False) -> torch.nn.Module:
        """Load it with diffusers; every tensor is accounted for."""
        what = part.replace("_", " ")
        return load_part(CLASSES[part], self._folder / FOLDERS[part], what, dtype, self.weights.repair_hint)

    def files(self, part: Part) -> list[Path]:
        """The shards of a network."""
        return sorted((self._folder / FOLDERS[part]).glob("*.safetensors"))

    def sizes(self) -> ModelSizes:
        """Sizes from the shapes in the shards' headers."""
        repair_hint = self.weights.repair_hint
        whole = sum(
            safetensors_file.count_weights(file, repair_hint=repair_hint)
            for file in self.files("transformer")
        )
        rest = 0
        for file in self.files("transformer"):
            keys, _ = safetensors_file.keys_and_header(file, repair_hint=repair_hint)
            rest += safetensors_file.count_weights(
                file, repair_hint=repair_hint, names=[key for key in keys if not _in_block(key)]
            )
        return ModelSizes(
            transformer=WIDE_BYTES * whole,
            rest=WIDE_BYTES * rest,
            **_common(self),
        )


class FilesModel:
    """Original files, with or without a GGUF file for the transformer."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self._gguf: GgufFile | None = (
            read_gguf(weights.gguf, repair_hint=weights.repair_hint) if weights.gguf else None
        )
        self.quantized = self._gguf is not None
        if not weights.originals:
            raise EngineUnavailable(
                f"{weights.name} holds the transformer alone, and there are no VAEs and connectors beside it",
                hint="put the VAE and connector files of LTX-2.3 into its folder, or run: "
                "lipwright models pull ltx-2.3-distilled",
            )
        named, beside = ((), weights.originals) if self.quantized else (weights.originals, ())
        self._files: OriginalFiles = read_original(named, beside, repair_hint=weights.repair_hint)
        if named and missing_parts(self._files):  # a checkpoint published in pieces
            self._files = read_original(named, parts_beside(named[0]), repair_hint=weights.repair_hint)
        self.family = self._gguf.family if self._gguf else self._files.family
        if self.family != self._files.family:
            raise EngineUnavailable(
                f"{weights.name} is LTX-{self.family}, the files beside it are LTX-{self._files.family}",
                hint="put the VAE and connector files of the same family into its folder",
            )
        self._check()

    def _check(self) -> None:
        """Check every tensor of every network that a video needs, before anything is loaded."""
        lacking = [part for part in missing_parts(self._files) if not (self._gguf and part == "transformer")]
        if lacking:
            names = ", ".join(part.replace("_", " ") for part in lacking)
            raise EngineUnavailable(
                f"{', '.join(path.name for path in self.weights.originals)} lacks: {names}",
                hint=self.weights.repair_hint,
            )
        for part in PARTS:
            if not (self._gguf and part == "transformer"):
                model = empty(CLASSES[part], self.config(part))
                self._files.check(part, model, self._files.parts[part])

    def config(self, part: Part) -> Mapping[str, Any]:
        """Configuration from the files' metadata, else from the family's profile."""
        if self._gguf is not None and part == "transformer":
            return self._gguf.config(self._files.metadata)
        return self._files.config(part)

    def load(self, part: Part, dtype: torch.dtype, *, keep_8_bits: bool = False) -> torch.nn.Module:
        """Load it under diffusers' names; every tensor is accounted for."""
        if self._gguf is not None and part == "transformer":
            return self._gguf.load(self.config(part), dtype)
        return self._files.load(part, dtype, keep_8_bits=keep_8_bits)

    def files(self, part: Part) -> list[Path]:
        """The files that hold a network."""
        if self._gguf is not None and part == "transformer":
            return [self._gguf.path]
        return sorted({path for path, _ in self._files.parts[part].values()})

    def sizes(self) -> ModelSizes:
        """Sizes from the shapes in the headers; those of a packed transformer from its bytes."""
        if self._gguf is not None:
            blocks = max(int(self.config("transformer")["num_layers"]), 1)
            whole, bits = self._gguf.bytes, self._gguf.bits
            return ModelSizes(transformer=whole, rest=whole // (blocks + 1), bits=bits, **_common(self))
        places = self._files.parts["transformer"]
        counts = [
            sum(
                safetensors_file.count_weights(file, repair_hint=self.weights.repair_hint, names=names)
                for file, names in _by_file(places, inside=inside).items()
            )
            for inside in (True, False)
        ]
        return ModelSizes(transformer=WIDE_BYTES * sum(counts), rest=WIDE_BYTES * counts[1], **_common(self))


def open_model(weights: Weights) -> OpenedModel:
    """Inspect a model.

    Raises:
        EngineUnavailable: It is damaged, incomplete or of another family, or its text encoder is missing.
    """
    opened: OpenedModel = (
        FolderModel(weights, weights.folder) if weights.folder is not None else FilesModel(weights)
    )
    if weights.text_encoder is None:
        raise EngineUnavailable(
            f"{weights.name} needs the text encoder {TEXT_ENCODER}, which is not on this machine",
            hint=f"run: {CATALOG[TEXT_ENCODER].pull_command}",
        )
    return opened


def profile_of(model: OpenedModel) -> Profile:
    """The family's profile, with the values of the model's own configurations."""
    weights, shape = model.weights, model.config("transformer")
    profile = make_profile(model.family, weights.kind, name=weights.name, identity=_identity(model))
    blocks = int(shape["num_layers"])
    profile = replace(profile, tiny=blocks < TINY_BLOCKS)
    if profile.guidance.stg_blocks and max(profile.guidance.stg_blocks) >= blocks:
        middle = replace(profile.guidance, stg_blocks=(blocks // 2,))
        profile = replace(profile, guidance=middle)
    return with_configurations(profile, model.config("video_vae"), model.config("audio_vae"))


def upsampler_of(weights: Weights, dtype: torch.dtype) -> torch.nn.Module:
    """Load the latent upsampler from a diffusers folder or an original file.

    Raises:
        EngineUnavailable: It is damaged or another model.
    """
    assert weights.upsampler is not None  # noqa: S101 - asked for only where there is one
    if weights.upsampler.is_dir():
        return load_upsampler_folder(weights.upsampler, dtype, weights.repair_hint)
    repair_hint = "run: lipwright models pull ltx-2.3-spatial-upscaler"
    return load_upsampler(weights.upsampler, dtype, repair_hint=repair_hint)


def _common(model: OpenedModel) -> dict[str, Any]:
    repair_hint, shape = model.weights.repair_hint, model.config("transformer")
    parts: dict[str, int] = {}
    for part in ("connectors", "video_vae"):
        parts[part] = WIDE_BYTES * sum(_part_weights(model, part, repair_hint))
    return {
        "blocks": int(shape["num_layers"]),
        "width": int(shape["num_attention_heads"]) * int(shape["attention_head_dim"]),
        "text_encoder": _bytes(model.weights.text_encoder),
        "upsampler": _bytes(model.weights.upsampler),
        **parts,
    }


def _bytes(place: Path | None) -> int:
    """Bytes of a file or of the weights in a folder; 0 where there is none."""
    files = [] if place is None else sorted(place.glob("*.safetensors")) if place.is_dir() else [place]
    return sum(file.stat().st_size for file in files)


def _part_weights(model: OpenedModel, part: Part, repair_hint: str) -> Iterable[int]:
    if isinstance(model, FilesModel):
        for file, names in _by_file(model._files.parts[part]).items():
            yield safetensors_file.count_weights(file, repair_hint=repair_hint, names=names)
    else:
        yield from (
            safetensors_file.count_weights(file, repair_hint=repair_hint) for file in model.files(part)
        )


def _in_block(name: str) -> bool:
    return name.startswith("transformer_blocks.")


def _by_file(places: Mapping[str, tuple[Path, str]], *, inside: bool | None = None) -> dict[Path, list[str]]:
    files: dict[Path, list[str]] = {}
    for new, (path, old) in places.items():
        if inside is None or _in_block(new) is inside:
            files.setdefault(path, []).append(old)
    return files


def _identity(model: OpenedModel) -> str:
    """Hash of names, sizes and times of the files of text encoder and connectors."""
    folder = model.weights.text_encoder
    files = [*model.files("connectors"), *(sorted(folder.glob("*.safetensors")) if folder else [])]
    states = [(str(file.resolve()), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return hashlib.sha256(repr(states).encode()).hexdigest()[:32]
