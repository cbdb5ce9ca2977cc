"""The moved portrait, judged by its pixels and by the landmark tracker."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest
from benchmarks.pose_sheet import POSES, pose

from lipwright.domain.media import Image, Waveform
from lipwright.domain.motion import CHANNEL, CHANNELS
from lipwright.domain.presets import PRESETS
from lipwright.domain.progress import no_progress
from lipwright.domain.shot import Shot
from lipwright.domain.time import Span
from lipwright.engines.portrait.engine import PortraitEngine
from lipwright.face.landmark_indices import CHEEKS, INNER_LOWER, INNER_UPPER, OVAL
from lipwright.face.landmarks import FaceTracker
from lipwright.face.warp import PortraitWarp
from lipwright.planning import plan_seconds

NAMES = ["astronaut", "driver", "monochrome", "mirrored", "tilted", "painted", "close"]
REST = np.zeros(len(CHANNELS), np.float32)


@pytest.fixture(scope="session")
def warps(images, faces) -> dict[str, PortraitWarp]:
    return {name: PortraitWarp(images[name], faces[name]) for name in images}


@pytest.fixture
def look(tracker: FaceTracker):
    """The one face of a frame."""

    def find(rgb):
        (face,) = tracker.find_faces(Image(rgb))
        return face

    return find


def lip_width(face) -> float:
    return float(np.linalg.norm(face.points[291, :2] - face.points[61, :2]))


def gap(face) -> float:
    return float(np.linalg.norm(face.points[13, :2] - face.points[14, :2]))


def inner_width(face) -> float:
    return float(np.linalg.norm(face.points[308, :2] - face.points[78, :2]))


def inner_ring(face) -> np.ndarray:
    return face.points[[*INNER_UPPER, *INNER_LOWER[::-1]], :2]


def luma_inside(rgb, ring) -> np.ndarray:
    mask = np.zeros(rgb.shape[:2], np.uint8)
    cv2.fillPoly(mask, [ring.round().astype(np.int32)], 255)
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)[mask > 0].astype(float)


@pytest.mark.parametrize("name", NAMES)
def test_rest_is_the_image(warps, images, name):
    frame = warps[name].frame(REST)
    assert np.array_equal(frame, images[name].rgb)
    assert np.array_equal(warps[name].frame(REST, engage=0.0), images[name].rgb)
    assert frame is not images[name].rgb


@pytest.mark.parametrize("name", ["driver", "mirrored"])
def test_closed_mouths_rest_even_when_engaged(warps, images, name):
    assert np.array_equal(warps[name].frame(REST, engage=1.0), images[name].rgb)


@pytest.mark.parametrize("name", NAMES)
def test_opening_rises_with_the_jaw(warps, faces, look, name):
    width = lip_width(faces[name])
    gaps = [
        gap(look(warps[name].frame(pose({"jawOpen": jaw}), engage=1.0))) / width
        for jaw in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    assert all(later > sooner for sooner, later in itertools.pairwise(gaps)), gaps
    # jawOpen 1 draws 0.7 of the trial's jaw of 0.36 W; the trial's whole had to pass 0.2 W.
    assert gaps[-1] > 0.2, gaps


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("jaw", [0.0, 0.6])
def test_pressed_lips_close_whatever_the_jaw_does(warps, faces, look, name, jaw):
    frame = warps[name].frame(pose({"mouthPress": 1.0, "jawOpen": jaw}), engage=1.0)
    assert gap(look(frame)) < 0.03 * lip_width(faces[name])


@pytest.mark.parametrize("name", ["astronaut", "monochrome", "tilted"])
def test_speech_at_rest_closes_a_smile(warps, faces, look, name):
    assert gap(faces[name]) > 0.1 * lip_width(faces[name])
    assert gap(look(warps[name].frame(REST, engage=1.0))) < 0.03 * lip_width(faces[name])


@pytest.mark.parametrize("name", NAMES)
def test_pressing_thins_the_red(warps, look, name):
    def red(face):
        return gap_of(face, 0, 13) + gap_of(face, 14, 17)

    def gap_of(face, a, b):
        return float(np.linalg.norm(face.points[a, :2] - face.points[b, :2]))

    shut = look(warps[name].frame(REST, engage=1.0))
    pressed = look(warps[name].frame(pose({"mouthPress": 1.0}), engage=1.0))
    assert red(pressed) < 0.9 * red(shut)


@pytest.mark.parametrize("name", NAMES)
def test_stretching_widens_and_rounding_narrows_the_mouth(warps, look, name):
    warp = warps[name]
    open_a_little = {"jawOpen": 0.3}
    neutral = inner_width(look(warp.frame(pose(open_a_little), engage=1.0)))
    wide = inner_width(look(warp.frame(pose({**open_a_little, "mouthStretch": 1.0}), engage=1.0)))
    narrow = inner_width(look(warp.frame(pose({**open_a_little, "mouthStretch": -1.0}), engage=1.0)))
    rounded = inner_width(look(warp.frame(pose({**open_a_little, "mouthPucker": 1.0}), engage=1.0)))
    assert wide > 1.05 * neutral
    assert narrow < 0.95 * neutral
    assert rounded < 0.92 * neutral


@pytest.mark.parametrize("name", ["astronaut", "driver", "monochrome", "painted"])
def test_blinks_are_seen_as_blinks(warps, faces, look, name):
    closed = look(warps[name].frame(pose({"eyeBlink": 1.0})))
    for side in ("eyeBlinkLeft", "eyeBlinkRight"):
        assert closed.blendshapes[side] > faces[name].blendshapes[side] + 0.25


@pytest.mark.parametrize("name", ["astronaut", "driver"])
def test_the_head_turns_the_way_the_channels_say(warps, faces, look, name):
    def features(face):
        p = face.points[:, :2]
        eyes = p[263] - p[33]
        across = float((p[1] - (p[33] + p[263]) / 2) @ eyes / (eyes @ eyes))
        down = float(np.linalg.norm(p[1] - (p[33] + p[263]) / 2) / np.linalg.norm(eyes))
        return across, down, float(np.arctan2(eyes[1], eyes[0]))

    across, down, tilt = features(faces[name])
    assert features(look(warps[name].frame(pose({"headYaw": 0.12}))))[0] > across + 0.02
    assert features(look(warps[name].frame(pose({"headPitch": 0.12}))))[1] > down + 0.02
    assert features(look(warps[name].frame(pose({"headRoll": 0.1}))))[2] > tilt + 0.06


@pytest.mark.parametrize("name", ["astronaut", "driver"])
def test_brows_rise_and_smiles_lift_the_corners(warps, faces, look, name):
    def brow(face):
        p = face.points[:, :2]
        return float(np.linalg.norm(p[105] - p[33]) + np.linalg.norm(p[334] - p[263])) / face.height_px

    def corners(face):
        p = face.points[:, 1]
        return (p[0] + p[17] - p[61] - p[291]) / face.height_px

    assert brow(look(warps[name].frame(pose({"browInnerUp": 1.0})))) > brow(faces[name]) + 0.01
    smile = look(warps[name].frame(pose({"mouthSmile": 1.0})))
    assert corners(smile) > corners(faces[name]) + 0.02


@pytest.mark.parametrize("name", NAMES)
def test_beyond_the_region_nothing_changes(warps, images, faces, name):
    rgb, face = images[name].rgb, faces[name]
    outside = np.ones(rgb.shape[:2], bool)
    reach = 0.6 * face.height_px + 1
    left, top, right, bottom = face.box
    outside[
        max(0, int(top - reach)) : int(bottom + 2 * reach) + 1,
        max(0, int(left - reach)) : int(right + reach) + 1,
    ] = False
    # Where the image ends inside the region, its last pixels stay too.
    outside[[0, -1]] = True
    outside[:, [0, -1]] = True
    for channels in POSES.values():
        assert np.array_equal(warps[name].frame(pose(channels), engage=1.0)[outside], rgb[outside])


def test_no_chroma_in_black_and_white(warps):
    for channels in POSES.values():
        frame = warps["monochrome"].frame(pose(channels), engage=1.0)
        assert np.ptp(frame, axis=-1).max() == 0


@pytest.mark.parametrize("name", ["astronaut", "driver", "tilted"])
def test_rounding_hides_the_teeth_that_a_wide_vowel_shows(warps, look, name):
    wide = warps[name].frame(pose(POSES["i"]), engage=1.0)
    rounded = warps[name].frame(pose(POSES["u"]), engage=1.0)
    assert luma_inside(rounded, inner_ring(look(rounded))).mean() < 0.75 * (
        luma_inside(wide, inner_ring(look(wide))).mean()
    )


@pytest.mark.parametrize("name", ["astronaut", "monochrome", "tilted"])
def test_a_small_round_opening_is_dark(warps, faces, look, name):
    """No gray strip of teeth in "oo", and the tracker sees how far the lips are apart."""
    frame = warps[name].frame(pose({"jawOpen": 0.25, "mouthPucker": 0.6, "mouthStretch": -0.3}), engage=1.0)
    wide = warps[name].frame(pose(POSES["i"]), engage=1.0)
    inside, teeth = (luma_inside(rgb, inner_ring(look(rgb))).mean() for rgb in (frame, wide))
    assert inside < 0.5 * teeth
    assert gap(look(frame)) > 0.03 * lip_width(faces[name])


@pytest.mark.parametrize("name", ["astronaut", "driver", "monochrome"])
def test_the_lower_lip_meets_the_teeth_in_f_and_v(warps, look, name):
    def darkest_below_the_teeth(channels):
        frame = warps[name].frame(pose(channels), engage=1.0)
        face = look(frame)
        upper, lower = face.points[13, :2], face.points[14, :2]
        at = upper + np.linspace(0.5, 1.1, 25)[:, None] * (lower - upper)
        x, y = at.round().astype(int).T
        return float(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)[y, x].min())

    assert darkest_below_the_teeth(POSES["f v"]) > 1.5 * darkest_below_the_teeth(POSES["a"])


@pytest.mark.parametrize("name", NAMES)
def test_a_wide_mouth_has_depth(warps, look, name):
    frame = warps[name].frame(pose(POSES["a"]), engage=1.0)
    inside = luma_inside(frame, inner_ring(look(frame)))
    dark, bright = np.percentile(inside, [10, 90])
    assert bright > 2.5 * dark


@pytest.mark.parametrize("name", ["astronaut", "driver", "painted"])
def test_frames_differ_no_more_than_their_motion(warps, name):
    """A path in even steps: no step may change the image much more than its neighbors do."""
    warp = warps[name]
    beats = [pose(POSES[b]) for b in ("rest", "p b m", "a", "i", "f v", "u", "th l", "blink", "rest")]
    steps = 12
    for start, end in itertools.pairwise(beats):
        shares = np.linspace(0, 1, steps + 1)
        frames = [warp.frame(start + (end - start) * s, engage=1.0).astype(np.int16) for s in shares]
        change = np.array([np.abs(b - a).mean() for a, b in itertools.pairwise(frames)])
        assert change.max() <= 2.5 * change.mean(), change


def test_handing_over_a_smile_does_not_jump(warps, images):
    frames = [warps["astronaut"].frame(REST, engage=e).astype(np.int16) for e in np.linspace(0, 1, 25)]
    assert np.array_equal(frames[0], images["astronaut"].rgb)
    change = np.array([np.abs(b - a).mean() for a, b in itertools.pairwise(frames)])
    assert change.max() < 0.25 * np.abs(frames[-1] - frames[0]).mean()


def test_frames_do_not_depend_on_their_order(images, faces):
    rows = [pose(POSES[name]) for name in ("a", "blink", "u")]
    forward = PortraitWarp(images["astronaut"], faces["astronaut"])
    backward = PortraitWarp(images["astronaut"], faces["astronaut"])
    there = [forward.frame(row) for row in rows]
    back = [backward.frame(row) for row in rows[::-1]][::-1]
    assert all(np.array_equal(a, b) for a, b in zip(there, back, strict=True))


def test_threads_may_share_a_portrait(warps):
    rows = [pose(channels) for channels in POSES.values()]
    alone = [warps["driver"].frame(row) for row in rows]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(warps["driver"].frame, rows * 3))
    assert all(np.array_equal(a, b) for a, b in zip(alone * 3, together, strict=True))


def test_motion_beyond_its_range_still_draws(warps, images):
    row = np.full(len(CHANNELS), 3.0, np.float32)
    row[CHANNEL["headYaw"] :] = 0.3
    for sign in (1, -1):
        frame = warps["astronaut"].frame(sign * row)
        assert frame.shape == images["astronaut"].rgb.shape


def test_a_row_of_another_length_is_refused(warps):
    with pytest.raises(ValueError, match="channels"):
        warps["astronaut"].frame(np.zeros(3))


def with_glasses(image: Image, face) -> Image:
    """Thick dark rims around both eyes, and a bridge."""
    rgb, points = image.rgb.copy(), face.points[:, :2]
    radius = int(0.45 * np.linalg.norm(points[263] - points[33]) / 2)
    centers = [points[[33, 133]].mean(0), points[[362, 263]].mean(0)]
    for center in centers:
        cv2.circle(rgb, tuple(center.round().astype(int).tolist()), radius, (15, 15, 15), 6, cv2.LINE_AA)
    left, right = (center.round().astype(int).tolist() for center in centers)
    cv2.line(rgb, (left[0] + radius, left[1]), (right[0] - radius, right[1]), (15, 15, 15), 8, cv2.LINE_AA)
    return Image(rgb)


def test_behind_glasses_nobody_blinks_and_rims_stay_straight(images, faces, warps):
    image, face = images["astronaut"], faces["astronaut"]
    warp = PortraitWarp(with_glasses(image, face), face)
    blink = warp.frame(pose({"eyeBlink": 1.0}))
    assert np.array_equal(blink, warp.frame(REST))
    brows = pose({"browInnerUp": 1.0})
    moved = np.abs(warp.frame(brows).astype(int) - warp.frame(REST)).mean()
    bare = np.abs(warps["astronaut"].frame(brows).astype(int) - image.rgb).mean()
    assert moved < 0.5 * bare


def test_a_face_that_will_not_blink_is_reported(images, faces):
    image = images["astronaut"]
    audio = Waveform(np.random.default_rng(0).normal(0, 0.05, (1, 24_000)).astype(np.float32), 24_000)

    def reported(image: Image) -> set[str]:
        plan = plan_seconds(1, Fraction(25), "floor")
        shot = Shot(audio, (Span(0.0, 1.0),), plan, image.size, PRESETS["portrait"], image=image)
        return {finding.id for finding in PortraitEngine().render(shot, no_progress).findings}

    assert "will-not-blink" not in reported(image)
    assert "will-not-blink" in reported(with_glasses(image, faces["astronaut"]))


@pytest.mark.parametrize("name", ["astronaut", "painted", "monochrome"])
def test_closed_lids_have_the_tone_of_the_skin_around(warps, images, faces, name):
    """Neither a gray patch nor a light disc: between the darkest and lightest skin beside the eyes."""
    points = faces[name].points[:, :2]
    shut = cv2.cvtColor(warps[name].frame(pose({"eyeBlink": 1.0})), cv2.COLOR_RGB2GRAY).astype(float)
    still = cv2.cvtColor(images[name].rgb, cv2.COLOR_RGB2GRAY).astype(float)
    for upper, lower, cheek in ((159, 145, 50), (386, 374, 280)):
        x, y = (points[upper] + 0.35 * (points[lower] - points[upper])).round().astype(int)
        lid = shut[y - 1 : y + 2, x - 3 : x + 4].mean()
        cx, cy = points[cheek].round().astype(int)
        assert 0.6 < lid / still[cy - 3 : cy + 4, cx - 3 : cx + 4].mean() < 1.15


def test_closed_lips_with_landmarks_apart_are_not_open(images, faces):
    """The image decides: the gap of the landmarks alone may be the red of the lips."""
    face = faces["driver"]
    points = face.points.copy()
    down = (points[152] - points[10])[:2] / np.linalg.norm((points[152] - points[10])[:2])
    points[INNER_LOWER[1:-1], :2] += 0.07 * lip_width(face) * down
    points[INNER_UPPER[1:-1], :2] -= 0.04 * lip_width(face) * down
    warp = PortraitWarp(images["driver"], replace(face, points=points))
    assert np.array_equal(warp.frame(REST, engage=1.0), images["driver"].rgb)  # nothing to close


@pytest.mark.parametrize("name", ["astronaut", "driver", "monochrome"])
def test_teeth_are_as_light_as_real_ones(warps, look, name):
    """Real talkers' brightest mouth pixels are 0.7 to 1.25 times as light as their cheeks."""
    frame = warps[name].frame(pose(POSES["e"]), engage=1.0)
    face = look(frame)
    inside = np.percentile(luma_inside(frame, inner_ring(face)), 90)
    cheek = np.median(luma_inside(frame, face.points[CHEEKS, :2]))
    assert 0.7 < inside / cheek < 1.3


@pytest.mark.parametrize("name", ["astronaut", "driver"])
def test_eyes_look_aside_and_lids_stay(warps, faces, look, name):
    left, right = (look(warps[name].frame(pose({"gazeYaw": angle}))) for angle in (-0.25, 0.25))

    def iris(face):
        return float(face.points[468, 0] - face.points[[33, 133], 0].mean()) / face.height_px

    assert iris(right) - iris(left) > 0.01
    assert right.blendshapes["eyeBlinkLeft"] < faces[name].blendshapes["eyeBlinkLeft"] + 0.2


def test_the_chest_rises_and_the_face_stays(warps, images, faces):
    breath = warps["driver"].frame(pose({"breath": 1.0}))
    change = np.abs(breath.astype(int) - images["driver"].rgb).max(-1)
    points = faces["driver"].points[:, :2]
    assert change[int(points[152, 1]) + 20 :].max() > 5
    inside = np.zeros(change.shape, np.uint8)
    cv2.fillPoly(inside, [(points[OVAL] * 0.9 + points.mean(0) * 0.1).round().astype(np.int32)], 1)
    assert change[inside > 0].max() == 0
