"""Files that are not workflows, or absurd ones: refused with a clear error or linted, never a crash."""

from __future__ import annotations

import copy
import json
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from traps import RECIPES, good_graph

from lipwright.errors import InputError
from lipwright.workflow.fix import fix
from lipwright.workflow.flat import MAX_NODES
from lipwright.workflow.lint.linter import lint
from lipwright.workflow.reader import read_graph
from lipwright.workflow.schemas import bundled
from lipwright.workflow.ui import to_ui

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
DOCUMENTS = [json.dumps(good_graph(recipe).to_api()) for recipe in RECIPES]
DOCUMENTS += [json.dumps(to_ui(good_graph(recipe))) for recipe in RECIPES]


def survive(document):
    """All that is done to a file: it is refused in words, or goes through."""
    try:
        graph = read_graph(document, bundled())
    except InputError as error:
        assert error.message
        assert error.hint
        return
    found = lint(graph)
    fix(graph, lint, bundled())
    json.dumps([one.finding.to_json() for one in found])


@given(document=JSON)
@settings(max_examples=80, deadline=None)
def test_any_json_is_refused_or_linted(document):
    survive(document)


@given(
    document=st.fixed_dictionaries(
        {"nodes": st.lists(JSON, max_size=5), "links": JSON, "definitions": JSON, "groups": JSON}
    )
)
@settings(max_examples=60, deadline=None)
def test_anything_with_nodes_and_links_is_refused_or_linted(document):
    survive(document)


def places(value, path=()):
    """Every place of a JSON value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


ODD = [
    *(None, True, 3, -1, 0, 2**70, 10**400, -(10**400), 1e308, float("nan"), float("inf"), "", "x"),
    *("1,nan", "340", [], {}, [1, 2], ["1", 0], ["1", "0"], [[1]], {"a": {}}, {"id": 1}, [1, 2, 3, 4, 5]),
]
"""What stands in files where something else should."""


@pytest.mark.parametrize("seed", range(4))
def test_good_graphs_with_odd_values_are_refused_or_linted(seed):
    chance = random.Random(seed)  # noqa: S311
    for _ in range(40):
        document = json.loads(chance.choice(DOCUMENTS))
        for _ in range(chance.randint(1, 5)):
            *path, last = chance.choice([place for place in places(document) if place])
            holder = document
            for key in path:
                holder = holder[key]
            holder[last] = chance.choice(ODD)
        survive(document)


@pytest.mark.parametrize("proxies", [5, True, "x", {"a": 1}, [None, [1], ["-1", 3]]])
def test_odd_lists_of_proxy_widgets_do_no_harm(proxies):
    inner = {
        "id": "aaa",
        "nodes": [],
        "links": [],
        "inputs": [{"name": "fps", "type": "FLOAT"}],
        "outputs": [],
    }
    node = {"id": 1, "type": "aaa", "widgets_values": [25.0], "properties": {"proxyWidgets": proxies}}
    survive({"nodes": [node], "links": [], "definitions": {"subgraphs": [inner]}})


@pytest.mark.parametrize("recipe", RECIPES)
def test_links_in_circles_do_no_harm(recipe):
    api = good_graph(recipe).to_api()
    sampler = next(key for key, node in api.items() if "latent_image" in node["inputs"])
    join = next(key for key, node in api.items() if node["class_type"] == "LTXVConcatAVLatent")
    api[join]["inputs"]["video_latent"] = [sampler, 0]
    api[join]["inputs"]["audio_latent"] = [sampler, 0]
    survive(api)
    ui = json.loads(json.dumps(to_ui(good_graph(recipe))))
    for link in ui["links"]:
        link[1], link[3] = link[3], link[1]
    survive(ui)


def test_reroutes_and_subgraphs_in_circles_end():
    reroutes = [
        {"id": n, "type": "Reroute", "inputs": [{"name": "", "type": "*", "link": n}], "outputs": []}
        for n in (1, 2)
    ]
    reader = {"id": 3, "type": "VAEDecode", "inputs": [{"name": "samples", "type": "LATENT", "link": 3}]}
    links = [[1, 2, 0, 1, 0, "*"], [2, 1, 0, 2, 0, "*"], [3, 1, 0, 3, 0, "*"]]
    survive({"nodes": [*reroutes, reader], "links": links})
    endless = {"id": "a", "nodes": [{"id": 1, "type": "a"}], "links": [], "inputs": [], "outputs": []}
    with pytest.raises(InputError, match="contains itself"):
        read_graph(
            {"nodes": [{"id": 1, "type": "a"}], "links": [], "definitions": {"subgraphs": [endless]}},
            bundled(),
        )


def holding(kind, subgraphs):
    """A workflow with one instance of a subgraph."""
    return {"nodes": [{"id": 1, "type": kind}], "links": [], "definitions": {"subgraphs": subgraphs}}


def test_a_graph_that_doubles_with_each_subgraph_is_refused():
    graphs = [
        {"id": f"g{n}", "nodes": [{"id": k, "type": f"g{n + 1}"} for k in range(4)], "links": []}
        for n in range(15)
    ]
    with pytest.raises(InputError, match=str(MAX_NODES)):
        read_graph(
            {"nodes": [{"id": 1, "type": "g0"}], "links": [], "definitions": {"subgraphs": graphs}}, bundled()
        )


@pytest.mark.parametrize("document", [None, 3, "x", [], {}, {"a": 1}, {"prompt": {}}, {"nodes": 3}])
def test_other_json_is_refused_with_a_hint(document):
    with pytest.raises(InputError) as refused:
        read_graph(document, bundled())
    assert refused.value.hint


def test_a_hundred_thousand_nodes_are_refused():
    node = {"class_type": "VAEDecode", "inputs": {}}
    with pytest.raises(InputError, match=str(MAX_NODES)):
        read_graph({str(number): node for number in range(100_000)}, bundled())


def test_expressions_are_arithmetic_alone():
    api = copy.deepcopy(good_graph("official").to_api())
    length = next(node for node in api.values() if node["class_type"] == "EmptyLTXVLatentVideo")["inputs"]
    for text in (
        "9**9**9**9",
        "__import__('os').getcwd()",
        "a/0",
        "1e300*1e300",
        "(" * 300,
        "a if f(a) else a",
        "pow(9, 9 ** 9)",
        "[a for a in range(9)][0]",
        "f(1)",
    ):
        api["900"] = {"class_type": "ComfyMathExpression", "inputs": {"expression": text, "values.a": 3}}
        length["length"] = ["900", 1]
        survive(api)
        assert "frames-not-8n1" not in [one.finding.id for one in lint(read_graph(api, bundled()))]
    api["900"]["inputs"]["expression"] = "a * 8"
    assert "frames-not-8n1" in [one.finding.id for one in lint(read_graph(api, bundled()))]


def test_calculations_that_feed_each_other_twice_take_no_longer_than_others():
    """Each of 40 nodes adds the one before to itself: followed anew each time, that were 2^40 ways."""
    api = copy.deepcopy(good_graph("official").to_api())
    length = next(node for node in api.values() if node["class_type"] == "EmptyLTXVLatentVideo")["inputs"]
    api["1000"] = {"class_type": "PrimitiveInt", "inputs": {"value": 1}}
    for n in range(1001, 1041):
        before = [str(n - 1), 1 if n > 1001 else 0]
        api[str(n)] = {
            "class_type": "ComfyMathExpression",
            "inputs": {"expression": "a + b", "values.a": before, "values.b": before},
        }
    length["length"] = ["1007", 1]
    (found,) = lint(read_graph(api, bundled()))
    assert found.finding.id == "frames-not-8n1"
    assert "frames, 128," in found.finding.text
    length["length"] = ["1040", 1]
    started = time.monotonic()
    lint(read_graph(api, bundled()))
    assert time.monotonic() - started < 5
