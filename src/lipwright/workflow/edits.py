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
    """Source of each linked input: another new node, or "old" for the current source of the edited input."""


@dataclass(frozen=True, slots=True)
class SetValue:
    """An edit that changes the value of a widget."""

    node: str
    input: str
    value: Any


@dataclass(frozen=True, slots=True)
class Feed:
    """An edit that links an input to a node. A new node may take over the input's previous source."""

    node: str
    input: str
    source: NewNode | Link


Edit = SetValue | Feed


@dataclass(frozen=True, slots=True)
class GraphFinding:
    """A finding about a graph, with the edits that fix it; no edits if a person has to decide."""

    finding: Finding
    edits: tuple[Edit, ...] = ()
