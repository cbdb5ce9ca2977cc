"""Widget values of the UI format, which have positions in the file and names everywhere else.

Observed in the front end: RandomNoise stores [42, "randomize"], one value more than it has inputs. LoadImage
stores [file, "image"], LoadAudio [file, null, ""], and VideoHelperSuite an object.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lipwright.workflow.graph import Link, Node
from lipwright.workflow.schemas import WIDGET_TYPES, InputSpec, NodeSchema, as_mapping, read_input

CONTROLS = frozenset({"fixed", "randomize", "increment", "decrement"})


def widget_names(schema: NodeSchema, values: list[Any] | tuple[Any, ...]) -> list[str | None]:
    """Return the name of the input that each widget value belongs to; None for the front end's own values.

    Args:
        schema: Schema of the node.
        values: The node's widget values; the value of a dynamic choice determines which inputs follow.
    """
    names: list[str | None] = []
    for spec in schema.inputs.values():
        if not spec.is_widget:
            continue
        names.append(spec.name)
        if spec.type == "COMFY_DYNAMICCOMBO_V3":
            chosen = values[len(names) - 1] if len(names) <= len(values) else None
            names += [f"{spec.name}.{name}" for name in _group_widgets(spec, chosen)]
        elif spec.flag("control_after_generate") or spec.name in ("seed", "noise_seed"):
            names += [None] if _is_control(values, len(names)) else []
        else:
            names += [None] * len(_companions(spec))
    return names


def _is_control(values: list[Any] | tuple[Any, ...], place: int) -> bool:
    return place < len(values) and isinstance(values[place], str) and values[place] in CONTROLS


def _companions(spec: InputSpec) -> list[Any]:
    """Return the entries that the front end stores for its own widgets after the value of an input."""
    if spec.flag("control_after_generate"):
        return ["fixed"]
    if spec.flag("image_upload"):
        return ["image"]
    return [None, ""] if spec.flag("audio_upload") else []


def widget_values(node: Node) -> list[Any] | dict[str, Any]:
    """Return the widget values of a node as the front end stores them."""
    if any(spec.flag("formats") for spec in node.schema.inputs.values()):  # VideoHelperSuite
        return {name: value for name, value in node.inputs.items() if not isinstance(value, Link)}
    values: list[Any] = []
    for spec in node.schema.widgets:
        value = node.inputs.get(spec.name, spec.default)
        values += [spec.default if isinstance(value, Link) else value, *_companions(spec)]
    return values


def _group_widgets(spec: InputSpec, chosen: object) -> list[str]:
    """Return the names of the widgets that an input with a dynamic group adds if `chosen` is selected."""
    for group in spec.flag("groups") or ():
        if group.get("key") == chosen:
            parts = as_mapping(group.get("inputs"))
            entries = {**as_mapping(parts.get("required")), **as_mapping(parts.get("optional"))}
            return [
                name for name, entry in entries.items() if read_input(name, entry, required=True).is_widget
            ]
    return []


def named_values(raw: Mapping[str, Any], schema: NodeSchema | None) -> dict[str, Any]:
    """Return the widget values of a node; a key is the name of an input.

    The names are those in the file, if the file stores values with names. Otherwise, the names follow from
    the positions of the values.
    """
    values = raw.get("widgets_values")
    named = raw.get("widgets_values_named")
    if isinstance(named, dict) and named:
        known = {str(name): value for name, value in named.items()}
        return {name: value for name, value in known.items() if not _is_decoration(name, schema)}
    if isinstance(values, dict):
        return {str(name): value for name, value in values.items() if not _is_decoration(str(name), schema)}
    if not isinstance(values, list) or schema is None:
        return {}
    names = widget_names(schema, values)
    return {name: value for name, value in zip(names, values, strict=False) if name is not None}


def _is_decoration(name: str, schema: NodeSchema | None) -> bool:
    """Return True for the name of an entry that belongs to the front end only."""
    if name in ("videopreview", "control_after_generate", "fixed"):
        return True
    return name in ("upload", "audioUI") and (schema is None or name not in schema.inputs)


def instance_names(instance: Mapping[str, Any], definition: Mapping[str, Any]) -> list[str | None]:
    """Return the subgraph input of each widget value of an instance.

    Versions of the front end have used two orders: that of the subgraph's inputs, and that of `proxyWidgets`.
    In `proxyWidgets`, -1 denotes an input of the subgraph. Any other number is the id of a node inside the
    subgraph. The value of that node's widget is stored in the node, not in the instance.

    Args:
        instance: The node that is the instance.
        definition: The definition of the subgraph.

    Returns:
        For each widget value, the name of the subgraph input, or None if the value belongs to a node inside
        the subgraph. Empty if neither order fits.
    """
    values = instance.get("widgets_values")
    count = len(values) if isinstance(values, list) else 0
    properties = instance.get("properties")
    proxies = properties.get("proxyWidgets") if isinstance(properties, Mapping) else None
    listed = proxies if isinstance(proxies, list) else []
    pairs = [one for one in listed if isinstance(one, list) and len(one) == 2]
    inner = [str(name) if str(owner) == "-1" else None for owner, name in pairs]
    if any(inner) and count <= len(inner):
        return inner[:count]
    declared = definition.get("inputs")
    own = [one for one in declared if isinstance(one, Mapping)] if isinstance(declared, list) else []
    names = [str(one.get("name")) for one in own if str(one.get("type")) in WIDGET_TYPES]
    return list(names) if len(names) == count else []


def place_of(raw: Mapping[str, Any], schema: NodeSchema | None, name: str) -> int | None:
    """Return the position of an input in a node's list of widget values; None if it is not in the list."""
    values = raw.get("widgets_values")
    if not isinstance(values, list):
        return None
    if schema is not None:
        names: list[str | None] = widget_names(schema, values)
    else:
        named = raw.get("widgets_values_named")
        names = list(named) if isinstance(named, dict) and len(named) == len(values) else []
    places = [place for place, other in enumerate(names) if other == name and place < len(values)]
    return places[0] if places else None
