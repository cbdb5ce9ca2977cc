"""Previews on the disk, by what they were made from, so that an interrupted run goes on.

An entry is a video, its manifest, its report where one is wanted, and a seal: the
video's hash, written last. What has no seal, or another hash, is made anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import platformdirs

from lipwright import __version__
from lipwright.domain.settings import RenderRequest
from lipwright.domain.time import Span
from lipwright.engines.base import EngineDescription
from lipwright.engines.registry import versions
from lipwright.errors import InputError, OutputError
from lipwright.media.files import write_text_atomically
from lipwright.pipeline.text_files import dumps
from lipwright.pipeline.tune.parameters import Parameters

MAX_BYTES = 500_000_000
"""What previews of interrupted runs may hold in the user's cache: a few hundred of them."""

NAME_LENGTH = 16
"""Hexadecimal digits of a job's hash in its file names."""


def cache_folder() -> Path:
    """Where previews lie without --trace; made where it is missing.

    Raises:
        OutputError: it cannot be made.
    """
    folder = Path(platformdirs.user_cache_path("lipwright")) / "tune"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be made ({error.strerror or error})", hint="name a folder with --trace"
        ) from error
    return folder


def sha256(path: Path) -> str:
    """Hash of a file's bytes.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror or error})", hint="was it moved?"
        ) from error


def job_hash(request: RenderRequest, parameters: Parameters, entry: EngineDescription) -> str:
    """A name for exactly this video: equal jobs make equal videos.

    Of weights given as a file, name, size and time count: reading tens of gigabytes for a
    hash would take longer than a preview. Servers and headers do not change the video.
    """
    model: list[Any] = [request.options.model]
    if request.options.model and Path(request.options.model).exists():
        stat = Path(request.options.model).stat()
        model += [stat.st_size, stat.st_mtime_ns]
    job: Mapping[str, Any] = {
        "inputs": {role: sha256(path) for role, path in request.inputs.items()},
        "parameters": parameters.to_json(),
        "size": request.size,
        "audio_codec": request.audio_codec,
        "allow_motion": request.allow_motion,
        "engine": entry.name,
        "model": model,
        "memory": request.options.memory,
        "loras": list(request.options.loras),
        "versions": {"lipwright": __version__, **versions(entry.distributions)},
    }
    return hashlib.sha256(dumps(job).encode()).hexdigest()


class PreviewStore:
    """A folder of previews.

    Args:
        folder: It exists.
        keep: The user's own folder: nothing in it is removed, and nothing but our names touched.
        max_bytes: What `prune` leaves.
    """

    def __init__(self, folder: Path, *, keep: bool, max_bytes: int = MAX_BYTES) -> None:
        self.folder, self._keep, self._max_bytes = folder, keep, max_bytes
        self._used: set[Path] = set()

    def video(self, job: str) -> Path:
        """Where the preview of a job lies or will lie."""
        video = self.folder / f"preview-{job[:NAME_LENGTH]}.mp4"
        self._used.add(video)
        return video

    def excerpt(self, source: Path, span: Span) -> Path:
        """Where that stretch of that recording goes, as a WAV file."""
        name = hashlib.sha256(f"{sha256(source)} {span.start} {span.end}".encode()).hexdigest()
        excerpt = self.folder / f"excerpt-{name[:NAME_LENGTH]}.wav"
        self._used.add(excerpt)
        return excerpt

    def holds(self, job: str) -> bool:
        """True where the job's preview lies there whole."""
        video = self.video(job)
        try:
            seal = json.loads(video.with_suffix(".seal").read_text(encoding="utf-8"))
            return bool(seal["job"] == job and seal["video_sha256"] == sha256(video))
        except (OSError, ValueError, TypeError, KeyError, InputError):
            return False

    def seal(self, job: str) -> str:
        """Say that the job's preview is whole.

        Returns:
            The video's hash.
        """
        digest = sha256(self.video(job))
        write_text_atomically(
            self.video(job).with_suffix(".seal"), dumps({"job": job, "video_sha256": digest})
        )
        return digest

    def clear(self) -> None:
        """The work is done: remove what this run used, unless the folder is the user's own."""
        if self._keep:
            return
        for path in self._used:
            _remove(path)

    def prune(self) -> None:
        """Remove the oldest previews until the rest is within bounds."""
        if self._keep:
            return
        entries = []
        for pattern in ("preview-*.mp4", "excerpt-*.wav"):
            for path in self.folder.glob(pattern):
                with suppress(OSError):  # another run may be clearing up
                    entries.append((path.stat().st_mtime, path.stat().st_size, path))
        held = sum(size for _, size, _ in entries)
        for _, size, path in sorted(entries):
            if held <= self._max_bytes:
                break
            _remove(path)
            held -= size


def _remove(entry: Path) -> None:
    for suffix in {".seal", entry.suffix, ".json", ".html"}:
        with suppress(OSError):
            entry.with_suffix(suffix).unlink()
