"""Build a graph node by node; a value or link that the schemas do not allow raises an error immediately."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lipwright.domain.finding import Finding
from lipwright.errors import PlanError
from lipwright.workflow.graph import Graph, Group, Link, Node, Value, is_clip
from lipwright.workflow.missing_parts import FOLDERS, OWN_PACK, MissingParts
from lipwright.workflow.recipe_inputs import WorkflowInputs
from lipwright.workflow.schemas import DYNAMIC_TYPES, InputSpec, NodeSchema, Schemas, bundled, fits

MAX_NUMBER = 1e30
"""Limit of the absolute value of a number in an input; NaN is refused, too."""


@dataclass(frozen=True, slots=True)
class Handle:
    """A node that was added to a graph; `out` selects one of its outputs by type, name or index."""

    id: str
    schema: NodeSchema

    def out(self, output: str | int) -> Link:
        """Return one output, by type, name or index.

        Raises:
            PlanError: the node has no such output, or several of this type.
        """
        if isinstance(output, int):
            slots = [output] if output < len(self.schema.outputs) else []
        else:
            slots = [slot for slot, name in enumerate(self.schema.output_names) if name == output] or [
                slot for slot, kind in enumerate(self.schema.outputs) if kind == output
            ]
        if len(slots) != 1:
            raise PlanError(
                f"node {self.schema.name} must have exactly one output {output!r}, but has {len(slots)}",
                hint=f"update the pack {self.schema.pack}; the installed node has the outputs "
                f"{', '.join(self.schema.outputs)}",
            )
        return Link(self.id, slots[0])


Output = Link | Handle
"""An output of a node, or a node with a single output."""


class Builder:
    """A graph being built.

    Args:
        inputs: The inputs of the recipe.
        recipe: Name of the recipe.
        server: Node classes of the server that will run the graph; None to use the bundled classes, except
            for lipwright's own nodes.
    """

    def __init__(self, inputs: WorkflowInputs, recipe: str, server: Schemas | None = None) -> None:
        self.inputs, self.recipe = inputs, recipe
        self._server = server
        self._nodes: dict[str, Node] = {}
        self._findings: list[Finding] = []
        self._input_files: dict[str, None] = {}
        self._model_files: dict[str, None] = {}
        self._missing_nodes: dict[str, None] = {}
        self._missing_files: dict[str, None] = {}

    def has(self, class_type: str) -> bool:
        """Return True if the server has a node class.

        Without a server, the bundled classes count as present, except for those of lipwright's own pack.
        """
        if self._server is not None:
            return class_type in self._server
        return class_type in bundled() and bundled()[class_type].pack != OWN_PACK

    def add(
        self, class_type: str, group: Group, title: str = "", *, note: str = "", **inputs: Value | Handle
    ) -> Handle:
        """Add one node. Ids are consecutive numbers.

        Args:
            class_type: Name of the node's class. If the server lacks it, the finished graph lists it in
                `missing`.
            group: Group in which the node is laid out.
            title: Displayed title; if empty, the title of the class.
            note: Explanation of the critical values. In the group of a clip, the note is omitted if an
                earlier node has the same note.
            inputs: Values, or outputs of nodes that were added before. An omitted input gets the default
                value from the server's schema, if there is one.

        Raises:
            PlanError: a link has the wrong type, a value is out of range or not on a step of its input, or an
                input is missing or unknown.
        """
        schema = (bundled() if self._server is None else self._server).get(class_type)
        if schema is None:
            self._missing_nodes[class_type] = None
            schema = bundled()[class_type]
        given = {name: _resolve(schema, name, value) for name, value in inputs.items()}
        values = {name: given[name] for name in schema.inputs if name in given} | given
        for name, value in values.items():
            self._check(schema, name, value, values)
        for name, spec in schema.inputs.items():
            if name in values:
                continue
            if spec.is_widget and spec.default is not None:
                values[name] = spec.default
            elif spec.required:
                raise _refused(schema, name, "the value is missing")
        if is_clip(group) and any(node.note == note for node in self._nodes.values()):
            note = ""
        key = str(len(self._nodes) + 1)
        self._nodes[key] = Node(key, schema, values, title, group, note)
        return Handle(key, schema)

    def add_finding(self, finding: Finding) -> None:
        """Add a finding to the finished graph; the user will see it."""
        self._findings.append(finding)

    def graph(self, output: Handle) -> Graph:
        """Return the finished graph; `output` is the node that writes the graph's result."""
        return Graph(
            self._nodes,
            self.recipe,
            output.id,
            self.inputs.filename_prefix,
            tuple(self._findings),
            tuple(self._input_files),
            tuple(self._model_files),
            MissingParts(tuple(self._missing_nodes), tuple(self._missing_files)),
        )

    def _check(self, schema: NodeSchema, name: str, value: Value, values: Mapping[str, Value]) -> None:
        spec = schema.find_input(name, values)
        if spec is None:
            raise _refused(schema, name, "the node has no such input")
        if isinstance(value, Link):
            source = self._nodes[value.node].schema
            if not fits(source.outputs[value.slot], spec.type):
                raise _refused(
                    schema,
                    name,
                    f"{spec.type} is expected, but {source.name} gives {source.outputs[value.slot]}",
                )
            return
        problem = _value_problem(spec, value)
        if problem:
            raise _refused(schema, name, problem)
        if spec.type == "COMBO" and spec.lists_files and isinstance(value, str):
            (self._input_files if spec.is_uploaded else self._model_files)[value] = None
            is_known = name in FOLDERS and spec.options is not None
            if is_known and not spec.is_uploaded and value not in (spec.options or ()):
                self._missing_files[f"models/{FOLDERS[name]}/{value}"] = None


def _resolve(schema: NodeSchema, name: str, value: Value | Handle) -> Value:
    if not isinstance(value, Handle):
        return value
    if len(value.schema.outputs) == 1:
        return Link(value.id, 0)
    spec = schema.inputs.get(name)
    return value.out(spec.type if spec else name)


def _refused(schema: NodeSchema, name: str, text: str) -> PlanError:
    return PlanError(
        f"node {schema.name}, input {name}: {text}",
        hint="change the value; if the value is right, the server has a version of the node pack that "
        "lipwright does not support",
    )


def _value_problem(spec: InputSpec, value: object) -> str:
    """Return why an input refuses a value; empty if it accepts the value."""
    if not spec.is_widget and spec.type not in DYNAMIC_TYPES and spec.type != "*":
        return f"{spec.type} must come from another node, not be typed in"
    if spec.type == "COMBO":
        return _choice_problem(spec, value)
    if spec.type == "STRING" and not isinstance(value, str):
        return f"a text is expected, got {value!r}"
    if spec.type == "BOOLEAN" and not isinstance(value, bool):
        return f"true or false is expected, got {value!r}"
    if spec.type in ("INT", "FLOAT") or spec.widget_type == "FLOAT":
        return _number_problem(spec, value)
    return ""


def _choice_problem(spec: InputSpec, value: object) -> str:
    options = spec.options or ()
    if spec.lists_files:
        is_name = isinstance(value, str) and value
        return "" if is_name else f"the name of a file is expected, got {value!r}"
    if value in options:
        return ""
    shown = ", ".join(map(str, options[:8])) + (", ..." if len(options) > 8 else "")
    return f"one of {shown} is expected, got {value!r}"


def _number_problem(spec: InputSpec, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -MAX_NUMBER < value < MAX_NUMBER:
        return f"a number is expected, got {value!r}"
    if spec.type == "INT" and not isinstance(value, int):
        return f"a whole number is expected, got {value!r}"
    if spec.minimum is not None and value < spec.minimum:
        return f"{value:g} is below {spec.minimum:g}"
    if spec.maximum is not None and value > spec.maximum:
        return f"{value:g} is above {spec.maximum:g}"
    # The server silently rounds widths and lengths that are not on a step.
    if spec.type == "INT" and spec.step and spec.step > 1 and (value - (spec.minimum or 0)) % spec.step:
        return f"{int(spec.minimum or 0)} plus a multiple of {spec.step:g} is expected, got {value}"
    return ""
