"""Parse JSON from untrusted files and servers, with limits on size and nesting; write JSON without NaN."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

MAX_VALUES = 2_000_000
"""Maximum number of values in a JSON text. Each value takes up to a hundred bytes of memory. The largest
known node list of a ComfyUI server has a fifth of this number of values."""

MAX_DEPTH = 100
"""Maximum nesting of lists and objects: graphs use about 10 levels, and Python recurses at most 1000
times."""


def parse_json(text: str | bytes, *, numbers_as_text: bool = False) -> Any:  # noqa: ANN401
    """Parse JSON. With `numbers_as_text`, each number becomes a string, exactly as it is written.

    Raises:
        ValueError: the text is not JSON, has too many values or is nested too deep; the message says which.
    """
    data = text if isinstance(text, bytes) else text.encode(errors="surrogatepass")
    if sum(map(data.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise ValueError(f"the JSON has more than {MAX_VALUES:,} values")
    try:
        value = json.loads(text, parse_float=str, parse_int=str) if numbers_as_text else json.loads(text)
    except RecursionError:
        raise ValueError(f"the JSON has more than {MAX_DEPTH} nested levels") from None
    if _nests_deeper(value, MAX_DEPTH):
        raise ValueError(f"the JSON has more than {MAX_DEPTH} nested levels")
    return value


def _nests_deeper(value: Any, depth: int) -> bool:  # noqa: ANN401
    level = [value]
    for _ in range(depth):
        inner = [item for item in level if isinstance(item, dict | list)]
        level = [child for item in inner for child in (item.values() if isinstance(item, dict) else item)]
        if not level:
            return False
    return True


def plain(value: Any) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """Convert a value to JSON's types: NumPy's numbers become Python's; NaN and infinity become None."""
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
    """Format a mapping as indented JSON in ASCII, ending in a newline."""
    return json.dumps(plain(value), indent=2, allow_nan=False) + "\n"
