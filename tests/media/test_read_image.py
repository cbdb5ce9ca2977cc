"""Any image becomes upright, opaque, 8-bit sRGB; what is none is refused."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image, ImageCms

from lipwright.errors import InputError
from lipwright.media.image_file import BACKGROUND, read_image


def error(path: Path, expected: np.ndarray) -> float:
    """Mean absolute difference in levels."""
    found = read_image(path).rgb
    assert (found.shape, found.dtype) == (expected.shape, np.uint8)
    return float(np.abs(found.astype(int) - expected).mean())


def png16(path: Path, pixels: np.ndarray, color_type: int) -> Path:
    """A 16-bit PNG, which Pillow cannot write in color (PNG specification, 11.2)."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    height, width = pixels.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 16, color_type, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    return path


@pytest.mark.parametrize(
    "case",
    [
        ("a.png", {}, 0.0),
        ("a.jpg", {"quality": 95}, 3.0),
        ("a.webp", {"lossless": True}, 0.0),
        ("a.bmp", {}, 0.0),
        ("a.tiff", {}, 0.0),
        ("a.gif", {}, 4.0),
    ],
    ids=lambda case: case[0],
)
def test_common_image_formats_are_read(tmp_path, photograph, case):
    name, options, allowed = case
    Image.fromarray(photograph).save(tmp_path / name, **options)
    assert error(tmp_path / name, photograph) <= allowed


def test_wrong_suffix_is_ignored(tmp_path, photograph):
    Image.fromarray(photograph).save(tmp_path / "a.png")
    assert error((tmp_path / "a.png").rename(tmp_path / "a.jpg"), photograph) == 0


UPRIGHT = {1: [], 3: [2], 6: [1], 8: [3]}


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp"])
def test_a_camera_held_sideways(tmp_path, photograph, orientation, name):
    exif = Image.Exif()
    exif[0x0112] = orientation
    turns = sum(UPRIGHT[orientation])
    tall = photograph[:, :400]
    Image.fromarray(np.rot90(tall, turns)).save(tmp_path / name, exif=exif)
    assert error(tmp_path / name, tall) < 6


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.tiff"])
def test_transparency_shows_middle_gray(tmp_path, photograph, name):
    alpha = np.full(photograph.shape[:2], 255, np.uint8)
    alpha[:100], alpha[100:200] = 0, 128
    Image.fromarray(np.dstack([photograph, alpha])).save(tmp_path / name, lossless=True)
    share = alpha[..., None] / 255
    assert error(tmp_path / name, photograph * share + np.array(BACKGROUND) * (1 - share)) < 0.6


def test_a_palette_with_a_transparent_color(tmp_path):
    indexed = Image.new("P", (80, 80), 1)
    indexed.putpalette([255, 0, 0, 0, 0, 255])
    indexed.paste(0, (0, 0, 40, 80))
    indexed.save(tmp_path / "a.png", transparency=0)
    found = read_image(tmp_path / "a.png").rgb
    assert found[40, 10].tolist() == list(BACKGROUND)
    assert found[40, 70].tolist() == [0, 0, 255]


@pytest.mark.parametrize("name", ["a.png", "a.tiff"])
def test_sixteen_bits_of_gray(tmp_path, name):
    gray = skimage.data.camera()
    Image.fromarray(gray.astype(np.uint16) * 257).save(tmp_path / name)
    assert error(tmp_path / name, np.dstack([gray] * 3)) == 0


@pytest.mark.parametrize("channels", [2, 3, 4])
def test_sixteen_bits_of_color(tmp_path, photograph, channels):
    opaque = np.full((*photograph.shape[:2], 1), 255, np.uint8)
    pixels = {2: photograph[..., :1], 3: photograph, 4: photograph}[channels]
    if channels != 3:
        pixels = np.dstack([pixels, opaque])
    path = png16(tmp_path / "a.png", pixels.astype(np.uint16) * 257, {2: 4, 3: 2, 4: 6}[channels])
    expected = np.dstack([photograph[..., 0]] * 3) if channels == 2 else photograph
    assert error(path, expected) <= 0.01


def test_gray_and_bilevel(tmp_path):
    gray = skimage.data.camera()
    Image.fromarray(gray).save(tmp_path / "a.png")
    assert error(tmp_path / "a.png", np.dstack([gray] * 3)) == 0
    Image.fromarray(gray > 128).save(tmp_path / "b.png")
    assert error(tmp_path / "b.png", np.dstack([(gray > 128) * 255] * 3)) == 0


def test_a_float_tiff(tmp_path):
    gray = skimage.data.camera()
    Image.fromarray((gray / 255).astype(np.float32)).save(tmp_path / "a.tiff")
    assert error(tmp_path / "a.tiff", np.dstack([gray] * 3)) == 0


def test_cmyk(tmp_path, photograph):
    Image.fromarray(photograph).convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    assert error(tmp_path / "a.jpg", photograph) < 2


def wide_gamut() -> bytes:
    """A profile whose red and green are swapped against sRGB's, so that ignoring it cannot go unseen."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.tiff"])
def test_the_embedded_profile_is_followed(tmp_path, photograph, name):
    Image.fromarray(photograph).save(tmp_path / name, icc_profile=wide_gamut(), lossless=True)
    assert error(tmp_path / name, photograph[..., [1, 0, 2]]) < 2


def test_the_profile_is_followed_under_transparency(tmp_path, photograph):
    rgba = np.dstack([photograph, np.full(photograph.shape[:2], 255, np.uint8)])
    Image.fromarray(rgba).save(tmp_path / "a.png", icc_profile=wide_gamut())
    assert error(tmp_path / "a.png", photograph[..., [1, 0, 2]]) < 2


@pytest.mark.parametrize("profile", [b"junk" * 50, wide_gamut()[:300]], ids=["no profile", "cut short"])
def test_a_broken_profile_is_ignored(tmp_path, photograph, profile):
    Image.fromarray(photograph).save(tmp_path / "a.png", icc_profile=profile)
    assert error(tmp_path / "a.png", photograph) == 0


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.gif"])
def test_the_first_image_of_an_animation(tmp_path, photograph, name):
    first = Image.fromarray(photograph)
    first.save(tmp_path / name, save_all=True, append_images=[first.rotate(180)], quality=100)
    assert error(tmp_path / name, photograph) < 4


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_image(path)
    assert caught.value.hint
    assert str(path) in caught.value.message
    return caught.value.message


@pytest.mark.parametrize(
    ("size", "reported"),
    [((1, 1), "1x1"), ((63, 500), "63x500"), ((8193, 100), "8193x100"), ((20_000, 20_000), "8192 pixels")],
)
def test_sizes_out_of_bounds(tmp_path, size, reported):
    Image.new("1", size).save(tmp_path / "a.png")
    assert reported in refusal(tmp_path / "a.png")


def test_size_is_judged_before_anything_is_decoded(tmp_path):
    """A header alone: whoever decodes first complains of missing data instead."""
    path = png16(tmp_path / "a.png", np.zeros((1, 1, 3), np.uint16), 2)
    header = struct.pack(">IIBBBBB", 9_000, 9_000, 16, 2, 0, 0, 0)
    whole = path.read_bytes()
    checksum = struct.pack(">I", zlib.crc32(b"IHDR" + header))
    path.write_bytes(whole[:16] + header + checksum + whole[33:])
    assert "9000x9000" in refusal(path)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.tiff", "a.bmp", "a.gif"])
def test_truncated_image_is_refused(tmp_path, photograph, name):
    Image.fromarray(photograph).save(tmp_path / name)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    refusal(tmp_path / name)


def test_damaged_image_is_refused(tmp_path, photograph):
    Image.fromarray(photograph).save(tmp_path / "a.png")
    damaged = bytearray((tmp_path / "a.png").read_bytes())
    middle = len(damaged) // 2
    damaged[middle : middle + 500] = b"x" * 500
    (tmp_path / "a.png").write_bytes(damaged)
    refusal(tmp_path / "a.png")


def test_files_that_are_not_images_are_refused(tmp_path, encode, speech):
    (tmp_path / "text.png").write_text("a portrait\n" * 100)
    (tmp_path / "empty.png").touch()
    (tmp_path / "drawing.eps").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n")
    audio = encode(tmp_path / "a.wav", "pcm_s16le", speech)
    for path in (*tmp_path.iterdir(), tmp_path, tmp_path / "none.png", audio):
        refusal(path)
