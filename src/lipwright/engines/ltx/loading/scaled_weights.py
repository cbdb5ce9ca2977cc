"""Weights in 8 bits with scales (scaled fp8, scaled int8): W = weight x scale.

Three layouts are published: `X.weight_scale` (ltx-core), `X.scale_weight` with a mark `scaled_fp8` (older
ComfyUI), and `X.weight_scale` with a description `X.comfy_quant` (newer ComfyUI). The scale is one number or
one for each row of the weight. `input_scale` is for products in fp8; here all products are in 16 bits.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch

from lipwright.domain.json_text import parse_json
from lipwright.errors import EngineUnavailable

WEIGHT_SCALES = (".weight_scale", ".scale_weight")
UNUSED = (".input_scale", ".scale_input")
DESCRIPTION = ".comfy_quant"
MARK = "scaled_fp8"
FORMATS = frozenset({"float8_e4m3fn", "float8_e5m2", "int8_tensorwise"})
"""Formats of `comfy_quant` that are one scale per weight or row."""
HARMLESS_OPTIONS = frozenset({"format", "full_precision_matrix_mult"})
DTYPES = frozenset({torch.float8_e4m3fn, torch.float8_e5m2, torch.int8})
DTYPE_NAMES = frozenset({"F8_E4M3", "F8_E5M2", "I8"})
"""The same, as safetensors spells them."""
BF16_HINT = "use the bf16 file of the same model; --memory fp8 stores it in 8 bits"


def split_scales(path: Path, keys: Iterable[str]) -> tuple[list[str], dict[str, str], list[str]]:
    """Separate the scales of a file from its other tensors.

    Args:
        path: The file, for messages.
        keys: Names of its tensors.

    Returns:
        Names of the other tensors; for each scaled weight, the name of its scale; names of descriptions.

    Raises:
        EngineUnavailable: Weights in 4 bits, or a scale without its weight.
    """
    plain: list[str] = []
    scales: dict[str, str] = {}
    descriptions: list[str] = []
    for key in keys:
        if key.endswith(".weight_scale_2"):
            raise EngineUnavailable(
                f"{path.name} holds weights in 4 bits (nvfp4), which this engine cannot read", hint=BF16_HINT
            )
        if ending := next((ending for ending in WEIGHT_SCALES if key.endswith(ending)), None):
            scales[key.removesuffix(ending) + ".weight"] = key
        elif key.endswith(DESCRIPTION):
            descriptions.append(key)
        elif not key.endswith(UNUSED) and key.rpartition(".")[2] != MARK:
            plain.append(key)
    if lonely := sorted(scales.keys() - set(plain)):
        raise EngineUnavailable(
            f"{path.name}: {len(lonely)} scales have no weight, such as {scales[lonely[0]]}", hint=BF16_HINT
        )
    return plain, scales, descriptions


def check_scales(
    path: Path,
    file: Any,  # noqa: ANN401 - opened by safetensors
    scales: Mapping[str, str],
    plain: Iterable[str],
    descriptions: Iterable[str],
) -> None:
    """Check formats, types and shapes of a file's scaled weights, without reading weights.

    Args:
        path: The file, for messages.
        file: The same, opened.
        scales: For each scaled weight, the name of its scale.
        plain: Names of all weights.
        descriptions: Names of `comfy_quant` tensors.

    Raises:
        EngineUnavailable: An unknown format, a scale that is missing, or one of another shape.
    """
    for name in descriptions:
        _check_format(path, bytes(file.get_tensor(name).flatten().to(torch.uint8).tolist()))
    for text in _in_metadata(file.metadata() or {}):
        _check_format(path, text)
    for name in plain:
        weight, scale = file.get_slice(name), scales.get(name)
        in_8_bits = weight.get_dtype() in DTYPE_NAMES
        if scale is None:
            if in_8_bits and scales:
                raise EngineUnavailable(f"{path.name}: {name} has no scale, and others have", hint=BF16_HINT)
            continue
        if not in_8_bits:
            raise EngineUnavailable(
                f"{path.name}: {name} has a scale, and its type is {weight.get_dtype()} rather than 8 bits",
                hint=BF16_HINT,
            )
        rows, shape = weight.get_shape()[0], file.get_slice(scale).get_shape()
        if shape not in ([], [1], [1, 1], [rows], [rows, 1]):
            raise EngineUnavailable(
                f"{path.name}: {scale} has shape {shape}; expected one number, or one for each row ({rows})",
                hint=BF16_HINT,
            )


def _in_metadata(metadata: Mapping[str, str]) -> list[bytes]:
    """Descriptions of formats that ComfyUI writes into the header instead of `comfy_quant` tensors."""
    try:
        layers = parse_json(metadata.get("_quantization_metadata", "{}")).get("layers", {})
        return [json.dumps(layer).encode() for layer in layers.values()]
    except (ValueError, AttributeError):
        return [b"damaged"]


def _check_format(path: Path, text: bytes) -> None:
    try:
        described = parse_json(text)
        name, options = str(described["format"]), {key for key, value in described.items() if value}
    except (ValueError, KeyError, TypeError, AttributeError):
        name, options = "unknown", set()
    unknown = sorted(options - HARMLESS_OPTIONS)
    if name not in FORMATS or unknown:
        extra = f" with {', '.join(unknown)}" if unknown else ""
        raise EngineUnavailable(
            f"{path.name} holds weights of the format {name[:40]}{extra[:40]}, which this engine cannot read",
            hint=BF16_HINT,
        )


def dequantize(weight: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """Multiply a weight by its scale, in float32.

    Args:
        weight: Shape (rows, ...), in 8 bits.
        scale: One number, or one for each row.
    """
    per_row = scale.float().reshape(-1, *([1] * (weight.ndim - 1)))
    return weight.float() * per_row


class ScaledLinear(torch.nn.Linear):
    """A linear layer whose weight stays in 8 bits, and is dequantized each time it runs."""

    weight_scale: torch.Tensor
    """Shape (1,) or (out_features,), float32."""

    @staticmethod
    def convert(layer: torch.nn.Linear, scale: torch.Tensor) -> None:
        """Turn a linear layer, whose weight is in 8 bits already, into one of this class."""
        layer.__class__ = ScaledLinear
        layer.register_buffer("weight_scale", scale.float().flatten())

    def forward(self, input: torch.Tensor) -> torch.Tensor:  # noqa: A002 - torch's name
        """Apply the layer in the input's type."""
        weight = dequantize(self.weight, self.weight_scale).to(input.dtype)
        return torch.nn.functional.linear(input, weight, self.bias)

    @torch.no_grad()
    def add(self, delta: torch.Tensor) -> None:
        """Add to the weight, and quantize it again with one scale for each row."""
        weight = dequantize(self.weight, self.weight_scale) + delta
        floating = self.weight.dtype.is_floating_point
        top = torch.finfo(self.weight.dtype).max if floating else torch.iinfo(self.weight.dtype).max
        scale = weight.abs().amax(1).clamp(min=1e-12) / top
        quantized = weight / scale[:, None]
        self.weight.copy_((quantized if floating else quantized.round()).to(self.weight.dtype))
        self.weight_scale = scale


def has_scaled_layers(network: torch.nn.Module) -> bool:
    """Whether any layer of a network keeps its weight in 8 bits with a scale."""
    return any(isinstance(module, ScaledLinear) for module in network.modules())
