"""A batch on a Ray cluster: actors render, this process owns the store, the inputs and the videos.

Each actor keeps its engine loaded. A thread of this process drives it: it takes a job from the store,
sends the inputs through Ray's object store, and writes the video that comes back in pieces, so a cluster
needs no shared disk. The job of a lost actor or node is queued again; Ray starts the actor elsewhere.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipwright.domain.progress import Progress
from lipwright.engines.registry import choose
from lipwright.errors import EngineUnavailable, LipwrightError, UsageError
from lipwright.jobs.job import JobKind, StoredJob
from lipwright.jobs.shots import PATH_COLUMNS, ShotRow
from lipwright.jobs.store import JobStore, worker_name
from lipwright.jobs.worker import Engines, WorkerLost, make, work
from lipwright.media.atomic_files import write_text_atomically
from lipwright.pipeline.atomic_outputs import commit_together

if TYPE_CHECKING:
    from lipwright.jobs.batch import BatchRequest

LOCAL = "local"
PIECE_BYTES = 8 << 20
"""Size of the pieces in which files travel."""
WAITING_PIECES = 8
"""Pieces that an actor makes ahead of what was taken."""
MAX_RESTARTS = 20
JOIN_S = 20.0
INSTALL = "run: pip install 'lipwright[ray]'"


class RenderActor:
    """The remote side: one process of the cluster with its engines."""

    def __init__(self, headers: tuple[tuple[str, str], ...]) -> None:
        self._engines = Engines(headers)
        self._stop = threading.Event()

    def stop(self) -> None:
        """Stop the job that is being made at its next step."""
        self._stop.set()

    def make(self, job: StoredJob, files: Mapping[str, Sequence[Any]] | None) -> Iterator[tuple[str, Any]]:
        """Make one job and stream what happens.

        Args:
            job: The job; with `files` its paths are replaced by copies here.
            files: Pieces of each input by its role, and of the video that a check measures; None where
                this machine sees the same paths.

        Yields:
            ("progress", Progress), then ("video", piece)..., ("manifest", text) where files travel, and
            at last ("result", mapping) or ("error", the exception).
        """
        self._stop.clear()
        steps: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()

        def on_progress(step: Progress) -> None:
            from lipwright.errors import Cancelled  # noqa: PLC0415

            if self._stop.is_set():
                raise Cancelled("stopped", hint="the batch was stopped")
            steps.put(("progress", Progress(step.stage, step.done, step.total)))

        with tempfile.TemporaryDirectory(prefix="lipwright-ray-") as folder:
            local = job if files is None else _localized(job, files, Path(folder))

            def run() -> None:
                try:
                    steps.put(("result", make(local, self._engines, on_progress)))
                except BaseException as error:
                    steps.put(
                        ("error", error if isinstance(error, LipwrightError) else RuntimeError(repr(error)))
                    )

            threading.Thread(target=run, daemon=True).start()
            while True:
                kind, value = steps.get()
                if kind == "result" and files is not None:
                    video = Path(local.output)
                    if job.kind != "check":
                        yield from (("video", piece) for piece in _pieces(video))
                    yield "manifest", video.with_suffix(".json").read_text(encoding="utf-8")
                yield kind, value
                if kind != "progress":
                    return


def _localized(job: StoredJob, files: Mapping[str, Sequence[Any]], folder: Path) -> StoredJob:
    """Write the inputs into a folder and return the job with their paths."""
    import dataclasses  # noqa: PLC0415

    import ray  # noqa: PLC0415

    options = dict(job.options)
    output = folder / "video.mp4"
    for role, pieces in files.items():
        if role in PATH_COLUMNS:
            path = folder / f"{role}{Path(options[role]).suffix}"
            options[role] = str(path)
        else:
            path = folder / role
        with path.open("wb") as file:
            for piece in pieces:
                file.write(ray.get(piece))
    options["output"] = str(output)
    return dataclasses.replace(job, options=options, output=str(output))


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece


@contextmanager
def ray_runner(
    request: BatchRequest, store: JobStore, batch: str, rows: Sequence[ShotRow]
) -> Iterator[_RayRunner]:
    """Connect to the cluster, or start one on this machine, and run the batch's actors while the block runs.

    Raises:
        EngineUnavailable: Ray is not installed, or the cluster does not answer.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray  # noqa: PLC0415
    except ImportError as error:
        raise EngineUnavailable("Ray is not installed", hint=INSTALL) from error
    if not (request.ray or "").strip():
        raise UsageError("--ray names no address", hint="give HOST:PORT, or local")
    where: dict[str, Any] = {"address": request.ray}
    if request.ray == LOCAL:
        where = {"_node_ip_address": "127.0.0.1", "include_dashboard": False}
    try:
        ray.init(log_to_driver=False, logging_level=logging.ERROR, **where)
    except (ConnectionError, OSError, RuntimeError, ValueError) as error:
        raise EngineUnavailable(
            f"the Ray cluster at {request.ray} does not answer ({type(error).__name__})",
            hint="is `ray start --head` running there, with the same versions of Ray and Python?",
        ) from error
    runner = _RayRunner(request, store, batch, rows)
    try:
        yield runner
    finally:
        runner.stop()
        ray.shutdown()


class _RayRunner:
    """One thread and one actor for each render that runs at once."""

    def __init__(self, request: BatchRequest, store: JobStore, batch: str, rows: Sequence[ShotRow]) -> None:
        import ray  # noqa: PLC0415

        self._request, self._store, self._batch = request, store, batch
        self._stopped = threading.Event()
        parallel = choose(rows[0].request.engine).description.parallel
        resources: dict[str, float] = {"cores": {"num_cpus": 1.0}, "one": {"num_gpus": 1.0}}.get(
            parallel, {"num_cpus": 0.1}
        )
        cluster: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
        fitting = {
            "cores": int(cluster.get("CPU", 1)),
            "one": int(cluster.get("GPU", 1)),
            "servers": max(1, len(rows[0].request.options.servers)),
        }[parallel]
        self._actor_class = ray.remote(RenderActor).options(
            max_restarts=MAX_RESTARTS, max_concurrency=2, **resources
        )
        self._places = request.workers or max(1, fitting)
        render_kinds: tuple[JobKind, ...] = ("render", "tune") if parallel != "cores" and request.check else (
            "render", "tune", "check",
        )  # fmt: skip
        self._kinds: list[tuple[JobKind, ...]] = [render_kinds] * self._places
        if "check" not in render_kinds:
            self._kinds.append(("check",))
        self._threads: dict[int, threading.Thread] = {}
        self._actors: dict[int, Any] = {}

    def tend(self, queued: int) -> None:
        """Start a thread for each actor, and again where one has run out of jobs and there are new ones."""
        for place, kinds in enumerate(self._kinds):
            thread = self._threads.get(place)
            if thread is not None and (thread.is_alive() or not queued):
                continue
            if place not in self._actors:
                actor_class = (
                    self._actor_class if kinds != ("check",) else self._actor_class.options(num_gpus=0)
                )
                self._actors[place] = actor_class.remote(self._request.headers)
            thread = threading.Thread(target=self._drive, args=(place, kinds), daemon=True)
            self._threads[place] = thread
            thread.start()

    def _drive(self, place: int, kinds: Sequence[JobKind]) -> None:
        work(
            self._store,
            self._batch,
            lambda job, on_progress: self._make(place, job, on_progress),
            worker=f"{worker_name()}:ray-{place + 1}",
            kinds=kinds,
            check=self._request.check,
            stopped=self._stopped.is_set,
        )

    def _make(self, place: int, job: StoredJob, on_progress: Callable[[Progress], None]) -> dict[str, Any]:
        """Have the actor make one job, and write what it sends.

        Raises:
            LipwrightError: what the job failed with.
            WorkerLost: the actor or its node is gone.
        """
        import ray  # noqa: PLC0415
        from ray.exceptions import RayError  # noqa: PLC0415

        actor = self._actors[place]
        travels = not self._request.shared_paths
        try:
            files = self._upload(job) if travels else None
            stream = actor.make.options(
                num_returns="streaming", _generator_backpressure_num_objects=WAITING_PIECES
            ).remote(job, files)
            output = Path(job.output)
            with tempfile.TemporaryDirectory(prefix=".lipwright-", dir=output.parent) as folder:
                return self._receive(job, stream, Path(folder), on_progress)
        except RayError as error:
            raise WorkerLost(f"a worker of the cluster was lost ({type(error).__name__})") from error
        except BaseException:
            with suppress(RayError):
                ray.get(actor.stop.remote(), timeout=5)
            raise

    def _receive(
        self,
        job: StoredJob,
        stream: Any,  # noqa: ANN401 - Ray's generator of references
        folder: Path,
        on_progress: Callable[[Progress], None],
    ) -> dict[str, Any]:
        import ray  # noqa: PLC0415

        output, received = Path(job.output), folder / "video.mp4"
        manifest = ""
        with received.open("wb") as file:
            while True:
                ready, _ = ray.wait([stream], timeout=1.0)
                if not ready:
                    on_progress(Progress("cluster", 0, 1))
                    continue
                kind, value = ray.get(next(stream))
                if kind == "progress":
                    on_progress(value)
                elif kind == "video":
                    file.write(value)
                elif kind == "manifest":
                    manifest = _with_paths(value, job)
                elif kind == "error":
                    raise value
                else:
                    break
        if manifest and job.kind == "check":
            write_text_atomically(output.with_suffix(".json"), manifest)
        elif manifest:
            with commit_together(output, output.with_suffix(".json")) as (video, notes):
                received.replace(video)
                notes.write_text(manifest, encoding="utf-8")
        result: dict[str, Any] = value
        return result

    def _upload(self, job: StoredJob) -> dict[str, list[Any]]:
        """Put every input into the object store, in pieces."""
        import ray  # noqa: PLC0415

        paths = {role: Path(job.options[role]) for role in PATH_COLUMNS if job.options.get(role)}
        if job.kind == "check":
            output = Path(job.output)
            paths |= {"video.mp4": output, "video.json": output.with_suffix(".json")}
        return {role: [ray.put(piece) for piece in _pieces(path)] for role, path in paths.items()}

    def stop(self) -> None:
        """Give running jobs back and wait for the threads to end."""
        self._stopped.set()
        for thread in self._threads.values():
            thread.join(JOIN_S)


def _with_paths(text: str, job: StoredJob) -> str:
    """Put this machine's paths into a manifest that was written on another."""
    from lipwright.pipeline.text_files import dumps  # noqa: PLC0415

    value = json.loads(text)
    for role in (*PATH_COLUMNS, "output"):
        if value["job"].get(role) is not None:
            value["job"][role] = job.options[role]
    for entry in value["inputs"]:
        entry["path"] = job.options[entry["role"]]
    return dumps(value)
