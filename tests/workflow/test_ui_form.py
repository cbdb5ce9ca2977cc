"""The UI form: the same graph, laid out for people, with values that survive the page."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, cycle, product

import pytest
from graph_check import check_fits, to_api
from traps import RECIPES, good_graph

from lipwright.domain.media import FrameSize
from lipwright.domain.presets import PRESETS
from lipwright.domain.time import Span
from lipwright.errors import PlanError
from lipwright.workflow.graph import GROUPS
from lipwright.workflow.reader import read_graph
from lipwright.workflow.schemas import bundled
from lipwright.workflow.ui import GROUP_TITLES, to_ui

SIZES = [FrameSize(128, 128), FrameSize(832, 448), FrameSize(1088, 1920)]
NTSC = [Fraction(24000, 1001), Fraction(30000, 1001)]


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("preset", list(PRESETS))
@pytest.mark.parametrize("image", ["portrait.png", None])
def test_graphs_of_all_sizes_and_rates_fit_the_schemas_in_both_formats(recipe, preset, image):
    rates = (Fraction(24), Fraction(25), Fraction(30), Fraction(50), *NTSC)
    for (frame_rate, frames), size in zip(product(rates, (9, 257)), cycle(SIZES)):
        graph = good_graph(
            recipe,
            size=size,
            frame_rate=frame_rate,
            frames=frames,
            image=image,
            settings=PRESETS[preset],
        )
        api = graph.to_api()
        check_fits(api, bundled())
        if frame_rate in NTSC:
            with pytest.raises(PlanError) as refused:
                to_ui(graph)
            assert "--format api" in refused.value.hint
            continue
        document = json.loads(json.dumps(to_ui(graph)))
        assert to_api(read_graph(document, bundled())) == api


@pytest.mark.parametrize("recipe", RECIPES)
def test_graphs_with_masks_or_frames_convert_back(recipe):
    for changes in ({"mask": Span(1.0, 2.5)}, {"export": "frames"}, {"freeze_audio": False}, {"prompt": ""}):
        graph = good_graph(recipe, **changes)
        assert to_api(read_graph(json.loads(json.dumps(to_ui(graph))), bundled())) == graph.to_api()


@pytest.mark.parametrize(
    "changes",
    [{"settings": replace(PRESETS["guide"], image_strength=0.75)}, {"mask": Span(1.0, 3.21)}],
)
def test_values_that_the_page_would_round_are_refused(changes):
    graph = good_graph("guide", **changes)
    check_fits(graph.to_api(), bundled())
    with pytest.raises(PlanError, match="ComfyUI's page"):
        to_ui(graph)


def boxes(document):
    """Every node with its title bar, as left, top, right, bottom."""
    for node in document["nodes"]:
        (x, y), (width, height) = node["pos"], node["size"]
        yield node, (x, y if node["type"] == "Reroute" else y - 30, x + width, y + height)


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("changes", [{}, {"image": None}, {"mask": Span(1.0, 3.0)}])
def test_the_layout_reads_from_left_to_right_and_nothing_overlaps(recipe, changes):
    document = to_ui(good_graph(recipe, **changes))
    placed = list(boxes(document))
    for (_, one), (_, other) in combinations(placed, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    at = {node["id"]: box for node, box in placed}
    for _, origin, _, target, _, _ in document["links"]:
        (x, _, right, bottom), (left, top, _, _) = at[origin], at[target]
        assert right < left or (x == left and bottom <= top)  # to the right, or down its own column
    groups = document["groups"]
    assert [group["title"] for group in groups] == [GROUP_TITLES[group] for group in GROUPS]
    lefts = [group["bounding"][0] for group in groups]
    assert lefts == sorted(lefts)
    for node, box in placed:
        inside = [
            g
            for g in groups
            if g["bounding"][0] <= box[0]
            and box[2] <= g["bounding"][0] + g["bounding"][2]
            and g["bounding"][1] <= box[1]
            and box[3] <= g["bounding"][1] + g["bounding"][3]
        ]
        assert len(inside) == (node["type"] != "Reroute")


@pytest.mark.parametrize("recipe", RECIPES)
def test_each_critical_value_has_a_note(recipe):
    document = to_ui(good_graph(recipe))
    told = " ".join(node["widgets_values"][0] for node in document["nodes"] if node["type"] == "Note")
    for word in ("8n+1", "frame rate", "CFG", "33", "original audio"):
        assert word in told
    words = {
        "guide": ("mask_audio false", "modality_scale 1", "factors must be 1"),
        "official": ("0 freezes", "trained only for these levels"),
    }
    for word in words[recipe]:
        assert word in told


def test_both_ends_of_a_link_agree():
    document = to_ui(good_graph("official"))
    nodes = {node["id"]: node for node in document["nodes"]}
    assert len(nodes) == len(document["nodes"])
    assert document["last_node_id"] == max(nodes)
    for key, origin, out, target, into, kind in document["links"]:
        assert key in nodes[origin]["outputs"][out]["links"]
        assert nodes[origin]["outputs"][out]["type"] == kind
        assert nodes[target]["inputs"][into]["link"] == key
    assert document["last_link_id"] == max(link[0] for link in document["links"])


@pytest.mark.parametrize("recipe", RECIPES)
def test_no_link_runs_behind_more_than_one_column_of_nodes(recipe):
    document = to_ui(good_graph(recipe))
    at = {node["id"]: node for node in document["nodes"]}
    columns = {node["pos"][0] for node in document["nodes"] if node["type"] not in ("Note", "Reroute")}
    for _, origin, _, target, _, _ in document["links"]:
        if at[origin]["type"] == "Reroute" and at[target]["type"] == "Reroute":
            continue  # along a lane, above everything
        left, right = at[origin]["pos"][0], at[target]["pos"][0]
        assert sum(left < column < right for column in columns) < 2


PAGE_HEIGHTS = {
    "CFGGuider": 98,
    "CheckpointLoaderSimple": 98,
    "CLIPTextEncode": 88,
    "CreateVideo": 102,
    "EmptyLTXVLatentVideo": 130,
    "GuiderParameters": 226,
    "ImageScale": 130,
    "AudioConcat": 78,
    "EmptyAudio": 106,
    "KSamplerSelect": 58,
    "LatentCut": 106,
    "LatentUpscaleModelLoader": 58,
    "LoadAudio": 136,
    "LoadImage": 326,
    "LoraLoaderModelOnly": 82,
    "LTXAVTextEncoderLoader": 106,
    "LTXVAudioVAEEncode": 46,
    "LTXVAudioVAELoader": 58,
    "LTXVConcatAVLatent": 46,
    "LTXVConditioning": 78,
    "LTXVImgToVideoInplace": 122,
    "LTXVLatentUpsampler": 66,
    "LTXVNormalizingSampler": 162,
    "LTXVPreprocess": 58,
    "LTXVScheduler": 154,
    "LTXVSeparateAVLatent": 46,
    "LTXVSetAudioVideoMaskByTime": 346,
    "ManualSigmas": 58,
    "MultimodalGuider": 148,
    "Note": 88,
    "RandomNoise": 82,
    "SamplerCustomAdvanced": 106,
    "SamplerEulerAncestral": 82,
    "SaveVideo": 106,
    "SetLatentNoiseMask": 46,
    "SolidMask": 106,
    "TrimAudioDuration": 82,
    "VAEDecodeTiled": 150,
    "VHS_VideoCombine": 334,
}
"""What the page itself makes of them at least, files loaded: computeSize in comfyui-frontend-package
1.45.19, at ComfyUI 0.25 with the packs LTXVideo and VideoHelperSuite of June 2026."""


TALL_HEIGHTS = {
    "CFGGuider": 158,
    "CheckpointLoaderSimple": 158,
    "CLIPTextEncode": 180,
    "CreateVideo": 166,
    "EmptyLTXVLatentVideo": 206,
    "GuiderParameters": 350,
    "ImageScale": 206,
    "AudioConcat": 134,
    "EmptyAudio": 174,
    "KSamplerSelect": 110,
    "LatentCut": 174,
    "LatentUpscaleModelLoader": 110,
    "LoadAudio": 182,
    "LoadImage": 370,
    "LoraLoaderModelOnly": 142,
    "LTXAVTextEncoderLoader": 170,
    "LTXVAudioVAEEncode": 102,
    "LTXVAudioVAELoader": 110,
    "LTXVConcatAVLatent": 102,
    "LTXVConditioning": 134,
    "LTXVImgToVideoInplace": 186,
    "LTXVLatentUpsampler": 150,
    "LTXVNormalizingSampler": 270,
    "LTXVPreprocess": 110,
    "LTXVScheduler": 202,
    "LTXVSeparateAVLatent": 102,
    "LTXVSetAudioVideoMaskByTime": 494,
    "ManualSigmas": 138,
    "MultimodalGuider": 252,
    "Note": 122,
    "RandomNoise": 118,
    "SamplerCustomAdvanced": 174,
    "SamplerEulerAncestral": 118,
    "SaveVideo": 178,
    "SetLatentNoiseMask": 102,
    "SolidMask": 174,
    "TrimAudioDuration": 142,
    "VAEDecodeTiled": 190,
    "VHS_VideoCombine": 633,
}
"""The same in the page's "Nodes 2.0", titles included: what it drew of our graphs, in the same versions."""


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize(("heights", "title"), [(PAGE_HEIGHTS, 30), (TALL_HEIGHTS, 0)])
def test_nodes_do_not_overlap_in_either_style_of_the_page(recipe, heights, title):
    placed = [node for node in to_ui(good_graph(recipe))["nodes"] if node["type"] != "Reroute"]
    for node in placed:
        height = max(heights[node["type"]] + title, node["size"][1] + 30)
        below = [
            other["pos"][1]
            for other in placed
            if other["pos"][0] == node["pos"][0] and other["pos"][1] > node["pos"][1]
        ]
        assert not below or node["pos"][1] + height <= min(below), node["type"]
