"""Fix a workflow file in its own format, and keep only fixes that make the graph better.

An edit changes only the inputs that it names: layout, notes, the front end's own entries and everything else
in the document stay as they are. The edited graph is checked again, and an edit is kept only if strictly
fewer findings are left and every output still depends on the same files as before.
"""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Sequence
from typing import Any

from lipwright.errors import InputError
from lipwright.workflow.edits import Edit, GraphFinding, NewNode, SetValue
from lipwright.workflow.flat import FlatGraph, FlatNode
from lipwright.workflow.graph import Link, Node
from lipwright.workflow.graph_layout import Box
from lipwright.workflow.lint.graph_queries import GraphQuery
from lipwright.workflow.reader import read_graph
from lipwright.workflow.schemas import NodeSchema, Schemas, as_list, as_mapping
from lipwright.workflow.subgraph_expansion import INPUTS_ID, read_link
from lipwright.workflow.ui import ui_node
from lipwright.workflow.widgets import instance_names, place_of

OFFSET = 60
"""A new node is placed this many pixels to the left of the node that it feeds, and twice as far above it."""

MAX_ROUNDS = 4
"""Maximum number of rounds of fixing, since a fix can reveal other findings. Findings left after the last
round are only reported."""
MAX_TRIAL_SECONDS = 10.0
"""Maximum time in seconds for trying fixes one by one, if all of them together make the graph no better."""

Check = Callable[[FlatGraph], Sequence[GraphFinding]]


def fix(
    graph: FlatGraph,
    check: Check,
    schemas: Schemas,
    found: Sequence[GraphFinding] | None = None,
) -> tuple[dict[str, Any], tuple[GraphFinding, ...]]:
    """Fix all findings that can be fixed without making the graph worse.

    Args:
        graph: The graph to fix; its document is not changed.
        check: Function that returns the findings about a graph.
        schemas: The schemas with which the graph was read.
        found: Result of `check` for this graph; None to run `check`.

    Returns:
        The changed document, or the original one if nothing was fixed, and the findings that were fixed.
    """
    before = check(graph) if found is None else found
    now, left = graph, before
    for _ in range(MAX_ROUNDS):
        candidates = [one for one in left if one.edits]
        better = _try(now, candidates, left, check, schemas)
        if better is not None:
            now, left = better
            continue
        count, until = len(left), time.monotonic() + MAX_TRIAL_SECONDS
        for one in candidates:  # at least one edit does harm: try each alone
            if time.monotonic() > until:
                break
            now, left = _try(now, [one], left, check, schemas) or (now, left)
        if len(left) == count:
            break
    gone = {_key(one) for one in before} - {_key(one) for one in left}
    return now.document, tuple(one for one in before if _key(one) in gone)


def _key(one: GraphFinding) -> tuple[str, str]:
    return one.finding.id, str(sorted(one.finding.where.items(), key=str))


def _try(
    graph: FlatGraph,
    candidates: list[GraphFinding],
    found: Sequence[GraphFinding],
    check: Check,
    schemas: Schemas,
) -> tuple[FlatGraph, Sequence[GraphFinding]] | None:
    """Return the edited graph and its remaining findings; None if the edits do not improve the graph.

    The edits improve the graph if fewer findings remain, and every output still depends on all files that it
    depended on before.
    """
    if not candidates:
        return None
    document = pickle.loads(pickle.dumps(graph.document))  # noqa: S301 - a copy, ten times faster than deepcopy
    editor: _Api | _Ui = (_Api if graph.format == "api" else _Ui)(document, schemas)
    done: set[str] = set()
    for one in candidates:
        edits = [edit for edit in one.edits if str(edit) not in done]
        if not all(map(editor.apply, edits)):
            return None
        done |= {str(edit) for edit in edits}
    try:
        after = read_graph(document, schemas)
    except InputError:
        return None
    left = check(after)
    return (after, left) if len(left) < len(found) and _keeps_sources(graph, after) else None


def _keeps_sources(before: FlatGraph, after: FlatGraph) -> bool:
    """Return True if every output still depends on all files that it depended on before."""
    old, new = _files_by_output(before), _files_by_output(after)
    return all(files <= new.get(output, set()) for output, files in old.items())


def _files_by_output(graph: FlatGraph) -> dict[str, set[str]]:
    query = GraphQuery(graph)
    loaders = {node.class_type for node in graph.nodes.values() if "Load" in node.class_type}
    return {
        node.id: {one.id for one in query.above(node, *loaders)}
        for node in query.graph.nodes.values()
        if not query.readers(node) and (node.schema is None or node.schema.is_output)
    }


class _Api:
    """Applies edits to a graph in API format."""

    def __init__(self, document: dict[str, Any], schemas: Schemas) -> None:
        self.document = document
        self.schemas = schemas

    def apply(self, edit: Edit) -> bool:
        node = as_mapping(self.document.get(edit.node))
        inputs = node.get("inputs")
        if not isinstance(inputs, dict):
            return False
        if isinstance(edit, SetValue):
            inputs[edit.input] = edit.value
        elif isinstance(edit.source, Link):
            inputs[edit.input] = [edit.source.node, edit.source.slot]
        else:
            inputs[edit.input] = [self._add(edit.source, inputs.get(edit.input)), 0]
        return True

    def _add(self, new: NewNode, old: object) -> str:
        links = {
            name: old if other == "old" else [self._add(other, old), 0] for name, other in new.links.items()
        }
        numbers = [int(key) for key in self.document if key.isdecimal() and len(key) < 12]
        key = str(max(numbers, default=0) + 1)
        self.document[key] = {
            "class_type": new.class_type,
            "inputs": {**new.values, **links},
            "_meta": {"title": new.class_type},
        }
        return key


class _Ui:
    """Applies edits to a graph in UI format, also inside its subgraphs."""

    def __init__(self, document: dict[str, Any], schemas: Schemas) -> None:
        self.document = document
        self.schemas = schemas
        self.flat = read_graph(document, schemas)

    def apply(self, edit: Edit) -> bool:
        node = self.flat.nodes.get(edit.node)
        if node is None or node.scope is None:
            return False
        if isinstance(edit, SetValue):
            return self._set(node, edit.input, edit.value)
        if isinstance(edit.source, Link):
            giver = self.flat.nodes.get(edit.source.node)
            if giver is None or giver.scope is not node.scope:
                return False  # in another subgraph: a person has to do this
            return self._link(node, edit.input, giver.raw, edit.source.slot)
        entry = _entry(node.raw, edit.input)
        old = self._old_source(node, entry.get("link")) if entry else None
        added = self._add(node, edit.source, old)
        return added is not None and self._link(node, edit.input, added, 0)

    def _set(self, node: FlatNode, name: str, value: object) -> bool:
        holder, widget = node.passed_down.get(name, (node.raw, name))
        done = False
        named, values = holder.get("widgets_values_named"), holder.get("widgets_values")
        if isinstance(named, dict) and widget in named:
            named[widget] = value
            done = True
        if isinstance(values, dict):
            values[widget] = value
            return True
        place = self._place(holder, widget)
        if isinstance(values, list) and place is not None and place < len(values):
            values[place] = value
            done = True
        return done

    def _place(self, holder: dict[str, Any], widget: str) -> int | None:
        """Return the index of a widget's value in its node's list of values."""
        if holder.get("type") == "PrimitiveNode":
            return int(widget)
        definition = _definition(self.document, holder.get("type"))
        if definition is None:
            return place_of(holder, self.schemas.get(str(holder.get("type"))), widget)
        names = instance_names(holder, definition)
        return names.index(widget) if widget in names else None

    def _old_source(self, node: FlatNode, link: object) -> tuple[dict[str, Any], int] | None:
        """Return the source of a link: a node of the same scope, and the index of the node's output.

        None if the source is unknown.
        """
        scope = node.scope or {}
        read = read_link(_find_link(scope, link))
        if read is None:
            return None
        origin, slot = read[1][:2]
        if origin == INPUTS_ID:
            declared = as_list(scope.get("inputs"))
            return {"id": origin, "outputs": [dict(as_mapping(one)) for one in declared]}, slot
        nodes = (raw for raw in as_list(scope.get("nodes")) if isinstance(raw, dict))
        return next(((raw, slot) for raw in nodes if raw.get("id") == origin), None)

    def _link(self, node: FlatNode, name: str, giver: dict[str, Any], slot: int) -> bool:
        """Link an input to another node of the same scope, and remove the input's old link.

        Return False if the input or the output does not exist.
        """
        scope, entry = node.scope or {}, _entry(node.raw, name)
        outputs = as_list(giver.get("outputs"))
        if entry is None or not 0 <= slot < len(outputs) or not isinstance(outputs[slot], dict):
            return False
        _unlink(scope, entry.get("link"))
        key = _next(scope, "link")
        target = as_list(node.raw.get("inputs")).index(entry)
        kind = outputs[slot].get("type")
        row: Any = [key, giver.get("id"), slot, node.raw.get("id"), target, kind]
        if _is_subgraph(scope):
            names = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
            row = dict(zip(names, row, strict=True))
        scope.setdefault("links", []).append(row)
        outputs[slot]["links"] = [*as_list(outputs[slot].get("links")), key]
        if giver.get("id") == INPUTS_ID:
            declared = scope["inputs"][slot]
            declared["linkIds"] = [*as_list(declared.get("linkIds")), key]
        entry["link"] = key
        return True

    def _add(
        self, reader: FlatNode, new: NewNode, old: tuple[dict[str, Any], int] | None
    ) -> dict[str, Any] | None:
        """Add the node `new` near `reader`, which it will feed, and add the nodes that feed `new`.

        Return the JSON object of `new`; None if a node or link cannot be added.
        """
        schema, scope = self.schemas.get(new.class_type), reader.scope
        if schema is None or scope is None:
            return None
        raw = _bare_node(_next(scope, "node"), new, schema, as_list(reader.raw.get("pos")))
        scope["nodes"].append(raw)
        flat = FlatNode(str(raw["id"]), new.class_type, new.class_type, schema, raw=raw, scope=scope)
        for name, other in new.links.items():
            giver = old if other == "old" else self._add(flat, other, old)
            if giver is None:
                return None
            node, slot = giver if isinstance(giver, tuple) else (giver, 0)
            if not self._link(flat, name, node, slot):
                return None
        return raw


def _bare_node(number: int, new: NewNode, schema: NodeSchema, pos: list[Any]) -> dict[str, Any]:
    left, top = (place if isinstance(place, int | float) else 0 for place in (*pos, 0, 0)[:2])
    node = Node(str(number), schema, new.values)
    inputs = [
        {"name": spec.name, "type": spec.type, "link": None}
        for spec in schema.inputs.values()
        if not spec.is_widget
    ]
    return ui_node(node, Box(0, 0, 240, 80), inputs) | {
        "pos": [left - OFFSET, top - 2 * OFFSET],
        "flags": {"collapsed": True},
        "order": 0,
    }


def _definition(document: dict[str, Any], kind: object) -> dict[str, Any] | None:
    """Return the definition of the subgraph whose id is `kind`; None if there is none."""
    graphs = as_list(as_mapping(document.get("definitions")).get("subgraphs"))
    return next((graph for graph in graphs if isinstance(graph, dict) and graph.get("id") == kind), None)


def _entry(raw: dict[str, Any], name: str) -> dict[str, Any] | None:
    for entry in as_list(raw.get("inputs")):
        if isinstance(entry, dict) and entry.get("name") == name:
            return entry
    return None


def _is_subgraph(scope: dict[str, Any]) -> bool:
    return "inputNode" in scope


def _find_link(scope: dict[str, Any], key: object) -> Any:  # noqa: ANN401 - a list, or an object in a subgraph
    links = as_list(scope.get("links"))
    return next((link for link in links if (read := read_link(link)) and read[0] == key), None)


def _unlink(scope: dict[str, Any], key: object) -> None:
    """Remove a link from its scope, and from the list of links of the output where it starts."""
    if key is None:
        return
    removed = _find_link(scope, key)
    scope["links"] = [link for link in as_list(scope.get("links")) if link is not removed]
    outputs = [
        one for node in as_list(scope.get("nodes")) for one in as_list(as_mapping(node).get("outputs"))
    ]
    for output in (*outputs, *as_list(scope.get("inputs"))):
        for name in ("links", "linkIds"):
            if key in as_list(as_mapping(output).get(name)):
                output[name] = [one for one in output[name] if one != key]


def _next(scope: dict[str, Any], what: str) -> int:
    """Return a new id for a node or link, and record it in the scope as the last id in use."""
    items = as_list(scope.get(f"{what}s"))
    ids = [item[0] if isinstance(item, list) and item else as_mapping(item).get("id") for item in items]
    state = scope.get("state")
    counters = [(scope, f"last_{what}_id"), (state, f"last{what.title()}Id")]
    for holder, name in counters:
        if isinstance(holder, dict) and isinstance(holder.get(name), int):
            ids.append(holder[name])
    number = max((one for one in ids if isinstance(one, int)), default=0) + 1
    for holder, name in counters:
        if isinstance(holder, dict) and name in holder:
            holder[name] = number
    return number
