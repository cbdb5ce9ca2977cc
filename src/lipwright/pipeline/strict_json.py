"""Values that every JSON reader takes: no NaN, no infinity, nothing of numpy's."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any


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
