"""A picture after a film's encoder: the same picture, less spotless."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lipwright.domain.media import Picture
from lipwright.media.compression import compress_picture
from lipwright.media.picture import read_picture


def error_db(a: Picture, b: Picture) -> float:
    return float(-10 * np.log10(np.mean((a.rgb.astype(float) - b.rgb.astype(float)) ** 2) / 255**2))


def fineness(picture: Picture) -> float:
    """Energy of the finest detail."""
    grey = picture.rgb.astype(float).mean(2)
    return float(np.mean(np.diff(grey, 2, 0)[:, 1:-1] ** 2 + np.diff(grey, 2, 1)[1:-1] ** 2))


def test_more_compression_is_less_detail_of_the_same_picture(portrait: Path) -> None:
    picture = read_picture(portrait)
    mild, strong = compress_picture(picture, 18), compress_picture(picture, 33)
    assert mild.size == strong.size == picture.size
    assert error_db(picture, mild) > error_db(picture, strong) > 25
    assert fineness(picture) > fineness(mild) > fineness(strong)


@pytest.mark.parametrize("shape", [(65, 64), (64, 67), (65, 67)])
def test_odd_sizes_come_back_as_they_were(portrait: Path, shape: tuple[int, int]) -> None:
    rgb = read_picture(portrait).rgb[100 : 100 + shape[0], 100 : 100 + shape[1]]
    done = compress_picture(Picture(rgb), 18)
    assert done.rgb.shape == (*shape, 3)
    assert error_db(Picture(rgb), done) > 25
