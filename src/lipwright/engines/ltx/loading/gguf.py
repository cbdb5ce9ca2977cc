"""Loading quantized transformers from GGUF files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import GGUFQuantizationConfig, LTX2VideoTransformer3DModel
from diffusers.quantizers.gguf.utils import SUPPORTED_GGUF_QUANT_TYPES, GGUFParameter, dequantize_gguf_tensor
from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, ReaderTensor
from gguf.quants import dequantize

from lipwright.engines.ltx.loading.configs import config_of
from lipwright.engines.ltx.loading.single_file import check_names, empty
from lipwright.engines.ltx.loading.state_dict_map import bare_transformer_name, is_connector
from lipwright.engines.ltx.profile import network_configs
from lipwright.errors import EngineUnavailable
from lipwright.system import TemporaryFolder

PLAIN = frozenset({GGMLQuantizationType.F32, GGMLQuantizationType.F16})
"""GGUF types that torch supports; all others are packed bytes."""
MAX_ARRAY = 1_000_000
"""Maximum number of values of an array in the metadata, four times the size of Gemma's vocabulary."""
IDENTIFYING_TENSOR = "prompt_adaln.linear.weight"
"""Name of a tensor that exists only in LTX-2.3 and 2.5, not in older or other models."""


@dataclass(frozen=True, slots=True)
class GgufFile:
    """An inspected GGUF file that contains a transformer; `load` reads the weights."""

    path: Path
    family: str
    names: Mapping[str, str]
    """Names of the tensors in the file, keyed by diffusers' names."""
    bits: float
    """Mean number of bits per weight over all matrices."""
    bytes: int
    """Size of all tensors in bytes."""

    def config(self, metadata: Mapping[str, Any]) -> dict[str, Any]:
        """Return the transformer's configuration for diffusers.

        GGUF files have no configuration. So the values are taken from `metadata`, the metadata of the model's
        other files. Values that `metadata` lacks are taken from the configuration of the model family.
        """
        return config_of("transformer", metadata, network_configs(self.family)["transformer"])

    def load(self, config: Mapping[str, Any], dtype: torch.dtype) -> torch.nn.Module:
        """Load the transformer with packed matrices, which each layer dequantizes whenever it runs.

        Raises:
            EngineUnavailable: A tensor is missing or unexpected, or has an unsupported type or a wrong shape.
        """
        model = empty(LTX2VideoTransformer3DModel, config)
        check_names("transformer", model.state_dict(), self.names, source=self.path.name)
        packable = {
            f"{name}.weight" for name, part in model.named_modules() if isinstance(part, torch.nn.Linear)
        }
        tensors = {tensor.name: tensor for tensor in _read(self.path).tensors}
        state = {
            new: self._tensor(tensors[old], dtype, keep=new in packable) for new, old in self.names.items()
        }
        with TemporaryFolder("gguf") as folder:
            named = folder.path / "transformer"
            named.mkdir()
            (named / "config.json").write_text(json.dumps(dict(config)), encoding="utf-8")
            try:
                loaded = LTX2VideoTransformer3DModel.from_single_file(
                    state,
                    config=str(folder.path),
                    subfolder="transformer",
                    quantization_config=GGUFQuantizationConfig(compute_dtype=dtype),
                    torch_dtype=dtype,
                )
            except ValueError as error:
                raise EngineUnavailable(
                    f"{self.path.name} is the transformer of another model ({error})"
                ) from error
        network: torch.nn.Module = loaded.eval().requires_grad_(requires_grad=False)
        return network

    def _tensor(self, tensor: ReaderTensor, dtype: torch.dtype, *, keep: bool) -> torch.Tensor:
        """Return a tensor for torch, converted to `dtype`.

        With `keep`, a quantized tensor stays packed instead, for a linear layer that dequantizes it.
        """
        kind = tensor.tensor_type
        data = torch.from_numpy(tensor.data.copy())
        if kind in PLAIN:
            return data.to(dtype)
        if kind not in SUPPORTED_GGUF_QUANT_TYPES:
            raise EngineUnavailable(
                f"{self.path.name}: {tensor.name} has type {kind.name}, which diffusers cannot dequantize",
                hint="use a file of type Q8_0, Q6_K, Q5_K or Q4_K",
            )
        packed: torch.Tensor = GGUFParameter(data, quant_type=kind)
        if keep and kind != GGMLQuantizationType.BF16:
            return packed
        wide: torch.Tensor = dequantize_gguf_tensor(packed)
        return wide.to(dtype)


class GgufTensors:
    """Gives access to the tensors of a GGUF file, with the methods of an opened safetensors file.

    A tensor is dequantized when it is read.
    """

    def __init__(self, path: Path) -> None:
        self._tensors = {tensor.name: tensor for tensor in _read(path).tensors}

    def keys(self) -> list[str]:
        """Return the names of the tensors."""
        return list(self._tensors)

    def metadata(self) -> dict[str, str]:
        """Return an empty dictionary, because GGUF metadata has no configuration."""
        return {}

    def get_slice(self, name: str) -> GgufSlice:
        """Return an object with the shape and type of a tensor."""
        return GgufSlice([int(size) for size in reversed(self._tensors[name].shape)])

    def get_tensor(self, name: str) -> torch.Tensor:
        """Read a tensor as float32."""
        tensor = self._tensors[name]
        return torch.from_numpy(dequantize(tensor.data, tensor.tensor_type).copy())


@dataclass(frozen=True, slots=True)
class GgufSlice:
    """The shape and type of a tensor whose values are not read."""

    shape: list[int]

    def get_shape(self) -> list[int]:
        """Return the shape of the tensor."""
        return self.shape

    def get_dtype(self) -> str:
        """Return the type in which the tensor is read."""
        return "F32"


def read_gguf(path: Path) -> GgufFile:
    """Inspect a GGUF file.

    Raises:
        EngineUnavailable: The file is not GGUF, is truncated, or is not a transformer of LTX-2.3 or 2.5.
    """
    reader = _read(path)
    # Some files also contain the connectors, which are read only if no other file has them.
    ours = [tensor for tensor in reader.tensors if not is_connector(tensor.name)]
    names = {bare_transformer_name(tensor.name): tensor.name for tensor in ours}
    if IDENTIFYING_TENSOR not in names:
        raise EngineUnavailable(
            f"{path.name} is not a transformer of LTX-2.3 or 2.5: expected a tensor prompt_adaln_single, got "
            f"{', '.join(tensor.name for tensor in reader.tensors[:2]) or 'no tensors'}",
        )
    matrices = [tensor for tensor in ours if len(tensor.shape) > 1]
    packed, weights = sum(int(t.n_bytes) for t in matrices), sum(int(t.n_elements) for t in matrices)
    return GgufFile(
        path=path,
        family="2.5" if "keyframes_abs_pos_embedding" in names else "2.3",
        names=names,
        bits=8 * packed / max(weights, 1),
        bytes=sum(int(tensor.n_bytes) for tensor in ours),
    )


class _BoundedReader(GGUFReader):
    """A GGUF reader that refuses metadata arrays that are impossibly large or contain arrays."""

    def _get_field_parts(self, orig_offs: int, raw_type: int) -> Any:  # noqa: ANN401 - as gguf has it
        if int(raw_type) == GGUFValueType.ARRAY:
            kind, count = self._get(orig_offs, np.uint32), self._get(orig_offs + 4, np.uint64)
            if int(kind[0]) == GGUFValueType.ARRAY or int(count[0]) > min(MAX_ARRAY, len(self.data)):
                raise ValueError("its metadata declares an impossibly large array")
        return super()._get_field_parts(orig_offs, raw_type)


def _read(path: Path) -> GGUFReader:
    try:
        return _BoundedReader(path)
    except (ValueError, IndexError, KeyError, TypeError, OverflowError) as error:
        raise EngineUnavailable(f"{path} is damaged or truncated ({error})") from error
    except OSError as error:
        raise EngineUnavailable(f"{path}: {error.strerror or error}") from error
