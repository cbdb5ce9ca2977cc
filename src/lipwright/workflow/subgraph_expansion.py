"""Expansion of the UI format: subgraphs, reroutes, Set and Get nodes, muted and bypassed nodes.

The UI format is that of LiteGraph: nodes with positional widget values, and numbered links. A subgraph is
defined once in `definitions.subgraphs`; each node whose type is the subgraph's id is an instance of it.
Inside a subgraph, node -10 represents its inputs and node -20 its outputs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lipwright.errors import InputError
from lipwright.workflow.flat import MAX_NODES, FlatNode, new_node, too_many_nodes
from lipwright.workflow.graph import Link
from lipwright.workflow.schemas import Schemas, as_list, as_mapping, fits
from lipwright.workflow.widgets import instance_names, named_values

VIRTUAL = frozenset({"Note", "MarkdownNote", "Reroute", "PrimitiveNode", "SetNode", "GetNode"})
"""Types of nodes that exist only in the front end, and that the server never sees."""

MUTED, BYPASSED = 2, 4
INPUTS_ID, OUTPUTS_ID = -10, -20
MAX_DEPTH = 20

RawLink = tuple[Any, int, Any, int]
"""A link as in the file: origin node, origin slot, target node, target slot."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A typed-in value that is found by following a link."""

    value: Any
    holder: dict[str, Any]
    """The node that has the widget, as its JSON object in the document."""
    widget: str


OWN = Constant(None, {}, "")
"""Source of a link that passes no value: the node at the end of the link uses the value of its widget."""

Source = Link | Constant | None


@dataclass(slots=True)
class Scope:
    """The nodes and links of the workflow itself, or of one instance of a subgraph."""

    raw: dict[str, Any]
    prefix: str
    nodes: dict[Any, dict[str, Any]]
    links: dict[Any, RawLink]
    outer: Scope | None = None
    instance: dict[str, Any] | None = None
    inner: dict[Any, Scope] = field(default_factory=dict)
    """Scopes of the instances of subgraphs, by node id."""
    set_nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    """KJNodes' Set nodes, by the name that they set."""
    sources: dict[Any, Source] = field(default_factory=dict)
    """Cache of the sources of links, by link id."""

    def find_set_node(self, name: str) -> tuple[Scope, dict[str, Any]] | None:
        """Find the Set node for a name; return the scope that contains the node, and the node.

        This scope is searched first, then the outer scopes. None if there is no such node.
        """
        scope: Scope | None = self
        while scope is not None:
            if name in scope.set_nodes:
                return scope, scope.set_nodes[name]
            scope = scope.outer
        return None


def expand(document: dict[str, Any], schemas: Schemas) -> dict[str, FlatNode]:
    """Return the nodes that the server would see if the front end submitted a workflow; the key is the id.

    Raises:
        InputError: a subgraph contains itself, or there are more than MAX_NODES nodes.
    """
    reader = _Reader(document)
    root = reader.open(document)
    flat: dict[str, FlatNode] = {}
    for scope in reader.scopes(root):
        for key, raw in scope.nodes.items():
            if key in scope.inner or str(raw.get("type")) in VIRTUAL or raw.get("mode") in (MUTED, BYPASSED):
                continue
            node = _read_node(scope, key, raw, schemas)
            flat[node.id] = node
    for node in flat.values():  # links from muted nodes have no source
        node.links = {name: link for name, link in node.links.items() if link.node in flat}
    return flat


class _Reader:
    """Reads the scopes of a workflow and its subgraphs; each definition is read only once."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._definitions = {
            str(graph.get("id")): graph
            for graph in as_list(as_mapping(document.get("definitions")).get("subgraphs"))
            if isinstance(graph, dict)
        }
        self._read: dict[int, tuple[dict[Any, dict[str, Any]], dict[Any, RawLink]]] = {}
        self._nodes_left = MAX_NODES

    def open(
        self,
        raw: dict[str, Any],
        outer: Scope | None = None,
        instance: dict[str, Any] | None = None,
        depth: int = 0,
    ) -> Scope:
        if depth > MAX_DEPTH:
            raise InputError(
                "a subgraph of the workflow contains itself", hint="save the workflow from ComfyUI again"
            )
        if id(raw) not in self._read:
            nodes = {
                node["id"]: node
                for node in as_list(raw.get("nodes"))
                if isinstance(node, dict) and isinstance(node.get("id"), int | str)
            }
            links = dict(filter(None, map(read_link, as_list(raw.get("links")))))
            self._read[id(raw)] = nodes, links
        nodes, links = self._read[id(raw)]
        prefix = f"{outer.prefix}{(instance or {}).get('id')}:" if outer else ""
        scope = Scope(raw, prefix, nodes, links, outer, instance)
        self._nodes_left -= len(nodes)
        if self._nodes_left < 0:
            raise too_many_nodes()
        for key, node in nodes.items():
            kind = str(node.get("type"))
            values = as_list(node.get("widgets_values"))
            if kind == "SetNode" and values:
                scope.set_nodes[str(values[0])] = node
            definition = self._definitions.get(kind)
            if definition is not None and node.get("mode") not in (MUTED, BYPASSED):
                scope.inner[key] = self.open(definition, scope, node, depth + 1)
        return scope

    def scopes(self, root: Scope) -> list[Scope]:
        found = [root]
        for scope in found:
            found.extend(scope.inner.values())
        return found


def read_link(link: object) -> tuple[Any, RawLink] | None:
    """Return the id and the ends of a link; None if the link is invalid.

    A link is a list in a workflow, and an object in a subgraph.
    """
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


def _read_node(scope: Scope, key: object, raw: dict[str, Any], schemas: Schemas) -> FlatNode:
    class_type = str(raw.get("type"))
    schema = schemas.get(class_type)
    node = new_node(f"{scope.prefix}{key}", class_type, raw.get("title"), schema)
    node.raw, node.scope, node.values = raw, scope.raw, named_values(raw, schema)
    if schema is None:
        node.output_types = tuple(str(as_mapping(one).get("type")) for one in as_list(raw.get("outputs")))
        node.unnamed_values = tuple(as_list(raw.get("widgets_values")))
    for entry in as_list(raw.get("inputs")):
        if not isinstance(entry, dict) or entry.get("link") is None:
            continue
        name = str(entry.get("name"))
        node.input_types.setdefault(name, str(entry.get("type")))
        source = _source(scope, entry["link"])
        if source is OWN:
            source = _value_inside(scope, entry["link"], schemas) or OWN
        if isinstance(source, Constant):
            if source is not OWN and source.holder is not raw:
                node.values[name] = source.value
                node.passed_down[name] = (source.holder, source.widget)
            continue
        node.values.pop(name, None)
        if source is not None:
            node.links[name] = source
    return node


def _source(scope: Scope, link: object) -> Source:
    """Follow a link to its source: a node that the server sees, or a value; None if there is none."""
    passed: list[tuple[Scope, Any]] = []
    promoted: Constant | None = None
    source: Source = None
    for _ in range(MAX_NODES):
        if not isinstance(link, int | str) or link not in scope.links:
            break
        if promoted is None:
            if link in scope.sources:
                source = scope.sources[link]
                break
            passed.append((scope, link))
        origin, slot, _target, _slot = scope.links[link]
        if origin == INPUTS_ID:
            if scope.outer is None or scope.instance is None:
                break
            entry = _instance_input(scope, slot)
            # Users see the widget of the outermost subgraph that has a value for it.
            promoted = _promoted_value(scope, slot) or promoted
            if as_mapping(entry).get("link") is None:
                source = promoted or OWN
                break
            scope, link = scope.outer, entry["link"]
            continue
        step = _through(scope, origin, slot)
        if isinstance(step, Link | Constant) or step is None:
            source = step
            break
        scope, link = step
    for place, key in passed:
        place.sources[key] = source
    return source


def _through(scope: Scope, origin: Any, slot: int) -> Source | tuple[Scope, Any]:  # noqa: ANN401, PLR0911 - a line for each kind of node
    """Return what feeds output `slot` of node `origin`; None if unknown.

    The result is the source itself: a node that the server sees, or a value. If the path to the source goes
    on through another link, the result is the scope and the id of that link.
    """
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
    if kind in ("Reroute", "SetNode"):
        return scope, _first_link(raw)
    if kind == "GetNode":
        names = as_list(raw.get("widgets_values"))
        found = scope.find_set_node(str(names[0])) if names else None
        return (found[0], _first_link(found[1])) if found else None
    if kind == "PrimitiveNode":
        values = as_list(raw.get("widgets_values"))
        return Constant(values[0], raw, "0") if values else None
    return Link(f"{scope.prefix}{origin}", slot)


def _first_link(raw: dict[str, Any]) -> Any:  # noqa: ANN401 - a link's id
    entries = [as_mapping(entry) for entry in as_list(raw.get("inputs"))]
    return entries[0].get("link") if entries else None


def _bypass(raw: dict[str, Any], slot: int) -> Any:  # noqa: ANN401 - a link's id
    """Return the id of the link that a bypassed node connects to its output `slot`; None if there is none.

    The link enters the first linked input that has the type of the output. The input with the number `slot`
    is tried first.
    """
    outputs = [as_mapping(one) for one in as_list(raw.get("outputs"))]
    if not 0 <= slot < len(outputs):
        return None
    kind = str(outputs[slot].get("type"))
    entries = [as_mapping(one) for one in as_list(raw.get("inputs"))]
    candidates = entries[slot : slot + 1] + entries
    return next(
        (
            one["link"]
            for one in candidates
            if one.get("link") is not None and fits(str(one.get("type")), kind)
        ),
        None,
    )


def _declared_name(scope: Scope, slot: int) -> str | None:
    """Return the name of the input number `slot` of a subgraph; None if there is none."""
    declared = as_list(scope.raw.get("inputs"))
    return str(as_mapping(declared[slot]).get("name")) if 0 <= slot < len(declared) else None


def _instance_input(scope: Scope, slot: int) -> dict[str, Any]:
    """Return the JSON object that describes the subgraph's input number `slot` in the subgraph's instance.

    The result is empty if the instance has no such input.
    """
    name = _declared_name(scope, slot)
    for entry in as_list((scope.instance or {}).get("inputs")):
        if isinstance(entry, dict) and entry.get("name") == name:
            return entry
    return {}


def _value_inside(scope: Scope, link: Any, schemas: Schemas) -> Constant | None:  # noqa: ANN401 - a link's id
    """Return the value of a subgraph input that gets no value from outside the subgraph.

    The value is that of the first widget inside the subgraph to which the subgraph input is linked. All other
    inputs that are linked to the subgraph input get the same value. None if there is no such widget, or if
    `link` does not start at a subgraph input.
    """
    origin, slot, _, _ = scope.links[link]
    if origin != INPUTS_ID:
        return None
    for target, place in (ends[2:] for ends in scope.links.values() if ends[:2] == (INPUTS_ID, slot)):
        raw = scope.nodes.get(target, {})
        entries = as_list(raw.get("inputs"))
        name = as_mapping(entries[place]).get("name") if 0 <= place < len(entries) else None
        values = named_values(raw, schemas.get(str(raw.get("type"))))
        if name in values:
            return Constant(values[name], raw, str(name))
    return None


def _promoted_value(scope: Scope, slot: int) -> Constant | None:
    """Return the value that a subgraph's instance stores for the subgraph's input number `slot`.

    None if the instance stores no value. The value of the widget inside the subgraph is then used.
    """
    instance = scope.instance or {}
    name = _declared_name(scope, slot)
    if name is None:
        return None
    named = as_mapping(instance.get("widgets_values_named"))
    if name in named:
        return Constant(named[name], instance, name)
    names, values = instance_names(instance, scope.raw), as_list(instance.get("widgets_values"))
    if name in names and values[names.index(name)] is not None:
        return Constant(values[names.index(name)], instance, name)
    return None
