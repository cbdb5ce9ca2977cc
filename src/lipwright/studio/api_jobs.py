"""Routes of the API for jobs: videos, checks and the queue.

The routes are plain functions, which FastAPI runs in threads, so that other requests are answered while a
large file is copied. The name of a route is its `operationId` in OpenAPI. (This module lacks `from __future__
import annotations`, because FastAPI evaluates the annotations, and some of their types exist only inside
functions.)
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Depends, File, Form, Header, Query, Response, UploadFile
from fastapi.params import Depends as Dependency
from fastapi.responses import FileResponse, HTMLResponse

from lipwright.jobs.job import JobKind, JobState
from lipwright.media.input_containers import MEDIA_TYPES
from lipwright.studio import api_models as models
from lipwright.studio.api_errors import problems
from lipwright.studio.job_view import Job
from lipwright.studio.service import NoSuchJob, StudioService
from lipwright.studio.uploads import OptionsField, save
from lipwright.studio.webhooks import Webhooks

VIDEO_KINDS: tuple[JobKind, ...] = get_args(models.VideoKind)
REPORT_POLICY = (
    "default-src 'none'; img-src data: 'self'; media-src data: 'self'; style-src 'unsafe-inline';"
    " script-src 'unsafe-inline'; frame-ancestors 'self'"
)
"""Content security policy of a report. The report escapes file names; even if the browser ran a file name as
a script, the script could not load or send anything."""

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="A name for this request. A second request with this name returns the job of the first.",
    ),
]
Webhook = Annotated[
    str | None,
    Form(description="URL to call when the job has ended, signed as standardwebhooks.com defines."),
]
Search = Annotated[
    str,
    Query(
        max_length=200,
        description="Only jobs with this text in a file name, the prompt, the verdict or the error.",
    ),
]
State = Annotated[JobState | None, Query()]
Before = Annotated[
    int | None, Query(ge=1, le=sys.maxsize, description="Only jobs whose id is lower than this value.")
]
Limit = Annotated[int, Query(ge=1, le=200)]


def video_routes(service: StudioService, webhooks: Webhooks) -> APIRouter:
    """Make the routes for videos and for the queue."""
    known = _known(service, VIDEO_KINDS)
    Video = Annotated[Job, known]  # noqa: N806 - a type
    router = _job_routes(service, "video", VIDEO_KINDS, known)

    @router.post("/v1/videos", status_code=202, responses=problems(413, 415, 422, 429, 503, 507))
    def create_video(
        *,
        response: Response,
        audio: Annotated[UploadFile, File(description="The recording.")],
        image: Annotated[UploadFile | None, File(description="The portrait.")] = None,
        driver: Annotated[
            UploadFile | None,
            File(
                description="Audio that drives the mouth instead of the recording; the video still contains "
                "the recording."
            ),
        ] = None,
        options: OptionsField = {},  # noqa: B006 - never changed
        kind: Annotated[
            models.VideoKind,
            Form(
                description="render: the whole video; preview: only the 5 s with the most speech, in a small "
                "size; tune: the whole video, after previews that find good settings."
            ),
        ] = "render",
        rounds: Annotated[int | None, Form(description="Maximum number of previews if kind is tune.")] = None,
        webhook: Webhook = None,
        key: Key = None,
    ) -> Job:
        """Queue a video."""
        url = webhooks.check(webhook) if webhook else None
        files = {"audio": audio, "image": image, "driver": driver}
        return _submit(
            response, service, files, kind, options, rounds=rounds, webhook=url, idempotency_key=key
        )

    @router.post("/v1/videos/{job_id}/takes", status_code=202, responses=problems(404, 415, 422, 429))
    def create_take(video: Video, take: models.NewTake, response: Response) -> Job:
        """Queue another take of a video, with the same files and other options."""
        number = service.take(video.id, kind=take.kind, options=take.options, rounds=take.rounds)
        return _located(response, service.job(number))

    @router.get("/v1/videos/{job_id}/manifest", responses=problems(404, 409))
    def get_manifest(video: Video) -> models.Manifest:
        """Return the manifest of a finished video."""
        return models.Manifest(**video.read_manifest())

    @router.get("/v1/videos/{job_id}/rounds", responses=problems(404, 409))
    def get_rounds(video: Video) -> dict[str, Any]:
        """Return the finished rounds of a `tune` job, in the form of `lipwright tune --json`."""
        return video.read_rounds()

    @router.get("/v1/videos/{job_id}/preview", response_class=FileResponse, responses=problems(404, 409))
    def get_preview(video: Video) -> FileResponse:
        """Return a recent frame of the running job, as PNG."""
        return FileResponse(
            video.file("preview"), media_type="image/png", headers={"cache-control": "no-store"}
        )

    @router.get("/v1/queue", tags=["queue"])
    def get_queue() -> models.Jobs:
        """Return the running jobs, then the queued jobs in the order in which they will run."""
        return models.Jobs(jobs=list(service.queue()), next=None)

    @router.put("/v1/queue", tags=["queue"], responses=problems(404, 415))
    def set_queue(order: models.Order) -> models.Jobs:
        """Move the listed jobs to the front of the queue, in the order of the list."""
        service.reorder(order.jobs)
        return get_queue()

    return router


def check_routes(service: StudioService, webhooks: Webhooks) -> APIRouter:
    """Make the routes for checks."""
    router = _job_routes(service, "check", ("check",), _known(service, ("check",)))

    @router.post("/v1/checks", status_code=202, responses=problems(413, 415, 422, 429, 507))
    def create_check(
        *,
        response: Response,
        video: Annotated[UploadFile, File(description="The video to check.")],
        audio: Annotated[
            UploadFile | None, File(description="The recording that the video should contain.")
        ] = None,
        transcript: Annotated[UploadFile | None, File(description="Text file with the spoken words.")] = None,
        webhook: Webhook = None,
        key: Key = None,
    ) -> Job:
        """Queue a check of a video."""
        url = webhooks.check(webhook) if webhook else None
        files = {"video": video, "audio": audio, "transcript": transcript}
        return _submit(response, service, files, "check", {}, webhook=url, idempotency_key=key)

    return router


def _job_routes(service: StudioService, one: str, kinds: tuple[JobKind, ...], known: Dependency) -> APIRouter:
    """Make the routes that videos and checks have in common; `one` is "video" or "check"."""
    path = f"/v1/{one}s"
    router = APIRouter(tags=[f"{one}s"])
    KnownJob = Annotated[Job, known]  # noqa: N806 - a type

    @router.get(path, name=f"list_{one}s")
    def jobs(
        search: Search = "", state: State = None, before: Before = None, limit: Limit = 50
    ) -> models.Jobs:
        """List the videos or checks, the newest first."""
        states = get_args(JobState) if state is None else (state,)
        found = service.jobs(search=search, states=states, kinds=kinds, before=before, limit=limit)
        return models.Jobs(jobs=list(found), next=found[-1].id if len(found) == limit else None)

    @router.get(f"{path}/{{job_id}}", name=f"get_{one}", responses=problems(404))
    def get(job: KnownJob) -> Job:
        """Return a video or check with its state and progress; clients poll this route."""
        return job

    @router.delete(f"{path}/{{job_id}}", name=f"cancel_{one}", responses=problems(404))
    def cancel(
        job: KnownJob,
        files: Annotated[bool, Query(description="Also delete the job and its files.")] = False,
    ) -> Job:
        """Cancel a queued or running video or check."""
        cancelled = service.cancel(job.id)
        if files:
            service.delete(job.id)
        return cancelled

    @router.post(f"{path}/{{job_id}}/retry", name=f"retry_{one}", responses=problems(404, 409))
    def retry(job: KnownJob) -> Job:
        """Queue a failed or cancelled video or check again."""
        return service.retry(job.id)

    @router.head(f"{path}/{{job_id}}/content", include_in_schema=False)
    @router.get(
        f"{path}/{{job_id}}/content",
        name=f"get_{one}_content",
        response_class=FileResponse,
        responses=problems(404, 409, 416),
    )
    def content(job: KnownJob, download: bool = False) -> FileResponse:
        """Return the video; range requests are supported."""
        video = job.file("video")
        is_playable = video.suffix in MEDIA_TYPES
        return FileResponse(
            video,
            media_type=MEDIA_TYPES.get(video.suffix, "application/octet-stream"),
            filename=Path(job.names.get("video") or job.names["audio"]).stem + video.suffix,
            content_disposition_type="inline" if is_playable and not download else "attachment",
            headers={"content-security-policy": "sandbox; default-src 'none'; media-src 'self'"},
        )

    @router.get(
        f"{path}/{{job_id}}/report",
        name=f"get_{one}_report",
        response_class=HTMLResponse,
        responses=problems(404, 409),
    )
    def report(job: KnownJob) -> FileResponse:
        """Return the HTML report of the sync check."""
        headers = {"content-security-policy": REPORT_POLICY}
        return FileResponse(job.file("report"), media_type="text/html", headers=headers)

    @router.get(f"{path}/{{job_id}}/check", name=f"get_{one}_check", responses=problems(404, 409))
    def check(job: KnownJob) -> models.Check:
        """Return the result of the sync check, in the form of `lipwright check --json`."""
        return models.Check(**job.read_check())

    return router


def _submit(
    response: Response,
    service: StudioService,
    files: Mapping[str, UploadFile | None],
    kind: JobKind,
    options: Mapping[str, Any],
    **request: Any,  # noqa: ANN401 - as `StudioService.submit` takes it
) -> Job:
    sent = {role: file for role, file in files.items() if file is not None}
    with service.incoming() as folder:
        number = service.submit(
            kind,
            {role: save(file, folder / role) for role, file in sent.items()},
            options,
            names={role: file.filename or role for role, file in sent.items()},
            **request,
        )
    return _located(response, service.job(number))


def _located(response: Response, job: Job) -> Job:
    response.headers["location"] = job.links.self
    return job


def _known(service: StudioService, kinds: tuple[JobKind, ...]) -> Dependency:
    """Return a FastAPI dependency that looks up the job in the URL path, and rejects other kinds of jobs."""

    def known(job_id: int) -> Job:
        job = service.job(job_id)
        if job.kind not in kinds:
            raise NoSuchJob(
                f"job {job_id} is a {job.kind}, which this path does not serve",
                hint="videos are under /v1/videos, checks are under /v1/checks",
            )
        return job

    found: Dependency = Depends(known)
    return found
