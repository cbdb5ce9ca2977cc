"""Lay out portraits side by side, with heads of equal size and eyes at the same height."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from lipwright.domain.media import FrameSize, Image
from lipwright.face.crop import FACE_SHARE
from lipwright.face.landmark_indices import IRISES
from lipwright.face.landmarks import Face

EYE_LINE_SHARE = 0.42
"""Distance of the eyes from the top of a panel, as a share of the panel's height: the usual position in a
portrait."""
FACE_SHARES = tuple(FACE_SHARE * 1.04**n for n in range(15))
"""Face heights to try, as shares of the height of a panel: from head and shoulders to a close-up."""
EYE_LINES = tuple(EYE_LINE_SHARE + 0.02 * n for n in (0, -1, 1, -2, 2, -3, 3, -4, 4, -5, 5))
"""Candidates for the distance of the eyes from the top of a panel, as shares of the panel's height, in order
of preference."""


def lay_out(images: Sequence[Image], faces: Sequence[Face], size: FrameSize) -> list[tuple[Image, bool]]:
    """Crop images to panels in which heads have equal size and eyes are at the same height.

    The heads are as small as possible while every image still fills its panel. If no head size
    achieves this, the images that are too small are extended by repeating their edge pixels.

    Returns:
        The panel of each image, and whether the image was extended.
    """
    best, least = (FACE_SHARES[0], EYE_LINE_SHARE), np.inf
    for share in FACE_SHARES:
        for line in EYE_LINES:
            missing = sum(
                _missing(image, _window(image, face, size, share, line))
                for image, face in zip(images, faces, strict=True)
            )
            if missing < least - 1e-9:
                best, least = (share, line), missing
        if least == 0:
            break
    windows = [_window(image, face, size, *best) for image, face in zip(images, faces, strict=True)]
    return [
        (_view(image, window, size), _missing(image, window) > 0)
        for image, window in zip(images, windows, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Window:
    """The visible part of an image in a panel, in pixels of the image."""

    left: float
    top: float
    scale: float
    """Pixels of the panel per pixel of the image."""
    width: float
    height: float


def _window(image: Image, face: Face, size: FrameSize, share: float, line: float) -> _Window:
    scale = share * size.height / face.height_px
    width, height = size.width / scale, size.height / scale
    eyes = face.points[list(IRISES), 1].mean()
    middle = (face.box[0] + face.box[2]) / 2
    # The head may be off center by up to 0.3 of the panel's width if the image need not be extended then.
    left = float(np.clip(middle - width / 2, 0, max(0.0, image.size.width - width)))
    if image.size.width < width or abs(left + width / 2 - middle) > 0.3 * width:
        left = middle - width / 2
    return _Window(left, float(eyes - line * height), scale, width, height)


def _missing(image: Image, window: _Window) -> float:
    """Return how much of a window lies beyond the image.

    The result is the share of the window's width plus the share of its height that lies beyond the image. An
    excess of up to one pixel is ignored.
    """
    wide, high = image.size.width, image.size.height
    across = max(0.0, -window.left) + max(0.0, window.left + window.width - wide)
    down = max(0.0, -window.top) + max(0.0, window.top + window.height - high)
    return (across if across > 1 else 0.0) / window.width + (down if down > 1 else 0.0) / window.height


def _view(image: Image, window: _Window, size: FrameSize) -> Image:
    """Resample a window to the size of a panel; beyond the image's edges, its edge pixels are repeated."""
    rgb, scale, left, top = image.rgb, window.scale, window.left, window.top
    while scale < 0.5:  # below this scale, warpAffine would skip pixels
        half = (rgb.shape[1] // 2, rgb.shape[0] // 2)
        rgb = np.asarray(cv2.resize(rgb, half, interpolation=cv2.INTER_AREA), np.uint8)
        scale, left, top = scale * 2, left / 2 - 0.25, top / 2 - 0.25
    # Pixel centers: x in the panel shows left + (x + 0.5) / scale - 0.5.
    matrix = np.array([[1 / scale, 0, left + 0.5 / scale - 0.5], [0, 1 / scale, top + 0.5 / scale - 0.5]])
    view = cv2.warpAffine(
        rgb,
        matrix,
        (size.width, size.height),
        flags=cv2.WARP_INVERSE_MAP | (cv2.INTER_CUBIC if scale > 1 else cv2.INTER_LINEAR),
        borderMode=cv2.BORDER_REPLICATE,
    )
    return Image(np.ascontiguousarray(view, np.uint8))
