"""Changes to a graph that fix a finding; `workflow.fix` makes them in the file."""

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
    """Inputs from further new nodes; "old" is whatever feeds the edited input now."""


@dataclass(frozen=True, slots=True)
class SetValue:
    """Put another value into a widget."""

    node: str
    input: str
    value: Any


@dataclass(frozen=True, slots=True)
class Feed:
    """Feed an input from a new node, which may take the old link, or from another node of the graph."""

    node: str
    input: str
    source: NewNode | Link


Edit = SetValue | Feed


@dataclass(frozen=True, slots=True)
class GraphFinding:
    """A finding with the edits that fix it; without edits if a person has to decide."""

    finding: Finding
    edits: tuple[Edit, ...] = ()
