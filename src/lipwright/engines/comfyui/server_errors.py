"""The errors for a graph that a server refuses or fails to run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lipwright.errors import EngineError, EngineOutOfMemory, EngineRejected
from lipwright.workflow.missing_parts import FOLDERS, MissingParts
from lipwright.workflow.schemas import as_list, as_mapping


def refusal_error(label: str, body: object, graph: Mapping[str, Any]) -> EngineError:
    """Return the error for a graph that /prompt refuses with status 400, or 200 with node_errors.

    Args:
        label: Label of the server.
        body: The answer, which is not trusted.
        graph: The submitted graph.
    """
    value = as_mapping(body)
    error = as_mapping(value.get("error"))
    message = str(error.get("message", ""))
    if error.get("type") == "missing_node_type" or "does not exist" in message:
        kinds = (str(node.get("class_type", "")) for node in graph.values())
        named = clean_text(as_mapping(error.get("extra_info")).get("class_type"))
        kind = named or next((kind for kind in kinds if kind in message), "(the server does not say which)")
        return MissingParts(nodes=(kind,)).error(label)
    files, others = [], []
    for node, kind, reason in _reasons(value.get("node_errors")):
        info = as_mapping(reason.get("extra_info"))
        name, wanted = str(info.get("input_name", "")), info.get("received_value")
        if reason.get("type") == "value_not_in_list" and name in FOLDERS and isinstance(wanted, str):
            files.append(f"models/{FOLDERS[name]}/{clean_text(wanted)}")
        else:
            texts = clean_text(reason.get("message")), clean_text(reason.get("details"))
            others.append(f"node {node} ({kind}): {': '.join(filter(None, texts))}")
    if files:
        return MissingParts(files=tuple(dict.fromkeys(files))).error(label)
    if not others:
        words = [str(error.get(key) or "") for key in ("message", "details")]
        others = [": ".join(text for text in words if text) or "the server gave no reason"]
    return EngineRejected(
        f"{label} refused the graph: {clean_text('; '.join(others[:6]))}",
        hint="update ComfyUI and its node packs; lipwright comfyui status --server URL lists the packs",
    )


def failure_error(label: str, data: Mapping[str, Any]) -> EngineError:
    """Return the error for a graph that failed with an execution_error."""
    kind, text = (clean_text(data.get(f"exception_{name}")) for name in ("type", "message"))
    where = f"node {clean_text(data.get('node_id'))} ({clean_text(data.get('node_type'))})"
    if "outofmemory" in kind.lower().replace("_", "") or "out of memory" in text.lower():
        return EngineOutOfMemory(
            f"{label} ran out of memory in {where}", hint="use a smaller --size, or a shorter recording"
        )
    return EngineError(
        f"{label} failed in {where}: {kind.rpartition('.')[2]}: {text}",
        hint="see the server's own log",
    )


def _reasons(node_errors: object) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for node, found in as_mapping(node_errors).items():
        for reason in as_list(as_mapping(found).get("errors")):
            if isinstance(reason, Mapping):
                yield str(node), str(found.get("class_type", "")), reason


def clean_text(value: object, limit: int = 400) -> str:
    """Return a server's text as one line without control characters, shortened to `limit` characters."""
    text = str(value)[: 4 * limit] if isinstance(value, str | int | float) else ""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    line = " ".join(printable.split())
    return line if len(line) <= limit else line[:limit] + " ..."
