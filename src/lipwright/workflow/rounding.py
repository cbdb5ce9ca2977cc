"""What the front end does to numbers when it loads a UI graph, and which numbers survive it."""

from __future__ import annotations

import math

from lipwright.errors import PlanError
from lipwright.workflow.graph import Graph, Link
from lipwright.workflow.schemas import InputSpec, Schemas
from lipwright.workflow.validate import find_input

BEYOND = 1e12
"""Numbers beyond this are no settings of a video."""


def survives(spec: InputSpec, value: object) -> bool:
    """True where a value comes out of the front end as it went in."""
    quantum = spec.ui_quantum
    if quantum is None or isinstance(value, bool) or not isinstance(value, int | float):
        return True
    if not -BEYOND < value < BEYOND:  # NaN too: nothing that could be rounded
        return True
    steps = value / quantum
    return math.isclose(steps, round(steps), rel_tol=0, abs_tol=1e-6 * max(1.0, abs(steps)))


def refuse_rounding(graph: Graph, schemas: Schemas) -> None:
    """Refuse a graph that the front end would change on loading.

    Raises:
        PlanError: a value, such as the rate 24000/1001, has more decimals than its widget keeps.
    """
    for node in graph.nodes.values():
        schema = schemas.get(node.class_type)
        if schema is None:
            continue
        for name, value in node.inputs.items():
            spec = find_input(schema, name, node.inputs)
            if spec is None or isinstance(value, Link) or survives(spec, value):
                continue
            kept = round(float(value) / (spec.ui_quantum or 1)) * (spec.ui_quantum or 1)
            raise PlanError(
                f"ComfyUI's page would make {kept:.10g} of {name} {float(value):.10g} ({node.class_type})",
                hint=_hint(name, kept),
            )


def _hint(name: str, kept: float) -> str:
    if name in ("frame_rate", "video_fps", "fps"):
        return "the API format stays exact: use --format api, or a whole rate such as --fps 25"
    return f"use --format api, which stays exact, or a value such as {kept:.10g}"
