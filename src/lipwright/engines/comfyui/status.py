"""Query of a server's version, hardware, nodes and models, for `lipwright comfyui status`."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from lipwright.domain.media import FrameSize
from lipwright.domain.presets import PRESETS
from lipwright.domain.settings import DEFAULT_FRAME_RATE
from lipwright.engines.comfyui.client import Client, Timeouts
from lipwright.engines.comfyui.freeze_check import VERIFIER
from lipwright.engines.comfyui.server_errors import clean_text
from lipwright.engines.comfyui.server_url import Server
from lipwright.errors import EngineError, PlanError
from lipwright.planning import lay_chunks
from lipwright.workflow.missing_parts import PACKS, MissingParts
from lipwright.workflow.recipe_inputs import GUIDE_STRENGTH, ModelFiles, WorkflowInputs, default_models
from lipwright.workflow.recipes import RECIPES, Recipe, build_graph
from lipwright.workflow.schemas import Schemas, as_list, as_mapping

MAX_DEVICES = 64
MAX_BYTES = 1 << 60
"""Maximum plausible size of memory or uploads in bytes; larger numbers are ignored."""

LONG_FRAMES = 401
"""Number of frames in the test graph of the recipe `extension`, which is long enough to need two clips."""


def server_status(server: Server, timeouts: Timeouts, models: ModelFiles | None = None) -> dict[str, Any]:
    """Return what a render needs to know about a server: versions, hardware, queue, node packs and recipes.

    Args:
        server: The server.
        timeouts: Timeouts for the server.
        models: Names of model files; None for the names in ComfyUI's own templates.

    Returns:
        JSON values; if the server does not answer, `reachable` is false and `error` contains the reason.
    """
    begin = perf_counter()
    try:
        with Client(server, timeouts) as client:
            system = client.system()
            answer_ms = (perf_counter() - begin) * 1000
            schemas = client.schemas()
            features = client.features()
            running, pending = client.queue()
    except EngineError as error:
        return _state(server, error.message, error.hint)
    packs = {schema.pack for schema in schemas.values()}
    limit = features.get("max_upload_size")
    return {
        **_state(server, "", ""),
        "reachable": True,
        "answer_ms": round(answer_ms, 1),
        "comfyui": clean_text(system["system"].get("comfyui_version")) or "unknown",
        "python": clean_text(system["system"].get("python_version")).partition(" ")[0] or "unknown",
        "devices": [_device(device) for device in as_list(system.get("devices"))[:MAX_DEVICES]],
        "queue": {"running": len(running), "pending": len(pending)},
        "max_upload_bytes": limit if isinstance(limit, int) and 0 < limit < MAX_BYTES else None,
        "nodes": len(schemas),
        "packs": {name: any(name in pack for pack in packs) for name in PACKS}
        | {"lipwright": VERIFIER in schemas},
        "recipes": {recipe: _ready(recipe, schemas, models) for recipe in RECIPES},
    }


def _state(server: Server, error: str, hint: str) -> dict[str, Any]:
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


def _device(value: object) -> dict[str, Any]:
    device = as_mapping(value)

    def gib(name: str) -> float | None:
        size = device.get(name)
        return round(size / 2**30, 1) if isinstance(size, int | float) and 0 <= size < MAX_BYTES else None

    return {
        "name": clean_text(device.get("name")),
        "vram_total_gib": gib("vram_total"),
        "vram_free_gib": gib("vram_free"),
    }


def _ready(recipe: Recipe, schemas: Schemas, models: ModelFiles | None) -> dict[str, Any]:
    """Return whether a recipe's graph would run on the server, and which nodes and files are missing."""
    inputs = WorkflowInputs(
        driver="driver.wav",
        master="driver.wav",
        size=FrameSize(832, 448),
        frames=LONG_FRAMES if recipe == "extension" else 121,
        frame_rate=DEFAULT_FRAME_RATE,
        chunks=lay_chunks(LONG_FRAMES, DEFAULT_FRAME_RATE),
        guide_strength=GUIDE_STRENGTH if recipe == "extension" else 0.0,
        settings=PRESETS[RECIPES[recipe].presets[0]],
        image="portrait.png",
        driver_is_padded=True,
        models=models or default_models(),
        export="frames",
    )
    missing, problems = MissingParts(), []
    try:
        missing = build_graph(recipe, inputs, schemas).missing
    except PlanError as error:
        problems = [clean_text(error.message)]
    return {
        "ready": not missing and not problems,
        "missing_nodes": list(missing.nodes),
        "missing_files": list(missing.files),
        "problems": problems,
        "hint": missing.hint,
    }
