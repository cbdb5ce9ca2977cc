"""A whole command line of each command: what is odd takes the place of each of its parts in turn.

A new command needs a line here, and is then tested like all others.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.robustness import media
from tests.robustness.json_cases import API_GRAPH, MANIFEST, OBJECT_INFO, json_bytes

Arguments = tuple[str, ...]


@cache
def store() -> bytes:
    """A job store with one finished job."""
    from lipwright.jobs.database import STORE_NAME
    from lipwright.jobs.job import NewJob
    from lipwright.jobs.job_store import JobStore

    with tempfile.TemporaryDirectory() as folder:
        job = NewJob(batch="b", row=1, kind="render", key="k", output="o.mp4", options={}, error="failed")
        JobStore(Path(folder)).add([job])
        return (Path(folder) / STORE_NAME).read_bytes()


FILES: Mapping[str, Callable[[], bytes]] = {
    "a.wav": media.wav,
    "b.wav": media.wav,
    "i.png": lambda: media.image("png"),
    "v.mp4": lambda: media.video(frames=5, size=64),
    "v.json": lambda: json_bytes(MANIFEST),
    "t.txt": lambda: b"hello world\n",
    "u.csv": lambda: b"start,end,speaker\n0,1,A\n1,1.9,B\n",
    "w.json": lambda: json_bytes(API_GRAPH),
    "n.json": lambda: json_bytes(OBJECT_INFO),
    "m.toml": lambda: b'distilled = "x.safetensors"\n',
    "shots.csv": lambda: b"audio,image,output\na.wav,i.png,one\n",
    "data/jobs.sqlite3": store,
    "comfy/custom_nodes/other.py": lambda: b"",
    "out/other.txt": lambda: b"",
}
"""Files in the folder."""

LINES: Mapping[str, Arguments] = {
    "plan": ("plan", "a.wav"),
    "audio": ("audio", "a.wav", "-o", "d.wav", "--report", "r.html"),
    "audio --trim-silence": ("audio", "a.wav", "-o", "d.wav", "--trim-silence", "--master-out", "s.wav"),
    "mix": ("mix", "a.wav", "b.wav", "-o", "x.wav"),
    "image": ("image", "i.png", "--crop", "c.png"),
    "check": ("check", "v.mp4", "--audio", "a.wav", "--transcript", "t.txt", "--report", "r.html"),
    "prompt": ("prompt", "a woman", "--audio", "a.wav"),
    "workflow": ("workflow", "a.wav", "--image", "i.png", "--models", "m.toml", "-o", "f.json",
                 "--driver-out", "d.wav"),
    "workflow --lint": ("workflow", "--lint", "w.json", "--object-info", "n.json", "--fix", "f.json"),
    "render": ("render", "a.wav", "--image", "i.png", "--driver", "b.wav", "-o", "o.mp4",
               "--motion-out", "k.csv"),
    "tune": ("tune", "a.wav", "--image", "i.png", "--transcript", "t.txt", "-o", "o.mp4"),
    "dialogue": ("dialogue", "a.wav", "--speaker", "A=i.png", "--speaker", "B=i.png", "--turns", "u.csv",
                 "-o", "o.mp4"),
    "batch": ("batch", "shots.csv", "--data", "data", "-o", "out", "--dry-run"),
    "jobs list": ("jobs", "list", "--data", "data"),
    "jobs show": ("jobs", "show", "1", "--data", "data"),
    "jobs cancel": ("jobs", "cancel", "1", "--data", "data"),
    "jobs retry": ("jobs", "retry", "1", "--data", "data"),
    "jobs prune": ("jobs", "prune", "--data", "data"),
    "models list": ("models", "list"),
    "models pull": ("models", "pull", "nothing"),
    "models verify": ("models", "verify", "nothing"),
    "comfyui install": ("comfyui", "install", "comfy"),
    "comfyui status": ("comfyui", "status", "--server", "http://127.0.0.1:9", "--models", "m.toml"),
    "studio": ("studio", "--host", "0.0.0.0", "--port", "99999", "--data", "data"),  # noqa: S104 - refused, twice over
    "doctor": ("doctor",),
}  # fmt: skip

SLOW = frozenset(
    {"audio", "audio --trim-silence", "check", "mix", "render", "tune", "dialogue", "workflow", "prompt"}
)
"""These take a second on whole files."""

SUFFIXES = (".wav", ".html", ".png", ".json", ".csv", ".mp4")


def inputs(line: Arguments) -> tuple[str, ...]:
    """The files that a line reads, each once; "A=i.png" names one, too."""
    named = (part.rpartition("=")[2] for part in line)
    return tuple(dict.fromkeys(name for name in named if name in FILES))


def outputs(line: Arguments) -> tuple[str, ...]:
    """The files that a line writes."""
    named = [part for part in line if part not in FILES and "=" not in part and part.endswith(SUFFIXES)]
    return (*named, *(f"{name[:-4]}.json" for name in named if name.endswith(".mp4")))


def files() -> dict[str, bytes]:
    """Everything that any line reads."""
    return {name: make() for name, make in FILES.items()}


def commands() -> Iterator[tuple[str, Any]]:
    """Each command of the command line by its name, as typer has it."""
    import typer.main

    from lipwright.cli.main import app

    def below(group: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                yield from below(command, (*path, name))
            else:
                yield " ".join((*path, name)), command

    yield from below(typer.main.get_command(app), ())


def lines() -> Iterator[tuple[str, Any, Arguments]]:
    """Each command and each of its lines."""
    for name, command in commands():
        own = [line for known, line in LINES.items() if known == name or known.startswith(f"{name} --")]
        assert own, f"tests/robustness/commands.py has no line of {name!r}"
        for line in own:
            yield name, command, line


def with_value(line: Arguments, name: str, command: Any, parameter: Any, text: str) -> Arguments:
    """A line in which one option or argument has another value."""
    flags = {flag for option in command.params for flag in option.opts if getattr(option, "is_flag", False)}
    changed, positional, parts = list(name.split()), [], iter(line[len(name.split()) :])
    for part in parts:
        if not part.startswith("-"):
            positional.append(part)
        elif part in parameter.opts:
            next(parts)
        else:
            changed += [part] if part in flags else [part, next(parts)]
    if parameter.opts[0].startswith("-"):
        long = max(parameter.opts, key=len)
        return (*changed, f"{long}={text}", *positional)
    arguments = [one for one in command.params if not one.opts[0].startswith("-")]
    place = arguments.index(parameter)
    positional[place : place + 1] = [text]
    return (*changed, "--", *positional)
