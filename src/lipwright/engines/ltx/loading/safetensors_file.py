"""Open safetensors files, with readable error messages."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from lipwright.domain.json_text import parse_json
from lipwright.engines.ltx.loading.resolve import refuse_pickle
from lipwright.errors import EngineUnavailable


@contextmanager
def opened(path: Path, *, repair_hint: str) -> Iterator[Any]:
    """Open a safetensors file, or a GGUF file with the same interface, its tensors dequantized.

    Args:
        path: The file.
        repair_hint: Hint of errors: how to replace the file.

    Raises:
        EngineUnavailable: The file is missing, truncated, or not a safetensors file.
    """
    refuse_pickle(path)
    if path.suffix.lower() == ".gguf":
        from lipwright.engines.ltx.loading.gguf import GgufTensors  # noqa: PLC0415 - it imports this module

        yield GgufTensors(path, repair_hint)
        return
    try:
        with safe_open(path, framework="pt") as file:
            yield file
    except SafetensorError as error:
        raise EngineUnavailable(
            f"{path}: damaged or truncated ({_short(error)})", hint=repair_hint
        ) from error
    except OSError as error:
        raise EngineUnavailable(f"{path}: {error.strerror or error}", hint=repair_hint) from error


def keys_and_header(path: Path, *, repair_hint: str) -> tuple[list[str], Mapping[str, str]]:
    """Read the names of the tensors and the metadata of a safetensors file.

    Raises:
        EngineUnavailable: See `opened`.
    """
    with opened(path, repair_hint=repair_hint) as file:
        return list(file.keys()), dict(file.metadata() or {})


def count_weights(path: Path, *, repair_hint: str, names: Iterable[str] | None = None) -> int:
    """Count the numbers in a safetensors file.

    Args:
        path: The file.
        repair_hint: See `opened`.
        names: Tensors to count; None counts all.
    """
    with opened(path, repair_hint=repair_hint) as file:
        wanted = file.keys() if names is None else names
        return sum(math.prod(file.get_slice(name).get_shape()) for name in wanted)


def configuration(header: Mapping[str, str], path: Path) -> Mapping[str, Any]:
    """Read the model configuration in a file's metadata; empty if there is none.

    Raises:
        EngineUnavailable: It is not JSON.
    """
    try:
        found = parse_json(header.get("config", "{}"))
    except ValueError as error:
        raise EngineUnavailable(
            f"{path}: the configuration in its metadata is not JSON ({_short(error)})",
            hint="fetch the file again from its source",
        ) from error
    return found if isinstance(found, dict) else {}


def _short(error: Exception) -> str:
    return str(error).removeprefix("Error while deserializing header: ").splitlines()[0]
