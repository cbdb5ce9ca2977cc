"""Images on their side or upside down are detected; upright images and those without a face are not."""

from __future__ import annotations

import numpy as np
import pytest
import skimage.data
from benchmarks.measuring import EXAMPLES

from lipwright.domain.media import Image
from lipwright.face.image_quality import TURNS, find_turn, turned
from lipwright.media.image_file import read_image


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("name", ["astronaut", "driver", "tilted", "monochrome", "painted"])
def test_the_turn_that_sets_it_upright(tracker, images, name, turn):
    lying = Image(turned(images[name].rgb, -turn % 360))
    assert find_turn(lying, tracker) == turn
    assert np.array_equal(turned(lying.rgb, turn), images[name].rgb)


def test_a_false_face_does_not_hide_the_real_one(tracker):
    """The detector sees one with a score of 0.81 in the example portrait on its side."""
    lying = Image(turned(read_image(EXAMPLES / "portrait.jpg").rgb, 90))
    assert find_turn(lying, tracker) == 270


@pytest.mark.parametrize("name", ["coffee", "chelsea", "rocket", "coins", "text"])
def test_things_are_left_as_they_lie(tracker, name):
    rgb = getattr(skimage.data, name)()
    rgb = np.dstack([rgb] * 3) if rgb.ndim == 2 else rgb[..., :3]
    assert find_turn(Image(np.ascontiguousarray(rgb)), tracker) == 0


def test_frames_of_a_man_who_speaks_stand_upright(tracker, carphone):
    assert {find_turn(Image(frame), tracker) for frame in carphone[::24]} == {0}
