"""`lipwright image`: whether a picture will do as the portrait."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lipwright.cli.output import DebugOption, JsonOption, Output, QuietOption


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("image")(image)


def image(
    *,
    image: Annotated[
        Path, typer.Argument(metavar="IMG", help="The portrait: PNG, JPEG or WebP.", readable=False)
    ],
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Look for the face that will speak."""
    from lipwright.pipeline.image import examine_image

    found = examine_image(image).to_json()
    faces = [
        f"face of {face['height_px']:.0f} pixels at {', '.join(f'{edge:.0f}' for edge in face['box'])}"
        for face in found["faces"]
    ]
    output = Output(as_json, quiet)
    output.result(found, "\n".join([f"picture of {found['size']} pixels", *faces]))
    output.findings(found["findings"])
