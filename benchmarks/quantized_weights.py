"""Measure the error of quantized weights against bf16, for a random matrix, and the memory to load them.

    python -m benchmarks.quantized_weights

The matrix is quantized by ComfyUI's kernels (comfy-kitchen) or as ltx-core does, written, and read by the
engine's own loader. Memory is that of a process which loads the transformer of a checkpoint in scaled fp8,
of LTX-2.3's real width, and runs every layer of it once.
"""

# ruff: noqa: PLC0415 - heavy libraries load in the process that measures with them

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measuring import Figure, present, run_child

MEBIBYTE = 1 << 20
ROWS, COLUMNS = 1024, 4096
INPUTS = 64
LAYERS = 4
"""Number of blocks of the checkpoint in fp8, out of 48: 2.7 GB."""
LIMITS = {"float8_e4m3fn": 4, "float8_e5m2": 8, "int8_tensorwise": 2, "mxfp8": 4, "nvfp4": 12}
"""Maximum error in percent."""
MOST = 1.15
"""Maximum memory, less one block, divided by the size of what is loaded."""


def errors() -> bool:
    """Measure size and error of each format, and the error of its product with bf16 inputs."""
    import comfy_kitchen.tensor as kitchen
    import torch

    numbers = torch.Generator().manual_seed(0)
    weight = torch.randn(ROWS, COLUMNS, generator=numbers).bfloat16().float() * COLUMNS**-0.5
    x = torch.randn(INPUTS, COLUMNS, generator=numbers).bfloat16()
    exact = x.double() @ weight.double().T

    def distance(came: torch.Tensor, wanted: torch.Tensor) -> float:
        return 100 * float((came.double() - wanted.double()).norm() / wanted.double().norm())

    rounded = torch.nn.functional.linear(x, weight.bfloat16())
    figures = [Figure("bf16: product", distance(rounded, exact), "%")]
    e5m2, rotated = {"dtype": torch.float8_e5m2}, {"per_channel": True, "convrot": True}
    forms: dict[str, tuple[Any, str, dict[str, Any]]] = {
        "float8_e4m3fn, one scale": (kitchen.TensorCoreFP8Layout, "float8_e4m3fn", {}),
        "float8_e5m2, one scale": (kitchen.TensorCoreFP8Layout, "float8_e5m2", e5m2),
        "int8, one scale": (kitchen.TensorWiseINT8Layout, "int8_tensorwise", {}),
        "int8, a scale for each row": (
            kitchen.TensorWiseINT8Layout,
            "int8_tensorwise",
            {"per_channel": True},
        ),
        "int8 ConvRot": (kitchen.TensorWiseINT8Layout, "int8_tensorwise", rotated),
        "mxfp8": (kitchen.TensorCoreMXFP8Layout, "mxfp8", {}),
        "nvfp4": (kitchen.TensorCoreNVFP4Layout, "nvfp4", {}),
    }
    for name, (layout, form, options) in forms.items():
        packed, told = layout.quantize(weight, **options)
        stored = layout.state_dict_tensors(packed, told)
        layer, size = _loaded(stored, {"format": form, "convrot": bool(options.get("convrot"))})
        figures += [
            Figure(f"{name}: bytes a weight", size / weight.numel()),
            Figure(
                "  error of the weights",
                distance(layer.packed.dequantize(), weight),
                "%",
                at_most=LIMITS[form],
            ),
            Figure("  error of the product", distance(layer(x), exact), "%", at_most=LIMITS[form]),
            Figure(
                "  beside ComfyUI's",
                distance(layer.packed.dequantize(), layout.dequantize(packed, told)),
                "%",
            ),
        ]
    return present(f"Error of quantized weights, a random {ROWS} x {COLUMNS} matrix in bf16", figures)


def _loaded(stored: dict[str, Any], description: dict[str, Any]) -> tuple[Any, int]:
    """Write a weight as ComfyUI's checkpoints have it, and read it with the engine's loader."""
    import torch
    from safetensors import safe_open
    from safetensors.torch import save_file

    from lipwright.engines.ltx.loading.quantization import read_quantization
    from lipwright.engines.ltx.loading.quantized_linear import QuantizedLinear, read_packed

    tensors = {f"a.weight{end}": t.view(torch.uint8) if t.itemsize == 1 else t for end, t in stored.items()}
    if stored[""].dtype == torch.int8:
        tensors["a.weight"] = stored[""]
    text = json.dumps(description).encode()
    tensors["a.comfy_quant"] = torch.tensor(list(text), dtype=torch.uint8)
    layer = torch.nn.Linear(COLUMNS, ROWS, bias=False)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weight.safetensors"
        save_file(tensors, path)
        with safe_open(path, "pt") as file:
            _, found = read_quantization(path, file, file.keys())
            QuantizedLinear.convert(layer, read_packed(file, found["a.weight"], (ROWS, COLUMNS)))
    return layer, sum(t.numel() * t.itemsize for end, t in stored.items())


def memory(folder: Path, layers: int = LAYERS) -> bool:
    """Measure the peak memory of a process that loads a transformer in scaled fp8, divided by its size."""
    import torch

    from benchmarks.ltx_weights import Size, write_checkpoint

    path = folder / "ltx-2.3-random-distilled-fp8.safetensors"
    write_checkpoint(path, Size(layers, connector_layers=1), torch.device("cpu"), fp8=True)
    child = json.loads(
        run_child([sys.executable, "-m", "benchmarks.quantized_weights", "--load", path]).stdout
    )
    held, block = child["held"] / MEBIBYTE, child["block"] / MEBIBYTE
    figures = [
        Figure("what the file holds of the transformer", held, "MiB"),
        Figure("one of its blocks in bf16", block, "MiB"),
        Figure("peak above the libraries' memory", child["peak"] / MEBIBYTE, "MiB"),
        Figure(
            "  less one block, over what the file holds",
            (child["peak"] / MEBIBYTE - block) / held,
            at_most=MOST,
        ),
    ]
    return present(f"Loading a transformer of {layers} blocks in scaled fp8 and running all layers", figures)


def load(path: Path) -> None:
    """Load a transformer, run each layer once, and print the peak memory above that of the libraries."""
    import torch

    from lipwright.engines.ltx.loading.single_file import read_original

    files = read_original([path])
    files.network("transformer")  # what imports and checks take does not count
    before = _status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    network = files.load("transformer", torch.bfloat16, keep_quantized=True)
    with torch.no_grad():
        for layer in network.modules():
            if isinstance(layer, torch.nn.Linear):
                layer(torch.ones(1, layer.in_features, dtype=torch.bfloat16))
    tensors = [*network.parameters(), *network.buffers()]
    held = sum(t.numel() * t.itemsize for t in tensors)
    block = 2 * sum(t.numel() for t in network.transformer_blocks[0].parameters())
    print(json.dumps({"held": held, "block": block, "peak": _status("VmHWM") - before}))


def _status(key: str) -> int:
    """Return a size from this process's status, in bytes."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(key)).split()[1])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="for the checkpoint; a temporary one by default")
    parser.add_argument("--layers", type=int, default=LAYERS)
    parser.add_argument("--load", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.load:
        load(given.load)
        return 0
    met = errors()
    with tempfile.TemporaryDirectory() as temporary:
        met &= memory(given.folder or Path(temporary), given.layers)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
