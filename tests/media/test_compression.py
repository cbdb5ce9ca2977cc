"""An image after video compression: the same image with less detail."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lipwright.domain.media import Image
from lipwright.media.image_file import compress_image, read_image


def error_db(a: Image, b: Image) -> float:
    return float(-10 * np.log10(np.mean((a.rgb.astype(float) - b.rgb.astype(float)) ** 2) / 255**2))


def fineness(image: Image) -> float:
    """Energy of the finest detail."""
    gray = image.rgb.astype(float).mean(2)
    return float(np.mean(np.diff(gray, 2, 0)[:, 1:-1] ** 2 + np.diff(gray, 2, 1)[1:-1] ** 2))


def test_more_compression_is_less_detail_of_the_same_image(portrait: Path) -> None:
    image = read_image(portrait)
    mild, strong = compress_image(image, 18), compress_image(image, 33)
    assert mild.size == strong.size == image.size
    assert error_db(image, mild) > error_db(image, strong) > 25
    assert fineness(image) > fineness(mild) > fineness(strong)


@pytest.mark.parametrize("shape", [(65, 64), (64, 67), (65, 67)])
def test_odd_sizes_come_back_as_they_were(portrait: Path, shape: tuple[int, int]) -> None:
    rgb = read_image(portrait).rgb[100 : 100 + shape[0], 100 : 100 + shape[1]]
    done = compress_image(Image(rgb), 18)
    assert done.rgb.shape == (*shape, 3)
    assert error_db(Image(rgb), done) > 25
