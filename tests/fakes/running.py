"""The command line as a process of its own, while it runs."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

SCRIPT = Path(__file__).parent / "lipwright_with_fakes.py"


def command(*arguments: str | Path) -> list[str]:
    """The words that start the real command line with the fake engines registered."""
    return [sys.executable, "-W", "error", str(SCRIPT), *(str(argument) for argument in arguments)]


def start(*arguments: str | Path, cwd: Path) -> subprocess.Popen[str]:
    """Start the command line and leave it running."""
    return subprocess.Popen(
        command(*arguments), cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def children_of(pid: int) -> list[int]:
    """The processes that a process has started and that still run."""
    children = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and entry.joinpath("stat").read_text().rpartition(")")[2].split()[
                1
            ] == str(pid):
                children.append(int(entry.name))
    return children


def wait_for(running: subprocess.Popen[str], word: str) -> None:
    """Read standard error up to the line that holds `word`."""
    assert running.stderr is not None
    for line in running.stderr:
        if word in line:
            return
    raise AssertionError(f"the process ended before it said {word!r}")
