"""`lipwright image` and the image of a render: findings, the crop, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="module")
def wide(tmp_path_factory) -> Path:
    """The whole astronaut, on gray, far from it all: 1400x900."""
    import skimage.data

    canvas = np.full((900, 1400, 3), 120, np.uint8)
    canvas[300:812, 700:1212] = skimage.data.astronaut()
    path = tmp_path_factory.mktemp("wide") / "wide.png"
    Image.fromarray(canvas).save(path)
    return path


def rules(found: dict) -> list[str]:
    return [finding["rule"] for finding in found["findings"]]


def test_crop_resolves_the_findings(cli, wide: Path, tmp_path: Path) -> None:
    target = tmp_path / "crop.png"
    before = cli("image", wide, "--crop", target, "--json").json
    assert "distant-face" in rules(before)
    left, top, right, bottom = before["crop"]["box"]
    with Image.open(wide) as whole, Image.open(target) as cropped:
        assert cropped.format == "PNG"
        assert np.array_equal(np.asarray(cropped), np.asarray(whole)[top:bottom, left:right])
        assert before["crop"]["size"] == f"{cropped.width}x{cropped.height}"
        assert cropped.width / cropped.height == pytest.approx(1400 / 900, rel=0.01)
    after = cli("image", target, "--json").json
    assert {"distant-face", "face-near-edge", "face-cut-off"}.isdisjoint(rules(after))


@pytest.mark.parametrize("size", ["1080p", "512x512", "320x640"])
def test_the_crop_has_the_videos_shape(cli, wide: Path, size: str) -> None:
    found = cli("image", wide, "--size", size, "--json").json
    video, crop = (tuple(map(int, text.split("x"))) for text in (found["video_size"], found["crop"]["size"]))
    assert crop[0] / crop[1] == pytest.approx(video[0] / video[1], rel=0.01)
    left, top, right, bottom = found["crop"]["box"]
    face = found["faces"][0]["box"]
    assert 0 <= left < face[0] and 0 <= top < face[1]
    assert face[2] < right <= 1400 and face[3] < bottom <= 900


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_lying_image_is_reported_and_cropped_upright(
    cli, portrait: Path, tmp_path: Path, quarters: int
) -> None:
    lying, target = tmp_path / "lying.png", tmp_path / "crop.png"
    upright = np.asarray(Image.open(portrait).convert("RGB"))
    Image.fromarray(np.rot90(upright, quarters)).save(lying)
    found = cli("image", lying, "--crop", target, "--json").json
    assert found["turn_deg"] == 90 * quarters
    assert rules(found)[0] == "sideways-image"
    left, top, right, bottom = found["crop"]["box"]
    assert np.array_equal(np.asarray(Image.open(target)), upright[top:bottom, left:right])


def test_the_crop_never_takes_the_images_place(cli, portrait: Path, tmp_path: Path) -> None:
    before = portrait.read_bytes()
    linked = tmp_path / "linked.png"
    linked.symlink_to(portrait)
    for target in (portrait, linked):
        done = cli("image", portrait, "--crop", target, "--json")
        assert (done.code, "error" in done.json) == (2, True)
    assert portrait.read_bytes() == before
    assert cli("image", portrait, "--crop", tmp_path / "crop.jpg").code == 2
    assert cli("image", portrait, "--crop", tmp_path / "none" / "crop.png").code == 3
    assert cli("image", portrait, "--size", "huge").code == 2


def test_a_failure_leaves_the_old_crop(cli, tmp_path: Path) -> None:
    target, faceless = tmp_path / "crop.png", tmp_path / "plain.png"
    target.write_bytes(b"old")
    Image.new("RGB", (300, 300), (90, 90, 90)).save(faceless)
    done = cli("image", faceless, "--crop", target)
    assert (done.code, "no face" in done.stderr) == (3, True)
    assert target.read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["crop.png", "plain.png"]


def test_image_prints_size_faces_and_crop(cli, wide: Path) -> None:
    done = cli("image", wide)
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["image", "face", "crop"]
    assert "crop of " in done.stdout and "[distant-face, IMAGE-1]" in done.stderr


def rendered(cli, voice: Path, image: Path, engine: str, video: Path) -> list[str]:
    done = cli(
        "render", voice, "--image", image, "--engine", engine, "--size", "256x256", "-o", video, "--json"
    )
    assert done.code == 0, done.stderr
    assert json.loads(video.with_suffix(".json").read_text())["findings"] == done.json["findings"]
    return rules(done.json)


def test_render_reports_findings_of_its_image(cli, fakes, voice: Path, wide: Path, tmp_path: Path) -> None:
    assert {"distant-face", "cropped-to-size"} <= set(
        rendered(cli, voice, wide, "bar", tmp_path / "video.mp4")
    )


def test_engine_that_needs_no_face_renders_any_image(
    cli, fakes, voice: Path, portrait: Path, tmp_path: Path
) -> None:
    cartoon, lying = tmp_path / "cartoon.png", tmp_path / "lying.png"
    Image.new("RGB", (300, 300), (90, 90, 200)).save(cartoon)
    Image.open(portrait).transpose(Image.Transpose.ROTATE_90).save(lying)
    assert "no-face-in-image" in rendered(cli, voice, cartoon, "bar", tmp_path / "video.mp4")
    assert "sideways-image" in rendered(cli, voice, lying, "bar", tmp_path / "video.mp4")


def test_portrait_engine_refuses_a_sideways_image_with_a_hint(
    cli, voice: Path, portrait: Path, tmp_path: Path
) -> None:
    lying = tmp_path / "lying.png"
    Image.open(portrait).transpose(Image.Transpose.ROTATE_90).save(lying)
    done = cli("render", voice, "--image", lying, "-o", tmp_path / "video.mp4", "--json")
    assert done.code == 3
    assert "90 degrees" in done.json["error"] and "--crop" in done.json["hint"]
    assert not (tmp_path / "video.mp4").exists()


def test_dialogue_without_an_image_is_reported(cli, fakes, voice: Path, tmp_path: Path) -> None:
    done = cli("render", voice, "--engine", "bar", "--size", "64x64", "-o", tmp_path / "video.mp4", "--json")
    assert "dialogue-without-image" in rules(done.json)


def test_portrait_render_reports_each_finding_once(cli, voice: Path, portrait: Path, tmp_path: Path) -> None:
    both = Image.new("RGB", (512, 256))
    one = Image.open(portrait)
    both.paste(one, (0, 0))
    both.paste(one.resize((192, 192)), (288, 32))
    both.save(tmp_path / "both.png")
    told = rendered(cli, voice, tmp_path / "both.png", "portrait", tmp_path / "video.mp4")
    assert told.count("several-faces") == 1


def test_image_outputs_are_written_together(cli, portrait: Path, tmp_path: Path, monkeypatch) -> None:
    from lipwright.errors import OutputError
    from lipwright.pipeline import image

    crop, faces = tmp_path / "crop.png", tmp_path / "faces.png"
    crop.write_bytes(b"of before")

    def full(*_: object) -> None:
        raise OutputError("no space left")

    monkeypatch.setattr(image, "draw_numbers", full)
    assert cli("image", portrait, "--crop", crop, "--faces", faces).code == 3
    assert crop.read_bytes() == b"of before"
    assert [path.name for path in tmp_path.iterdir()] == ["crop.png"]
