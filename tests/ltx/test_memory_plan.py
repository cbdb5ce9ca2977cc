"""Which memory mode is chosen: a table, without a GPU."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lipwright.engines.ltx.loading.memory_plan import (
    GGUF_LADDER,
    GIBIBYTE,
    LADDER,
    Clip,
    ModelSizes,
    Speed,
    activation_bytes,
    check_mode,
    latents_per_decode,
    needed_bytes,
    needed_seconds,
    next_mode,
    plan,
)
from lipwright.errors import EngineOutOfMemory, UsageError

# The real model: 18.99 B parameters in 48 blocks, connectors 3.17 B, Gemma about 23 GiB.
LTX = ModelSizes(
    transformer=2 * 18_990_000_000,
    blocks=48,
    rest=2 * 500_000_000,
    width=4096,
    text_encoder=23 * GIBIBYTE,
    connectors=2 * 3_170_000_000,
    video_vae=int(1.4 * GIBIBYTE),
)
Q4 = ModelSizes(
    transformer=int(18_990_000_000 * 4.6 / 8),
    blocks=48,
    rest=500_000_000,
    width=4096,
    text_encoder=23 * GIBIBYTE,
    connectors=2 * 3_170_000_000,
    video_vae=int(1.4 * GIBIBYTE),
    bits=4.6,
    gguf=True,
)
SMALL = Clip(frames=121, width=832, height=448)
GUIDED = Clip(frames=257, width=1280, height=704, rows=4, steps=40)


@pytest.mark.parametrize(
    ("free_gib", "clip", "mode"),
    [
        (140, SMALL, "full"),
        (79, SMALL, "full"),
        (44, SMALL, "full"),
        (32, SMALL, "fp8"),
        (23.5, SMALL, "fp8"),
        (15.5, SMALL, "group-offload"),
        (11.5, SMALL, "group-offload"),
        (5, SMALL, "sequential"),
        (79, GUIDED, "full"),
        (40, GUIDED, "fp8"),
        (23.5, GUIDED, "group-offload"),
    ],
)
def test_fastest_mode_that_fits_is_chosen(free_gib, clip, mode):
    chosen = plan(int(free_gib * GIBIBYTE), LTX, clip)
    assert chosen.mode == mode
    assert chosen.bytes <= free_gib * GIBIBYTE
    assert f"{free_gib:.1f} GiB of GPU memory are free" in chosen.why
    assert chosen.findings == ()


def test_leaner_modes_need_less_memory_and_more_frames_need_more():
    needs = [needed_bytes(mode, LTX, SMALL) for mode in LADDER]
    assert needs == sorted(needs, reverse=True)
    assert len(set(needs)) == len(needs)
    for mode in LADDER:
        assert needed_bytes(mode, LTX, GUIDED) > needed_bytes(mode, LTX, SMALL)


def test_without_a_gpu_the_cpu_is_used():
    chosen = plan(None, LTX, SMALL)
    assert chosen.mode == "cpu" and chosen.bytes == 0 and not chosen.offload_text
    assert "no GPU" in chosen.describe()


def test_requested_mode_is_used_even_if_it_may_not_fit():
    assert plan(8 * GIBIBYTE, LTX, SMALL, asked="full").mode == "full"
    assert plan(80 * GIBIBYTE, LTX, SMALL, asked="sequential").mode == "sequential"
    assert plan(80 * GIBIBYTE, LTX, SMALL, asked="cpu").mode == "cpu"


def test_text_encoder_is_offloaded_if_it_does_not_fit():
    assert plan(24 * GIBIBYTE, LTX, SMALL).offload_text
    assert not plan(48 * GIBIBYTE, LTX, SMALL).offload_text


def test_packed_weights_have_their_own_modes_and_a_precision_warning():
    chosen = plan(24 * GIBIBYTE, Q4, SMALL)
    assert chosen.mode == "gguf"
    (finding,) = chosen.findings
    assert finding.id == "low-precision" and finding.severity == "warning"
    assert "4.6 bits" in finding.text
    assert plan(8 * GIBIBYTE, Q4, SMALL).mode == "sequential"
    eight = replace(Q4, bits=8.5)
    assert plan(80 * GIBIBYTE, eight, SMALL).findings == ()


def test_insufficient_memory_is_reported_with_numbers():
    with pytest.raises(
        EngineOutOfMemory, match=r"even in memory mode sequential, but only 4\.0 GiB are free"
    ) as caught:
        plan(4 * GIBIBYTE, LTX, Clip(frames=257, width=1920, height=1088, rows=4))
    assert "--size" in caught.value.hint


@pytest.mark.parametrize(
    ("free_gib", "ram_gib", "warned"), [(16, 24, True), (16, 64, False), (80, 24, False)]
)
def test_low_system_memory_is_reported_for_offloading_modes(free_gib, ram_gib, warned):
    chosen = plan(free_gib * GIBIBYTE, LTX, SMALL, ram_bytes=ram_gib * GIBIBYTE)
    assert [finding.id for finding in chosen.findings] == (["little-ram"] if warned else [])


def test_incompatible_modes_are_refused():
    with pytest.raises(UsageError, match="cannot be used with a GGUF file"):
        plan(80 * GIBIBYTE, Q4, SMALL, asked="fp8")
    with pytest.raises(UsageError, match="cannot be used with a model that is not a GGUF file"):
        plan(80 * GIBIBYTE, LTX, SMALL, asked="gguf")
    with pytest.raises(UsageError, match="torch finds none"):
        plan(None, LTX, SMALL, asked="fp8")


def test_unknown_memory_mode_is_refused():
    assert check_mode("fp8") == "fp8"
    assert check_mode(None) is check_mode("auto") is None
    with pytest.raises(UsageError) as caught:
        check_mode("tiny")
    assert caught.value.hint == "use one of full, fp8, group-offload, sequential, gguf, cpu"


def test_only_modes_with_whole_weights_leave_a_transformer_loaded():
    for sizes in (LTX, Q4):
        for mode in sizes.ladder:
            room = plan(140 * GIBIBYTE, sizes, SMALL, asked=mode).room_bytes
            assert (room is not None) == (mode in ("full", "fp8", "gguf"))
            assert room is None or room > sizes.video_vae


def test_next_mode_is_one_step_down():
    assert [next_mode(mode, LTX) for mode in LADDER] == [*LADDER[1:], None]
    assert [next_mode(mode, Q4) for mode in GGUF_LADDER] == [*GGUF_LADDER[1:], None]
    assert next_mode("cpu", LTX) is None


def test_time_estimate_follows_mode_and_speed():
    """A card that is twice as fast halves the computing time; a slow bus slows down offloading."""
    fast, slow = Speed(8e14, 2.5e10), Speed(4e14, 2.5e10)
    assert needed_seconds("full", LTX, GUIDED, slow) == 2 * needed_seconds("full", LTX, GUIDED, fast)
    narrow = Speed(8e14, 1e9)
    clip = Clip(frames=25, width=320, height=256, steps=10)
    sent = 10 * LTX.transformer / narrow.transfer
    work = needed_seconds("full", LTX, clip, narrow)
    assert needed_seconds("group-offload", LTX, clip, narrow) == pytest.approx(work + sent)
    unpinned = replace(narrow, unpinned=narrow.transfer / 4)
    assert needed_seconds("sequential", LTX, clip, unpinned) == pytest.approx(work + 4 * sent)
    assert needed_seconds("full", LTX, clip, narrow) < sent / 10
    # Two operations a weight and token, four passes, no more than half of the card's speed.
    least = 40 * 4 * GUIDED.tokens * 2 * 18.99e9 / 8e14
    assert least < needed_seconds("full", LTX, GUIDED, fast) < 6 * least
    two = replace(SMALL, steps=8, refining_steps=3)
    half, full = replace(SMALL, width=416, height=224, steps=8), replace(SMALL, steps=3)
    assert needed_seconds("full", LTX, two, fast) == pytest.approx(
        needed_seconds("full", LTX, half, fast) + needed_seconds("full", LTX, full, fast)
    )


# Measured by `python -m benchmarks.ltx_gpu --part workspace` on an NVIDIA H200, in GiB.
WORKSPACE = [
    (Clip(25, 512, 320, rows=1), 0.054),
    (Clip(25, 512, 320, rows=2), 0.106),
    (Clip(25, 512, 320, rows=4), 0.196),
    (Clip(121, 832, 448, rows=1), 0.448),
    (Clip(121, 832, 448, rows=4), 0.626),
    (Clip(121, 1216, 704, rows=2), 1.23),
    (Clip(257, 1216, 704, rows=1), 2.11),
    (Clip(257, 1216, 704, rows=4), 2.96),
]


@pytest.mark.parametrize(("clip", "measured"), WORKSPACE)
def test_workspace_matches_gpu_measurements(clip, measured):
    assert activation_bytes(clip, width=4096) / GIBIBYTE == pytest.approx(measured, rel=0.1)


def test_plan_covers_the_peak_of_all_stages():
    """As measured with eight blocks of LTX-2.3 at 1216x704 on that card: decoding is the highest of most."""
    few = replace(LTX, transformer=2 * 3_521_000_000, blocks=8, rest=2 * 427_000_000, text_encoder=0)
    few = replace(few, connectors=0, video_vae=2 * 726_000_000)
    clip = Clip(121, 1216, 704, rows=2)
    sampling = {"full": 10.4, "fp8": 7.08, "group-offload": 6.12, "sequential": 4.6}
    for mode, measured in sampling.items():
        assert needed_bytes(mode, few, clip) / GIBIBYTE == pytest.approx(measured, rel=0.2)
        assert plan(139 * GIBIBYTE, few, clip, asked=mode).bytes / GIBIBYTE == pytest.approx(12.4, rel=0.2)
    assert plan(8 * GIBIBYTE, few, clip, asked="sequential").bytes <= 8 * GIBIBYTE  # smaller windows
    assert plan(139 * GIBIBYTE, LTX, clip, asked="full").bytes / GIBIBYTE == pytest.approx(39.9, rel=0.2)


def test_decoding_windows_shrink_with_free_memory():
    assert latents_per_decode(16, 836, None) == 16
    assert latents_per_decode(100, 836, None) == 13
    assert latents_per_decode(100, 836, 20 * GIBIBYTE) == 9
    assert latents_per_decode(100, 836, 2 * GIBIBYTE) == 4


def test_memory_saving_modes_offload_the_text_encoder():
    assert not plan(139 * GIBIBYTE, LTX, SMALL).offload_text
    offloading = plan(139 * GIBIBYTE, LTX, SMALL, asked="group-offload")
    assert offloading.offload_text and offloading.bytes < 10 * GIBIBYTE


@pytest.mark.parametrize(
    ("seconds", "words"), [(45, "about 45 s of sampling"), (600, "about 10 min"), (9000, "about 2.5 h")]
)
def test_plan_is_described_in_one_line(seconds, words):
    told = replace(plan(79 * GIBIBYTE, LTX, SMALL), seconds=seconds).describe()
    assert told.startswith("memory mode full (79.0 GiB of GPU memory are free), about ")
    assert "GiB of GPU memory, " in told and words in told
