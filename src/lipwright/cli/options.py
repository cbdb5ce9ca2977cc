"""Options that several commands share, each with its unit."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from lipwright.domain.plan import Fit
from lipwright.errors import UsageError

FpsOption = Annotated[
    str, typer.Option("--fps", help="Frames per second, exact: 25, 23.976 or 24000/1001.", metavar="RATE")
]
FitOption = Annotated[
    str,
    typer.Option(
        "--fit",
        metavar="RULE",
        help="How the length meets the 8n+1 frames: nearest, cover (never cuts), floor (never pads), "
        "or auto: nearest, unless that would cut speech.",
    ),
]
AudioArgument = Annotated[
    Path,
    typer.Argument(
        metavar="AUDIO",
        help="The recording: any sound or video file, up to 4 hours.",
        readable=False,  # a file that cannot be read is no wrong usage: the pipeline says so, exit code 3
    ),
]


def parse_fit(text: str) -> Fit:
    """The rule of that name.

    Raises:
        UsageError: there is none.
    """
    if text not in get_args(Fit):
        raise UsageError(f"there is no fit {text!r}", hint=f"one of {', '.join(get_args(Fit))}")
    return cast(Fit, text)


def parse_headers(texts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Headers such as "Authorization: Bearer ...", as names and values.

    Raises:
        UsageError: no colon, or no name before it. The text is not repeated: it may be a secret.
    """
    headers = []
    for text in texts:
        name, colon, value = text.partition(":")
        if not colon or not name.strip():
            raise UsageError(
                "--header is not NAME:VALUE", hint="such as: --header 'Authorization: Bearer TOKEN'"
            )
        headers.append((name.strip(), value.strip()))
    return tuple(headers)
