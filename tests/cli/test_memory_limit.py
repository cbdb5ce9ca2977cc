"""A memory limit of the shell is reported before a library would end the process by a signal."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from lipwright.cli.memory_limit import LIGHT_COMMANDS, NEEDED_MB


def run_limited(folder: Path, name: str, limit_mb: int, *line: str) -> subprocess.CompletedProcess[str]:
    def limit() -> None:
        resource.setrlimit(getattr(resource, name), (limit_mb << 20, limit_mb << 20))

    return subprocess.run(
        [sys.executable, "-m", "lipwright", *line],
        cwd=folder, capture_output=True, text=True, check=False, preexec_fn=limit,
    )  # fmt: skip


@pytest.mark.parametrize("name", NEEDED_MB)
@pytest.mark.parametrize("line", ["plan a.wav", "check a.mp4", "batch a.csv -o ."])
def test_too_small_limit_is_reported(tmp_path: Path, line: str, name: str) -> None:
    done = run_limited(tmp_path, name, 200, *line.split())
    assert done.returncode == 5, done.stderr
    assert done.stderr.startswith("error: memory is limited to 200 MB here")


def test_help_needs_little_memory() -> None:
    assert run_limited(Path(), "RLIMIT_AS", 200, "render", "--help").returncode == 0


@pytest.mark.parametrize("name", NEEDED_MB)
@pytest.mark.parametrize("command", ["plan", "image"])
def test_documented_memory_is_enough(
    tmp_path: Path, voice: Path, portrait: Path, command: str, name: str
) -> None:
    needed_mb = NEEDED_MB[name][1 if command in LIGHT_COMMANDS else 2]
    done = run_limited(tmp_path, name, needed_mb, command, str(voice if command == "plan" else portrait))
    assert done.returncode == 0, done.stderr
