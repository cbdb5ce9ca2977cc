"""Run one command line in a fork of a process that has loaded lipwright, and watch it.

Loading takes a second, a fork some milliseconds: that is what makes a thousand cases affordable.
The process only imports: threads of a model runtime would not survive the fork.
Started as a script it is that process; `Runner` starts it and talks to it.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import importlib
import json
import os
import pkgutil
import re
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MAX_CPU_SECONDS = 10.0
"""Of one command line on a small input; the slowest case takes about 3 s."""
MAX_WALL_SECONDS = 90.0
"""Only what waits for ever reaches this, since CPU time is limited on its own."""
MAX_PEAK_MB = 900.0
"""Resident memory, of which the loaded process itself takes about 250 MB."""
ADDRESS_SPACE_BYTES = 8 << 30
"""Where a runaway is stopped before the machine runs out of memory."""

LOADED_LATER = (
    "lipwright.audio.prosody", "lipwright.cli.batch_table", "lipwright.engines.comfyui.status",
    "lipwright.jobs.batch", "jinja2", "numpy.fft", "numpy.ma", "numpy.random", "pocketsphinx",
)  # fmt: skip
"""What commands load only when they need it: each fork would load it again."""

ERROR_AND_HINT = re.compile(r"^error: .*\n(?:  .*\n)*hint: .*\n?\Z", re.MULTILINE)
"""The two lines of a failure; what is wrong with each line of a table stands indented between them."""
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
ALWAYS_ALLOWED = frozenset({0, 2, 3, 4, 5, 6})


@dataclass(frozen=True)
class Case:
    """A command line on a broken or odd input."""

    name: str
    arguments: tuple[str, ...]
    files: dict[str, bytes | Path] = field(default_factory=dict)
    """Files in its folder: names, and contents or the file to copy."""
    outputs: tuple[str, ...] = ()
    """Files that exist before, and that may be replaced where it exits with 0."""
    new: tuple[str, ...] = ()
    """Files that may appear where it exits with 0."""
    may_change: tuple[str, ...] = ()
    """Files that may change, whatever it exits with."""
    codes: frozenset[int] = ALWAYS_ALLOWED
    prepare: Callable[[Path], object] | None = None
    """Makes paths that are not plain files."""
    encoding: str = "utf-8"
    """Of standard output and error."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables of its own; an empty one is unset."""
    stdout: str = ""
    """Where standard output goes, if not into a file."""
    limits: Mapping[str, int] = field(default_factory=dict)
    """Limits of the process, such as RLIMIT_FSIZE in bytes; what it prints may then be cut, too."""
    max_cpu_seconds: float = MAX_CPU_SECONDS


@dataclass(frozen=True)
class Done:
    """The outcome of a case."""

    code: int
    """Negative: ended by that signal."""
    cpu_seconds: float
    peak_mb: float
    stdout: str
    stderr: str


class Runner:
    """The loaded process, and a folder for each case."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._answer() == "ready"

    def close(self) -> None:
        self._server.stdin.close()
        self._server.wait(timeout=30)
        self._server.stdout.close()

    def complaints(self, case: Case) -> list[str]:
        """Run a case; return the complaints about it."""
        box = self.folder / "box"
        shutil.rmtree(box, ignore_errors=True)
        (box / "work").mkdir(parents=True)
        (box / "temporary").mkdir()
        (box / "cache").mkdir()
        for name, content in case.files.items():
            path = box / "work" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Path):
                shutil.copy(content, path)
            else:
                path.write_bytes(content)
        for name in case.outputs:  # what was there
            (box / "work" / name).write_bytes(b"the output of before")
        if case.prepare:
            case.prepare(box / "work")
        before = snapshot(box / "work")
        done = self.run(case, box)
        found = list(self._of_the_process(case, done))
        found += files_complaints(case, done.code, before, snapshot(box / "work"))
        found += [f"left in the temporary folder: {path.name}" for path in (box / "temporary").iterdir()]
        return [f"{case.name}: {text}" for text in found]

    def run(self, case: Case, box: Path) -> Done:
        """Run one command line in box/work."""
        order = {
            "arguments": case.arguments,
            "box": str(box),
            "encoding": case.encoding,
            "environment": dict(case.environment),
            "limits": dict(case.limits),
            "stdout": case.stdout or str(box / "stdout"),
        }
        self._server.stdin.write(json.dumps(order) + "\n")
        self._server.stdin.flush()
        code, cpu_seconds, peak_mb = json.loads(self._answer())
        (box / "stdout").touch()
        texts = [(box / name).read_bytes().decode(case.encoding, "replace") for name in ("stdout", "stderr")]
        return Done(code, cpu_seconds, peak_mb, *texts)

    def _answer(self) -> str:
        line = self._server.stdout.readline().strip()
        assert line, "the loaded process has ended"
        return line

    def _of_the_process(self, case: Case, done: Done) -> Iterator[str]:
        if done.code < 0:
            yield f"ended by signal {-done.code} after {done.cpu_seconds:.1f} s of CPU time"
            return
        if done.code not in case.codes:
            yield f"exit code {done.code}, not one of {sorted(case.codes)}: {done.stderr[-300:]!r}"
        if "Traceback (most recent call last)" in done.stderr or "Exception ignored" in done.stderr:
            yield f"a traceback: {done.stderr[-300:]!r}"
        if "unexpected " in done.stderr and "bug in lipwright" in done.stderr:
            yield f"a defect by its own words: {done.stderr[-300:]!r}"
        if CONTROL.search(done.stderr) or CONTROL.search(done.stdout):
            yield f"control characters: {CONTROL.search(done.stderr + done.stdout)[0]!r}"
        lines = done.stderr.rstrip("\n").split("\n")
        if case.limits:
            return
        if done.code and not ERROR_AND_HINT.search(done.stderr):
            yield f"not an error and its hint: {lines[-3:]!r}"
        options = case.arguments[: [*case.arguments, "--"].index("--")]
        if "--json" in options and not case.stdout:
            try:
                assert isinstance(json.loads(done.stdout), dict)
            except (ValueError, AssertionError):
                yield f"standard output is not one JSON object: {done.stdout[:80]!r}"
        elif done.code not in {0, 6, 7} and done.stdout.strip():
            yield f"standard output of a failure: {done.stdout[:80]!r}"
        if done.cpu_seconds > case.max_cpu_seconds:
            yield f"{done.cpu_seconds:.1f} s of CPU time"
        if done.peak_mb > MAX_PEAK_MB:
            yield f"{done.peak_mb:.0f} MB of memory"


def snapshot(folder: Path) -> dict[str, str]:
    """Every path in a folder and what is there."""
    found = {}
    for path in folder.rglob("*"):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = f"a link to {path.readlink()}"
        elif path.is_file():
            found[name] = hashlib.sha1(path.read_bytes(), usedforsecurity=False).hexdigest()
        else:
            found[name] = "a folder" if path.is_dir() else "something else"
    return found


def files_complaints(case: Case, code: int, before: dict[str, str], after: dict[str, str]) -> Iterator[str]:
    """Files that were wrongly changed, left or lost."""
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was == now or name in case.may_change:
            if code == 0 and was == now and name in case.outputs:
                yield f"{name!r} was not written"
        elif now is None:
            yield f"{name!r} is gone"
        elif was is None and not (code == 0 and name in case.new):
            yield f"{name!r} was left (exit code {code})"
        elif was is not None and not (code == 0 and name in case.outputs):
            yield f"{name!r} was changed (exit code {code})"


# --- The loaded process ---------------------------------------------------------------------------


def serve() -> None:
    """Fork once for each line on standard input, and answer how it ended."""
    import PIL.Image

    import lipwright.cli.main
    import lipwright.pipeline

    pipeline = [
        each.name for each in pkgutil.iter_modules(lipwright.pipeline.__path__, "lipwright.pipeline.")
    ]
    for name in (*pipeline, *LOADED_LATER):
        importlib.import_module(name)
    with contextlib.redirect_stderr(None), contextlib.redirect_stdout(None):
        for warm_up in (["render", "missing", "-o", "o.mp4"], ["prompt", "a woman"], ["image", "missing"]):
            lipwright.cli.main.run(warm_up)  # loads what they import
    PIL.Image.init()
    gc.freeze()  # or the collector of each fork would touch, and so copy, all of it
    print("ready", flush=True)  # noqa: T201 - the protocol
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            run_child(order)
        hung = not _ended_within(child, MAX_WALL_SECONDS)
        if hung:
            os.killpg(child, signal.SIGKILL)
        _, status, usage = os.wait4(child, 0)
        code = os.waitstatus_to_exitcode(status)
        cpu_seconds = usage.ru_utime + usage.ru_stime
        print(json.dumps([code, cpu_seconds, usage.ru_maxrss / 1024]), flush=True)  # noqa: T201


def _ended_within(child: int, seconds: float) -> bool:
    descriptor = os.pidfd_open(child)
    try:
        return bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)


def run_child(order: dict[str, Any]) -> None:
    """Become the command: its own session, folder, streams and limits."""
    code = 99
    try:
        os.setsid()
        box = Path(order["box"])
        os.chdir(box / "work")
        os.environ["TMPDIR"] = str(box / "temporary")
        for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
            os.environ[name] = str(box / "cache")
        for name, value in order["environment"].items():
            os.environ.update({name: value}) if value else os.environ.pop(name, None)
        tempfile.tempdir = None
        limit = int(2 * MAX_CPU_SECONDS)
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        streams = [os.open(os.devnull, os.O_RDONLY)]
        streams += [
            os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) for name in (order["stdout"], box / "stderr")
        ]
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        sys.stdout = open(1, "w", encoding=order["encoding"], closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding=order["encoding"], errors="backslashreplace", closefd=False)  # noqa: SIM115
        for name, value in order["limits"].items():
            resource.setrlimit(getattr(resource, name), (value, value))
        sys.argv = ["lipwright", *order["arguments"]]
        from lipwright.__main__ import main

        try:
            main()
            code = 0
        except SystemExit as done:
            code = done.code if isinstance(done.code, int) else int(done.code is not None)
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
    except BaseException:
        import traceback

        os.write(2, traceback.format_exc().encode("utf-8", "backslashreplace"))
    os._exit(code)


if __name__ == "__main__":
    serve()
