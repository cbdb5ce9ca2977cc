"""`lipwright jobs`: the job store from a terminal."""

# ruff: noqa: PLC0415 - heavy modules are imported when the command runs

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, cast

import typer

from lipwright.cli.batch import DataOption, data_folder
from lipwright.cli.options import one_of
from lipwright.cli.output import (
    DebugOption,
    JsonOption,
    Output,
    QuietOption,
    help_without_command,
    join_lines,
)
from lipwright.domain.text import pluralize
from lipwright.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from lipwright.jobs.job import JobState, StoredJob
    from lipwright.jobs.store import JobStore

MAX_ID = 2**63 - 1
"""SQLite's largest integer."""
STATES = ("queued", "running", "done", "failed", "cancelled")

JobsArgument = Annotated[
    list[int] | None,
    typer.Argument(metavar="ID...", help="Numbers of jobs.", show_default=False, min=1, max=MAX_ID),
]
group = typer.Typer(
    help="The jobs of batches and of the studio: what is queued, running, done or failed.",
    rich_markup_mode=None,
)


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    group.callback(invoke_without_command=True)(help_without_command)
    app.add_typer(group, name="jobs")


def _store(data: Path | None) -> JobStore:
    from lipwright.jobs.store import JobStore

    return JobStore(data_folder(data))


@group.command("list")
def list_jobs(
    state: Annotated[
        str | None, typer.Option("--state", metavar="|".join(STATES), help="Only these.")
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """List the jobs in the store."""
    wanted = cast("JobState | None", one_of("--state", state, STATES))
    jobs = _store(data).jobs(state=wanted)
    text = join_lines(map(_line, jobs)) or "no jobs"
    Output(as_json, quiet).result({"jobs": [job.to_json() for job in jobs]}, text)


@group.command("show")
def show(
    job_id: Annotated[int, typer.Argument(metavar="ID", help="Number of the job.", min=1, max=MAX_ID)],
    data: DataOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Show everything about one job."""
    job = _store(data).get(job_id)
    lines = [f"{name}: {value}" for name, value in job.to_json().items() if value not in (None, {}, "")]
    Output(as_json, quiet).result(job.to_json(), join_lines(lines))


@group.command("cancel")
def cancel(
    job_ids: JobsArgument = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Cancel jobs that are queued or running; a running one stops at its next step."""
    count = _store(data).cancel(_some(job_ids))
    Output(as_json, quiet).result({"cancelled": count}, f"{pluralize(count, 'job')} cancelled")


@group.command("retry")
def retry(
    job_ids: JobsArgument = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Queue failed or cancelled jobs again; the next batch into their folder makes them, a studio at once."""
    count = _store(data).retry(_some(job_ids))
    Output(as_json, quiet).result({"queued": count}, f"{pluralize(count, 'job')} queued again")


@group.command("prune")
def prune(
    days: Annotated[
        float,
        typer.Option(
            "--older-than-days", metavar="DAYS", min=0, help="Only jobs that ended at least this long ago."
        ),
    ] = 0.0,
    data: DataOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Forget jobs that have ended; their videos stay."""
    count = _store(data).prune(older_than_s=days * 86_400)
    Output(as_json, quiet).result({"pruned": count}, f"{pluralize(count, 'job')} forgotten")


def _some(job_ids: list[int] | None) -> list[int]:
    if not job_ids:
        raise UsageError("no job was named", hint="give job numbers; `lipwright jobs list` shows them")
    return job_ids


def _line(job: StoredJob) -> str:
    made = datetime.fromtimestamp(job.created_at).strftime("%Y-%m-%d %H:%M")
    return f"{job.id:>6}  {job.state:<9}  {job.kind:<6}  {made}  {job.output}" + (
        f"  {job.error}" if job.error else ""
    )
