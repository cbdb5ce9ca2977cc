"""A memory mode, applied: where a network's weights lie, and what brings them to the GPU."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from diffusers.hooks import HookRegistry, ModelHook

from lipwright.engines.ltx.loading.memory_plan import Mode, Speed

PROBE_WIDTH = 4096
"""Side of the matrices whose product is timed: LTX-2.3's width."""
PROBE_BYTES = 256 << 20
PROBE_ROUNDS = 5
SMALLER_PROBE = 512
"""On a CPU, where the estimate is of hours anyway."""


def free_gpu_bytes(device: torch.device | None = None) -> int | None:
    """Free memory of the GPU that torch would use, or of a device; None where there is none.

    What torch holds without using it counts as free: it gives it back when it is short.
    """
    if not torch.cuda.is_available() or (device is not None and device.type != "cuda"):
        return None
    free, _ = torch.cuda.mem_get_info(device)
    return int(free) + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)


def free_ram_bytes() -> int | None:
    """Memory that the computer could give without swapping; None where the system does not say."""
    with suppress(OSError, StopIteration, ValueError):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        line = next(line for line in lines if line.startswith("MemAvailable:"))
        return int(line.split()[1]) * 1024
    return None


def place_transformer(network: Any, mode: Mode, device: torch.device, dtype: torch.dtype) -> Any:  # noqa: ANN401
    """Lay the transformer out as a mode wants it.

    Args:
        network: On the CPU, in `dtype` or packed (GGUF).
        mode: As planned.
        device: Where it computes.
        dtype: What it computes in.

    Returns:
        The same network.
    """
    if mode == "fp8":
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
        return visiting(network, device, whole=network.transformer_blocks)
    return network.to(device)


def visiting(network: Any, device: torch.device, whole: Iterable[torch.nn.Module] = ()) -> Any:  # noqa: ANN401
    """Let weights stay in the computer's memory, and each module's visit the device while it works.

    diffusers' offloading by layers would copy them back each time, and send a layer again for every
    portion of tokens that goes through it: some twenty times the traffic.

    Args:
        network: On the CPU.
        device: Where it computes.
        whole: Modules whose weights come all at once; elsewhere it is layer by layer.

    Returns:
        The same network.
    """
    whole = tuple(whole)
    inside = {part for module in whole for part in module.modules()}
    for module in network.modules():
        together = module in whole
        own = [*module.parameters(recurse=together), *module.buffers(recurse=together)]
        if own and (together or module not in inside):
            HookRegistry.check_if_exists_or_initialize(module).register_hook(_Visit(own, device), "visit")
    return network


class _Visit(ModelHook):  # type: ignore[misc]
    """Brings tensors to the device before a module works, and lets the copies go after it."""

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


def measure_speed(device: torch.device, dtype: torch.dtype) -> Speed:
    """Time a matrix product and a transfer: a fraction of a second, for an estimate."""
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
    """Seconds of the fastest round: what else runs here should not count."""
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
