"""The folder of downloaded models, and the record that a model is complete.

Each model has a folder under LIPWRIGHT_MODELS, or under the user's cache.
`pulled.json` in it is written last: a folder without that file is incomplete.
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
"""Environment variable that names the folder of all models."""
RECORD = "pulled.json"
SCHEMA = 1
BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file of a repository, with its size and hash as the hub gives them."""

    path: str
    size: int
    sha256: str | None
    """Hash of a large file."""
    git_sha1: str
    """Hash of a small file: the one that git computes."""

    @property
    def expected_hash(self) -> str:
        """The hash with its kind, for messages: "sha256 12ab..."."""
        return f"sha256 {self.sha256}" if self.sha256 else f"git sha1 {self.git_sha1}"

    def hash_of(self, path: Path, on_block: Callable[[int], object] = lambda size: None) -> str:
        """Hash a file on the disk, to be compared with `expected_hash`.

        `on_block` is called with the size of each block that was read.

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
    """A repository at one commit, with the downloaded files as described by the hub."""

    repo: str
    commit: str
    files: tuple[RemoteFile, ...]


def models_folder() -> Path:
    """The folder of all models; it need not exist."""
    if named := os.environ.get(MODELS_ENV):
        return Path(named)
    return Path(platformdirs.user_cache_path("lipwright")) / "models"


def folder_of(name: str) -> Path:
    """Return the folder of a model; it need not exist."""
    return models_folder() / name


def read_record(name: str) -> Record | None:
    """Return the record of a download; None if it does not exist or is incomplete."""
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
    """Write down that a model is complete.

    Raises:
        OSError: The disk is full or the folder cannot be written to.
    """
    path = folder_of(name) / RECORD
    part = path.with_name(RECORD + ".part")
    part.write_text(json.dumps({"schema": SCHEMA, **asdict(record)}, indent=2) + "\n", encoding="utf-8")
    part.replace(path)


def pulled_folder(name: str) -> Path | None:
    """The folder of a model that is complete by its record and the sizes of its files; else None."""
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
