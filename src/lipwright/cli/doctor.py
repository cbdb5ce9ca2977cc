"""`lipwright doctor`: show what is installed, which engines can run, and what is missing."""

from __future__ import annotations

from lipwright.cli.options import command
from lipwright.cli.output import Output


@command
def doctor(*, out: Output) -> None:
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
        "cached chunks of long videos",
        f"  {kept['bytes'] / 1e6:,.0f} MB of at most {kept['max_bytes'] / 1e6:,.0f} in {kept['path']}",
        "",
        "libraries",
        *(f"  {name} {found or 'missing'}" for name, found in health["libraries"].items()),
    ]
    out.result(health, "\n".join(lines))
