"""The model files that are fetched rather than shipped: today the face model alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lipwright.errors import EngineUnavailable, UsageError
from lipwright.face.model_file import (
    MODEL_NAME,
    MODEL_SHA256,
    PULL_COMMAND,
    fetch_face_model,
    locate_face_model,
)

NAMES = ("face",)


def known_models() -> list[dict[str, Any]]:
    """Each model: name, file, sha256, summary, and its path or None."""
    return [_describe(locate_face_model())]


def pull_model(name: str, say: Callable[[str], None]) -> dict[str, Any]:
    """Fetch the model unless it is here.

    Args:
        name: One of NAMES.
        say: Told in a line what was fetched.

    Raises:
        UsageError: no such model.
        EngineUnavailable: not to be had.
    """
    _check_name(name)
    return _describe(locate_face_model() or fetch_face_model(say))


def verify_model(name: str) -> dict[str, Any]:
    """See that the model is here with the right hash.

    Raises:
        UsageError: no such model.
        EngineUnavailable: it is missing or another file.
    """
    _check_name(name)
    path = locate_face_model()
    if path is None:
        raise EngineUnavailable(
            f"the {name} model is not on this machine, or damaged", hint=f"run: {PULL_COMMAND}"
        )
    return _describe(path)


def _describe(path: Path | None) -> dict[str, Any]:
    return {
        "name": "face",
        "file": MODEL_NAME,
        "sha256": MODEL_SHA256,
        "summary": "478 face landmarks, 4 MB",
        "path": str(path) if path else None,
    }


def _check_name(name: str) -> None:
    if name not in NAMES:
        raise UsageError(f"there is no model {name!r}", hint=f"one of {', '.join(NAMES)}")
