"""The UI format opened up: subgraphs, reroutes, named wires, muted and bypassed nodes.

The format is LiteGraph's: nodes with positional widget values, links by number. A subgraph's
definition stands once in `definitions.subgraphs`; a node whose type is its id is an instance.
Inside, node -10 stands for its inputs and -20 for its outputs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lipwright.errors import InputError
from lipwright.workflow.flat import MAX_NODES, FlatNode, as_list, as_mapping, describe, display_name, too_many
from lipwright.workflow.graph import Link
from lipwright.workflow.schemas import Schemas, fits
from lipwright.workflow.widgets import instance_names, named_values

NOTES = frozenset({"Note", "MarkdownNote"})
VIRTUAL = NOTES | {"Reroute", "PrimitiveNode", "SetNode", "GetNode"}
"""Nodes of the front end alone; the server never sees them."""

MUTED, BYPASSED = 2, 4
INPUTS_ID, OUTPUTS_ID = -10, -20
MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that arrives where a link was expected."""

    value: Any
    holder: dict[str, Any]
    """The node in the document whose widget it is."""
    widget: str


OWN = Constant(None, {}, "")
"""No value arrives: the one that the node itself holds counts."""


@dataclass(slots=True)
class Scope:
    """One graph: the workflow itself, or one instance of a subgraph."""

    raw: dict[str, Any]
    prefix: str
    outer: Scope | None = None
    instance: dict[str, Any] | None = None
    nodes: dict[Any, dict[str, Any]] = field(default_factory=dict)
    links: dict[Any, tuple[Any, int, Any, int]] = field(default_factory=dict)
    """Link id to origin node, origin slot, target node, target slot."""
    inner: dict[Any, Scope] = field(default_factory=dict)
    """Instances of subgraphs, by node id."""
    wires: dict[str, tuple[Scope, dict[str, Any]]] = field(default_factory=dict)
    """Named wires: Set nodes by name, of this scope and those around it."""


def unfold(document: dict[str, Any], schemas: Schemas) -> dict[str, FlatNode]:
    """Every node that the server would see.

    Raises:
        InputError: subgraphs hold themselves, or there is no end of nodes.
    """
    definitions = {
        str(graph.get("id")): graph
        for graph in as_list(as_mapping(document.get("definitions")).get("subgraphs"))
        if isinstance(graph, dict)
    }
    budget = [MAX_NODES]
    root = _open(document, definitions, budget)
    flat: dict[str, FlatNode] = {}
    for scope in _scopes(root):
        for key, raw in scope.nodes.items():
            if key in scope.inner or str(raw.get("type")) in VIRTUAL or raw.get("mode") in (MUTED, BYPASSED):
                continue
            node = _node(scope, key, raw, schemas)
            flat[node.id] = node
    for node in flat.values():  # links to nodes that are muted lead nowhere
        node.links = {name: link for name, link in node.links.items() if link.node in flat}
    return flat


def _open(
    raw: dict[str, Any],
    definitions: dict[str, dict[str, Any]],
    budget: list[int],
    outer: Scope | None = None,
    instance: dict[str, Any] | None = None,
    *,
    depth: int = 0,
) -> Scope:
    if depth > MAX_DEPTH:
        raise InputError("a subgraph of the workflow holds itself", hint="save it from ComfyUI again")
    prefix = f"{outer.prefix}{(instance or {}).get('id')}:" if outer else ""
    scope = Scope(raw, prefix, outer, instance, wires=dict(outer.wires) if outer else {})
    for node in as_list(raw.get("nodes")):
        if isinstance(node, dict) and isinstance(node.get("id"), int | str):
            scope.nodes[node["id"]] = node
    budget[0] -= len(scope.nodes)
    if budget[0] < 0:
        raise too_many()
    for link in as_list(raw.get("links")):
        read = _read_link(link)
        if read is not None:
            scope.links[read[0]] = read[1]
    for node in scope.nodes.values():
        if node.get("type") == "SetNode" and as_list(node.get("widgets_values")):
            scope.wires[str(node["widgets_values"][0])] = (scope, node)
    for key, node in scope.nodes.items():
        definition = definitions.get(str(node.get("type")))
        if definition is not None and node.get("mode") not in (MUTED, BYPASSED):
            scope.inner[key] = _open(definition, definitions, budget, scope, node, depth=depth + 1)
    return scope


def _read_link(link: object) -> tuple[Any, tuple[Any, int, Any, int]] | None:
    """One link, as a list in a workflow or an object in a subgraph."""
    if isinstance(link, list) and len(link) >= 5:
        key, origin, origin_slot, target, target_slot = link[:5]
    elif isinstance(link, dict):
        names = ("id", "origin_id", "origin_slot", "target_id", "target_slot")
        key, origin, origin_slot, target, target_slot = (link.get(name) for name in names)
    else:
        return None
    if not all(isinstance(item, int | str) for item in (key, origin, target)):
        return None
    if not (isinstance(origin_slot, int) and isinstance(target_slot, int)):
        return None
    return key, (origin, origin_slot, target, target_slot)


def _scopes(root: Scope) -> list[Scope]:
    found = [root]
    for scope in found:
        found.extend(scope.inner.values())
    return found


def _node(scope: Scope, key: object, raw: dict[str, Any], schemas: Schemas) -> FlatNode:
    class_type = str(raw.get("type"))
    schema = schemas.get(class_type)
    title = str(raw.get("title") or display_name(class_type, schema))
    node = FlatNode(f"{scope.prefix}{key}", class_type, title, schema, raw=raw, scope=scope.raw)
    describe(node)
    node.values = named_values(raw, schema)
    if schema is None:
        node.output_types = tuple(str(as_mapping(one).get("type")) for one in as_list(raw.get("outputs")))
        node.loose_values = tuple(as_list(raw.get("widgets_values")))
    for entry in as_list(raw.get("inputs")):
        name = str(as_mapping(entry).get("name"))
        if not isinstance(entry, dict) or entry.get("link") is None:
            continue
        node.input_types.setdefault(name, str(entry.get("type")))
        source = _source(scope, entry.get("link"))
        if source is OWN:
            source = _inside(scope, entry.get("link"), schemas) or OWN
        if isinstance(source, Link):
            node.values.pop(name, None)
            node.links[name] = source
        elif source is OWN or (isinstance(source, Constant) and source.holder is raw):
            continue
        elif isinstance(source, Constant):
            node.values[name] = source.value
            node.passed_down[name] = (source.holder, source.widget)
        else:
            node.values.pop(name, None)
    return node


def _source(scope: Scope, link: object) -> Link | Constant | None:
    """Where a link really comes from: a node that the server sees, a value, or nowhere."""
    promoted: Constant | None = None
    for _ in range(MAX_NODES):
        if not isinstance(link, int | str) or link not in scope.links:
            return None
        origin, slot, _target, _slot = scope.links[link]
        if origin == INPUTS_ID:
            if scope.outer is None or scope.instance is None:
                return None
            entry = _instance_input(scope, slot)
            # The outermost subgraph that has a value for its widget is the one that people see.
            promoted = _promoted(scope, slot) or promoted
            if as_mapping(entry).get("link") is None:
                return promoted or OWN
            scope, link = scope.outer, entry["link"]
            continue
        step = _through(scope, origin, slot)
        if isinstance(step, Link | Constant) or step is None:
            return step
        scope, link = step
    return None


def _through(scope: Scope, origin: Any, slot: int) -> Link | Constant | tuple[Scope, Any] | None:  # noqa: ANN401, PLR0911 - one line for each kind of node
    raw = scope.nodes.get(origin)
    if raw is None or raw.get("mode") == MUTED:
        return None
    kind = str(raw.get("type"))
    if raw.get("mode") == BYPASSED:
        return scope, _bypass(raw, slot)
    if origin in scope.inner:
        inner = scope.inner[origin]
        ends = [key for key, link in inner.links.items() if link[2] == OUTPUTS_ID and link[3] == slot]
        return (inner, ends[0]) if ends else None
    if kind == "Reroute":
        return scope, _first_link(raw)
    if kind == "GetNode":
        names = as_list(raw.get("widgets_values"))
        found = scope.wires.get(str(names[0])) if names else None
        return (found[0], _first_link(found[1])) if found else None
    if kind == "SetNode":
        return scope, _first_link(raw)
    if kind == "PrimitiveNode":
        values = as_list(raw.get("widgets_values"))
        return Constant(values[0], raw, "0") if values else None
    return Link(f"{scope.prefix}{origin}", slot)


def _first_link(raw: dict[str, Any]) -> Any:  # noqa: ANN401 - a link's id
    entries = [as_mapping(entry) for entry in as_list(raw.get("inputs"))]
    return entries[0].get("link") if entries else None


def _bypass(raw: dict[str, Any], slot: int) -> Any:  # noqa: ANN401 - a link's id
    """A bypassed node hands on the first input of its output's type; the one at the same place if it fits."""
    outputs = [as_mapping(one) for one in as_list(raw.get("outputs"))]
    if not 0 <= slot < len(outputs):
        return None
    kind = str(outputs[slot].get("type"))
    entries = [as_mapping(one) for one in as_list(raw.get("inputs"))]
    same = entries[slot : slot + 1] + entries
    return next(
        (one["link"] for one in same if one.get("link") is not None and fits(str(one.get("type")), kind)),
        None,
    )


def _instance_input(scope: Scope, slot: int) -> dict[str, Any]:
    """The input of a subgraph's instance that feeds its input number `slot`."""
    declared = as_list(scope.raw.get("inputs"))
    name = as_mapping(declared[slot]).get("name") if 0 <= slot < len(declared) else None
    for entry in as_list((scope.instance or {}).get("inputs")):
        if isinstance(entry, dict) and entry.get("name") == name:
            return entry
    return {}


def _inside(scope: Scope, link: Any, schemas: Schemas) -> Constant | None:  # noqa: ANN401 - a link's id
    """The value of a subgraph's input that has none of its own: that of the first widget it feeds.

    Every other input that it feeds gets it too, those that are no widgets included.
    """
    origin, slot, _, _ = scope.links[link]
    if origin != INPUTS_ID:
        return None
    fed = [ends[2:] for ends in scope.links.values() if ends[:2] == (INPUTS_ID, slot)]
    for target, place in fed:
        raw = scope.nodes.get(target, {})
        entries = as_list(raw.get("inputs"))
        name = as_mapping(entries[place]).get("name") if 0 <= place < len(entries) else None
        values = named_values(raw, schemas.get(str(raw.get("type"))))
        if name in values:
            return Constant(values[name], raw, str(name))
    return None


def _promoted(scope: Scope, slot: int) -> Constant | None:
    """The value of a subgraph's own widget, None where the inner node's own holds."""
    instance = scope.instance or {}
    declared = [as_mapping(one) for one in as_list(scope.raw.get("inputs"))]
    if not 0 <= slot < len(declared):
        return None
    name = str(declared[slot].get("name"))
    named = as_mapping(instance.get("widgets_values_named"))
    if name in named:
        return Constant(named[name], instance, name)
    names, values = instance_names(instance, scope.raw), as_list(instance.get("widgets_values"))
    if name in names and values[names.index(name)] is not None:
        return Constant(values[names.index(name)], instance, name)
    return None
