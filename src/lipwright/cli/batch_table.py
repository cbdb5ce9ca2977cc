"""Show the progress of a batch: a table on a terminal, or lines for a log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lipwright.cli.interrupts import asked_to_stop
from lipwright.cli.output import Output, clear_status, on_terminal, write_stderr
from lipwright.errors import Cancelled
from lipwright.jobs.batch import INTERRUPTED_HINT

if TYPE_CHECKING:
    from rich.console import Group, RenderableType

    from lipwright.jobs.batch_report import BatchReport, ShotResult

MAX_RUNNING_SHOWN = 16
LINE_EVERY_S = 10.0
"""Interval between the lines that are printed if standard error is not a terminal."""
NARROW_COLUMNS = 60
STAGE_COLUMNS = 10


@contextmanager
def batch_progress(output: Output) -> Iterator[Callable[[BatchReport], None]]:
    """Show a batch's progress on standard error during the `with` block, except with --json or --quiet."""
    if output.silent:
        yield _stoppable(lambda _: None)
    elif on_terminal():
        from rich.console import Console
        from rich.live import Live

        clear_status()
        with Live(console=Console(stderr=True), refresh_per_second=4, transient=True) as live:
            yield _stoppable(lambda report: live.update(draw(report, live.console.width)))
    else:
        yield _stoppable(_lines())


def _stoppable(listener: Callable[[BatchReport], None]) -> Callable[[BatchReport], None]:
    def on_update(report: BatchReport) -> None:
        if asked_to_stop():
            raise Cancelled("interrupted", hint=INTERRUPTED_HINT)
        listener(report)

    return on_update


def _lines() -> Callable[[BatchReport], None]:
    """Return a callback for logs that prints one line of counts every LINE_EVERY_S seconds."""
    printed_at = -LINE_EVERY_S

    def on_update(report: BatchReport) -> None:
        nonlocal printed_at
        if time.monotonic() - printed_at >= LINE_EVERY_S:
            printed_at = time.monotonic()
            write_stderr(f"{counts(report)}\n")

    return on_update


def counts(report: BatchReport) -> str:
    """Return one line with the number of shots in each state, and the time left, if it is known."""
    left = time_left_s(report)
    words = [
        f"{report.count('done')} done",
        f"{report.count('running', 'checking')} running",
        f"{report.count('waiting')} waiting",
    ]
    words += [f"{report.count('skipped')} skipped"] if report.count("skipped") else []
    words += [f"{report.count('failed')} failed"] if report.count("failed") else []
    return ", ".join(words) + (f", {_clock(left)} left" if left is not None else "")


def time_left_s(report: BatchReport) -> float | None:
    """Estimate the time left in seconds from the shots that have ended.

    None before any shot has ended, and after all shots have ended.
    """
    done = report.count("done", "failed", "cancelled")
    open_shots = report.count("waiting", "running", "checking")
    return report.elapsed_s / done * open_shots if done and open_shots else None


def draw(report: BatchReport, width: int) -> Group:
    """Draw a bar for each running shot, a bar for the whole batch, and the counts.

    On terminals narrower than NARROW_COLUMNS, the names of the stages are left out.
    """
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    bar_width = max(8, width // 4)
    stage_width = STAGE_COLUMNS if width >= NARROW_COLUMNS else 0
    table = Table.grid(padding=(0, 1))
    running = [shot for shot in report.shots if shot.state in {"running", "checking"}]
    for shot in running[:MAX_RUNNING_SHOWN]:
        done, total = _steps(shot)
        cells: list[RenderableType] = [
            Text(
                _shorten(shot.output.removesuffix(".mp4"), width - bar_width - stage_width - 2), no_wrap=True
            ),
            ProgressBar(total=max(total, 1), completed=done, width=bar_width),
        ]
        if stage_width:
            cells.append(Text((shot.progress or {}).get("stage", "starting"), no_wrap=True))
        table.add_row(*cells)
    ended = len(report.shots) - report.count("waiting", "running", "checking")
    whole = Table.grid()
    whole.add_row(ProgressBar(total=max(len(report.shots), 1), completed=ended, width=width - 1))
    return Group(table, whole, Text(counts(report)))


def _shorten(name: str, columns: int) -> str:
    """Shorten a long name in the middle: the start (a folder) and the end (often a number) remain."""
    from rich.cells import cell_len, chop_cells

    if cell_len(name) <= columns:
        return name
    head = max((columns - 1) // 3, 1)
    return f"{chop_cells(name, head)[0]}…{chop_cells(name[::-1], max(columns - 1 - head, 1))[0][::-1]}"


def _steps(shot: ShotResult) -> tuple[float, float]:
    progress = shot.progress or {}
    return float(progress.get("done", 0)), float(progress.get("total", 1))


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
