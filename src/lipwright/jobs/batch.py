"""Make the video of every row of a SHOTS file, with workers on this machine or on a Ray cluster."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from lipwright.domain.text import first_lines, pluralize
from lipwright.engines.registry import choose, count_servers
from lipwright.errors import Cancelled, InputError, LipwrightError, OutputError, UsageError
from lipwright.jobs.batch_report import BatchReport, OnUpdate, ShotResult, ShotState
from lipwright.jobs.board import OWN_FILES, Board, Row, Runner
from lipwright.jobs.job import Duty, NewJob
from lipwright.jobs.job_store import JobStore, worker_name
from lipwright.jobs.processes import Demand, WorkerProcesses
from lipwright.jobs.shots_file import RowProblem, ShotRow, Shots, read_shots
from lipwright.jobs.worker import CHECK_AFTER, check_of, result_of
from lipwright.media.file_errors import writing
from lipwright.pipeline.atomic_outputs import check_outputs
from lipwright.pipeline.job_key import is_done, job_key
from lipwright.pipeline.manifest import read_manifest
from lipwright.system import usable_cores

INTERRUPTED_HINT = "finished videos are kept; run the same command to make the remaining videos"


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """The user's request for a batch."""

    shots: Path
    """A .csv, .jsonl or .toml file, or a folder of recordings."""
    output: Path
    """The folder for the videos."""
    data: Path
    """The folder of the job store."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Options for all rows, by setting name."""
    headers: tuple[tuple[str, str], ...] = ()
    """Headers sent to servers; never written to a file."""
    workers: int | None = None
    """Number of workers; None for as many as the machine can keep busy."""
    ray: str | None = None
    """Address of a Ray cluster, or "local"; None to use processes of this machine."""
    shared_paths: bool = False
    """True if the paths of this machine are valid on all machines of the cluster, so that no files are
    sent."""
    retries: int = 1
    """How often a shot is tried again after a failure that may be temporary."""
    check: bool = False
    tune: bool = False
    dry_run: bool = False
    retry_failed: bool = False
    """Make only the shots that failed or were cancelled in an earlier run."""


def run_batch(request: BatchRequest, on_update: OnUpdate = lambda _: None) -> BatchReport:
    """Make the missing, failed and outdated videos of a batch.

    A video is up to date, and is not made again, if its file is complete and its manifest records the same
    inputs and options. The state of its job in the store does not matter.

    Returns:
        The result of every row, which is also written to batch.json and batch.html.

    Raises:
        InputError: rows are invalid; nothing was rendered.
        OutputError: the folder for the videos does not exist, or cannot be written to.
        UsageError: a number is out of range.
        Cancelled: the user or `on_update` stopped the batch; finished videos stay.
    """
    _check(request)
    shots = read_shots(request.shots, request.output, request.defaults)
    if request.dry_run:
        return _dry_run(request, shots)
    if shots.problems:
        raise _unusable(request.shots, shots.problems)
    _check_own_files(request, shots.rows)
    store = JobStore(request.data)
    batch = str(request.output.resolve())
    owner = f"{worker_name()}:{secrets.token_hex(4)}"
    store.requeue_lost()
    rows, demand, last_job = _queue(request, shots.rows, store, batch, owner)
    board = Board(request.output, store, batch, rows, last_job)
    board.write(board.report())
    try:
        if demand.resources:
            with _runner(request, batch, store, demand) as runner:
                board.follow(runner, on_update)
    except (Cancelled, KeyboardInterrupt) as error:
        with suppress(LipwrightError):
            board.write(board.report())
        raise Cancelled("interrupted", hint=INTERRUPTED_HINT) from error
    finally:
        store.withdraw(batch, owner)
    report = board.report()
    board.write(report, posters=True)
    on_update(report)
    return report


def _check(request: BatchRequest) -> None:
    if not request.output.is_dir():
        raise OutputError(f"{request.output}: there is no such folder", hint="create the folder first")
    if not os.access(request.output, os.W_OK):
        raise OutputError(
            f"the folder {request.output} cannot be written to", hint="check the permissions of the folder"
        )
    if request.workers is not None and not 1 <= request.workers <= 256:
        raise UsageError(
            f"--workers {request.workers} is outside 1..256",
            hint="omit this option to start as many workers as the machine can keep busy",
        )
    if not 0 <= request.retries <= 20:
        raise UsageError(f"--retries {request.retries} is outside 0..20", hint="omit this option for 1 retry")
    if request.tune and request.check:
        raise UsageError(
            "--check and --tune cannot be combined: --tune already checks each video",
            hint="leave --check out",
        )


def _check_own_files(request: BatchRequest, rows: Sequence[ShotRow]) -> None:
    """Raise an error if batch.json or batch.html would replace a file that the batch reads or makes."""
    own = [request.output / name for name in OWN_FILES]
    used = {request.shots} if request.shots.is_file() else set()
    if any(path.is_symlink() or (path.exists() and path.stat().st_nlink > 1) for path in own):
        for row in rows:
            wanted = row.request
            used |= {*wanted.inputs.values(), wanted.output, wanted.manifest, *wanted.motion_out}
    check_outputs(sorted(used), *((path, path.suffix) for path in own))


def _unusable(path: Path, problems: Sequence[RowProblem]) -> InputError:
    return InputError(
        f"{path}: {pluralize(len(problems), 'row')} cannot be used",
        hint="nothing was rendered; correct the table (--dry-run lists all problems)",
        details=first_lines(problems),
    )


def _dry_run(request: BatchRequest, shots: Shots) -> BatchReport:
    """Plan every row without rendering."""
    from lipwright.pipeline.audio_input import plan_recording  # noqa: PLC0415

    results, problems = [], list(shots.problems)
    engines = cache(lambda name: choose(name).description)
    for row in shots.rows:
        wanted = row.request
        try:
            done = is_done(wanted, job_key(wanted, engines(wanted.engine), tune=request.tune))
            seconds = float(plan_recording(wanted.recording, wanted.frame_rate, wanted.fit).seconds)
        except LipwrightError as error:
            problems.append(RowProblem(row.row, row.line, "", error.message, error.hint))
            continue
        state: ShotState = "skipped" if done else "waiting"
        results.append(replace(_shot(row, request), state=state, seconds=seconds))
    problems.sort(key=lambda problem: problem.row)
    return BatchReport(request.output, tuple(results), 0.0, tuple(problems))


def _shot(row: ShotRow, request: BatchRequest) -> ShotResult:
    output = row.request.output.relative_to(request.output.absolute()).as_posix()
    return ShotResult(row.row, output, "waiting", audio=str(row.request.audio))


def _queue(
    request: BatchRequest, rows: Sequence[ShotRow], store: JobStore, batch: str, owner: str
) -> tuple[Mapping[str, Row], Demand, int]:
    """Queue the videos to make, and record those that cannot be made.

    Returns:
        The rows by the absolute path of the video; the resources that their jobs need; and a job id. This run
        ignores ended jobs up to that id, because they belong to earlier runs.
    """
    last_states = {job.output: job.state for job in store.jobs(batch=batch)}
    engines = cache(lambda name: choose(name).description)  # choosing takes milliseconds for "auto"
    board: dict[str, Row] = {}
    new: list[NewJob] = []
    for row in rows:
        wanted, shot = row.request, _shot(row, request)
        output = str(wanted.output)
        if request.retry_failed and last_states.get(output) not in {"failed", "cancelled"}:
            board[output] = Row(replace(shot, state="skipped"))
            continue
        options = {name: value for name, value in row.options.items() if name != "headers"}
        job = NewJob(batch, row.row, "tune" if request.tune else "render", "", output, options, owner=owner)
        try:
            engine = engines(wanted.engine)
            job = replace(job, key=job_key(wanted, engine, tune=request.tune), resource=engine.parallel)
            is_made = is_done(wanted, job.key)
            if is_made:
                shot = shot.with_result(result_of(read_manifest(wanted.manifest)))
            else:
                with writing(wanted.output.parent):
                    wanted.output.parent.mkdir(parents=True, exist_ok=True)
        except LipwrightError as error:
            board[output] = Row(replace(shot, state="failed", error=error.message, hint=error.hint))
            new.append(replace(job, error=error.message, hint=error.hint))
            continue
        checked = not request.tune and (request.check or wanted.check)
        job = replace(
            job,
            # The engine is fixed now: for "auto", a machine with other engines would choose another one.
            options=options | {"engine": engine.name, "check": False},
            details={CHECK_AFTER: checked},
            max_attempts=1 + request.retries,
        )
        if is_made and (shot.verdict is not None or not checked):
            board[output] = Row(replace(shot, state="skipped"))
            continue
        new.append(check_of(job) if is_made else job)
        board[output] = Row(shot, new[-1])
    last_job = store.withdraw(batch)
    store.add(new)
    last_job = min(last_job, _leave_to_other_runs(store, batch, board))
    open_jobs = [row.job for row in board.values() if row.job]
    servers = (job.options.get("servers", ()) for job in open_jobs if job.resource == "servers")
    demand = Demand(
        frozenset(job.resource for job in open_jobs),
        checks=any(job.details.get(CHECK_AFTER) for job in open_jobs),
        servers=max(map(count_servers, servers), default=0),
    )
    return board, demand, last_job


def _leave_to_other_runs(store: JobStore, batch: str, board: dict[str, Row]) -> int:
    """Find the videos that other runs are making now, so that this run does not make them, too.

    If the other run makes a video with the same options, this run waits for it. If it makes the video with
    other options, the row of this run fails.

    Returns:
        A job id that is lower than the ids of all jobs that this run waits for.
    """
    waited_for = []
    for job in store.jobs(after=sys.maxsize):
        row = board.get(job.output)
        if row is None or row.job is None:
            continue
        if (job.batch, job.key) == (batch, row.job.key):
            waited_for.append(job.id)
            continue
        error = f"another batch is making {row.shot.output} with other options, as job {job.id}"
        hint = f"run this batch again when that job has ended, or cancel it: `lipwright jobs cancel {job.id}`"
        board[job.output] = Row(replace(row.shot, state="failed", error=error, hint=hint))
    return min(waited_for, default=sys.maxsize) - 1


@contextmanager
def _runner(request: BatchRequest, batch: str, store: JobStore, demand: Demand) -> Iterator[Runner]:
    """Provide the workers to a `with` block, and stop them when the block ends or raises an error."""
    if request.ray is not None:
        from lipwright.jobs.ray_cluster import ray_runner  # noqa: PLC0415

        with ray_runner(request, store, batch, demand) as cluster:
            yield cluster
        return
    workers = demand.workers(request.workers, cores=usable_cores(), gpus=1)
    duties = [Duty((resource,)) for resource in workers]
    runner = WorkerProcesses(request.data, batch, duties, headers=request.headers)
    try:
        yield runner
    finally:
        runner.stop()
