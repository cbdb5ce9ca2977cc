"""What a server is and has, for `lipwright comfyui status`."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from time import perf_counter
from typing import Any

from lipwright.domain.media import FrameSize
from lipwright.domain.settings import PRESETS
from lipwright.engines.comfyui.client import Client, Patience
from lipwright.engines.comfyui.freeze_check import VERIFIER
from lipwright.engines.comfyui.server_errors import PACKS, find_missing, missing_error
from lipwright.engines.comfyui.server_url import Server
from lipwright.errors import EngineError
from lipwright.workflow.inputs import ModelFiles, WorkflowInputs, default_models
from lipwright.workflow.recipes import Recipe, build_graph
from lipwright.workflow.schemas import Schemas, bundled, read_object_info
from lipwright.workflow.validate import validate

RECIPES: Mapping[Recipe, str] = {"guide": "guide", "official": "official-distilled"}
"""Recipe -> the preset that uses it."""


def server_status(server: Server, patience: Patience, models: ModelFiles | None = None) -> dict[str, Any]:
    """Everything that a render there depends on.

    Args:
        server: Which.
        patience: How long to wait.
        models: Names of model files; None takes those of ComfyUI's own templates.

    Returns:
        Plain values; `reachable` is false and `error` tells why where it does not answer.
    """
    begin = perf_counter()
    try:
        with Client(server, patience) as client:
            system = client.system()
            answer_ms = (perf_counter() - begin) * 1000
            info = client.schemas()
            features = client.features()
            running, pending = client.queue()
    except EngineError as error:
        return _told(server, error.message, error.hint)
    modules = {str(node.get("python_module", "")) for node in info.values()}
    limit = features.get("max_upload_size")
    return {
        **_told(server, "", ""),
        "reachable": True,
        "answer_ms": round(answer_ms, 1),
        "comfyui": str(system["system"].get("comfyui_version") or "unknown"),
        "python": str(system["system"].get("python_version") or "unknown").partition(" ")[0],
        "devices": [_device(device) for device in system.get("devices") or () if isinstance(device, Mapping)],
        "queue": {"running": len(running), "pending": len(pending)},
        "max_upload_bytes": limit if isinstance(limit, int) else None,
        "nodes": len(info),
        "packs": {pack: any(pack in module for module in modules) for pack in PACKS}
        | {"lipwright": VERIFIER in info},
        "recipes": {recipe: _ready(server, recipe, info, models) for recipe in RECIPES},
    }


def _told(server: Server, error: str, hint: str) -> dict[str, Any]:
    return {
        "server": server.label,
        "reachable": False,
        "error": error,
        "hint": hint,
        "answer_ms": None,
        "comfyui": None,
        "python": None,
        "devices": [],
        "queue": None,
        "max_upload_bytes": None,
        "nodes": 0,
        "packs": {},
        "recipes": {},
    }


def _device(device: Mapping[str, Any]) -> dict[str, Any]:
    def gib(name: str) -> float | None:
        value = device.get(name)
        return round(value / 2**30, 1) if isinstance(value, int | float) else None

    return {
        "name": str(device.get("name", "")),
        "vram_total_gib": gib("vram_total"),
        "vram_free_gib": gib("vram_free"),
    }


def _ready(
    server: Server, recipe: Recipe, info: Mapping[str, Any], models: ModelFiles | None
) -> dict[str, Any]:
    """Whether a recipe's graph would run there, and what it lacks."""
    inputs = WorkflowInputs(
        driver="driver.wav",
        master="driver.wav",
        size=FrameSize(832, 448),
        frames=121,
        frame_rate=Fraction(25),
        settings=next(preset for name, preset in PRESETS.items() if name == RECIPES[recipe]),
        image="portrait.png",
        models=models or default_models(),
        export="frames",
        available=frozenset(info),
    )
    graph = build_graph(recipe, inputs).to_api()
    missing = find_missing(graph, info)
    problems = [] if missing else _problems(graph, info)
    hint = ""
    if missing:
        hint = missing_error(server.label, missing, _homes()).hint
    return {
        "ready": not missing and not problems,
        "missing_nodes": list(missing.nodes),
        "missing_files": [f"models/{folder}/{name}" for folder, name in missing.files],
        "problems": problems,
        "hint": hint,
    }


def _problems(graph: Mapping[str, Any], info: Mapping[str, Any]) -> list[str]:
    schemas: Schemas = read_object_info(info)
    return [str(problem) for problem in validate(graph, schemas)]


def _homes() -> dict[str, str]:
    return {name: schema.pack for name, schema in bundled().nodes.items()}
