"""The check that this machine can run the ltx engine, without importing torch."""

from __future__ import annotations

import ctypes
import importlib.metadata
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lipwright.engines.ltx.loading.catalog import CATALOG
from lipwright.engines.ltx.loading.resolve import missing_models

NAME_BYTES = 128


@dataclass(frozen=True, slots=True)
class Gpu:
    """The first GPU that torch can use."""

    name: str
    bytes: int | None
    """Memory of the GPU in bytes; None if it is unknown without torch."""


def find_gpu() -> Gpu | None:
    """Find a GPU of NVIDIA or AMD by its driver; None if there is none. Apple's GPUs are not used."""
    if sys.platform == "darwin":
        return None
    library = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    with suppress(OSError, AttributeError):
        driver = ctypes.CDLL(library)
        device, count = ctypes.c_int(0), ctypes.c_int(0)
        if driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0 and count.value:
            name, size = ctypes.create_string_buffer(NAME_BYTES), ctypes.c_size_t(0)
            driver.cuDeviceGet(ctypes.byref(device), 0)
            driver.cuDeviceGetName(name, NAME_BYTES, device)
            driver.cuDeviceTotalMem_v2(ctypes.byref(size), device)
            return Gpu(name.value.decode(errors="replace"), size.value or None)
    return Gpu("AMD GPU", None) if Path("/dev/kfd").exists() else None


def missing_requirement() -> str:
    """Return why `--engine auto` skips the ltx engine, such as "no GPU"; empty if nothing is missing."""
    if find_gpu() is None:
        return "no GPU"
    if torch_version().endswith("+cpu"):
        return f"torch {torch_version()} is built for CPUs only; see https://pytorch.org/get-started/locally"
    commands = pull_commands()
    return f"no weights; run: {' and: '.join(commands)}" if commands else ""


def torch_version() -> str:
    """Return the version of the installed torch with its build; empty if torch is not installed."""
    with suppress(importlib.metadata.PackageNotFoundError):
        return importlib.metadata.version("torch")
    return ""


def pull_commands() -> list[str]:
    """Return the commands that download missing weights; empty if none are missing."""
    return [CATALOG[name].pull_command for name in missing_models()]
