"""Sizes: the contract's names, the multiples that models need, the image's own aspect."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.domain.media import FrameSize
from lipwright.engines.registry import ENGINES
from lipwright.errors import UsageError
from lipwright.planning import snap_size

SIDES = st.integers(64, 4096)
IMAGES = st.builds(FrameSize, st.integers(1, 20_000), st.integers(1, 20_000))


def used(request, image, engine, **options):
    return str(snap_size(request, image, ENGINES[engine].sizes, **options)[1])


@pytest.mark.parametrize("engine", ["ltx", "comfyui"])
@pytest.mark.parametrize("two_stage", [False, True])
@pytest.mark.parametrize(
    ("name", "size"),
    [("480p", "832x448"), ("720p", "1280x704"), ("1080p", "1920x1088"), ("832x448", "832x448")],
)
def test_names_are_sizes_on_the_grid(engine, two_stage, name, size):
    assert used(name, FrameSize(1024, 1024), engine, two_stage=two_stage) == size


@pytest.mark.parametrize(
    ("name", "size"), [("480p", "854x480"), ("720P ", "1280x720"), ("1080p", "1920x1080")]
)
def test_portrait_makes_the_names_as_people_know_them(name, size):
    assert used(name, FrameSize(1024, 1024), "portrait") == size


def test_a_name_turns_upright_with_the_image_and_numbers_do_not():
    phone = FrameSize(1080, 1920)
    assert used("720p", phone, "ltx") == "704x1280"
    assert used("720p", phone, "portrait") == "720x1280"
    assert used("832x448", phone, "ltx") == "832x448"


def test_requested_and_used_size_are_both_returned():
    assert snap_size("848x480", None, ENGINES["ltx"].sizes) == (FrameSize(848, 480), FrameSize(832, 480))
    assert snap_size("720p", None, ENGINES["comfyui"].sizes) == (FrameSize(1280, 720), FrameSize(1280, 704))


@given(SIDES, SIDES, st.sampled_from(["ltx", "comfyui", "portrait"]), st.booleans())
def test_numbers_snap_to_the_nearest_multiple(width, height, engine, two_stage):
    multiple = 2 if engine == "portrait" else 64 if two_stage else 32
    requested, made = snap_size(f"{width}x{height}", None, ENGINES[engine].sizes, two_stage=two_stage)
    assert requested == FrameSize(width, height)
    for wish, side in ((width, made.width), (height, made.height)):
        assert side % multiple == 0
        assert abs(side - wish) <= multiple / 2
        assert 64 <= side <= 4096


@given(IMAGES, st.sampled_from(["ltx", "portrait"]))
def test_by_default_the_video_has_the_images_aspect(image, engine):
    _, made = snap_size(None, image, ENGINES[engine].sizes)
    assert made.width % 2 == made.height % 2 == 0
    assert 64 <= min(made.width, made.height) <= max(made.width, made.height) <= 4096
    aspect = image.width / image.height
    if 0.25 <= aspect <= 4:
        coarse = 2 if engine == "portrait" else 32
        slack = coarse / made.width + coarse / made.height + (0.05 if engine == "ltx" else 0)
        assert made.width / made.height == pytest.approx(aspect, rel=slack)
        if engine == "portrait":
            assert min(made.width, made.height) <= 720
            assert max(made.width, made.height) <= 1920
        else:
            assert made.width * made.height == pytest.approx(832 * 448, rel=0.2)


@pytest.mark.parametrize(
    ("image", "size"),
    [
        ((1080, 1920), "720x1280"),  # a phone's
        ((4000, 3000), "960x720"),
        ((640, 600), "640x600"),
        ((720, 720), "720x720"),
        ((221, 226), "500x512"),
        ((5000, 1000), "1920x384"),
    ],
)
def test_portrait_keeps_the_images_own_size_within_bounds(image, size):
    assert used(None, FrameSize(*image), "portrait") == size


def test_a_sixteen_by_nine_image_previews_at_480p():
    assert used(None, FrameSize(1920, 1080), "ltx") == "832x448"
    assert used(None, FrameSize(1080, 1920), "ltx") == "448x832"
    assert used(None, None, "ltx") == "832x448"


@pytest.mark.parametrize(
    "request_",
    ["", "big", "0x0", "63x512", "512x4097", "832", "832x", "-832x448", "1e3x512", "9" * 12 + "x64"],
)
def test_nonsense_is_wrong_usage(request_):
    with pytest.raises(UsageError) as refused:
        snap_size(request_, None, ENGINES["portrait"].sizes)
    assert refused.value.hint
