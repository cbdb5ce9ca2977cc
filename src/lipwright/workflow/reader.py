"""Read a workflow file in API or UI format into its flat form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lipwright.errors import InputError
from lipwright.workflow.flat import MAX_NODES, FlatGraph, FlatNode, new_node, too_many_nodes
from lipwright.workflow.graph import Link
from lipwright.workflow.schemas import Schemas, as_mapping
from lipwright.workflow.subgraph_expansion import expand

SAVE_HINT = "save the workflow from ComfyUI: Workflow > Save, or Workflow > Export (API)"


def read_graph(document: object, schemas: Schemas) -> FlatGraph:
    """Return the flat form of a workflow, with the nodes that the front end would submit.

    Subgraphs are expanded. Reroutes and KJNodes' Set and Get nodes are followed. Muted nodes are left out,
    and bypassed nodes are passed through.

    Args:
        document: The parsed JSON of the file; it is not changed.
        schemas: Known node classes.

    Raises:
        InputError: the document is not a ComfyUI workflow, or has more than MAX_NODES nodes.
    """
    if not isinstance(document, dict):
        raise InputError(
            "a workflow must be a JSON object, but this JSON is a list or a single value", hint=SAVE_HINT
        )
    wrapped = document.get("prompt")
    if isinstance(wrapped, dict) and "nodes" not in document:  # the body of POST /prompt
        document = wrapped
    if isinstance(document.get("nodes"), list):
        return FlatGraph(expand(document, schemas), "ui", document)
    if not any(isinstance(node, dict) and "class_type" in node for node in document.values()):
        raise InputError(
            "this JSON is not a ComfyUI workflow: it has neither nodes and links, nor class_type and inputs",
            hint=SAVE_HINT,
        )
    if len(document) > MAX_NODES:
        raise too_many_nodes()
    return FlatGraph({node.id: node for node in _api_nodes(document, schemas)}, "api", document)


def _api_nodes(document: dict[str, Any], schemas: Schemas) -> Iterator[FlatNode]:
    for key, raw in document.items():
        if not isinstance(raw, dict) or "class_type" not in raw:
            continue
        class_type = str(raw["class_type"])
        title = as_mapping(raw.get("_meta")).get("title")
        node = new_node(str(key), class_type, title, schemas.get(class_type))
        node.raw = raw
        for name, value in as_mapping(raw.get("inputs")).items():
            link = api_link(value)
            if link is None:
                node.values[str(name)] = value
            elif isinstance(document.get(link.node), dict):
                node.links[str(name)] = link
        yield node


def api_link(value: object) -> Link | None:
    """Return the link that an input in API format contains; None if the input contains a value."""
    if not (isinstance(value, list) and len(value) == 2) or isinstance(value[1], bool):
        return None
    node, slot = value
    return Link(str(node), slot) if isinstance(node, str | int) and isinstance(slot, int) else None
