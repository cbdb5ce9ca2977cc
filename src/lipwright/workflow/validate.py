"""Validate an API graph against node schemas, as the server does before it runs one, but stricter.

The server silently rounds a length of 24 frames to 17 and a width of 140 to 128, and ignores inputs that it
does not know; here these are problems.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lipwright.workflow.schemas import (
    DYNAMIC_TYPES,
    InputSpec,
    NodeSchema,
    Schemas,
    fits,
    read_input,
)

ProblemKind = Literal[
    "unknown-node",
    "required-input-missing",
    "unknown-input",
    "bad-link",
    "return-type-mismatch",
    "value-type",
    "value-range",
    "value-step",
    "value-not-in-list",
    "model-file-missing",
    "cycle",
    "no-output",
    "malformed",
]

MAX_NUMBER = 1e30
"""No input accepts a larger number, or NaN."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One way in which a graph does not fit the schemas."""

    kind: ProblemKind
    node: str
    input: str
    text: str

    def __str__(self) -> str:
        place = f"node {self.node}" if self.node else "the graph"
        return f"{place}{f', {self.input}' if self.input else ''}: {self.text}"


def validate(api: Mapping[str, Any], schemas: Schemas) -> tuple[Problem, ...]:
    """Return everything in an API graph that the schemas do not allow.

    Args:
        api: Node ids to class_type and inputs.
        schemas: Schemas of the server that will run it, or the bundled ones.
    """
    return tuple(_problems(api, schemas))


def _problems(api: Mapping[str, Any], schemas: Schemas) -> Iterator[Problem]:
    known: dict[str, NodeSchema] = {}
    has_output = False
    for key, node in api.items():
        if not isinstance(node, Mapping) or not isinstance(node.get("inputs", {}), Mapping):
            yield Problem("malformed", str(key), "", "it is not a node: class_type and inputs are expected")
            continue
        schema = schemas.get(str(node.get("class_type")))
        if schema is None:
            yield Problem("unknown-node", str(key), "", f"there is no node {node.get('class_type')!r}")
            continue
        known[str(key)] = schema
        has_output = has_output or schema.is_output
    for key, schema in known.items():
        yield from _node_problems(key, api[key].get("inputs", {}), schema, api, known)
    if not has_output:
        yield Problem("no-output", "", "", "no node of the graph writes a result")
    for key in _in_cycles(api):
        yield Problem("cycle", key, "", "it depends on itself")


def _node_problems(
    key: str,
    inputs: Mapping[str, Any],
    schema: NodeSchema,
    api: Mapping[str, Any],
    known: Mapping[str, NodeSchema],
) -> Iterator[Problem]:
    for name, spec in schema.inputs.items():
        given = name in inputs or (
            spec.type in DYNAMIC_TYPES and any(other.startswith(f"{name}.") for other in inputs)
        )
        if spec.required and not given:
            yield Problem("required-input-missing", key, name, f"{schema.name} needs it")
    for name, value in inputs.items():
        found = find_input(schema, name, inputs)
        if found is None:
            yield Problem("unknown-input", key, name, f"{schema.name} has no such input")
        elif is_link(value):
            yield from _link_problems(key, found, value, api, known)
        else:
            yield from (Problem(kind, key, name, text) for kind, text in value_problems(found, value))


def find_input(schema: NodeSchema, name: str, inputs: Mapping[str, Any]) -> InputSpec | None:
    """Return the input of that name, including those that depend on a choice made in another one.

    Dynamic groups ("num_images.strength_1") accept anything; VideoHelperSuite's formats add inputs of their
    own.
    """
    spec = schema.inputs.get(name)
    if spec is not None:
        return spec
    head = schema.inputs.get(name.partition(".")[0])
    if head is not None and head.type in DYNAMIC_TYPES:
        return InputSpec(name, "*")
    for parent in schema.inputs.values():
        formats = parent.flag("formats")
        chosen = inputs.get(parent.name)
        if isinstance(formats, Mapping) and isinstance(chosen, str):
            widgets = formats.get(chosen)
            for widget in widgets if isinstance(widgets, list) else ():
                if isinstance(widget, list) and len(widget) > 1 and widget[0] == name:
                    return read_input(name, widget[1:], required=True)
    return None


def is_link(value: object) -> bool:
    """Return True for [node id, slot]."""
    return (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str)
        and isinstance(value[1], int)
        and not isinstance(value[1], bool)
    )


def _link_problems(
    key: str, spec: InputSpec, value: list[Any], api: Mapping[str, Any], known: Mapping[str, NodeSchema]
) -> Iterator[Problem]:
    source, slot = value
    if source not in api:
        yield Problem("bad-link", key, spec.name, f"it comes from node {source}, which does not exist")
        return
    schema = known.get(source)
    if schema is None:
        return  # already reported
    if not 0 <= slot < len(schema.outputs):
        yield Problem("bad-link", key, spec.name, f"node {source} ({schema.name}) has no output {slot}")
    elif not fits(schema.outputs[slot], spec.type):
        text = f"{spec.type} is expected, node {source} ({schema.name}) gives {schema.outputs[slot]}"
        yield Problem("return-type-mismatch", key, spec.name, text)


def value_problems(spec: InputSpec, value: object) -> Iterator[tuple[ProblemKind, str]]:
    """Yield the problems of a value typed into an input."""
    if not spec.is_widget and spec.type not in DYNAMIC_TYPES and spec.type != "*":
        yield "value-type", f"{spec.type} must come from another node, not be typed in"
    elif spec.type == "COMBO":
        yield from _choice_problems(spec, value)
    elif spec.type == "STRING" and not isinstance(value, str):
        yield "value-type", f"a text is expected, got {value!r}"
    elif spec.type == "BOOLEAN" and not isinstance(value, bool):
        yield "value-type", f"true or false is expected, got {value!r}"
    elif spec.type in ("INT", "FLOAT") or spec.widget_type == "FLOAT":
        yield from _number_problems(spec, value)


def _choice_problems(spec: InputSpec, value: object) -> Iterator[tuple[ProblemKind, str]]:
    options = spec.options or ()
    if spec.lists_files:
        if not isinstance(value, str) or not value:
            yield "value-type", f"the name of a file is expected, got {value!r}"
        elif (
            options and value not in options and not (spec.flag("image_upload") or spec.flag("audio_upload"))
        ):
            yield "model-file-missing", f"the server has no {value!r}"
    elif value not in options:
        shown = ", ".join(map(str, options[:8])) + (", ..." if len(options) > 8 else "")
        yield "value-not-in-list", f"one of {shown} is expected, got {value!r}"


def _number_problems(spec: InputSpec, value: object) -> Iterator[tuple[ProblemKind, str]]:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -MAX_NUMBER < value < MAX_NUMBER:
        yield "value-type", f"a number is expected, got {value!r}"
        return
    if spec.type == "INT" and not isinstance(value, int):
        yield "value-type", f"a whole number is expected, got {value!r}"
        return
    if spec.minimum is not None and value < spec.minimum:
        yield "value-range", f"{value:g} is below {spec.minimum:g}"
    if spec.maximum is not None and value > spec.maximum:
        yield "value-range", f"{value:g} is above {spec.maximum:g}"
    # The server silently rounds widths and lengths that are off the step.
    if spec.type == "INT" and spec.step and spec.step > 1 and (value - (spec.minimum or 0)) % spec.step:
        first = int(spec.minimum or 0)
        yield "value-step", f"{value} is not {first} plus a multiple of {spec.step:g}"


def _in_cycles(api: Mapping[str, Any]) -> list[str]:
    """Return the nodes on cycles: those left when nodes without sources or users are removed in turn."""
    sources: dict[str, set[str]] = {}
    for key, node in api.items():
        inputs = node.get("inputs") if isinstance(node, Mapping) else None
        values = inputs.values() if isinstance(inputs, Mapping) else ()
        sources[str(key)] = {value[0] for value in values if is_link(value) and value[0] in api}
    for direction in (sources, _reversed(sources)):
        left = {key: set(direction[key]) & set(sources) for key in sources}
        free = [key for key, needs in left.items() if not needs]
        users = _reversed(left)
        while free:
            done = free.pop()
            del left[done]
            for user in users.get(done, ()):
                if user in left:
                    left[user].discard(done)
                    if not left[user]:
                        free.append(user)
        sources = {key: sources[key] for key in left}
    return sorted(sources)


def _reversed(edges: Mapping[str, set[str]]) -> dict[str, set[str]]:
    turned: dict[str, set[str]] = {key: set() for key in edges}
    for key, others in edges.items():
        for other in others:
            if other in turned:
                turned[other].add(key)
    return turned
