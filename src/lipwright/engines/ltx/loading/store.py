"""Where pulled models lie, and the record of what was pulled.

A model is a folder of that name under LIPWRIGHT_MODELS, or under the user's cache.
`pulled.json` in it is written last: a folder without one is not whole.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import platformdirs

from lipwright.engines.ltx.loading.hub import RemoteFile

MODELS_ENV = "LIPWRIGHT_MODELS"
"""Environment variable that names the folder of all models."""
RECORD = "pulled.json"
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Record:
    """What was pulled, as the hub described it."""

    repo: str
    commit: str
    files: tuple[RemoteFile, ...]

    def to_json(self) -> dict[str, Any]:
        """As it lies beside the files."""
        return {"schema": SCHEMA, **asdict(self)}


def models_folder() -> Path:
    """Where all models lie; need not exist."""
    if named := os.environ.get(MODELS_ENV):
        return Path(named)
    return Path(platformdirs.user_cache_path("lipwright")) / "models"


def folder_of(name: str) -> Path:
    """The folder of one model; need not exist."""
    return models_folder() / name


def read_record(name: str) -> Record | None:
    """What was pulled under that name; None where nothing was, or not to the end."""
    try:
        told: Mapping[str, Any] = json.loads((folder_of(name) / RECORD).read_text(encoding="utf-8"))
        if told["schema"] != SCHEMA:
            return None
        return Record(told["repo"], told["commit"], tuple(RemoteFile(**row) for row in told["files"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_record(name: str, record: Record) -> None:
    """Keep what was pulled.

    Raises:
        OSError: no room or no right.
    """
    path = folder_of(name) / RECORD
    part = path.with_name(RECORD + ".part")
    part.write_text(json.dumps(record.to_json(), indent=2) + "\n", encoding="utf-8")
    part.replace(path)


@contextmanager
def fetching(name: str) -> Iterator[bool]:
    """Keep other processes from fetching a model meanwhile; False where one is at it already.

    The system lets go of the lock when this process ends, however it ends. On a disk that knows no
    locks nothing is kept off.

    Raises:
        OSError: no room or no right.
    """
    models_folder().mkdir(parents=True, exist_ok=True)
    with (models_folder() / f".{name}.lock").open("a+b") as file:
        try:
            _lock(file.fileno())
        except OSError as error:
            if error.errno in TAKEN:
                yield False
                return
            if error.errno not in {errno.ENOLCK, errno.ENOTSUP}:
                raise
        yield True


TAKEN = frozenset({errno.EAGAIN, errno.EACCES, errno.EDEADLK})
"""What Linux, others and Windows say of a lock that somebody else has."""


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - of Windows alone

        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl  # noqa: PLC0415 - not of Windows

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def pulled_folder(name: str) -> Path | None:
    """The folder of a model that is here whole, by its record and the files' sizes; else None."""
    record, folder = read_record(name), folder_of(name)
    if record is None or any(size_of(folder / file.path) != file.size for file in record.files):
        return None
    return folder


def size_of(path: Path) -> int:
    """Bytes of a file; -1 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return -1
