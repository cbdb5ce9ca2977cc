"""Faces are found at any scale and tilt, counted, and refused clearly where they cannot speak."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import skimage.data

from lipwright.domain.media import Image
from lipwright.errors import InputError
from lipwright.face.detector import levels
from lipwright.face.landmarks import MIN_FACE_PX, mouth_opening, mouth_rounding
from lipwright.face.speaking_face import choose_face, faces_of

EYES_AND_MOUTH = [33, 263, 61, 291, 13, 1]


def on_canvas(rgb: np.ndarray, height: int, width: int, x: int, y: int) -> Image:
    canvas = np.full((height, width, 3), 128, np.uint8)
    canvas[y : y + rgb.shape[0], x : x + rgb.shape[1]] = rgb
    return Image(canvas)


@pytest.mark.parametrize("degrees", [-45, -20, 30, 45])
def test_tilted_faces_keep_their_landmarks(tracker, astronaut, degrees):
    upright = tracker.find_faces(astronaut)[0].points[EYES_AND_MOUTH, :2]
    matrix = cv2.getRotationMatrix2D((255.5, 255.5), degrees, 1.0)
    turned = cv2.warpAffine(astronaut.rgb, matrix, (512, 512))
    face = tracker.find_faces(Image(turned))[0]
    expected = upright @ matrix[:, :2].T + matrix[:, 2]
    assert np.abs(face.points[EYES_AND_MOUTH, :2] - expected).max() < 0.03 * face.height_px


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_landmarks_follow_the_image_size(tracker, astronaut, scale):
    face = tracker.find_faces(astronaut)[0]
    resized = cv2.resize(astronaut.rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    other = tracker.find_faces(Image(resized))[0]
    expected = (face.points[EYES_AND_MOUTH, :2] + 0.5) * scale - 0.5
    assert np.abs(other.points[EYES_AND_MOUTH, :2] - expected).max() < 0.03 * other.height_px


def test_a_mirrored_face_is_mirrored(tracker, astronaut):
    face = tracker.find_faces(astronaut)[0]
    mirrored = tracker.find_faces(Image(np.ascontiguousarray(astronaut.rgb[:, ::-1])))[0]
    swapped = mirrored.points[[263, 33, 291, 61, 13, 1], :2]
    swapped[:, 0] = 511 - swapped[:, 0]
    offset = swapped - face.points[EYES_AND_MOUTH, :2]
    assert np.abs(offset).max() < 0.03 * face.height_px


def test_a_face_small_in_a_large_image_is_found(tracker):
    image = on_canvas(skimage.data.astronaut(), 2000, 3000, 2300, 1200)
    (face,) = tracker.find_faces(image)
    assert face.box[0] > 2300 and face.box[1] > 1200
    assert 95 < face.height_px < 120


def test_a_face_cut_by_the_image_is_found(tracker, astronaut):
    cut = Image(np.ascontiguousarray(astronaut.rgb[140:380, 165:370]))
    assert len(tracker.find_faces(cut)) == 1


def test_several_people_are_counted_and_the_largest_speaks(tracker, astronaut, driver):
    small = cv2.resize(astronaut.rgb, (300, 300), interpolation=cv2.INTER_AREA)
    group = np.zeros((576, 512 + 704 + 300, 3), np.uint8)
    group[:300, :300], group[:, 300:1004], group[30:542, 1004:] = small, driver.rgb, astronaut.rgb
    faces = tracker.find_faces(Image(group))
    assert len(faces) == 3
    assert [f.height_px for f in faces] == sorted((f.height_px for f in faces), reverse=True)
    chosen, (finding,) = choose_face(faces)
    assert chosen is faces[0]
    assert (finding.id, finding.severity) == ("several-faces", "warning")
    assert "3 faces" in finding.text and len(finding.where["box"]) == 4


def test_one_face_gives_no_warning(tracker, astronaut):
    assert choose_face(tracker.find_faces(astronaut))[1] == ()


@pytest.mark.parametrize("name", ["coffee", "chelsea", "rocket", "brick", "page", "text", "coins", "moon"])
def test_no_face_is_seen_in_things(tracker, name):
    rgb = getattr(skimage.data, name)()
    rgb = np.dstack([rgb] * 3) if rgb.ndim == 2 else rgb[..., :3]
    assert tracker.find_faces(Image(np.ascontiguousarray(rgb))) == ()


def test_no_face_is_refused():
    with pytest.raises(InputError, match="no face found") as caught:
        choose_face(())
    assert caught.value.exit_code == 3 and caught.value.hint


def test_a_face_of_twenty_pixels_is_refused(tracker):
    scale = 20 / 108  # the face in skimage's 512-pixel astronaut is 108 high
    tiny = cv2.resize(skimage.data.astronaut(), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    image = on_canvas(tiny, 512, 512, 200, 200)
    with pytest.raises(InputError) as caught:
        choose_face(tracker.find_faces(image))
    assert str(MIN_FACE_PX) in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (20, 20)])
def test_tiny_images_hold_no_face(tracker, shape):
    assert tracker.find_faces(Image(np.full((*shape, 3), 90, np.uint8))) == ()


def test_mouth_measures_follow_a_talking_mouth(tracker, carphone):
    frames = [cv2.resize(f, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC) for f in carphone[60:120]]
    seen = [tracker.find_faces(Image(frames[0]))[0]]
    for frame in frames[1:]:
        seen.append(tracker.look_again(frame, seen[-1]))
        assert seen[-1] is not None
    opening = [mouth_opening(face) for face in seen]
    # He closes his lips at frame 96 and speaks an open vowel at frame 108 (seen in the video).
    assert opening[96 - 60] < 0.02
    assert opening[108 - 60] > 0.12
    assert all(0 <= mouth_rounding(face) <= 2 for face in seen)


def test_a_face_is_found_again_while_it_is_there(tracker, astronaut):
    face = tracker.find_faces(astronaut)[0]
    again = tracker.look_again(np.roll(astronaut.rgb, 10, 1), face)
    assert np.abs(again.points[13, :2] - face.points[13, :2] - [10, 0]).max() < 0.03 * face.height_px
    assert tracker.look_again(np.zeros_like(astronaut.rgb), face) is None


def test_a_still_image_is_searched_once(tracker, astronaut):
    faces = faces_of(astronaut, tracker)
    assert [face.box for face in faces] == [face.box for face in tracker.find_faces(astronaut)]
    assert faces_of(astronaut, tracker) is faces
    other = Image(np.full((200, 200, 3), 128, np.uint8))
    assert faces_of(other, tracker) == ()
    assert faces_of(astronaut, tracker) is not faces  # the last one alone is remembered


def test_a_large_image_without_a_face_takes_few_looks():
    counts = [len(level.centers) for level in levels(3000, 4000)]
    assert sum(counts) < 700  # 2.5 ms each, and as many again for what they take for a face
