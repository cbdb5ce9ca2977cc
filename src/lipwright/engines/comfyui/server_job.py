"""The lifecycle of a job on one server: it is submitted, monitored, and cancelled if the user stops it.

A job is monitored by the socket, which is fast, and by polling, which is reliable. A job that is neither
queued, nor running, nor in the history is lost. If the connection broke during the job, the server has
probably restarted, and the job is submitted once more. Otherwise, somebody has probably deleted the job, and
an error is raised.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any

from lipwright.domain.progress import ProgressCallback
from lipwright.engines.comfyui.client import Client, TransientServerError, UnexpectedStatus
from lipwright.engines.comfyui.events import Event, Listener
from lipwright.engines.comfyui.progress import ProgressTracker
from lipwright.engines.comfyui.server_errors import failure_error, refusal_error
from lipwright.errors import EngineError, EngineTimedOut, EngineUnavailable
from lipwright.workflow.schemas import as_list, as_mapping

Graph = Mapping[str, Any]
"""A graph in API format: node ids as keys, and the class_type and inputs of each node as values."""

CANCEL_S = 5.0
"""Maximum time for cancelling a job, in seconds."""

_FINAL_EVENTS = {"execution_success", "execution_error", "execution_interrupted"}


@dataclass(frozen=True, slots=True)
class FinishedJob:
    """A job that the server reports as finished."""

    graph: Graph
    """The submitted graph, with the names that the server gave to the uploaded files."""
    outputs: Mapping[str, Any]
    """Outputs of each node, keyed by node id, from the job's history entry."""
    resubmitted: bool
    """True if the server lost the job, so that it was submitted again."""


class _JobLost(Exception):
    """The error if the server no longer knows the job."""


def run_job(
    client: Client,
    make_graph: Callable[[], Graph],
    *,
    steps: int,
    report: ProgressCallback,
) -> FinishedJob:
    """Submit a graph and wait until its job is done.

    Args:
        client: The server.
        make_graph: Uploads the files and returns the graph; it is called again if the server was restarted.
        steps: Expected number of sampling steps, for the progress.
        report: Called with the progress of the stages queue, load, encode, sample, decode and export; may
            raise Cancelled.

    Raises:
        EngineRejected: the graph was refused.
        EngineUnavailable, EngineTimedOut: the server is unreachable, or reports nothing about the job.
        EngineOutOfMemory, EngineError: the job failed, or was interrupted or deleted on the server.
        Cancelled: `report` stopped the work; the job was also cancelled on the server.
    """
    client_id = uuid.uuid4().hex
    with Listener(client.server, client_id, client.timeouts) as listener:
        graph = make_graph()
        for again in (False, True):
            job = str(uuid.uuid4())  # ComfyUI 0.26 and later accept only this canonical form
            watch = _JobMonitor(client, listener, job, ProgressTracker(graph, steps, report))
            try:
                submit(client, graph, job, client_id)
                return FinishedJob(graph, watch.until_done(), again)
            except _JobLost:
                if again:
                    raise EngineError(
                        f"{client.server.label} lost the job twice",
                        hint="see the server's log: does the server crash?",
                    ) from None
                graph = make_graph()
            except BaseException:
                cancel(client, job)
                raise
    raise AssertionError("unreachable")


def submit(client: Client, graph: Graph, job: str, client_id: str) -> None:
    """Submit a graph as a job with the id `job`.

    Raises:
        EngineRejected: the server refused the graph or a part of it. (If ComfyUI refuses only a part, it
            answers 200 with node_errors, and runs the rest of the graph.)
        EngineError: see `Client.post`.
    """
    value = {"prompt": graph, "client_id": client_id, "prompt_id": job}
    try:
        answer = _post(client, value, job)
    except UnexpectedStatus as refused:
        too_large = {"error": {"message": "the graph is larger than the server accepts"}}
        body = too_large if refused.status == 413 else refused.json()
        raise refusal_error(client.server.label, body, graph) from None
    if not isinstance(answer, Mapping) or answer.get("prompt_id") != job:
        raise client.not_comfyui("/prompt")
    if answer.get("node_errors"):
        raise refusal_error(client.server.label, answer, graph)


def _post(client: Client, value: Mapping[str, object], job: str) -> Any:  # noqa: ANN401
    """Send a graph to /prompt; if the answer is lost, look up the job's id before sending the graph again."""
    sent = False
    for last in client.attempts():
        if sent:
            running, pending = client.queue()
            if job in running or job in pending or client.history(job) is not None:
                return {"prompt_id": job}
        try:
            return client.post("/prompt", value)
        except (TransientServerError, EngineTimedOut):
            if last:
                raise
            sent = True
    raise AssertionError("unreachable")


def cancel(client: Client, job: str) -> None:
    """Remove a job from the queue, or interrupt it if it is running; never raise an error."""
    deadline = monotonic() + CANCEL_S
    for _ in range(2):  # repeated, because a waiting job may start in between
        with suppress(EngineError, OSError):
            running, pending = client.queue(CANCEL_S)
            if job in pending:
                client.post("/queue", {"delete": [job]}, timeout_s=CANCEL_S)
            elif job in running:
                client.post("/interrupt", {"prompt_id": job}, timeout_s=CANCEL_S)
                return
            else:
                return
        if monotonic() > deadline:
            return


class _JobMonitor:
    """Monitors a job until it ends."""

    def __init__(self, client: Client, listener: Listener, job: str, tracker: ProgressTracker) -> None:
        self._client, self._listener, self._job, self._tracker = client, listener, job, tracker
        self._timeouts = client.timeouts
        self._dropped = False
        """True if the connection has broken since the job was submitted."""
        self._absent = 0
        """Number of consecutive checks in which the server did not know the job."""
        self._out_since: float | None = None
        """Time at which the server became unreachable; None while it is reachable."""
        self._alive = monotonic()

    def until_done(self) -> Mapping[str, Any]:
        """Wait until the job is done, and return its outputs.

        Raises:
            _JobLost: the server restarted.
            EngineError: see `run_job`.
        """
        look_at = monotonic()  # immediately, because a fully cached job sends almost no events
        while True:
            event = self._listener.next(min(self._timeouts.tick_s, max(0.0, look_at - monotonic())))
            if event is not None and self._take(event):
                look_at = monotonic()
            if event is None:
                self._tracker.repeat()
            if monotonic() < look_at:
                continue
            entry = self._find_entry()
            if entry is not None:
                return self._outcome(entry)
            quick = self._absent or self._out_since is not None
            look_at = monotonic() + (self._timeouts.retry_s if quick else self._timeouts.poll_s)
            if monotonic() - self._alive > self._timeouts.stall_s:
                raise EngineTimedOut(
                    f"{self._client.server.label} reported nothing about the job "
                    f"for {self._timeouts.stall_s / 60:.0f} minutes",
                    hint="see the server's log",
                )

    def _take(self, event: Event) -> bool:
        """Process an event; return True if the history should be queried now."""
        if event.kind == "socket-lost":
            self._dropped = True
            return True
        if event.data.get("prompt_id") != self._job:
            return False
        self._alive = monotonic()
        self._tracker.take(event)
        return event.kind in _FINAL_EVENTS or (event.kind == "executing" and event.data.get("node") is None)

    def _find_entry(self) -> Mapping[str, Any] | None:
        """Return the history entry of the job; None if there is none yet.

        Raises:
            _JobLost: the server no longer knows the job, and the connection has broken during the job.
            EngineError: the job was deleted, or the server was unreachable for longer than the timeout
                `outage_s`.
        """
        try:
            entry = self._client.history(self._job)
            if entry is None:
                running, pending = self._client.queue()
        except (EngineUnavailable, EngineTimedOut) as error:
            self._wait_out(error)
            return None
        self._out_since = None
        if entry is not None:
            return entry
        if self._job in running or self._job in pending:
            self._absent = 0
            if self._job in pending:
                self._alive = monotonic()  # the server works on other jobs
                self._tracker.waiting(len(running) + pending.index(self._job))
            return None
        # The job may have moved from the queue to the history between the two requests. It is also in neither
        # for a moment when a worker takes it. So it counts as lost only after three checks in a row.
        self._absent += 1
        if self._absent < 3:
            return None
        if self._dropped:
            raise _JobLost
        raise EngineError(
            f"the job was deleted on {self._client.server.label}",
            hint="somebody cleared the server's queue; start the render again",
        )

    def _wait_out(self, error: EngineError) -> None:
        self._dropped = True
        now = monotonic()
        if self._out_since is None:
            self._out_since = now
        elif now - self._out_since > self._timeouts.outage_s:
            raise error

    def _outcome(self, entry: Mapping[str, Any]) -> Mapping[str, Any]:
        status, label = as_mapping(entry.get("status")), self._client.server.label
        if status.get("status_str") == "error" or status.get("completed") is False:
            for message in as_list(status.get("messages")):
                match message:
                    case ["execution_error", dict(data)]:
                        raise failure_error(label, data)
                    case ["execution_interrupted", dict()]:
                        raise EngineError(
                            f"the job was interrupted on {label}", hint="start the render again"
                        )
            raise EngineError(f"the job failed on {label}", hint="see the server's own log")
        outputs = entry.get("outputs")
        if not isinstance(outputs, Mapping):
            raise self._client.not_comfyui("/history")
        return outputs
