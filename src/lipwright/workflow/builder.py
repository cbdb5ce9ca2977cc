"""Build a graph node by node; anything that the schemas do not allow is refused at once."""

from __future__ import annotations

from dataclasses import dataclass, field

from lipwright.domain.finding import Finding
from lipwright.errors import EngineUnavailable, PlanError
from lipwright.workflow.graph import Graph, Group, Link, Node, Value, is_clip
from lipwright.workflow.schemas import NodeSchema, Schemas, bundled, fits
from lipwright.workflow.validate import find_input, value_problems


@dataclass(frozen=True, slots=True)
class Handle:
    """A node that was added; outputs are selected by type or name, or by place where types repeat."""

    id: str
    schema: NodeSchema

    def out(self, output: str | int) -> Link:
        """Return one output, by type, name or index.

        Raises:
            PlanError: the node has no such output, or several of that type.
        """
        if isinstance(output, int):
            slots = [output] if output < len(self.schema.outputs) else []
        else:
            slots = [slot for slot, name in enumerate(self.schema.output_names) if name == output] or [
                slot for slot, kind in enumerate(self.schema.outputs) if kind == output
            ]
        if len(slots) != 1:
            raise PlanError(
                f"{self.schema.name} has {len(slots)} outputs named {output!r}",
                hint=f"update the node pack {self.schema.pack}; it gives {', '.join(self.schema.outputs)}",
            )
        return Link(self.id, slots[0])


Input = Value | Handle
"""A value, a link, or a node with one output."""


@dataclass(slots=True)
class Builder:
    """A graph being built."""

    schemas: Schemas
    recipe: str = ""
    _nodes: dict[str, Node] = field(default_factory=dict)
    _findings: list[Finding] = field(default_factory=list)
    _schemas: dict[str, NodeSchema] = field(default_factory=dict)
    _clip_titles: dict[Group, str] = field(default_factory=dict)

    def add(
        self, class_type: str, group: Group, title: str = "", *, note: str = "", **inputs: Input
    ) -> Handle:
        """Add one node; ids are numbers in the order of adding.

        Args:
            class_type: Name of its class on the server.
            group: Group in which it is laid out.
            title: Displayed title; if empty, the class's title.
            note: Explanation of its critical values.
            inputs: Values, or links to nodes added before. Missing choices get the server's default.

        Raises:
            EngineUnavailable: the server has no such node.
            PlanError: a link of the wrong type, a value out of range or off its step, or an
                input that is missing or unknown.
        """
        schema = self.schemas.get(class_type)
        if schema is None:
            raise EngineUnavailable(
                f"the server has no node {class_type}",
                hint=f"install the pack that contains it: {_pack(class_type)}",
            )
        key = str(len(self._nodes) + 1)
        given = {name: self._resolved(schema, name, value) for name, value in inputs.items()}
        values = {name: given[name] for name in schema.inputs if name in given}
        values |= {name: value for name, value in given.items() if name not in values}
        for name, value in values.items():
            self._check(schema, name, value, values)
        for name, spec in schema.inputs.items():
            if name in values:
                continue
            if spec.is_widget and spec.default is not None:
                values[name] = spec.default
            elif spec.required:
                raise _refused(schema, name, "it is missing")
        self._nodes[key] = Node(
            key, class_type, values, title, group, self._new(note) if is_clip(group) else note
        )
        self._schemas[key] = schema
        return Handle(key, schema)

    def _new(self, note: str) -> str:
        """Return a note, or nothing if an earlier clip has the same."""
        return "" if any(node.note == note for node in self._nodes.values()) else note

    def find(self, finding: Finding) -> None:
        """Report a finding to the user of the graph."""
        self._findings.append(finding)

    def name_clip(self, group: Group, title: str) -> None:
        """Give the group of a clip its title."""
        self._clip_titles[group] = title

    def graph(self, output: Handle, filename_prefix: str) -> Graph:
        """Return the finished graph.

        Args:
            output: The node that writes the result.
            filename_prefix: Start of the written file's name.
        """
        return Graph(
            dict(self._nodes),
            self.recipe,
            output.id,
            filename_prefix,
            tuple(self._findings),
            dict(self._clip_titles),
        )

    def _resolved(self, schema: NodeSchema, name: str, value: Input) -> Value:
        if not isinstance(value, Handle):
            return value
        if len(value.schema.outputs) == 1:
            return Link(value.id, 0)
        spec = schema.inputs.get(name)
        return value.out(spec.type if spec else name)

    def _check(self, schema: NodeSchema, name: str, value: Value, values: dict[str, Value]) -> None:
        spec = find_input(schema, name, values)
        if spec is None:
            raise _refused(schema, name, "it has no such input")
        if isinstance(value, Link):
            source = self._schemas.get(value.node)
            if source is None:
                raise _refused(schema, name, f"node {value.node} was not added before")
            if not fits(source.outputs[value.slot], spec.type):
                raise _refused(
                    schema, name, f"{spec.type} is expected, {source.name} gives {source.outputs[value.slot]}"
                )
            return
        for kind, text in value_problems(spec, value):
            if kind == "model-file-missing":
                raise EngineUnavailable(
                    f"{schema.name}: {text}", hint="put the file there, or name another one in a models file"
                )
            raise _refused(schema, name, text)


def _refused(schema: NodeSchema, name: str, text: str) -> PlanError:
    return PlanError(
        f"node {schema.name}, input {name}: {text}",
        hint="change the value; if it is right, the server's node pack is of another version",
    )


def _pack(class_type: str) -> str:
    schema = bundled().get(class_type)
    if schema is not None and schema.pack != "core":
        return schema.pack
    return "a newer ComfyUI" if schema is not None else "unknown to lipwright"
