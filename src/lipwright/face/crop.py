"""Fit an image to the video's size: scale it and crop it around the face, with its aspect ratio unchanged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lipwright.domain.media import FrameSize, Image
from lipwright.face.image_ops import Box, resized
from lipwright.face.landmarks import Face

FACE_SHARE = 0.42
"""Height of the face divided by the height of a suggested crop. Such a crop shows head and shoulders, with
space above the hair."""


def fit_image(image: Image, size: FrameSize, face: Face | None = None) -> Image:
    """Scale and crop an image to a size, around a face or the center of the image; the aspect ratio is kept.

    The landmarks of `face` are positions in `image`; they are not valid in the result.
    """
    if image.size == size:
        return image
    kept = box_for(image.size, size, *([] if face is None else [face]))
    return Image(resized(cut(image, kept).rgb, size.width, size.height))


def box_for(image: FrameSize, size: FrameSize, *faces: Face) -> Box:
    """Return the part of an image that a video of `size` shows: around the faces, or around the center."""
    scale = max(size.width / image.width, size.height / image.height)
    width = min(image.width, max(1, round(size.width / scale)))
    height = min(image.height, max(1, round(size.height / scale)))
    return _placed(image, width, height, faces)


def suggest_box(image: FrameSize, face: Face, aspect: float | None = None) -> Box:
    """Suggest a crop to head and shoulders.

    Args:
        image: Size of the image.
        face: The face that speaks.
        aspect: Width divided by height; None for the aspect ratio of the image, limited to 9:16..16:9.

    Returns:
        A box of that aspect ratio, exact to a pixel. If the image does not contain head and shoulders, the
        box is as large as the image allows.
    """
    if aspect is None:
        aspect = min(max(image.width / image.height, 9 / 16), 16 / 9)
    height = min(face.height_px / FACE_SHARE, image.height, image.width / aspect)
    width = min(image.width, max(1, round(height * aspect)))
    return _placed(image, width, max(1, round(height)), (face,))


def cut(image: Image, box: Box) -> Image:
    """Cut a box out of an image."""
    left, top, right, bottom = box
    return Image(np.ascontiguousarray(image.rgb[top:bottom, left:right]))


def _placed(image: FrameSize, width: int, height: int, faces: Sequence[Face]) -> Box:
    """Return a box of the given size in the image: around the faces, or in the center if there are none."""
    left, top = (image.width - width) / 2, (image.height - height) / 2
    if faces:
        edges = np.array([face.box for face in faces])
        low, high = edges[:, :2].min(0), edges[:, 2:].max(0)
        left = (low[0] + high[0]) / 2 - width / 2
        # The eyes belong above the center of a portrait, so the center of the face is placed at 45 % of the
        # height.
        top = (low[1] + high[1]) / 2 - 0.45 * height
    x0 = int(np.clip(round(left), 0, image.width - width))
    y0 = int(np.clip(round(top), 0, image.height - height))
    return x0, y0, x0 + width, y0 + height
