"""What mending a graph does, in terms of its flat form; `workflow.fix` does it to the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lipwright.domain.finding import Finding
from lipwright.workflow.graph import Link


@dataclass(frozen=True, slots=True)
class SetValue:
    """Another value in a widget."""

    node: str
    input: str
    value: Any


@dataclass(frozen=True, slots=True)
class NewNode:
    """A node to be added."""

    class_type: str
    values: Mapping[str, Any] = field(default_factory=dict)
    links: Mapping[str, NewNode] = field(default_factory=dict)
    """Inputs that come from further new nodes."""


@dataclass(frozen=True, slots=True)
class Insert:
    """A new node into the link that feeds an input."""

    node: str
    input: str
    new: NewNode
    through: str
    """The new node's input that takes the old link."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A new node in place of whatever feeds an input."""

    node: str
    input: str
    new: NewNode


@dataclass(frozen=True, slots=True)
class Reconnect:
    """Another source for an input."""

    node: str
    input: str
    source: Link


Edit = SetValue | Insert | Feed | Reconnect


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, and what would mend it; no edits where that takes a person."""

    finding: Finding
    edits: tuple[Edit, ...] = ()
