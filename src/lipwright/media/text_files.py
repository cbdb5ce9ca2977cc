"""Read small text and JSON files given by users."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lipwright.domain.json_text import parse_json
from lipwright.errors import InputError

MAX_BYTES = 32 * 2**20
"""Maximum size of a file, in bytes; the node list of a ComfyUI server with many packs has about 8 MB."""


def read_text(path: Path, what: str, max_bytes: int = MAX_BYTES) -> str:
    """Read the text of a file.

    Args:
        path: The file, in UTF-8.
        what: Kind of file, for error messages.
        max_bytes: Maximum size in bytes.

    Raises:
        InputError: the file cannot be read, is not text, or is too large.
    """
    hint = f"give a {what} that can be read"
    try:
        if path.exists() and not path.is_file():  # reading a pipe would wait, reading a device would not end
            raise InputError(f"{path}: the {what} cannot be read (it is not a file)", hint=hint)
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path}: the {what} cannot be read ({reason})", hint=hint) from None
    if len(data) > max_bytes:
        size = f"{max_bytes // 2**20} MB" if max_bytes >= 2**20 else f"{max_bytes:,} bytes"
        raise InputError(f"{path}: the {what} is larger than {size}", hint=hint)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path}: the {what} is not text in UTF-8", hint=hint) from None


def read_json(path: Path, what: str, max_bytes: int = MAX_BYTES) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Read a JSON file.

    Raises:
        InputError: the file cannot be read, is not JSON, has too many values or is nested too deep.
    """
    text = read_text(path, what, max_bytes)
    try:
        return parse_json(text)
    except ValueError as error:
        raise InputError(
            f"{path}: the {what} is not JSON, or cannot be parsed ({str(error)[:120]})",
            hint="save the file again in the program that made it",
        ) from None
