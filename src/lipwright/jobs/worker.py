"""A worker: a process that keeps its engines loaded and runs jobs that it takes from the store."""

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
from lipwright.jobs.job_store import LEASE_S, JobStore, worker_name
from lipwright.media.time_limit import allow_to_end_process
from lipwright.pipeline.job_key import is_done
from lipwright.pipeline.manifest import Manifest, read_manifest
from lipwright.pipeline.sync_check import measure, reference
from lipwright.system import repeating

RENEW_EVERY_S = LEASE_S / 6
REPORT_EVERY_S = 0.5
"""Minimum interval between a worker's progress reports."""
IDLE_S = 0.3
"""Interval at which an idle worker checks for a job."""


CHECK_AFTER = "check"
"""Key in the `details` of a render that is followed by a check. The check is a separate job, so that the
worker can render the next video in the meantime."""

Make = Callable[[StoredJob, Callable[[Progress], None]], dict[str, Any]]
"""Function that runs one job, reports its progress, and returns its result for the store."""


class WorkerLost(Exception):
    """Raised if the process or machine that runs a job is lost; the job is then queued again."""


class Engines:
    """The engine that a worker keeps loaded.

    The HTTP headers for servers are an argument of this class: they are secrets, so the jobs do not contain
    them.
    """

    def __init__(self, headers: tuple[tuple[str, str], ...] = ()) -> None:
        self._headers = headers
        self._loaded: dict[Any, Engine] = {}

    def request(self, options: Mapping[str, Any]) -> RenderRequest:
        """Build the render request of a job from its options, with the HTTP headers for servers."""
        request = build_request(options)
        if not self._headers:
            return request
        return replace(request, options=replace(request.options, headers=self._headers))

    def engine(self, request: RenderRequest) -> Engine:
        """Return the engine of a request; load it unless it is in memory already."""
        entry = choose(request.engine).description
        name = (entry.name, request.options)
        if name not in self._loaded:
            self._loaded.clear()  # only one engine is kept, because weights are large
            self._loaded[name] = load(entry, request.options)
        return self._loaded[name]

    def release(self) -> None:
        """Release the engine, so that its weights do not take memory from other programs."""
        self._loaded.clear()


def make(job: StoredJob, engines: Engines, on_progress: Callable[[Progress], None]) -> dict[str, Any]:
    """Run one job, and return its result for the store; see `result_of`.

    Raises:
        LipwrightError: the job failed.
        Cancelled: `on_progress` stopped the job.
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
    """Measure the sync of a finished video, and add the result to the video's manifest.

    Raises:
        InputError: another job has replaced the video.
    """
    manifest = measure(read_manifest(request.manifest), request.output, reference(request), on_progress)
    if not is_done(request, key):
        raise InputError(f"another job has replaced the video {request.output}", hint="run the batch again")
    manifest.write(request.manifest)
    return manifest


def result_of(manifest: Manifest) -> dict[str, Any]:
    """Return the values from a video's manifest that are kept in the store.

    They are the length of the video, the speed of the render relative to real time, the result of the sync
    check, and the findings.
    """
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
    """Take jobs of a batch (None for all batches) and run them until `stopped` returns True.

    Args:
        store: The store with the jobs.
        batch: Name of the batch.
        make_job: Runs one job.
        worker: Name of the worker.
        duty: Which jobs the worker takes.
        stopped: Called between the steps of a job. If it returns True, the job is queued again, and the
            worker ends.
        ready: Called before each job. While it returns False, the worker waits.
        idle: Called repeatedly while there is no job.
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
            store.release(worker)  # does nothing if the job was cancelled
        except WorkerLost as error:
            store.requeue_after_loss(job.id, worker, str(error))
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
    """Return a new job that checks the video that the render job `job` makes."""
    return NewJob(
        job.batch, job.row, "check", job.key, job.output, job.options, job.max_attempts, owner=job.owner
    )


class _Lease:
    """A worker's lease of one job, which is renewed while the job runs."""

    def __init__(self, store: JobStore, job: StoredJob, worker: str, stopped: Callable[[], bool]) -> None:
        self._store, self._job, self._worker, self._stopped = store, job, worker, stopped
        self._lost = threading.Event()
        self._progress: dict[str, Any] | None = None
        self._told_at = 0.0

    def on_progress(self, step: Progress) -> None:
        """Record the progress of the job in the store, and stop it if requested.

        Raises:
            Cancelled: the worker no longer has the job, or must stop.
        """
        if self._stopped() or self._lost.is_set():
            raise Cancelled(
                "the job was stopped", hint="the job is queued again, unless the user cancelled it"
            )
        if (now := time.monotonic()) - self._told_at >= REPORT_EVERY_S:
            self._told_at = now
            self._progress = {"stage": step.stage, "done": step.done, "total": step.total}
            self.renew()

    def renew(self) -> None:
        """Renew the lease for another LEASE_S, or note that the worker no longer has the job."""
        with suppress(LipwrightError):  # the store may become writable again
            if not self._store.renew(self._job.id, self._worker, self._progress):
                self._lost.set()


MakeWithEngines = Callable[[StoredJob, Engines, Callable[[Progress], None]], dict[str, Any]]
"""Function that runs one job with the engine of a worker and reports its progress, like `make`."""


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
    """Run a worker; the main function of the processes that `batch` and the studio start.

    Args:
        folder: Folder of the store.
        batch: Name of the batch whose jobs the worker takes.
        duty: Which jobs the worker takes.
        cores: Numbers of the CPU cores that the process may use; empty for all. Libraries that count the
            cores find only these.
        parent: Id of the process that starts the worker; the worker ends when that process has ended.
        failure: Connection over which the process sends the error that makes it exit, if there is one.
        headers: Headers sent to servers.
        make_job: Function that runs a job.
        niceness: Niceness of the process; above 0, other processes, such as the studio's server, have
            priority.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole process group; the owner decides
    asked = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: asked.set())
    if cores and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores)
    if niceness and hasattr(os, "nice"):
        os.nice(niceness)
    allow_to_end_process(lambda error: os._exit(error.exit_code))  # the job then counts as lost
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
    except LipwrightError as error:  # the store cannot be used; the process that started this one reports it
        with suppress(OSError):
            failure.send(error)
        sys.exit(error.exit_code)
