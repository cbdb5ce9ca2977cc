"""Each trap planted in otherwise good graphs is found; good graphs are silent."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import pytest
from graph_check import check_fits, to_api
from traps import RECIPES, TRAPS, first, good_graph, in_order, with_node

from lipwright.domain.finding import FindingType
from lipwright.domain.presets import PRESETS
from lipwright.domain.time import Span
from lipwright.workflow import findings
from lipwright.workflow import ui as ui_form
from lipwright.workflow.fix import fix
from lipwright.workflow.lint.linter import lint
from lipwright.workflow.reader import read_graph
from lipwright.workflow.schemas import bundled, read_object_info

CASES = [
    pytest.param(trap, recipe, form, id=f"{trap.rule}-{recipe}-{form}-{place}")
    for place, trap in enumerate(TRAPS)
    for recipe in trap.recipes
    for form in trap.formats
]


def document_of(graph, form):
    """The file that a person would have, values that the page rounds included."""
    graph = in_order(graph)
    if form == "api":
        return json.loads(json.dumps(graph.to_api()))
    return json.loads(json.dumps(unrounded(graph)))


def unrounded(graph):
    """The UI form of a graph that `to_ui` itself would refuse: the value goes in afterward."""
    strengths = [n for n in graph.nodes.values() if n.inputs.get("strength") == 0.75]
    for node in strengths:
        graph = with_node(graph, replace(node, inputs={**node.inputs, "strength": 1.0}))
    document = ui_form.to_ui(graph)
    for raw in document["nodes"]:
        if raw["id"] in {int(node.id) for node in strengths}:
            raw["widgets_values"][0] = 0.75
    return document


def rules_in(document):
    return [found.finding.id for found in lint(read_graph(document, bundled()))]


@pytest.mark.parametrize(("trap", "recipe", "form"), CASES)
def test_a_planted_trap_alone_is_found(trap, recipe, form):
    document = document_of(trap.plant(good_graph(recipe)), form)
    found = lint(read_graph(document, bundled()))
    assert {one.finding.id for one in found} == {trap.rule, *trap.also}
    for one in found:
        where = one.finding.where
        if trap.rule == "not-judged":
            continue  # about several places, which its text names
        assert where["node"] in read_graph(document, bundled()).nodes
        assert where["title"]


@pytest.mark.parametrize(("trap", "recipe", "form"), CASES)
def test_what_can_be_fixed_is_fixed_in_its_own_format(trap, recipe, form):
    document = document_of(trap.plant(good_graph(recipe)), form)
    before = json.dumps(document)
    graph = read_graph(document, bundled())
    changed, fixed = fix(graph, lint, bundled())
    assert json.dumps(document) == before  # the linted file itself stays
    assert bool(fixed) == trap.fixed
    again = read_graph(json.loads(json.dumps(changed)), bundled())
    assert again.format == form
    check_fits(to_api(again), bundled())
    if trap.fixed:
        assert [one.finding.id for one in lint(again)] == []


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("form", ["api", "ui"])
@pytest.mark.parametrize("image", ["portrait.png", None])
@pytest.mark.parametrize("frame_rate", [24, 25, 30])
def test_good_graphs_have_no_findings(recipe, form, image, frame_rate):
    for frames in (9, 121, 257):
        graph = good_graph(recipe, image=image, frame_rate=Fraction(frame_rate), frames=frames)
        assert rules_in(document_of(graph, form)) == []


@pytest.mark.parametrize("recipe", RECIPES)
def test_graphs_with_a_temporal_mask_or_frames_for_an_engine_have_no_findings(recipe):
    for export in ("video", "frames"):
        graph = good_graph(recipe, mask=Span(1.0, 3.0), export=export, frame_rate=Fraction(24000, 1001))
        assert rules_in(document_of(graph, "api")) == []


def test_a_negative_prompt_without_guidance_is_hinted_at():
    graph = good_graph("official", settings=replace(PRESETS["official-distilled"], cfg=3.0))
    assert rules_in(graph.to_api()) == []
    quiet = good_graph("official")
    text = next(node for node in quiet.nodes.values() if node.title == "Negative prompt")
    spoken = with_node(quiet, replace(text, inputs={**text.inputs, "text": "ugly"}))
    assert rules_in(quiet.to_api()) == []
    assert rules_in(spoken.to_api()) == ["negative-without-cfg"]
    both = spoken.to_api()
    (conditioning,) = [one for one in both.values() if one["class_type"] == "LTXVConditioning"]
    conditioning["inputs"]["negative"] = conditioning["inputs"]["positive"]
    assert rules_in(both) == []  # the same words on both sides only fill the input


def test_no_freeze_is_what_the_lint_calls_not_frozen():
    for recipe, rule in (("guide", "audio-mask-inverted"), ("official", "audio-not-frozen")):
        assert rules_in(good_graph(recipe, freeze_audio=False).to_api()) == [rule]


@pytest.mark.parametrize("known", [True, False])
def test_a_constant_of_another_pack_is_read_whether_its_node_is_known_or_not(known):
    document = good_graph("guide").to_api()
    document["900"] = {"class_type": "SomebodysFloat", "inputs": {"value": 24.0}}
    (mask,) = [node for node in document.values() if node["class_type"] == "LTXVSetAudioVideoMaskByTime"]
    mask["inputs"]["video_fps"] = ["900", 0]
    spec = {"input": {"required": {"value": ["FLOAT", {}]}}, "output": ["FLOAT"]}
    nodes = {**bundled(), **(read_object_info({"SomebodysFloat": spec}) if known else {})}
    graph = read_graph(document, nodes)
    assert [one.class_type for one in graph.unknown] == ([] if known else ["SomebodysFloat"])
    assert [found.finding.id for found in lint(graph)] == ["fps-mismatch"]


def test_every_kind_of_finding_has_a_trap():
    types = [one for one in vars(findings).values() if isinstance(one, FindingType)]
    built = {"norming-left-out", "video-combine-missing", "no-ltx-nodes"}
    assert {one.id for one in types} - built == {trap.rule for trap in TRAPS}


def test_a_graph_without_ltx_is_left_alone():
    image = {"1": {"class_type": "CFGGuider", "inputs": {"cfg": 8.0}}}
    assert rules_in(image) == ["no-ltx-nodes"]


def test_unknown_nodes_are_followed_and_listed():
    graph = good_graph("official")
    document = json.loads(json.dumps(ui_form.to_ui(graph)))
    freezer = int(first(graph, "SetLatentNoiseMask").id)
    link = next(row for row in document["links"] if row[1] == freezer)
    document["nodes"].append(
        {
            "id": 900,
            "type": "SomebodysLatentNode",
            "inputs": [{"name": "x", "type": "LATENT", "link": 901}],
            "outputs": [{"name": "y", "type": "LATENT", "links": [link[0]]}],
            "widgets_values": [1, 2],
        }
    )
    document["links"].append([901, freezer, 0, 900, 0, "LATENT"])
    link[1:3] = [900, 0]
    read = read_graph(document, bundled())
    assert [node.class_type for node in read.unknown] == ["SomebodysLatentNode"]
    assert lint(read) == ()
