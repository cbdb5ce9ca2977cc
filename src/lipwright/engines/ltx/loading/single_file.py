"""Loading networks from original files, with a check of every tensor."""

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

from lipwright.domain.text import list_some
from lipwright.engines.ltx.loading import safetensors_file
from lipwright.engines.ltx.loading.configs import config_of, text_encoder_version_of, version_of
from lipwright.engines.ltx.loading.quantization import QuantizedWeight, read_quantization
from lipwright.engines.ltx.loading.quantized_linear import QuantizedLinear, read_packed
from lipwright.engines.ltx.loading.resolve import is_of_family
from lipwright.engines.ltx.loading.state_dict_map import PARTS, Part, sort_keys, text_encoder_keys
from lipwright.engines.ltx.profile import family_of, network_configs
from lipwright.errors import EngineUnavailable

CLASSES: Mapping[Part, Any] = {
    "transformer": LTX2VideoTransformer3DModel,
    "connectors": LTX2TextConnectors,
    "video_vae": AutoencoderKLLTX2Video,
    "audio_vae": AutoencoderKLLTX2Audio,
}
CONVOLUTIONAL_VAE = "CausalVideoAutoencoder"
"""ltx-core's name of the video VAE that diffusers implements; other VAEs have a diffusion decoder."""
MAX_BLOCKS = 1000
"""Maximum number of layers in an entry of a configuration, such as num_layers. No model has more, and a
damaged configuration with far more layers would take hours to build."""

TensorLocation = tuple[Path, str]
"""A file, and the name of a tensor in this file."""


@dataclass(frozen=True, slots=True)
class OriginalFiles:
    """The networks of a model, in one or several original files."""

    family: str
    parts: Mapping[Part, Mapping[str, TensorLocation]]
    """File and original name of each tensor, by network and by diffusers' name."""
    metadata: Mapping[str, Any]
    """Configuration in the files' metadata; for a key that several files have, the value in the first
    file."""
    quantized: Mapping[TensorLocation, QuantizedWeight] = field(default_factory=dict)
    """The weights in 8 or 4 bits, by file and tensor."""
    text_encoder_version: str | None = None
    """Version of the text encoder with which the transformer was trained; None if no file states it."""

    def config(self, part: Part) -> dict[str, Any]:
        """Return diffusers' configuration of a network, with sizes that are taken from the tensors.

        Raises:
            EngineUnavailable: The configuration in the metadata is damaged, or describes another network.
        """
        try:
            config = config_of(part, self.metadata, network_configs(self.family)[part])
            return config | self._measured(config) if part == "connectors" else config
        except (AttributeError, IndexError, KeyError, TypeError, ValueError, ZeroDivisionError) as error:
            raise self._no_configuration(part, error) from error

    def _measured(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Return the connector sizes that no configuration states; they follow from tensor shapes.

        These sizes are the number of text encoder layers that the connectors read, and the number of
        learnable registers of each connector.
        """
        names = self.parts.get("connectors", {})
        measured: dict[str, Any] = {}
        if (location := names.get("video_text_proj_in.weight")) is not None:
            measured["text_proj_in_factor"] = self.shape(location)[1] // config["caption_channels"]
        for kind in ("video", "audio"):
            if (location := names.get(f"{kind}_connector.learnable_registers")) is not None:
                measured[f"{kind}_connector_num_learnable_registers"] = self.shape(location)[0]
        return measured

    def shape(self, location: TensorLocation) -> tuple[int, ...]:
        """Return the shape of a tensor; for a quantized weight, the shape of the unpacked weight."""
        if (quantized := self.quantized.get(location)) is not None:
            return quantized.shape
        with safetensors_file.opened(location[0]) as file:
            return tuple(file.get_slice(location[1]).get_shape())

    def network(self, part: Part) -> torch.nn.Module:
        """Return a network without weights, after checking that it has exactly the tensors of the files.

        Raises:
            EngineUnavailable: A tensor is missing, unexpected or of another shape; the message names the
                tensors.
        """
        config, locations = self.config(part), self.parts.get(part, {})
        if most := [number for number in _integers(config, "layers") if number > MAX_BLOCKS]:
            raise self._no_configuration(part, ValueError(f"{most[0]} layers"))
        try:
            model = empty(CLASSES[part], config)
        except (AttributeError, TypeError, ValueError, RuntimeError, ZeroDivisionError) as error:
            raise self._no_configuration(part, error) from error
        check_tensors(f"{part} of LTX-{self.family}", model.state_dict(), locations, self.quantized)
        return model

    def load(self, part: Part, dtype: torch.dtype, *, keep_quantized: bool = False) -> torch.nn.Module:
        """Load a network on the CPU, in evaluation mode.

        With `keep_quantized`, quantized linear layers stay quantized.

        Raises:
            EngineUnavailable: A tensor is missing, unexpected or of another shape, or a file is truncated.
        """
        model, locations = self.network(part), self.parts.get(part, {})
        return read_weights(model, locations, self.quantized, dtype, keep_quantized=keep_quantized)

    def _no_configuration(self, part: Part, error: Exception) -> EngineUnavailable:
        reason = safetensors_file.reason_of(error)
        return EngineUnavailable(
            f"{_file_names(self.parts.get(part, {}))}: the configuration in the metadata is not valid for "
            f"the {part} of LTX-2 ({reason})"
        )


def read_weights(
    model: torch.nn.Module,
    locations: Mapping[str, TensorLocation],
    quantized: Mapping[TensorLocation, QuantizedWeight],
    dtype: torch.dtype,
    *,
    keep_quantized: bool,
) -> torch.nn.Module:
    """Read the weights of a network after their names and shapes were checked.

    With `keep_quantized`, quantized linear layers stay quantized.
    """
    linear = {
        f"{name}.weight": layer
        for name, layer in model.named_modules()
        if keep_quantized and isinstance(layer, torch.nn.Linear)
    }
    shapes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    tensors: dict[str, torch.Tensor] = {}
    for path, names in by_file(locations).items():
        with safetensors_file.opened(path) as file:
            for new, old in names.items():
                if (weight := quantized.get((path, old))) is None:
                    tensor = file.get_tensor(old)
                    tensors[new] = tensor.to(dtype) if tensor.is_floating_point() else tensor
                    continue
                packed = read_packed(file, weight, shapes[new])
                if new in linear:
                    QuantizedLinear.convert(linear[new], packed)
                    tensors[new] = packed.weight
                else:
                    tensors[new] = packed.dequantize().to(dtype)
    return fill(model, tensors)


@dataclass(frozen=True, slots=True)
class _Header:
    """The information in the header of an original file."""

    path: Path
    parts: Mapping[Part, Mapping[str, str]]
    unknown: list[str]
    quantized: Mapping[str, QuantizedWeight]
    config: Mapping[str, Any]
    version: tuple[int, ...]
    text_encoder_version: str | None

    @property
    def has_diffusion_decoder(self) -> bool:
        """True if the file has a video VAE that decodes by diffusion, which is not supported."""
        vae = self.config.get("vae")
        named = vae.get("_class_name", CONVOLUTIONAL_VAE) if isinstance(vae, Mapping) else CONVOLUTIONAL_VAE
        return "video_vae" in self.parts and named != CONVOLUTIONAL_VAE


def read_original(paths: Iterable[Path], companions: Iterable[Path] = ()) -> OriginalFiles:
    """Inspect original files without reading their weights.

    Args:
        paths: The file of a whole checkpoint, or the files of a model that is split by network.
        companions: Further files that may contain missing networks, such as the text encoder; files of
            other models are ignored.

    Raises:
        EngineUnavailable: The files are not a model of LTX-2.3 or 2.5, the video VAE has a diffusion decoder,
            or a tensor belongs to no network or is in two files.
    """
    given = [_read_header(path) for path in paths]
    for header in given:
        _refuse_unknown(header)
    offered = [_read_header(path) for path in companions]
    here: list[tuple[_Header, dict[Part, Mapping[str, str]]]] = [(one, dict(one.parts)) for one in given]
    family = _family(given or offered)
    for part in PARTS:
        known = {name for header in given for name in header.parts.get(part, {})}
        # The projections of the connectors may be in the text encoder's file.
        if known and part != "connectors":
            continue
        offers = [one for one in offered if set(one.parts.get(part, {})) - known and _fits(one, family)]
        if any(not one.has_diffusion_decoder for one in offers):
            offers = [one for one in offers if part != "video_vae" or not one.has_diffusion_decoder]
        for one in offers:
            _refuse_unknown(one)
            here.append((one, {part: {n: o for n, o in one.parts[part].items() if n not in known}}))
    parts: dict[Part, dict[str, TensorLocation]] = {}
    quantized: dict[TensorLocation, QuantizedWeight] = {}
    for header, held in here:
        if "video_vae" in held and header.has_diffusion_decoder:
            raise EngineUnavailable(
                f"{header.path.name} is a video VAE with a diffusion decoder, which this engine cannot run",
                hint="use the convolutional VAE of the same model, whose name contains video-vae-conv",
            )
        for part, names in held.items():
            locations = parts.setdefault(part, {})
            if twice := sorted(locations.keys() & names.keys()):
                raise EngineUnavailable(
                    f"{locations[twice[0]][0].name} and {header.path.name} both contain {twice[0]} of the "
                    f"{part}",
                    hint="keep only the files of one model in a folder",
                )
            locations.update({new: (header.path, old) for new, old in names.items()})
        quantized.update({(header.path, old): weight for old, weight in header.quantized.items()})
    return OriginalFiles(
        family=family,
        parts=parts,
        metadata={key: value for one, _ in reversed(here) for key, value in one.config.items()},
        quantized=quantized,
        text_encoder_version=next(
            (one.text_encoder_version for one in given if one.text_encoder_version), None
        ),
    )


def _read_header(path: Path) -> _Header:
    with safetensors_file.opened(path) as file:
        keys, header = list(file.keys()), dict(file.metadata() or {})
        own = text_encoder_keys(header, keys)
        plain, quantized = read_quantization(path, file, [key for key in keys if key not in own])
        parts, unknown = sort_keys(plain)
        return _Header(
            path=path,
            parts=parts,
            unknown=unknown,
            quantized=quantized,
            config=safetensors_file.configuration(header, path),
            version=version_of(header),
            text_encoder_version=text_encoder_version_of(header),
        )


def _fits(header: _Header, family: str) -> bool:
    return family_of(header.version) == family if header.version else is_of_family(header.path.name, family)


def load_upsampler(path: Path, dtype: torch.dtype) -> torch.nn.Module:
    """Load a latent upsampler from an original file, which already has diffusers' names.

    Raises:
        EngineUnavailable: The upsampler does not double width and height, or a tensor is missing or
            unexpected.
    """
    with safetensors_file.opened(path) as file:
        keys, given = list(file.keys()), safetensors_file.configuration(file.metadata() or {}, path)
    if "initial_conv.weight" not in keys or "final_conv.weight" not in keys:
        raise EngineUnavailable(f"{path.name} is not a latent upscaler of LTX-2")
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
    config = {**network_configs("2.3")["latent_upsampler"], **found}
    if (
        not config["spatial_upsample"]
        or config["temporal_upsample"]
        or config["rational_spatial_scale"] != 2.0
    ):
        raise EngineUnavailable(
            f"{path.name} does not double width and height; the second stage needs the spatial upscaler x2",
        )
    model = empty(LTX2LatentUpsamplerModel, config)
    check_names("latent upscaler", model.state_dict(), keys, source=path.name)
    with safetensors_file.opened(path) as file:
        return fill(model, {key: file.get_tensor(key).to(dtype) for key in keys})


def empty(cls: Any, config: Mapping[str, Any]) -> torch.nn.Module:  # noqa: ANN401 - a diffusers class
    """Make a network without weights, with parameters on the meta device and buffers in memory."""
    with init_empty_weights():
        model: torch.nn.Module = cls.from_config(dict(config))
    return model


def fill(model: torch.nn.Module, tensors: Mapping[str, torch.Tensor]) -> torch.nn.Module:
    """Load tensors into a network, and return it in evaluation mode without gradients."""
    # Set before loading, because integer weights cannot require gradients.
    model.requires_grad_(requires_grad=False)
    model.load_state_dict(dict(tensors), strict=True, assign=True)
    return model.eval()


def check_names(what: str, expected: Iterable[str], came: Iterable[str], *, source: str) -> None:
    """Check that two sets of tensor names are equal.

    Raises:
        EngineUnavailable: The names differ; the message lists missing and unexpected tensors.
    """
    wanted, given = set(expected), set(came)
    missing, left = sorted(wanted - given), sorted(given - wanted)
    if not missing and not left:
        return
    found = [f"{len(missing)} missing: {list_some(missing)}"] if missing else []
    found += [f"{len(left)} unexpected: {list_some(left)}"] if left else []
    raise EngineUnavailable(f"{source}: expected the {len(wanted)} tensors of the {what}; {'; '.join(found)}")


def check_tensors(
    what: str,
    expected: Mapping[str, torch.Tensor],
    locations: Mapping[str, TensorLocation],
    quantized: Mapping[TensorLocation, QuantizedWeight],
) -> None:
    """Check that files contain exactly the tensors of a network, in the right shapes.

    Raises:
        EngineUnavailable: A tensor is missing, unexpected or of another shape; the message names the tensor.
    """
    check_names(what, expected, locations, source=_file_names(locations))
    for path, names in by_file(locations).items():
        with safetensors_file.opened(path) as file:
            for new, old in names.items():
                packed, shape = quantized.get((path, old)), tuple(expected[new].shape)
                came = packed.shape if packed else tuple(file.get_slice(old).get_shape())
                if came != shape and not (packed and packed.stands_for(shape)):
                    raise EngineUnavailable(
                        f"{path.name} belongs to another model: {old} has the shape {came}, but the {what} "
                        f"needs {shape}"
                    )


def _file_names(locations: Mapping[str, TensorLocation]) -> str:
    return ", ".join(sorted({path.name for path, _ in locations.values()})) or "no file"


def by_file(locations: Mapping[str, TensorLocation]) -> dict[Path, dict[str, str]]:
    """Group tensors by file.

    Returns:
        For each file, the original names of its tensors, keyed by their names in the network.
    """
    files: dict[Path, dict[str, str]] = {}
    for new, (path, old) in locations.items():
        files.setdefault(path, {})[new] = old
    return files


def _integers(value: object, key: str) -> list[int]:
    """Return all integers in a configuration under keys whose names contain `key`."""
    if isinstance(value, Mapping):
        return [number for name, inner in value.items() if key in name for number in _integers(inner, key)]
    if isinstance(value, list | tuple):
        return [number for inner in value for number in _integers(inner, key)]
    return [value] if isinstance(value, int) else []


def _refuse_unknown(header: _Header) -> None:
    if not header.parts:
        some = list_some(sorted(header.unknown)[:2]) or "none"
        raise EngineUnavailable(f"{header.path.name} is not an LTX-2 model: it has tensors such as {some}")
    if header.unknown:
        raise EngineUnavailable(
            f"{header.path.name} has {len(header.unknown)} tensors that belong to no network of LTX-2: "
            f"{list_some(sorted(header.unknown))}",
        )


def _family(headers: list[_Header]) -> str:
    """Return the model family from the declared version, or from tensor names if no version is declared."""
    names = ", ".join(header.path.name for header in headers)
    if version := max((header.version for header in headers), default=()):
        family = family_of(version)
        if family is None:
            raise EngineUnavailable(
                f"{names} is LTX {'.'.join(map(str, version))}; this engine runs LTX-2.3 and 2.5",
            )
        return family
    transformer = {name for header in headers for name in header.parts.get("transformer", {})}
    if transformer and "prompt_adaln.linear.weight" not in transformer:
        raise EngineUnavailable(
            f"{names} is an older LTX model, without prompt_adaln_single; this engine runs LTX-2.3 and 2.5",
        )
    return "2.5" if "keyframes_abs_pos_embedding" in transformer else "2.3"


def missing_parts(files: OriginalFiles) -> list[Part]:
    """Return the networks that are missing in the files."""
    return [part for part in PARTS if not files.parts.get(part)]
