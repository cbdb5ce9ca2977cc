"""What a ComfyUI server says of its nodes: inputs, types, ranges, choices, outputs.

The bundled copy, data/nodes.json, holds the facts of one server's `/object_info` (ComfyUI 0.26
with the packs LTXVideo, VideoHelperSuite and KJNodes) for the nodes that matter here: names,
types, bounds. Model folders are empty in it, so the names of files are never checked against it.
data/pack.json holds lipwright's own nodes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from lipwright.errors import InputError

WIDGET_TYPES = frozenset({"INT", "FLOAT", "STRING", "BOOLEAN", "COMBO"})
"""Types whose values are typed in rather than linked."""

DYNAMIC_TYPES = frozenset({"COMFY_DYNAMICCOMBO_V3", "COMFY_AUTOGROW_V3", "COMFY_MATCHTYPE_V3"})
"""Types whose further inputs depend on their value; taken as they stand."""

ANY = "*"
"""The type that takes and gives anything."""

DEFAULT_STEP = 0.5
"""What the front end takes for the step of a FLOAT without one; it then keeps one decimal."""


@dataclass(frozen=True, slots=True)
class InputSpec:
    """One input of a node."""

    name: str
    type: str
    """LATENT, FLOAT, COMBO and so on; "IMAGE,MASK" takes either."""
    required: bool = True
    options: tuple[Any, ...] | None = None
    """Choices of a COMBO; None where it is none. Empty where the server has no such file."""
    default: Any = None
    least: float | None = None
    most: float | None = None
    step: float | None = None
    extra: Mapping[str, Any] | None = None
    """The other facts: control_after_generate, image_upload, audio_upload, formats."""

    @property
    def is_widget(self) -> bool:
        """True for a value that is typed in, or the head of a dynamic group."""
        return self.type in WIDGET_TYPES or self.type == "COMFY_DYNAMICCOMBO_V3"

    def flag(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """One of `extra`, or None."""
        return (self.extra or {}).get(name)

    @property
    def ui_quantum(self) -> float | None:
        """To what the front end rounds a FLOAT when it loads a graph; None for other types.

        It keeps as many decimals as the step has, one where there is none: a strength of 0.75
        becomes 0.8, a rate of 23.976 becomes 24 (seen in the front end).
        """
        if self.type != "FLOAT":
            return None
        return float(10.0 ** math.floor(math.log10(self.step or DEFAULT_STEP)))


@dataclass(frozen=True, slots=True)
class NodeSchema:
    """One class of nodes."""

    name: str
    inputs: Mapping[str, InputSpec]
    """In the order in which a server lists them: required, then optional."""
    outputs: tuple[str, ...]
    """Types."""
    output_names: tuple[str, ...]
    is_output: bool = False
    pack: str = "core"
    """The node pack it comes with; core is ComfyUI itself."""
    display_name: str = ""
    experimental: bool = False
    """ComfyUI calls it so, on a badge."""

    @property
    def widgets(self) -> tuple[InputSpec, ...]:
        """Inputs with a value of their own, in order."""
        return tuple(spec for spec in self.inputs.values() if spec.is_widget)


@dataclass(frozen=True, slots=True)
class Schemas:
    """All classes of nodes that a server has."""

    nodes: Mapping[str, NodeSchema]
    bundled: bool = False
    """True for the copy that ships; False for what a server answered."""

    def __contains__(self, name: object) -> bool:
        return name in self.nodes

    def __iter__(self) -> Iterator[str]:
        return iter(self.nodes)

    def get(self, name: str) -> NodeSchema | None:
        """The class of that name, or None."""
        return self.nodes.get(name)


@cache
def bundled() -> Schemas:
    """The schemas that ship with lipwright."""
    folder = files("lipwright.workflow").joinpath("data")
    answers = [json.loads(folder.joinpath(name).read_text("utf-8")) for name in ("nodes.json", "pack.json")]
    return Schemas({**read_object_info(answers[0]).nodes, **read_object_info(answers[1]).nodes}, bundled=True)


def read_object_info(answer: Mapping[str, Any]) -> Schemas:
    """The schemas in an answer of `/object_info`; nodes that make no sense are left out.

    Args:
        answer: The JSON object, class names to descriptions.

    Raises:
        InputError: it is no such answer.
    """
    if not isinstance(answer, Mapping):
        raise InputError(
            "the list of nodes is not a JSON object", hint="give the answer of a server's /object_info"
        )
    nodes = {}
    for name, entry in answer.items():
        if isinstance(entry, Mapping) and isinstance(entry.get("input"), Mapping):
            nodes[str(name)] = _node(str(name), entry)
    if answer and not nodes:
        raise InputError("no node is described in it", hint="give the answer of a server's /object_info")
    return Schemas(nodes)


def _node(name: str, entry: Mapping[str, Any]) -> NodeSchema:
    inputs: dict[str, InputSpec] = {}
    for section in ("required", "optional"):
        for key, spec in (entry["input"].get(section) or {}).items():
            inputs[str(key)] = _input(str(key), spec, required=section == "required")
    outputs = tuple("COMBO" if isinstance(kind, list) else str(kind) for kind in entry.get("output") or ())
    module = str(entry.get("python_module") or "")
    pack = entry.get("pack") or (
        module.removeprefix("custom_nodes.") if "custom_nodes." in module else "core"
    )
    return NodeSchema(
        name,
        inputs,
        outputs,
        tuple(map(str, entry.get("output_name") or outputs)),
        is_output=bool(entry.get("output_node")),
        pack=str(pack),
        display_name=str(entry.get("display_name") or name),
        experimental=bool(entry.get("experimental")),
    )


def _input(name: str, spec: Any, *, required: bool) -> InputSpec:  # noqa: ANN401 - JSON
    kind, facts = (
        (spec[0], spec[1] if len(spec) > 1 else {}) if isinstance(spec, list) and spec else (ANY, {})
    )
    facts = facts if isinstance(facts, Mapping) else {}
    options: tuple[Any, ...] | None = None
    if isinstance(kind, list):
        kind, options = "COMBO", tuple(kind)
    elif kind == "COMBO":
        options = tuple(facts.get("options") or ())
    elif kind == "COMFY_DYNAMICCOMBO_V3":
        options = tuple(item.get("key") for item in facts.get("options") or () if isinstance(item, Mapping))
    known = {"default", "min", "max", "step", "options"}
    extra = {key: value for key, value in facts.items() if key not in known}
    if kind == "COMFY_DYNAMICCOMBO_V3":
        extra["groups"] = facts.get("options")
    return InputSpec(
        name,
        str(kind),
        required,
        options,
        facts.get("default"),
        facts.get("min"),
        facts.get("max"),
        facts.get("step"),
        extra or None,
    )


def fits(given: str, wanted: str) -> bool:
    """True where an output of type `given` may feed an input of type `wanted`."""
    if ANY in (given, wanted) or given in DYNAMIC_TYPES or wanted in DYNAMIC_TYPES:
        return True
    return not set(given.split(",")).isdisjoint(wanted.split(","))


FILE_ENDINGS = (".safetensors", ".sft", ".gguf", ".ckpt", ".pt", ".pth", ".bin")


def is_file_choice(spec: InputSpec) -> bool:
    """True where a COMBO lists the files that a server has."""
    if spec.flag("image_upload") or spec.flag("audio_upload") or not spec.options:
        return True
    return any(str(item).endswith(FILE_ENDINGS) for item in spec.options)
