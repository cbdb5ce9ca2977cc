"""Operations shared by numpy and torch arrays: the array API standard, through array-api-compat."""

from __future__ import annotations

import hashlib
from typing import Any, TypeAlias

import numpy as np
from array_api_compat import array_namespace, device, to_device

Array: TypeAlias = Any
"""A numpy or torch array. The functions of this package return arrays of the library, dtype and device of
their arguments, and never write into their arguments."""


def namespace(*arrays: Array) -> Any:  # noqa: ANN401 - a module, which typing cannot name
    """Return the array API functions for these arrays: numpy's or torch's."""
    return array_namespace(*arrays)


def like(values: object, array: Array) -> Array:
    """Convert numbers to an array of the same library, dtype and device as `array`."""
    return namespace(array).asarray(values, dtype=array.dtype, device=device(array))


def to_numpy(array: Array) -> np.ndarray[Any, Any]:
    """Return a float32 copy of an array in main memory."""
    xp = namespace(array)
    return np.asarray(to_device(xp.astype(array, xp.float32), "cpu"))


def fingerprint(array: Array) -> str:
    """Return the SHA-256 of an array's shape, dtype and bits.

    Fingerprints before and after sampling show whether a frozen latent has changed, even if the model has
    written into the array itself. Unlike ==, fingerprints distinguish 0.0 from -0.0.
    """
    xp = namespace(array)
    dtype = str(array.dtype).removeprefix("torch.")
    if dtype == "bfloat16":  # numpy has no such type; widening is exact
        array = xp.astype(array, xp.float32)
    values = np.ascontiguousarray(np.asarray(to_device(array, "cpu")))
    return hashlib.sha256(f"{dtype}{values.shape}".encode() + values.tobytes()).hexdigest()
