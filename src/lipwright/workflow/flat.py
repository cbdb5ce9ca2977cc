"""The flat form of any graph: a list of the nodes that a server would see.

Lint and fixes work on this form. Each value and link records its position in the file, so that it can be
changed there. `workflow.reader` makes the flat form from either file format.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from lipwright.errors import InputError
from lipwright.workflow.graph import Link
from lipwright.workflow.schemas import NodeSchema

Format = Literal["api", "ui"]

MAX_NODES = 5000
"""Maximum number of nodes in a graph, far more than real graphs have; larger graphs are refused."""


@dataclass(slots=True)
class FlatNode:
    """One node of a flat graph."""

    id: str
    """The node's id in the file. Inside a subgraph, the ids of the enclosing subgraph nodes come first,
    joined by colons, as in "340:285"."""
    class_type: str
    title: str
    schema: NodeSchema | None
    """Schema of the node's class; None if the class is unknown."""
    values: dict[str, Any] = field(default_factory=dict)
    """Values by input name: typed in, or passed down from the widgets of a subgraph."""
    links: dict[str, Link] = field(default_factory=dict)
    """Links to other nodes of this graph by input name; nodes that exist only in the front end are
    skipped."""
    raw: dict[str, Any] = field(default_factory=dict)
    """The node's object in the document."""
    scope: dict[str, Any] | None = None
    """The workflow or subgraph that contains the node; None in API format."""
    input_types: dict[str, str] = field(default_factory=dict)
    output_types: tuple[str, ...] = ()
    """Types of the outputs, from the schema or from the file."""
    unnamed_values: tuple[Any, ...] = ()
    """Widget values of a node whose class is unknown, so that the names of the values are unknown, too."""
    passed_down: dict[str, tuple[dict[str, Any], str]] = field(default_factory=dict)
    """For inputs whose value is stored in another node: that node's object and the name of its widget."""

    @property
    def label(self) -> str:
        """The name of the node in messages."""
        return f"node {self.id} ({self.title})"

    def place(self, name: str = "") -> dict[str, Any]:
        """Return the place of this node, or of its input `name`, for the field `where` of a finding."""
        return {"node": self.id, "title": self.title} | ({"input": name} if name else {})


@dataclass(slots=True)
class FlatGraph:
    """A graph as a list of the nodes that a server would see."""

    nodes: dict[str, FlatNode]
    format: Format
    document: dict[str, Any]

    @property
    def unknown(self) -> tuple[FlatNode, ...]:
        """Nodes whose class is unknown."""
        return tuple(node for node in self.nodes.values() if node.schema is None)


def new_node(node_id: str, class_type: str, title: object, schema: NodeSchema | None) -> FlatNode:
    """Make a node with the input and output types of its schema."""
    shown = title if isinstance(title, str) and title else (schema.display_name if schema else "")
    node = FlatNode(node_id, class_type, shown or class_type, schema)
    if schema is not None:
        node.input_types = {name: spec.type for name, spec in schema.inputs.items()}
        node.output_types = schema.outputs
    return node


def too_many_nodes() -> InputError:
    """Return the error for a graph that is too large."""
    return InputError(f"the workflow has more than {MAX_NODES} nodes", hint="give only part of the workflow")
