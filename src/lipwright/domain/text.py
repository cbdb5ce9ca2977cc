"""Format numbers and names for messages, and convert the path arguments of the Python API."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike, fspath
from pathlib import Path

from lipwright.errors import UsageError

AnyPath = str | PathLike[str]


def path_or_none(given: AnyPath | None) -> Path | None:
    """Convert a path to a Path; None stays None.

    Raises:
        UsageError: the path is empty, which `Path` would take for the current folder.
    """
    if given is None:
        return None
    if not fspath(given):
        raise UsageError("a path is empty", hint="give the name of a file or folder")
    return Path(given)


def pluralize(number: int, name: str) -> str:
    """Format a number with its noun, whose plural ends in s: "1 frame", "9 frames"."""
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def first_lines(lines: Sequence[object], limit: int = 20) -> tuple[str, ...]:
    """Return the first `limit` lines for a message; if more lines exist, add a line such as "and 5 more"."""
    more = [f"and {len(lines) - limit} more"] if len(lines) > limit else []
    return (*map(str, lines[:limit]), *more)


def list_some(names: Sequence[str], limit: int = 6) -> str:
    """Join the first of many names for a message: "a, b and 3 more"."""
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def shorten(given: object) -> str:
    """Format a value for a message: text is quoted, and cut to 60 characters."""
    text = repr(given) if isinstance(given, str) else str(given)
    return text if len(text) <= 60 else f"{text[:57]}..."


def clock(seconds: float) -> str:
    """Format a time as minutes and seconds, such as 1:05.2."""
    minutes, rest = divmod(round(seconds, 1), 60)
    return f"{int(minutes)}:{rest:04.1f}"
