"""Numbers in sentences."""

from __future__ import annotations


def pluralize(number: int, name: str) -> str:
    """A number and what it counts: "1 frame", "9 frames".

    Args:
        number: How many.
        name: One of them; the plural has an s.
    """
    return f"{number} {name}" if number == 1 else f"{number} {name}s"
