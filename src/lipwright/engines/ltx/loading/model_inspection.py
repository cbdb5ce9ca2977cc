"""Inspect a model: its family, sizes and profile, and a loader for each network."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import torch

from lipwright.engines.ltx.loading import safetensors_file
from lipwright.engines.ltx.loading.catalog import models_of, pull_command_for
from lipwright.engines.ltx.loading.folder import (
    FOLDERS,
    check_folder,
    load_part,
    load_upsampler_folder,
    read_config,
)
from lipwright.engines.ltx.loading.gguf import GgufFile, read_gguf
from lipwright.engines.ltx.loading.memory_plan import ModelSizes
from lipwright.engines.ltx.loading.resolve import Weights, parts_around, with_companions
from lipwright.engines.ltx.loading.single_file import (
    CLASSES,
    OriginalFiles,
    Place,
    by_file,
    load_upsampler,
    missing_parts,
    read_original,
)
from lipwright.engines.ltx.loading.state_dict_map import PARTS, Part
from lipwright.engines.ltx.loading.text_encoder_file import check_text_encoder
from lipwright.engines.ltx.profile import Profile, make_profile, with_configurations
from lipwright.errors import EngineUnavailable

WIDE_BYTES = 2
"""Bytes of a weight in 16 bits."""
TINY_BLOCKS = 8
"""A model with fewer transformer blocks is one for tests; the real one has 48."""


class OpenedModel(Protocol):
    """A model on disk whose networks can be loaded one by one."""

    weights: Weights
    family: str
    quantized: bool

    def config(self, part: Part) -> Mapping[str, Any]:
        """Diffusers' configuration of a network."""
        ...

    def load(self, part: Part, dtype: torch.dtype, *, keep_quantized: bool = False) -> torch.nn.Module:
        """Load a network, on the CPU, in evaluation mode; quantized weights may stay so."""
        ...

    def sizes(self) -> ModelSizes:
        """Sizes of its weights."""
        ...

    def files(self, part: Part) -> list[Path]:
        """Return the files with a network."""
        ...


class FolderModel:
    """A folder in diffusers' layout."""

    quantized = False

    def __init__(self, weights: Weights, folder: Path) -> None:
        self._folder, self.family = folder, check_folder(folder, weights.repair_hint)
        self.weights = with_companions(weights, self.family)

    def config(self, part: Part) -> Mapping[str, Any]:
        """Read its config.json."""
        return read_config(self._folder / FOLDERS[part], self.weights.repair_hint)

    def load(self, part: Part, dtype: torch.dtype, *, keep_quantized: bool = False) -> torch.nn.Module:
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
        hint = weights.repair_hint
        self._gguf: GgufFile | None = read_gguf(weights.gguf, repair_hint=hint) if weights.gguf else None
        self.quantized = self._gguf is not None
        if not weights.originals:
            raise EngineUnavailable(
                f"{weights.name} holds the transformer alone, and there are no VAEs and connectors next "
                f"to it",
                hint="put the VAE and connector files of the same model into its folder, or run: "
                + models_of("model", self._gguf.family if self._gguf else None)[0].pull_command,
            )
        named, beside = ((), weights.originals) if self._gguf else (weights.originals, ())
        files = read_original(named, beside, repair_hint=hint)
        self.family = self._gguf.family if self._gguf else files.family
        if self.family != files.family:
            raise EngineUnavailable(
                f"{weights.name} is LTX-{self.family}, the files next to it are LTX-{files.family}",
                hint="put the VAE and connector files of the same family into its folder",
            )
        self.weights = with_companions(weights, self.family)
        text_encoder = self.weights.text_encoder
        if text_encoder is not None:
            check_text_encoder(text_encoder, self.family, files.text_encoder_version)
        if missing_parts(files) or _lacks_projections(files):  # a checkpoint published in pieces
            around = () if self._gguf else parts_around(named[0])
            own = (text_encoder,) if text_encoder is not None and text_encoder.is_file() else ()
            if self._gguf and "connectors" in missing_parts(files):
                own = (self._gguf.path, *own)
            files = read_original(named, dict.fromkeys((*beside, *around, *own)), repair_hint=hint)
        self._files: OriginalFiles = files
        self._check()

    def _check(self) -> None:
        """Check every tensor of every network that a video needs, before anything is loaded."""
        ours = [part for part in PARTS if not (self._gguf and part == "transformer")]
        if lacking := [part for part in ours if part in missing_parts(self._files)]:
            names = ", ".join(part.replace("_", " ") for part in lacking)
            raise EngineUnavailable(
                f"{', '.join(path.name for path in self.weights.originals)} lacks: {names}",
                hint=f"put the missing files next to it, or {self.weights.repair_hint}",
            )
        if _lacks_projections(self._files) and self.weights.text_encoder is None:
            raise _no_text_encoder(self.weights, self.family)
        for part in ours:
            self._files.network(part)

    def config(self, part: Part) -> Mapping[str, Any]:
        """Configuration from the files' metadata, else from the family's profile."""
        if self._gguf is not None and part == "transformer":
            return self._gguf.config(self._files.metadata)
        return self._files.config(part)

    def load(self, part: Part, dtype: torch.dtype, *, keep_quantized: bool = False) -> torch.nn.Module:
        """Load it under diffusers' names; every tensor is accounted for."""
        if self._gguf is not None and part == "transformer":
            return self._gguf.load(self.config(part), dtype)
        return self._files.load(part, dtype, keep_quantized=keep_quantized)

    def files(self, part: Part) -> list[Path]:
        """Return the files with a network."""
        if self._gguf is not None and part == "transformer":
            return [self._gguf.path]
        return sorted({path for path, _ in self._files.parts[part].values()})

    def sizes(self) -> ModelSizes:
        """Return sizes from the shapes in the headers; for a packed transformer, from its bytes."""
        if self._gguf is not None:
            blocks = max(int(self.config("transformer")["num_layers"]), 1)
            whole, bits = self._gguf.bytes, self._gguf.bits
            return ModelSizes(transformer=whole, rest=whole // (blocks + 1), bits=bits, **_common(self))
        places = self._files.parts["transformer"]
        inside, rest = (
            self.count({new: place for new, place in places.items() if _in_block(new) is wanted})
            for wanted in (True, False)
        )
        wide, stored = (sum(pair) for pair in zip(inside, rest, strict=True))
        return ModelSizes(
            transformer=WIDE_BYTES * wide,
            rest=WIDE_BYTES * rest[0],
            quantized=stored if stored < WIDE_BYTES * wide else 0,
            **_common(self),
        )

    def count(self, places: Mapping[str, Place]) -> tuple[int, int]:
        """Count the weights of a network, and their bytes if quantized weights stay quantized."""
        weights = stored = 0
        for path, names in by_file(places).items():
            with safetensors_file.opened(path, repair_hint=self.weights.repair_hint) as file:
                for old in names.values():
                    held, packed = file.get_slice(old), self._files.quantized.get((path, old))
                    here = math.prod(held.get_shape())
                    weights += math.prod(packed.shape) if packed else here
                    stored += here if packed else WIDE_BYTES * here
        return weights, stored


def open_model(weights: Weights) -> OpenedModel:
    """Inspect a model.

    Raises:
        EngineUnavailable: It is damaged, incomplete or of another family, or its text encoder is missing.
    """
    opened: OpenedModel = (
        FolderModel(weights, weights.folder) if weights.folder is not None else FilesModel(weights)
    )
    if opened.weights.text_encoder is None:
        raise _no_text_encoder(opened.weights, opened.family)
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
        EngineUnavailable: It is damaged or not an upsampler.
    """
    assert weights.upsampler is not None  # noqa: S101 - asked for only where there is one
    if weights.upsampler.is_dir():
        return load_upsampler_folder(weights.upsampler, dtype, weights.repair_hint)
    repair_hint = f"fetch {weights.upsampler.name} again"
    return load_upsampler(weights.upsampler, dtype, repair_hint=repair_hint)


def _common(model: OpenedModel) -> dict[str, Any]:
    repair_hint, shape = model.weights.repair_hint, model.config("transformer")
    parts: dict[str, int] = {}
    for part in ("connectors", "video_vae"):
        parts[part] = WIDE_BYTES * _part_weights(model, part, repair_hint)
    return {
        "blocks": int(shape["num_layers"]),
        "width": int(shape["num_attention_heads"]) * int(shape["attention_head_dim"]),
        "text_encoder": _bytes(model.weights.text_encoder),
        "upsampler": _bytes(model.weights.upsampler),
        **parts,
    }


def _bytes(place: Path | None) -> int:
    """Return the bytes of a file or of the weights in a folder; 0 if there is none."""
    return sum(file.stat().st_size for file in _files(place))


def _files(place: Path | None) -> list[Path]:
    return [] if place is None else sorted(place.glob("*.safetensors")) if place.is_dir() else [place]


def _part_weights(model: OpenedModel, part: Part, repair_hint: str) -> int:
    if isinstance(model, FilesModel):
        return model.count(model._files.parts[part])[0]
    return sum(safetensors_file.count_weights(file, repair_hint=repair_hint) for file in model.files(part))


def _no_text_encoder(weights: Weights, family: str) -> EngineUnavailable:
    named = next((model.name for model in models_of("text encoder", family)), "of LTX-2.5 in one file")
    return EngineUnavailable(
        f"{weights.name} needs the text encoder {named}, which is not on this machine",
        hint=f"run: {pull_command_for(family)}",
    )


def _lacks_projections(files: OriginalFiles) -> bool:
    """Whether the connectors lack their projections, which LTX-2.5 keeps with the text encoder."""
    return not any("text_proj_in" in name for name in files.parts.get("connectors", {}))


def _in_block(name: str) -> bool:
    return name.startswith("transformer_blocks.")


def _identity(model: OpenedModel) -> str:
    """Hash of the files of text encoder and connectors."""
    files = [*model.files("connectors"), *_files(model.weights.text_encoder)]
    return hashlib.sha256(repr(file_states(files)).encode()).hexdigest()[:32]


def file_states(files: Iterable[Path]) -> list[tuple[str, int, int]]:
    """Paths, sizes and times of files, which change if a file does."""
    return [(str(file.resolve()), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
