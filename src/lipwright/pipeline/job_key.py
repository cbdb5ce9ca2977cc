"""Compute the key of a job, and determine whether a finished video was made by the job with a given key."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from lipwright import __version__
from lipwright.domain.json_text import dumps
from lipwright.domain.settings import RenderRequest
from lipwright.engines.base import EngineDescription
from lipwright.engines.registry import versions
from lipwright.errors import InputError
from lipwright.media.atomic_files import file_sha256
from lipwright.media.file_errors import reading
from lipwright.pipeline.manifest import read_manifest

KEYS_WITHOUT_EFFECT_ON_VIDEO = frozenset({"audio", "image", "driver", "output", "check", "engine_requested"})
"""Keys of a request that do not affect the video. The paths of inputs are among them, because only the
content of inputs matters."""


def job_key(
    request: RenderRequest,
    engine: EngineDescription,
    *,
    tune: bool = False,
    ignoring: frozenset[str] = KEYS_WITHOUT_EFFECT_ON_VIDEO,
) -> str:
    """Return the SHA-256 of everything that determines a video: jobs with equal keys make equal videos.

    Inputs are identified by content. Files with weights are identified by name, size and modification time,
    because hashing tens of gigabytes would take longer than a render. Servers and headers do not affect the
    video. `tune` is part of the key, because tuning changes settings. `ignoring` contains the keys of the
    request that are left out.

    Raises:
        InputError: an input cannot be read.
    """
    job: dict[str, Any] = {
        "inputs": {role: _digest_of(path) for role, path in request.inputs.items()},
        "job": {name: value for name, value in request.to_json().items() if name not in ignoring},
        "settings": {name: value for name, value in request.sampling.items() if value is not None},
        "engine": engine.name,
        "memory": request.options.memory,
        "model": _model(request.options.model),
        "loras": [_model(lora) for lora in request.options.loras],
        "tune": tune,
        "versions": {"lipwright": __version__, **versions(engine.distributions)},
    }
    if request.redo_chunks:
        job["redo_chunks"] = list(request.redo_chunks)
    return hashlib.sha256(dumps(job).encode()).hexdigest()


def is_done(request: RenderRequest, key: str) -> bool:
    """Return True if the video exists, is complete, and was made by the job with this key."""
    if not all(file.is_file() for file in (request.output, request.manifest, *request.motion_out)):
        return False
    try:
        manifest = read_manifest(request.manifest)
        return manifest.key == key and manifest.is_of(request.output)
    except InputError:
        return False


def _model(name: str | None) -> list[Any]:
    if not name:
        return []
    without_suffix = re.sub(r"(:[\d.+-]+)?(@\d)?$", "", name)  # for a LoRA, given as FILE:STRENGTH@STAGE
    for path in (name, without_suffix):
        with suppress(OSError, ValueError):
            stat = Path(path).stat()
            return [name, stat.st_size, stat.st_mtime_ns]
    return [name]


def _digest_of(path: Path) -> str:
    with reading(path):
        stat = path.stat()
    return _digest(str(path), stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=4096)
def _digest(path: str, size: int, modified_ns: int) -> str:
    """Return the hash of a file. It is computed only once, even if many rows of a batch use the file."""
    del size, modified_ns  # they are keys of the cache, so that a changed file is hashed again
    return file_sha256(Path(path))
