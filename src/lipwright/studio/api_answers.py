"""Routes of the API that answer immediately, without a job: plans, recordings, images and prompts."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Annotated, ParamSpec, TypeVar

from fastapi import APIRouter, File, Form, UploadFile

from lipwright import __version__
from lipwright.domain.plan import Fit
from lipwright.domain.settings import DEFAULT_FRAME_RATE, SETTINGS, Preparation
from lipwright.errors import UsageError
from lipwright.jobs.shots_file import read_options
from lipwright.studio import api_models as models
from lipwright.studio.api_errors import problems
from lipwright.studio.service import StudioService
from lipwright.studio.uploads import OptionsField, received

AUDIO_OPTIONS = frozenset(
    spec.name for spec in SETTINGS.values() if spec.owner is Preparation or spec.name in {"frame_rate", "fit"}
)

MAX_PARALLEL_ANSWERS = 2
"""Maximum number of requests for immediate answers that are handled in parallel. More requests wait, so that
there are always threads for clients that poll their jobs."""
Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")


def answers(service: StudioService) -> APIRouter:
    """Make the routes that answer immediately."""
    router, free = APIRouter(), asyncio.Semaphore(MAX_PARALLEL_ANSWERS)

    def in_turn(work: Callable[Parameters, Answer]) -> Callable[Parameters, Awaitable[Answer]]:
        @wraps(work)
        async def wait(*arguments: Parameters.args, **options: Parameters.kwargs) -> Answer:
            async with free:
                return await asyncio.to_thread(work, *arguments, **options)

        return wait

    @router.get("/v1/health", tags=["studio"])
    async def get_health() -> models.Health:
        """Report that the server is running; the request needs no token."""
        return models.Health(status="ok", version=__version__)

    @router.post("/v1/plans", tags=["answers"], responses=problems(413, 415, 422, 507))
    @in_turn
    def plan(
        audio: Annotated[
            UploadFile | None, File(description="The recording; give either audio or seconds or frames.")
        ] = None,
        seconds: Annotated[str | None, Form()] = None,
        frames: Annotated[int | None, Form()] = None,
        fps: Annotated[str, Form()] = str(DEFAULT_FRAME_RATE),
        fit: Annotated[Fit, Form()] = "auto",
    ) -> models.Plan:
        """Plan the frames and chunks for a recording, as `lipwright plan` does."""
        from lipwright.pipeline.audio_input import plan_recording  # noqa: PLC0415
        from lipwright.planning import plan_frames, plan_seconds  # noqa: PLC0415

        rate = SETTINGS["frame_rate"].check(fps)
        match audio, seconds, frames:
            case None, str(), None:
                made = plan_seconds(seconds, rate, fit)
            case None, None, int():
                made = plan_frames(frames, rate)
            case audio, None, None if audio is not None:
                with received(service, audio, "audio") as path:
                    made = plan_recording(path, rate, fit)
            case _:
                raise UsageError(
                    "give exactly one of audio, seconds and frames", hint="for example, give only seconds=5"
                )
        return models.Plan(**made.to_json())

    @router.post("/v1/audio", name="examine_audio", tags=["answers"], responses=problems(413, 415, 422, 507))
    @in_turn
    def audio(
        audio: Annotated[UploadFile, File(description="The recording.")],
        options: OptionsField = {},  # noqa: B006 - never changed
    ) -> models.Audio:
        """Examine a recording, as `lipwright audio` does."""
        from lipwright.pipeline.audio import examine_audio  # noqa: PLC0415

        given = read_options(options, AUDIO_OPTIONS)
        rate, fit = (
            SETTINGS[name].check(given.pop(name, SETTINGS[name].default)) for name in ("frame_rate", "fit")
        )
        with received(service, audio, "audio") as path:
            return models.Audio(**examine_audio(path, rate, fit, preparation=Preparation(**given)).to_json())

    @router.post(
        "/v1/images", name="examine_image", tags=["answers"], responses=problems(413, 415, 422, 503, 507)
    )
    @in_turn
    def image(
        image: Annotated[UploadFile, File(description="The portrait.")],
        size: Annotated[str | None, Form(description="Size of the video in pixels, such as 512x512.")] = None,
    ) -> models.Image:
        """Examine a portrait, as `lipwright image` does."""
        from lipwright.pipeline.image import examine_image  # noqa: PLC0415

        with received(service, image, "image") as path:
            return models.Image(**examine_image(path, size=size).to_json())

    @router.post("/v1/prompts", name="examine_prompt", tags=["answers"], responses=problems(415, 422))
    @in_turn
    def prompt(given: models.PromptRequest) -> models.Prompt:
        """Check a prompt, or compose one for a scenario, as `lipwright prompt` does."""
        from lipwright.pipeline.prompt import judge_prompt  # noqa: PLC0415

        if (given.scenario is None) == (not given.text.strip()):
            raise UsageError("give either text or a scenario", hint='send {"scenario": "narrator"}')
        parts = given.model_dump(include={"subject", "emotion", "lighting", "background", "style", "lens"})
        found = judge_prompt(
            given.text, scenario=given.scenario, parts=parts, negative=given.negative, cfg=given.cfg
        )
        return models.Prompt(**found.to_json())

    return router
