"""`lipwright image`: whether an image will do as the portrait."""

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
    size: Annotated[
        str | None,
        typer.Option(
            "--size",
            metavar="WxH",
            help="Size of the video: pixels such as 832x448, or 480p, 720p, 1080p.",
            show_default="the image's shape, 512 pixels high",
        ),
    ] = None,
    crop: Annotated[
        Path | None,
        typer.Option(
            "--crop",
            metavar="OUT.png",
            help="Write the image upright and cropped to head and shoulders.",
            readable=False,
        ),
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """See whether an image will do: the face that speaks, its pose, mouth, sharpness and light."""
    from lipwright.pipeline.image import examine_image

    found = examine_image(image, size=size, crop=crop).to_json()
    faces = [
        f"face of {face['height_px']:.0f} pixels at {', '.join(f'{edge:.0f}' for edge in face['box'])}"
        for face in found["faces"]
    ]
    box = ", ".join(map(str, found["crop"]["box"]))
    cropped = f"crop of {found['crop']['size']} at {box}{f' written to {crop}' if crop else ''}"
    output = Output(as_json, quiet)
    output.result(found, "\n".join([f"image of {found['size']} pixels", *faces, cropped]))
    output.findings(found["findings"])
