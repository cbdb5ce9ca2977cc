"""How ComfyUI 0.26 judges a graph before it queues it (its execution.py), from /object_info alone."""

from __future__ import annotations

from typing import Any

Error = dict[str, Any]


def link_of(value: object, graph: dict[str, Any], type_name: str) -> str | None:
    """The node that a link of an AUDIO-like chain comes from: one that loads, trims or joins audio."""
    if not isinstance(value, list):
        return None
    kind = graph[value[0]]["class_type"]
    return value[0] if type_name.lower() in kind.lower() and "VAE" not in kind else None


def validate_prompt(graph: dict[str, Any], nodes: dict[str, Any]) -> tuple[Error | None, dict[str, Any]]:
    """The error of a 400, or None; and the node errors, which also come with a 200."""
    for key, node in graph.items():
        kind = node.get("class_type")
        if kind not in nodes:
            return _error(
                "missing_node_type",
                f"Node '{node.get('_meta', {}).get('title', kind)}' not found. "
                "The custom node may not be installed.",
                f"Node ID '#{key}'",
                {"node_id": key, "class_type": kind},
            ), {}
    outputs = [key for key, node in graph.items() if nodes[node["class_type"]]["output_node"]]
    if not outputs:
        return _error("prompt_no_outputs", "Prompt has no outputs", "", {}), {}
    node_errors: dict[str, Any] = {}
    good = [key for key in outputs if _valid(key, graph, nodes, node_errors, set())]
    if good:
        return None, node_errors
    details = "\n".join(e["message"] for found in node_errors.values() for e in found["errors"])
    return _error(
        "prompt_outputs_failed_validation", "Prompt outputs failed validation", details, {}
    ), node_errors


def _valid(
    key: str, graph: dict[str, Any], nodes: dict[str, Any], node_errors: dict[str, Any], seen: set[str]
) -> bool:
    if key in seen:
        return key not in node_errors
    seen.add(key)
    node, schema = graph[key], nodes[graph[key]["class_type"]]
    specs = [
        (name, spec, section == "required")
        for section in ("required", "optional")
        for name, spec in (schema["input"].get(section) or {}).items()
    ]
    errors, valid = [], True
    for name, spec, required in specs:
        if name not in node["inputs"]:
            if required:
                errors.append(
                    _error("required_input_missing", "Required input is missing", name, {"input_name": name})
                )
            continue
        value = node["inputs"][name]
        if isinstance(value, list):
            given = nodes[graph[value[0]]["class_type"]]["output"][value[1]]
            wanted = spec[0] if isinstance(spec[0], str) else "COMBO"
            if wanted != "*" and given != "*" and not set(given.split(",")) & set(wanted.split(",")):
                text = f"{name}, received_type({given}) mismatch input_type({wanted})"
                errors.append(
                    _error(
                        "return_type_mismatch",
                        "Return type mismatch between linked nodes",
                        text,
                        {"input_name": name},
                    )
                )
            valid = _valid(value[0], graph, nodes, node_errors, seen) and valid
            continue
        errors += _value_errors(name, value, spec)
    if errors:
        node_errors[key] = {"errors": errors, "dependent_outputs": [], "class_type": node["class_type"]}
    return valid and not errors


def _value_errors(name: str, value: Any, spec: list[Any]) -> list[Error]:
    facts = spec[1] if len(spec) > 1 else {}
    info = {"input_name": name, "received_value": value}
    if facts.get("image_upload") or facts.get("audio_upload"):
        return []
    options = spec[0] if isinstance(spec[0], list) else facts.get("options") if spec[0] == "COMBO" else None
    if options is not None and value not in options:
        return [_error("value_not_in_list", "Value not in list", f"{name}: '{value}' not in {options}", info)]
    if spec[0] in ("INT", "FLOAT"):
        if "min" in facts and value < facts["min"]:
            text = f"Value {value} smaller than min of {facts['min']}"
            return [_error("value_smaller_than_min", text, name, info)]
        if "max" in facts and value > facts["max"]:
            text = f"Value {value} bigger than max of {facts['max']}"
            return [_error("value_bigger_than_max", text, name, info)]
    return []


def _error(kind: str, message: str, details: str, extra: dict[str, Any]) -> Error:
    return {"type": kind, "message": message, "details": details, "extra_info": extra}
