"""The picture in the film's size: scaled and cropped around the face, never stretched."""

from __future__ import annotations

import numpy as np

from lipwright.domain.media import FrameSize, Picture
from lipwright.face.landmarks import Face
from lipwright.face.sampling import scaled

Box = tuple[int, int, int, int]
"""left, top, right, bottom in pixels, half-open."""

FACE_SHARE = 0.42
"""Forehead to chin over the height of a suggested crop: head and shoulders, with air above the hair."""

PORTRAIT_HEIGHT_PX = 512
"""Height of a film whose size nobody named."""
MAX_WIDTH_PX = 2048
"""Of such a film: panoramas are cropped to it."""


def default_size(picture: Picture, height_px: int = PORTRAIT_HEIGHT_PX) -> FrameSize:
    """The picture's own aspect at a height, in even numbers (H.264 halves its colour).

    >>> default_size(Picture(np.zeros((900, 601, 3), np.uint8)))
    FrameSize(width=342, height=512)
    """
    width_px = round(picture.size.width / picture.size.height * height_px / 2) * 2
    return FrameSize(int(np.clip(width_px, 64, MAX_WIDTH_PX)), height_px // 2 * 2)


def fit_picture(picture: Picture, size: FrameSize, face: Face | None = None) -> Picture:
    """Scale and crop a picture to a size, keeping its aspect and its face.

    Args:
        picture: Any size.
        size: Of the film.
        face: Where the crop should be centred, in the pixels of `picture`; None is the middle.

    Returns:
        A picture of exactly `size`. Landmarks must be found anew in it.
    """
    if picture.size == size:
        return picture
    kept = box_for(picture.size, size, face)
    return Picture(scaled(cut(picture, kept).rgb, size.width, size.height))


def box_for(picture: FrameSize, size: FrameSize, face: Face | None = None) -> Box:
    """The part of a picture that a film of some size shows; as `fit_picture` takes it."""
    scale = max(size.width / picture.width, size.height / picture.height)
    width = min(picture.width, max(1, round(size.width / scale)))
    height = min(picture.height, max(1, round(size.height / scale)))
    return _placed(picture, width, height, face)


def suggest_box(picture: FrameSize, face: Face, aspect: float | None = None) -> Box:
    """Head and shoulders: the crop that a talking head wants.

    Args:
        picture: Size of the picture.
        face: Of the one who speaks.
        aspect: Width over height wanted; None is the picture's own, between 9:16 and 16:9.

    Returns:
        Of that aspect to a pixel, or the largest such box where the picture has no more around the face.
    """
    if aspect is None:
        aspect = min(max(picture.width / picture.height, 9 / 16), 16 / 9)
    height = min(face.height_px / FACE_SHARE, picture.height, picture.width / aspect)
    width = min(picture.width, max(1, round(height * aspect)))
    return _placed(picture, width, max(1, round(height)), face)


def cut(picture: Picture, box: Box) -> Picture:
    """The part of a picture inside a box."""
    left, top, right, bottom = box
    return Picture(np.ascontiguousarray(picture.rgb[top:bottom, left:right]))


def _placed(picture: FrameSize, width: int, height: int, face: Face | None) -> Box:
    """A box of that size around the face, or in the middle, within the picture."""
    left, top = (picture.width - width) / 2, (picture.height - height) / 2
    if face is not None:
        left = (face.box[0] + face.box[2]) / 2 - width / 2
        # Eyes lie above the middle of a portrait: the face's middle goes to 45 % of the height.
        top = (face.box[1] + face.box[3]) / 2 - 0.45 * height
    x0 = int(np.clip(round(left), 0, picture.width - width))
    y0 = int(np.clip(round(top), 0, picture.height - height))
    return x0, y0, x0 + width, y0 + height
