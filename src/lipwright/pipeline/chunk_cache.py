"""Cache the sampled chunks of a job on disk, to continue a killed render or sample one chunk again.

A chunk is stored in a NumPy file (never pickle) with a seal (see `sealed_files`), in the folder of its job.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from numpy.typing import NDArray

from lipwright.domain.finding import Finding
from lipwright.domain.text import pluralize
from lipwright.errors import LipwrightError
from lipwright.pipeline.findings import CHUNKS_KEPT, CHUNKS_NOT_KEPT, KEPT_CHUNK_UNUSABLE
from lipwright.pipeline.sealed_files import remove_oldest, seal, sealed_notes

MAX_CACHE_BYTES = 4_000_000_000
"""Maximum size of all stored chunks: about a hundred chunks of 257 frames at 1080p, or thousands of chunks of
the portrait engine."""

KEY_DIGITS = 32
"""Number of hexadecimal digits of a job's key that form the name of its folder."""


def cache_folder() -> Path:
    """Return the path of the folder with all stored chunks; the folder may not exist."""
    return Path(platformdirs.user_cache_path("lipwright")) / "chunks"


def cache_bytes() -> int:
    """Return the total size of all stored chunks in bytes."""
    return sum(size for _, size, _ in _jobs())


class ChunkCache:
    """The stored chunks of one job; implements `ChunkStore`."""

    def __init__(self, key: str) -> None:
        self.folder = cache_folder() / key[:KEY_DIGITS]
        self._loaded = self._saved = 0
        self._unusable: list[str] = []
        self._failed = ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Findings about chunks that were read from the cache, could not be read, or could not be stored."""
        found = []
        if self._loaded:
            found.append(CHUNKS_KEPT(chunks=pluralize(self._loaded, "chunk")))
        if self._unusable:
            found.append(KEPT_CHUNK_UNUSABLE(count=len(self._unusable), reason=self._unusable[0]))
        if self._failed:
            found.append(CHUNKS_NOT_KEPT(reason=self._failed))
        return tuple(found)

    @property
    def interrupted(self) -> str:
        """Hint to show if the user stops the render; empty if no chunk is stored."""
        kept = self._loaded + self._saved
        chunks = pluralize(kept, "chunk")
        return f"no video was written; run the command again to continue ({chunks} stored)" if kept else ""

    def forget(self) -> None:
        """Remove the chunks of this job."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def load(self, name: str) -> tuple[NDArray[np.float32], Mapping[str, Any]] | None:
        """Return the latent tokens of a chunk, and the notes (JSON values) that were stored with the chunk.

        The result is None if the chunk is missing or incomplete, or was stored by another version.
        """
        try:
            notes = sealed_notes(self._path(name))
            if notes is None:
                return None
            tokens = np.load(self._path(name), allow_pickle=False)
        except (OSError, ValueError, LipwrightError) as error:
            self._unusable.append(str(error))
            return None
        self._loaded += 1
        with suppress(OSError):
            self.folder.touch()  # used last, so removed last
        return tokens, notes

    def save(self, name: str, tokens: NDArray[np.float32], notes: Mapping[str, Any]) -> None:
        """Store a chunk; if the cache is full, first remove the chunks of the jobs used least recently."""
        path = self._path(name)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not self._make_room(tokens.nbytes):
                self._failed = (
                    f"the chunks of this video take more than {MAX_CACHE_BYTES / 1e9:g} GB, "
                    "the size limit of the cache"
                )
                return
            np.save(path, tokens, allow_pickle=False)  # the seal shows whether it is complete
            seal(path, notes)
            self._saved += 1
        except (OSError, LipwrightError) as error:
            self._failed = str(error)
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def note(self, name: str, notes: Mapping[str, Any]) -> None:
        """Replace the notes that are stored with a chunk; do nothing if the chunk is not stored."""
        if self._path(name).is_file():
            with suppress(LipwrightError):
                seal(self._path(name), notes)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.npy"

    def _make_room(self, wanted: int) -> bool:
        jobs = _jobs()
        own = sum(size for _, size, folder in jobs if folder == self.folder)
        others = [job for job in jobs if job[2] != self.folder]
        return remove_oldest(
            others, MAX_CACHE_BYTES - own - wanted, partial(shutil.rmtree, ignore_errors=True)
        )


def _jobs() -> list[tuple[float, int, Path]]:
    """Return the time of last use, the size and the folder of every job with stored chunks."""
    found = []
    with suppress(OSError):
        for folder in cache_folder().iterdir():
            with suppress(OSError):  # another run may be removing it
                size = sum(file.stat().st_size for file in folder.iterdir())
                found.append((folder.stat().st_mtime, size, folder))
    return found
