"""Paths as programs give them: text, or anything that stands for a path."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import overload

AnyPath = str | PathLike[str]


@overload
def as_path(given: AnyPath) -> Path: ...
@overload
def as_path(given: AnyPath | None) -> Path | None: ...
def as_path(given: AnyPath | None) -> Path | None:
    """The same as a Path; None stays None."""
    return None if given is None else Path(given)
