"""How large the video is: what was asked for, and what the engine can make of it.

LTX-2.3 takes multiples of 32, of 64 in two stages: 848x480 would freeze or break the
image, so "480p" is 832x448. The portrait engine takes any even size (yuv420p).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import sqrt

from lipwright.domain.media import FrameSize
from lipwright.errors import UsageError

NAMED: Mapping[str, FrameSize] = {
    "480p": FrameSize(854, 480),
    "720p": FrameSize(1280, 720),
    "1080p": FrameSize(1920, 1080),
}
"""What the names mean everywhere; an even size, so portrait makes exactly these."""

NAMED_ON_GRID: Mapping[str, FrameSize] = {
    "480p": FrameSize(832, 448),
    "720p": FrameSize(1280, 704),
    "1080p": FrameSize(1920, 1088),
}
"""What ltx and comfyui make of the names: all multiples of 64, so the same in two stages."""

PORTRAIT_HEIGHT = 512
"""Default height of the portrait engine's videos, in pixels."""

MIN_SIDE, MAX_SIDE = 64, 4096
"""Sides that a video may have, in pixels."""

ALIKE = 1.05
"""Aspects within 5 % are the same: a 16:9 image takes 832x448 (1.86), not 800x448."""


def snap_size(
    request: str | None, image: FrameSize | None, engine: str, *, two_stage: bool = False
) -> tuple[FrameSize, FrameSize]:
    """The size asked for, and the size that is made.

    A name turns upright (720p becomes 720x1280) for an image taller than wide; a size
    in numbers is taken as it stands. Without a request the video has the image's own
    aspect: 512 high for portrait, as many pixels as 832x448 for the others.

    Args:
        request: "832x448" or 480p, 720p, 1080p; None leaves it to the image.
        image: Size of the reference image, if there is one.
        engine: portrait, ltx or comfyui.
        two_stage: The video is made at half size first, so that 64 is the multiple.

    Returns:
        (requested, used), in pixels.

    Raises:
        UsageError: not a size, or a side outside 64..4096.

    >>> [str(size) for size in snap_size("720p", None, "ltx")]
    ['1280x720', '1280x704']
    >>> [str(size) for size in snap_size("721x481", None, "portrait")]
    ['721x481', '720x480']
    """
    multiple = 2 if engine == "portrait" else 64 if two_stage else 32
    upright = image is not None and image.height > image.width
    name = (request or "").strip().lower()
    if name in NAMED:
        used = (NAMED if engine == "portrait" else NAMED_ON_GRID)[name]
        return _turn(NAMED[name], upright), _turn(used, upright)
    if request is not None:
        wanted = _parse(name)
    elif engine == "portrait":
        wanted = _own_aspect_high(image or NAMED["480p"], PORTRAIT_HEIGHT)
    else:
        usual = _turn(NAMED_ON_GRID["480p"], upright)
        wanted = _own_aspect_area(image or usual, usual)
    return wanted, FrameSize(_snap(wanted.width, multiple), _snap(wanted.height, multiple))


def _parse(text: str) -> FrameSize:
    match = re.fullmatch(r"(\d{1,9})\s*[x×*]\s*(\d{1,9})", text)
    if match is None:
        raise UsageError(
            f"size {text!r} is neither WIDTHxHEIGHT nor a name",
            hint=f"give a size such as 832x448, or one of {', '.join(NAMED)}",
        )
    width, height = int(match[1]), int(match[2])
    if not (MIN_SIDE <= width <= MAX_SIDE and MIN_SIDE <= height <= MAX_SIDE):
        raise UsageError(
            f"size {width}x{height} has a side outside {MIN_SIDE}..{MAX_SIDE} pixels",
            hint="832x448 is a good preview, 1280x704 a good video",
        )
    return FrameSize(width, height)


def _own_aspect_high(image: FrameSize, height: int) -> FrameSize:
    """The image's aspect, so high, or less where the width would pass the bounds."""
    aspect = image.width / image.height
    height = round(min(max(height, MIN_SIDE / aspect), MAX_SIDE / aspect))
    return FrameSize(_clamp(height * aspect), _clamp(height))


def _own_aspect_area(image: FrameSize, usual: FrameSize) -> FrameSize:
    """The image's aspect with as many pixels as `usual`; `usual` itself where they are alike."""
    aspect, usual_aspect = image.width / image.height, usual.width / usual.height
    if max(aspect, usual_aspect) <= ALIKE * min(aspect, usual_aspect):
        return usual
    width = sqrt(usual.width * usual.height * aspect)
    return FrameSize(_clamp(width), _clamp(width / aspect))


def _snap(side: int, multiple: int) -> int:
    """Nearest multiple, a tie going down (720 -> 704), within the bounds."""
    return max(MIN_SIDE, min(MAX_SIDE, -(-(2 * side - multiple) // (2 * multiple)) * multiple))


def _clamp(side: float) -> int:
    return max(MIN_SIDE, min(MAX_SIDE, round(side)))


def _turn(size: FrameSize, upright: bool) -> FrameSize:
    return FrameSize(size.height, size.width) if upright else size
