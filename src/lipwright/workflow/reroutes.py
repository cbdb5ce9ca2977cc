"""Routing of a UI graph's long links around the nodes: up, along a separate lane, and down again.

A link that would run behind two or more columns of nodes is routed through reroute nodes above the groups.
Each output with such links has its own lane: one reroute node next to the output, and one before each column
that these links lead to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lipwright.workflow.graph_layout import COLUMN_GAP, Box, Layout

REROUTE_WIDTH, REROUTE_HEIGHT, LANE_HEIGHT = 75, 26, 36
COLUMNS_BETWEEN = 2
"""A link is rerouted if it would run behind at least this many columns of nodes."""


def reroute(rows: list[list[Any]], layout: Layout, first_id: int) -> list[dict[str, Any]]:
    """Route long links along lanes, and return the reroute nodes.

    Args:
        rows: The links, which are changed in place: long links get another origin, and the links between
            reroute nodes are added.
        layout: Layout of the nodes.
        first_id: Id of the first reroute node; this id and all higher ids must be unused.

    Returns:
        The reroute nodes.
    """
    lefts = sorted({box.x for box in layout.nodes.values()})
    long: dict[tuple[int, int], list[list[Any]]] = {}
    for row in rows:
        origin, target = layout.nodes[str(row[1])], layout.nodes[str(row[3])]
        if sum(origin.x < left < target.x for left in lefts) >= COLUMNS_BETWEEN:
            long.setdefault((row[1], row[2]), []).append(row)
    top = min(box.y for box in layout.groups.values())
    # The output farthest to the right gets the lowest lane, so that lanes do not cross rising links.
    order = sorted(long, key=lambda source: -layout.nodes[str(source[0])].x)
    made: list[dict[str, Any]] = []
    for lane, source in enumerate(order, 1):
        made += _lane(rows, long[source], layout.nodes, top - lane * LANE_HEIGHT, first_id + len(made))
    return made


def _lane(
    rows: list[list[Any]], readers: list[list[Any]], nodes: Mapping[str, Box], y: int, number: int
) -> list[dict[str, Any]]:
    """Make the reroute nodes of one output.

    One reroute node is next to the output, and one is before each column that contains a node of `readers`.
    """
    origin, slot, kind = readers[0][1], readers[0][2], readers[0][5]
    columns: dict[int, list[list[Any]]] = {}
    for row in readers:
        columns.setdefault(nodes[str(row[3])].x, []).append(row)
    stops = [
        nodes[str(origin)].x + nodes[str(origin)].width + 6,
        *(x - COLUMN_GAP + 6 for x in sorted(columns)),
    ]
    made = []
    for place, x in enumerate(stops):
        key = len(rows) + 1
        rows.append([key, origin, slot, number + place, 0, kind])
        origin, slot = number + place, 0
        made.append(_reroute(number + place, x, y, key, kind))
        for row in columns[sorted(columns)[place - 1]] if place else ():
            row[1:3] = [origin, 0]
    return made


def _reroute(number: int, x: int, y: int, link: int, kind: str) -> dict[str, Any]:
    return {
        "id": number,
        "type": "Reroute",
        "pos": [x, y],
        "size": [REROUTE_WIDTH, REROUTE_HEIGHT],
        "flags": {},
        "order": number,
        "mode": 0,
        "inputs": [{"name": "", "type": "*", "link": link}],
        "outputs": [{"name": "", "type": kind, "links": [], "slot_index": 0}],
        "properties": {"showOutputText": False, "horizontal": False},
    }
