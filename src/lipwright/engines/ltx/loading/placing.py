"""A memory mode, applied: where a network's weights lie, and what brings them to the GPU."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from diffusers.hooks.group_offloading import apply_group_offloading

from lipwright.engines.ltx.loading.budget import Mode, Speed

PROBE_WIDTH = 4096
"""Side of the matrices whose product is timed: LTX-2.3's width."""
PROBE_BYTES = 256 << 20
PROBE_ROUNDS = 5
SMALLER_PROBE = 512
"""On a CPU, where the estimate is of hours anyway."""


def free_gpu_bytes() -> int | None:
    """Free memory of the GPU that torch would use; None where it finds none."""
    if not torch.cuda.is_available():
        return None
    free, _ = torch.cuda.mem_get_info()
    return int(free)


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
        network.enable_group_offload(
            onload_device=device, offload_device=torch.device("cpu"), offload_type="leaf_level"
        )
        return network
    return network.to(device)


def place_text_encoder(network: Any, device: torch.device, *, offload: bool) -> Any:  # noqa: ANN401
    """On the GPU, or through it layer by layer where it does not fit."""
    if not offload or device.type == "cpu":
        return network.to(device)
    # Without a stream: that would pin 23 GB of the computer's memory, for a pass or two.
    apply_group_offloading(
        network, onload_device=device, offload_device=torch.device("cpu"), offload_type="leaf_level"
    )
    return network


def measure_speed(device: torch.device, dtype: torch.dtype) -> Speed:
    """Time a matrix product and a transfer: a fraction of a second, for an estimate."""
    gpu = device.type == "cuda"
    side = PROBE_WIDTH if gpu else SMALLER_PROBE
    one = torch.randn(side, side, dtype=dtype, device=device)
    product = _timed(lambda: one @ one, gpu=gpu)
    if not gpu:
        return Speed(flops=2 * side**3 / product, transfer=float("inf"))
    block = torch.empty(PROBE_BYTES, dtype=torch.uint8, pin_memory=True)
    sending = _timed(lambda: block.to(device, non_blocking=True), gpu=True)
    return Speed(flops=2 * side**3 / product, transfer=PROBE_BYTES / sending)


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
