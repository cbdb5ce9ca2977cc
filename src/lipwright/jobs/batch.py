"""A batch: every row of a SHOTS file becomes a video, on the workers of this machine or of a Ray cluster."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Protocol

from lipwright.domain.settings import RenderRequest
from lipwright.engines.registry import choose
from lipwright.errors import InputError, LipwrightError, OutputError, UsageError
from lipwright.jobs.job import JobKind, JobState, NewJob, StoredJob
from lipwright.jobs.processes import WorkerProcesses, usable_cores
from lipwright.jobs.shots import RowProblem, ShotRow, Shots, read_shots
from lipwright.jobs.store import JobStore
from lipwright.media.atomic_files import write_text_atomically
from lipwright.pipeline.job_key import is_done, job_key
from lipwright.pipeline.manifest import read_manifest
from lipwright.pipeline.text_files import dumps

ShotState = Literal["waiting", "running", "checking", "done", "skipped", "failed", "cancelled"]

POLL_S = 0.25
WRITE_EVERY_S = 5.0
"""How often batch.json and batch.html are written while the batch runs."""
PROBLEMS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """What the user asks of a batch."""

    shots: Path
    """A .csv, .jsonl or .toml file, or a folder of recordings."""
    output: Path
    """The folder for the videos."""
    data: Path
    """The folder of the job store."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Options for all rows, by the names of the settings."""
    headers: tuple[tuple[str, str], ...] = ()
    """Sent to servers; never written to a file."""
    workers: int | None = None
    """None is what the machine can feed."""
    ray: str | None = None
    """Address of a Ray cluster, or "local"; None uses processes."""
    shared_paths: bool = False
    """All machines of the cluster see this machine's paths, so that no file has to travel."""
    retries: int = 1
    """Further attempts of a shot that failed for reasons that may pass."""
    check: bool = False
    tune: bool = False
    dry_run: bool = False
    retry_failed: bool = False
    """Make only the shots that failed before."""


@dataclass(frozen=True, slots=True)
class ShotResult:
    """One row of a batch and how far it is."""

    row: int
    output: str
    """Relative to the batch's folder."""
    state: ShotState
    error: str | None = None
    hint: str | None = None
    verdict: str | None = None
    offset_ms: float | None = None
    seconds: float | None = None
    """Length of the video."""
    attempts: int = 0
    worker: str | None = None
    progress: Mapping[str, Any] | None = None
    audio: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON-serializable values."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "progress"}


@dataclass(frozen=True, slots=True)
class BatchReport:
    """How a batch went, or goes."""

    folder: Path
    shots: tuple[ShotResult, ...]
    elapsed_s: float
    problems: tuple[RowProblem, ...] = ()
    """Of a dry run; a real one refuses them."""

    def count(self, *states: ShotState) -> int:
        """Return how many shots are in one of these states."""
        return sum(shot.state in states for shot in self.shots)

    def to_json(self) -> dict[str, Any]:
        """Return the content of batch.json and of --json."""
        made = sum(shot.seconds or 0.0 for shot in self.shots if shot.state == "done")
        return {
            "shots": [shot.to_json() for shot in self.shots],
            "done": self.count("done"),
            "failed": self.count("failed", "cancelled") + len(self.problems),
            "skipped": self.count("skipped"),
            "seconds": self.elapsed_s,
            "real_time_factor": made / self.elapsed_s if self.elapsed_s > 0 else None,
            "problems": [problem.to_json() for problem in self.problems],
        }


OnUpdate = Callable[[BatchReport], None]
"""Called as the batch goes on; may raise errors.Cancelled."""


class Runner(Protocol):
    """Does the queued jobs of a batch: processes of this machine, or actors of a cluster."""

    def tend(self, queued: int) -> None:
        """Keep workers alive while jobs are queued; called every fraction of a second."""
        ...


def run_batch(request: BatchRequest, on_update: OnUpdate = lambda _: None) -> BatchReport:
    """Make every video of a batch that is missing, failed or changed, and nothing else.

    A row's video is done when the file is there, whole, and made by this very job: the files tell this,
    not the store.

    Args:
        request: What is wanted.
        on_update: Called with the state of the batch.

    Returns:
        Every row and what became of it; also written as batch.json and batch.html.

    Raises:
        InputError: rows that cannot be understood; nothing was rendered.
        OutputError: no such folder, or one that cannot be written.
        UsageError: numbers that make no sense.
        Cancelled: `on_update` stopped it; what is done stays.
    """
    _check(request)
    shots = read_shots(request.shots, request.output, request.defaults)
    if request.dry_run:
        return _dry_run(request, shots)
    if shots.problems:
        raise InputError(
            _told(request.shots, shots.problems), hint="--dry-run lists them all; nothing was rendered"
        )
    store = JobStore(request.data)
    batch = str(request.output.resolve())
    store.requeue_lost()
    started = time.monotonic()
    settled, last_job = _queue(request, shots.rows, store, batch)
    board = _Board(request, store, batch, settled, last_job=last_job, started=started)
    board.write()
    if store.counts(batch=batch)["queued"]:
        with _runner(request, store, batch, shots.rows) as runner:
            board.follow(runner, on_update)
    report = board.report()
    board.write(report)
    on_update(report)
    return report


def _check(request: BatchRequest) -> None:
    if not request.output.is_dir():
        raise OutputError(f"{request.output}: there is no such folder", hint="create the folder first")
    if not os.access(request.output, os.W_OK):
        raise OutputError(f"{request.output} cannot be written", hint="check its permissions")
    if request.workers is not None and not 1 <= request.workers <= 256:
        raise UsageError(f"--workers {request.workers} is outside 1..256", hint="leave it out for what fits")
    if not 0 <= request.retries <= 20:
        raise UsageError(f"--retries {request.retries} is outside 0..20", hint="1 is usual")
    if request.tune and request.check:
        raise UsageError("--tune measures each video already", hint="leave --check out")


def _told(path: Path, problems: Sequence[RowProblem]) -> str:
    shown = "\n".join(f"  {problem}" for problem in problems[:PROBLEMS_SHOWN])
    more = len(problems) - PROBLEMS_SHOWN
    rest = f"\n  and {more} more" if more > 0 else ""
    rows = "1 row" if len(problems) == 1 else f"{len(problems)} rows"
    return f"{path}: {rows} cannot be used\n{shown}{rest}"


def _dry_run(request: BatchRequest, shots: Shots) -> BatchReport:
    """Plan every row; render nothing."""
    from lipwright.pipeline.audio_input import plan_recording  # noqa: PLC0415

    results, problems = [], list(shots.problems)
    for row in shots.rows:
        wanted = row.request
        seconds = None
        try:
            done = is_done(wanted, job_key(wanted, choose(wanted.engine).description, tune=request.tune))
            seconds = float(plan_recording(wanted.recording, wanted.frame_rate, wanted.fit).seconds)
        except LipwrightError as error:
            problems.append(RowProblem(row.row, row.line, "", error.message, error.hint))
            continue
        state: ShotState = "skipped" if done else "waiting"
        results.append(
            ShotResult(row.row, _relative(wanted, request), state, seconds=seconds, audio=str(wanted.audio))
        )
    problems.sort(key=lambda problem: problem.row)
    return BatchReport(request.output, tuple(results), 0.0, tuple(problems))


def _relative(wanted: RenderRequest, request: BatchRequest) -> str:
    return wanted.output.relative_to(request.output.absolute()).as_posix()


def _queue(
    request: BatchRequest, rows: Sequence[ShotRow], store: JobStore, batch: str
) -> tuple[dict[int, ShotResult], int]:
    """Queue what has to be made.

    Returns:
        The rows that need nothing or cannot be made, and the number of the last job before this run's.
    """
    settled: dict[int, ShotResult] = {}
    last_states = {job.output: job.state for job in store.jobs(batch=batch)}
    new: list[NewJob] = []
    for row in rows:
        wanted = row.request
        shot = ShotResult(row.row, _relative(wanted, request), "waiting", audio=str(wanted.audio))
        try:
            key = job_key(wanted, choose(wanted.engine).description, tune=request.tune)
            done = is_done(wanted, key)
            wanted.output.parent.mkdir(parents=True, exist_ok=True)
        except LipwrightError as error:
            settled[row.row] = replace(shot, state="failed", error=error.message, hint=error.hint)
            continue
        except OSError as error:
            text = f"{wanted.output.parent} cannot be made ({error.strerror or error})"
            settled[row.row] = replace(shot, state="failed", error=text, hint="choose another output")
            continue
        if done:
            settled[row.row] = _described(replace(shot, state="skipped"), wanted)
            if not request.check or settled[row.row].verdict is not None:
                continue
            kind: JobKind = "check"
            del settled[row.row]
        else:
            kind = "tune" if request.tune else "render"
        if request.retry_failed and last_states.get(str(wanted.output)) != "failed":
            settled[row.row] = replace(shot, state="skipped")
            continue
        options = {name: value for name, value in row.options.items() if name != "headers"}
        new.append(NewJob(batch, row.row, kind, key, str(wanted.output), options, 1 + request.retries))
    last_job = store.withdraw(batch)
    store.add(new)
    return settled, last_job


def _described(shot: ShotResult, wanted: RenderRequest) -> ShotResult:
    """Add what the manifest of a finished video says."""
    manifest = read_manifest(wanted.manifest)
    sync = manifest.sync or {}
    return replace(
        shot, seconds=manifest.plan["seconds"], verdict=sync.get("verdict"), offset_ms=sync.get("offset_ms")
    )


class _Board:
    """All rows of a running batch: settled ones, and what the store says of the others."""

    def __init__(
        self,
        request: BatchRequest,
        store: JobStore,
        batch: str,
        settled: Mapping[int, ShotResult],
        *,
        last_job: int,
        started: float,
    ) -> None:
        self._request, self._store, self._batch, self._settled = request, store, batch, settled
        self._last_job = last_job
        self._started, self._written = started, time.monotonic()

    def follow(self, runner: Runner, on_update: OnUpdate) -> None:
        """Watch until nothing is queued or running."""
        while True:
            counts = self._store.counts(batch=self._batch)
            if not counts["queued"] and not counts["running"]:
                return
            began = time.monotonic()
            self._store.requeue_lost()
            runner.tend(counts["queued"])
            report = self.report()
            on_update(report)
            if time.monotonic() - self._written >= WRITE_EVERY_S:
                self.write(report)
            # Of very many shots a look takes a while: it may take a fifth of the time, not all of it.
            time.sleep(max(POLL_S, 4 * (time.monotonic() - began)))

    def report(self) -> BatchReport:
        """Return every row as it is now."""
        shots = dict(self._settled)
        for job in self._store.jobs(batch=self._batch, after=self._last_job):
            shots[job.row] = _shot_of(job, shots.get(job.row), self._request.output)
        elapsed = time.monotonic() - self._started
        return BatchReport(self._request.output, tuple(shots[row] for row in sorted(shots)), elapsed)

    def write(self, report: BatchReport | None = None) -> None:
        """Write batch.json and batch.html."""
        from lipwright.jobs.batch_page import draw_batch_page  # noqa: PLC0415

        report = report or self.report()
        self._written = time.monotonic()
        write_text_atomically(self._request.output / "batch.json", dumps(report.to_json()))
        write_text_atomically(self._request.output / "batch.html", draw_batch_page(report))


_STATES: Mapping[JobState, ShotState] = {
    "queued": "waiting",
    "running": "running",
    "done": "done",
    "failed": "failed",
    "cancelled": "cancelled",
}


def _shot_of(job: StoredJob, earlier: ShotResult | None, folder: Path) -> ShotResult:
    """Put a job into its row's words; a check follows the render of the same row."""
    state = _STATES[job.state]
    result = job.result or {}
    if job.kind == "check":
        state = {"queued": "checking", "running": "checking", "failed": "done"}.get(job.state, state)  # type: ignore[assignment]
    output = Path(job.output).relative_to(folder.absolute()).as_posix()
    return ShotResult(
        job.row,
        output,
        state,
        job.error if job.state in {"failed", "cancelled"} else None,
        job.hint if job.state in {"failed", "cancelled"} else None,
        result.get("verdict"),
        result.get("offset_ms"),
        result.get("seconds") or (earlier.seconds if earlier else None),
        max(job.attempts, earlier.attempts if earlier else 0),
        job.worker,
        job.progress,
        job.options.get("audio"),
    )


@contextmanager
def _runner(request: BatchRequest, store: JobStore, batch: str, rows: Sequence[ShotRow]) -> Iterator[Runner]:
    """Start the workers, and end them whatever happens."""
    if request.ray is not None:
        from lipwright.jobs.ray_cluster import ray_runner  # noqa: PLC0415

        with ray_runner(request, store, batch, rows) as cluster:
            yield cluster
        return
    parallel = choose(rows[0].request.engine).description.parallel
    if parallel == "cores":
        count = request.workers or usable_cores()
        kinds: list[tuple[JobKind, ...]] = [("render", "tune", "check")] * count
    else:  # a GPU or servers do the work: checks go on beside them on the CPU
        count = request.workers or max(1, len(rows[0].request.options.servers))
        kinds = [("render", "tune", "check")] * count
        if request.check:
            rendering: tuple[JobKind, ...] = ("render", "tune")
            kinds = [*([rendering] * count), ("check",)]
    runner = WorkerProcesses(
        request.data,
        batch,
        kinds,
        pinned=parallel == "cores",
        check=request.check,
        headers=request.headers,
    )
    try:
        yield runner
    finally:
        runner.stop()
