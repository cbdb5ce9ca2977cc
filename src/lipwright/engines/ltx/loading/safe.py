"""Weights files are opened here alone: safetensors, checked before anything is read from them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from lipwright.errors import EngineUnavailable

PICKLES = frozenset({".ckpt", ".pt", ".pth", ".bin", ".pkl"})
"""Formats that run code when they are read."""


def refuse_pickle(path: Path) -> None:
    """Refuse a file whose format runs code when it is read.

    Raises:
        EngineUnavailable: it is one.
    """
    if path.suffix.lower() in PICKLES:
        raise EngineUnavailable(
            f"{path.name} is a pickle: reading such a file runs whatever code is in it",
            hint="take the .safetensors or .gguf file of the same model",
        )


@contextmanager
def opened(path: Path, *, mend: str) -> Iterator[Any]:
    """Open a safetensors file.

    Args:
        path: The file.
        mend: Command or advice that replaces it, for the hint.

    Raises:
        EngineUnavailable: not there, no safetensors file, or cut short.
    """
    refuse_pickle(path)
    try:
        with safe_open(path, framework="pt") as file:
            yield file
    except SafetensorError as error:
        raise EngineUnavailable(f"{path}: damaged or cut short ({_short(error)})", hint=mend) from error
    except OSError as error:
        raise EngineUnavailable(f"{path}: {error.strerror or error}", hint=mend) from error


def keys_and_header(path: Path, *, mend: str) -> tuple[list[str], Mapping[str, str]]:
    """Names of the tensors and the metadata of a safetensors file.

    Raises:
        EngineUnavailable: as `opened`.
    """
    with opened(path, mend=mend) as file:
        return list(file.keys()), dict(file.metadata() or {})


def configuration(header: Mapping[str, str], path: Path) -> Mapping[str, Any]:
    """The model configuration in a file's metadata; empty where it carries none.

    Raises:
        EngineUnavailable: it is not JSON.
    """
    try:
        found = json.loads(header.get("config", "{}"))
    except json.JSONDecodeError as error:
        raise EngineUnavailable(
            f"{path}: its configuration is no JSON ({error})", hint="fetch the file again from its source"
        ) from error
    return found if isinstance(found, dict) else {}


def _short(error: Exception) -> str:
    return str(error).removeprefix("Error while deserializing header: ").splitlines()[0]
