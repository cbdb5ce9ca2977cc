"""Opening of safetensors files, with readable error messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from lipwright.domain.json_text import parse_json
from lipwright.engines.ltx.loading.resolve import refuse_pickle
from lipwright.errors import EngineUnavailable


@contextmanager
def repair_hint(hint: str) -> Iterator[None]:
    """Add `hint` to every EngineUnavailable that a `with` block raises without a hint of its own.

    The hint says how to get complete files.
    """
    try:
        yield
    except EngineUnavailable as error:
        error.hint = error.hint or hint
        raise


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """Open a safetensors file or a GGUF file during a `with` block.

    The opened object of a GGUF file has the methods of an opened safetensors file.

    Raises:
        EngineUnavailable: The file is missing, truncated, or not a safetensors file.
    """
    refuse_pickle(path)
    if path.suffix.lower() == ".gguf":
        from lipwright.engines.ltx.loading.gguf import GgufTensors  # noqa: PLC0415 - it imports this module

        yield GgufTensors(path)
        return
    try:
        with safe_open(path, framework="pt") as file:
            yield file
    except SafetensorError as error:
        raise EngineUnavailable(f"{path} is damaged or truncated ({reason_of(error)})") from error
    except OSError as error:
        raise EngineUnavailable(f"{path}: {error.strerror or error}") from error


def configuration(header: Mapping[str, str], path: Path) -> Mapping[str, Any]:
    """Return the model configuration in a file's metadata; empty if there is none.

    Raises:
        EngineUnavailable: The configuration is not JSON.
    """
    try:
        found = parse_json(header.get("config", "{}"))
    except ValueError as error:
        raise EngineUnavailable(
            f"{path}: the configuration in its metadata is not JSON ({reason_of(error)})"
        ) from error
    return found if isinstance(found, dict) else {}


def reason_of(error: Exception) -> str:
    """Return the first line of a library's error message, at most 120 characters."""
    text = str(error).strip().removeprefix("Error while deserializing header: ") or type(error).__name__
    return text.splitlines()[0][:120]
