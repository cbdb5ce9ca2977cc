"""Linear layers that keep their weights in 8 or 4 bits, and unpack them whenever they run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any, cast

import torch

from lipwright.engines.ltx.loading.quantization import (
    BLOCK_COLUMNS,
    TILE_COLUMNS,
    TILE_ROWS,
    Format,
    QuantizedWeight,
)

E2M1 = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
"""Values of 4-bit floats by their lower three bits; the fourth bit is the sign."""
E8M0_BIAS = 127


@dataclass(frozen=True, slots=True)
class Packed:
    """A quantized weight in memory; `dequantize` unpacks it, scales it and rotates it back."""

    format: Format
    weight: torch.Tensor
    """Weights as stored, shape (rows, columns) in 8 bits, or (rows, columns / 2) with two weights per
    byte."""
    scale: torch.Tensor
    """Scale of the weight or of its rows, shape (1,) or (rows,), float32."""
    block_scale: torch.Tensor | None = None
    """Scales of blocks of columns, shape (rows, blocks), in a type whose values are exact in bfloat16."""
    rotated: int = 0
    """Number of columns that are rotated together; 0 if none are rotated."""
    shape: tuple[int, ...] = ()
    """Shape of the unpacked weight, without padding."""

    def unpack(self, dtype: torch.dtype) -> torch.Tensor:
        """Return the unpacked weight, multiplied by `block_scale` but not by `scale`, and not rotated back.

        All values are exact in bfloat16, which has 8 bits of mantissa: even the product of a 4-bit float and
        its float8 scale needs only 6.
        """
        if self.block_scale is None:
            return self.weight.to(dtype)
        wide = self.weight.to(dtype) if self.format == "mxfp8" else _unpack_e2m1(self.weight, dtype)
        blocks = wide.unflatten(1, (-1, BLOCK_COLUMNS[self.format]))
        wide = (blocks * self.block_scale[..., None].to(dtype)).flatten(1)
        return wide[: self.shape[0], : self.shape[1]]

    def dequantize(self) -> torch.Tensor:
        """Return the weight as float32."""
        wide = self.unpack(torch.float32) * self.scale.reshape(-1, *[1] * (len(self.shape) - 1))
        return rotate(wide, self.rotated)


def read_packed(file: Any, quantized: QuantizedWeight, shape: tuple[int, ...]) -> Packed:  # noqa: ANN401
    """Read a quantized weight from an opened safetensors file; `shape` is its shape without padding."""
    weight = file.get_tensor(quantized.weight)
    if quantized.format in {"float8", "mxfp8"} and weight.dtype == torch.uint8:
        weight = weight.view(quantized.float_type)
    scale = torch.ones(1) if quantized.scale is None else file.get_tensor(quantized.scale)
    packed = Packed(quantized.format, weight, torch.ones(1), None, quantized.rotated, shape)
    if quantized.format not in BLOCK_COLUMNS:
        return replace(packed, scale=scale.float().flatten())
    rows, blocks = quantized.shape[0], -(-quantized.shape[1] // BLOCK_COLUMNS[quantized.format])
    if quantized.format == "mxfp8":
        exponents = _untile(scale.view(torch.uint8), rows, blocks).float() - E8M0_BIAS
        return replace(packed, block_scale=torch.exp2(exponents).bfloat16())
    whole = file.get_tensor(quantized.tensor_scale).float().flatten()
    in_rows = _untile(scale.view(torch.uint8), rows, blocks)
    return replace(packed, scale=whole, block_scale=in_rows.view(torch.float8_e4m3fn))


def rotate(tensor: torch.Tensor, size: int) -> torch.Tensor:
    """Rotate groups of columns by a Hadamard matrix, which is its own inverse (ConvRot, arXiv 2512.03673).

    Args:
        tensor: The tensor, shape (..., columns).
        size: Number of columns of a group, a power of 4; 0 to change nothing.
    """
    if not size:
        return tensor
    matrix = _hadamard_on(size, tensor.device, tensor.dtype)
    return (tensor.unflatten(-1, (-1, size)) @ matrix).flatten(-2)


@cache
def _hadamard_on(size: int, device: torch.device, dtype: torch.dtype) -> torch.Tensor:
    return _hadamard(size).to(device, dtype)


@cache
def _hadamard(size: int) -> torch.Tensor:
    """Return the regular Hadamard matrix of a size that is a power of 4; it is orthogonal and symmetric."""
    smallest = torch.tensor([[1.0, 1, 1, -1], [1, 1, -1, 1], [1, -1, 1, 1], [-1, 1, 1, 1]]) / 2
    return smallest if size == 4 else torch.kron(_hadamard(size // 4), smallest)


def _unpack_e2m1(packed: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """Unpack bytes that contain two 4-bit weights each, the first in the upper four bits."""
    halves = torch.stack((packed >> 4, packed & 15), dim=-1).flatten(1)
    return _e2m1_on(packed.device, dtype)[halves.int()]


@cache
def _e2m1_on(device: torch.device, dtype: torch.dtype) -> torch.Tensor:
    return torch.tensor([*E2M1, *(-number for number in E2M1)], dtype=dtype, device=device)


def _untile(scales: torch.Tensor, rows: int, blocks: int) -> torch.Tensor:
    """Rearrange block scales from cuBLAS' tiles of 128 rows and 4 columns to shape (rows, blocks).

    A tile is stored with shape (32, 4, 4); row r of the tile is at index (r % 32, r // 32).
    """
    tiles = scales.reshape(-1, -(-blocks // TILE_COLUMNS), 32, TILE_ROWS // 32, TILE_COLUMNS)
    return (
        tiles.permute(0, 3, 2, 1, 4).reshape(-1, tiles.shape[1] * TILE_COLUMNS)[:rows, :blocks].contiguous()
    )


class QuantizedLinear(torch.nn.Linear):
    """A linear layer with a quantized weight, which computes in the type of its input.

    The output is the product of the input and the unpacked weight, times the scale, plus the bias. The weight
    itself is not scaled, because only the unscaled weight is exact in bfloat16. If the weight is rotated, the
    input is rotated, too.
    """

    weight_scale: torch.Tensor
    block_scale: torch.Tensor | None
    _form: tuple[Format, int]

    @staticmethod
    def convert(layer: torch.nn.Linear, packed: Packed) -> None:
        """Convert a linear layer to this class, with a quantized weight."""
        layer.__class__ = QuantizedLinear
        for name, tensor in (("weight_scale", packed.scale), ("block_scale", packed.block_scale)):
            layer.register_buffer(name, tensor, persistent=False)
        layer.weight = torch.nn.Parameter(packed.weight, requires_grad=False)
        cast("QuantizedLinear", layer)._form = packed.format, packed.rotated

    @property
    def packed(self) -> Packed:
        """Return the quantized weight."""
        kind, rotated = self._form
        shape = (self.out_features, self.in_features)
        return Packed(kind, self.weight, self.weight_scale, self.block_scale, rotated, shape)

    def forward(self, input: torch.Tensor) -> torch.Tensor:  # noqa: A002 - torch's name
        """Apply the layer in the type of the input."""
        packed = self.packed
        product = torch.nn.functional.linear(rotate(input, packed.rotated), packed.unpack(input.dtype))
        product.mul_(packed.scale)  # in float32 for every type of the product
        return product if self.bias is None else product.add_(self.bias)

    @torch.no_grad()
    def add(self, delta: torch.Tensor) -> None:
        """Add `delta`, shape (rows, columns), to the weight, and quantize the sum with one scale per row.

        Weights in formats with block scales become int8.
        """
        packed = self.packed
        weight = packed.dequantize() + delta
        stored = torch.int8 if packed.block_scale is not None else packed.weight.dtype
        kind: Format = "float8" if stored.is_floating_point else "int8"
        QuantizedLinear.convert(self, quantize(weight, kind, stored, rotated=packed.rotated))


def quantize(weight: torch.Tensor, kind: Format, stored: torch.dtype, *, rotated: int = 0) -> Packed:
    """Quantize a matrix to a type of 8 bits with one scale per row; see `Packed` for `rotated`."""
    turned = rotate(weight.float(), rotated)
    top = torch.finfo(stored).max if stored.is_floating_point else torch.iinfo(stored).max
    scale = turned.abs().amax(1).clamp(min=1e-12) / top
    ratio = turned / scale[:, None]
    small = (ratio if stored.is_floating_point else ratio.round()).to(stored)
    return Packed(kind, small, scale, None, rotated, tuple(weight.shape))


def has_quantized_layers(network: torch.nn.Module) -> bool:
    """Return True if any layer of a network has a quantized weight with scales."""
    return any(isinstance(module, QuantizedLinear) for module in network.modules())
