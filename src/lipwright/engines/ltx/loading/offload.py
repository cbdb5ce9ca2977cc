"""Applying a memory mode: the placement of a network's weights, and their transfer to the GPU."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import torch
from diffusers.hooks import HookRegistry, ModelHook

from lipwright.engines.ltx.loading.memory_plan import Mode, Speed
from lipwright.engines.ltx.loading.quantized_linear import has_quantized_layers

PROBE_WIDTH = 4096
"""Number of rows and columns of the matrices in the speed test of a GPU. It equals the number of channels of
LTX-2.3's video tokens."""
PROBE_BYTES = 256 << 20
PROBE_ROUNDS = 5
SMALLER_PROBE = 512
"""Number of rows and columns of the matrices in the speed test of a CPU. They are smaller than those
for a GPU, because the time estimate for a CPU need not be exact."""


def free_gpu_bytes(device: torch.device | None = None) -> int | None:
    """Return the free memory of a GPU in bytes; None if `device` is not a GPU, or torch finds no GPU.

    If `device` is None, this is the memory of torch's default GPU. Memory that torch has reserved, but does
    not use, counts as free.
    """
    if not torch.cuda.is_available() or (device is not None and device.type != "cuda"):
        return None
    free, _ = torch.cuda.mem_get_info(device)
    return int(free) + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)


def free_ram_bytes() -> int | None:
    """Return the free memory of the computer in bytes; None if unknown."""
    with suppress(OSError, StopIteration, ValueError):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        line = next(line for line in lines if line.startswith("MemAvailable:"))
        return int(line.split()[1]) * 1024
    return None


def place_transformer(network: Any, mode: Mode, device: torch.device, dtype: torch.dtype) -> Any:  # noqa: ANN401
    """Place the weights of a loaded transformer as a memory mode requires, and return the transformer.

    The transformer then runs on `device`. In mode fp8, the layers compute in `dtype`.
    """
    if mode == "fp8" and not has_quantized_layers(network):  # quantized layers already have 8 bits or fewer
        network.enable_layerwise_casting(storage_dtype=torch.float8_e4m3fn, compute_dtype=dtype)
    if mode == "group-offload":
        network.enable_group_offload(
            onload_device=device,
            offload_device=torch.device("cpu"),
            offload_type="block_level",
            num_blocks_per_group=1,
            use_stream=device.type == "cuda",
        )
        return network
    if mode == "sequential":
        return onload_while_running(network, device, whole=network.transformer_blocks)
    return network.to(device)


def onload_while_running(network: Any, device: torch.device, whole: Iterable[torch.nn.Module] = ()) -> Any:  # noqa: ANN401
    """Keep a network's weights in the computer's memory, and copy those of a module only while it runs.

    The weights of each module in `whole` are copied together, all others layer by layer. diffusers' layerwise
    offloading is not used, because it also copies weights back, and copies a layer again for every group of
    tokens that runs through the layer. It would copy about twenty times as many bytes as this function.
    """
    whole = tuple(whole)
    inside = {part for module in whole for part in module.modules()}
    for module in network.modules():
        together = module in whole
        own = [*module.parameters(recurse=together), *module.buffers(recurse=together)]
        if own and (together or module not in inside):
            HookRegistry.check_if_exists_or_initialize(module).register_hook(
                _OnloadHook(own, device), "onload"
            )
    return network


class _OnloadHook(ModelHook):  # type: ignore[misc]
    """A hook that copies tensors to the device before a module runs, and drops the copies afterward."""

    def __init__(self, tensors: list[torch.Tensor], device: torch.device) -> None:
        super().__init__()
        self._homes = [(tensor, tensor.data) for tensor in tensors]
        self._device = device

    def pre_forward(self, _module: torch.nn.Module, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        for tensor, home in self._homes:
            tensor.data = home.to(self._device, non_blocking=True)
        return args, kwargs

    def post_forward(self, _module: torch.nn.Module, output: Any) -> Any:  # noqa: ANN401
        for tensor, home in self._homes:
            tensor.data = home
        return output


@cache
def measure_speed(device: torch.device, dtype: torch.dtype) -> Speed:
    """Run a short test of the speed of a matrix product and of copies to the GPU."""
    gpu = device.type == "cuda"
    side = PROBE_WIDTH if gpu else SMALLER_PROBE
    one = torch.randn(side, side, dtype=dtype, device=device)
    product = _timed(lambda: one @ one, gpu=gpu)
    if not gpu:
        return Speed(flops=2 * side**3 / product, transfer=float("inf"))
    block = torch.ones(PROBE_BYTES, dtype=torch.uint8)
    pinned = block.pin_memory()
    rates = (
        PROBE_BYTES / _timed(lambda source=source: source.to(device, non_blocking=True), gpu=True)
        for source in (pinned, block)
    )
    return Speed(2 * side**3 / product, *rates)


def _timed(work: Any, *, gpu: bool) -> float:  # noqa: ANN401 - any function
    """Run `work` several times, and return the shortest time in seconds.

    Other programs slow down some of the runs; the fastest run is the least affected.
    """
    work()
    rounds = []
    for _ in range(PROBE_ROUNDS):
        if gpu:
            torch.cuda.synchronize()
        started = time.perf_counter()
        work()
        if gpu:
            torch.cuda.synchronize()
        rounds.append(time.perf_counter() - started)
    return max(min(rounds), 1e-9)
