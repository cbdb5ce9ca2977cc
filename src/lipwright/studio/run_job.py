"""Run one job of the studio (render, preview, tune or check) in the job's own folder."""

# ruff: noqa: PLC0415 - heavy modules are imported only in workers

from __future__ import annotations

from collections.abc import Iterator
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
from lipwright.pipeline.job_key import is_done
from lipwright.pipeline.manifest import Manifest, read_manifest
from lipwright.pipeline.sync_check import standard_checker

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lipwright.domain.shot import Render, Shot
    from lipwright.engines.base import Engine
    from lipwright.pipeline.tune.preview import Preview

REPORT, CHECK = "report.html", "check.json"
PREVIEW = "preview.png"
"""File name of a recent frame of a running job, replaced every few seconds."""
TRACE = "trace"
"""Name of a folder in the folder of a `tune` job. It contains the finished rounds, and final.html, the report
of the final video."""

PREVIEW_EVERY_S = 2.0
MAX_PREVIEW_PX = 360
CONTENT = "content"
"""URL of a video that is too large to be embedded in the report of its check, relative to the report's
URL."""


def make_job(job: StoredJob, engines: Engines, on_progress: ProgressCallback) -> dict[str, Any]:
    """Run one job of the studio and return its result for the store.

    Raises:
        LipwrightError: the job failed.
        Cancelled: `on_progress` stopped the job.
    """
    folder = Path(job.output).parent
    try:
        if job.kind == "check":
            return _check(job, folder, on_progress)
        request = engines.request(job.options)
        if job.kind == "render" and is_done(request, job.key):
            # An earlier worker finished the video, but was lost before it reported the result.
            manifest = read_manifest(request.manifest)
        else:
            engine = _PreviewingEngine(engines.engine(request), folder / PREVIEW)
            make = {"preview": _preview, "tune": _tune, "render": _render}[job.kind]
            manifest = make(job, request, engine, on_progress)
    except LipwrightError as error:
        for role, name in job.details["names"].items():  # the user does not know the studio's paths
            error.message = error.message.replace(job.options[role], name)
        raise
    finally:
        with suppress(OSError):
            (folder / PREVIEW).unlink(missing_ok=True)
    return result_of(manifest) | {"engine": manifest.engine["name"], "size": manifest.job.get("size")}


def _render(
    job: StoredJob, request: RenderRequest, engine: Engine, on_progress: ProgressCallback
) -> Manifest:
    from lipwright.pipeline.render import render_video

    checker = partial(
        standard_checker(),
        report_html=request.output.parent / REPORT,
        video_address=CONTENT,
        video_name=f"{Path(job.details['names']['audio']).stem}.mp4",
    )
    key = job.key if job.kind == "render" else ""
    return render_video(request, on_progress, engine=engine, checker=checker, key=key)


def _preview(
    job: StoredJob, request: RenderRequest, engine: Engine, on_progress: ProgressCallback
) -> Manifest:
    """Render only the section with the most speech, at a small size.

    If the face is too small at that size, the section is rendered at full size.
    """
    from lipwright.pipeline.preflight import preflight
    from lipwright.pipeline.tune.preview import plan_preview
    from lipwright.pipeline.tune.preview_cache import PreviewCache

    ready = preflight(request)
    cache = PreviewCache(request.output.parent, keep=True)
    two_stage = ready.settings.stages == 2
    plan = plan_preview(request, ready.choice.description.sizes, cache, on_progress, two_stage=two_stage)

    def render(plan: Preview) -> Manifest:
        own = replace(plan.request, output=request.output, check=request.check)
        return _render(job, own, engine, on_progress)

    try:
        return render(plan)
    except InputError:
        if not plan.smaller:
            raise
    return render(plan.at_full_size())


def _tune(job: StoredJob, request: RenderRequest, engine: Engine, on_progress: ProgressCallback) -> Manifest:
    from lipwright.pipeline.tune.run import tune_video

    return tune_video(
        request,
        on_progress,
        engine=engine,
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
        video_name=job.details["names"]["video"],
        report=on_progress,
    ).to_json()
    write_text_atomically(folder / CHECK, dumps(found))
    return {
        "verdict": found["verdict"],
        "offset_ms": found["offset_ms"],
        "seconds": found["video"]["seconds"],
    }


class _PreviewingEngine:
    """An engine that also saves a recent frame as a small image every few seconds, for display."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self.name, self._engine, self._path, self._written_at = engine.name, engine, path, 0.0

    def render(self, shot: Shot, report: ProgressCallback) -> Render:
        def on_progress(step: Progress) -> None:
            if step.preview is not None:
                self._write(step.preview.rgb)
            report(step)

        made = self._engine.render(shot, on_progress)
        return replace(made, frames=self._shown(made.frames))

    def _shown(self, frames: Iterator[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
        for frame in frames:
            self._write(frame)
            yield frame

    def _write(self, rgb: NDArray[np.uint8]) -> None:
        """Write a frame unless one was written recently; a full disk does not fail the job."""
        if (now := monotonic()) - self._written_at < PREVIEW_EVERY_S:
            return
        from lipwright.media.image_file import write_png

        self._written_at = now
        step = -(-max(rgb.shape[:2]) // MAX_PREVIEW_PX)
        with suppress(LipwrightError):
            write_png(self._path, Image(rgb[::step, ::step].copy()))
