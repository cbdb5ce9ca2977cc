"""Errors of a server that refuses or fails a graph: which node or file is missing, and where to put it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lipwright.errors import EngineError, EngineOutOfMemory, EngineRejected
from lipwright.workflow.schemas import as_mapping, read_input

FOLDERS: Mapping[str, str] = {
    "ckpt_name": "checkpoints",
    "unet_name": "diffusion_models",
    "text_encoder": "text_encoders",
    "clip_name": "text_encoders",
    "clip_name1": "text_encoders",
    "clip_name2": "text_encoders",
    "gemma_path": "text_encoders",
    "ltxv_path": "checkpoints",
    "vae_name": "vae",
    "lora_name": "loras",
    "model_name": "latent_upscale_models",
}
"""Input that names a model file -> its folder below models/ (ComfyUI 0.26, folder_paths.py)."""

PACKS: Mapping[str, str] = {
    "ComfyUI-LTXVideo": "https://github.com/Lightricks/ComfyUI-LTXVideo",
    "ComfyUI-VideoHelperSuite": "https://github.com/Kosinkadink/ComfyUI-VideoHelperSuite",
    "ComfyUI-KJNodes": "https://github.com/kijai/ComfyUI-KJNodes",
}

OWN_PREFIX = "Lipwright"
"""Prefix of the nodes of lipwright's pack."""

_MAX_LISTED = 6
"""Maximum number of list entries in one message."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What a graph needs but a server does not have."""

    nodes: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    """Folder below models/, and file name."""

    def __bool__(self) -> bool:
        return bool(self.nodes or self.files)


def find_missing(graph: Mapping[str, Any], schemas: Mapping[str, Any]) -> Missing:
    """Return the nodes and model files of a graph that a server does not have.

    Args:
        graph: In API format.
        schemas: The server's /object_info.
    """
    nodes: dict[str, None] = {}
    files: dict[tuple[str, str], None] = {}
    for node in graph.values():
        kind = str(node.get("class_type", ""))
        if kind not in schemas or not isinstance(schemas[kind], Mapping):
            nodes[kind] = None
            continue
        for name, value in node.get("inputs", {}).items():
            folder = FOLDERS.get(name)
            choices = _choices(schemas[kind], name)
            if folder and isinstance(value, str) and choices is not None and value not in choices:
                files[folder, value] = None
    return Missing(tuple(nodes), tuple(files))


def missing_error(label: str, missing: Missing, homes: Mapping[str, str]) -> EngineRejected:
    """Return an error that names what is missing and where to put it.

    Args:
        label: Label of the server.
        missing: What is missing.
        homes: Node class -> its pack; "core" is ComfyUI itself.
    """
    lacks = []
    if missing.nodes:
        lacks.append(f"the nodes {_listed(missing.nodes)}")
    if missing.files:
        lacks.append("the files " + _listed([f"models/{folder}/{name}" for folder, name in missing.files]))
    hints = list(dict.fromkeys(_install_hint(kind, homes.get(kind, "")) for kind in missing.nodes))
    if missing.files:
        hints.append(
            "put the files into those folders of the server's ComfyUI, "
            "or name the ones it has in a models file: --model FILE"
        )
    return EngineRejected(f"{label} lacks {' and '.join(lacks)}", hint="; ".join(hints))


def refusal_error(
    label: str, body: object, graph: Mapping[str, Any], homes: Mapping[str, str]
) -> EngineError:
    """Convert a refusal by /prompt to an error: a 400, or a 200 with node_errors.

    Args:
        label: Label of the server.
        body: The answer, which is not trusted.
        graph: The submitted graph.
        homes: See `missing_error`.
    """
    value = body if isinstance(body, Mapping) else {}
    error = value.get("error")
    error = error if isinstance(error, Mapping) else {}
    extra = error.get("extra_info")
    if error.get("type") == "missing_node_type" or "does not exist" in str(error.get("message", "")):
        kind = clean_text(extra.get("class_type")) if isinstance(extra, Mapping) else ""
        if not kind:
            kind = next(
                (k for k in _kinds(graph) if k in str(error.get("message", ""))), "of an unknown name"
            )
        return missing_error(label, Missing(nodes=(kind,)), homes)
    files, others = [], []
    for node, kind, reason in _reasons(value.get("node_errors")):
        info = reason.get("extra_info")
        info = info if isinstance(info, Mapping) else {}
        name = str(info.get("input_name", ""))
        wanted = info.get("received_value")
        if reason.get("type") == "value_not_in_list" and name in FOLDERS and isinstance(wanted, str):
            files.append((FOLDERS[name], clean_text(wanted)))
        else:
            texts = clean_text(reason.get("message")), clean_text(reason.get("details"))
            others.append(f"node {node} ({kind}): {': '.join(text for text in texts if text)}")
    if files:
        return missing_error(label, Missing(files=tuple(dict.fromkeys(files))), homes)
    if not others:
        words = [str(error.get(key) or "") for key in ("message", "details")]
        others = [": ".join(text for text in words if text) or "it gave no reason"]
    return EngineRejected(
        f"{label} refused the graph: {clean_text('; '.join(others[:_MAX_LISTED]))}",
        hint="update ComfyUI and its packs; lipwright comfyui status --server URL shows what is there",
    )


def failure_error(label: str, data: Mapping[str, Any]) -> EngineError:
    """Convert an execution_error to an exception."""
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
    for node, found in node_errors.items() if isinstance(node_errors, Mapping) else ():
        if not isinstance(found, Mapping):
            continue
        reasons = found.get("errors")
        for reason in reasons if isinstance(reasons, list) else ():
            if isinstance(reason, Mapping):
                yield str(node), str(found.get("class_type", "")), reason


def _kinds(graph: Mapping[str, Any]) -> list[str]:
    return [str(node.get("class_type", "")) for node in graph.values()]


def _choices(schema: Mapping[str, Any], name: str) -> Sequence[object] | None:
    """Return the choices of a combo, in either form of /object_info; None if it is not a combo."""
    inputs = as_mapping(schema.get("input"))
    for part in ("required", "optional"):
        spec = as_mapping(inputs.get(part)).get(name)
        if spec is not None:
            return read_input(name, spec, required=True).options
    return None


def _install_hint(kind: str, pack: str) -> str:
    if kind.startswith(OWN_PREFIX):
        return "install lipwright's pack there: lipwright comfyui install PATH_TO_COMFYUI, then restart it"
    if pack and pack != "core":
        return f"install {pack} into custom_nodes ({PACKS.get(pack, 'by its manager')}), then restart it"
    return "update ComfyUI itself to 0.26 or later"


def _listed(items: Sequence[str]) -> str:
    more = f" and {len(items) - _MAX_LISTED} more" if len(items) > _MAX_LISTED else ""
    return ", ".join(items[:_MAX_LISTED]) + more


def clean_text(value: object, limit: int = 400) -> str:
    """Return a server's text fit for one line of a terminal: without control characters, and not too long."""
    text = str(value)[: 4 * limit] if isinstance(value, str | int | float) else ""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    line = " ".join(printable.split())
    return line if len(line) <= limit else line[:limit] + " ..."
