"""Routes of the API for jobs: videos, checks and the queue.

Each is one call of the service. They are plain functions, which FastAPI runs in threads, so that polls are
answered while a large file is copied. (No `from __future__ import annotations` here: FastAPI reads the
annotations, and some are made in these functions.)
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Depends, File, Form, Header, Query, Response, UploadFile
from fastapi.responses import FileResponse, HTMLResponse

from lipwright.errors import UsageError
from lipwright.jobs.job import JobKind, JobState
from lipwright.studio import api_models as models
from lipwright.studio.api_errors import told_in
from lipwright.studio.service import NoSuchJob, StudioService
from lipwright.studio.studio_job import StudioJob
from lipwright.studio.uploads import OptionsField, read_object, save
from lipwright.studio.webhooks import Webhooks

VIDEO_KINDS: tuple[JobKind, ...] = ("render", "preview", "tune")
MEDIA_TYPES = {".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime", ".webm": "video/webm"}
"""Media types of videos that a browser may play in place; others are downloaded."""
REPORT_POLICY = (
    "default-src 'none'; img-src data: 'self'; media-src data: 'self'; style-src 'unsafe-inline';"
    " script-src 'unsafe-inline'; frame-ancestors 'self'"
)
"""Content security policy of a report: file names in it are escaped, but even a script that got through could
not reach anything."""

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=200,
        description="A name for this request: sent again, it makes no second job.",
    ),
]
Webhook = Annotated[
    str | None,
    Form(description="URL that is called when the job has ended, signed as standardwebhooks.com says."),
]
Search = Annotated[str, Query(max_length=200, description="Text in names, prompt, verdict or error.")]
State = Annotated[JobState | None, Query()]
Before = Annotated[int | None, Query(ge=1, le=sys.maxsize, description="Only jobs with a lower number.")]
Limit = Annotated[int, Query(ge=1, le=200)]


class JobRoutes:
    """Routes of jobs."""

    def __init__(self, service: StudioService, webhooks: Webhooks) -> None:
        self._service, self._webhooks = service, webhooks

    def videos(self) -> APIRouter:
        """Routes of videos, and of the queue."""
        service = self._service
        router = self._jobs_router("videos", "video", VIDEO_KINDS)

        @router.post(
            "/v1/videos", status_code=202, operation_id="create_video", responses=told_in(413, 422, 429, 503)
        )
        def create(
            *,
            response: Response,
            audio: Annotated[UploadFile, File(description="The recording.")],
            image: Annotated[UploadFile | None, File(description="The portrait.")] = None,
            driver: Annotated[
                UploadFile | None, File(description="Audio that moves the mouth instead.")
            ] = None,
            options: OptionsField = "{}",
            kind: Annotated[
                Literal["render", "preview", "tune"],
                Form(description="preview: the busiest 5 seconds, small; tune: searches for settings first."),
            ] = "render",
            rounds: Annotated[int | None, Form(description="Of a tune: previews at most.")] = None,
            webhook: Webhook = None,
            key: Key = None,
        ) -> models.Job:
            """Queue a video."""
            given = read_object(options)
            files = {"audio": audio, "image": image, "driver": driver}
            return self._submit(response, kind, files, given, rounds=rounds, webhook=webhook, key=key)

        @router.post(
            "/v1/videos/{job_id}/takes",
            status_code=202,
            operation_id="create_take",
            responses=told_in(404, 422, 429),
        )
        def take(job_id: int, take: models.NewTake, response: Response) -> models.Job:
            """Queue another take of a video, with the same files and other options."""
            self._known(job_id, VIDEO_KINDS)
            if take.kind == "check":
                raise UsageError("a take cannot be a check", hint="POST the video to /v1/checks")
            number = service.take(job_id, kind=take.kind, options=take.options, rounds=take.rounds)
            return self._described(number, response)

        @router.get("/v1/videos/{job_id}/manifest", operation_id="get_manifest", responses=told_in(404, 409))
        def manifest(job_id: int) -> models.Manifest:
            """Return the manifest."""
            return models.Manifest(**service.manifest(job_id))

        @router.get("/v1/videos/{job_id}/rounds", operation_id="get_rounds", responses=told_in(404, 409))
        def rounds_of(job_id: int) -> dict[str, Any]:
            """Return the rounds of a tune so far, as `lipwright tune --json`."""
            return service.rounds(job_id)

        @router.get(
            "/v1/videos/{job_id}/preview",
            operation_id="get_preview",
            response_class=FileResponse,
            responses=told_in(404, 409),
        )
        def preview(job_id: int) -> FileResponse:
            """Return a frame that the running job made just now, as PNG."""
            return FileResponse(
                service.preview(job_id), media_type="image/png", headers={"cache-control": "no-store"}
            )

        @router.get("/v1/queue", operation_id="get_queue", tags=["queue"])
        def queue() -> models.Jobs:
            """Return what runs, then what waits, in its order."""
            return models.Jobs(jobs=[models.describe(job) for job in service.queue()], next=None)

        @router.put("/v1/queue", operation_id="set_queue", tags=["queue"], responses=told_in(404))
        def reorder(order: models.Order) -> models.Jobs:
            """Put queued jobs first, in this order."""
            service.reorder(order.jobs)
            return queue()

        return router

    def checks(self) -> APIRouter:
        """Routes of checks."""
        router = self._jobs_router("checks", "check", ("check",))

        @router.post(
            "/v1/checks", status_code=202, operation_id="create_check", responses=told_in(413, 422, 429)
        )
        def create(
            *,
            response: Response,
            video: Annotated[UploadFile, File(description="The video to check.")],
            audio: Annotated[
                UploadFile | None, File(description="The recording that it should deliver.")
            ] = None,
            transcript: Annotated[UploadFile | None, File(description="What is said, as text.")] = None,
            webhook: Webhook = None,
            key: Key = None,
        ) -> models.Job:
            """Queue a check of a video."""
            files = {"video": video, "audio": audio, "transcript": transcript}
            return self._submit(response, "check", files, {}, rounds=None, webhook=webhook, key=key)

        return router

    def _jobs_router(self, name: str, one: str, kinds: tuple[JobKind, ...]) -> APIRouter:
        """Make the routes that videos and checks have in common."""
        service = self._service
        router = APIRouter(tags=[name])

        def known(job_id: int) -> StudioJob:
            return self._known(job_id, kinds)

        KnownJob = Annotated[StudioJob, Depends(known)]  # noqa: N806 - a type

        @router.get(f"/v1/{name}", operation_id=f"list_{name}")
        def jobs(
            search: Search = "", state: State = None, before: Before = None, limit: Limit = 50
        ) -> models.Jobs:
            """List them, the newest first."""
            states = get_args(JobState) if state is None else (state,)
            found = service.jobs(search=search, states=states, kinds=kinds, before=before, limit=limit)
            more = found[-1].id if len(found) == limit else None
            return models.Jobs(jobs=[models.describe(job) for job in found], next=more)

        @router.get(f"/v1/{name}/{{job_id}}", operation_id=f"get_{one}", responses=told_in(404))
        def get(job: KnownJob) -> models.Job:
            """Return one: poll this."""
            return models.describe(job)

        @router.delete(f"/v1/{name}/{{job_id}}", operation_id=f"cancel_{one}", responses=told_in(404))
        def cancel(
            job: KnownJob,
            files: Annotated[
                bool, Query(description="Of an ended one: forget it and remove its files.")
            ] = False,
        ) -> models.Job:
            """Cancel it."""
            cancelled = service.cancel(job.id)
            if files:
                service.delete(job.id)
            return models.describe(cancelled)

        @router.post(f"/v1/{name}/{{job_id}}/retry", operation_id=f"retry_{one}", responses=told_in(404, 409))
        def retry(job: KnownJob) -> models.Job:
            """Queue a failed or cancelled one again."""
            return models.describe(service.retry(job.id))

        @router.head(f"/v1/{name}/{{job_id}}/content", include_in_schema=False)
        @router.get(
            f"/v1/{name}/{{job_id}}/content",
            operation_id=f"get_{one}_content",
            response_class=FileResponse,
            responses=told_in(404, 409, 416),
        )
        def content(job: KnownJob, download: bool = False) -> FileResponse:
            """Return the video; range requests are supported."""
            path = service.content_path(job.id)
            name = Path(job.names.get("video") or job.names["audio"]).stem + path.suffix
            return FileResponse(
                path,
                media_type=MEDIA_TYPES.get(path.suffix, "application/octet-stream"),
                filename=name,
                content_disposition_type="attachment"
                if download or path.suffix not in MEDIA_TYPES
                else "inline",
                headers={"content-security-policy": "sandbox; default-src 'none'; media-src 'self'"},
            )

        @router.get(
            f"/v1/{name}/{{job_id}}/report",
            operation_id=f"get_{one}_report",
            response_class=HTMLResponse,
            responses=told_in(404, 409),
        )
        def report(job: KnownJob) -> FileResponse:
            """Return the HTML page of the sync check."""
            path = service.report(job.id)
            return FileResponse(
                path, media_type="text/html", headers={"content-security-policy": REPORT_POLICY}
            )

        @router.get(
            f"/v1/{name}/{{job_id}}/check", operation_id=f"get_{one}_check", responses=told_in(404, 409)
        )
        def check(job: KnownJob) -> models.Check:
            """Return what `lipwright check --json` says."""
            return models.Check(**service.check(job.id))

        return router

    def _submit(
        self,
        response: Response,
        kind: JobKind,
        files: Mapping[str, UploadFile | None],
        options: Mapping[str, Any],
        *,
        rounds: int | None,
        webhook: str | None,
        key: str | None,
    ) -> models.Job:
        url = self._webhooks.check(webhook) if webhook else None
        sent = {role: file for role, file in files.items() if file is not None}
        with self._service.incoming() as folder:
            number = self._service.submit(
                kind,
                {role: save(file, folder / role) for role, file in sent.items()},
                options,
                names={role: file.filename or role for role, file in sent.items()},
                rounds=rounds,
                idempotency_key=key,
                webhook=url,
            )
        return self._described(number, response)

    def _described(self, number: int, response: Response) -> models.Job:
        job = models.describe(self._service.job(number))
        response.headers["location"] = job.links.self
        return job

    def _known(self, job_id: int, kinds: tuple[JobKind, ...]) -> StudioJob:
        """Return a job, if it is of one of these kinds."""
        job = self._service.job(job_id)
        if job.kind not in kinds:
            raise NoSuchJob(f"job {job_id} is of another kind", hint="see /v1/videos and /v1/checks")
        return job
