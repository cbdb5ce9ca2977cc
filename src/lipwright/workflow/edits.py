"""Descriptions of changes that fix a finding in a graph; `workflow.fix` applies them to the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lipwright.domain.finding import Finding
from lipwright.workflow.graph import Link


@dataclass(frozen=True, slots=True)
class NewNode:
    """A node to be added."""

    class_type: str
    values: Mapping[str, Any] = field(default_factory=dict)
    links: Mapping[str, NewNode | Literal["old"]] = field(default_factory=dict)
    """What feeds each linked input: another new node, or "old" for what feeds the edited input now."""


@dataclass(frozen=True, slots=True)
class SetValue:
    """An edit that changes the value of a widget."""

    node: str
    input: str
    value: Any


@dataclass(frozen=True, slots=True)
class Feed:
    """An edit that links an input to a node. If the node is new, it may read what fed the input before."""

    node: str
    input: str
    source: NewNode | Link


Edit = SetValue | Feed


@dataclass(frozen=True, slots=True)
class GraphFinding:
    """A finding about a graph, with the edits that fix it; no edits if a person has to decide."""

    finding: Finding
    edits: tuple[Edit, ...] = ()
