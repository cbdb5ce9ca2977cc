"""Load networks from original files, with every tensor accounted for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from accelerate import init_empty_weights
from diffusers import AutoencoderKLLTX2Audio, AutoencoderKLLTX2Video, LTX2VideoTransformer3DModel
from diffusers.pipelines.ltx2.connectors import LTX2TextConnectors
from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel

from lipwright.engines.ltx.loading import safetensors_file
from lipwright.engines.ltx.loading.configs import config_of, version_of
from lipwright.engines.ltx.loading.scaled_weights import (
    ScaledLinear,
    check_scales,
    dequantize,
    split_scales,
)
from lipwright.engines.ltx.loading.state_dict_map import PARTS, Part, sort_keys
from lipwright.engines.ltx.profile import family_of, model_data
from lipwright.errors import EngineUnavailable

CLASSES: Mapping[Part, Any] = {
    "transformer": LTX2VideoTransformer3DModel,
    "connectors": LTX2TextConnectors,
    "video_vae": AutoencoderKLLTX2Video,
    "audio_vae": AutoencoderKLLTX2Audio,
}
NAMED_AT_MOST = 6
"""Tensors that an error message names at most."""


@dataclass(frozen=True, slots=True)
class OriginalFiles:
    """The networks of one model, in one or several original files."""

    family: str
    parts: Mapping[Part, Mapping[str, tuple[Path, str]]]
    """For each network, diffusers name to the file and the name in it."""
    metadata: Mapping[str, Any]
    """Configuration in the files' metadata; where several have a key, the first file's counts."""
    repair_hint: str
    """Hint of errors: how to get complete files."""
    scales: Mapping[Part, Mapping[str, tuple[Path, str]]] = field(default_factory=dict)
    """For each network, diffusers name of a weight in 8 bits to the place of its scale."""

    def config(self, part: Part) -> dict[str, Any]:
        """Diffusers' configuration of a network, sizes that only the tensors tell included."""
        config = config_of(part, self.metadata, model_data(self.family)[part])
        return config | self._measured(config) if part == "connectors" else config

    def _measured(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Sizes of the connectors that no configuration has: layers of the text encoder, registers."""
        names = self.parts.get("connectors", {})
        measured: dict[str, Any] = {}
        if (place := names.get("video_text_proj_in.weight")) is not None:
            measured["text_proj_in_factor"] = self._shape(place)[1] // config["caption_channels"]
        for kind in ("video", "audio"):
            if (place := names.get(f"{kind}_connector.learnable_registers")) is not None:
                measured[f"{kind}_connector_num_learnable_registers"] = self._shape(place)[0]
        return measured

    def _shape(self, place: tuple[Path, str]) -> list[int]:
        with safetensors_file.opened(place[0], repair_hint=self.repair_hint) as file:
            shape: list[int] = file.get_slice(place[1]).get_shape()
        return shape

    def load(self, part: Part, dtype: torch.dtype, *, keep_8_bits: bool = False) -> torch.nn.Module:
        """Load one network, in evaluation mode, on the CPU.

        Args:
            part: The network.
            dtype: Type of its parameters.
            keep_8_bits: Leave scaled weights in 8 bits where a linear layer can dequantize them.

        Raises:
            EngineUnavailable: A tensor is missing, unexpected or of another shape; the file is truncated.
        """
        model = empty(CLASSES[part], self.config(part))
        places = self.parts.get(part, {})
        self.check(part, model, places)
        scales = self.scales.get(part, {})
        linear = {
            f"{name}.weight": layer
            for name, layer in model.named_modules()
            if keep_8_bits and isinstance(layer, torch.nn.Linear)
        }
        tensors: dict[str, torch.Tensor] = {}
        kept: dict[str, torch.Tensor] = {}
        for path, names in _by_file(places).items():
            with safetensors_file.opened(path, repair_hint=self.repair_hint) as file:
                for new, old in names.items():
                    tensor = file.get_tensor(old)
                    if new not in scales:
                        tensors[new] = tensor.to(dtype)
                        continue
                    scale = file.get_tensor(scales[new][1])
                    if new in linear:
                        tensors[new], kept[new] = tensor, scale
                    else:
                        tensors[new] = dequantize(tensor, scale).to(dtype)
        fill(model, tensors)
        for new, scale in kept.items():
            ScaledLinear.convert(linear[new], scale)
        return model

    def check(self, part: Part, model: torch.nn.Module, names: Iterable[str]) -> None:
        """Check that names and shapes are exactly those of the network.

        Raises:
            EngineUnavailable: They are not; it names the tensors.
        """
        check_names(
            part, expected_tensors(model), names, source=self.source(part), repair_hint=self.repair_hint
        )
        wanted = expected_tensors(model)
        for path, held in _by_file(self.parts.get(part, {})).items():
            with safetensors_file.opened(path, repair_hint=self.repair_hint) as file:
                for new, old in held.items():
                    shape = tuple(file.get_slice(old).get_shape())
                    if shape != tuple(wanted[new].shape):
                        raise EngineUnavailable(
                            f"{path.name}: {old} is {shape}, the {part} of LTX-{self.family} has "
                            f"{tuple(wanted[new].shape)}: another model",
                            hint=self.repair_hint,
                        )

    def source(self, part: Part) -> str:
        """Names of the files that hold a network."""
        return ", ".join(sorted({path.name for path, _ in self.parts.get(part, {}).values()})) or "no file"


def read_original(paths: Iterable[Path], beside: Iterable[Path] = (), *, repair_hint: str) -> OriginalFiles:
    """Inspect original files without reading weights.

    Args:
        paths: A whole checkpoint, or the files of a model that is split by network.
        beside: Files that may hold networks which the others lack; files of other models are ignored.
        repair_hint: Hint of errors: how to get complete files.

    Raises:
        EngineUnavailable: Not an LTX-2 model, another generation, a tensor that belongs to no network, or
            one that is in two files.
    """
    parts: dict[Part, dict[str, tuple[Path, str]]] = {}
    scales: dict[Part, dict[str, tuple[Path, str]]] = {}
    metadata: dict[str, Any] = {}
    version: tuple[int, ...] = ()
    paths, beside = list(paths), list(beside)
    given: set[Part] = set()
    for path in (*paths, *beside):
        keys, header = safetensors_file.keys_and_header(path, repair_hint=repair_hint)
        plain, scale_names, descriptions = split_scales(path, keys)
        found, unknown = sort_keys(plain)
        if path in beside:
            found = {part: names for part, names in found.items() if part not in given}
            if not found:
                continue
        else:
            given.update(found)
        _refuse_unknown(path, plain, found, unknown, repair_hint)
        if scale_names or descriptions:
            with safetensors_file.opened(path, repair_hint=repair_hint) as file:
                check_scales(path, file, scale_names, plain, descriptions)
        for part, names in found.items():
            known = parts.setdefault(part, {})
            if twice := sorted(known.keys() & names.keys()):
                raise EngineUnavailable(
                    f"{known[twice[0]][0].name} and {path.name} both hold {twice[0]} of the {part}",
                    hint="keep the files of one model in its folder, and no others",
                )
            known.update({new: (path, old) for new, old in names.items()})
            scaled = {new: (path, scale_names[old]) for new, old in names.items() if old in scale_names}
            scales.setdefault(part, {}).update(scaled)
        metadata = {**safetensors_file.configuration(header, path), **metadata}
        version = max(version, version_of(header))
    family = _family(version, parts, [*paths, *beside], repair_hint)
    return OriginalFiles(family, parts, metadata, repair_hint, scales)


def read_upsampler(path: Path, *, repair_hint: str) -> tuple[dict[str, Any], list[str]]:
    """Read configuration and tensor names of a latent upsampler's file.

    Raises:
        EngineUnavailable: It is not a latent upsampler that doubles width and height.
    """
    keys, header = safetensors_file.keys_and_header(path, repair_hint=repair_hint)
    if "initial_conv.weight" not in keys or "final_conv.weight" not in keys:
        raise EngineUnavailable(f"{path.name} is not a latent upscaler of LTX-2", hint=repair_hint)
    given = safetensors_file.configuration(header, path)
    names = {
        "in_channels": "in_channels",
        "mid_channels": "mid_channels",
        "num_blocks_per_stage": "num_blocks_per_stage",
        "dims": "dims",
        "spatial_upsample": "spatial_upsample",
        "temporal_upsample": "temporal_upsample",
        "spatial_scale": "rational_spatial_scale",
        "rational_resampler": "use_rational_resampler",
    }
    found = {new: given[old] for old, new in names.items() if old in given}
    config = {**model_data("2.3")["latent_upsampler"], **found}
    if (
        not config["spatial_upsample"]
        or config["temporal_upsample"]
        or config["rational_spatial_scale"] != 2.0
    ):
        raise EngineUnavailable(
            f"{path.name} does not double width and height; the second stage needs the x2 spatial upscaler",
            hint=repair_hint,
        )
    return config, keys


def load_upsampler(path: Path, dtype: torch.dtype, *, repair_hint: str) -> torch.nn.Module:
    """Load a latent upsampler from an original file; its names are those of diffusers.

    Raises:
        EngineUnavailable: Not a latent upsampler, or a tensor is missing or unexpected.
    """
    config, keys = read_upsampler(path, repair_hint=repair_hint)
    model = empty(LTX2LatentUpsamplerModel, config)
    check_names("latent upscaler", expected_tensors(model), keys, source=path.name, repair_hint=repair_hint)
    with safetensors_file.opened(path, repair_hint=repair_hint) as file:
        return fill(model, {key: file.get_tensor(key).to(dtype) for key in keys})


def empty(cls: Any, config: Mapping[str, Any]) -> torch.nn.Module:  # noqa: ANN401 - a diffusers class
    """Make a network without weights: parameters on the meta device, buffers in memory."""
    with init_empty_weights():
        model: torch.nn.Module = cls.from_config(dict(config))
    return model


def expected_tensors(model: torch.nn.Module) -> Mapping[str, torch.Tensor]:
    """The tensors that a file of that network holds, by name."""
    return model.state_dict()


def fill(model: torch.nn.Module, tensors: Mapping[str, torch.Tensor]) -> torch.nn.Module:
    """Load tensors into a network, and return it in evaluation mode without gradients."""
    model.requires_grad_(requires_grad=False)  # first: weights in integers cannot require gradients
    model.load_state_dict(dict(tensors), strict=True, assign=True)
    return model.eval()


def check_names(
    what: str, expected: Iterable[str], came: Iterable[str], *, source: str, repair_hint: str
) -> None:
    """Check that two sets of tensor names are equal.

    Raises:
        EngineUnavailable: They are not; it names what is missing and what is unexpected.
    """
    wanted, given = set(expected), set(came)
    missing, left = sorted(wanted - given), sorted(given - wanted)
    if not missing and not left:
        return
    found = [f"{len(missing)} missing: {_some(missing)}"] if missing else []
    found += [f"{len(left)} unexpected: {_some(left)}"] if left else []
    raise EngineUnavailable(
        f"{source}: of the {len(wanted)} tensors of the {what}, {'; '.join(found)}", hint=repair_hint
    )


def _some(names: list[str]) -> str:
    rest = len(names) - NAMED_AT_MOST
    return ", ".join(names[:NAMED_AT_MOST]) + (f" and {rest} more" if rest > 0 else "")


def _by_file(places: Mapping[str, tuple[Path, str]]) -> dict[Path, dict[str, str]]:
    files: dict[Path, dict[str, str]] = {}
    for new, (path, old) in places.items():
        files.setdefault(path, {})[new] = old
    return files


def _refuse_unknown(
    path: Path, keys: list[str], found: Mapping[Part, Any], unknown: list[str], repair_hint: str
) -> None:
    if not found:
        raise EngineUnavailable(
            f"{path.name} is not an LTX-2 model: it has tensors such as {_some(sorted(keys)[:2])}",
            hint=repair_hint,
        )
    if unknown:
        raise EngineUnavailable(
            f"{path.name}: {len(unknown)} tensors belong to no network of LTX-2.3: {_some(sorted(unknown))}",
            hint=repair_hint,
        )


def _family(
    version: tuple[int, ...], parts: Mapping[Part, Mapping[str, Any]], paths: list[Path], repair_hint: str
) -> str:
    """The family by the declared version, else by tensors that only one generation has."""
    names = ", ".join(path.name for path in paths)
    if version:
        family = family_of(version)
        if family is None:
            raise EngineUnavailable(
                f"{names} is LTX {'.'.join(map(str, version))}; this engine runs LTX-2.3 and 2.5",
                hint=repair_hint,
            )
        return family
    transformer = parts.get("transformer", {})
    if transformer and "prompt_adaln.linear.weight" not in transformer:
        raise EngineUnavailable(
            f"{names} is an older LTX model, without prompt_adaln_single; this engine runs LTX-2.3 and 2.5",
            hint=repair_hint,
        )
    return "2.5" if "keyframes_abs_pos_embedding" in transformer else "2.3"


def missing_parts(files: OriginalFiles) -> list[Part]:
    """Networks that the files do not hold."""
    return [part for part in PARTS if not files.parts.get(part)]
