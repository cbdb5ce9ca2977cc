"""Node schemas: inputs, types, ranges and outputs from a ComfyUI server's `/object_info`.

The bundled data/nodes.json is the answer of one server (ComfyUI 0.26 with the packs LTXVideo,
VideoHelperSuite and KJNodes) for the nodes that matter here. data/nodes-0.33.json contains the nodes that are
new or different in ComfyUI 0.33. Neither file lists model files, so names of model files are never checked
against them. data/pack.json describes lipwright's own nodes.

Servers are other machines and are not trusted: values of unexpected types in their answers are ignored.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from lipwright.errors import InputError

WIDGET_TYPES = frozenset({"INT", "FLOAT", "STRING", "BOOLEAN", "COMBO"})
"""Types of inputs whose values are typed in rather than linked."""

DYNAMIC_TYPES = frozenset({"COMFY_DYNAMICCOMBO_V3", "COMFY_AUTOGROW_V3", "COMFY_MATCHTYPE_V3"})
"""Types of inputs whose value determines further inputs. The further inputs accept any value."""

ANY = "*"
"""Type of an input or output that fits every type."""

DEFAULT_STEP = 0.5
"""Step assumed for a FLOAT input that has no step. The front end keeps one decimal of such an input, as it
does for a step of 0.5."""

MAX_ROUNDED = 1e12
"""Largest value for which the front end's rounding is checked; no setting of a video is larger."""

MODEL_SUFFIXES = (".safetensors", ".sft", ".gguf", ".ckpt", ".pt", ".pth", ".bin")


@dataclass(frozen=True, slots=True)
class InputSpec:
    """One input of a node."""

    name: str
    type: str
    """Type of the input, such as LATENT, FLOAT or COMBO; "IMAGE,MASK" accepts either type."""
    required: bool = True
    options: tuple[Any, ...] | None = None
    """Choices of a COMBO, empty if the server has no matching file; None if unknown."""
    default: Any = None
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    extra: Mapping[str, Any] | None = None
    """Further properties by name: control_after_generate, image_upload, audio_upload, formats."""

    @property
    def is_widget(self) -> bool:
        """True if the value is typed in, or selects a dynamic group of inputs."""
        return self.type in WIDGET_TYPES or self.type == "COMFY_DYNAMICCOMBO_V3" or bool(self.widget_type)

    @property
    def widget_type(self) -> str:
        """Type of the typed-in value of an input that accepts several types: FLOAT for "FLOAT,INT".

        Empty for inputs of a single type.
        """
        return str(self.flag("widgetType") or "") if "," in self.type else ""

    @property
    def is_uploaded(self) -> bool:
        """True if the input is a COMBO of the files in the server's input folder."""
        return bool(self.flag("image_upload") or self.flag("audio_upload"))

    @property
    def lists_files(self) -> bool:
        """True if the input is a COMBO of files on the server."""
        if self.is_uploaded or not self.options:
            return True
        return any(str(item).endswith(MODEL_SUFFIXES) for item in self.options)

    def flag(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """Return the property `name` from `extra`; None if it is missing."""
        return (self.extra or {}).get(name)

    @property
    def ui_quantum(self) -> float | None:
        """Multiple to which the front end rounds a FLOAT when it loads a graph; None for other types.

        The front end keeps as many decimals as the step of the input has. If the input has no step, the front
        end keeps one decimal: a strength of 0.75 becomes 0.8, and a rate of 23.976 becomes 24 (observed).
        """
        if "FLOAT" not in (self.type, self.widget_type):
            return None
        return float(10.0 ** math.floor(math.log10(self.step or DEFAULT_STEP)))

    def survives_ui(self, value: object) -> bool:
        """Return True if the front end loads this value without changing it."""
        quantum = self.ui_quantum
        if quantum is None or isinstance(value, bool) or not isinstance(value, int | float):
            return True
        if not -MAX_ROUNDED < value < MAX_ROUNDED:  # also true for NaN
            return True
        steps = value / quantum
        return math.isclose(steps, round(steps), rel_tol=0, abs_tol=1e-6 * max(1.0, abs(steps)))


@dataclass(frozen=True, slots=True)
class NodeSchema:
    """A class of nodes, with its inputs and outputs."""

    name: str
    inputs: Mapping[str, InputSpec]
    """Inputs by name, in the server's order: required, then optional."""
    outputs: tuple[str, ...]
    """Types of the outputs."""
    output_names: tuple[str, ...]
    is_output: bool = False
    pack: str = "core"
    """Node pack to which the class belongs; "core" is ComfyUI itself."""
    display_name: str = ""
    experimental: bool = False
    """True if ComfyUI marks the class as experimental."""

    @property
    def widgets(self) -> tuple[InputSpec, ...]:
        """Inputs with typed-in values, in order."""
        return tuple(spec for spec in self.inputs.values() if spec.is_widget)

    def find_input(self, name: str, values: Mapping[str, Any]) -> InputSpec | None:
        """Return the input with this name, even if it depends on the value of another input; None if unknown.

        Two kinds of input depend on the value of another input: the inputs of a dynamic group, such as
        "num_images.strength_1", which are returned with the type ANY; and the additional inputs that nodes of
        VideoHelperSuite have for the chosen video format.
        """
        if name in self.inputs:
            return self.inputs[name]
        head = self.inputs.get(name.partition(".")[0])
        if head is not None and head.type in DYNAMIC_TYPES:
            return InputSpec(name, ANY)
        for parent in self.inputs.values():
            chosen = values.get(parent.name)
            widgets = as_mapping(parent.flag("formats")).get(chosen) if isinstance(chosen, str) else None
            for widget in as_list(widgets):
                if isinstance(widget, list) and len(widget) > 1 and widget[0] == name:
                    return read_input(name, widget[1:], required=True)
        return None


Schemas = Mapping[str, NodeSchema]
"""Node classes by name."""

BUNDLED_VERSIONS = ("0.26", "0.33")
"""Versions of ComfyUI whose schemas are bundled with lipwright; every graph that lipwright builds
fits all of them."""


@cache
def bundled() -> Schemas:
    """Return the bundled schemas, for building and checking graphs.

    They are the schemas of ComfyUI 0.26, plus those of the nodes that only ComfyUI 0.33 has.
    """
    return {**bundled_for("0.33"), **bundled_for("0.26")}


@cache
def bundled_for(version: str) -> Schemas:
    """Return the schemas of one of BUNDLED_VERSIONS."""
    names = ("nodes.json", "pack.json") + (("nodes-0.33.json",) if version == "0.33" else ())
    folder = files("lipwright.workflow").joinpath("data")
    nodes: dict[str, NodeSchema] = {}
    for name in names:
        nodes |= read_object_info(json.loads(folder.joinpath(name).read_text("utf-8")))
    return nodes


def read_object_info(answer: object, *, lists_files: bool = False) -> dict[str, NodeSchema]:
    """Read an answer of `/object_info`; invalid nodes are skipped.

    Args:
        answer: The parsed JSON.
        lists_files: True if the answer comes directly from a server: an empty list of files then means that
            the server's folder is empty. False for a stored answer: its lists may have been emptied.

    Raises:
        InputError: `answer` is not an answer of `/object_info`.
    """
    hint = "give the JSON that a ComfyUI server returns for GET /object_info"
    if not isinstance(answer, Mapping):
        raise InputError("the list of node classes is not a JSON object", hint=hint)
    nodes = {
        str(name): _read_node(str(name), entry, lists_files=lists_files)
        for name, entry in answer.items()
        if isinstance(entry, Mapping) and isinstance(entry.get("input"), Mapping)
    }
    if answer and not nodes:
        raise InputError("the list of node classes contains no valid class", hint=hint)
    return nodes


def _read_node(name: str, entry: Mapping[str, Any], *, lists_files: bool) -> NodeSchema:
    inputs: dict[str, InputSpec] = {}
    for section in ("required", "optional"):
        for key, spec in as_mapping(entry["input"].get(section)).items():
            read = read_input(str(key), spec, required=section == "required")
            inputs[str(key)] = read if read.options or lists_files else replace(read, options=None)
    outputs = tuple("COMBO" if isinstance(kind, list) else str(kind) for kind in as_list(entry.get("output")))
    names = tuple(map(str, as_list(entry.get("output_name"))))
    module = _text(entry.get("python_module"))
    pack = module.removeprefix("custom_nodes.") if "custom_nodes." in module else "core"
    return NodeSchema(
        name,
        inputs,
        outputs,
        names if len(names) == len(outputs) else outputs,
        is_output=bool(entry.get("output_node")),
        pack=_text(entry.get("pack")) or pack,
        display_name=_text(entry.get("display_name")) or name,
        experimental=bool(entry.get("experimental")),
    )


def read_input(name: str, spec: object, *, required: bool) -> InputSpec:
    """Return the specification of an input: its type or choices, and its properties."""
    parts = as_list(spec)
    kind: Any = parts[0] if parts else ANY
    facts = as_mapping(parts[1]) if len(parts) > 1 else {}
    options: tuple[Any, ...] | None = None
    extra = {key: value for key, value in facts.items() if key not in _KNOWN_FACTS}
    if isinstance(kind, list):
        kind, options = "COMBO", tuple(kind)
    elif kind == "COMBO":
        options = tuple(as_list(facts.get("options")))
    elif kind == "COMFY_DYNAMICCOMBO_V3":
        groups = [item for item in as_list(facts.get("options")) if isinstance(item, Mapping)]
        options, extra["groups"] = tuple(item.get("key") for item in groups), groups
    step = _number(facts.get("step"))
    return InputSpec(
        name,
        str(kind),
        required,
        options,
        facts.get("default"),
        _number(facts.get("min")),
        _number(facts.get("max")),
        step if step and step >= MIN_STEP else None,
        extra or None,
    )


MIN_STEP = 1e-9
"""Minimum step of a number input. A smaller step in a schema is ignored: ComfyUI's page does not show that
many decimals, and a division by the step may overflow."""

_KNOWN_FACTS = frozenset({"default", "min", "max", "step", "options"})


def as_mapping(value: object) -> Mapping[str, Any]:
    """Return a value from parsed JSON if it is an object (a mapping), otherwise an empty mapping."""
    return value if isinstance(value, Mapping) else {}


def as_list(value: object) -> list[Any]:
    """Return a value from parsed JSON if it is a list, otherwise an empty list."""
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return value if math.isfinite(value) else None
    except OverflowError:
        return None


def fits(given: str, wanted: str) -> bool:
    """Return True if an output of type `given` may feed an input of type `wanted`."""
    if ANY in (given, wanted) or given in DYNAMIC_TYPES or wanted in DYNAMIC_TYPES:
        return True
    return not set(given.split(",")).isdisjoint(wanted.split(","))
