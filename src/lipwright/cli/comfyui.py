"""`lipwright comfyui`: link the node pack into ComfyUI, and show the state of servers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from lipwright.cli.options import command, command_group, input_option
from lipwright.cli.output import Output
from lipwright.domain.settings import SETTINGS

comfyui = command_group("comfyui", "Link the node pack into ComfyUI, and show the state of servers.")


@comfyui.command("install")
@command
def install(
    *,
    out: Output,
    path: Annotated[
        Path,
        typer.Argument(metavar="PATH", help="ComfyUI's folder, which contains custom_nodes.", readable=False),
    ],
) -> None:
    """Link lipwright's nodes into ComfyUI; do nothing if they are already linked."""
    from lipwright.pipeline.comfyui import install_pack

    done = install_pack(path)
    out.result(done, done["path"])
    out.say("linked; restart ComfyUI" if done["changed"] else "already linked; nothing was changed")
    out.say("lipwright must also be installed in ComfyUI's own Python: PYTHON -m pip install lipwright")


@comfyui.command("status")
@command
def status(
    *,
    out: Output,
    server: Annotated[
        list[str] | None,
        typer.Option(
            "--server",
            metavar="URL|@FILE",
            help="URL of a server, or @FILE with one URL per line; may be repeated.",
            show_default="http://127.0.0.1:8188",
        ),
    ] = None,
    header: Annotated[
        list[str] | None,
        typer.Option("--header", metavar="NAME:VALUE", help="Header sent to each server; may be repeated."),
    ] = None,
    models: Annotated[
        Path | None,
        input_option(
            "--models",
            metavar="FILE",
            help="TOML or JSON file with the names of model files on the servers.",
        ),
    ] = None,
) -> None:
    """Show which servers answer, their hardware, queues and node packs, and what is missing for a render."""
    from lipwright.errors import EngineUnavailable
    from lipwright.pipeline.comfyui import server_states

    headers = SETTINGS["headers"].check(header)
    states = server_states(server or (), headers, models)
    if not any(state["reachable"] for state in states):
        raise EngineUnavailable("; ".join(state["error"] for state in states), hint=states[0]["hint"])
    text = "\n\n".join("\n".join(_lines(state)) for state in states)
    out.result({"servers": states}, text)


def _lines(state: Mapping[str, Any]) -> Iterator[str]:
    """Describe one server in a few lines."""
    if not state["reachable"]:
        yield f"{state['server']}: {state['error']}"
        return
    yield f"{state['server']}: ComfyUI {state['comfyui']}, Python {state['python']}, {state['nodes']} nodes"
    for device in state["devices"]:
        yield f"  {device['name']}: {device['vram_free_gib']} of {device['vram_total_gib']} GiB free"
    yield f"  queue: {state['queue']['running']} running, {state['queue']['pending']} waiting"
    packs = ", ".join(f"{name}{'' if there else ' (missing)'}" for name, there in state["packs"].items())
    yield f"  packs: {packs}"
    for name, recipe in state["recipes"].items():
        yield f"  recipe {name}: {'ready' if recipe['ready'] else 'cannot run'}"
        lacking = [*recipe["missing_nodes"], *recipe["missing_files"], *recipe["problems"]]
        yield from (f"    missing: {item}" for item in lacking)
        if recipe["hint"]:
            yield f"    to do: {recipe['hint']}"
