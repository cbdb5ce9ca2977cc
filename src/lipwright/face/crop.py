"""The picture in the film's size: scaled and cropped around the face, never stretched."""

from __future__ import annotations

import numpy as np

from lipwright.domain.media import FrameSize, Picture
from lipwright.face.landmarks import Face
from lipwright.face.sampling import scaled

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
    scale = max(size.width / picture.size.width, size.height / picture.size.height)
    width = min(picture.size.width, max(1, round(size.width / scale)))
    height = min(picture.size.height, max(1, round(size.height / scale)))
    left, top = (picture.size.width - width) / 2, (picture.size.height - height) / 2
    if face is not None:
        box = np.array(face.box)
        left = (box[0] + box[2]) / 2 - width / 2
        # Eyes lie above the middle of a portrait: the face's middle goes to 45 % of the height.
        top = (box[1] + box[3]) / 2 - 0.45 * height
    x0 = int(np.clip(round(left), 0, picture.size.width - width))
    y0 = int(np.clip(round(top), 0, picture.size.height - height))
    cut = np.ascontiguousarray(picture.rgb[y0 : y0 + height, x0 : x0 + width])
    return Picture(scaled(cut, size.width, size.height))
