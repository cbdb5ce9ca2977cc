"""The main job: a portrait and a voice become a film, with its manifest beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lipwright import __version__
from lipwright.domain.job import Render, Shot
from lipwright.domain.media import FrameSize, Picture
from lipwright.domain.run import Progress, Report, silent
from lipwright.domain.time import format_rate
from lipwright.engines.base import Engine
from lipwright.engines.registry import Choice, load
from lipwright.media.compression import compress_picture
from lipwright.media.files import write_text_atomically
from lipwright.media.film import write_film
from lipwright.media.picture import read_picture
from lipwright.pipeline.clock import StageClock
from lipwright.pipeline.delivery import delivered
from lipwright.pipeline.driver import make_driver
from lipwright.pipeline.frames import timed
from lipwright.pipeline.image import check_reference
from lipwright.pipeline.manifest import Manifest, describe_film, describe_input
from lipwright.pipeline.outputs import together
from lipwright.pipeline.preflight import preflight, temporal_mask
from lipwright.pipeline.prompt import examine_prompt, hold_against
from lipwright.pipeline.request import RenderRequest
from lipwright.pipeline.verdict import Checker, measure, reference, unmeasured
from lipwright.pipeline.voice import naming, read_voice
from lipwright.planning import snap_size


def render_film(
    request: RenderRequest,
    report: Report = silent,
    *,
    engine: Engine | None = None,
    checker: Checker | None = None,
) -> Manifest:
    """Make the film and its manifest.

    What can be refused is refused before any work. Film and manifest take their
    names together at the very end; until then, and on any failure, what lay there
    before stays as it was. A film to be checked has its name by then: no failure of
    the check, and no impatience with it, loses the film.

    Args:
        request: What is wanted.
        report: Told the steps of read, prepare, sample, frames and check; may raise Cancelled.
        engine: The request's engine, already loaded; None loads it.
        checker: What measures the film where the request wants it; None is `check_film`.

    Returns:
        The manifest, as written.

    Raises:
        LipwrightError: each branch as errors.py tells.
    """
    clock = StageClock()
    ready = preflight(request)
    choice, settings = ready.choice, ready.settings
    prompt_findings = examine_prompt(
        request.prompt,
        settings,
        negative=request.negative if ready.negative else None,
        has_picture=request.image is not None,
        holds_picture=request.image is not None and choice.entry.name in {"ltx", "comfyui"},
        allow_motion=request.allow_motion,
    )
    with clock.stage("load"):
        engine = engine or load(choice.entry, request.options)
    report(Progress("read", 0, 1))
    with clock.stage("read"):
        picture = _picture(request)
        wanted, size = snap_size(
            request.size,
            picture.size if picture else None,
            choice.entry.name,
            two_stage=settings.stages == 2,
        )
        voice = read_voice(request, report)
        prompt_findings += hold_against(request.prompt, voice.heard, voice.speech)
        with naming(request.image):
            picture_findings = check_reference(picture, size, choice.entry, speaks=bool(voice.speech))
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
        picture=picture,
        prompt=request.prompt,
        negative=request.negative,
        mask=temporal_mask(request, voice.plan),
        freeze_audio=request.freeze_audio,
    )
    findings = [*ready.findings, *prompt_findings, *picture_findings, *voice.findings, *driver.findings]
    # Of what an engine is given, the picture alone may turn out to be of no use.
    with clock.stage("sample"), naming(request.image):
        render = engine.render(shot, report)

    with (
        together(request.output, request.manifest) as (film, notes),
        delivered(request, voice) as (sound_file, sound_format),
    ):
        with clock.stage("write"):
            sound = write_film(
                film,
                timed(render.frames, clock),
                rate=voice.plan.rate,
                size=size,
                sound=sound_file,
                frame_count=voice.plan.frames,
                source=sound_format,
                audio_codec=request.audio_codec,
                report=report,
            )
        # The frames are drawn while the film is written: each second counts once.
        clock.seconds["write"] -= clock.seconds.get("frames", 0.0)
        manifest = Manifest(
            job=_job(request, choice, shot, render, wanted),
            plan=voice.plan.to_json(),
            findings=tuple(finding.to_json() for finding in (*findings, *render.findings, *sound.findings)),
            inputs=tuple(
                describe_input(role, path, voice.formats.get(role)) for role, path in request.inputs.items()
            ),
            engine=_engine(choice, render),
            frozen=render.frozen,
            sound=sound.to_json(),
            edits=tuple(edit.to_json() for edit in voice.edits),
            timing=clock.to_json(voice.plan.frames, float(voice.plan.seconds)),
            film=describe_film(film),
        )
        # What an interrupted check leaves behind says so.
        pending = unmeasured("the check did not end", f"run: lipwright check {request.output}")
        waiting = replace(manifest, findings=(*manifest.findings, pending.to_json()))
        write_text_atomically(notes, (waiting if request.check else manifest).text())
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


def _picture(request: RenderRequest) -> Picture | None:
    if request.image is None:
        return None
    picture = read_picture(request.image)
    return picture if request.image_crf is None else compress_picture(picture, request.image_crf)


def _job(
    request: RenderRequest, choice: Choice, shot: Shot, render: Render, wanted: FrameSize
) -> dict[str, Any]:
    """Every setting, resolved: what was asked for, and what came of it."""
    paths = {"audio": request.audio, "image": request.image, "driver": request.driver}
    return {
        **{role: None if path is None else str(path) for role, path in paths.items()},
        "output": str(request.output),
        "prompt": request.prompt,
        "negative": request.negative,
        "engine": choice.entry.name,
        "engine_requested": request.engine,
        "model": render.model,
        **shot.settings.to_json(),
        "fps": format_rate(request.rate),
        "fit": request.fit,
        "size": str(shot.size),
        "size_requested": str(wanted),
        "start": shot.mask.start if shot.mask else 0.0,
        "end": shot.mask.end if shot.mask else float(shot.plan.seconds),
        "prepare": request.prepare,
        "preparation": request.preparation.to_json(),
        "freeze": request.freeze_audio,
        "allow_motion": request.allow_motion,
        "force": request.force,
        "audio_codec": request.audio_codec,
        "image_crf": request.image_crf,
        "check": request.check,
    }


def _engine(choice: Choice, render: Render) -> dict[str, Any]:
    return {
        "name": choice.entry.name,
        "why": choice.why,
        "model": render.model,
        "versions": {"lipwright": __version__, **render.versions},
        "settings": dict(render.settings),
    }
