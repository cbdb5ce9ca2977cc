"""`lipwright batch`: many videos, on all available cores, GPUs or machines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lipwright.cli.options import Given, command, folder_option, input_argument
from lipwright.cli.output import Output, join_lines
from lipwright.domain.settings import SETTINGS
from lipwright.domain.text import pluralize
from lipwright.errors import OutputError, ShotsFailed

if TYPE_CHECKING:
    from lipwright.jobs.batch_report import BatchReport

WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--workers",
        metavar="N",
        help="Number of parallel renders.",
        show_default="as many as fit this machine",
    ),
]
DataOption = Annotated[
    Path | None,
    folder_option(
        "--data", metavar="DIR", help="Folder of the job store.", show_default="the user's data folder"
    ),
]


@command
def batch(
    *,
    out: Output,
    given: Given,
    shots: Annotated[
        Path,
        input_argument(
            metavar="SHOTS",
            folder=True,
            help="CSV, JSON Lines or TOML, one row per video; or a folder of recordings.",
        ),
    ],
    output: Annotated[Path, folder_option("--output", "-o", metavar="DIR", help="Folder for the videos.")],
    workers: WorkersOption = None,
    ray: Annotated[
        str | None,
        typer.Option(
            "--ray",
            metavar="ADDRESS|local",
            help="Render on the Ray cluster at ADDRESS; local: with Ray on this machine.",
            show_default="processes on this machine",
        ),
    ] = None,
    shared_paths: Annotated[
        bool,
        typer.Option(
            "--shared-paths",
            help="Send no files to the cluster, because its machines can open the same paths as this "
            "machine.",
        ),
    ] = False,
    retries: Annotated[
        int, typer.Option("--retries", metavar="N", help="Number of retries if the engine fails on a shot.")
    ] = 1,
    check: Annotated[bool, typer.Option("--check", help="Measure the sync of each video. [CHECK-1]")] = False,
    tune: Annotated[bool, typer.Option("--tune", help="Tune each video until it is in sync.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Plan every row and say what is wrong with it; render nothing.")
    ] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Make only the videos that failed before.")
    ] = False,
    data: DataOption = None,
) -> None:
    """Make a video in DIR for every row of SHOTS.

    If you run the command again, it makes only missing, failed and outdated videos.
    """
    from lipwright.cli.batch_table import batch_progress
    from lipwright.jobs.batch import BatchRequest, run_batch

    headers = SETTINGS["headers"].check(given.pop("headers", None))
    request = BatchRequest(
        shots=shots,
        output=output,
        data=data_folder(data),
        defaults=_defaults(given),
        headers=headers,
        workers=workers,
        ray=ray,
        shared_paths=shared_paths,
        retries=retries,
        check=check,
        tune=tune,
        dry_run=dry_run,
        retry_failed=retry_failed,
    )
    with batch_progress(out) as on_update:
        report = run_batch(request, on_update)
    failed = report.to_json()["failed"]
    error = (
        ShotsFailed(f"{pluralize(failed, 'shot')} failed", hint=_hint(report, dry_run=dry_run))
        if failed
        else None
    )
    _print_failures(out, report)
    out.result(report.to_json(), _summary(report, dry_run=dry_run), strict_error=error)
    if error is not None:
        raise error


def _defaults(given: Given) -> Given:
    """Return the options that apply to all rows.

    Relative paths are made absolute, because in a row they would be relative to the folder of SHOTS.
    """
    return {
        name: str(Path(value).absolute()) if SETTINGS[name].type is Path else value
        for name, value in given.items()
        if value != SETTINGS[name].default
    }


def data_folder(data: Path | None, *, create: bool = True) -> Path:
    """Return the folder of the job store: `data`, or else the user's data folder.

    If the user's data folder is missing and `create` is true, it is created.

    Raises:
        OutputError: `data` does not exist, or the user's data folder cannot be created.
    """
    import platformdirs

    if data is not None:
        if not data.is_dir():
            raise OutputError(f"{data}: there is no such folder", hint="create the folder first")
        return data
    folder = Path(platformdirs.user_data_path("lipwright"))
    if not create:
        return folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be created ({error.strerror or error})", hint="give --data DIR"
        ) from error
    return folder


def _hint(report: BatchReport, *, dry_run: bool) -> str:
    if dry_run:
        return "correct these rows; nothing was rendered"
    return f"see {report.folder / 'batch.html'}; run the same command again to make the failed shots"


def _print_failures(out: Output, report: BatchReport) -> None:
    for problem in report.problems:
        out.say(join_lines([str(problem), f"  {problem.hint}"]))
    for shot in report.shots:
        if shot.error:
            out.say(join_lines([f"row {shot.row}, {shot.output}: {shot.error}", f"  {shot.hint}"]))


def _summary(report: BatchReport, *, dry_run: bool) -> str:
    value: dict[str, Any] = report.to_json()
    if dry_run:
        seconds = sum(shot.seconds or 0.0 for shot in report.shots if shot.state == "waiting")
        waiting = report.count("waiting")
        return f"{pluralize(waiting, 'video')} to make, {seconds:.1f} s; {value['skipped']} already done"
    factor = value["real_time_factor"]
    speed = f", {1 / factor:.2f} times real time" if factor else ""
    return (
        f"{value['done']} done, {value['failed']} failed, {value['skipped']} skipped"
        f" in {value['seconds']:.1f} s{speed}\n{report.folder / 'batch.html'}"
    )
