"""The size of the video: the requested size, and the nearest size that the engine can make.

LTX-2.3 needs widths and heights that are multiples of 32, or of 64 if it renders in two stages. Another
size, such as 848x480, would freeze or distort the video, so "480p" is 832x448. An engine states its own rules
in its description (`SizeRules`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt

from lipwright.domain.media import FrameSize
from lipwright.errors import UsageError

NAMED_SIZES: Mapping[str, FrameSize] = {
    "480p": FrameSize(854, 480),
    "720p": FrameSize(1280, 720),
    "1080p": FrameSize(1920, 1080),
}
"""Landscape size for each size name that a user can request, before the rules of an engine are applied."""

LTX_NAMED_SIZES: Mapping[str, FrameSize] = {
    "480p": FrameSize(832, 448),
    "720p": FrameSize(1280, 704),
    "1080p": FrameSize(1920, 1088),
}
"""Landscape size that LTX-2.3 makes for each size name. Width and height are multiples of 64, so that the
size is the same whether the video is rendered in one stage or in two."""


@dataclass(frozen=True, slots=True)
class SizeRules:
    """The sizes that an engine can make; the defaults are LTX-2.3's."""

    multiple: int = 32
    """Width and height must be multiples of this number of pixels."""
    two_stage_multiple: int = 64
    """Width and height must be multiples of this number of pixels if a video is first made at half size."""
    named: Mapping[str, FrameSize] = field(default_factory=lambda: LTX_NAMED_SIZES)
    """The engine's landscape size for each name, such as 720p."""
    defaults_to_image_size: bool = False
    """How the video's size is chosen if the user requests none. True: the image's size, enlarged or reduced
    to fit the limits of a default size. False: the image's aspect ratio, and about as many pixels as 480p."""


MIN_SIDE, MAX_SIDE = 64, 4096
"""Limits of width and height, in pixels."""

MIN_DEFAULT_HEIGHT, MAX_DEFAULT_SHORT_SIDE, MAX_DEFAULT_LONG_SIDE = 512, 720, 1920
"""Limits of a default size that is taken from the image, in pixels. The size of a small image is enlarged,
because the inside of a mouth needs enough pixels. The size of a large image is reduced, so that two CPU
cores render the video faster than real time."""

SAME_ASPECT_RATIO = 1.05
"""Two aspect ratios count as equal if the larger, divided by the smaller, is at most this value: a 16:9 image
(1.78) gets 832x448 (1.86), not 800x448."""


def snap_size(
    request: str | None, image: FrameSize | None, rules: SizeRules, *, two_stage: bool = False
) -> tuple[FrameSize, FrameSize]:
    """Return the requested size, and the nearest size that the engine can make.

    If the image is taller than wide, a named size becomes upright: 720p becomes 720x1280. A size given in
    numbers is not rotated. Without a request, `rules.defaults_to_image_size` decides whether the video has
    the image's size, or only the image's aspect ratio and about as many pixels as 480p.

    Args:
        request: "832x448" or 480p, 720p, 1080p; None derives the size from the image.
        image: Size of the reference image, if there is one.
        rules: Size rules of the engine.
        two_stage: The video is made at half size first.

    Returns:
        (requested, used), in pixels.

    Raises:
        UsageError: `request` is not a size, or has a side outside 64..4096.

    >>> [str(size) for size in snap_size("720p", None, SizeRules())]
    ['1280x720', '1280x704']
    >>> [str(size) for size in snap_size("848x480", None, SizeRules())]
    ['848x480', '832x480']
    """
    multiple = rules.two_stage_multiple if two_stage else rules.multiple
    upright = image is not None and image.height > image.width
    name = (request or "").strip().lower()
    if name in rules.named:
        return _turn(NAMED_SIZES.get(name, rules.named[name]), upright), _turn(rules.named[name], upright)
    if request is not None:
        wanted = _parse(name)
    elif rules.defaults_to_image_size:
        wanted = _own_size(image or NAMED_SIZES["480p"])
    else:
        usual = _turn(rules.named["480p"], upright)
        wanted = _own_aspect_area(image or usual, usual)
    return wanted, FrameSize(_snap(wanted.width, multiple), _snap(wanted.height, multiple))


def _parse(text: str) -> FrameSize:
    match = re.fullmatch(r"(\d{1,9})\s*[x×*]\s*(\d{1,9})", text)
    if match is None:
        raise UsageError(
            f"size {text!r} is neither WIDTHxHEIGHT nor a known name",
            hint=f"give a size such as 832x448, or one of {', '.join(NAMED_SIZES)}",
        )
    width, height = int(match[1]), int(match[2])
    if not (MIN_SIDE <= width <= MAX_SIDE and MIN_SIDE <= height <= MAX_SIDE):
        raise UsageError(
            f"size {width}x{height} has a side outside {MIN_SIDE}..{MAX_SIDE} pixels",
            hint="use 832x448 for a preview, or 1280x704 for a final video",
        )
    return FrameSize(width, height)


def _own_size(image: FrameSize) -> FrameSize:
    """Return the image's size, enlarged or reduced to fit the limits of a default size."""
    largest = min(
        MAX_DEFAULT_SHORT_SIDE / min(image.width, image.height),
        MAX_DEFAULT_LONG_SIDE / max(image.width, image.height),
    )
    scale = min(max(1.0, MIN_DEFAULT_HEIGHT / image.height), largest)
    return FrameSize(_clamp(image.width * scale), _clamp(image.height * scale))


def _own_aspect_area(image: FrameSize, usual: FrameSize) -> FrameSize:
    """Return a size with the image's aspect ratio and about as many pixels as `usual`."""
    aspect, usual_aspect = image.width / image.height, usual.width / usual.height
    if max(aspect, usual_aspect) <= SAME_ASPECT_RATIO * min(aspect, usual_aspect):
        return usual
    width = sqrt(usual.width * usual.height * aspect)
    return FrameSize(_clamp(width), _clamp(width / aspect))


def _snap(side: int, multiple: int) -> int:
    """Round `side` to a multiple of `multiple` within MIN_SIDE..MAX_SIDE.

    The nearest multiple is used; a tie is rounded down: 720 becomes 704 if `multiple` is 32.
    """
    return max(MIN_SIDE, min(MAX_SIDE, -(-(2 * side - multiple) // (2 * multiple)) * multiple))


def _clamp(side: float) -> int:
    return max(MIN_SIDE, min(MAX_SIDE, round(side)))


def _turn(size: FrameSize, upright: bool) -> FrameSize:
    return FrameSize(size.height, size.width) if upright else size
