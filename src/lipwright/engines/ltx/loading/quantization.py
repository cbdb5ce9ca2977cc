"""Recognition of quantized weights in a safetensors file by its header: formats, tensors and shapes.

    float8  one scale per weight matrix or per row: `X.weight_scale` (ltx-core, ComfyUI), or
            `X.scale_weight` with a marker tensor `scaled_fp8` (older ComfyUI); a missing scale means 1
    int8    integers with scales as for float8; ComfyUI's `convrot` also rotates groups of columns (ConvRot)
    nvfp4   two 4-bit values per byte, with one float8 scale per 16 columns (`X.weight_scale`), and one
            scale for the whole matrix (`X.weight_scale_2`)
    mxfp8   float8 values, with one scale per 32 columns, a power of two (`X.weight_scale`)

ComfyUI names the format of a layer in a tensor `X.comfy_quant` or in the metadata `_quantization_metadata`;
if there is no name, the data type of the weight determines the format. Sources are comfy/ops.py and
comfy_kitchen/tensor of ComfyUI, and the quantization folder of ltx-core. Scales for a layer's input are
ignored: they are only needed for matrix products in 8 or 4 bits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import torch

from lipwright.domain.json_text import parse_json
from lipwright.errors import EngineUnavailable

Format = Literal["float8", "int8", "nvfp4", "mxfp8"]

NAMES: Mapping[str, Format] = {
    "float8_e4m3fn": "float8",
    "float8_e5m2": "float8",
    "int8_tensorwise": "int8",
    "nvfp4": "nvfp4",
    "mxfp8": "mxfp8",
}
"""Supported formats, keyed by ComfyUI's names."""
STORED_TYPES: Mapping[Format, frozenset[str]] = {
    "float8": frozenset({"F8_E4M3", "F8_E5M2", "U8"}),
    "int8": frozenset({"I8"}),
    "nvfp4": frozenset({"U8"}),
    "mxfp8": frozenset({"F8_E4M3", "U8"}),
}
"""Allowed types of stored weights by format, as safetensors names them; U8 stores the bits of another
type."""
SMALL_TYPES = frozenset({"F8_E4M3", "F8_E5M2", "I8", "U8"})
BLOCK_COLUMNS: Mapping[Format, int] = {"nvfp4": 16, "mxfp8": 32}
"""Number of columns that share a scale, by format; rows and columns are padded to a multiple of this
number."""
TILE_ROWS, TILE_COLUMNS = 128, 4
"""Size of the tiles in which block scales are stored (cuBLAS' layout of block scaling factors)."""

WEIGHT_SCALES = (".weight_scale", ".scale_weight")
TENSOR_SCALE = ".weight_scale_2"
DESCRIPTION = ".comfy_quant"
UNUSED = (".input_scale", ".scale_input", ".comfy_attention.config")
SCALED_FP8_MARKER = "scaled_fp8"
FOREIGN: Mapping[str, str] = {
    ".weight_scale_inv": "fp8 with block scales",
    ".weight_s_rel": "asym_w4a8_int8",
    ".weight_zeros": "awq_w4a16",
    ".qweight": "GPTQ or AWQ",
    ".absmax": "bitsandbytes",
    ".SCB": "bitsandbytes",
    ".pre_quant_scale": "scaled inputs (pre_quant_scale)",
}
"""Unsupported quantization formats, by a suffix of tensor names that occurs only in this format."""
OPTIONS = frozenset({"format", "full_precision_matrix_mult", "convrot", "convrot_groupsize", "params"})
ROTATED_COLUMNS = 256
"""Default number of columns that are rotated together, `convrot_groupsize`."""
ROTATIONS = frozenset(4**n for n in range(1, 8))
MAX_DESCRIPTION_BYTES = 4096
BF16_HINT = "use the bf16 file of the same model; --memory fp8 stores it in 8 bits"


@dataclass(frozen=True, slots=True)
class QuantizedWeight:
    """A quantized weight in a file, with its format and the names of its tensors."""

    format: Format
    weight: str
    scale: str | None
    """Name of the tensor with the scale of the weight, or of its rows or blocks; None if the scale is 1."""
    tensor_scale: str | None = None
    """Name of the tensor with the scale of the whole weight, in addition to block scales; None if there is
    none."""
    float_type: torch.dtype = torch.float8_e4m3fn
    """Type of float8 weights that are stored as plain bytes."""
    rotated: int = 0
    """Number of columns that are rotated together (ConvRot); 0 if none are rotated."""
    shape: tuple[int, ...] = ()
    """Shape of the unpacked weight, including padding."""

    def stands_for(self, shape: tuple[int, ...]) -> bool:
        """Return True if the unpacked weight, without padding, has this shape."""
        if self.format not in BLOCK_COLUMNS or len(shape) != len(self.shape):
            return shape == self.shape
        padding = BLOCK_COLUMNS[self.format]
        return all(0 <= here - wanted < padding for here, wanted in zip(self.shape, shape, strict=True))


def read_quantization(
    path: Path,
    file: Any,  # noqa: ANN401 - opened by safetensors
    keys: Iterable[str],
) -> tuple[list[str], dict[str, QuantizedWeight]]:
    """Separate a file's weights from the tensors that describe them, and check formats, types and shapes.

    Args:
        path: The file, for messages.
        file: The opened file. Only the tensors that describe formats are read.
        keys: Names of the tensors in the file.

    Returns:
        Names of the tensors that belong to a network, and the quantized weights among them by name.

    Raises:
        EngineUnavailable: A format is unknown, or a scale is missing, belongs to no weight, or has the wrong
            shape; the message names file and tensor.
    """
    plain: list[str] = []
    scales: dict[str, str] = {}
    tensor_scales: dict[str, str] = {}
    described: dict[str, Mapping[str, Any]] = _in_metadata(path, file.metadata() or {})
    for key in keys:
        if foreign := next((name for end, name in FOREIGN.items() if key.endswith(end)), None):
            raise _refused(
                path, f"the weights have the format {foreign}, which this engine cannot read ({key})"
            )
        layer, _, last = key.rpartition(".")
        if key.endswith(TENSOR_SCALE):
            tensor_scales[layer] = key
        elif key.endswith(WEIGHT_SCALES):
            scales[layer] = key
        elif key.endswith(DESCRIPTION):
            described[layer] = _described(path, file, key)
        elif not key.endswith(UNUSED) and last != SCALED_FP8_MARKER:
            plain.append(key)
    weights = {name.removesuffix(".weight") for name in plain if name.endswith(".weight")}
    for lonely in sorted((scales.keys() | tensor_scales.keys()) - weights):
        raise _refused(path, f"the scale {scales.get(lonely) or tensor_scales[lonely]} belongs to no weight")
    for lonely in sorted(described.keys() - weights):
        raise _refused(
            path, f"the file states a format for {lonely}.weight, but does not contain this weight"
        )
    found: dict[str, QuantizedWeight] = {}
    for name in plain:
        stored, layer = file.get_slice(name), name.removesuffix(".weight")
        if layer not in described and layer not in scales and stored.get_dtype() not in SMALL_TYPES - {"U8"}:
            continue
        if scales and layer not in scales and layer not in described:
            raise _refused(path, f"{name} has no scale, although other weights have one")
        quantized = _quantized(
            path, stored, name, described.get(layer), scales=scales, tensor_scales=tensor_scales
        )
        found[name] = _checked(path, file, stored, quantized)
    return plain, found


def _quantized(
    path: Path,
    stored: Any,  # noqa: ANN401 - a slice of safetensors
    name: str,
    description: Mapping[str, Any] | None,
    *,
    scales: Mapping[str, str],
    tensor_scales: Mapping[str, str],
) -> QuantizedWeight:
    """Return the quantized weight `name`; without `description`, the stored type determines the format."""
    layer, kind = name.removesuffix(".weight"), stored.get_dtype()
    if description is not None:
        named = str(description.get("format", "unknown"))
        if named not in NAMES:
            raise _refused(path, f"{name} has the format {named[:40]}, which this engine cannot read")
        more = description.get("params") if isinstance(description.get("params"), Mapping) else {}
        options = {**more, **description}  # type: ignore[dict-item]
        if unknown := sorted(key for key, value in options.items() if value and key not in OPTIONS):
            raise _refused(
                path, f"{name} has the format {named} with unknown options: {', '.join(unknown)[:40]}"
            )
        rotated = options.get("convrot_groupsize", ROTATED_COLUMNS) if options.get("convrot") else 0
    else:
        by_type = {
            "F8_E4M3": "float8_e4m3fn",
            "F8_E5M2": "float8_e5m2",
            "I8": "int8_tensorwise",
            "U8": "nvfp4",
        }
        named, rotated = by_type.get(kind, "unknown"), 0
        if named == "unknown":
            raise _refused(
                path, f"{name} has type {kind} and a scale, although only weights in 8 or 4 bits need one"
            )
    made: Format = NAMES[named]
    if kind not in STORED_TYPES[made]:
        raise _refused(path, f"{name} has the format {named}, but is stored as type {kind}")
    if layer not in scales and (made != "float8" or (description is not None and scales)):
        raise _refused(path, f"{name} has no scale")
    if (layer in tensor_scales) != (made == "nvfp4"):
        state = "has no" if made == "nvfp4" else "must not have"
        raise _refused(path, f"{name} in the format {named} {state} {layer}{TENSOR_SCALE}")
    return QuantizedWeight(
        format=made,
        weight=name,
        scale=scales.get(layer),
        tensor_scale=tensor_scales.get(layer),
        float_type=torch.float8_e5m2 if named == "float8_e5m2" else torch.float8_e4m3fn,
        rotated=rotated,
    )


def _checked(path: Path, file: Any, stored: Any, quantized: QuantizedWeight) -> QuantizedWeight:  # noqa: ANN401
    """Return the quantized weight with its shape, after checking the shapes of weight and scales."""
    shape, made, name = list(stored.get_shape()), quantized.format, quantized.weight
    if made in BLOCK_COLUMNS and len(shape) != 2:
        raise _refused(path, f"{name} has the format {made}, but its shape {shape} is not that of a matrix")
    if made == "nvfp4":
        shape[1] *= 2
    if (size := quantized.rotated) and (size not in ROTATIONS or len(shape) != 2 or shape[1] % size):
        raise _refused(
            path, f"{name} has the shape {shape} and cannot be rotated in groups of {str(size)[:20]} columns"
        )
    if quantized.scale is not None:
        came = file.get_slice(quantized.scale).get_shape()
        if made in BLOCK_COLUMNS:
            blocks = -(-shape[1] // BLOCK_COLUMNS[made])
            wanted = [-(-shape[0] // TILE_ROWS) * TILE_ROWS, -(-blocks // TILE_COLUMNS) * TILE_COLUMNS]
            allowed, expected = [wanted], f"{wanted} (one number for {BLOCK_COLUMNS[made]} columns, in tiles)"
        else:
            rows = shape[0] if shape else 1
            allowed = [[], [1], [1, 1], [rows], [rows, *[1] * (len(shape) - 1)]]
            expected = f"one number, or one for each row ({rows})"
        if came not in allowed:
            raise _refused(path, f"{quantized.scale} has the shape {came}; expected {expected}")
    if quantized.tensor_scale is not None:
        came = file.get_slice(quantized.tensor_scale).get_shape()
        if came not in ([], [1]):
            raise _refused(path, f"{quantized.tensor_scale} has the shape {came}; expected one number")
    return replace(quantized, shape=tuple(shape))


def _in_metadata(path: Path, metadata: Mapping[str, str]) -> dict[str, Mapping[str, Any]]:
    """Return the descriptions of formats in `_quantization_metadata`, by layer."""
    try:
        layers = parse_json(metadata.get("_quantization_metadata", "{}")).get("layers", {})
        return {layer: _options(value) for layer, value in layers.items()}
    except (ValueError, TypeError, AttributeError):
        raise _refused(path, "the description of the formats is damaged (_quantization_metadata)") from None


def _described(path: Path, file: Any, key: str) -> Mapping[str, Any]:  # noqa: ANN401
    """Return the description of a format from a `comfy_quant` tensor, which contains JSON as bytes."""
    shape = file.get_slice(key).get_shape()
    try:
        small = len(shape) == 1 and shape[0] <= MAX_DESCRIPTION_BYTES
        return _options(parse_json(bytes(file.get_tensor(key).to(torch.uint8).tolist()) if small else b""))
    except (ValueError, TypeError):
        raise _refused(path, f"the description of a format is damaged ({key})") from None


def _options(value: Any) -> Mapping[str, Any]:  # noqa: ANN401 - whatever JSON holds
    """Return the description of a format as a mapping of options; a bare string is the format's name."""
    return {"format": value} if isinstance(value, str) else dict(value)


def _refused(path: Path, what: str) -> EngineUnavailable:
    return EngineUnavailable(f"{path.name}: {what}", hint=BF16_HINT)
