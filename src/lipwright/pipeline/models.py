"""List, download and verify the models that are not in the package: the face model and the LTX models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lipwright.domain.progress import ProgressCallback, no_progress
from lipwright.engines.ltx.loading import download, pulled_models
from lipwright.engines.ltx.loading.catalog import CATALOG, CatalogModel
from lipwright.errors import Cancelled, EngineUnavailable, UsageError
from lipwright.face.model_file import (
    MODEL_NAME,
    MODEL_SHA256,
    PULL_COMMAND,
    fetch_face_model,
    locate_face_model,
)

FACE = "face"
NAMES = (FACE, *CATALOG)


def known_models() -> list[dict[str, Any]]:
    """Return the description of each model for `lipwright models list --json`."""
    try:
        face = locate_face_model()
    except EngineUnavailable:  # the file that the user named is wrong; `verify` and `doctor` explain why
        face = None
    return [_describe_face(face), *(_describe(model) for model in CATALOG.values())]


def pull_model(
    name: str, say: Callable[[str], None], report: ProgressCallback = no_progress
) -> dict[str, Any]:
    """Download a model, unless it is already on this machine.

    Args:
        name: One of NAMES.
        say: Called with lines about the license, and about other models that the model needs.
        report: Called with the mebibytes downloaded so far.

    Raises:
        UsageError: There is no model with this name.
        EngineUnavailable: The model cannot be downloaded.
        OutputError: The disk is full.
    """
    _check_name(name)
    if name == FACE:
        return _describe_face(locate_face_model() or fetch_face_model(say))
    model = CATALOG[name]
    say(
        f"{name} is licensed under the {model.license.name}: {model.license.url}\nRead it before you use the "
        "model."
    )
    if model.gated:
        say(f"{name} is gated: before the download, you must accept its terms at {model.page}")
    try:
        download.pull(model, report)
    except (Cancelled, KeyboardInterrupt):
        raise Cancelled(
            "interrupted", hint=f"the downloaded part is kept; to continue, run again: {model.pull_command}"
        ) from None
    for other in model.with_models:
        if pulled_models.pulled_folder(other) is None:
            say(f"{name} also needs {other}; run: {CATALOG[other].pull_command}")
    return _describe(model)


def verify_model(name: str, report: ProgressCallback = no_progress) -> dict[str, Any]:
    """Check the hashes of a downloaded model.

    Raises:
        UsageError: There is no model with this name.
        EngineUnavailable: The model is missing or damaged.
    """
    _check_name(name)
    if name != FACE:
        download.verify(CATALOG[name], report)
        return _describe(CATALOG[name])
    path = locate_face_model()
    if path is None:
        raise EngineUnavailable(
            f"the {name} model is not on this machine, or is damaged", hint=f"run: {PULL_COMMAND}"
        )
    return _describe_face(path)


def _describe_face(path: Path | None) -> dict[str, Any]:
    return {
        "name": FACE,
        "file": MODEL_NAME,
        "sha256": MODEL_SHA256,
        "summary": "478 face landmarks, 4 MB",
        "path": str(path) if path else None,
        "state": "here" if path else "missing",
        "license": {"name": "Apache License 2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        "repo": None,
        "commit": None,
        "bytes": path.stat().st_size if path else None,
        "needs": [],
        "gated": False,
    }


def _describe(model: CatalogModel) -> dict[str, Any]:
    folder, record = pulled_models.pulled_folder(model.name), pulled_models.read_record(model.name)
    files = record.files if record else ()
    begun = pulled_models.folder_of(model.name).is_dir() and folder is None
    alone = files[0] if len(files) == 1 else None
    return {
        "name": model.name,
        "file": model.patterns[0] if len(model.patterns) == 1 else None,
        "sha256": alone.sha256 if alone else None,
        "summary": model.summary,
        "path": str(folder) if folder else None,
        "state": "here" if folder else "partial" if begun else "missing",
        "license": {"name": model.license.name, "url": model.license.url},
        "repo": model.repo,
        "commit": record.commit if record else None,
        "bytes": sum(file.size for file in files) if files else None,
        "needs": list(model.with_models),
        "gated": model.gated,
    }


def _check_name(name: str) -> None:
    if name not in NAMES:
        raise UsageError(f"there is no model {name!r}", hint=f"use one of {', '.join(NAMES)}")
