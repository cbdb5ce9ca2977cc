"""The UI form of a graph, which ComfyUI's page opens: LiteGraph JSON with layout and notes.

Reading the UI form gives the same graph as reading the API form. A graph is refused if the front end would
round one of its values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lipwright.errors import PlanError
from lipwright.workflow.graph import Graph, Group, Link, Node
from lipwright.workflow.graph_layout import Box, lay_out
from lipwright.workflow.reroutes import reroute
from lipwright.workflow.widgets import widget_values

GROUP_TITLES: dict[Group, str] = {
    "inputs": "1 Inputs: change these",
    "encoders": "2 Encoders",
    "freeze": "3 Freeze the audio",
    "sample": "4 Sample",
    "decode": "5 Decode",
    "export": "6 Export",
}
GROUP_COLORS: dict[Group, str] = {
    "inputs": "#3f789e",
    "encoders": "#88a",
    "freeze": "#a1309b",
    "sample": "#b58b2a",
    "decode": "#8a8",
    "export": "#b06634",
}
CLIP_COLOR = "#b58b2a"
SCREEN_WIDTH = 1800
"""Assumed width of the page in pixels. To fit a wider graph, the page zooms out. Such a graph gets larger
group titles, so that they stay legible."""
FORMAT_VERSION = 0.4


def to_ui(graph: Graph) -> dict[str, Any]:
    """Return the UI form of a graph that lipwright built.

    Raises:
        PlanError: the front end would round a value of the graph.
    """
    _refuse_rounding(graph)
    layout = lay_out(graph)
    links: list[list[Any]] = []
    sockets = {node.id: _sockets(node, graph, links) for node in graph.nodes.values()}
    reroutes = reroute(links, layout, max(map(int, graph.nodes)) + 1)
    leaving: dict[tuple[int, int], list[int]] = {}
    for key, origin, slot, *_ in links:
        leaving.setdefault((origin, slot), []).append(key)
    nodes = [
        ui_node(node, layout.nodes[node.id], sockets[node.id], leaving) | {"order": order}
        for order, node in enumerate(graph.nodes.values())
    ]
    for one in reroutes:
        one["outputs"][0]["links"] = leaving[one["id"], 0]
    nodes += reroutes
    notes = [
        _note(number, graph.nodes[key], box)
        for number, (key, box) in enumerate(layout.notes.items(), max(node["id"] for node in nodes) + 1)
    ]
    right = max(box.x + box.width for box in layout.groups.values())
    groups = [
        {
            "id": place,
            "title": GROUP_TITLES.get(group, group),
            "bounding": [box.x, box.y, box.width, box.height],
            "color": GROUP_COLORS.get(group, CLIP_COLOR),
            "font_size": min(34, max(24, round(14 * right / SCREEN_WIDTH))),
            "flags": {},
        }
        for place, (group, box) in enumerate(layout.groups.items(), 1)
    ]
    return {
        "last_node_id": max(node["id"] for node in nodes + notes),
        "last_link_id": len(links),
        "nodes": nodes + notes,
        "links": links,
        "groups": groups,
        "config": {},
        "extra": {"ds": {"scale": 0.5, "offset": [100, 200]}},
        "version": FORMAT_VERSION,
    }


def _refuse_rounding(graph: Graph) -> None:
    """Check that the front end would load a graph without changing a value.

    Raises:
        PlanError: a value, such as the frame rate 24000/1001, has more decimals than its widget keeps.
    """
    for node in graph.nodes.values():
        for name, value in node.inputs.items():
            spec = node.schema.find_input(name, node.inputs)
            if spec is None or isinstance(value, Link) or spec.survives_ui(value):
                continue
            kept = round(float(value) / (spec.ui_quantum or 1)) * (spec.ui_quantum or 1)
            is_rate = name in ("frame_rate", "video_fps", "fps")
            raise PlanError(
                f"ComfyUI's page would change {name} of {node.class_type} from {float(value):.10g} "
                f"to {kept:.10g}",
                hint="use --format api, which keeps the exact value, or "
                + (
                    "a whole number of frames per second, such as --fps 25"
                    if is_rate
                    else f"a value such as {kept:.10g}"
                ),
            )


def _sockets(node: Node, graph: Graph, links: list[list[Any]]) -> list[dict[str, Any]]:
    """Return the linked inputs of a node, and append their links to `links`."""
    entries: list[dict[str, Any]] = []
    for spec in node.schema.inputs.values():
        value = node.inputs.get(spec.name)
        if spec.is_widget and not isinstance(value, Link):
            continue
        entry: dict[str, Any] = {"name": spec.name, "type": spec.type, "link": None}
        if spec.is_widget:
            entry["widget"] = {"name": spec.name}
        if not spec.required:
            entry["shape"] = 7
        if isinstance(value, Link):
            kind = graph.nodes[value.node].schema.outputs[value.slot]
            entry["link"] = len(links) + 1
            links.append([entry["link"], int(value.node), value.slot, int(node.id), len(entries), kind])
        entries.append(entry)
    return entries


def ui_node(
    node: Node,
    box: Box,
    sockets: list[dict[str, Any]],
    leaving: Mapping[tuple[int, int], list[int]] | None = None,
) -> dict[str, Any]:
    """Return the UI form of a node.

    Args:
        node: The node; its id is a number.
        box: Position and size of the node.
        sockets: The linked inputs of the node.
        leaving: Ids of the links that leave each output; a key is (node id, output slot).
    """
    leaving = leaving or {}
    outputs = [
        {"name": name, "type": kind, "links": leaving.get((int(node.id), slot)), "slot_index": slot}
        for slot, (name, kind) in enumerate(zip(node.schema.output_names, node.schema.outputs, strict=True))
    ]
    return {
        "id": int(node.id),
        "type": node.class_type,
        "pos": [box.x, box.y],
        "size": [box.width, box.height],
        "flags": {},
        "mode": 0,
        "inputs": sockets,
        "outputs": outputs,
        **({"title": node.title} if node.title else {}),
        "properties": {"Node name for S&R": node.class_type},
        "widgets_values": widget_values(node),
    }


def _note(number: int, node: Node, box: Box) -> dict[str, Any]:
    return {
        "id": number,
        "type": "Note",
        "pos": [box.x, box.y],
        "size": [box.width, box.height],
        "flags": {},
        "order": number,
        "mode": 0,
        "inputs": [],
        "outputs": [],
        "title": f"Why: {node.title or node.class_type}",
        "properties": {"text": ""},
        "widgets_values": [node.note],
        "color": "#432",
        "bgcolor": "#653",
    }
