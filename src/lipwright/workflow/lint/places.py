"""A finding's place, in the form that every command prints."""

from __future__ import annotations

from typing import Any

from lipwright.workflow.flat import FlatNode
from lipwright.workflow.lint.edits import SetValue
from lipwright.workflow.lint.graph_queries import GraphQuery


def at(node: FlatNode, name: str = "") -> dict[str, Any]:
    """`where`: node id, title and input."""
    place: dict[str, Any] = {"node": node.id, "title": node.title}
    return place | ({"input": name} if name else {})


def put(lens: GraphQuery, node: FlatNode, name: str, value: object) -> tuple[SetValue, ...]:
    """The edit that gives an input a value, where that value is typed in; nothing where it is calculated."""
    holder = lens.holder(node, name)
    return (SetValue(holder[0].id, holder[1], value),) if holder else ()
