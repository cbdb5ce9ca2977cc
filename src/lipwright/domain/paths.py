"""Paths as programs give them: text, or anything that stands for a path."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

AnyPath = str | PathLike[str]


def path_or_none(given: AnyPath | None) -> Path | None:
    """The same as a Path; None stays None."""
    return None if given is None else Path(given)
