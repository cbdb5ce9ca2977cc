"""JSON from files and servers that are not trusted: bounded in size, number of values and depth."""

from __future__ import annotations

import json
from typing import Any

MAX_VALUES = 2_000_000
"""Maximum number of values. Each takes up to a hundred bytes in memory; the largest known list of ComfyUI
nodes has a fifth as many."""

MAX_DEPTH = 100
"""Maximum depth of lists and objects: graphs use about 10, and Python recurses 1000 at most."""


def parse_json(text: str | bytes, *, numbers_as_text: bool = False) -> Any:  # noqa: ANN401
    """Read the value that a JSON text holds; with `numbers_as_text`, numbers stay as they are written.

    Raises:
        ValueError: it is not JSON, holds too many values or nests too deep; the message says which.
    """
    data = text if isinstance(text, bytes) else text.encode(errors="surrogatepass")
    if sum(map(data.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise ValueError(f"more than {MAX_VALUES:,} values")
    try:
        value = json.loads(text, parse_float=str, parse_int=str) if numbers_as_text else json.loads(text)
    except RecursionError:
        raise ValueError(f"more than {MAX_DEPTH} levels") from None
    if _nests_deeper(value, MAX_DEPTH):
        raise ValueError(f"more than {MAX_DEPTH} levels")
    return value


def _nests_deeper(value: Any, depth: int) -> bool:  # noqa: ANN401
    level = [value]
    for _ in range(depth):
        inner = [item for item in level if isinstance(item, dict | list)]
        level = [child for item in inner for child in (item.values() if isinstance(item, dict) else item)]
        if not level:
            return False
    return True
