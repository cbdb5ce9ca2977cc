"""Paths as programs give them: text, or anything that stands for a path."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path

from lipwright.errors import UsageError

AnyPath = str | PathLike[str]


def path_or_none(given: AnyPath | None) -> Path | None:
    """Convert to a Path; None stays None.

    Raises:
        UsageError: the path is empty, which `Path` would take for the current folder.
    """
    if given is None:
        return None
    if not fspath(given):
        raise UsageError("a path is empty", hint="give the name of a file or folder")
    return Path(given)
