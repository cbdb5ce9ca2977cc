"""The folder of downloaded models, and the records of complete models.

Each model has a folder in LIPWRIGHT_MODELS, or in the user's cache. Its file `pulled.json` is written last,
so a folder without it is incomplete.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import platformdirs

from lipwright.domain.json_text import parse_json

MODELS_ENV = "LIPWRIGHT_MODELS"
"""Environment variable with the folder of all models."""
RECORD = "pulled.json"
SCHEMA = 1
BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a repository, with its size and hash as stated by the hub."""

    path: str
    size: int
    sha256: str | None
    """SHA-256 of the file; None for a small file."""
    git_sha1: str
    """git's hash of the file, with which small files are checked."""

    @property
    def expected_hash(self) -> str:
        """The expected hash with its kind, such as "sha256 12ab..."."""
        return f"sha256 {self.sha256}" if self.sha256 else f"git sha1 {self.git_sha1}"

    def hash_of(self, path: Path, on_block: Callable[[int], object] = lambda size: None) -> str:
        """Return the hash of a file on the disk, in the form of `expected_hash`.

        `on_block` is called with the number of bytes of each block that was read.

        Raises:
            OSError: The file cannot be read.
        """
        kind, digest = "sha256", hashlib.sha256()
        if self.sha256 is None:
            kind, digest = "git sha1", hashlib.sha1(usedforsecurity=False)
            digest.update(f"blob {path.stat().st_size}\0".encode())
        with path.open("rb") as stream:
            while block := stream.read(BLOCK_BYTES):
                digest.update(block)
                on_block(len(block))
        return f"{kind} {digest.hexdigest()}"


@dataclass(frozen=True, slots=True)
class Record:
    """A repository at a commit, with its downloaded files as described by the hub."""

    repo: str
    commit: str
    files: tuple[RemoteFile, ...]


def models_folder() -> Path:
    """Return the folder of all models; the folder may not exist yet."""
    if named := os.environ.get(MODELS_ENV):
        return Path(named)
    return Path(platformdirs.user_cache_path("lipwright")) / "models"


def folder_of(name: str) -> Path:
    """Return the folder of a model; the folder may not exist yet."""
    return models_folder() / name


def read_record(name: str) -> Record | None:
    """Return the record of a downloaded model; None if the record is missing or invalid."""
    path = folder_of(name) / RECORD
    try:
        content: Mapping[str, Any] = parse_json(path.read_bytes()) if path.is_file() else {}
        if content["schema"] != SCHEMA:
            return None
        files = tuple(RemoteFile(**row) for row in content["files"])
        is_valid = all(isinstance(file.path, str) and isinstance(file.size, int) for file in files)
        return Record(str(content["repo"]), str(content["commit"]), files) if is_valid else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_record(name: str, record: Record) -> None:
    """Write the record of a complete model.

    Raises:
        OSError: The disk is full or the folder cannot be written to.
    """
    path = folder_of(name) / RECORD
    part = path.with_name(RECORD + ".part")
    part.write_text(json.dumps({"schema": SCHEMA, **asdict(record)}, indent=2) + "\n", encoding="utf-8")
    part.replace(path)


def pulled_folder(name: str) -> Path | None:
    """Return a model's folder; None if its record or a file is missing, or a file has the wrong size."""
    record, folder = read_record(name), folder_of(name)
    if record is None or any(size_of(folder / file.path) != file.size for file in record.files):
        return None
    return folder


def size_of(path: Path) -> int:
    """Return the size of a file in bytes; -1 if it does not exist."""
    try:
        return path.stat().st_size
    except OSError:
        return -1
