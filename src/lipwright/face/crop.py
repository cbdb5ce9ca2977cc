"""The image in the video's size: scaled and cropped around the face, never stretched."""

from __future__ import annotations

import numpy as np

from lipwright.domain.media import FrameSize, Image
from lipwright.face.landmarks import Face
from lipwright.face.sampling import scaled

Box = tuple[int, int, int, int]
"""left, top, right, bottom in pixels, half-open."""

FACE_SHARE = 0.42
"""Forehead to chin over the height of a suggested crop: head and shoulders, with air above the hair."""

PORTRAIT_HEIGHT_PX = 512
"""Height of a video whose size nobody named."""
MAX_WIDTH_PX = 2048
"""Of such a video: panoramas are cropped to it."""


def default_size(image: Image, height_px: int = PORTRAIT_HEIGHT_PX) -> FrameSize:
    """The image's own aspect at a height, in even numbers (H.264 halves its colour).

    >>> default_size(Image(np.zeros((900, 601, 3), np.uint8)))
    FrameSize(width=342, height=512)
    """
    width_px = round(image.size.width / image.size.height * height_px / 2) * 2
    return FrameSize(int(np.clip(width_px, 64, MAX_WIDTH_PX)), height_px // 2 * 2)


def fit_image(image: Image, size: FrameSize, face: Face | None = None) -> Image:
    """Scale and crop an image to a size, keeping its aspect and its face.

    Args:
        image: Any size.
        size: Of the video.
        face: Where the crop should be centred, in the pixels of `image`; None is the middle.

    Returns:
        An image of exactly `size`. Landmarks must be found anew in it.
    """
    if image.size == size:
        return image
    kept = box_for(image.size, size, face)
    return Image(scaled(cut(image, kept).rgb, size.width, size.height))


def box_for(image: FrameSize, size: FrameSize, face: Face | None = None) -> Box:
    """The part of an image that a video of some size shows; as `fit_image` takes it."""
    scale = max(size.width / image.width, size.height / image.height)
    width = min(image.width, max(1, round(size.width / scale)))
    height = min(image.height, max(1, round(size.height / scale)))
    return _placed(image, width, height, face)


def suggest_box(image: FrameSize, face: Face, aspect: float | None = None) -> Box:
    """Head and shoulders: the crop that a talking head wants.

    Args:
        image: Size of the image.
        face: Of the one who speaks.
        aspect: Width over height wanted; None is the image's own, between 9:16 and 16:9.

    Returns:
        Of that aspect to a pixel, or the largest such box where the image has no more around the face.
    """
    if aspect is None:
        aspect = min(max(image.width / image.height, 9 / 16), 16 / 9)
    height = min(face.height_px / FACE_SHARE, image.height, image.width / aspect)
    width = min(image.width, max(1, round(height * aspect)))
    return _placed(image, width, max(1, round(height)), face)


def cut(image: Image, box: Box) -> Image:
    """The part of an image inside a box."""
    left, top, right, bottom = box
    return Image(np.ascontiguousarray(image.rgb[top:bottom, left:right]))


def _placed(image: FrameSize, width: int, height: int, face: Face | None) -> Box:
    """A box of that size around the face, or in the middle, within the image."""
    left, top = (image.width - width) / 2, (image.height - height) / 2
    if face is not None:
        left = (face.box[0] + face.box[2]) / 2 - width / 2
        # Eyes lie above the middle of a portrait: the face's middle goes to 45 % of the height.
        top = (face.box[1] + face.box[3]) / 2 - 0.45 * height
    x0 = int(np.clip(round(left), 0, image.width - width))
    y0 = int(np.clip(round(top), 0, image.height - height))
    return x0, y0, x0 + width, y0 + height
