"""Run a batch on a Ray cluster: actors render; this process manages the store, the inputs and the videos.

Each actor keeps its engine loaded, and is driven by a thread of this process. The thread takes a job from the
store when the actor is ready, sends the inputs through Ray's object store, and writes the results, which it
receives in pieces; so a cluster needs no shared disk. The job of a lost actor or node is queued again, and
Ray starts the actor elsewhere. The remote side is `ray_actor`.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipwright import __version__
from lipwright.domain.progress import Progress
from lipwright.errors import EngineError, EngineUnavailable, LipwrightError, UsageError
from lipwright.jobs.job import Duty, Resource, StoredJob
from lipwright.jobs.job_store import JobStore, worker_name
from lipwright.jobs.processes import Demand
from lipwright.jobs.ray_actor import RenderActor, files_to_send, pieces_of, results_of
from lipwright.jobs.worker import WorkerLost, work
from lipwright.media.file_errors import reading
from lipwright.pipeline.atomic_outputs import commit_together

if TYPE_CHECKING:
    from lipwright.jobs.batch import BatchRequest

LOCAL = "local"
LOOPBACK_ONLY = ("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
"""Environment variable and value with which Ray listens only on 127.0.0.1, as it does by default on Windows
and macOS. Without it, Ray on Linux listens on the network address of the machine, even if the address
127.0.0.1 is given."""
WAITING_PIECES = 8
"""Maximum number of values that an actor has yielded and this process has not yet received. At this number,
the actor pauses."""
CONNECT_S = 5.0
"""Time in seconds in which the head of a cluster must answer. Without this check, Ray would wait for two
minutes and then end the process."""
THREAD_JOIN_S = 20.0
"""Maximum time in seconds that `stop` waits for the thread of each slot."""
MAX_FAILED_STARTS = 3
"""The batch fails if the start of an actor fails this many times in a row."""
INSTALL = "run: pip install 'lipwright[ray]'"
RESOURCE_OPTIONS: Mapping[Resource, dict[str, float]] = {
    "cores": {"num_cpus": 1},
    "one": {"num_cpus": 0, "num_gpus": 1},
    "servers": {"num_cpus": 0.1},
}
"""What an actor reserves from Ray, for each `Resource` that its jobs may need."""
ACTOR_OPTIONS: dict[str, float] = {"max_restarts": -1, "max_task_retries": 0, "max_concurrency": 2}
"""Ray options of all actors. Ray restarts a lost actor, on another node if necessary. It does not retry the
job of the actor, because the store queues the job again. With a concurrency of 2, an actor can be stopped
while it runs a job."""

_HTTP2_GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
"""Connection preface and empty SETTINGS frame (RFC 9113, 3.4), to which every gRPC server responds."""
_HTTP2_SETTINGS = 4


@contextmanager
def ray_runner(request: BatchRequest, store: JobStore, batch: str, demand: Demand) -> Iterator[_RayRunner]:
    """Connect to a Ray cluster, or start one on this machine, and provide its workers to a `with` block.

    Raises:
        EngineUnavailable: Ray is not installed, or the cluster does not answer or lacks resources for the
            jobs.
        UsageError: the address is invalid.
    """
    address = (request.ray or "").strip()
    if address == LOCAL:
        os.environ.setdefault(*LOOPBACK_ONLY)  # must be set before Ray is imported
    try:
        import ray  # noqa: PLC0415
    except ImportError as error:
        raise EngineUnavailable("Ray is not installed", hint=INSTALL) from error
    if address != LOCAL:
        check_address(address)
    where: dict[str, Any] = {"include_dashboard": False} if address == LOCAL else {}
    with redirect_stdout(sys.stderr):  # Ray reports lost actors on standard output, which is for results
        try:
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **where)
        except (OSError, RuntimeError, ValueError, SystemExit) as error:
            raise EngineUnavailable(
                f"the Ray cluster at {address} does not answer ({error})",
                hint="run `ray start --head` on the cluster's head, with the same versions of Ray and Python "
                "as on this machine",
            ) from error
        try:
            runner = _RayRunner(request, store, batch, demand)
            try:
                yield runner
            finally:
                runner.stop()
        finally:
            ray.shutdown()


def check_address(address: str) -> None:
    """Check that the head of a cluster answers.

    Raises:
        UsageError: the address is invalid.
        EngineUnavailable: there is no answer, or it is not from Ray.
    """
    if address == "auto":
        return
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or "/" in address:
        raise UsageError(
            f"--ray {address!r} is not an address",
            hint="give HOST:PORT of the cluster's head, or `auto`, or `local`",
        )
    answer = b""
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_S) as connection:
            if os.environ.get("RAY_USE_TLS", "0") not in {"", "0"}:
                return
            connection.sendall(_HTTP2_GREETING)
            while len(answer) < 9 and (received := connection.recv(9 - len(answer))):
                answer += received
        reason = "the server at this address is not Ray"
    except (OSError, OverflowError) as error:
        reason = str(error)
    if len(answer) < 9 or answer[3] != _HTTP2_SETTINGS:
        raise EngineUnavailable(
            f"the Ray cluster at {address} does not answer ({reason})",
            hint="run `ray start --head` on the cluster's head, and open the port of Ray to this machine",
        )


@dataclass(slots=True)
class _Place:
    """A slot for one actor, and the thread that sends jobs to it."""

    number: int
    resource: Resource
    thread: threading.Thread | None = None
    actor: Any = None
    greeting: Any = None
    """Ray's reference to the answer of the actor's `hello` while the answer is awaited; otherwise None."""
    is_ready: bool = False
    failed_starts: int = 0
    core: tuple[str, int] | None = None
    """Machine and number of the core to which the actor is restricted."""


class _RayRunner:
    """The workers of a batch on a Ray cluster: one Ray actor, driven by one thread, per parallel job."""

    def __init__(self, request: BatchRequest, store: JobStore, batch: str, demand: Demand) -> None:
        import ray  # noqa: PLC0415

        self._request, self._store, self._batch = request, store, batch
        self._stopped = threading.Event()
        self._failure: LipwrightError | None = None
        self._core_lock = threading.Lock()
        cluster: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
        cores, gpus = int(cluster.get("CPU", 0)), int(cluster.get("GPU", 0))
        if not request.workers:
            for resource, there, name in (("cores", cores, "CPU core"), ("one", gpus, "GPU")):
                if resource in demand.resources and not there:
                    raise EngineUnavailable(
                        f"the Ray cluster has no {name}",
                        hint=f"add a machine with a {name}; if the cluster scales automatically, set the "
                        "number of workers with --workers N",
                    )
        self._actor_class = ray.remote(RenderActor)
        self._places = [
            _Place(number, resource)
            for number, resource in enumerate(demand.workers(request.workers, cores=cores, gpus=gpus))
        ]

    def start_missing_workers(self, open_jobs: Mapping[Resource, int]) -> None:
        """Start a thread for each open job that has no thread, as long as there are free slots.

        Raises:
            LipwrightError: actors cannot be started, or the store cannot be used.
        """
        if self._failure is not None:
            raise self._failure
        driven = Counter(place.resource for place in self._places if place.thread is not None)
        for place in self._places:
            if place.thread is None and driven[place.resource] < open_jobs.get(place.resource, 0):
                driven[place.resource] += 1
                place.thread = threading.Thread(target=self._drive, args=(place,), daemon=True)
                place.thread.start()

    def _drive(self, place: _Place) -> None:
        try:
            work(
                self._store,
                self._batch,
                lambda job, on_progress: self._make(place, job, on_progress),
                worker=f"{worker_name()}:ray-{place.number + 1}",
                duty=Duty((place.resource,)),
                stopped=self._stopped.is_set,
                ready=lambda: self._is_ready(place),
            )
        except LipwrightError as error:
            self._failure = error
        except Exception as error:  # if it were not reported, the batch would wait forever
            self._failure = EngineError(
                f"the connection to the Ray cluster broke ({type(error).__name__}: {error})",
                hint="run the same command again: finished videos are kept",
            )

    def _is_ready(self, place: _Place) -> bool:
        """Return True if the actor of a slot is ready; start an actor if the slot has none."""
        import ray  # noqa: PLC0415
        from ray.exceptions import ActorDiedError, RayError  # noqa: PLC0415

        if place.is_ready:
            return True
        if place.actor is None:
            options = RESOURCE_OPTIONS[place.resource] | ACTOR_OPTIONS
            place.actor = self._actor_class.options(**options).remote(self._request.headers)
        place.greeting = place.greeting or place.actor.hello.remote()
        answered, _ = ray.wait([place.greeting], timeout=0.5)
        if not answered:
            return False
        greeting, place.greeting = place.greeting, None
        try:
            host, version = ray.get(greeting)
        except ActorDiedError as error:
            place.actor = None
            place.failed_starts += 1
            if place.failed_starts >= MAX_FAILED_STARTS:
                raise EngineUnavailable(
                    f"workers cannot be started on the Ray cluster: {str(error).strip().splitlines()[-1]}",
                    hint="install the same versions of lipwright, Python and Ray on every machine",
                ) from error
            return False
        except RayError:  # Ray is restarting the actor
            return False
        if version != __version__:
            raise EngineUnavailable(
                f"{host} of the Ray cluster has lipwright {version}, but this machine has {__version__}",
                hint="install the same version of lipwright on every machine",
            )
        if place.resource == "cores":
            place.actor.pin.remote(self._assign_core(place, host))
        place.is_ready, place.failed_starts = True, 0
        return True

    def _assign_core(self, place: _Place, host: str) -> int:
        """Assign an unused CPU core of machine `host` to a slot, and return the number of the core."""
        with self._core_lock:
            used = {other.core for other in self._places if other is not place}
            place.core = next((host, number) for number in count() if (host, number) not in used)
            return place.core[1]

    def _make(self, place: _Place, job: StoredJob, on_progress: Callable[[Progress], None]) -> dict[str, Any]:
        """Run one job on the actor, and write the files that it sends."""
        import ray  # noqa: PLC0415
        from ray.exceptions import RayError, RayTaskError  # noqa: PLC0415

        try:
            files = None if self._request.shared_paths else self._upload(job)
            stream = place.actor.make.options(
                num_returns="streaming", _generator_backpressure_num_objects=WAITING_PIECES
            ).remote(job, files)
            targets = () if files is None else results_of(job)
            return self._receive(stream, targets, on_progress)
        except RayTaskError as error:  # the actor itself still runs
            raise WorkerLost(f"a worker of the cluster failed: {error.cause}") from error
        except RayError as error:
            place.is_ready = False
            raise WorkerLost(f"a worker of the cluster was lost ({type(error).__name__})") from error
        except BaseException:
            with suppress(RayError):
                ray.get(place.actor.stop.remote(), timeout=5)
            raise

    def _receive(
        self,
        stream: Any,  # noqa: ANN401 - Ray's generator of references
        targets: Sequence[Path],
        on_progress: Callable[[Progress], None],
    ) -> dict[str, Any]:
        """Receive progress and pieces of files from an actor; write the files, and return the result."""
        import ray  # noqa: PLC0415

        step = Progress("send", 0, 1)
        with commit_together(*targets) as staged, ExitStack() as files:
            written = [files.enter_context(staged[target].open("wb")) for target in targets]
            while True:
                ready, _ = ray.wait([stream], timeout=1.0)
                if not ready:
                    on_progress(step)
                    continue
                kind, value = ray.get(next(stream))
                if kind == "progress":
                    step = value
                    on_progress(step)
                elif kind == "piece":
                    number, piece = value
                    written[number].write(piece)
                elif kind == "error":
                    raise value
                else:
                    files.close()  # flush the files before they are renamed
                    result: dict[str, Any] = value
                    return result

    def _upload(self, job: StoredJob) -> dict[str, list[Any]]:
        """Put the input files of a job into Ray's object store, and return references to their pieces."""
        import ray  # noqa: PLC0415

        sent = {}
        for role, path in files_to_send(job).items():
            with reading(path):
                sent[role] = [ray.put(piece) for piece in pieces_of(path)]
        return sent

    def stop(self) -> None:
        """Return running jobs to the queue, and wait for the threads to end."""
        self._stopped.set()
        for place in self._places:
            if place.thread is not None:
                place.thread.join(THREAD_JOIN_S)
