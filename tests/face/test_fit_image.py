"""Images are brought to the video's size without being stretched, with the face inside."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from lipwright.domain.media import FrameSize, Image
from lipwright.face.crop import fit_image


def disc(height: int, width: int, x: int, y: int, radius: int) -> Image:
    rgb = np.zeros((height, width, 3), np.uint8)
    cv2.circle(rgb, (x, y), radius, (255, 255, 255), -1, cv2.LINE_AA)
    return Image(rgb)


@pytest.mark.parametrize("size", [(512, 512), (832, 448), (448, 832), (1280, 704), (64, 64)])
@pytest.mark.parametrize("shape", [(600, 600), (1000, 500), (500, 1000)])
def test_circles_stay_circles(size, shape):
    image = disc(*shape, shape[1] // 2, shape[0] // 2, 60)
    fitted = fit_image(image, FrameSize(*size))
    assert fitted.size == FrameSize(*size)
    weight = fitted.rgb[..., 0].astype(float)
    y, x = np.mgrid[: size[1], : size[0]]
    spread = [np.sqrt(np.average((a - np.average(a, weights=weight)) ** 2, weights=weight)) for a in (x, y)]
    assert spread[0] / spread[1] == pytest.approx(1.0, abs=0.03)


def test_an_image_of_the_right_size_is_itself(astronaut):
    assert fit_image(astronaut, astronaut.size) is astronaut


@pytest.mark.parametrize("x", [0, 700, 1500])
def test_the_face_stays_in_the_image(tracker, astronaut, x):
    wide = Image(np.full((512, 2012, 3), 120, np.uint8))
    wide.rgb[:, x : x + 512] = astronaut.rgb
    face = tracker.find_faces(wide)[0]
    fitted = fit_image(wide, FrameSize(512, 512), face)
    found = tracker.find_faces(fitted)[0]
    assert found.height_px == pytest.approx(face.height_px, rel=0.04)
    assert found.box[0] >= 0 and found.box[2] <= 512
    if x == 700:
        assert (found.box[0] + found.box[2]) / 2 == pytest.approx(256, abs=12)
