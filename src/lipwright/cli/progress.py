"""Progress for people: a bar with the time left on a terminal, one line per stage elsewhere."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from lipwright.cli.interrupts import stoppable
from lipwright.cli.output import Output, tell
from lipwright.domain.progress import Progress, ProgressCallback, no_progress


@contextmanager
def progress(output: Output) -> Iterator[ProgressCallback]:
    """A Report that draws on standard error while the block runs.

    Args:
        output: Nothing is drawn with --json or --quiet.
    """
    if output.quiet or output.as_json:
        yield stoppable(no_progress)
    elif sys.stderr is not None and sys.stderr.isatty():
        with _bars() as report:
            yield stoppable(report)
    else:
        yield stoppable(_lines())


def _lines() -> ProgressCallback:
    """Each stage once, when it begins."""
    seen: set[str] = set()

    def report(step: Progress) -> None:
        if step.note:
            tell(f"{step.note}\n")
        if step.stage not in seen:
            seen.add(step.stage)
            tell(f"{step.stage} ...\n")

    return report


@contextmanager
def _bars() -> Iterator[ProgressCallback]:
    """A rich bar per stage, with the time left."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description:>8}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def report(step: Progress) -> None:
            if step.note:
                bars.console.print(step.note, markup=False, highlight=False)
            if step.stage not in tasks:
                for earlier in bars.tasks:  # a stage need not count its last step: the next one ends it
                    bars.update(earlier.id, completed=earlier.total)
                tasks[step.stage] = bars.add_task(step.stage, total=step.total)
            bars.update(tasks[step.stage], completed=step.done, total=step.total)

        yield report
