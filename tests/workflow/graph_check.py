"""Check API graphs against schemas, and write the API form of a file that was read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from traps import good_inputs

from lipwright.workflow.builder import Builder
from lipwright.workflow.flat import FlatGraph
from lipwright.workflow.reader import api_link
from lipwright.workflow.schemas import Schemas


def check_fits(api: Mapping[str, Any], schemas: Schemas) -> None:
    """Build the same graph from its nodes: the builder refuses what the schemas do not allow."""
    builder = Builder(good_inputs(), "check", schemas)
    handles: dict[str, Any] = {}
    for key in in_order(api):
        inputs = api[key]["inputs"]
        schema = schemas[api[key]["class_type"]]
        assert not [name for name, spec in schema.inputs.items() if spec.required and name not in inputs]
        links = {name: api_link(value) for name, value in inputs.items()}
        values = {
            name: handles[link.node].out(link.slot) if (link := links[name]) else value
            for name, value in inputs.items()
        }
        handles[key] = builder.add(schema.name, "inputs", **values)
    ends = [handle for handle in handles.values() if handle.schema.is_output]
    assert not builder.graph(ends[0]).missing.nodes


def in_order(api: Mapping[str, Any]) -> list[str]:
    """The ids of the nodes, each after those that it depends on."""
    placed: dict[str, None] = {}

    def place(key: str) -> None:
        for value in api[key]["inputs"].values():
            link = api_link(value)
            if link is not None and link.node not in placed:
                place(link.node)
        placed[key] = None

    for key in api:
        place(key)
    return list(placed)


def to_api(graph: FlatGraph) -> dict[str, dict[str, Any]]:
    """The graph as the front end would submit it."""
    api = {}
    for node in graph.nodes.values():
        inputs = node.values | {name: [link.node, link.slot] for name, link in node.links.items()}
        order = list(node.schema.inputs) if node.schema else []
        api[node.id] = {
            "class_type": node.class_type,
            "inputs": {name: inputs[name] for name in order if name in inputs} | inputs,
            "_meta": {"title": node.title},
        }
    return api
