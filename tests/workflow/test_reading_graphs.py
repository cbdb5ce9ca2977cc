"""Expanding graphs of other people: the real template, and each virtual node by itself."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from lipwright.domain.finding import Finding
from lipwright.workflow.edits import GraphFinding, SetValue
from lipwright.workflow.fix import fix
from lipwright.workflow.graph import Link
from lipwright.workflow.lint.graph_queries import GraphQuery
from lipwright.workflow.lint.linter import lint
from lipwright.workflow.reader import read_graph
from lipwright.workflow.schemas import bundled


@pytest.fixture(scope="module")
def template():
    """ComfyUI's own LTX-2.3 graph from image and audio, as its page ships it."""
    path = files("comfyui_workflow_templates_json") / "templates" / "video_ltx2_3_ia2v.json"
    return json.loads(path.read_text("utf-8"))


def found_in(document):
    return {one.finding.id: one for one in lint(read_graph(document, bundled()))}


def test_the_subgraphs_of_the_template_are_expanded(template):
    graph = read_graph(template, bundled())
    query = GraphQuery(graph)
    (latent,) = query.of("EmptyLTXVLatentVideo")
    # 1280x720 at half size, 9 s at 24 fps plus one: calculated by its nodes, from the subgraph's widgets.
    assert [query.number(latent, name) for name in ("width", "height", "length")] == [640, 360, 217]
    (export,) = query.of("CreateVideo")
    assert query.number(export, "fps") == 24
    (audio,) = query.of("LTXVAudioVAEEncode")
    assert [one.id for one in query.line(audio, "audio", "AUDIO")][-1] == "276"
    for sampler in query.of("SamplerCustomAdvanced"):
        assert query.audio_origin(sampler, "latent_image").state == "frozen"


def test_no_fix_makes_a_template_of_the_page_worse():
    folder = files("comfyui_workflow_templates_json") / "templates"
    read = []
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if "ltx" in path.name and path.name.endswith(".json"):
            graph = read_graph(json.loads(path.read_text("utf-8")), bundled())
            changed, fixed = fix(graph, lint, bundled())
            again = lint(read_graph(changed, bundled()))
            assert len(again) < len(lint(graph)) if fixed else len(again) == len(lint(graph))
            read.append(path.name)
    assert len(read) > 10


def test_the_problems_of_the_template_are_found(template):
    found = found_in(template)
    assert set(found) >= {"size-not-32", "decoded-audio-delivered"}
    assert not {"audio-not-frozen", "fps-mismatch", "frames-not-8n1"} & set(found)
    assert found["decoded-audio-delivered"].finding.where["node"].startswith("340:")


def test_the_template_is_fixed_within_its_subgraph(template):
    graph = read_graph(template, bundled())
    changed, fixed = fix(graph, lint, bundled())
    assert "decoded-audio-delivered" in {one.finding.id for one in fixed}
    assert "decoded-audio-delivered" not in found_in(changed)
    assert changed["nodes"] == template["nodes"]  # outside the subgraph nothing changed
    query = GraphQuery(read_graph(changed, bundled()))
    (export,) = query.of("CreateVideo")
    assert list(query.line(export, "audio", "AUDIO"))[-1].class_type == "LoadAudio"


def test_values_are_read_from_a_subgraphs_own_widget(template):
    instance = next(node for node in template["nodes"] if node["id"] == 340)
    changed = json.loads(json.dumps(template))
    target = next(node for node in changed["nodes"] if node["id"] == 340)
    target["widgets_values"][instance["widgets_values"].index(9)] = 60
    target["widgets_values_named"]["value_4"] = 60
    graph = read_graph(changed, bundled())
    (latent,) = GraphQuery(graph).of("EmptyLTXVLatentVideo")
    assert GraphQuery(graph).number(latent, "length") == 1441
    assert "clip-too-long" in found_in(changed)


FINDING = Finding("any", "hint", "something", "change it", {})


def node(number, kind, *, inputs=(), outputs=(), values=(), **more):
    """A node of the UI format: inputs as (name, type, link), outputs as types."""
    return {
        "id": number,
        "type": kind,
        "inputs": [{"name": name, "type": given, "link": link} for name, given, link in inputs],
        "outputs": [{"name": given, "type": given, "links": []} for given in outputs],
        "widgets_values": list(values),
        "mode": 0,
        **more,
    }


def decoding(*between, links):
    """A loader, something between, and a decoder that takes its VAE as link 9."""
    loader = node(1, "CheckpointLoaderSimple", outputs=("MODEL", "CLIP", "VAE"), values=("a.safetensors",))
    decoder = node(
        2, "VAEDecode", inputs=[("samples", "LATENT", None), ("vae", "VAE", 9)], outputs=("IMAGE",)
    )
    return {"nodes": [loader, *between, decoder], "links": list(links)}


def vae_of(document):
    return read_graph(document, bundled()).nodes["2"].links.get("vae")


def test_a_reroute_is_followed():
    via = node(3, "Reroute", inputs=[("", "*", 8)], outputs=("VAE",))
    document = decoding(via, links=[[8, 1, 2, 3, 0, "VAE"], [9, 3, 0, 2, 1, "VAE"]])
    assert vae_of(document) == Link("1", 2)
    assert set(read_graph(document, bundled()).nodes) == {"1", "2"}


def test_set_and_get_nodes_are_followed():
    give = node(3, "SetNode", inputs=[("VAE", "VAE", 8)], outputs=("*",), values=("vae",))
    take = node(4, "GetNode", outputs=("VAE",), values=("vae",))
    assert vae_of(decoding(give, take, links=[[8, 1, 2, 3, 0, "VAE"], [9, 4, 0, 2, 1, "VAE"]])) == Link(
        "1", 2
    )
    lost = node(4, "GetNode", outputs=("VAE",), values=("other",))
    assert vae_of(decoding(give, lost, links=[[8, 1, 2, 3, 0, "VAE"], [9, 4, 0, 2, 1, "VAE"]])) is None


def test_a_bypassed_node_passes_an_input_of_the_same_type_and_a_muted_one_nothing():
    via = node(3, "AnyPatch", inputs=[("m", "MODEL", 7), ("v", "VAE", 8)], outputs=("VAE",), mode=4)
    links = [[7, 1, 0, 3, 0, "MODEL"], [8, 1, 2, 3, 1, "VAE"], [9, 3, 0, 2, 1, "VAE"]]
    assert vae_of(decoding(via, links=links)) == Link("1", 2)
    assert vae_of(decoding({**via, "mode": 2}, links=links)) is None


def test_the_value_of_a_primitive_is_read_and_fixed():
    latent = node(
        2, "EmptyLTXVLatentVideo", inputs=[("length", "INT", 9)], outputs=("LATENT",), values=(64, 64, 97, 1)
    )
    give = node(1, "PrimitiveNode", outputs=("INT",), values=(124, "fixed"))
    document = {"nodes": [give, latent], "links": [[9, 1, 0, 2, 0, "INT"]]}
    graph = read_graph(document, bundled())
    assert graph.nodes["2"].values["length"] == 124
    changed, fixed = fix(graph, lint, bundled())
    assert [one.finding.id for one in fixed] == ["frames-not-8n1"]
    assert changed["nodes"][0]["widgets_values"] == [129, "fixed"]
    assert changed["nodes"][1] == latent


def subgraph(instance, *, inner_length=97):
    """A subgraph whose inputs are a file, a text and the length of its video; node 5 is an instance of it."""
    latent = node(
        2,
        "EmptyLTXVLatentVideo",
        inputs=[("length", "INT", 9)],
        outputs=("LATENT",),
        values=(64, 64, inner_length, 1),
    )
    told = node(3, "CLIPTextEncode", inputs=[("text", "STRING", 8)], values=("inside",))
    inputs = [("ckpt_name", "COMBO"), ("text", "STRING"), ("value", "INT")]
    definition = {
        "id": "video",
        "inputs": [{"name": name, "type": kind} for name, kind in inputs],
        "nodes": [latent, told],
        "links": [
            {"id": 9, "origin_id": -10, "origin_slot": 2, "target_id": 2, "target_slot": 0},
            {"id": 8, "origin_id": -10, "origin_slot": 1, "target_id": 3, "target_slot": 0},
        ],
    }
    return {"nodes": [node(5, "video", **instance)], "links": [], "definitions": {"subgraphs": [definition]}}


PROXIES = [["-1", "text"], ["2", "batch_size"], ["-1", "value"], ["-1", "ckpt_name"]]
"""As video_ltx2_i2v of ComfyUI's own templates has them: not in the order of the inputs."""


@pytest.mark.parametrize(
    ("instance", "expected"),
    [
        ({"values": ("a.safetensors", "words", 125)}, ("words", 125)),
        (
            {"values": ("words", None, 125, "a.safetensors"), "properties": {"proxyWidgets": PROXIES}},
            ("words", 125),
        ),
        ({"values": ("words",), "properties": {"proxyWidgets": PROXIES}}, ("words", 125)),
        ({"values": (), "properties": {"proxyWidgets": [["2", "length"], ["3", "text"]]}}, ("inside", 125)),
        (
            {"values": (1, 2, 3), "widgets_values_named": {"text": "words", "value": 125}},
            ("words", 125),
        ),
    ],
)
def test_the_widgets_of_a_subgraph_are_read_in_either_order_and_fixed_where_they_stand(instance, expected):
    document = subgraph(instance, inner_length=125)
    graph = read_graph(document, bundled())
    text, length = graph.nodes["5:3"].values["text"], graph.nodes["5:2"].values["length"]
    assert (text, length) == expected
    changed, fixed = fix(graph, lint, bundled())
    assert [one.finding.id for one in fixed] == ["frames-not-8n1"]
    again = read_graph(changed, bundled())
    assert again.nodes["5:2"].values["length"] == 129
    assert again.nodes["5:3"].values["text"] == text


def test_a_widget_of_a_subgraph_that_means_two_things_is_not_changed():
    """The length of the video is the seed as well."""
    document = subgraph({"values": ("a.safetensors", "words", 125)}, inner_length=125)
    video = document["definitions"]["subgraphs"][0]
    video["nodes"].append(node(4, "RandomNoise", inputs=[("noise_seed", "INT", 7)], values=(1, "fixed")))
    video["links"].append({"id": 7, "origin_id": -10, "origin_slot": 2, "target_id": 4, "target_slot": 0})
    graph = read_graph(document, bundled())
    assert graph.nodes["5:4"].values["noise_seed"] == 125
    assert "frames-not-8n1" in {one.finding.id for one in lint(graph)}
    assert fix(graph, lint, bundled()) == (document, ())


def test_an_input_without_a_widget_gets_the_value_that_its_subgraph_keeps_elsewhere():
    document = subgraph({"values": (), "properties": {"proxyWidgets": [["3", "text"]]}})
    video = document["definitions"]["subgraphs"][0]
    video["nodes"].append(node(4, "ComfySwitchNode", inputs=[("on_false", "STRING", 7)], values=(False,)))
    video["links"].append({"id": 7, "origin_id": -10, "origin_slot": 1, "target_id": 4, "target_slot": 0})
    graph = read_graph(document, bundled())
    assert graph.nodes["5:4"].values == {"switch": False, "on_false": "inside"}

    def check(graph):
        bad = graph.nodes["5:3"].values["text"] == "inside"
        return [GraphFinding(FINDING, (SetValue("5:4", "on_false", "fixed"),))] if bad else []

    changed, fixed = fix(graph, check, bundled())
    assert fixed
    assert read_graph(changed, bundled()).nodes["5:3"].values["text"] == "fixed"


def test_the_entries_that_the_page_adds_are_not_taken_for_values():
    noise = node(1, "RandomNoise", outputs=("NOISE",), values=(42, "randomize"))
    image = node(2, "LoadImage", outputs=("IMAGE", "MASK"), values=("face.png", "image"))
    audio = node(3, "LoadAudio", outputs=("AUDIO",), values=("voice.wav", None, ""))
    graph = read_graph({"nodes": [noise, image, audio], "links": []}, bundled())
    assert [graph.nodes[key].values for key in "123"] == [
        {"noise_seed": 42},
        {"image": "face.png"},
        {"audio": "voice.wav"},
    ]
