"""Cached files with seals. A seal is a JSON file with the hash of a cached file, and notes about it.

The seal is written last. A process may be killed at any time, so a cached file is used only if its seal
exists, and has the right hash and version.
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
"""Version of the format of seals and of the content of the cached files."""


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
    """Return the notes about a cached file; None if the file has no seal.

    Raises:
        InputError: the file is damaged or has another version; the message is a clause such as "it is
            damaged".
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
    """Remove the least recently used entries of a cache until the rest fit into `max_bytes`.

    Args:
        entries: Time of last use, size in bytes and path of each entry.
        max_bytes: Maximum total size.
        remove: Function that removes the entry at a path.

    Returns:
        True if the remaining entries fit; False only if `max_bytes` is negative.
    """
    entries = sorted(entries)
    total = sum(size for _, size, _ in entries)
    for _, size, path in entries:
        if total <= max_bytes:
            break
        remove(path)
        total -= size
    return total <= max_bytes
