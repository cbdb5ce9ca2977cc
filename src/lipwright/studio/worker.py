"""How a worker of the studio does a job: render, preview, tune or check, in the job's own folder."""

# ruff: noqa: PLC0415 - heavy modules are imported in the worker alone

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from lipwright.domain.media import Image
from lipwright.domain.progress import Progress, ProgressCallback
from lipwright.domain.settings import RenderRequest
from lipwright.errors import InputError, LipwrightError
from lipwright.jobs.job import StoredJob
from lipwright.jobs.worker import Engines, result_of
from lipwright.studio.studio_job import CHECK, PREVIEW, REPORT, TRACE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lipwright.domain.shot import Render, Shot
    from lipwright.engines.base import Engine
    from lipwright.pipeline.manifest import Manifest
    from lipwright.pipeline.tune.preview import Preview

PREVIEW_EVERY_S = 2.0
MAX_PREVIEW_PX = 360
CONTENT = "content"
"""Address of a large video, relative to the check's report in the HTTP API."""


def make_job(job: StoredJob, engines: Engines, on_progress: ProgressCallback) -> dict[str, Any]:
    """Run one job of the studio and return its result for the store.

    Raises:
        LipwrightError: the job failed.
        Cancelled: `on_progress` stopped it.
    """
    folder = Path(job.output).parent
    shown = _Shown(folder / PREVIEW, on_progress)
    names = {job.options[role]: name for role, name in job.details["names"].items()}
    try:
        if job.kind == "check":
            return _check(job, folder, on_progress)
        request = engines.request(job.options)
        make = {"preview": _preview, "tune": _tune, "render": _render}[job.kind]
        manifest = make(job, request, engines, shown)
    except LipwrightError as error:
        for path, name in names.items():  # the studio's own path says nothing to the user
            error.message = error.message.replace(path, name)
        raise
    finally:
        with suppress(OSError):
            shown.path.unlink(missing_ok=True)
    return result_of(manifest) | {"engine": manifest.engine["name"], "size": manifest.job.get("size")}


def _render(job: StoredJob, request: RenderRequest, engines: Engines, shown: _Shown) -> Manifest:
    from lipwright.pipeline.job_key import is_done
    from lipwright.pipeline.manifest import read_manifest

    if is_done(request, job.key):  # the worker was lost between the last rename and the report
        return read_manifest(request.manifest)
    return _rendered(request, engines, shown, key=job.key)


def _preview(job: StoredJob, request: RenderRequest, engines: Engines, shown: _Shown) -> Manifest:
    """Render the seconds with the most speech, small unless the face would be too small."""
    from lipwright.pipeline.preflight import preflight
    from lipwright.pipeline.tune.preview import plan_preview
    from lipwright.pipeline.tune.preview_cache import PreviewCache

    ready = preflight(request)
    cache = PreviewCache(request.output.parent, keep=True)
    two_stage = ready.settings.stages == 2
    plan = plan_preview(
        request, ready.choice.description.sizes, cache, shown.on_progress, two_stage=two_stage
    )
    try:
        return _rendered(_own(plan, request), engines, shown)
    except InputError:
        if not plan.smaller:
            raise
    return _rendered(_own(plan.at_full_size(), request), engines, shown)


def _own(plan: Preview, request: RenderRequest) -> RenderRequest:
    return replace(plan.request, output=request.output, check=request.check)


def _rendered(request: RenderRequest, engines: Engines, shown: _Shown, key: str = "") -> Manifest:
    from lipwright.pipeline.render import render_video
    from lipwright.pipeline.sync_check import standard_checker

    checker = partial(standard_checker(), report_html=request.output.parent / REPORT, video_address=CONTENT)
    engine = shown.engine(engines.engine(request))
    return render_video(request, shown.on_progress, engine=engine, checker=checker, key=key)


def _tune(job: StoredJob, request: RenderRequest, engines: Engines, shown: _Shown) -> Manifest:
    from lipwright.pipeline.tune.run import tune_video

    return tune_video(
        request,
        shown.on_progress,
        engine=engines.engine(request),
        rounds=int(job.details["rounds"]),
        trace=request.output.parent / TRACE,
        key=job.key,
    ).manifest


def _check(job: StoredJob, folder: Path, on_progress: ProgressCallback) -> dict[str, Any]:
    from lipwright.domain.json_text import dumps
    from lipwright.media.atomic_files import write_text_atomically
    from lipwright.pipeline.check import check_video

    found = check_video(
        job.options["video"],
        audio=job.options.get("audio"),
        transcript=job.options.get("transcript"),
        report_html=folder / REPORT,
        video_address=CONTENT,
        report=on_progress,
    ).to_json()
    write_text_atomically(folder / CHECK, dumps(found))
    return {
        "verdict": found["verdict"],
        "offset_ms": found["offset_ms"],
        "seconds": found["video"]["seconds"],
    }


class _Shown:
    """The preview of a running job: a small image, written every few seconds."""

    def __init__(self, path: Path, on_progress: Callable[[Progress], None]) -> None:
        self.path, self._on_progress, self._at = path, on_progress, 0.0

    def on_progress(self, step: Progress) -> None:
        """Forward the progress, and write its preview as the frame to show."""
        if step.preview is not None:
            self.show(step.preview.rgb)
        self._on_progress(step)

    def show(self, rgb: NDArray[np.uint8]) -> None:
        """Write a frame, unless one was written recently; a full disk does not fail the video."""
        if (now := monotonic()) - self._at < PREVIEW_EVERY_S:
            return
        from lipwright.media.image_file import write_png

        self._at = now
        step = -(-max(rgb.shape[:2]) // MAX_PREVIEW_PX)
        with suppress(LipwrightError):
            write_png(self.path, Image(rgb[::step, ::step].copy()))

    def engine(self, engine: Engine) -> Engine:
        """Return the engine, with its frames shown on their way to the file."""
        return _ShownEngine(engine, self)


class _ShownEngine:
    def __init__(self, engine: Engine, shown: _Shown) -> None:
        self.name, self._engine, self._shown = engine.name, engine, shown

    def render(self, shot: Shot, report: ProgressCallback) -> Render:
        """Render, and write some of the frames as they are drawn, to be shown."""
        made = self._engine.render(shot, report)
        return replace(made, frames=self._passing(made.frames))

    def _passing(self, frames: Iterator[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
        for frame in frames:
            self._shown.show(frame)
            yield frame
