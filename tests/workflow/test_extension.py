"""Recipe extension: each clip's own audio, exact; movement kept over the seams; one video at the end."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import pytest
from graph_check import check_fits, to_api
from traps import good_inputs

from lipwright.domain.time import Span
from lipwright.errors import PlanError
from lipwright.pipeline.workflow_lint import check_graph
from lipwright.planning import lay_chunks
from lipwright.workflow.reader import read_graph
from lipwright.workflow.recipe_extension import with_surplus
from lipwright.workflow.recipes import build_graph
from lipwright.workflow.schemas import BUNDLED_VERSIONS, bundled, bundled_for
from lipwright.workflow.ui import to_ui

FRAMES = 2801
"""Twelve clips at 25 fps."""


def extension(frame_rate=25, **changes):
    chunks = lay_chunks(FRAMES, Fraction(frame_rate))
    inputs = {"frames": FRAMES, "frame_rate": Fraction(frame_rate), "chunks": chunks, "guide_strength": 0.5}
    return build_graph("extension", good_inputs("extension", **inputs | {"driver_is_padded": True} | changes))


def of(graph, class_type):
    return [node for node in graph.nodes.values() if node.class_type == class_type]


@pytest.mark.parametrize("changes", [{}, {"image": None}, {"driver_is_padded": False}])
@pytest.mark.parametrize("for_page", [True, False])
def test_a_graph_of_twelve_clips_fits_the_schemas_and_lints_clean_in_both_formats(changes, for_page):
    graph = extension(for_page=for_page, **changes)
    api = graph.to_api()
    for version in BUNDLED_VERSIONS:
        check_fits(api, bundled_for(version))
    assert check_graph(read_graph(api, bundled())) == ()
    if for_page:
        read = read_graph(to_ui(graph), bundled())
        assert to_api(read) == api
        assert check_graph(read) == ()


@pytest.mark.parametrize("frame_rate", [24, 25, 30, Fraction(30000, 1001)])
@pytest.mark.parametrize("padded", [True, False])
def test_each_clip_hears_its_own_piece_and_nothing_of_it_is_cropped(frame_rate, padded):
    chunks = lay_chunks(FRAMES, Fraction(frame_rate))
    graph = extension(frame_rate, chunks=chunks, driver_is_padded=padded)
    trims, cuts = (
        of(graph, "TrimAudioDuration"),
        [n for n in of(graph, "LatentCut") if n.inputs["dim"] == "y"],
    )
    assert len(trims) == len(cuts) == len(chunks)
    sampled = with_surplus(chunks)
    assert sampled[-1].frames == chunks[-1].frames + 8  # the end decays: eight frames more, cut off again
    for chunk, trim, cut in zip(sampled, trims, cuts, strict=True):
        begin = round(trim.inputs["start_index"] * 44_100)  # as TrimAudioDuration
        assert begin == round(chunk.start_frame / Fraction(frame_rate) * 44_100)
        samples = round(trim.inputs["duration"] * 44_100)
        assert samples >= chunk.frames / Fraction(frame_rate) * 44_100
        assert samples % 4096 // 2 <= (0 if padded else 3)  # comfy/sd.py crops this from the start
        assert cut.inputs["amount"] == max(1, round(chunk.frames / float(frame_rate) * 25))


def test_an_unprepared_driver_of_any_sample_rate_loses_three_samples_at_most():
    graph = extension(driver_is_padded=False)
    for rate in (8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000):
        for trim in of(graph, "TrimAudioDuration"):
            trimmed = round(trim.inputs["duration"] * rate)
            resampled = -(-trimmed * 44_100 // rate)
            assert resampled % 4096 // 2 <= 3, rate


def test_each_clip_keeps_the_end_of_the_one_before_and_adds_the_rest():
    graph = extension()
    chunks = lay_chunks(FRAMES, Fraction(25))
    ends = [node.inputs for node in of(graph, "ImageFromBatch")]
    assert [(end["batch_index"], end["length"]) for end in ends] == [(-25, 25)] * 11
    tails = [n.inputs for n in of(graph, "LatentCut") if n.inputs["dim"] == "t" and n.inputs["index"] < 0]
    assert {tail["index"] for tail in tails} == {-7}  # 4 latents hold 25 frames; 3 more are the context
    added = [n.inputs for n in of(graph, "LatentCut") if n.inputs["dim"] == "t" and n.inputs["index"] > 0]
    assert {cut["index"] for cut in added} == {4}
    latents = chunks[0].frames // 8 + 1 + sum(cut["amount"] for cut in added)
    assert (latents - 1) * 8 + 1 == FRAMES
    guides = [node.inputs for node in of(graph, "LTXVAddGuide")]
    assert [(guide["frame_idx"], guide["strength"]) for guide in guides] == [(-1, 0.5)] * 12
    assert len({node.inputs["noise_seed"] for node in of(graph, "RandomNoise")}) == 12


def test_there_is_one_video_with_the_original_audio():
    graph = extension()
    (video,) = of(graph, "CreateVideo")
    assert graph.nodes[video.inputs["audio"].node].inputs["audio"] == "voice.wav"
    assert not of(graph, "LTXVAudioVAEDecode")


def test_every_clip_is_one_column_with_its_title_and_nothing_overlaps():
    document = to_ui(extension(for_page=True))
    groups = {g["title"]: g["bounding"] for g in document["groups"] if g["title"].startswith("Clip")}
    assert list(groups)[:2] == ["Clip 1: 0.00 s", "Clip 2: 9.28 s"]
    assert len(groups) == 12
    lefts = [box[0] for box in groups.values()]
    assert lefts == sorted(lefts)
    nodes = [node for node in document["nodes"] if node["type"] != "Reroute"]
    for x, y, width, height in groups.values():
        inside = [n for n in nodes if x <= n["pos"][0] < x + width and y <= n["pos"][1] < y + height]
        assert len(inside) >= 14
        assert len({node["pos"][0] for node in inside}) == 1
    boxes = [
        (n["pos"][0], n["pos"][1] - 30, n["pos"][0] + n["size"][0], n["pos"][1] + n["size"][1]) for n in nodes
    ]
    for one, other in combinations(boxes, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    texts = [node["widgets_values"][0] for node in nodes if node["type"] == "Note"]
    assert len(texts) == len(set(texts))  # a reason is told once, not twelve times


def test_a_temporal_mask_is_refused():
    with pytest.raises(PlanError, match="temporal mask"):
        extension(mask=Span(1.0, 2.0))


def test_more_clips_than_a_server_can_hold_are_refused():
    chunks = lay_chunks(60_001, Fraction(25))
    with pytest.raises(PlanError, match="the graph would have") as refused:
        extension(frames=60_001, chunks=chunks)
    assert "render --engine comfyui" in refused.value.hint
