"""`lipwright jobs`: list and manage the jobs of batches and of the studio."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, cast

import typer

from lipwright.cli.batch import DataOption, data_folder
from lipwright.cli.options import command, command_group, one_of
from lipwright.cli.output import Output, join_lines
from lipwright.domain.text import pluralize
from lipwright.errors import UsageError

if TYPE_CHECKING:
    from lipwright.jobs.job import JobState, StoredJob
    from lipwright.jobs.job_store import JobStore

STATES = ("queued", "running", "done", "failed", "cancelled")

JobsArgument = Annotated[
    list[int] | None,
    typer.Argument(metavar="ID...", help="Numbers of jobs.", show_default=False, min=1),
]
jobs = command_group("jobs", "List and manage the jobs of batches and of the studio.")


@contextmanager
def _store(data: Path | None) -> Iterator[JobStore]:
    """Open the job store; if it does not exist, open an empty temporary store instead."""
    from lipwright.jobs.database import STORE_NAME
    from lipwright.jobs.job_store import JobStore

    folder = data_folder(data, create=False)
    if os.path.lexists(folder / STORE_NAME):  # a broken link counts as a store that cannot be read
        yield JobStore(folder)
        return
    with TemporaryDirectory() as empty:
        yield JobStore(Path(empty))


@jobs.command("list")
@command
def list_jobs(
    *,
    out: Output,
    state: Annotated[
        str | None, typer.Option("--state", metavar="|".join(STATES), help="List only jobs in this state.")
    ] = None,
    data: DataOption = None,
) -> None:
    """List the jobs in the store."""
    wanted = cast("JobState | None", one_of("--state", state, STATES))
    with _store(data) as store:
        found = store.jobs(state=wanted)
    text = join_lines(map(_line, found)) or "no jobs"
    out.result({"jobs": [job.to_json() for job in found]}, text)


@jobs.command("show")
@command
def show(
    *,
    out: Output,
    job_id: Annotated[int, typer.Argument(metavar="ID", help="Number of the job.", min=1)],
    data: DataOption = None,
) -> None:
    """Show everything about one job."""
    with _store(data) as store:
        job = store.get(job_id)
    lines = [f"{name}: {value}" for name, value in job.to_json().items() if value not in (None, {}, "")]
    out.result(job.to_json(), join_lines(lines))


@jobs.command("cancel")
@command
def cancel(*, out: Output, job_ids: JobsArgument = None, data: DataOption = None) -> None:
    """Cancel jobs that are queued or running; a running job stops at its next step."""
    with _store(data) as store:
        count = store.cancel(_some(job_ids))
    out.result({"cancelled": count}, f"{pluralize(count, 'job')} cancelled")


@jobs.command("retry")
@command
def retry(*, out: Output, job_ids: JobsArgument = None, data: DataOption = None) -> None:
    """Queue failed or cancelled jobs again.

    They run immediately if their batch or studio is running, otherwise when it is started again.
    """
    with _store(data) as store:
        count = store.retry(_some(job_ids))
    out.result({"queued": count}, f"{pluralize(count, 'job')} queued again")


@jobs.command("prune")
@command
def prune(
    *,
    out: Output,
    days: Annotated[
        float,
        typer.Option(
            "--older-than-days",
            metavar="DAYS",
            min=0,
            help="Remove only jobs that ended at least this many days ago.",
        ),
    ] = 0.0,
    data: DataOption = None,
) -> None:
    """Remove finished, failed and cancelled jobs from the store; their videos are kept."""
    with _store(data) as store:
        count = store.prune(older_than_s=days * 86_400)
    out.result({"pruned": count}, f"{pluralize(count, 'job')} removed")


def _some(job_ids: list[int] | None) -> list[int]:
    if not job_ids:
        raise UsageError("no job was given", hint="give job numbers; `lipwright jobs list` shows them")
    return job_ids


def _line(job: StoredJob) -> str:
    made = datetime.fromtimestamp(job.created_at).strftime("%Y-%m-%d %H:%M")
    return f"{job.id:>6}  {job.state:<9}  {job.kind:<6}  {made}  {job.output}" + (
        f"  {job.error}" if job.error else ""
    )
