"""Links of a graph, for the lint rules: which nodes run, what feeds each node, and where values are typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lipwright.domain.finding import FindingType, Severity
from lipwright.workflow.edits import GraphFinding, SetValue
from lipwright.workflow.flat import FlatGraph, FlatNode
from lipwright.workflow.graph import Link
from lipwright.workflow.lint.constants import Constants
from lipwright.workflow.schemas import ANY, fits

AUDIO_INPUTS = ("audio", "audio1", "audio_1", "waveform")
"""Names of the inputs whose audio an unknown node is assumed to pass on; `reference_audio` is not among
them."""

SAME_QUANTITY = {
    **dict.fromkeys(("frames_number", "num_frames", "frames", "frame_count"), "length"),
    **dict.fromkeys(("frame_rate", "video_fps"), "fps"),
}
"""For each alternative name of an input: its standard name."""

MIXABLE_TYPES = ("LATENT", "MODEL")
"""Types that a node may mix: if it has several inputs of such a type, none of them is followed."""

MAX_LINE = 300
"""Maximum number of nodes through which a value is followed, more than in any real graph."""
MAX_PASSES = 20


class GraphLinks(Constants):
    """A graph with resolved switches: which of its nodes run, and which nodes feed each node."""

    def __init__(self, graph: FlatGraph) -> None:
        super().__init__(graph)
        read = {link.node for node in graph.nodes.values() for link in node.links.values()}
        nodes = {
            node.id: replace(node, links={name: self.follow(link) for name, link in node.links.items()})
            for node in graph.nodes.values()
        }
        self.graph = replace(graph, nodes=nodes)
        """The graph; its links skip nodes without effect, and switches whose chosen branch is known."""
        self.unjudged: dict[str, None] = {}
        """Descriptions of what the rules could not judge, as an ordered set."""
        self._bits = {key: 1 << place for place, key in enumerate(nodes)}
        self._above = self._find_above()
        self._live = self._find_live(read)
        self._by_class: dict[str, list[FlatNode]] = {}
        self._readers: dict[str, list[tuple[FlatNode, str]]] = {}
        for node in nodes.values():
            if node.id in self._live:
                self._by_class.setdefault(node.class_type, []).append(node)
                for name, link in node.links.items():
                    self._readers.setdefault(link.node, []).append((node, name))

    def _find_above(self) -> dict[str, int]:
        """Return, for each node id, all nodes on which that node depends, as a bit mask (see `_bits`)."""
        above = dict.fromkeys(self.graph.nodes, 0)
        order = self._sources_first()
        for _ in range(MAX_PASSES):  # one pass suffices unless links run in circles
            changed = False
            for key in order:
                found = above[key]
                for link in self.graph.nodes[key].links.values():
                    if link.node in above:
                        found |= self._bits[link.node] | above[link.node]
                changed = changed or found != above[key]
                above[key] = found
            if not changed:
                break
        return above

    def _sources_first(self) -> list[str]:
        order: list[str] = []
        state: dict[str, int] = {}
        for start in self.graph.nodes:
            waiting = [start]
            while waiting:
                key = waiting[-1]
                if state.get(key) or key not in self.graph.nodes:
                    waiting.pop()
                    if state.get(key) == 1:
                        state[key] = 2
                        order.append(key)
                    continue
                state[key] = 1
                waiting += {link.node for link in self.graph.nodes[key].links.values()} - state.keys()
        return order

    def _find_live(self, read: set[str]) -> frozenset[str]:
        """Return the ids of the nodes that the server runs: outputs and the nodes on which they depend.

        Args:
            read: Ids of the nodes that other nodes read, including those in unused branches of switches.
        """
        nodes = self.graph.nodes
        ends = [
            node.id
            for node in nodes.values()
            if (node.schema is not None and node.schema.is_output)
            or (node.schema is None and node.id not in read)
        ]
        if not ends:
            return frozenset(nodes)
        live = 0
        for key in ends:
            live |= self._bits[key] | self._above[key]
        return frozenset(key for key in nodes if live & self._bits[key])

    def of(self, *class_types: str) -> Iterator[FlatNode]:
        """Yield the nodes of the given classes that the server runs."""
        for class_type in dict.fromkeys(class_types):
            yield from self._by_class.get(class_type, ())

    def judged_number(self, node: FlatNode, name: str) -> float | None:
        """Return the constant number of an input; None if it is unknown.

        If the input is linked and its number is unknown, the input is added to `unjudged`.
        """
        number = self.number(node, name)
        if number is None and name in node.links:
            self.unjudged[f"{name} of {node.label}"] = None
        return number

    def wrong_value(
        self,
        finding: FindingType,
        node: FlatNode,
        name: str,
        right: object = None,
        *,
        severity: Severity | None = None,
        **fields: Any,  # noqa: ANN401 - numbers and texts
    ) -> GraphFinding:
        """Return a finding about the value of an input.

        Args:
            finding: Type of the finding.
            node: The node with the input.
            name: Name of the input.
            right: The value that fixes the finding; None if a person has to decide.
            severity: Severity of the finding; None for the usual severity of its type.
            fields: Fields of the finding's texts, besides `name`.
        """
        edits = () if right is None else self.set_value(node, name, right)
        where = node.place(name)
        return GraphFinding(finding(where=where, severity=severity, name=name, **fields), edits)

    def set_value(self, node: FlatNode, name: str, value: object) -> tuple[SetValue, ...]:
        """Return the edit that changes the typed-in value of an input.

        There is no edit if the value is calculated, or typed into a node that also feeds inputs with a
        different meaning.
        """
        holder = self.holder(node, name)
        if holder is None or len(self._meanings(node, *holder)) > 1:
            return ()
        return (SetValue(holder[0].id, holder[1], value),)

    def _meanings(self, node: FlatNode, holder: FlatNode, widget: str) -> set[str]:
        """Return what a value means to the inputs that it feeds: "prompt", or names such as "length"."""
        readers = self.readers(holder) if holder.id != node.id else []
        place = holder.passed_down.get(widget)
        if place is not None:  # a widget of a subgraph, which may feed several nodes in it
            readers = [
                (other, name)
                for other in self.graph.nodes.values()
                for name, (raw, key) in other.passed_down.items()
                if raw is place[0] and key == place[1]
            ]
        found = set()
        for reader, name in readers:
            if any(word in reader.class_type for word in ("Show", "Preview")):
                continue
            is_prompt = "TextEncode" in reader.class_type
            found.add("prompt" if is_prompt else SAME_QUANTITY.get(name, name))
        return found

    def readers(self, node: FlatNode) -> list[tuple[FlatNode, str]]:
        """Return the nodes that a node feeds, with the names of their inputs."""
        return self._readers.get(node.id, [])

    def above(self, node: FlatNode, *class_types: str) -> list[FlatNode]:
        """Return the nodes of the given classes on which a node depends, directly or indirectly."""
        found = self._above[node.id]
        return [one for one in self.of(*class_types) if self._bits[one.id] & found]

    def depth(self, node: FlatNode) -> int:
        """Return the number of nodes on which a node depends, directly or indirectly."""
        return self._above[node.id].bit_count()

    def main_input(self, node: FlatNode, kind: str, slot: int = 0) -> Link | None:
        """Return the input link that a node passes on to output `slot`, of type `kind`; None if unknown."""
        if self._is_undecided(node):
            return None
        named = self.inputs_of_type(node, kind)
        outputs = [place for place, given in enumerate(node.output_types) if given == kind]
        if len(outputs) > 1 and slot in outputs and len(named) == len(outputs):
            return node.links[named[outputs.index(slot)]]
        if len(named) > 1 and kind in MIXABLE_TYPES:
            return None
        return node.links[named[0]] if named else None

    def _is_undecided(self, node: FlatNode) -> bool:
        """Return True for a switch whose chosen branch is unknown, and add the switch to `unjudged`."""
        undecided = self.is_undecided_switch(node)
        if undecided:
            self.unjudged[f"which branch {node.label} takes"] = None
        return undecided

    def inputs_of_type(self, node: FlatNode, kind: str) -> list[str]:
        """Return the names of the linked inputs that take type `kind`.

        If a node does not declare the type of an input, the type of the linked output is used. If the class
        of `node` is unknown, and one of the inputs has the name of the type ("latent" for LATENT), only this
        input is returned.
        """
        found = [
            name
            for name, link in node.links.items()
            if fits(node.input_types.get(name) or self._output_type(link), kind)
        ]
        called_so = [name for name in found if name == kind.lower()] if node.schema is None else []
        return called_so if len(called_so) == 1 else found

    def _output_type(self, link: Link) -> str:
        source = self.graph.nodes.get(link.node)
        types = source.output_types if source is not None else ()
        return types[link.slot] if 0 <= link.slot < len(types) else ANY

    def line(self, node: FlatNode, name: str, kind: str) -> Iterator[FlatNode]:
        """Yield the nodes through which a value of type `kind` reaches an input, the nearest first."""
        link = node.links.get(name)
        for _ in range(MAX_LINE):
            at = self.graph.nodes.get(link.node) if link else None
            if at is None or link is None:
                return
            yield at
            if at.schema is None and not at.input_types:  # an unknown node in API format
                if self._is_undecided(at):
                    return
                named = [one for one in at.links if one == kind.lower() or one in AUDIO_INPUTS]
                link = at.links[named[0]] if named else None
            else:
                link = self.main_input(at, kind, link.slot)

    def _keys_above(self, node: FlatNode) -> Iterator[str]:
        found = self._above[node.id]
        return (key for key in self.graph.nodes if self._bits[key] & found)
