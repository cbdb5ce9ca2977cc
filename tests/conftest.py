"""Fixtures for the tests of all packages: real speech, a real face, and the command line."""

from __future__ import annotations

import compileall
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

FAKES = Path(__file__).parent / "fakes"
sys.path.insert(0, str(FAKES))

# Two test processes on two cores: threads of torch that wait for each other take ten times as long.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Hundreds of processes import the package: it is compiled once, not in each. None of them writes bytecode:
# one whose files may not grow would leave it cut short.
for folder in (Path(__file__).parents[1] / "src", FAKES):
    compileall.compile_dir(folder, quiet=2)
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"

# A run in the background, or under nohup, ignores these, and so would every command that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

SPEECH = Path("/usr/share/pocketsphinx/test/data")
"""Real recordings, of the Debian package pocketsphinx-testdata."""


TOGETHER = {"dialogue", "ltx", "sync"}
"""Folders whose tests share models, videos or voices that take long to make: one process runs each."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of some folders in one process of pytest-xdist."""
    for item in items:
        if (folder := item.path.parent.name) in TOGETHER:
            item.add_marker(pytest.mark.xdist_group(folder))


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name long values by their length: the two processes of a run must agree on the names of tests,
    and some values hold the time of their making, as ICC profiles do."""
    if isinstance(val, bytes | str) and len(val) > 80:
        return f"{len(val)} {'bytes' if isinstance(val, bytes) else 'characters'}"
    return None


@dataclass(frozen=True)
class Outcome:
    """The outcome of a command line."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        """Standard output as strict JSON: NaN and Infinity are refused."""

        def refuse(word: str) -> None:
            raise ValueError(f"{word} is not JSON")

        return json.loads(self.stdout, parse_constant=refuse)


@pytest.fixture(scope="session")
def voice() -> Path:
    """Two seconds of a man speaking, 16 kHz mono WAV."""
    return SPEECH / "cards" / "002.wav"


@pytest.fixture(scope="session")
def long_voice() -> Path:
    """Seven seconds of a woman reading, 16 kHz mono WAV."""
    return SPEECH / "librivox" / "sense_and_sensibility_01_austen_64kb-0870.wav"


@pytest.fixture(scope="session")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A woman's face, 256x256 (NASA, public domain)."""
    import skimage.data
    from PIL import Image

    path = tmp_path_factory.mktemp("portrait") / "portrait.png"
    Image.fromarray(skimage.data.astronaut()[:256, 96:352]).save(path)
    return path


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Registers the fake engines for one test."""
    from fake_engines import descriptions

    from lipwright.engines.registry import ENGINES

    # By monkeypatch, as tests change single entries by it afterwards: it undoes all in the reverse order.
    for description in descriptions():
        monkeypatch.setitem(ENGINES, description.name, description)


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str]) -> Any:
    """Runs a command line in this process: cli("plan", "--seconds", "5") -> Outcome."""
    from lipwright.cli.main import run

    def call(*arguments: str | Path) -> Outcome:
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        return Outcome(code, *capfd.readouterr())

    return call


@pytest.fixture(scope="session")
def process() -> Any:
    """Runs a command line in a process of its own, fake engines included."""

    from running import command

    def call(*arguments: str | Path, **options: Any) -> Outcome:
        done = subprocess.run(
            command(*arguments), capture_output=True, text=True, check=False, timeout=120, **options
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    return call
