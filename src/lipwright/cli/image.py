"""`lipwright image`: examine a reference image."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lipwright.cli.options import command, input_argument, output_option, setting_option
from lipwright.cli.output import Output, join_lines
from lipwright.domain.settings import SETTINGS


@command
def image(
    *,
    out: Output,
    image: Annotated[Path, input_argument(metavar="IMG", help="The portrait: PNG, JPEG or WebP.")],
    size: Annotated[
        str | None,
        typer.Option(
            "--size",
            metavar="WxH",
            help="Size of the video: pixels such as 832x448, or 480p, 720p, 1080p.",
            show_default="the image's own size, with a short side of at most 720 pixels",
        ),
    ] = None,
    face: Annotated[str | None, setting_option("face")] = None,
    crop: Annotated[
        Path | None,
        output_option(
            "--crop",
            metavar="OUT.png",
            help="Write the image, upright and cropped to head and shoulders.",
        ),
    ] = None,
    faces: Annotated[
        Path | None,
        output_option(
            "--faces", metavar="OUT.png", help="Write the image, upright, with the number of each face."
        ),
    ] = None,
) -> None:
    """Examine a reference image: face, pose, mouth, sharpness and light; and suggest a crop."""
    from lipwright.pipeline.image import examine_image

    report = examine_image(
        image, size=size, face=SETTINGS["face"].check(face), crop=crop, numbers=faces
    ).to_json()
    told = []
    for one in sorted(report["faces"], key=lambda face: int(face["number"])):
        place = ", ".join(f"{edge:.0f}" for edge in one["box"])
        speaks = "; this face speaks" if one["number"] == report["face"] else ""
        told.append(f"face {one['number']}: {one['height_px']:.0f} pixels high, at {place}{speaks}")
    box = ", ".join(map(str, report["crop"]["box"]))
    cropped = f"crop of {report['crop']['size']} at {box}{f' written to {crop}' if crop else ''}"
    out.result(report, join_lines([f"image of {report['size']} pixels", *told, cropped]))
    out.findings(report["findings"])
