"""OpenCV image operations with type annotations, and the functions `smoothstep` and `bell`."""

from __future__ import annotations

from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]
Box = tuple[int, int, int, int]
"""left, top, right, bottom in pixels, half-open."""
Kind = TypeVar("Kind", np.uint8, np.float32, np.float64)


def smoothstep(low: Floats | float, high: Floats | float, x: Floats | float) -> Floats:
    """Return a smooth cubic step of `x`: 0 up to `low`, 1 from `high`.

    If `low` > `high`, the step falls: 1 up to `high`, 0 from `low`.
    """
    t = np.clip((np.asarray(x, np.float64) - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def bell(t: Floats | float) -> Floats:
    """Return exp(-t^2), a bell curve of height 1 at t = 0."""
    return np.asarray(np.exp(-np.square(t)))


def sample(image: NDArray[Kind], positions: NDArray[Any], *, cubic: bool = False) -> NDArray[Kind]:
    """Sample an image at fractional positions; beyond the border of the image, its edge pixels are repeated.

    Args:
        image: Shape (height, width) or (height, width, channels).
        positions: Shape (h, w, 2): x and y in pixels, with pixel centers at whole numbers.
        cubic: Use cubic instead of linear interpolation.
    """
    # None is forbidden here by cv2's type stubs, but with an empty array OpenCV 5.0 reads invalid memory.
    values = cv2.remap(  # type: ignore[call-overload]
        image,
        np.asarray(positions, np.float32),
        None,
        cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(values, image.dtype)


def blur(image: NDArray[Kind], sigma_px: float) -> NDArray[Kind]:
    """Blur an image of shape (h, w) or (h, w, channels) with a Gaussian."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma_px), image.dtype)


def affine_view(image: NDArray[Kind], to_image: NDArray[Any], width: int, height: int) -> NDArray[Kind]:
    """Return a view of an image through an affine map; beyond the border, edge pixels are repeated.

    `to_image`, shape (2, 3), maps pixel positions of the view to pixel positions of the image. The view has
    `width` and `height` in pixels.
    """
    view = cv2.warpAffine(
        image,
        np.asarray(to_image, np.float64),
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(view, image.dtype)


def resized(image: NDArray[Kind], width: int, height: int) -> NDArray[Kind]:
    """Resize an image of shape (h, w) or (h, w, channels): reduce by area averages, enlarge by Lanczos."""
    smaller = width < image.shape[1] or height < image.shape[0]
    how = cv2.INTER_AREA if smaller else cv2.INTER_LANCZOS4
    return np.asarray(cv2.resize(image, (width, height), interpolation=how), image.dtype)
