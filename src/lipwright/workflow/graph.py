"""Graphs that lipwright builds, and their API form, which `POST /prompt` takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lipwright.domain.finding import Finding
from lipwright.workflow.missing_parts import MissingParts
from lipwright.workflow.schemas import NodeSchema

Group = str
"""Name of a group of nodes that belong together: one of GROUPS, or the `clip_group` of a clip."""

GROUPS: tuple[Group, ...] = ("inputs", "encoders", "freeze", "sample", "decode", "export")
"""Groups in reading order; the groups of clips come between "sample" and "decode"."""


def clip_group(number: int, start_s: float) -> Group:
    """Return the group of clip `number`, counted from 1, which starts at `start_s` seconds."""
    return f"Clip {number}: {start_s:.2f} s"


def is_clip(group: Group) -> bool:
    """Return True for the group of a clip."""
    return group not in GROUPS


@dataclass(frozen=True, slots=True)
class Link:
    """A reference to one output of a node."""

    node: str
    slot: int


Value = str | int | float | bool | Link
"""The value of an input."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node with all its inputs."""

    id: str
    schema: NodeSchema
    inputs: Mapping[str, Value]
    title: str = ""
    group: Group = "inputs"
    note: str = ""
    """Explanation of a critical value, shown below the node."""

    @property
    def class_type(self) -> str:
        """Name of the node's class on the server."""
        return self.schema.name

    @property
    def links(self) -> Mapping[str, Link]:
        """Inputs that come from other nodes, by name."""
        return {name: value for name, value in self.inputs.items() if isinstance(value, Link)}


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph built by a recipe, with the files and nodes that it needs and the findings about it."""

    nodes: Mapping[str, Node]
    """Nodes by id, each after the nodes that it depends on."""
    recipe: str = ""
    output_node: str = ""
    """Id of the node that writes the result."""
    filename_prefix: str = ""
    """Start of the written file's path, relative to the server's output folder."""
    findings: tuple[Finding, ...] = ()
    """Findings about what the recipe had to omit or change."""
    input_files: tuple[str, ...] = ()
    """Names of the files that must be in the server's input folder."""
    model_files: tuple[str, ...] = ()
    """Names of the model files that the graph loads."""
    missing: MissingParts = MissingParts()  # noqa: RUF009 - frozen
    """Nodes and model files that the graph needs and the server lacks."""

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups that are not empty, in reading order."""
        used = dict.fromkeys(node.group for node in self.nodes.values())
        order = [*GROUPS[:4], *filter(is_clip, used), *GROUPS[4:]]
        return tuple(group for group in order if group in used)

    def to_api(self) -> dict[str, dict[str, Any]]:
        """Return the API form: class_type, inputs and title of each node by id; a link is [id, slot]."""
        return {
            node.id: {
                "class_type": node.class_type,
                "inputs": {
                    name: [value.node, value.slot] if isinstance(value, Link) else value
                    for name, value in node.inputs.items()
                },
                "_meta": {"title": node.title or node.class_type},
            }
            for node in self.nodes.values()
        }
