"""Text and JSON: reading the small files that people hand in, and writing JSON that every reader takes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lipwright.errors import InputError

MAX_BYTES = 32 * 2**20
"""More than any workflow; a list of all nodes of a full server takes about 8 MB."""


def read_text(path: Path, what: str) -> str:
    """The text of a file.

    Args:
        path: To be read as UTF-8.
        what: What it is, for the message.

    Raises:
        InputError: it cannot be read, is no text, or is beyond all bounds.
    """
    hint = f"give a {what} that can be read"
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path}: the {what} cannot be read ({reason})", hint=hint) from None
    if len(data) > MAX_BYTES:
        raise InputError(f"{path}: the {what} has more than {MAX_BYTES // 2**20} MB", hint=hint)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path}: the {what} is not text in UTF-8", hint=hint) from None


def read_json(path: Path, what: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """The value in a JSON file.

    Raises:
        InputError: it cannot be read, or is no JSON.
    """
    text = read_text(path, what)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{path}: the {what} is not JSON ({str(error)[:120]})", hint="save it again where it came from"
        ) from None


def plain(value: Any) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """The same value in JSON's types: numpy's numbers become Python's, NaN and infinity null."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, bool | int | str) or value is None:
        return value
    if hasattr(value, "tolist"):  # numpy's numbers and arrays
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value)


def dumps(value: Mapping[str, Any]) -> str:
    """One object as indented text with a line end; ASCII, so that any terminal and file name will do."""
    return json.dumps(plain(value), indent=2, allow_nan=False) + "\n"
