"""Read values of settings that need more than a type: paths, lists of numbers, headers."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lipwright.domain.text import shorten
from lipwright.errors import InputError, UsageError

MOTION_SUFFIXES = (".csv", ".json", ".tsv")
"""Suffixes of the files that `--motion-out` can write."""


def read_path(given: Any, label: str = "the path", *, to_read: bool = False) -> Path:  # noqa: ANN401
    """Read the path of a file. A path that ends in "/", "/." or ".." is refused, because it names a folder.

    Raises:
        UsageError: the path is empty or invalid, or the path of an output names a folder.
        InputError: the path of an input names a folder.
    """
    try:
        path, text = Path(given), os.fspath(given)
    except TypeError:
        raise UsageError(f"{label} {shorten(given)} is not a path", hint="give the path of a file") from None
    if not text:
        raise UsageError(f"{label} is empty", hint="give the path of a file, or leave the option out")
    if os.path.basename(text) in {"", ".", ".."}:  # noqa: PTH119 - a Path has lost it
        refused = InputError if to_read else UsageError
        raise refused(f"{label} {shorten(text)} names a folder", hint="name a file inside it")
    return path


def read_numbers(given: Iterable[Any], label: str, what: str) -> tuple[int, ...]:
    """Read the numbers of chunks or shots, such as "3" or "2,5", without duplicates, in the order given.

    Args:
        given: Texts, each with one or more numbers; the first chunk or shot is 1.
        label: The option, for messages.
        what: "chunk" or "shot", for messages.

    Raises:
        UsageError: one of the values is not a whole number of at least 1.
    """
    numbers = []
    for text in (part.strip() for one in given for part in str(one).split(",")):
        if not (text.isascii() and text.isdigit() and len(text) <= 6 and int(text) > 0):
            raise UsageError(
                f"{label} {shorten(text)} is not the number of a {what}",
                hint=f"give a number such as 3, or several such as 2,5; the first {what} is 1",
            )
        numbers.append(int(text))
    return tuple(dict.fromkeys(numbers))


def read_headers(given: Iterable[Any]) -> tuple[tuple[str, str], ...]:
    """Read headers such as "Authorization: Bearer ..." as pairs of name and value.

    Raises:
        UsageError: there is no colon, or no name before it. The message does not quote the text, which may be
            a secret.
    """
    headers = []
    for one in given:
        pair = one.split(":", 1) if isinstance(one, str) else one
        is_pair = isinstance(pair, list | tuple) and len(pair) == 2
        name, value = pair if is_pair and all(isinstance(part, str) for part in pair) else ("", "")
        if not name.strip():
            raise UsageError(
                "--header is not NAME:VALUE", hint="write it as --header 'Authorization: Bearer TOKEN'"
            )
        headers.append((name.strip(), value.strip()))
    return tuple(headers)


def read_motion_files(given: Iterable[Any]) -> tuple[Path, ...]:
    """Read the paths of `--motion-out`.

    Raises:
        UsageError: a path does not end in one of MOTION_SUFFIXES.
    """
    files = tuple(read_path(path, "--motion-out") for path in given)
    for file in files:
        if file.suffix.lower() not in MOTION_SUFFIXES:
            raise UsageError(
                f"--motion-out {file} must end in one of {', '.join(MOTION_SUFFIXES)}",
                hint="the suffix chooses the content: curves (.csv), mouth shapes (.tsv) or both (.json)",
            )
    return files
