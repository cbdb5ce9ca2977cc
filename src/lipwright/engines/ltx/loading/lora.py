"""LoRA adapters with original or diffusers' names, each with its own strength and stage.

A layer with weight W and the adapter's factors B and A becomes W + strength * (alpha / rank) * B A. The
product is added while the weights are in 16 bits on the CPU, so that every memory mode is possible. Nothing
can be added to the packed weights of GGUF files, so peft keeps adapters next to these weights.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from lipwright.domain.text import list_some
from lipwright.engines.ltx.loading import safetensors_file
from lipwright.engines.ltx.loading.quantized_linear import QuantizedLinear
from lipwright.engines.ltx.loading.state_dict_map import (
    bare_transformer_name,
    connector_name,
    is_connector,
    original_layers,
)
from lipwright.errors import EngineUnavailable

_SPELLING = re.compile(r"(.+?)(?::([-+]?(?:\d+(?:\.\d*)?|\.\d+)))?(?:@([12]))?")
_PIECE = re.compile(r"(.+)\.(lora_A|lora_B|lora_down|lora_up|alpha)(?:\.[\w-]+)?(?:\.weight)?")
_OTHER_KINDS = {
    "dora_scale": "a DoRA",
    "lokr_w": "a LoKr",
    "hada_w": "a LoHa",
    "oft_": "an OFT",
    "boft_": "a BOFT",
    "ia3_": "an IA3",
    "lora_mid": "a LoCon with a middle part",
}
"""Kinds of adapters that are not LoRAs. (A LoRA is a product of two small matrices.) Each key is the
beginning of one of the dot-separated parts of a tensor name."""
KOHYA = "lora_unet_"
"""Prefix of the layer names in files of kohya's trainer, which replaces dots with underscores."""
_PIECES = {"lora_A": "down", "lora_down": "down", "lora_B": "up", "lora_up": "up", "alpha": "alpha"}


@dataclass(frozen=True, slots=True)
class Lora:
    """An adapter file with its strength and stage."""

    path: Path
    strength: float = 1.0
    stage: int | None = None
    """The stage that uses the adapter, 1 or 2; None for both."""

    def __str__(self) -> str:
        """Return file name, strength and stage as in the manifest."""
        return f"{self.path.name}:{self.strength:g}" + (f"@{self.stage}" if self.stage else "")


@dataclass(frozen=True, slots=True)
class _Layer:
    """The tensors of an adapter for one layer."""

    down: torch.Tensor
    """The second factor A, shape (rank, inputs)."""
    up: torch.Tensor
    """The first factor B, shape (outputs, rank)."""
    alpha: torch.Tensor | None = None

    @property
    def scale(self) -> float:
        """Factor by which the product B A is multiplied at strength 1."""
        return 1.0 if self.alpha is None else float(self.alpha) / self.down.shape[0]

    def delta(self) -> torch.Tensor:
        """Return what is added to the layer's weight at strength 1: float32, shape (outputs, inputs)."""
        return self.scale * self.up.float() @ self.down.float()

    def fits(self, linear: torch.nn.Linear) -> bool:
        """Return True if the adapter's shapes fit a layer."""
        if self.down.ndim != 2 or self.up.ndim != 2:
            return False
        wanted = (linear.in_features, linear.out_features, self.down.shape[0])
        return (self.down.shape[1], self.up.shape[0], self.up.shape[1]) == wanted


@dataclass(frozen=True, slots=True)
class Adapter:
    """The content of an adapter file: its layers of the transformer and of the connectors."""

    lora: Lora
    transformer: dict[str, _Layer] = field(default_factory=dict)
    connectors: dict[str, _Layer] = field(default_factory=dict)

    def check(self, transformer: torch.nn.Module, connectors: torch.nn.Module) -> None:
        """Check that the adapter fits this model: all of its layers exist and have the right shapes.

        Layers that kohya's trainer named with underscores in place of dots get their real names here.

        Raises:
            EngineUnavailable: The adapter does not fit; the message names the layers.
        """
        networks = [
            (_linear_layers(network), layers)
            for network, layers in ((transformer, self.transformer), (connectors, self.connectors))
        ]
        for known, layers in networks:
            kohya = {
                f"{KOHYA}{original.replace('.', '_')}": name
                for name in known
                for original in original_layers(name)
            }
            for name in self.transformer.keys() & kohya.keys():
                layers[kohya[name]] = self.transformer.pop(name)
        for known, layers in networks:
            strange = [name for name in layers if name not in known]
            if strange:
                raise self._foreign(
                    f"{len(strange)} of its {len(layers)} layers are not in this model", strange
                )
            odd = [name for name, layer in layers.items() if not layer.fits(known[name])]
            if odd:
                raise self._foreign(
                    f"{len(odd)} of its {len(layers)} layers have different shapes in this model", odd
                )

    def fuse(self, network: torch.nn.Module, layers: Mapping[str, _Layer]) -> None:
        """Add the adapter's layers to the weights of a network."""
        for name, layer in layers.items():
            linear, delta = network.get_submodule(name), self.lora.strength * layer.delta()
            if isinstance(linear, QuantizedLinear):
                linear.add(delta)
                continue
            weight = linear.get_parameter("weight")
            with torch.no_grad():
                weight.copy_(weight.float() + delta)

    def _foreign(self, why: str, names: list[str]) -> EngineUnavailable:
        return EngineUnavailable(
            f"{self.lora.path.name} is a LoRA for another model: {why}, for example {list_some(names)}",
            hint="use a LoRA that was trained on this model: LTX-2, 2.3 and 2.5 need different ones",
        )


def _linear_layers(network: torch.nn.Module) -> dict[str, torch.nn.Linear]:
    return {name: part for name, part in network.named_modules() if isinstance(part, torch.nn.Linear)}


def parse_lora(text: str) -> Lora:
    """Parse a value of --lora: PATH, PATH:STRENGTH, PATH@STAGE or PATH:STRENGTH@STAGE.

    Raises:
        EngineUnavailable: The file or the stage does not exist.
    """
    lora = Lora(Path(text))
    if not lora.path.is_file() and (found := _SPELLING.fullmatch(text)):
        path, strength, stage = found.groups()
        lora = Lora(Path(path), float(strength or 1), int(stage) if stage else None)
    if not lora.path.is_file():
        raise EngineUnavailable(
            f"there is no LoRA {lora.path}",
            hint="give --lora FILE.safetensors, FILE:0.8 for a strength, or FILE:0.8@2 for stage 2 only",
        )
    return lora


def read_adapter(lora: Lora) -> Adapter:
    """Read an adapter file, in which every tensor must belong to a layer.

    Raises:
        EngineUnavailable: The file is damaged, is not a LoRA, or is of an unsupported kind (DoRA, LoKr, ...).
    """
    repair_hint = f"fetch {lora.path.name} again"
    transformer: dict[str, dict[str, torch.Tensor]] = {}
    connectors: dict[str, dict[str, torch.Tensor]] = {}
    unknown: list[str] = []
    with safetensors_file.repair_hint(repair_hint), safetensors_file.opened(lora.path) as file:
        for key in file.keys():  # noqa: SIM118 - a file, not a dictionary
            found, tensor = _PIECE.fullmatch(key), file.get_tensor(key)
            if found is None or (found[2] == "alpha" and tensor.numel() != 1):
                unknown.append(key)
                continue
            name, piece = found.groups()
            name = name.removeprefix("base_model.model.")  # peft's wrapper adds this prefix
            if name.startswith("diffusion_model.connectors."):  # SimpleTuner writes this prefix for ComfyUI
                name = name.removeprefix("diffusion_model.")
            layers, layer_name = (
                (connectors, _connector_layer(name))
                if _of_connectors(name)
                else (transformer, bare_transformer_name(name))
            )
            layers.setdefault(layer_name, {})[_PIECES[piece]] = tensor
    if unknown:
        kinds = {
            kind
            for mark, kind in _OTHER_KINDS.items()
            if any(piece.startswith(mark) for key in unknown for piece in key.split("."))
        }
        what = f"{' and '.join(sorted(kinds))}, not a LoRA" if kinds else "not a LoRA"
        raise EngineUnavailable(
            f"{lora.path.name} is {what} that can be added to the model: it contains "
            f"{', '.join(sorted(unknown)[:3])}",
            hint="use a plain LoRA (lora_A and lora_B, or lora_down and lora_up) of the same model",
        )
    read = [*transformer.items(), *connectors.items()]
    half = [name for name, pieces in read if not pieces.keys() >= {"down", "up"}]
    if half or not read:
        what = (
            f"{len(half)} layers lack one of their two matrices, for example {half[0]}"
            if half
            else "the file contains no layer"
        )
        raise EngineUnavailable(f"{lora.path.name}: {what}", hint=repair_hint)
    return Adapter(
        lora,
        *(
            {name: _Layer(**pieces) for name, pieces in layers.items()}
            for layers in (transformer, connectors)
        ),
    )


def attach(network: Any, adapters: Iterable[Adapter]) -> None:  # noqa: ANN401 - a diffusers model with peft
    """Attach adapters, with their strengths, to a network with packed weights, using peft."""
    names, strengths = [], []
    for number, adapter in enumerate(adapters):
        if not adapter.transformer:
            continue
        name = f"lora{number}"
        state = {}
        for layer_name, layer in adapter.transformer.items():
            state[f"{layer_name}.lora_A.weight"] = layer.down
            state[f"{layer_name}.lora_B.weight"] = layer.up * layer.scale
        network.load_lora_adapter(state, adapter_name=name, prefix=None)
        names.append(name)
        strengths.append(adapter.lora.strength)
    if names:
        network.set_adapters(names, strengths)


def _of_connectors(name: str) -> bool:
    return is_connector(name) or name.startswith("connectors.")


def _connector_layer(name: str) -> str:
    if name.startswith("connectors."):
        return name.removeprefix("connectors.")
    # Names in the map of projections end in a dot, because the name of a tensor follows; here, layers have no
    # dot.
    return connector_name(name + ".").removesuffix(".")
