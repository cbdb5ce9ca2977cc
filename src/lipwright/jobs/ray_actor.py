"""The remote part of a batch on a Ray cluster: actors that run jobs, and the transfer of their files."""

from __future__ import annotations

import json
import os
import queue
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from lipwright import __version__
from lipwright.domain.json_text import dumps
from lipwright.domain.progress import Progress
from lipwright.errors import Cancelled, LipwrightError
from lipwright.jobs.job import StoredJob
from lipwright.jobs.shots_file import PATH_COLUMNS
from lipwright.jobs.worker import Engines, make
from lipwright.system import TemporaryFolder

PIECE_BYTES = 8 << 20
"""Size of the pieces in which files are sent."""
PROGRESS_INTERVAL_S = 0.25
"""Minimum time between two progress reports of an actor, because each one is an object in Ray's store."""


class RenderActor:
    """A Ray actor: a process of the cluster that keeps its engine loaded and runs jobs.

    The HTTP headers for servers are passed to it directly: they are secrets, so jobs do not contain them.
    """

    def __init__(self, headers: tuple[tuple[str, str], ...]) -> None:
        self._engines = Engines(headers)
        self._stop = threading.Event()

    def hello(self) -> tuple[str, str]:
        """Return the machine's name and its version of lipwright; the answer shows that the actor runs."""
        return socket.gethostname(), __version__

    def pin(self, core: int) -> None:
        """Restrict the process to one core, so that libraries that count cores find only one."""
        if hasattr(os, "sched_setaffinity"):
            cores = sorted(os.sched_getaffinity(0))
            with suppress(OSError):
                for thread in Path("/proc/self/task").iterdir():
                    os.sched_setaffinity(int(thread.name), [cores[core % len(cores)]])

    def stop(self) -> None:
        """Stop the running job at its next step."""
        self._stop.set()

    def make(self, job: StoredJob, files: Mapping[str, Sequence[Any]] | None) -> Iterator[tuple[str, Any]]:
        """Run one job, and yield its progress and results.

        Args:
            job: The job; with `files` its paths are replaced by those of copies on this machine.
            files: References to the pieces of each input file, by role; None if the job's paths are valid on
                this machine.

        Yields:
            First ("progress", Progress) repeatedly. Then, if `files` is not None, ("piece", (number of the
            result file, bytes)) for each piece of the result files. Finally ("result", mapping) or ("error",
            exception).
        """
        stop = self._stop = threading.Event()  # a new one, because the previous job may still be stopping
        steps: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        next_report = 0.0

        def on_progress(step: Progress) -> None:
            if stop.is_set():
                raise Cancelled("the batch was stopped", hint="run it again to make the remaining videos")
            nonlocal next_report
            if time.monotonic() < next_report:
                return
            next_report = time.monotonic() + PROGRESS_INTERVAL_S
            steps.put(("progress", Progress(step.stage, step.done, step.total)))

        with TemporaryFolder("ray") as folder:
            local = job if files is None else _localized(job, files, folder.path)

            def run() -> None:
                try:
                    steps.put(("result", make(local, self._engines, on_progress)))
                except (LipwrightError, MemoryError) as error:
                    steps.put(("error", error))
                except BaseException as error:  # the receiving machine may not have the class of the error
                    steps.put(("error", RuntimeError(repr(error))))

            threading.Thread(target=run, daemon=True).start()
            while True:
                kind, value = steps.get()
                if kind == "result" and files is not None:
                    for number, path in enumerate(results_of(local)):
                        _restore_paths(path, local, job)
                        yield from (("piece", (number, piece)) for piece in pieces_of(path))
                yield kind, value
                if kind != "progress":
                    return


def files_to_send(job: StoredJob) -> dict[str, Path]:
    """Return the files that a job reads, by role."""
    files = {role: Path(job.options[role]) for role in PATH_COLUMNS if job.options.get(role)}
    if job.kind == "check":
        output = Path(job.output)
        files |= {"video.mp4": output, "video.json": output.with_suffix(".json")}
    return files


def results_of(job: StoredJob) -> tuple[Path, ...]:
    """Return the files that a job writes, always in the same order."""
    output = Path(job.output)
    manifest = output.with_suffix(".json")
    if job.kind == "check":
        return (manifest,)
    return (output, manifest, *map(Path, job.options.get("motion_out") or ()))


def pieces_of(path: Path) -> Iterator[bytes]:
    """Read a file in pieces."""
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece


def _localized(job: StoredJob, files: Mapping[str, Sequence[Any]], folder: Path) -> StoredJob:
    """Write received files to a folder, and return the job with the paths of these files."""
    import ray  # noqa: PLC0415

    options = dict(job.options)
    output = folder / "video.mp4"
    for role, pieces in files.items():
        path = folder / (f"{role}{Path(options[role]).suffix}" if role in PATH_COLUMNS else role)
        with path.open("wb") as file:
            for piece in pieces:
                file.write(ray.get(piece))
        if role in PATH_COLUMNS:
            options[role] = str(path)
    options["output"] = str(output)
    if options.get("motion_out"):
        motion = [] if job.kind == "check" else options["motion_out"]
        options["motion_out"] = [
            str(folder / f"motion{number}{Path(file).suffix}") for number, file in enumerate(motion)
        ]
    return replace(job, options=options, output=str(output))


def _restore_paths(path: Path, local: StoredJob, job: StoredJob) -> None:
    """In a text file, replace this machine's paths with the paths of the machine that runs the batch."""
    if path == Path(local.output):
        return
    text = path.read_text(encoding="utf-8")
    if path == Path(local.output).with_suffix(".json"):
        value = json.loads(text)
        for role in (*PATH_COLUMNS, "output"):
            if value["job"].get(role) is not None:
                value["job"][role] = job.options[role]
        for entry in value["inputs"]:
            entry["path"] = job.options[entry["role"]]
        text = dumps(value)
    else:
        text = text.replace(local.options["audio"], job.options["audio"])
    path.write_text(text, encoding="utf-8")
