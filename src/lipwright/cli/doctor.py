"""`lipwright doctor`: what is installed, which engines can run, and what is missing."""

# ruff: noqa: PLC0415 - heavy modules are imported when the command runs

from __future__ import annotations

import typer

from lipwright.cli.output import DebugOption, JsonOption, Output, QuietOption


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("doctor")(doctor)


def doctor(*, as_json: JsonOption = False, quiet: QuietOption = False, debug: DebugOption = False) -> None:
    """Show what is installed, which engines can run, and how to install what is missing."""
    from lipwright.pipeline.doctor import examine

    health = examine()
    lines = [
        f"lipwright {health['lipwright']} on Python {health['python']}, {health['system']}, "
        f"{health['cpu_threads']} CPU threads",
        "",
        "engines",
    ]
    for engine in health["engines"]:
        lines.append(
            f"  {'ready  ' if engine['ready'] else 'missing'}  {engine['name']}: {engine['summary']}"
        )
        if not engine["ready"]:
            lines.append(f"           {engine['missing']}")
        if engine["install"]:
            lines.append(f"           to do: {engine['install']}")
    face = health["face_model"]
    lines += [
        "",
        "face model",
        f"  {'ready    ' + face['path'] if face['path'] else 'missing  ' + face['missing']}",
    ]
    if face["install"]:
        lines.append(f"           to do: {face['install']}")
    gpu = health["gpu"]
    size = f", {gpu['bytes'] / 2**30:.0f} GiB" if gpu["bytes"] else ""
    lines += ["", "GPU", f"  {gpu['name'] + size if gpu['name'] else 'none'}"]
    lines += [f"  torch {gpu['torch'] or 'missing'}", "", "models"]
    lines += [f"  {model['state']:8} {model['name']}" for model in health["models"]]
    kept = health["chunk_cache"]
    lines += [
        "",
        "kept chunks of long videos",
        f"  {kept['bytes'] / 1e6:,.0f} MB of at most {kept['max_bytes'] / 1e6:,.0f} in {kept['path']}",
        "",
        "libraries",
        *(f"  {name} {found or 'missing'}" for name, found in health["libraries"].items()),
    ]
    Output(as_json, quiet).result(health, "\n".join(lines))
