"""A worker: one process that keeps its engines loaded and makes the jobs it takes from the store."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from lipwright.domain.progress import Progress
from lipwright.domain.settings import RenderRequest, build_request
from lipwright.engines.base import Engine
from lipwright.engines.registry import choose, load
from lipwright.errors import Cancelled, EngineError, EngineUnavailable, InputError, LipwrightError
from lipwright.jobs.batch_report import findings_of
from lipwright.jobs.job import Duty, NewJob, StoredJob
from lipwright.jobs.store import LEASE_S, JobStore, worker_name
from lipwright.media.time_limit import allow_to_end_process
from lipwright.pipeline.job_key import is_done
from lipwright.pipeline.manifest import Manifest, read_manifest
from lipwright.pipeline.sync_check import measure, reference
from lipwright.system import repeating

RENEW_EVERY_S = LEASE_S / 6
REPORT_EVERY_S = 0.5
"""Minimum interval between a worker's progress reports."""
IDLE_S = 0.3
"""Interval at which an idle worker looks for a job."""


CHECK_AFTER = "check"
"""Key in a render's `details`: a check follows as a separate job, so that rendering continues in the
meantime."""

Make = Callable[[StoredJob, Callable[[Progress], None]], dict[str, Any]]
"""Does one job, reports its progress, and returns its result."""


class WorkerLost(Exception):
    """The worker was lost, through no fault of the job."""


class Engines:
    """The engines of one worker: each is loaded once and reused. Headers are secrets, not in the store."""

    def __init__(self, headers: tuple[tuple[str, str], ...] = ()) -> None:
        self._headers = headers
        self._loaded: dict[Any, Engine] = {}

    def request(self, options: Mapping[str, Any]) -> RenderRequest:
        """Build a job's request, with the headers, which are not in the store."""
        request = build_request(options)
        if not self._headers:
            return request
        return replace(request, options=replace(request.options, headers=self._headers))

    def engine(self, request: RenderRequest) -> Engine:
        """Return the request's engine, loaded if it is not yet."""
        entry = choose(request.engine).description
        name = (entry.name, request.options)
        if name not in self._loaded:
            self._loaded.clear()  # one at a time: weights are large
            self._loaded[name] = load(entry, request.options)
        return self._loaded[name]

    def release(self) -> None:
        """Drop the engine, whose weights take memory from other programs."""
        self._loaded.clear()


def make(job: StoredJob, engines: Engines, on_progress: Callable[[Progress], None]) -> dict[str, Any]:
    """Run one job and return the entry that `batch.json` records for the shot.

    Raises:
        LipwrightError: it cannot be done.
        Cancelled: `on_progress` stopped it.
    """
    request = engines.request(job.options)
    if job.kind == "check":
        return result_of(_check(request, job.key, on_progress))
    if is_done(request, job.key):
        return result_of(read_manifest(request.manifest))
    engine = engines.engine(request)
    if job.kind == "tune":
        from lipwright.pipeline.tune.run import tune_video  # noqa: PLC0415 - loads models, in the worker alone

        return result_of(tune_video(request, on_progress, engine=engine, key=job.key).manifest)
    from lipwright.pipeline.render import render_video  # noqa: PLC0415

    return result_of(render_video(request, on_progress, engine=engine, key=job.key))


def _check(request: RenderRequest, key: str, on_progress: Callable[[Progress], None]) -> Manifest:
    """Measure a finished video, if it is still the one of this job, and write its manifest."""
    manifest = measure(read_manifest(request.manifest), request.output, reference(request), on_progress)
    if not is_done(request, key):
        raise InputError(
            f"{request.output} is not the video that was to be measured", hint="run the batch again"
        )
    manifest.write(request.manifest)
    return manifest


def result_of(manifest: Manifest) -> dict[str, Any]:
    """Return the data of a finished video for the store: length, speed, sync and findings."""
    sync = manifest.sync or {}
    return {
        "seconds": manifest.plan["seconds"],
        "real_time_factor": manifest.timing.get("real_time_factor"),
        "verdict": sync.get("verdict"),
        "offset_ms": sync.get("offset_ms"),
        "findings": findings_of(manifest.findings),
    }


def work(
    store: JobStore,
    batch: str | None,
    make_job: Make,
    *,
    worker: str,
    duty: Duty,
    stopped: Callable[[], bool],
    ready: Callable[[], bool] = lambda: True,
    idle: Callable[[], None] = lambda: None,
) -> None:
    """Take jobs of a batch (None is any) and do them until told to stop.

    `stopped` is called between steps: if it is True, the job is returned and the worker ends. `ready` is
    called before each job: if it is False, the worker waits. `idle` is called while there is no job.
    """
    while not stopped():
        can_begin = ready() and store.waiting(batch, duty)
        job = store.claim(worker, batch=batch, duty=duty) if can_begin else None
        if job is None:
            idle()
            time.sleep(IDLE_S)
            continue
        lease = _Lease(store, job, worker, stopped)
        try:
            with repeating(lease.renew, RENEW_EVERY_S):
                result = make_job(job, lease.on_progress)
        except (Cancelled, KeyboardInterrupt):
            store.release(worker)  # does nothing where the job was cancelled
        except WorkerLost as error:
            store.lose(job.id, worker, str(error))
        except LipwrightError as error:
            again = isinstance(error, EngineError) and not isinstance(error, EngineUnavailable)
            store.fail(job.id, worker, error.message, error.hint, retry=again)
        except MemoryError:
            store.fail(
                job.id, worker, "out of memory", "try fewer --workers, or a smaller --size", retry=True
            )
        except Exception as error:
            text = f"unexpected {type(error).__name__}: {error}"
            store.fail(job.id, worker, text, "this is a bug in lipwright: please report it", retry=True)
        else:
            if job.details.get(CHECK_AFTER) and result["verdict"] is None:
                store.add([check_of(job)])
            store.finish(job.id, worker, result)


def check_of(job: NewJob) -> NewJob:
    """Return the job that measures a job's video."""
    return NewJob(
        job.batch, job.row, "check", job.key, job.output, job.options, job.max_attempts, owner=job.owner
    )


class _Lease:
    """The worker's lease of one job, renewed while it works."""

    def __init__(self, store: JobStore, job: StoredJob, worker: str, stopped: Callable[[], bool]) -> None:
        self._store, self._job, self._worker, self._stopped = store, job, worker, stopped
        self._lost = threading.Event()
        self._progress: dict[str, Any] | None = None
        self._told_at = 0.0

    def on_progress(self, step: Progress) -> None:
        """Record the progress of the job in the store, and stop it if requested.

        Raises:
            Cancelled: the worker no longer has the job, or has to stop.
        """
        if self._stopped() or self._lost.is_set():
            raise Cancelled("stopped", hint="the job is queued again, unless it was cancelled")
        if (now := time.monotonic()) - self._told_at >= REPORT_EVERY_S:
            self._told_at = now
            self._progress = {"stage": step.stage, "done": step.done, "total": step.total}
            self.renew()

    def renew(self) -> None:
        """Keep the job for another LEASE_S, or note that the worker no longer has it."""
        with suppress(LipwrightError):  # a store that cannot be written now may become writable again
            if not self._store.renew(self._job.id, self._worker, self._progress):
                self._lost.set()


MakeWithEngines = Callable[[StoredJob, Engines, Callable[[Progress], None]], dict[str, Any]]
"""Does a job with the engines of a worker and reports its progress, such as `make`."""


def run_process(
    folder: Path,
    batch: str,
    *,
    duty: Duty,
    cores: Sequence[int],
    parent: int,
    failure: Connection,
    headers: tuple[tuple[str, str], ...] = (),
    make_job: MakeWithEngines = make,
    niceness: int = 0,
) -> None:
    """Run a worker as a separate process, as `batch` and the studio do.

    Args:
        folder: Folder of the store.
        batch: The batch whose jobs it takes.
        duty: The kinds of jobs that it takes.
        cores: The cores that it may use, and that libraries will find; empty means all.
        parent: Process id of its owner; the worker ends when the owner is gone.
        failure: Receives the error that ends the process.
        headers: Headers sent to servers.
        make_job: Function that does a job.
        niceness: So that other processes, such as the one that serves the page, have priority.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the owner decides
    asked = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: asked.set())
    if cores and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores)
    if niceness and hasattr(os, "nice"):
        os.nice(niceness)
    allow_to_end_process(lambda error: os._exit(error.exit_code))  # the job counts as lost
    engines = Engines(headers)
    try:
        work(
            JobStore(folder),
            batch,
            lambda job, on_progress: make_job(job, engines, on_progress),
            worker=worker_name(),
            duty=duty,
            stopped=lambda: asked.is_set() or os.getppid() != parent,
            idle=engines.release,
        )
    except LipwrightError as error:  # the store cannot be used: whoever started the process tells it
        with suppress(OSError):
            failure.send(error)
        sys.exit(error.exit_code)
