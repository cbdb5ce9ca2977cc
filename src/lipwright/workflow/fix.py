"""Mending a workflow file, in its own format: what lint found and knows how to mend.

Only what an edit names is changed; everything else in the document stays as it was, layout,
notes and the front end's own entries included.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from lipwright.workflow.flat import FlatGraph, FlatNode, as_list, as_mapping, read_graph
from lipwright.workflow.graph import Link, Node, Value
from lipwright.workflow.lint.edits import Edit, Feed, Found, Insert, NewNode, Reconnect, SetValue
from lipwright.workflow.schemas import NodeSchema, Schemas
from lipwright.workflow.ui import widget_values
from lipwright.workflow.widgets import instance_names, place_of

OFFSET = 60
"""How far left of and above its reader a new node stands in the UI format, in the page's pixels."""


def fix(
    graph: FlatGraph, found: Iterable[Found], schemas: Schemas
) -> tuple[dict[str, Any], tuple[Found, ...]]:
    """The document with everything mended that can be.

    Args:
        graph: That was linted; its document stays as it is.
        found: What lint found in it.
        schemas: That the graph was read with.

    Returns:
        A new document, and what was mended in it.
    """
    document = copy.deepcopy(graph.document)
    mender: _Api | _Ui = (_Api if graph.format == "api" else _Ui)(document, schemas)
    mended = [one for one in found if one.edits and all(mender.apply(edit) for edit in one.edits)]
    return document, tuple(mended)


class _Api:
    """Edits of an API graph."""

    def __init__(self, document: dict[str, Any], schemas: Schemas) -> None:
        self.document = document
        self.schemas = schemas

    def apply(self, edit: Edit) -> bool:
        node = as_mapping(self.document.get(edit.node))
        inputs = node.get("inputs")
        if not isinstance(inputs, dict):
            return False
        match edit:
            case SetValue(value=value):
                inputs[edit.input] = value
            case Reconnect(source=source):
                inputs[edit.input] = [source.node, source.slot]
            case Insert(new=new, through=through):
                old = inputs.get(edit.input)
                if not isinstance(old, list):
                    return False
                inputs[edit.input] = [self._add(new, {through: old}), 0]
            case Feed(new=new):
                inputs[edit.input] = [self._add(new, {}), 0]
        return True

    def _add(self, new: NewNode, inputs: dict[str, Any]) -> str:
        links = {name: [self._add(other, {}), 0] for name, other in new.links.items()}
        numbers = [int(key) for key in self.document if key.isdecimal() and len(key) < 12]
        key = str(max(numbers, default=0) + 1)
        self.document[key] = {
            "class_type": new.class_type,
            "inputs": {**new.values, **links, **inputs},
            "_meta": {"title": new.class_type},
        }
        return key


class _Ui:
    """Edits of a UI graph, in whichever subgraph the node stands."""

    def __init__(self, document: dict[str, Any], schemas: Schemas) -> None:
        self.document = document
        self.schemas = schemas
        self.flat = read_graph(document, schemas)

    def apply(self, edit: Edit) -> bool:
        node = self.flat.nodes.get(edit.node)
        if node is None or node.scope is None:
            return False
        match edit:
            case SetValue(value=value):
                return self._set(node, edit.input, value)
            case Insert(new=new, through=through):
                return self._insert(node, edit.input, new, through)
            case Feed(new=new):
                added = self._add(node, new)
                return added is not None and self._link(node, edit.input, added, 0)
            case Reconnect(source=source):
                return self._reconnect(node, edit.input, source)

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
        """Where among a node's values the one of that widget stands."""
        if holder.get("type") == "PrimitiveNode":
            return int(widget)
        definition = _definition(self.document, holder.get("type"))
        if definition is None:
            return place_of(holder, self.schemas.get(str(holder.get("type"))), widget)
        names = instance_names(holder, definition)
        return names.index(widget) if widget in names else None

    def _insert(self, node: FlatNode, name: str, new: NewNode, through: str) -> bool:
        entry = _entry(node.raw, name)
        link = _find_link(node.scope or {}, entry.get("link")) if entry else None
        if entry is None or link is None:
            return False
        added = self._add(node, new)
        if added is None:
            return False
        slot = [as_mapping(one).get("name") for one in as_list(added.get("inputs"))].index(through)
        _retarget(link, added["id"], slot)
        added["inputs"][slot]["link"] = entry["link"]
        entry["link"] = None
        return self._link(node, name, added, 0)

    def _reconnect(self, node: FlatNode, name: str, source: Link) -> bool:
        giver = self.flat.nodes.get(source.node)
        if giver is None or giver.scope is not node.scope:
            return False  # from another subgraph: that takes a person
        return self._link(node, name, giver.raw, source.slot)

    def _link(self, node: FlatNode, name: str, giver: dict[str, Any], slot: int) -> bool:
        """Feed an input from another node of the same scope, taking an old link away."""
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
        entry["link"] = key
        return True

    def _add(self, reader: FlatNode, new: NewNode) -> dict[str, Any] | None:
        """A new node in the reader's scope, above and to the left of it, with those that feed it."""
        schema, scope = self.schemas.get(new.class_type), reader.scope
        if schema is None or scope is None:
            return None
        raw = _bare_node(_next(scope, "node"), new, schema, as_list(reader.raw.get("pos")))
        scope["nodes"].append(raw)
        flat = FlatNode(str(raw["id"]), new.class_type, new.class_type, schema, raw=raw, scope=scope)
        for name, other in new.links.items():
            giver = self._add(flat, other)
            if giver is None or not self._link(flat, name, giver, 0):
                return None
        return raw


def _bare_node(number: int, new: NewNode, schema: NodeSchema, pos: list[Any]) -> dict[str, Any]:
    left, top = (place if isinstance(place, int | float) else 0 for place in (*pos, 0, 0)[:2])
    inputs: dict[str, Value] = dict(new.values)
    node = Node(str(number), new.class_type, inputs)
    return {
        "id": number,
        "type": new.class_type,
        "pos": [left - OFFSET, top - 2 * OFFSET],
        "size": [240, 80],
        "flags": {"collapsed": True},
        "order": 0,
        "mode": 0,
        "inputs": [
            {"name": spec.name, "type": spec.type, "link": None}
            for spec in schema.inputs.values()
            if not spec.is_widget
        ],
        "outputs": [
            {"name": name, "type": kind, "links": [], "slot_index": slot}
            for slot, (name, kind) in enumerate(zip(schema.output_names, schema.outputs, strict=True))
        ],
        "properties": {"Node name for S&R": new.class_type},
        "widgets_values": widget_values(node, schema),
    }


def _definition(document: dict[str, Any], kind: object) -> dict[str, Any] | None:
    """The subgraph of that id; None where it is none."""
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
    for link in as_list(scope.get("links")):
        if (isinstance(link, list) and link and link[0] == key) or as_mapping(link).get("id") == key:
            return link
    return None


def _retarget(link: Any, node: int, slot: int) -> None:  # noqa: ANN401 - as above
    if isinstance(link, list):
        link[3:5] = [node, slot]
    else:
        link["target_id"], link["target_slot"] = node, slot


def _unlink(scope: dict[str, Any], key: object) -> None:
    """Take a link away, also from its origin's list of links."""
    if key is None:
        return
    links = as_list(scope.get("links"))
    scope["links"] = [link for link in links if link is not _find_link(scope, key)]
    for node in as_list(scope.get("nodes")):
        for output in as_list(as_mapping(node).get("outputs")):
            if isinstance(output, dict) and key in as_list(output.get("links")):
                output["links"] = [one for one in output["links"] if one != key]


def _next(scope: dict[str, Any], what: str) -> int:
    """A free number for a node or link, kept count of where the file does so."""
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
