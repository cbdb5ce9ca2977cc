"""Render a video from a portrait and a recording, and write its manifest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from lipwright import __version__
from lipwright.domain.audio_piece import AudioSource
from lipwright.domain.finding import Finding
from lipwright.domain.media import FrameSize, Image
from lipwright.domain.progress import Progress, ProgressCallback, no_progress
from lipwright.domain.settings import RenderRequest
from lipwright.domain.shot import Render, Shot
from lipwright.domain.time import Span
from lipwright.engines.base import Engine
from lipwright.engines.registry import EngineChoice, load
from lipwright.errors import Cancelled, OutputError
from lipwright.media.atomic_files import hidden_sibling, write_text_atomically
from lipwright.media.audio_decoder import AudioFormat
from lipwright.media.audio_reader import probe_audio
from lipwright.media.audio_writer import write_shortened
from lipwright.media.image_file import compress_image, read_image
from lipwright.media.video_writer import write_video
from lipwright.motion.export import WRITERS
from lipwright.pipeline.atomic_outputs import commit_together
from lipwright.pipeline.audio_input import PlannedAudio, load_planned_audio, make_driver, prefix_errors
from lipwright.pipeline.chunk_cache import ChunkCache
from lipwright.pipeline.chunk_options import chunk_options, plan_redo
from lipwright.pipeline.image import check_reference
from lipwright.pipeline.manifest import Manifest, describe_input, describe_video
from lipwright.pipeline.preflight import ResolvedRequest, preflight, temporal_mask
from lipwright.pipeline.prompt import check_against_audio, examine_request
from lipwright.pipeline.stage_timer import StageClock, timed
from lipwright.pipeline.sync_check import Checker, before_check, measure, reference
from lipwright.planning import snap_size


def render_video(
    request: RenderRequest,
    report: ProgressCallback = no_progress,
    *,
    engine: Engine | None = None,
    checker: Checker | None = None,
    image: Image | None = None,
    key: str = "",
) -> Manifest:
    """Render the video and write its manifest.

    Invalid requests are refused before any work is done. Video and manifest are moved into place together at
    the very end; until then, and after any failure, older files with these names are unchanged. A failed or
    cancelled check never discards the video.

    Args:
        request: The request.
        report: Called with the progress of the stages "read", "prepare", "sample" and "frames", and of the
            check; may raise Cancelled.
        engine: The request's engine, already loaded; None loads it.
        checker: Function that measures the video, if the request has `check`; None for `check_video`.
        image: The request's image, if it has already been read; None reads it. If several renders get the
            same object, an engine can reuse what it has prepared for the image.
        key: Hash of the job in a batch or dialogue, for the manifest; empty for a single video.

    Returns:
        The manifest that was written.

    Raises:
        LipwrightError: see errors.py.
    """
    clock = StageClock()
    request, redo = plan_redo(request)
    ready = preflight(request)
    choice, settings = ready.choice, ready.settings
    prompt_findings = examine_request(request, ready, has_image=request.image is not None)
    with clock.stage("load"):
        engine = engine or load(choice.description, request.options)
    report(Progress("read", 0, 1))
    with clock.stage("read"):
        image = _read_reference(request, image)
        requested_size, size = snap_size(
            request.size,
            image.size if image else None,
            choice.description.sizes,
            two_stage=settings.stages == 2,
        )
        planned = load_planned_audio(request, report, max_clip_frames=choice.description.max_clip_frames)
        if choice.description.reads_prompt == "all":
            audio = planned.loaded.audio.waveform
            prompt_findings += check_against_audio(request.prompt, audio, planned.speech)
        with prefix_errors(request.image):
            image_findings = check_reference(
                image, size, choice.description, speaks=bool(planned.speech), face=request.face
            )
    report(Progress("prepare", 0, 10))
    with clock.stage("prepare"):
        driver = make_driver(planned, request.preparation, prepare=request.prepare, report=report)
    report(Progress("prepare", 10, 10))
    chunks, cache, chunk_key = chunk_options(
        request, choice.description, planned.plan, driver, seed=settings.seed, redo=redo
    )
    shot = Shot(
        driver=driver.waveform,
        speech=driver.speech,
        plan=planned.plan,
        size=size,
        settings=settings,
        image=image,
        face=request.face,
        prompt=request.prompt,
        negative=request.negative,
        mask=temporal_mask(request, planned.plan),
        freeze_audio=request.freeze_audio,
        chunks=chunks,
    )
    findings = [*ready.findings, *prompt_findings, *image_findings, *planned.findings, *driver.findings]
    # All other inputs have been checked by now, so an InputError is about the image.
    with clock.stage("sample"), prefix_errors(request.image):
        render = _sample(engine, shot, report, cache)
    findings += cache.findings if cache else ()

    with (
        commit_together(request.output, request.manifest, *request.motion_out) as staged,
        _delivered(request, planned) as (audio_file, audio_format),
    ):
        with clock.stage("write"):
            delivery = write_video(
                staged[request.output],
                timed(render.frames, clock),
                frame_rate=planned.plan.frame_rate,
                size=size,
                audio=audio_file,
                frame_count=planned.plan.frames,
                source=audio_format,
                audio_codec=request.audio_codec,
                report=report,
            )
        # The engine draws the frames while they are written, so count each second only once.
        clock.seconds["write"] -= clock.seconds.get("frames", 0.0)
        manifest = Manifest(
            job=job_entry(
                request,
                ready,
                render,
                size=size,
                requested_size=requested_size,
                moving=shot.mask or Span(0.0, float(shot.plan.seconds)),
            ),
            plan=planned.plan.to_json(),
            findings=findings_to_json(*findings, *render.findings, *delivery.findings),
            inputs=tuple(
                describe_input(role, planned.sources.get(role, path), planned.formats.get(role))
                for role, path in request.inputs.items()
            ),
            engine=engine_entry(choice, render),
            frozen=render.frozen,
            audio=delivery.to_json(),
            edits=tuple(edit.to_json() for edit in planned.edits),
            timing=clock.to_json(planned.plan),
            video=describe_video(staged[request.output]),
            chunks=tuple(chunk.to_json() for chunk in render.chunks),
            chunk_key=chunk_key,
            key=key or (redo.manifest.key if redo else ""),
        )
        written = before_check(manifest, request.output) if request.check else manifest
        written.write(staged[request.manifest])
        for file in request.motion_out:
            assert render.motion is not None  # noqa: S101 - preflight has checked the engine
            text = WRITERS[file.suffix.lower()](render.motion, str(request.audio))
            write_text_atomically(staged[file], text)
    if request.check:
        with clock.stage("check"):
            manifest = measure(manifest, request.output, reference(request), report, checker)
        manifest = replace(manifest, timing=clock.to_json(planned.plan))
        manifest.write(request.manifest)
    return manifest


def _sample(engine: Engine, shot: Shot, report: ProgressCallback, cache: ChunkCache | None) -> Render:
    """Render with the engine; if the user cancels, the raised `Cancelled` says how many chunks are stored."""
    try:
        return engine.render(shot, report)
    except (Cancelled, KeyboardInterrupt) as error:
        if cache and cache.interrupted:
            raise Cancelled("interrupted", hint=cache.interrupted) from error
        raise


def _read_reference(request: RenderRequest, image: Image | None) -> Image | None:
    if request.image is None:
        return None
    image = image or read_image(request.image)
    return image if request.image_crf is None else compress_image(image, request.image_crf)


@contextmanager
def _delivered(request: RenderRequest, planned: PlannedAudio) -> Iterator[tuple[AudioSource, AudioFormat]]:
    """Provide the audio for the video file, and its format, during a `with` block.

    The audio is the recording, or the requested piece of the recording. If --trim-silence shortened pauses,
    the audio is a shortened copy with the same sample rate, channels and bit depth. The copy is next to the
    video, under a hidden name; if this run is killed, the next run removes the copy.
    """
    if not planned.edits:
        yield request.recording, planned.formats["audio"]
        return
    copy = hidden_sibling(request.output, "master.wav")
    try:
        try:
            write_shortened(request.recording, copy, [(e.master_start, e.master_end) for e in planned.edits])
        except OutputError as error:
            error.message = error.message.replace(str(copy), str(request.output))
            raise
        yield copy, probe_audio(copy)
    finally:
        with suppress(OSError):
            copy.unlink(missing_ok=True)


def findings_to_json(*findings: Finding) -> tuple[dict[str, Any], ...]:
    """Return the value of `findings` in the manifest."""
    return tuple(finding.to_json() for finding in findings)


def job_entry(
    request: RenderRequest,
    ready: ResolvedRequest,
    render: Render,
    *,
    size: FrameSize,
    requested_size: FrameSize,
    moving: Span,
) -> dict[str, Any]:
    """Return the value of `job` in the manifest: all settings, as requested and as resolved."""
    return request.to_json() | {
        "engine": ready.choice.description.name,
        "model": render.model,
        **ready.settings.to_json(),
        "size": str(size),
        "size_requested": str(requested_size),
        "start": moving.start,
        "end": moving.end,
    }


def engine_entry(choice: EngineChoice, render: Render) -> dict[str, Any]:
    """Return the value of `engine` in the manifest."""
    return {
        "name": choice.description.name,
        "why": choice.why,
        "model": render.model,
        "versions": {"lipwright": __version__, **render.versions},
        "settings": dict(render.settings),
    }
