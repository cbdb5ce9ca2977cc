"""Each finding of an image, on both sides of its threshold; on real faces, degraded by known amounts."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
import skimage.data
import skimage.measure

from lipwright.domain.media import FrameSize, Image
from lipwright.domain.motion import CHANNEL, CHANNELS
from lipwright.face.image_checks import check_face
from lipwright.face.image_quality import MEASURED_FACE_PX, blur_of, measure_face, pose_of
from lipwright.face.landmarks import Face, FaceTracker, mouth_opening
from lipwright.face.warp import PortraitWarp


def rules(image: Image, face: Face, size: FrameSize | None = None) -> dict[str, str]:
    found = check_face(face, measure_face(image, face), image.size, size or image.size)
    assert all(len(finding.where["box"]) == 4 and finding.advice for finding in found)
    assert len({finding.id for finding in found}) == len(found)
    return {finding.id: finding.severity for finding in found}


def looked(tracker: FaceTracker, rgb: np.ndarray) -> tuple[Image, Face]:
    image = Image(np.ascontiguousarray(rgb))
    return image, tracker.find_faces(image)[0]


def lit(rgb: np.ndarray, gain: np.ndarray | float) -> np.ndarray:
    """The image with its light multiplied (sRGB as a power of 2.2)."""
    light = (rgb / 255.0) ** 2.2 * gain
    return (np.clip(light, 0, 1) ** (1 / 2.2) * 255).round().astype(np.uint8)


@pytest.fixture(scope="module")
def woman(faces) -> Face:
    return faces["astronaut"]


@pytest.fixture(scope="module")
def man(faces) -> Face:
    return faces["driver"]


def test_a_good_portrait_has_no_finding(astronaut, woman):
    assert rules(astronaut, woman) == {}


@pytest.mark.parametrize(("height_px", "found"), [(94, True), (106, False)])
def test_small_face(tracker, astronaut, woman, height_px, found):
    scale = height_px / woman.height_px
    image, face = looked(
        tracker, cv2.resize(astronaut.rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    )
    assert ("small-face" in rules(image, face)) == found


@pytest.mark.parametrize(("share", "found"), [(0.15, True), (0.17, False)])
def test_distant_face(tracker, astronaut, woman, share, found):
    side = round(woman.height_px / share)
    canvas = np.full((side, side, 3), 128, np.uint8)
    canvas[200:712, 300:812] = astronaut.rgb
    assert rules(*looked(tracker, canvas)).get("distant-face") == ("warning" if found else None)


@pytest.mark.parametrize(("times", "found"), [(1.55, True), (1.45, False)])
def test_enlarged_image(astronaut, woman, times, found):
    size = FrameSize(round(512 * times), round(512 * times))
    assert ("enlarged-image" in rules(astronaut, woman, size)) == found


@pytest.mark.parametrize(
    ("size", "severity"),
    [
        ((512, 390), None),
        ((390, 512), None),
        ((512, 378), "hint"),
        ((512, 288), "hint"),
        ((512, 200), "warning"),
    ],
)
def test_cropped_to_size(astronaut, woman, size, severity):
    assert rules(astronaut, woman, FrameSize(*size)).get("cropped-to-size") == severity


@pytest.mark.parametrize("case", [(0.12, None), (0.05, "face-near-edge"), (-0.15, "face-cut-off")])
@pytest.mark.parametrize("edge", ["left", "top", "right", "bottom"])
def test_faces_at_the_edge(tracker, astronaut, woman, edge, case):
    air, rule = case
    left, top, right, bottom = woman.box
    away = round(air * woman.height_px)
    cut = {
        "left": astronaut.rgb[:, round(left) - away :],
        "top": astronaut.rgb[round(top) - away :],
        "right": astronaut.rgb[:, : round(right) + away],
        "bottom": astronaut.rgb[: round(bottom) + away],
    }[edge]
    image, face = looked(tracker, cut)
    found = {name for name in rules(image, face) if name.startswith("face-")}
    assert found == ({rule} if rule else set())
    if rule:
        reported = next(
            f for f in check_face(face, measure_face(image, face), image.size, image.size) if f.id == rule
        )
        assert edge in reported.text


def turned_in_space(face: Face, *, yaw: float = 0, pitch: float = 0) -> Face:
    """The head turned about its own axes, by degrees."""
    points = face.points - face.points.mean(0)
    c, s = math.cos(math.radians(yaw)), math.sin(math.radians(yaw))
    points = points @ np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]]).T  # nose (z < 0) toward +x
    c, s = math.cos(math.radians(pitch)), math.sin(math.radians(pitch))
    points = points @ np.array([[1, 0, 0], [0, c, s], [0, -s, c]]).T  # nose toward -y
    return replace(face, points=points + face.points.mean(0))


def facing(face: Face) -> Face:
    """The same head, looking straight ahead."""
    for _ in range(4):
        pose = pose_of(face.points)
        face = turned_in_space(face, yaw=-pose.yaw_deg, pitch=-pose.pitch_deg)
    return face


@pytest.mark.parametrize("sign", [-1, 1])
def test_pose_is_measured_in_degrees(woman, sign):
    straight = facing(woman)
    assert abs(pose_of(straight.points).yaw_deg) < 0.5 and abs(pose_of(straight.points).pitch_deg) < 0.5
    assert pose_of(turned_in_space(straight, yaw=sign * 30).points).yaw_deg == pytest.approx(
        sign * 30, abs=1.5
    )
    raised = pose_of(turned_in_space(straight, pitch=sign * 30).points)
    assert raised.pitch_deg == pytest.approx(sign * 30, abs=1.5)


@pytest.mark.parametrize("case", [("yaw", "head-turned", 35), ("pitch", "head-bent", 30)])
@pytest.mark.parametrize("sign", [-1, 1])
def test_turned_and_bent_heads(astronaut, woman, case, sign):
    axis, rule, limit = case
    straight, seen = facing(woman), measure_face(astronaut, woman)
    for degrees, found in ((limit - 3, False), (limit + 3, True)):
        face = turned_in_space(straight, **{axis: sign * degrees})
        reported = {finding.id for finding in check_face(face, seen, astronaut.size, astronaut.size)}
        assert (rule in reported) == found


@pytest.mark.parametrize(("degrees", "found"), [(20, False), (30, True), (-20, False), (-30, True)])
def test_tilted_heads(tracker, astronaut, woman, degrees, found):
    level = pose_of(woman.points).roll_deg  # she tilts her head a little herself
    turn = cv2.getRotationMatrix2D((256, 256), -(degrees - level), 1.0)
    rgb = cv2.warpAffine(astronaut.rgb, turn, (512, 512), borderMode=cv2.BORDER_REFLECT_101)
    image, face = looked(tracker, rgb)
    assert pose_of(face.points).roll_deg == pytest.approx(degrees, abs=3)
    assert ("head-tilted" in rules(image, face)) == found


def with_gap(face: Face, gap: float) -> Face:
    """The face with its inner lips that far apart, in face heights."""
    points = face.points.copy()
    down = points[152] - points[10]
    for upper, lower in ((82, 87), (13, 14), (312, 317)):
        points[lower] = points[upper] + down / np.linalg.norm(down[:2]) * gap * face.height_px
    return replace(face, points=points)


@pytest.mark.parametrize(
    ("gap", "rule"),
    [(0.008, "mouth-closed"), (0.016, None), (0.06, None), (0.14, None), (0.16, "mouth-wide-open")],
)
def test_mouth_by_its_gap(astronaut, woman, gap, rule):
    face = with_gap(woman, gap)
    assert mouth_opening(face) == pytest.approx(gap, abs=1e-6)
    assert set(rules(astronaut, face)) == ({rule} if rule else set())


def test_mouths_of_a_man_who_speaks(tracker, carphone, driver, man):
    assert rules(driver, man)["mouth-closed"] == "hint"
    wide = cv2.resize(carphone[108], None, fx=4, fy=4, interpolation=cv2.INTER_LANCZOS4)
    found = rules(*looked(tracker, wide))
    assert found["mouth-wide-open"] == "warning" and "mouth-closed" not in found


def test_closed_eyes(tracker, images, faces, astronaut, woman):
    warp = PortraitWarp(images["painted"], faces["painted"])
    shut = np.zeros(len(CHANNELS), np.float32)
    shut[CHANNEL["eyeBlink"]] = 1
    found = rules(*looked(tracker, warp.frame(shut, 1.0)))
    assert found["eyes-closed"] == "warning"
    # One eye alone is a wink, or a shadow.
    wink = replace(woman, blendshapes={**woman.blendshapes, "eyeBlinkLeft": 0.9})
    assert rules(astronaut, wink) == {}


@pytest.mark.parametrize("scale", [0.5, 1.0, 4.0])
@pytest.mark.parametrize(("share", "found"), [(0.006, False), (0.02, True)])
def test_blur_counts_by_the_face_not_by_the_pixel(astronaut, woman, scale, share, found):
    rgb = cv2.GaussianBlur(astronaut.rgb, (0, 0), share * woman.height_px)
    rgb = cv2.resize(
        rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    )
    x0, y0, x1, y1 = (edge * scale for edge in woman.box)
    face = replace(woman, points=woman.points * scale, box=(x0, y0, x1, y1))
    assert (measure_face(Image(rgb), face).blur > 0.72) == found


def test_the_blur_measure_is_the_published_one():
    gray = skimage.data.camera()[100 : 100 + 2 * MEASURED_FACE_PX, 150 : 150 + 2 * MEASURED_FACE_PX]
    for sigma in (0.0, 1.0, 3.0):
        seen = cv2.GaussianBlur(gray, (0, 0), sigma) if sigma else gray
        assert blur_of(seen) == pytest.approx(skimage.measure.blur_effect(seen, h_size=7), abs=0.02)


def test_a_flat_image_has_the_most_blur():
    assert blur_of(np.full((40, 40), 7, np.uint8)) == 1.0
    assert blur_of(np.zeros((1, 5), np.uint8)) == 1.0


@pytest.mark.parametrize(("highlights", "found"), [(52, True), (68, False)])
def test_dark_face(astronaut, woman, highlights, found):
    bright = measure_face(astronaut, woman).highlight_luma
    dimmed = Image((astronaut.rgb * (highlights / bright)).astype(np.uint8))
    assert rules(dimmed, woman).get("dark-face") == ("warning" if found else None)


@pytest.mark.parametrize(("stops", "found"), [(0.3, False), (1.5, True)])
def test_blown_face(astronaut, woman, stops, found):
    assert rules(Image(lit(astronaut.rgb, 2**stops)), woman).get("blown-face") == (
        "warning" if found else None
    )


@pytest.mark.parametrize(("stops", "found"), [(1.5, False), (3.5, True)])
@pytest.mark.parametrize("side", ["left", "right"])
def test_uneven_light(man, driver, stops, found, side):
    middle = man.points[[10, 152], 0].mean()
    ramp = np.clip((np.arange(driver.size.width) - middle) / 40, -0.5, 0.5)
    dimmed = stops * (0.5 + ramp if side == "right" else 0.5 - ramp)
    image = Image(lit(driver.rgb, 2.0 ** -dimmed[None, :, None]))
    reported = [
        f for f in check_face(man, measure_face(image, man), image.size, image.size) if f.id == "uneven-light"
    ]
    assert [side in finding.text for finding in reported] == ([True] if found else [])


def test_a_darker_skin_is_not_a_dark_image(astronaut, woman):
    """A third of the reflectance, the eyes and teeth as they are: light falls on it as before."""
    skin = np.zeros(astronaut.rgb.shape[:2], np.float32)
    outline = cv2.convexHull(woman.points[:, :2].astype(np.int32))
    cv2.fillConvexPoly(skin, outline, 1.0)
    image = Image(lit(astronaut.rgb, (1 - 0.67 * skin)[..., None]))
    assert "dark-face" not in rules(image, woman)
