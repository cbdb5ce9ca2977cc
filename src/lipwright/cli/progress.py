"""Show progress: on a terminal, bars with the remaining time; in a log, one line per stage."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from lipwright.cli.interrupts import stoppable
from lipwright.cli.output import Output, clear_status, on_terminal, printable, write_stderr
from lipwright.domain.progress import Progress, ProgressCallback, no_progress

WIDE_COLUMNS = 72
"""Minimum width of a terminal at which the bars also show their steps and the elapsed time."""


@contextmanager
def progress(output: Output) -> Iterator[ProgressCallback]:
    """Show progress on standard error while the `with` block runs, except with --json or --quiet."""
    if output.silent:
        yield stoppable(no_progress)
    elif on_terminal():
        with _bars() as report:
            yield stoppable(report)
    else:
        yield stoppable(_lines())


def _lines() -> ProgressCallback:
    """Return a callback that prints the name of each stage when it begins."""
    seen: set[str] = set()

    def report(step: Progress) -> None:
        if step.note:
            write_stderr(f"{printable(step.note)}\n")
        if step.stage not in seen:
            seen.add(step.stage)
            write_stderr(f"{step.stage} ...\n")

    return report


@contextmanager
def _bars() -> Iterator[ProgressCallback]:
    """Draw one rich progress bar per stage, with the remaining time of the running stage."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Task, TaskID, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars
    from rich.text import Text

    class TimeLeft(TimeRemainingColumn):
        """Column with the time left of a running stage, or the duration of a finished one."""

        def render(self, task: Task) -> Text:
            if not task.finished:
                return super().render(task).append(" left")
            seconds = round(task.finished_time or 0)
            return Text(
                f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}", style="progress.elapsed"
            )

    columns = shutil.get_terminal_size().columns
    wide = columns >= WIDE_COLUMNS
    shown = [TextColumn("{task.description:>8}"), BarColumn(40 if wide else None), TimeLeft(compact=False)]
    if wide:
        shown.insert(2, MofNCompleteColumn())
    # The terminal echoes ^C behind the last bar. Leave room for it, or it would shift the bars, and they
    # would be drawn twice.
    console = Console(stderr=True, width=max(columns - 3, 20))
    clear_status()
    with Bars(*shown, console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def finish() -> None:
            """Show all existing bars as complete, because some stages do not report their last step."""
            for task in bars.tasks:
                bars.update(task.id, completed=task.total)

        def report(step: Progress) -> None:
            if step.note:
                bars.console.print(printable(step.note), markup=False, highlight=False)
            if step.stage not in tasks:
                finish()
                tasks[step.stage] = bars.add_task(step.stage, total=step.total)
            bars.update(tasks[step.stage], completed=step.done, total=step.total)

        yield report
        finish()
