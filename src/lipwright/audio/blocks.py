"""Long sounds in pieces, so that no step needs another copy of an hour."""

from __future__ import annotations

from collections.abc import Iterator


def blocks(length: int, size: int) -> Iterator[slice]:
    """Slices of `size` that cover `length` samples; the last one may be shorter."""
    return (slice(start, min(start + size, length)) for start in range(0, length, size))
