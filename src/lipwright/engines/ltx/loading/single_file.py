"""Models out of original files: renamed, configured, and every tensor accounted for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate import init_empty_weights
from diffusers import AutoencoderKLLTX2Audio, AutoencoderKLLTX2Video, LTX2VideoTransformer3DModel
from diffusers.pipelines.ltx2.connectors import LTX2TextConnectors
from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel
from diffusers.pipelines.ltx2.vocoder import LTX2VocoderWithBWE

from lipwright.engines.ltx.loading import safe
from lipwright.engines.ltx.loading.configs import config_of, version_of
from lipwright.engines.ltx.loading.profiles import family_of, model_data
from lipwright.engines.ltx.loading.state_dict_map import PARTS, Part, sort_keys
from lipwright.errors import EngineUnavailable

CLASSES: Mapping[Part, Any] = {
    "transformer": LTX2VideoTransformer3DModel,
    "connectors": LTX2TextConnectors,
    "video_vae": AutoencoderKLLTX2Video,
    "audio_vae": AutoencoderKLLTX2Audio,
    "vocoder": LTX2VocoderWithBWE,
}
SCALES = (
    "weight_scale",
    "weight_scale_2",
    "input_scale",
    "scale_weight",
    "scale_input",
    "scaled_fp8",
    "comfy_quant",
)
"""Last words of tensors that only files with scaled 8-bit or 4-bit weights have."""
NAMED_AT_MOST = 6
"""Tensors that an error names one by one."""


@dataclass(frozen=True, slots=True)
class OriginalFiles:
    """The parts of one model, found in one or several original files."""

    family: str
    parts: Mapping[Part, Mapping[str, tuple[Path, str]]]
    """For each part, diffusers name to the file and its name in there."""
    metadata: Mapping[str, Any]
    """What the files say of their configuration; the first to speak of a part is heard."""
    mend: str
    """Command or advice that brings whole files, for hints."""

    def config(self, part: Part) -> dict[str, Any]:
        """Configuration of a part for diffusers, with what only the tensors tell."""
        config = config_of(part, self.metadata, model_data(self.family)[part])
        return config | self._measured(config) if part == "connectors" else config

    def _measured(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Sizes that no configuration states: layers of the text encoder, registers."""
        names = self.parts.get("connectors", {})
        measured: dict[str, Any] = {}
        if (place := names.get("video_text_proj_in.weight")) is not None:
            measured["text_proj_in_factor"] = self._shape(place)[1] // config["caption_channels"]
        for kind in ("video", "audio"):
            if (place := names.get(f"{kind}_connector.learnable_registers")) is not None:
                measured[f"{kind}_connector_num_learnable_registers"] = self._shape(place)[0]
        return measured

    def _shape(self, place: tuple[Path, str]) -> list[int]:
        with safe.opened(place[0], mend=self.mend) as file:
            shape: list[int] = file.get_slice(place[1]).get_shape()
        return shape

    def load(self, part: Part, dtype: torch.dtype) -> torch.nn.Module:
        """One model, in evaluation mode, on the CPU.

        Args:
            part: Which.
            dtype: Of its parameters.

        Raises:
            EngineUnavailable: a tensor is missing, left over or of another shape; the file is cut short.
        """
        model = empty(CLASSES[part], self.config(part))
        places = self.parts.get(part, {})
        self.check(part, model, places)
        tensors: dict[str, torch.Tensor] = {}
        for path, names in _by_file(places).items():
            with safe.opened(path, mend=self.mend) as file:
                tensors |= {new: file.get_tensor(old).to(dtype) for new, old in names.items()}
        return fill(model, tensors)

    def check(self, part: Part, model: torch.nn.Module, names: Iterable[str]) -> None:
        """See that the names are exactly the model's, and the shapes its own.

        Raises:
            EngineUnavailable: naming those that are missing or left over.
        """
        account(part, expected_tensors(model), names, source=self.source(part), mend=self.mend)
        wanted = expected_tensors(model)
        for path, held in _by_file(self.parts.get(part, {})).items():
            with safe.opened(path, mend=self.mend) as file:
                for new, old in held.items():
                    shape = tuple(file.get_slice(old).get_shape())
                    if shape != tuple(wanted[new].shape):
                        raise EngineUnavailable(
                            f"{path.name}: {old} is {shape}, the {part} of LTX-{self.family} has "
                            f"{tuple(wanted[new].shape)}: another model",
                            hint=self.mend,
                        )

    def source(self, part: Part) -> str:
        """The files of a part, by name."""
        return ", ".join(sorted({path.name for path, _ in self.parts.get(part, {}).values()})) or "no file"


def read_original(paths: Iterable[Path], beside: Iterable[Path] = (), *, mend: str) -> OriginalFiles:
    """Look into original files without reading a weight.

    Args:
        paths: One whole checkpoint, or the files of one model split by part.
        beside: Files that may hold parts which the others lack; those of other models are passed over.
        mend: Command or advice that brings whole files, for hints.

    Raises:
        EngineUnavailable: no LTX-2 model, another generation, a tensor that belongs nowhere, or one that
            two files hold.
    """
    parts: dict[Part, dict[str, tuple[Path, str]]] = {}
    metadata: dict[str, Any] = {}
    version: tuple[int, ...] = ()
    paths, beside = list(paths), list(beside)
    given: set[Part] = set()
    for path in (*paths, *beside):
        keys, header = safe.keys_and_header(path, mend=mend)
        found, strangers = sort_keys(keys)
        if path in beside:
            found = {part: names for part, names in found.items() if part not in given}
            if not found:
                continue
        else:
            given.update(found)
        _refuse_strangers(path, keys, found, strangers, mend)
        for part, names in found.items():
            known = parts.setdefault(part, {})
            if twice := sorted(known.keys() & names.keys()):
                raise EngineUnavailable(
                    f"{known[twice[0]][0].name} and {path.name} both hold {twice[0]} of the {part}",
                    hint="keep the files of one model in its folder, and no others",
                )
            known.update({new: (path, old) for new, old in names.items()})
        metadata = {**safe.configuration(header, path), **metadata}
        version = max(version, version_of(header))
    family = _family(version, parts, [*paths, *beside], mend)
    return OriginalFiles(family, parts, metadata, mend)


def read_upsampler(path: Path, *, mend: str) -> tuple[dict[str, Any], list[str]]:
    """Configuration and tensor names of a latent upsampler's file.

    Raises:
        EngineUnavailable: it is none.
    """
    keys, header = safe.keys_and_header(path, mend=mend)
    if "initial_conv.weight" not in keys or "final_conv.weight" not in keys:
        raise EngineUnavailable(f"{path.name} is no latent upscaler of LTX-2", hint=mend)
    given = safe.configuration(header, path)
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
    told = {new: given[old] for old, new in names.items() if old in given}
    config = {**model_data("2.3")["latent_upsampler"], **told}
    if (
        not config["spatial_upsample"]
        or config["temporal_upsample"]
        or config["rational_spatial_scale"] != 2.0
    ):
        raise EngineUnavailable(
            f"{path.name} does not double width and height; the second stage needs the x2 spatial upscaler",
            hint=mend,
        )
    return config, keys


def load_upsampler(path: Path, dtype: torch.dtype, *, mend: str) -> torch.nn.Module:
    """A latent upsampler from an original file; diffusers gives it the same names.

    Raises:
        EngineUnavailable: no such model, or a tensor missing or left over.
    """
    config, keys = read_upsampler(path, mend=mend)
    model = empty(LTX2LatentUpsamplerModel, config)
    account("latent upscaler", expected_tensors(model), keys, source=path.name, mend=mend)
    with safe.opened(path, mend=mend) as file:
        return fill(model, {key: file.get_tensor(key).to(dtype) for key in keys})


def empty(cls: Any, config: Mapping[str, Any]) -> torch.nn.Module:  # noqa: ANN401 - a diffusers class
    """A model without weights: parameters on the meta device, buffers made."""
    with init_empty_weights():
        model: torch.nn.Module = cls.from_config(dict(config))
    return model


def expected_tensors(model: torch.nn.Module) -> Mapping[str, torch.Tensor]:
    """What a file of that model holds, by name."""
    return model.state_dict()


def fill(model: torch.nn.Module, tensors: Mapping[str, torch.Tensor]) -> torch.nn.Module:
    """Put the tensors in place; the model comes back in evaluation mode, without gradients."""
    model.load_state_dict(dict(tensors), strict=True, assign=True)
    return model.eval().requires_grad_(requires_grad=False)


def account(what: str, expected: Iterable[str], came: Iterable[str], *, source: str, mend: str) -> None:
    """See that two sets of tensor names are one.

    Raises:
        EngineUnavailable: naming what is missing and what is left over.
    """
    wanted, given = set(expected), set(came)
    missing, left = sorted(wanted - given), sorted(given - wanted)
    if not missing and not left:
        return
    told = [f"{len(missing)} missing: {_some(missing)}"] if missing else []
    told += [f"{len(left)} left over: {_some(left)}"] if left else []
    raise EngineUnavailable(
        f"{source}: of the {len(wanted)} tensors of the {what}, {'; '.join(told)}", hint=mend
    )


def _some(names: list[str]) -> str:
    rest = len(names) - NAMED_AT_MOST
    return ", ".join(names[:NAMED_AT_MOST]) + (f" and {rest} more" if rest > 0 else "")


def _by_file(places: Mapping[str, tuple[Path, str]]) -> dict[Path, dict[str, str]]:
    files: dict[Path, dict[str, str]] = {}
    for new, (path, old) in places.items():
        files.setdefault(path, {})[new] = old
    return files


def _refuse_strangers(
    path: Path, keys: list[str], found: Mapping[Part, Any], strangers: list[str], mend: str
) -> None:
    scales = [key for key in keys if key.endswith(SCALES)]
    if scales:
        raise EngineUnavailable(
            f"{path.name} holds scaled 8-bit weights ({len(scales)} tensors such as {scales[0]}), "
            "which diffusers' classes cannot take",
            hint="use the bf16 file: --memory fp8 makes 8 bits of it while it loads",
        )
    if not found:
        raise EngineUnavailable(
            f"{path.name} is no LTX-2 model: tensors such as {_some(sorted(keys)[:2])}",
            hint=mend,
        )
    if strangers:
        raise EngineUnavailable(
            f"{path.name}: {len(strangers)} tensors belong to no part of LTX-2.3: {_some(sorted(strangers))}",
            hint=mend,
        )


def _family(
    version: tuple[int, ...], parts: Mapping[Part, Mapping[str, Any]], paths: list[Path], mend: str
) -> str:
    """By the version declared, else by the tensors that tell the generations apart."""
    names = ", ".join(path.name for path in paths)
    if version:
        family = family_of(version)
        if family is None:
            raise EngineUnavailable(
                f"{names} is LTX {'.'.join(map(str, version))}; this engine runs LTX-2.3 and 2.5", hint=mend
            )
        return family
    transformer = parts.get("transformer", {})
    if transformer and "prompt_adaln.linear.weight" not in transformer:
        raise EngineUnavailable(
            f"{names} is an older LTX model, without prompt_adaln_single; this engine runs LTX-2.3 and 2.5",
            hint=mend,
        )
    return "2.5" if "keyframes_abs_pos_embedding" in transformer else "2.3"


def missing_parts(files: OriginalFiles) -> list[Part]:
    """Parts that a render needs and the files do not hold: all but the vocoder, whose audio is never used."""
    return [part for part in PARTS if part != "vocoder" and not files.parts.get(part)]
