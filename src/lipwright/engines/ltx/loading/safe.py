"""Weights files are opened here alone: safetensors, checked before anything is read from them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from lipwright.engines.ltx.loading.resolve import refuse_pickle
from lipwright.errors import EngineUnavailable


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


def count_weights(path: Path, *, mend: str, names: Iterable[str] | None = None) -> int:
    """Numbers in a safetensors file.

    Args:
        path: The file.
        mend: As `opened`.
        names: Of the tensors to count; None counts all.
    """
    with opened(path, mend=mend) as file:
        wanted = file.keys() if names is None else names
        return sum(math.prod(file.get_slice(name).get_shape()) for name in wanted)


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
