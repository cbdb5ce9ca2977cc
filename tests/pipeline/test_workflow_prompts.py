"""The prompts in anyone's graph are checked against the prompt rules, and findings name the node."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from traps import RECIPES, good_graph

from lipwright.domain.presets import PRESETS
from lipwright.pipeline.workflow_lint import lint_workflow
from lipwright.workflow.ui import to_ui

NODDING = "A woman in a studio, talking to the camera. She nods."


def saved(path, graph, form="api"):
    document = graph.to_api() if form == "api" else to_ui(graph)
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def found_in(path, graph):
    return [(one.id, one.severity) for one in lint_workflow(saved(path, graph)).findings]


@pytest.mark.parametrize("form", ["api", "ui"])
@pytest.mark.parametrize("recipe", RECIPES)
def test_a_prompt_that_works_against_the_audio_is_found_and_fixed(tmp_path, recipe, form):
    graph = good_graph(recipe, prompt=NODDING)
    node = next(node for node in graph.nodes.values() if node.inputs.get("text") == NODDING)
    path, fixed = saved(tmp_path / "wf.json", graph, form), tmp_path / "fixed.json"
    report = lint_workflow(path, fix=fixed)
    assert report.findings
    assert not report.ok
    for finding in report.findings:
        where = finding.where
        assert (where["node"], where["title"], where["input"]) == (node.id, "Prompt", "text")
        assert "nods" in NODDING[where["start"] : where["end"]]
    assert report.fixed == report.findings
    assert lint_workflow(fixed).findings == ()
    assert "A woman in a studio, talking to the camera." in fixed.read_text("utf-8")


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("image", ["portrait.png", None])
def test_good_prompts_have_no_findings(tmp_path, recipe, image):
    for prompt in ("Close-up of a woman's face, talking to camera, lips slightly parted.", ""):
        assert found_in(tmp_path / "wf.json", good_graph(recipe, image=image, prompt=prompt)) == []


def test_prompt_of_motion_alone_is_not_fixed(tmp_path):
    graph = good_graph("guide", prompt="The camera zooms in.")
    report = lint_workflow(saved(tmp_path / "wf.json", graph), fix=tmp_path / "fixed.json")
    assert {finding.severity for finding in report.findings} == {"error", "hint"}
    assert report.fixed == ()


def test_a_prompt_without_talking_is_reported_only_where_the_image_is_held_firmly(tmp_path):
    quiet = "Close-up of a woman's face in a studio."
    assert found_in(tmp_path / "a.json", good_graph("guide", prompt=quiet)) == [("no-talking", "hint")]
    loose = replace(PRESETS["official-distilled"], image_strength=0.7)
    assert found_in(tmp_path / "b.json", good_graph("official", prompt=quiet, settings=loose)) == []
    assert found_in(tmp_path / "c.json", good_graph("guide", prompt=quiet, image=None)) == []
    faceless = good_graph("guide", prompt="A quiet studio.", image=None)
    assert found_in(tmp_path / "d.json", faceless) == [("prompt-no-face", "warning")]


def test_negative_prompts_and_unused_texts_are_not_read_as_prompts(tmp_path):
    graph = good_graph("guide", negative="nodding, waving hands, camera zoom")
    assert found_in(tmp_path / "wf.json", graph) == []


def test_computed_prompt_is_not_changed(tmp_path):
    graph = good_graph("guide", prompt=NODDING)
    document = graph.to_api()
    (key,) = [key for key, node in document.items() if node["inputs"].get("text") == NODDING]
    document[key]["inputs"]["text"] = ["900", 0]
    path = tmp_path / "wf.json"
    for given in ({"wish": NODDING, "words": 3}, {"wish": NODDING}):
        document["900"] = {"class_type": "SomebodysPromptWriter", "inputs": given}
        path.write_text(json.dumps(document), encoding="utf-8")
        (hint,) = lint_workflow(path).findings
        assert (hint.id, "prompt of node" in hint.text) == ("not-judged", True)
    document["900"] = {"class_type": "PrimitiveStringMultiline", "inputs": {"value": NODDING}}
    path.write_text(json.dumps(document), encoding="utf-8")
    assert {finding.id for finding in lint_workflow(path).findings} == {"motion"}


def test_graph_without_ltx_has_no_prompt_findings(tmp_path):
    path = tmp_path / "wf.json"
    node = {"class_type": "CLIPTextEncode", "inputs": {"text": NODDING}}
    sampler = {"class_type": "KSampler", "inputs": {"positive": ["1", 0], "cfg": 8.0}}
    path.write_text(json.dumps({"1": node, "2": sampler}), encoding="utf-8")
    assert [finding.id for finding in lint_workflow(path).findings] == ["no-ltx-nodes"]
