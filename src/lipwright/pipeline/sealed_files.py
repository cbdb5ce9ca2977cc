"""Cached files with a seal, which is written after the file and contains its hash and notes.

A process may be killed at any time, so a file is not used if it has no seal, or one with another hash or
version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from lipwright.domain.json_text import dumps
from lipwright.errors import InputError
from lipwright.media.atomic_files import file_sha256, write_text_atomically
from lipwright.media.text_files import read_json

VERSION = 1
"""Version of the format of seals and of the content of the files."""


def seal(path: Path, notes: Mapping[str, Any]) -> str:
    """Write the seal of a complete file, and return the file's hash.

    Raises:
        InputError: the file cannot be read.
        OutputError: the seal cannot be written.
    """
    digest = file_sha256(path)
    text = dumps({"version": VERSION, "sha256": digest, "notes": dict(notes)})
    write_text_atomically(path.with_suffix(".seal"), text)
    return digest


def sealed_notes(path: Path) -> dict[str, Any] | None:
    """Return the notes on a file; None if it has no seal.

    Raises:
        InputError: file and seal do not belong together; the message is a clause that says why.
    """
    if not path.with_suffix(".seal").is_file():
        return None
    try:
        stated = read_json(path.with_suffix(".seal"), "seal")
        version, whole, notes = (
            stated["version"],
            stated["sha256"] == file_sha256(path),
            dict(stated["notes"]),
        )
    except (TypeError, ValueError, KeyError, InputError) as error:
        raise InputError(f"it is damaged ({type(error).__name__})") from error
    if version != VERSION:
        raise InputError(f"it has version {version!r}, not {VERSION}")
    if not whole:
        raise InputError("it is damaged")
    return notes


def remove_oldest(
    entries: Iterable[tuple[float, int, Path]], max_bytes: int, remove: Callable[[Path], object]
) -> bool:
    """Remove the oldest entries of a cache until the rest fits; return False if it does not fit.

    Args:
        entries: Time of last use, size in bytes and path of each entry.
        max_bytes: Maximum total size.
        remove: Removes the entry with a path.
    """
    entries = sorted(entries)
    total = sum(size for _, size, _ in entries)
    for _, size, path in entries:
        if total <= max_bytes:
            break
        remove(path)
        total -= size
    return total <= max_bytes
