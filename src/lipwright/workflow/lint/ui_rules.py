"""Rules for graphs in the file format that ComfyUI's page saves."""

from __future__ import annotations

from collections.abc import Iterator

from lipwright.workflow import findings
from lipwright.workflow.edits import GraphFinding
from lipwright.workflow.lint.graph_queries import GraphQuery


def check_rounding(query: GraphQuery) -> Iterator[GraphFinding]:
    """Numbers must not have more decimals than ComfyUI's page keeps.

    If a widget has no step, the page keeps one decimal.
    """
    if query.graph.format != "ui":
        return
    for node in query.graph.nodes.values():
        for name, value in node.values.items() if node.schema else ():
            spec = node.schema.inputs.get(name) if node.schema else None
            if spec is None or name in node.passed_down or spec.survives_ui(value):
                continue
            yield query.wrong_value(
                findings.UI_ROUNDS_VALUE, node, name, value=value, quantum=spec.ui_quantum
            )


RULES = (check_rounding,)
