"""Whether this machine can run the engine well, found out without importing torch."""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path

import platformdirs


def has_gpu() -> bool:
    """A GPU that torch could use: NVIDIA's driver with a card, AMD's, or Apple's."""
    if sys.platform == "darwin":
        return True
    if Path("/dev/kfd").exists():
        return True
    name = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    with suppress(OSError, AttributeError):
        driver = ctypes.CDLL(name)
        count = ctypes.c_int(0)
        if driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0:
            return count.value > 0
    return False


def whats_missing() -> str:
    """Why the engine should not be taken unasked: no GPU, or no weights. Empty where both are here."""
    if not has_gpu():
        return "no GPU"
    return "" if has_weights() else "no weights; lipwright models pull ltx-2.3-distilled fetches them"


def has_weights() -> bool:
    """Weights lie in the store of `lipwright models pull`."""
    named = os.environ.get("LIPWRIGHT_MODELS")
    folder = Path(named) if named else Path(platformdirs.user_cache_path("lipwright")) / "models"
    return any(folder.glob("*/pulled.json"))  # written last: a model without it is not whole
