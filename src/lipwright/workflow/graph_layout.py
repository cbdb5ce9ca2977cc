"""Layout of a UI graph: about as wide as a screen, groups in reading order, columns by dependency.

Every link runs to the right, or down within a column. A clip is one column, in the order of its nodes. In
other groups, neighboring columns are stacked as far as the height allows. Neighboring groups that have a
single column are stacked, too.

The nodes of a column are ordered by the mean position of the nodes to which they are linked (the barycenter
method of Sugiyama, Tagawa & Toda 1981), so that few links cross. A note is placed below its node.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean

from lipwright.workflow.graph import Graph, Group, Node, is_clip

NODE_WIDTH, CLIP_WIDTH = 320, 280
COLUMN_HEIGHT = 1700
"""Maximum height, in pixels, up to which columns and groups are stacked."""
TITLE_HEIGHT, ROW_HEIGHT, TEXT_HEIGHT = 30, 24, 110
"""Heights of a title, a row and a text box in pixels of the front end, with a small margin."""
COLUMN_GAP, ROW_GAP, NOTE_GAP, GROUP_GAP, GROUP_PADDING, GROUP_TITLE = 90, 50, 38, 70, 24, 44
NOTE_CHARACTERS_PER_LINE, NOTE_LINE_HEIGHT, NOTE_MARGIN, NOTE_LEAST_HEIGHT = 34, 16, 44, 92
ADDED_ROWS = {"control_after_generate": 1, "audio_upload": 3, "image_upload": 10}
"""Number of rows that the front end adds to a node if one of its widgets has this property. The added rows
show a control below a seed, an audio player with an upload button, or an image with an upload button.
Observed in front end 1.45."""
TALL_ROW_HEIGHT, TALL_MARGIN, BADGE_HEIGHT, PREVIEW_HEIGHT = 32, 24, 32, 132
"""Heights in the page's newer style ("Nodes 2.0"): the row of a widget; a margin; the line below a node that
shows the node's pack and state; and the space that VHS_VideoCombine reserves for its video."""
SWEEPS = 6


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in the front end's pixels; y grows downwards."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The boxes of all nodes, notes and groups."""

    nodes: Mapping[str, Box]
    notes: Mapping[str, Box]
    """Boxes of the notes, by the id of the node that the note explains."""
    groups: Mapping[Group, Box]


def lay_out(graph: Graph) -> Layout:
    """Place every node, note and group of a graph."""
    by_group = _ordered(graph)
    nodes: dict[str, Box] = {}
    notes: dict[str, Box] = {}
    groups: dict[Group, Box] = {}
    left = top = 0
    was_narrow = True
    for group in graph.groups:
        columns = by_group[group] if is_clip(group) else _merged(by_group[group])
        is_narrow = len(columns) == 1 and not is_clip(group)
        may_stack = is_narrow and was_narrow and top + _column_height(columns[0]) <= COLUMN_HEIGHT
        if groups and not may_stack:
            previous = list(groups.values())[-1]
            left, top = previous.x + previous.width + GROUP_GAP + GROUP_PADDING, 0
        was_narrow = is_narrow
        width = CLIP_WIDTH if is_clip(group) else NODE_WIDTH
        bottom = top
        for place, column in enumerate(columns):
            x = left + place * (width + COLUMN_GAP)
            bottom = max(bottom, _stack(column, Box(x, top, width, 0), nodes, notes))
        groups[group] = Box(
            left - GROUP_PADDING,
            top - TITLE_HEIGHT - GROUP_TITLE,
            len(columns) * (width + COLUMN_GAP) - COLUMN_GAP + 2 * GROUP_PADDING,
            bottom - top + TITLE_HEIGHT + GROUP_TITLE + GROUP_PADDING,
        )
        top = bottom + GROUP_PADDING + GROUP_GAP + TITLE_HEIGHT + GROUP_TITLE
    return Layout(nodes, notes, groups)


def _merged(columns: list[list[Node]]) -> list[list[Node]]:
    """Stack neighboring columns as far as the height allows."""
    merged: list[list[Node]] = []
    for column in columns:
        if merged and _column_height([*merged[-1], *column]) <= COLUMN_HEIGHT:
            merged[-1] = [*merged[-1], *column]
        else:
            merged.append(column)
    return merged


def _columns(graph: Graph, users: Mapping[str, list[str]]) -> dict[tuple[int, int], list[Node]]:
    """Return the nodes of each column; a key is (index of the group, index of the column in the group).

    A clip has the single column 0.
    """
    depth: dict[str, int] = {}
    columns: dict[tuple[int, int], list[Node]] = {}
    place = {group: at for at, group in enumerate(graph.groups)}

    def within(node: Node, others: Iterable[str]) -> list[int]:
        return [depth[other] for other in others if graph.nodes[other].group == node.group]

    for node in graph.nodes.values():
        depth[node.id] = max(within(node, (link.node for link in node.links.values())), default=-1) + 1
    # A node moves right, into the column before the first node of its group that reads it.
    for node in reversed(list(graph.nodes.values())):
        depth[node.id] = min(within(node, users[node.id]), default=depth[node.id] + 1) - 1
    for node in graph.nodes.values():
        at_column = 0 if is_clip(node.group) else depth[node.id]
        columns.setdefault((place[node.group], at_column), []).append(node)
    return columns


def _ordered(graph: Graph) -> dict[Group, list[list[Node]]]:
    """Return the columns of each group, with nodes ordered so that few links cross.

    The nodes of a clip keep their order.
    """
    sources = {node.id: [link.node for link in node.links.values()] for node in graph.nodes.values()}
    users: dict[str, list[str]] = {key: [] for key in sources}
    for key, needed in sources.items():
        for other in needed:
            users[other].append(key)
    columns = _columns(graph, users)
    place = {node.id: float(at) for column in columns.values() for at, node in enumerate(column)}
    for sweep in range(SWEEPS):
        neighbors = sources if sweep % 2 == 0 else users
        for at_column in sorted(columns, reverse=sweep % 2 == 1):
            if is_clip(columns[at_column][0].group):
                continue
            centers = {
                node.id: fmean([place[other] for other in neighbors[node.id]] or [place[node.id]])
                for node in columns[at_column]
            }
            columns[at_column] = sorted(columns[at_column], key=lambda node: centers[node.id])
            place |= {node.id: float(at) for at, node in enumerate(columns[at_column])}
    return {
        group: [columns[key] for key in sorted(columns) if key[0] == at]
        for at, group in enumerate(graph.groups)
    }


def _stack(
    column: list[Node],
    start: Box,
    nodes: dict[str, Box],
    notes: dict[str, Box],
) -> int:
    """Place a column's nodes and notes, from the top of `start` downward; return the y of its lower end."""
    top = start.y
    for node in column:
        height = node_height(node)
        nodes[node.id] = Box(start.x, top, start.width, height)
        top += max(height, tall_height(node))
        if node.note:
            top += NOTE_GAP
            notes[node.id] = Box(start.x, top, start.width, _note_height(node))
            top += notes[node.id].height
        top += ROW_GAP
    return top - ROW_GAP


def _column_height(column: list[Node]) -> int:
    return _stack(column, Box(0, 0, NODE_WIDTH, 0), {}, {})


def _note_height(node: Node) -> int:
    width = CLIP_WIDTH if is_clip(node.group) else NODE_WIDTH
    lines = len(textwrap.wrap(node.note, NOTE_CHARACTERS_PER_LINE * width // NODE_WIDTH))
    return max(lines * NOTE_LINE_HEIGHT + NOTE_MARGIN, NOTE_LEAST_HEIGHT)


def node_height(node: Node) -> int:
    """Return the height of a node in the front end's older style: sockets side by side, then widgets."""
    sockets, rows, texts = _rows(node)
    return (sockets + rows) * ROW_HEIGHT + texts * TEXT_HEIGHT + 16


def tall_height(node: Node) -> int:
    """Return the height of a node in the front end's newer style, whose nodes are taller."""
    sockets, rows, texts = _rows(node)
    height = sockets * ROW_HEIGHT + rows * TALL_ROW_HEIGHT + texts * TEXT_HEIGHT + TALL_MARGIN
    schema = node.schema
    if schema.pack != "core" or schema.experimental:
        height += BADGE_HEIGHT
    if any(one.flag("formats") for one in schema.widgets):
        height += PREVIEW_HEIGHT
    return height


def _rows(node: Node) -> tuple[int, int, int]:
    """Return how many rows of sockets, rows of widgets, and text boxes a node has.

    The rows that the page adds to widgets (ADDED_ROWS) are counted as rows of sockets.
    """
    schema = node.schema
    sockets = max(len([one for one in schema.inputs.values() if not one.is_widget]), len(schema.outputs))
    widgets = [one for one in schema.widgets if not one.flag("multiline")]
    texts = [one for one in schema.widgets if one.flag("multiline")]
    named = len([name for name in node.inputs if name not in schema.inputs])
    added = sum(rows for one in schema.widgets for flag, rows in ADDED_ROWS.items() if one.flag(flag))
    return sockets + added, len(widgets) + named, len(texts)
