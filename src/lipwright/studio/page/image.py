"""The page's portrait card: faces, a suggested crop, and findings, before anything is rendered."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lipwright.domain.media import FrameSize
from lipwright.errors import InputError
from lipwright.face.image_quality import turned
from lipwright.media.image_file import read_image
from lipwright.pipeline.image import examine_image
from lipwright.reports.page import jpeg_uri
from lipwright.studio.page.fragments import draw
from lipwright.studio.page.voice import Light, light_of

SHOWN_HEIGHT_PX = 560
MAX_CROP_SHARE = 0.75
"""Maximum share of the image's area that a suggested crop keeps; a larger crop is not offered."""


@dataclass(frozen=True, slots=True)
class ExaminedImage:
    """An image with the result of its examination."""

    path: Path
    light: Light
    has_face: bool = True
    """True if a human face was found, which some engines need."""
    face: str | None = None
    """Which face speaks, in the form of `domain.face_choice`; None for the largest face."""


def show_image_card(path: Path, size: str | None, face: str | None) -> tuple[ExaminedImage, str]:
    """Examine an image and draw its card.

    Args:
        path: The image.
        size: Size of the video; None to derive it from the image.
        face: Which face speaks, in the form of `domain.face_choice`; None for the largest face.

    Raises:
        LipwrightError: the file is not an image, or the size is invalid.
    """
    try:
        report = examine_image(path, size=size, face=face)
    except InputError as error:  # some engines need no face
        image = jpeg_uri(read_image(path).rgb, SHOWN_HEIGHT_PX)
        trouble = {"message": error.message.removeprefix(f"{path}: "), "hint": error.hint}
        card = draw("image.html.j2", name=path.name, image=image, trouble=trouble)
        return ExaminedImage(path, "red", has_face=False), card
    described = report.to_json()
    findings = [finding | {"handled": ""} for finding in described["findings"]]
    card = draw(
        "image.html.j2",
        name=path.name,
        image=jpeg_uri(turned(read_image(path).rgb, report.turn_deg), SHOWN_HEIGHT_PX),
        trouble=None,
        report=described,
        faces=[
            {"number": one["number"], "box": _percent(one["box"], report.size)} for one in described["faces"]
        ],
        crop=(crop := _percent(described["crop"]["box"], report.size)),
        crop_helps=crop["width"] * crop["height"] < 1e4 * MAX_CROP_SHARE,
        findings=findings,
    )
    return ExaminedImage(path, light_of(findings), face=face), card


def _percent(box: list[float], size: FrameSize) -> dict[str, float]:
    """Return position and size of a box in percent of the image."""
    left, top, right, bottom = box
    return {
        "left": round(100 * left / size.width, 2),
        "top": round(100 * top / size.height, 2),
        "width": round(100 * (right - left) / size.width, 2),
        "height": round(100 * (bottom - top) / size.height, 2),
    }
