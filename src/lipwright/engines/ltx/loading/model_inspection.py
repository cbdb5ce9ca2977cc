"""Inspection of a model: its family, sizes and profile, and a loader for each network."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel

from lipwright.engines.ltx.loading import safetensors_file
from lipwright.engines.ltx.loading.catalog import models_of, pull_command_for
from lipwright.engines.ltx.loading.folder import (
    FOLDERS,
    check_folder,
    load_network,
    read_config,
)
from lipwright.engines.ltx.loading.gguf import GgufFile, read_gguf
from lipwright.engines.ltx.loading.memory_plan import ModelSizes
from lipwright.engines.ltx.loading.resolve import ModelPaths, parts_around, with_companions
from lipwright.engines.ltx.loading.single_file import (
    CLASSES,
    OriginalFiles,
    by_file,
    load_upsampler,
    missing_parts,
    read_original,
)
from lipwright.engines.ltx.loading.state_dict_map import PARTS, Part
from lipwright.engines.ltx.loading.text_encoder_file import check_text_encoder
from lipwright.engines.ltx.profile import Profile, make_profile
from lipwright.errors import EngineUnavailable

WIDE_BYTES = 2
"""Number of bytes of a weight in 16 bits."""
TINY_BLOCKS = 8
"""Number of transformer blocks below which a model is a tiny model for tests; real models have 48."""


TensorSize = tuple[str, int, int]
"""A tensor's name, its number of weights, and its size in bytes if quantized weights stay quantized."""


class FolderModel:
    """A model in a folder in diffusers' layout."""

    gguf = None

    def __init__(self, paths: ModelPaths, folder: Path) -> None:
        self._folder, self.family = folder, check_folder(folder)
        self.paths = with_companions(paths, self.family)

    def config(self, part: Part) -> Mapping[str, Any]:
        """Return the content of a network's config.json."""
        return read_config(self._folder / FOLDERS[part])

    def load(self, part: Part, dtype: torch.dtype, *, keep_quantized: bool = False) -> torch.nn.Module:
        """Load a network with diffusers, on the CPU, after a check of every tensor."""
        what = part.replace("_", " ")
        return load_network(CLASSES[part], self._folder / FOLDERS[part], what, torch_dtype=dtype)

    def files(self, part: Part) -> list[Path]:
        """Return the weight files of a network."""
        return sorted((self._folder / FOLDERS[part]).glob("*.safetensors"))

    def tensors(self, part: Part) -> Iterator[TensorSize]:
        """Yield the sizes of a network's tensors, from the headers of its weight files."""
        for path in self.files(part):
            with safetensors_file.opened(path) as file:
                for name in file.keys():  # noqa: SIM118 - a file, not a dictionary
                    weights = math.prod(file.get_slice(name).get_shape())
                    yield name, weights, WIDE_BYTES * weights


class FilesModel:
    """A model in the files as originally published, not in diffusers' layout.

    The transformer may be a GGUF file.
    """

    def __init__(self, paths: ModelPaths) -> None:
        self.gguf: GgufFile | None = read_gguf(paths.gguf) if paths.gguf else None
        if not paths.originals:
            raise EngineUnavailable(
                f"{paths.name} contains only the transformer, and no VAE or connector file was found near it",
                hint="put the VAE and connector files of the same model into its folder, or run: "
                + models_of("model", self.gguf.family if self.gguf else None)[0].pull_command,
            )
        named, companions = ((), paths.originals) if self.gguf else (paths.originals, ())
        files = read_original(named, companions)
        self.family = self.gguf.family if self.gguf else files.family
        if self.family != files.family:
            raise EngineUnavailable(
                f"{paths.name} is LTX-{self.family}, but the files next to it are LTX-{files.family}",
                hint="put the VAE and connector files of the same family into its folder",
            )
        self.paths = with_companions(paths, self.family)
        text_encoder = self.paths.text_encoder
        if text_encoder is not None:
            check_text_encoder(text_encoder, self.family, files.text_encoder_version)
        # The checkpoint may be published in several files.
        if missing_parts(files) or _lacks_projections(files):
            around = () if self.gguf else parts_around(named[0])
            own = (text_encoder,) if text_encoder is not None and text_encoder.is_file() else ()
            if self.gguf and "connectors" in missing_parts(files):
                own = (self.gguf.path, *own)
            files = read_original(named, dict.fromkeys((*companions, *around, *own)))
        self._files: OriginalFiles = files
        self._check()

    def _check(self) -> None:
        """Check every tensor of the networks that a video needs, without loading the networks."""
        ours = [part for part in PARTS if not (self.gguf and part == "transformer")]
        if lacking := [part for part in ours if part in missing_parts(self._files)]:
            names = ", ".join(part.replace("_", " ") for part in lacking)
            raise EngineUnavailable(
                f"{', '.join(path.name for path in self.paths.originals)} does not contain: {names}",
                hint=f"put the missing files into the same folder, or {self.paths.repair_hint}",
            )
        if _lacks_projections(self._files) and self.paths.text_encoder is None:
            raise _no_text_encoder(self.paths, self.family)
        for part in ours:
            self._files.network(part)

    def config(self, part: Part) -> Mapping[str, Any]:
        """Return a network's configuration, from the files' metadata or else from the family's profile."""
        if self.gguf is not None and part == "transformer":
            return self.gguf.config(self._files.metadata)
        return self._files.config(part)

    def load(self, part: Part, dtype: torch.dtype, *, keep_quantized: bool = False) -> torch.nn.Module:
        """Load a network on the CPU, with diffusers' names, after a check of every tensor."""
        if self.gguf is not None and part == "transformer":
            return self.gguf.load(self.config(part), dtype)
        return self._files.load(part, dtype, keep_quantized=keep_quantized)

    def files(self, part: Part) -> list[Path]:
        """Return the files that contain a network."""
        if self.gguf is not None and part == "transformer":
            return [self.gguf.path]
        return sorted({path for path, _ in self._files.parts[part].values()})

    def tensors(self, part: Part) -> Iterator[TensorSize]:
        """Yield the sizes of a network's tensors, from the files' headers."""
        for path, names in by_file(self._files.parts[part]).items():
            with safetensors_file.opened(path) as file:
                for new, old in names.items():
                    held, packed = (
                        math.prod(file.get_slice(old).get_shape()),
                        self._files.quantized.get((path, old)),
                    )
                    yield (
                        new,
                        math.prod(packed.shape) if packed else held,
                        held if packed else WIDE_BYTES * held,
                    )


OpenedModel = FolderModel | FilesModel
"""A model on disk whose networks can be loaded one by one."""


def open_model(paths: ModelPaths) -> OpenedModel:
    """Return an inspected model, whose networks can be loaded.

    Raises:
        EngineUnavailable: The model is damaged, incomplete or of another family, or its text encoder is
            missing.
    """
    opened = FilesModel(paths) if paths.folder is None else FolderModel(paths, paths.folder)
    if opened.paths.text_encoder is None:
        raise _no_text_encoder(opened.paths, opened.family)
    return opened


def sizes_of(model: OpenedModel) -> ModelSizes:
    """Return a model's sizes from the headers of its files; no weights are read."""
    shape = model.config("transformer")
    blocks, bits, quantized = int(shape["num_layers"]), 16.0, 0
    if model.gguf is not None:
        transformer, bits = model.gguf.bytes, model.gguf.bits
        rest = transformer // (max(blocks, 1) + 1)
    else:
        tensors = list(model.tensors("transformer"))
        transformer = WIDE_BYTES * sum(weights for _, weights, _ in tensors)
        rest = WIDE_BYTES * sum(
            weights for name, weights, _ in tensors if not name.startswith("transformer_blocks.")
        )
        stored = sum(stored for _, _, stored in tensors)
        quantized = stored if stored < transformer else 0
    connectors, video_vae = (
        WIDE_BYTES * sum(weights for _, weights, _ in model.tensors(part))
        for part in ("connectors", "video_vae")
    )
    return ModelSizes(
        transformer=transformer,
        blocks=blocks,
        rest=rest,
        width=int(shape["num_attention_heads"]) * int(shape["attention_head_dim"]),
        text_encoder=_bytes(model.paths.text_encoder),
        connectors=connectors,
        video_vae=video_vae,
        upsampler=_bytes(model.paths.upsampler),
        bits=bits,
        quantized=quantized,
        gguf=model.gguf is not None,
    )


def profile_of(model: OpenedModel) -> Profile:
    """Return the profile of a model: its family's profile, overridden by values that the files state."""
    paths, shape = model.paths, model.config("transformer")
    profile = make_profile(model.family, paths.kind, name=paths.name, identity=_identity(model))
    blocks = int(shape["num_layers"])
    video_vae, audio_vae = model.config("video_vae"), model.config("audio_vae")
    stated = {
        "spatial_factor": video_vae.get("spatial_compression_ratio"),
        "audio_rate_hz": audio_vae.get("sample_rate"),
        "audio_hop": audio_vae.get("mel_hop_length"),
        "mel_bins": audio_vae.get("mel_bins"),
    }
    return replace(
        profile,
        tiny=blocks < TINY_BLOCKS,
        stg_blocks=profile.stg_blocks if max(profile.stg_blocks) < blocks else (blocks // 2,),
        **{name: value for name, value in stated.items() if value is not None},
    )


def upsampler_of(paths: ModelPaths, dtype: torch.dtype) -> torch.nn.Module:
    """Load the latent upsampler from a diffusers folder or an original file.

    Raises:
        EngineUnavailable: The file is damaged, or is not an upsampler.
    """
    assert paths.upsampler is not None  # noqa: S101 - asked for only where there is one
    if paths.upsampler.is_dir():
        return load_network(LTX2LatentUpsamplerModel, paths.upsampler, "latent upscaler", torch_dtype=dtype)
    with safetensors_file.repair_hint(f"fetch {paths.upsampler.name} again"):
        return load_upsampler(paths.upsampler, dtype)


def _bytes(place: Path | None) -> int:
    """Return the size in bytes of a file, or of all weight files in a folder; 0 if the path is None."""
    return sum(file.stat().st_size for file in _files(place))


def _files(place: Path | None) -> list[Path]:
    return [] if place is None else sorted(place.glob("*.safetensors")) if place.is_dir() else [place]


def _no_text_encoder(paths: ModelPaths, family: str) -> EngineUnavailable:
    named = next((model.name for model in models_of("text encoder", family)), "of LTX-2.5 in one file")
    return EngineUnavailable(
        f"{paths.name} needs the text encoder {named}, which is not on this machine",
        hint=f"run: {pull_command_for(family)}",
    )


def _lacks_projections(files: OriginalFiles) -> bool:
    """Return True if the connectors lack their projections, which LTX-2.5 keeps with the text encoder."""
    return not any("text_proj_in" in name for name in files.parts.get("connectors", {}))


def _identity(model: OpenedModel) -> str:
    """Return a hash that changes if a file of the text encoder or the connectors changes."""
    files = [*model.files("connectors"), *_files(model.paths.text_encoder)]
    return hashlib.sha256(repr(file_states(files)).encode()).hexdigest()[:32]


def file_states(files: Iterable[Path]) -> list[tuple[str, int, int]]:
    """Return path, size and modification time of each file, to notice later whether a file has changed."""
    return [(str(file.resolve()), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
