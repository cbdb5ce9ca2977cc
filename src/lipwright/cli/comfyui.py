"""`lipwright comfyui`: link the node pack, and list what servers have."""

# ruff: noqa: PLC0415 - heavy modules are imported when the command runs

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from lipwright.cli.options import input_option
from lipwright.cli.output import DebugOption, JsonOption, Output, QuietOption, help_without_command
from lipwright.domain.settings import parse_headers


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    comfyui = typer.Typer(
        name="comfyui",
        help="Link the node pack into a ComfyUI, and show what servers have.",
        invoke_without_command=True,
        callback=help_without_command,
        rich_markup_mode=None,
    )
    comfyui.command("install")(install)
    comfyui.command("status")(status)
    app.add_typer(comfyui)


def install(
    *,
    path: Annotated[
        Path,
        typer.Argument(metavar="PATH", help="ComfyUI's folder, which contains custom_nodes.", readable=False),
    ],
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Link lipwright's nodes into a ComfyUI; do nothing if they are linked already."""
    from lipwright.pipeline.comfyui import install_pack

    output = Output(as_json, quiet)
    done = install_pack(path)
    output.result(done.to_json(), str(done.path))
    output.say("linked; restart ComfyUI" if done.changed else "was linked already")
    output.say("ComfyUI's own Python needs lipwright: PYTHON -m pip install lipwright")


def status(
    *,
    server: Annotated[
        list[str] | None,
        typer.Option(
            "--server",
            metavar="URL|@FILE",
            help="URL of a server, or a file with several; may be repeated.",
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
            help="File with the names of model files, if a server has different ones.",
        ),
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Show whether servers answer, what they have, and what a render there is missing."""
    from lipwright.errors import EngineUnavailable
    from lipwright.pipeline.comfyui import server_states

    states = server_states(server or (), parse_headers(header), None if models is None else str(models))
    if not any(state["reachable"] for state in states):
        raise EngineUnavailable("; ".join(state["error"] for state in states), hint=states[0]["hint"])
    text = "\n\n".join("\n".join(_lines(state)) for state in states)
    Output(as_json, quiet).result({"servers": states}, text)


def _lines(state: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines about one server."""
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
