"""The main job: a portrait and a voice become a video, with its manifest beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lipwright import __version__
from lipwright.domain.job import Render, Shot
from lipwright.domain.media import FrameSize, Image
from lipwright.domain.progress import Progress, ProgressCallback, no_progress
from lipwright.domain.settings import RenderRequest
from lipwright.engines.base import Engine
from lipwright.engines.registry import EngineChoice, load
from lipwright.media.files import write_text_atomically
from lipwright.media.image_file import compress_image, read_image
from lipwright.media.video_writer import write_video
from lipwright.pipeline.atomic_outputs import commit_together
from lipwright.pipeline.audio_input import load_planned_audio, make_driver, prefix_errors
from lipwright.pipeline.delivery import delivered
from lipwright.pipeline.frames import timed
from lipwright.pipeline.image import check_reference
from lipwright.pipeline.manifest import Manifest, describe_input, describe_video
from lipwright.pipeline.preflight import preflight, temporal_mask
from lipwright.pipeline.prompt import check_against_audio, examine_prompt
from lipwright.pipeline.stage_timer import StageClock
from lipwright.pipeline.sync_check import Checker, measure, reference, unmeasured
from lipwright.planning import snap_size


def render_video(
    request: RenderRequest,
    report: ProgressCallback = no_progress,
    *,
    engine: Engine | None = None,
    checker: Checker | None = None,
    key: str = "",
) -> Manifest:
    """Make the video and its manifest.

    What can be refused is refused before any work. Video and manifest take their
    names together at the very end; until then, and on any failure, what lay there
    before stays as it was. A video to be checked has its name by then: no failure of
    the check, and no impatience with it, loses the video.

    Args:
        request: What is wanted.
        report: Told the steps of read, prepare, sample, frames and check; may raise Cancelled.
        engine: The request's engine, already loaded; None loads it.
        checker: What measures the video where the request wants it; None is `check_video`.
        key: Hash of the job, for the manifest of a batch's video.

    Returns:
        The manifest, as written.

    Raises:
        LipwrightError: each branch as errors.py tells.
    """
    clock = StageClock()
    ready = preflight(request)
    choice, settings = ready.choice, ready.settings
    reads_prompt = choice.description.reads_prompt == "all"
    prompt_findings = examine_prompt(
        request.prompt if reads_prompt else "",
        settings,
        negative=request.negative if ready.negative else None,
        has_image=request.image is not None,
        holds_image=request.image is not None and choice.description.holds_first_image,
        strict=request.strict,
        allow_motion=request.allow_motion,
    )
    with clock.stage("load"):
        engine = engine or load(choice.description, request.options)
    report(Progress("read", 0, 1))
    with clock.stage("read"):
        image = _image(request)
        wanted, size = snap_size(
            request.size,
            image.size if image else None,
            choice.description.sizes,
            two_stage=settings.stages == 2,
        )
        voice = load_planned_audio(request, report, max_clip_frames=choice.description.max_clip_frames)
        if reads_prompt:
            prompt_findings += check_against_audio(request.prompt, voice.loaded.audio.waveform, voice.speech)
        with prefix_errors(request.image):
            image_findings = check_reference(image, size, choice.description, speaks=bool(voice.speech))
    report(Progress("prepare", 0, 10))
    with clock.stage("prepare"):
        driver = make_driver(voice, request.preparation, prepare=request.prepare, report=report)
    report(Progress("prepare", 10, 10))
    shot = Shot(
        driver=driver.waveform,
        speech=driver.speech,
        plan=voice.plan,
        size=size,
        settings=settings,
        image=image,
        prompt=request.prompt,
        negative=request.negative,
        mask=temporal_mask(request, voice.plan),
        freeze_audio=request.freeze_audio,
    )
    findings = [*ready.findings, *prompt_findings, *image_findings, *voice.findings, *driver.findings]
    # Of what an engine is given, the image alone may turn out to be of no use.
    with clock.stage("sample"), prefix_errors(request.image):
        render = engine.render(shot, report)

    with (
        commit_together(request.output, request.manifest) as staged,
        delivered(request, voice) as (audio_file, audio_format),
    ):
        with clock.stage("write"):
            audio = write_video(
                staged[request.output],
                timed(render.frames, clock),
                frame_rate=voice.plan.frame_rate,
                size=size,
                audio=audio_file,
                frame_count=voice.plan.frames,
                source=audio_format,
                audio_codec=request.audio_codec,
                report=report,
            )
        # The frames are drawn while the video is written: each second counts once.
        clock.seconds["write"] -= clock.seconds.get("frames", 0.0)
        manifest = Manifest(
            job=_job(request, choice, shot, render, wanted),
            plan=voice.plan.to_json(),
            findings=tuple(finding.to_json() for finding in (*findings, *render.findings, *audio.findings)),
            inputs=tuple(
                describe_input(role, path, voice.formats.get(role)) for role, path in request.inputs.items()
            ),
            engine=_engine(choice, render),
            frozen=render.frozen,
            audio=audio.to_json(),
            edits=tuple(edit.to_json() for edit in voice.edits),
            timing=clock.to_json(voice.plan.frames, float(voice.plan.seconds)),
            video=describe_video(staged[request.output]),
            key=key,
        )
        # What an interrupted check leaves behind says so.
        pending = unmeasured("the check did not end", f"run: lipwright check {request.output}")
        waiting = replace(manifest, findings=(*manifest.findings, pending.to_json()))
        write_text_atomically(staged[request.manifest], (waiting if request.check else manifest).text())
    if request.check:
        with clock.stage("check"):
            sync, check_findings = measure(request.output, reference(request), report, checker)
        manifest = replace(
            manifest,
            sync=sync.to_json() if sync else None,
            findings=(*manifest.findings, *(finding.to_json() for finding in check_findings)),
            timing=clock.to_json(voice.plan.frames, float(voice.plan.seconds)),
        )
        write_text_atomically(request.manifest, manifest.text())
    return manifest


def _image(request: RenderRequest) -> Image | None:
    if request.image is None:
        return None
    image = read_image(request.image)
    return image if request.image_crf is None else compress_image(image, request.image_crf)


def _job(
    request: RenderRequest, choice: EngineChoice, shot: Shot, render: Render, wanted: FrameSize
) -> dict[str, Any]:
    """Every setting: what was asked for, and what came of it."""
    return request.to_json() | {
        "engine": choice.description.name,
        "model": render.model,
        **shot.settings.to_json(),
        "size": str(shot.size),
        "size_requested": str(wanted),
        "start": shot.mask.start if shot.mask else 0.0,
        "end": shot.mask.end if shot.mask else float(shot.plan.seconds),
    }


def _engine(choice: EngineChoice, render: Render) -> dict[str, Any]:
    return {
        "name": choice.description.name,
        "why": choice.why,
        "model": render.model,
        "versions": {"lipwright": __version__, **render.versions},
        "settings": dict(render.settings),
    }
