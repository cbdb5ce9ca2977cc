"""Measure time and memory, and print tables. Imports nothing heavy, which would affect the measurement."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parents[1]
EXAMPLES = _ROOT / "examples"
PORTRAIT = EXAMPLES / "portrait.jpg"
CORES = 2
"""Cores of the machine that the limits are meant for."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a table; with a limit it has a verdict."""

    name: str
    value: float
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None

    @property
    def is_met(self) -> bool:
        """Within its limit, or without one."""
        low = self.at_least is None or self.value >= self.at_least
        return low and (self.at_most is None or self.value <= self.at_most)

    def cells(self) -> tuple[str, str, str, str]:
        """Name, limit, measured, verdict."""
        limit = verdict = ""
        for sign, bound in (("<=", self.at_most), (">=", self.at_least)):
            if bound is not None:
                limit, verdict = f"{sign} {_number(bound)}", "ok" if self.is_met else "MISSED"
        return self.name, limit, f"{_number(self.value)} {self.unit}".strip(), verdict


def present(title: str, figures: Sequence[Figure]) -> bool:
    """Print a table; True where every limit is met."""
    rows = [("", "limit", "measured", ""), *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    print(f"\n{title}")
    for name, limit, value, verdict in rows:
        print(
            f"  {name:<{widths[0]}}  {limit:>{widths[1]}}  {value:>{widths[2]}}  {verdict}".rstrip(),
            flush=True,
        )
    return all(figure.is_met for figure in figures)


@dataclass(slots=True)
class Cost:
    """Time that a block of work took."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    """CPU time of all threads of this process, without its children."""
    others: float = 0.0
    """Number of cores that other processes used meanwhile: near 0 on a quiet machine."""


@contextmanager
def costing() -> Iterator[Cost]:
    """Measure a block of work; the yielded value is filled in when the block ends."""
    cost = Cost()
    wall, cpu, busy = time.perf_counter(), time.process_time(), _busy_s()
    yield cost
    cost.wall_s = time.perf_counter() - wall
    cost.cpu_s = time.process_time() - cpu
    cost.others = max(0.0, _busy_s() - busy - cost.cpu_s) / cost.wall_s


@dataclass(frozen=True, slots=True)
class Child:
    """Time and memory that a process took."""

    wall_s: float
    cpu_s: float
    peak_mib: float
    """Largest resident set. Linux counts the parent's at the time of the fork too: keep that small."""
    stdout: str


def run_child(command: Sequence[str | Path]) -> Child:
    """Run a command to its end.

    Raises:
        SystemExit: it failed; its standard error was printed.
    """
    with tempfile.TemporaryFile("w+") as out:
        begin = time.perf_counter()
        running = subprocess.Popen([str(word) for word in command], stdout=out, env=_installed())
        _, status, used = os.wait4(running.pid, 0)
        wall_s = time.perf_counter() - begin
        running.returncode = os.waitstatus_to_exitcode(status)
        if running.returncode:
            sys.exit(f"{command[0]} failed with {running.returncode}")
        out.seek(0)
        kib = used.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
        return Child(wall_s, used.ru_utime + used.ru_stime, kib / 1024, out.read())


def resident_mib(pid: int) -> float:
    """Return the resident set of a running process; on Linux only."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def lipwright(*arguments: str | Path) -> list[str | Path]:
    """Return the installed command with its arguments."""
    return [Path(sys.executable).parent / "lipwright", *arguments]


def say_voice(path: Path, seconds: float) -> Path:
    """Write the example's voice repeatedly as a WAV, in a separate process; return `path`."""
    run_child([sys.executable, "-m", "benchmarks.voice", path, str(seconds)])
    return path


def use_two_cores() -> None:
    """Restrict this process and its children to CORES, before anything that counts cores is imported."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if available != CORES:
        print(f"The limits are for {CORES} cores; this machine gives {available}.")


def _installed() -> dict[str, str]:
    """Return an environment in which bytecode is kept, as in an installed lipwright."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(_ROOT / "out" / "bytecode")}


def _busy_s() -> float:
    """Seconds that all cores of this process have been busy since the machine started; 0 where unknown."""
    with suppress(OSError, AttributeError):
        ours = {f"cpu{number}" for number in os.sched_getaffinity(0)}
        lines = [line.split() for line in Path("/proc/stat").read_text().splitlines()]
        ticks = sum(
            # user nice system idle iowait irq softirq steal; guests are within user
            sum(map(int, line[1:9])) - int(line[4]) - int(line[5])
            for line in lines
            if line[0] in ours
        )
        return ticks / os.sysconf("SC_CLK_TCK")
    return 0.0


def _number(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"
