"""Anyone's graph, from either format, as one flat list of nodes: what lint and conversion read.

Subgraphs are opened, reroutes and named wires (KJNodes' Set and Get) followed, muted nodes left
out and bypassed ones passed by, as the front end does when it submits a graph. Each value and
link remembers where in the file it stands, so that it can be mended there.

    read_graph(document, schemas) -> FlatGraph
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lipwright.errors import InputError
from lipwright.workflow.graph import Link
from lipwright.workflow.schemas import NodeSchema, Schemas

Format = Literal["api", "ui"]

MAX_NODES = 5000
"""More than any graph that a person made; a file with more is refused."""


@dataclass(slots=True)
class FlatNode:
    """One node of the flat graph."""

    id: str
    """As in the file; inside a subgraph "340:285", the front end's own way of writing it."""
    class_type: str
    title: str
    schema: NodeSchema | None
    """None for a node that the schemas do not know."""
    values: dict[str, Any] = field(default_factory=dict)
    """Values typed in or passed down from a subgraph's own widgets."""
    links: dict[str, Link] = field(default_factory=dict)
    """Inputs from other nodes of this graph; virtual nodes are passed through."""
    raw: dict[str, Any] = field(default_factory=dict)
    """The node in the document."""
    scope: dict[str, Any] | None = None
    """The workflow or subgraph that holds it; None in API format."""
    input_types: dict[str, str] = field(default_factory=dict)
    output_types: tuple[str, ...] = ()
    """From the schema, or as the file states them."""
    loose_values: tuple[Any, ...] = ()
    """Widget values of an unknown node, which have no names."""
    passed_down: dict[str, tuple[dict[str, Any], str]] = field(default_factory=dict)
    """Inputs whose value stands elsewhere: the node that holds it, and the widget's name there."""


@dataclass(slots=True)
class FlatGraph:
    """All nodes that a server would see."""

    nodes: dict[str, FlatNode]
    format: Format
    document: dict[str, Any]

    @property
    def unknown(self) -> tuple[FlatNode, ...]:
        """Nodes that the schemas do not know."""
        return tuple(node for node in self.nodes.values() if node.schema is None)

    def to_api(self) -> dict[str, dict[str, Any]]:
        """The API form, as the front end would submit it."""
        return {
            node.id: {
                "class_type": node.class_type,
                "inputs": _ordered(node),
                "_meta": {"title": node.title},
            }
            for node in self.nodes.values()
        }


def _ordered(node: FlatNode) -> dict[str, Any]:
    merged = node.values | {name: [link.node, link.slot] for name, link in node.links.items()}
    order = list(node.schema.inputs) if node.schema else []
    return {name: merged[name] for name in order if name in merged} | merged


def read_graph(document: object, schemas: Schemas) -> FlatGraph:
    """The flat graph of a parsed file.

    Args:
        document: What the JSON holds; not changed.
        schemas: What is known of nodes.

    Raises:
        InputError: it is no graph of ComfyUI, or one beyond all bounds.
    """
    from lipwright.workflow.subgraph_expansion import unfold  # noqa: PLC0415 - they know each other

    if not isinstance(document, dict):
        raise InputError(
            f"a workflow is a JSON object, this is {_kind(document)}", hint="save it from ComfyUI again"
        )
    wrapped = document.get("prompt")
    if isinstance(wrapped, dict) and "nodes" not in document:  # the body of POST /prompt
        document = wrapped
    if isinstance(document.get("nodes"), list):
        return FlatGraph(unfold(document, schemas), "ui", document)
    if not any(isinstance(node, dict) and "class_type" in node for node in document.values()):
        raise InputError(
            "this JSON is no ComfyUI workflow: neither nodes and links, nor class_type and inputs",
            hint="save it from ComfyUI: Workflow > Save, or Workflow > Export (API)",
        )
    if len(document) > MAX_NODES:
        raise too_many()
    return FlatGraph(dict(_api_nodes(document, schemas)), "api", document)


def too_many() -> InputError:
    """The refusal of a graph beyond all bounds."""
    return InputError(f"the workflow has more than {MAX_NODES} nodes", hint="check a part of it")


def _kind(document: object) -> str:
    names = {"list": "a list", "str": "a text", "NoneType": "null", "bool": "true or false"}
    return names.get(type(document).__name__, "a number")


def _api_nodes(document: dict[str, Any], schemas: Schemas) -> Iterator[tuple[str, FlatNode]]:
    for key, raw in document.items():
        if not isinstance(raw, dict) or "class_type" not in raw:
            continue
        class_type = str(raw["class_type"])
        schema = schemas.get(class_type)
        meta = raw.get("_meta")
        title = str(meta.get("title") or "") if isinstance(meta, dict) else ""
        node = FlatNode(str(key), class_type, title or display_name(class_type, schema), schema, raw=raw)
        describe(node)
        inputs = raw.get("inputs")
        for name, value in inputs.items() if isinstance(inputs, dict) else ():
            link = api_link(value)
            if link is None:
                node.values[str(name)] = value
            elif isinstance(document.get(link.node), dict):
                node.links[str(name)] = link
        yield node.id, node


def api_link(value: object) -> Link | None:
    """The link that an API value is, or None."""
    if not (isinstance(value, list) and len(value) == 2) or isinstance(value[1], bool):
        return None
    node, slot = value
    return Link(str(node), slot) if isinstance(node, str | int) and isinstance(slot, int) else None


def describe(node: FlatNode) -> None:
    """Types of a known node's inputs and outputs."""
    if node.schema is not None:
        node.input_types = {name: spec.type for name, spec in node.schema.inputs.items()}
        node.output_types = node.schema.outputs


def display_name(class_type: str, schema: NodeSchema | None) -> str:
    """What people see on a node that has no title of its own."""
    return (schema.display_name if schema else "") or class_type


def as_mapping(value: object) -> Mapping[str, Any]:
    """The value where it is an object, else an empty one: files hold anything."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """The value where it is a list, else an empty one."""
    return value if isinstance(value, list) else []
