"""OpenCV's samplers with exact types: reading images and fields between their pixels."""

from __future__ import annotations

from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Kind = TypeVar("Kind", np.uint8, np.float32, np.float64)


def sample(image: NDArray[Kind], places: NDArray[Any], *, cubic: bool = False) -> NDArray[Kind]:
    """Read an image at places; beyond its border its edge continues.

    Args:
        image: Shape (height, width) or (height, width, channels).
        places: Shape (h, w, 2): x, y in pixels, counted from the middle of the first.
        cubic: Cubic instead of linear interpolation.

    Returns:
        Shape (h, w) or (h, w, channels).
    """
    # The stubs of cv2 forbid None here; an empty array in its place reads wild memory in OpenCV 5.0.
    seen = cv2.remap(  # type: ignore[call-overload]
        image,
        np.asarray(places, np.float32),
        None,
        cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(seen, image.dtype)


def blur(image: NDArray[Kind], sigma: float) -> NDArray[Kind]:
    """Gaussian blur of an image of shape (h, w) or (h, w, channels); sigma in pixels."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), image.dtype)


def place_texture(image: NDArray[Kind], back: NDArray[Any], width: int, height: int) -> NDArray[Kind]:
    """An affine view of an image, its edge continued.

    Args:
        image: Shape (h, w) or (h, w, channels).
        back: Shape (2, 3): from the view's pixels to the image's.
        width: Of the view.
        height: Of the view.
    """
    seen = cv2.warpAffine(
        image,
        np.asarray(back, np.float64),
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(seen, image.dtype)


def scaled(image: NDArray[Kind], width: int, height: int) -> NDArray[Kind]:
    """Resize an image of shape (h, w) or (h, w, channels): by area when smaller, by Lanczos when larger."""
    smaller = width < image.shape[1] or height < image.shape[0]
    how = cv2.INTER_AREA if smaller else cv2.INTER_LANCZOS4
    return np.asarray(cv2.resize(image, (width, height), interpolation=how), image.dtype)
