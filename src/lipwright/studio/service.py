"""The studio's service: everything that the page and the HTTP API do, in one place.

    service = StudioService(data)                      # folder with the job store of `lipwright jobs`
    number = service.submit("render", {"audio": voice, "image": portrait}, {"seed": 3})
    service.job(number).state                          # queued, running, done, failed, cancelled
    service.job(number).file("video")                  # path of the video of a finished job

Options are named after the settings (`domain/settings.py`), such as `frame_rate`, or after the columns of a
SHOTS file, such as `fps`. Values may be strings, as on the command line. Options cannot name files or
servers: inputs are copied into the job's own folder below DATA, and the operator gives engine, weights and
servers to `StudioService`.

Every method may be called from any thread. Workers are not part of the service: `background` runs them
alongside the server. Every failure is a LipwrightError with a hint: NoSuchJob, QueueFull, NotReady, or the
error that the command line would report.
"""

from __future__ import annotations

import secrets
import shutil
import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

from lipwright.domain.settings import DEFAULT_ROUNDS, build_request
from lipwright.domain.sync_verdict import VERDICT_TEXTS
from lipwright.errors import LipwrightError, UsageError
from lipwright.jobs.job import JobKind, JobState, NewJob, StoredJob
from lipwright.jobs.job_store import JobStore
from lipwright.jobs.shots_file import read_options
from lipwright.media.file_errors import writing
from lipwright.studio.exchange import OPTIONS, options_of_manifest, read_rows, shots_of
from lipwright.studio.input_files import called_by_role, check_inputs, copy_input, display_name, files_key
from lipwright.studio.job_view import VIDEO, Job, NotReady, describe_job
from lipwright.studio.run_job import CHECK

BATCH = "studio"
"""Name of the batch in the job store that contains all jobs of the studio."""
FOLDER = "studio"
"""Folder in DATA that contains one folder per job."""
UPLOADS = "uploads"
"""Folder in DATA for the files that were uploaded through the page."""
INCOMING = "incoming-"
"""Name prefix of folders with uploads that do not belong to a job yet."""
MAX_ROUNDS = 50
MAX_JOBS_SEARCHED = 200
"""Number of recent jobs that `import_shots` searches for the names that the user gave to the files."""
SINGLE_TAKE_OPTIONS = frozenset({"redo_chunks", "fresh"})
"""Options of a single take, which the next take of the job does not inherit."""


class NoSuchJob(UsageError):
    """The studio has no job with this number."""


class StudioService:
    """The operations of the studio, for both of its interfaces.

    Args:
        data: An existing folder, for the job store and the jobs' folders.
        engine_options: The operator's engine, weights and servers, by setting name, for all jobs that do not
            name an engine.
        max_queued: Maximum number of queued jobs; more are refused.

    Raises:
        InputError: the job store in the folder has another version.
        OutputError: the folder cannot be written to.
    """

    def __init__(
        self,
        data: Path,
        *,
        engine_options: Mapping[str, Any] | None = None,
        max_queued: int = 100,
    ) -> None:
        self.data = data.resolve()
        self.folder = self.data / FOLDER
        self.uploads = self.data / UPLOADS
        with writing(self.folder):
            self.folder.mkdir(exist_ok=True)
        self.store = JobStore(self.data)
        self._engine_options = {name: value for name, value in (engine_options or {}).items() if value}
        self._max_queued = max_queued

    # --- Queueing ---------------------------------------------------------------------------------

    def submit(
        self,
        kind: JobKind,
        inputs: Mapping[str, Path],
        options: Mapping[str, Any] | None = None,
        *,
        names: Mapping[str, str] | None = None,
        rounds: int | None = None,
        idempotency_key: str | None = None,
        parent: int | None = None,
        webhook: str | None = None,
    ) -> int:
        """Queue a job and return its number.

        A request that the command line would refuse immediately is refused here, too.

        Args:
            kind: The kind of job.
            inputs: Input files by role (see INPUTS); they are copied into the job's folder.
            options: Settings by name; a video is checked for sync unless `check` is false.
            names: The user's names of the input files, by role; by default their file names.
            rounds: Maximum number of previews, for the kind `tune` only.
            idempotency_key: The client's name for this request. A second request with the same name does not
                make a second job.
            parent: Id of the earlier job whose input files this take uses again; None for a first take.
            webhook: URL to call when the job has ended.

        Raises:
            LipwrightError: the request cannot be queued; see errors.py.
        """
        check_inputs(kind, inputs)
        if rounds is not None and not (kind == "tune" and 1 <= rounds <= MAX_ROUNDS):
            raise UsageError(
                f"`rounds` must be 1 to {MAX_ROUNDS}, and only tune jobs have rounds",
                hint="leave `rounds` out",
            )
        if idempotency_key is not None and not 0 < len(idempotency_key) <= 200:
            raise UsageError(
                "the idempotency key is empty or has more than 200 characters", hint="send a UUID"
            )
        given = read_options(options or {}, OPTIONS if kind != "check" else frozenset())
        called = {role: display_name((names or {}).get(role) or path.name) for role, path in inputs.items()}
        details: dict[str, Any] = {"names": called}
        if kind == "tune":
            details["rounds"] = rounds or DEFAULT_ROUNDS
        with self._new_folder() as folder:
            copies = {role: copy_input(path, folder, role, called[role]) for role, path in inputs.items()}
            if kind == "check":
                key, output, complete = files_key(copies), folder / CHECK, dict(copies)
            else:
                output = folder / VIDEO
                if given.get("redo_chunks"):
                    self._start_from(parent, folder)
                key, complete = self._complete(kind, given, copies, output)
            new = NewJob(
                BATCH, 0, kind, key, str(output), {name: _json(value) for name, value in complete.items()},
                max_attempts=2, parent=parent, request_key=idempotency_key, webhook=webhook, details=details,
            )  # fmt: skip
            number, is_new = self.store.submit(new, max_queued=self._max_queued)
            if not is_new:
                shutil.rmtree(folder)
                before = self.store.get(number)
                if (before.kind, before.key) != (kind, key):
                    raise UsageError(
                        "this idempotency key was used for another request", hint="send a new key"
                    )
        return number

    def take(
        self,
        job_id: int,
        *,
        kind: JobKind | None = None,
        options: Mapping[str, Any] | None = None,
        rounds: int | None = None,
    ) -> int:
        """Queue another take of a job: with the same inputs, and with some options changed.

        Args:
            job_id: Number of the job.
            kind: Kind of the new take, such as render after a preview; None for the kind of the job.
            options: Options that replace those of the job; the value None removes an option.
            rounds: Maximum number of previews, for the kind `tune` only.
        """
        before = self.job(job_id) if kind in {None, "tune"} else self.made(job_id)
        inherited = {
            name: value for name, value in before.options.items() if name in OPTIONS - SINGLE_TAKE_OPTIONS
        }
        return self.submit(
            kind or before.kind,
            before.inputs,
            {**inherited, **(options or {})},
            names=before.names,
            rounds=rounds,
            parent=job_id,
        )

    # --- Reading ----------------------------------------------------------------------------------

    def job(self, job_id: int) -> Job:
        """Return a job.

        Raises:
            NoSuchJob: the studio has no job with this number.
        """
        stored = self._stored(job_id)
        place = self.store.place(stored) if stored.state == "queued" else None
        return describe_job(stored, place)

    def jobs(
        self,
        *,
        search: str = "",
        states: Sequence[JobState] = get_args(JobState),
        kinds: Sequence[JobKind] = get_args(JobKind),
        before: int | None = None,
        limit: int = 50,
    ) -> tuple[Job, ...]:
        """Return the jobs that match all conditions, the newest first.

        Args:
            search: Only jobs with this text in a file name, the prompt, the verdict or the error.
            states: Only jobs in one of these states.
            kinds: Only jobs of one of these kinds.
            before: Only jobs whose id is lower than this value; used for the next page.
            limit: Maximum number of jobs.
        """
        search = search.strip()
        found = self.store.find(
            BATCH,
            search=search,
            verdicts=[
                name
                for name, text in VERDICT_TEXTS.items()
                if search and search.casefold() in text.casefold()
            ],
            states=states,
            kinds=kinds,
            before=before,
            limit=limit,
        )
        places = _places(self.store.queue(BATCH)) if any(job.state == "queued" for job in found) else {}
        return tuple(describe_job(job, places.get(job.id)) for job in found)

    def queue(self) -> tuple[Job, ...]:
        """Return the running jobs, then the queued jobs in the order in which they will run."""
        queue = self.store.queue(BATCH)
        places = _places(queue)
        return tuple(describe_job(job, places.get(job.id)) for job in queue)

    # --- Changing ---------------------------------------------------------------------------------

    def cancel(self, job_id: int) -> Job:
        """Cancel a queued or running job; an ended job is not changed."""
        self._stored(job_id)
        self.store.cancel([job_id])
        return self.job(job_id)

    def retry(self, job_id: int) -> Job:
        """Queue a failed or cancelled job again.

        Raises:
            NotReady: the job is neither failed nor cancelled.
        """
        state = self._stored(job_id).state
        if not self.store.retry([job_id]):
            raise NotReady(
                f"job {job_id} is {state} and cannot be retried",
                hint="only failed and cancelled jobs can be retried",
            )
        return self.job(job_id)

    def reorder(self, job_ids: Sequence[int]) -> None:
        """Move the listed jobs to the front of the queue, in the order of the list."""
        for job_id in job_ids:
            self._stored(job_id)
        self.store.reorder(job_ids)

    def delete(self, job_id: int) -> None:
        """Delete an ended job, and its folder with everything in it.

        Raises:
            NotReady: the job is queued or running.
        """
        folder = Path(self._stored(job_id).output).parent
        if not self.store.forget(job_id):
            raise NotReady(f"job {job_id} has not ended", hint="cancel the job before you delete it")
        if folder.parent == self.folder:
            shutil.rmtree(folder, ignore_errors=True)

    # --- Export and import ----------------------------------------------------------------

    def made(self, job_id: int) -> Job:
        """Return a job with the options that its video was made with.

        For a `tune` job, these are the options that the tuning found.
        """
        job = self.job(job_id)
        if job.kind == "tune" and job.manifest is not None:
            with suppress(LipwrightError):  # if the manifest's engine is no longer installed
                engine = {name: value for name, value in job.options.items() if name == "engine"}
                return job.model_copy(update={"options": options_of_manifest(job.manifest) | engine})
        return job

    def export_shots(self, job_ids: Sequence[int]) -> str:
        """Return jobs as the text of a SHOTS file (JSON Lines), for `lipwright batch` or `import_shots`."""
        return shots_of([self.made(job_id) for job_id in job_ids])

    def import_shots(self, path: Path) -> tuple[int, ...]:
        """Queue the rows of a SHOTS file, such as one that `export_shots` wrote.

        All input files must be in the studio's folder.

        Raises:
            InputError: a row cannot be used, or names a file outside the folder; nothing was queued.
        """
        rows = read_rows(path, self.folder)
        names = {
            file: job.names[role]
            for job in self.jobs(limit=MAX_JOBS_SEARCHED)
            for role, file in job.inputs.items()
        }
        return tuple(
            self.submit(
                "render",
                inputs,
                options,
                names={role: names[file] for role, file in inputs.items() if file in names},
            )
            for inputs, options in rows
        )

    def estimate_seconds(
        self, kind: JobKind, options: Mapping[str, Any], audio_seconds: float
    ) -> float | None:
        """Estimate the duration of a job from similar finished jobs; None if there are none."""
        from lipwright.pipeline.tune.preview import PREVIEW_SECONDS  # noqa: PLC0415 - heavy

        alike = ("engine", "size", "stages", "check")
        factors = []
        for job in self.store.find(BATCH, states=("done",), kinds=(kind,), limit=50):
            result = job.result or {}
            same = all(job.options.get(name) == options.get(name, job.options.get(name)) for name in alike)
            if same and result.get("real_time_factor"):
                factors.append(result["real_time_factor"])
        length = min(audio_seconds, float(PREVIEW_SECONDS)) if kind == "preview" else audio_seconds
        return statistics.median(factors[:20]) * length if factors else None

    @contextmanager
    def incoming(self) -> Iterator[Path]:
        """Provide a temporary folder for uploads, from which `submit` takes files without copying them."""
        folder = self.folder / f"{INCOMING}{secrets.token_hex(8)}"
        with writing(folder):
            folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def sweep(self) -> None:
        """Remove the uploads that an earlier server left; only a server that is starting may call this."""
        for folder in (self.uploads, *self.folder.glob(f"{INCOMING}*")):
            shutil.rmtree(folder, ignore_errors=True)

    # --- Inside -----------------------------------------------------------------------------------

    def _stored(self, job_id: int) -> StoredJob:
        try:
            job = self.store.get(job_id)
        except UsageError as error:
            raise NoSuchJob(error.message, hint=error.hint) from None
        if job.batch != BATCH:
            raise NoSuchJob(
                f"job {job_id} is not a job of the studio", hint=f"`lipwright jobs show {job_id}` shows it"
            )
        return job

    def _start_from(self, parent: int | None, folder: Path) -> None:
        """Copy the video and manifest of the job `parent` to `folder`, the folder of a new job.

        The new job samples some chunks of this video again.
        """
        if parent is None:
            raise UsageError(
                "only the chunks of an existing video can be made again",
                hint="request another take of a finished video",
            )
        job = self.job(parent)
        for path in (job.file("video"), job.file("manifest")):
            copy_input(path, folder, "video", path.name)

    @contextmanager
    def _new_folder(self) -> Iterator[Path]:
        """Make the folder of a job, and remove it if the `with` block that queues the job fails."""
        name = f"{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
        folder = self.folder / name
        with writing(folder):
            folder.mkdir()
        try:
            yield folder
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _complete(
        self, kind: JobKind, given: Mapping[str, Any], copies: Mapping[str, Path], output: Path
    ) -> tuple[str, dict[str, Any]]:
        """Check the options of a new video, and return its job key and its complete options.

        The complete options include the input files, the output file, and the operator's engine options.

        Args:
            kind: The kind of job.
            given: The options that the client gave.
            copies: The studio's copies of the input files, by role.
            output: Path of the video to make.

        Raises:
            LipwrightError: a problem that can be found without rendering.
        """
        from lipwright.media.audio_reader import probe_audio  # noqa: PLC0415 - these are heavy
        from lipwright.media.image_file import read_image  # noqa: PLC0415
        from lipwright.pipeline.job_key import job_key  # noqa: PLC0415
        from lipwright.pipeline.preflight import preflight  # noqa: PLC0415

        if given.get("engine") in {"auto", self._engine_options.get("engine")}:
            given = {name: value for name, value in given.items() if name != "engine"}
        own = {} if "engine" in given else self._engine_options  # they fit only the operator's engine
        options = {"check": True, **own, **given}
        if kind == "tune":
            del options["check"]
        complete = {**options, **copies, "output": output}
        request = build_request(complete)
        ready = preflight(request)
        for role, path in request.inputs.items():
            with called_by_role(path, role):
                read_image(path) if role == "image" else probe_audio(path)
        complete.pop("headers", None)  # secrets: the workers get them from the operator
        return job_key(request, ready.choice.description, tune=kind == "tune"), complete


def _places(queue: Sequence[StoredJob]) -> dict[int, int]:
    """Return the position of each queued job, by job number; the job at position 1 runs next."""
    return {job.id: place for place, job in enumerate((job for job in queue if job.state == "queued"), 1)}


def _json(value: Any) -> Any:  # noqa: ANN401 - values of settings
    return str(value) if isinstance(value, Path) else value
