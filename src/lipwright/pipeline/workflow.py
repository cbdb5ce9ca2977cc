"""Build a ComfyUI workflow file for a recording."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from lipwright.domain.audio_piece import AudioPiece
from lipwright.domain.finding import Finding
from lipwright.domain.grid import FRAMES_PER_LATENT, MAX_CLIP_FRAMES
from lipwright.domain.media import FrameSize, Waveform
from lipwright.domain.plan import FramePlan
from lipwright.domain.presets import resolve
from lipwright.domain.progress import ProgressCallback, no_progress
from lipwright.domain.settings import RenderRequest
from lipwright.domain.time import Span, seconds_to_samples
from lipwright.engines.comfyui.description import DESCRIPTION as COMFYUI
from lipwright.engines.comfyui.model_names import read_model_names
from lipwright.errors import UsageError
from lipwright.media.atomic_files import write_text_atomically
from lipwright.media.audio_decoder import AudioFormat, open_audio
from lipwright.media.image_file import read_image
from lipwright.pipeline.atomic_outputs import check_outputs, commit_together
from lipwright.pipeline.audio import examine_audio
from lipwright.pipeline.audio_input import driving_audio
from lipwright.pipeline.comfyui import BUNDLED_SCHEMAS, SchemaSource, read_schemas
from lipwright.pipeline.findings import DRIVER_NOT_PREPARED, LONG_CLIP, MEMORY_OF_CLIPS
from lipwright.pipeline.preflight import temporal_mask
from lipwright.pipeline.prompt import check_against_audio_file, examine_prompt
from lipwright.planning import lay_chunks, snap_size
from lipwright.workflow.audio_vae import (
    PIECE_MARGIN_S,
    ROUNDING_SAMPLES,
    SAMPLE_RATE_HZ,
    TRIM_STEPS_PER_SECOND,
    crop_ms,
    padded_part,
    padded_samples,
    padded_trim,
    resample_driver,
)
from lipwright.workflow.flat import Format
from lipwright.workflow.graph import Graph
from lipwright.workflow.recipe_inputs import (
    DEFAULT_NEGATIVE,
    Lora,
    WorkflowInputs,
)
from lipwright.workflow.recipes import RECIPES, Recipe, build_graph
from lipwright.workflow.ui import to_ui

BYTES_PER_DECODED_PIXEL = 16
"""Memory per pixel while ComfyUI decodes a video in tiles: three color channels and the blending weight, four
bytes each."""

LARGE_GIB = 24
"""A finding warns if decoding a video takes more than this much memory, in GiB. Many machines with a GPU have
32 or 64 GiB."""

CLIP_START_STEPS = 3
"""Maximum distance, in latent frames, between possible clip starts. ComfyUI's page rounds start times to
hundredths of a second, so clips should start at whole hundredths. At 24, 25, 30 and 60 fps, there is such a
start at least every 3 latent frames. At NTSC rates such as 29.97 fps, such starts are farther apart than this
limit, so clips may start at any latent frame."""


@dataclass(frozen=True, slots=True)
class WorkflowRequest:
    """The user's request for a workflow."""

    base: RenderRequest
    """The options, as for a render; `output` is the workflow file."""
    recipe: Recipe = "guide"
    format: Format = "api"
    models: Path | None = None
    """File with the names of model files on the server."""
    loras: tuple[Lora, ...] = ()
    driver_out: Path | None = None
    """Path for the prepared driver (the audio that the model hears), which the graph loads by its file name.
    None: no file is written."""
    prefix: str = "lipwright/video"
    nodes: SchemaSource = BUNDLED_SCHEMAS
    """Source of the node definitions for which the graph is built."""


@dataclass(frozen=True, slots=True)
class WorkflowMade:
    """A workflow file that was written, with its graph, plan and findings."""

    path: Path
    format: Format
    graph: Graph
    plan: FramePlan
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the values of `lipwright workflow --json`."""
        return {
            "path": str(self.path),
            "recipe": self.graph.recipe,
            "format": self.format,
            "nodes": len(self.graph.nodes),
            "output_node": self.graph.output_node,
            "input_files": list(self.graph.input_files),
            "model_files": list(self.graph.model_files),
            "plan": self.plan.to_json(),
            "findings": [finding.to_json() for finding in self.findings],
        }


def make_workflow(request: WorkflowRequest, report: ProgressCallback = no_progress) -> WorkflowMade:
    """Plan the video for a recording, and write the graph that makes it.

    Args:
        request: Paths and settings.
        report: Called with the progress of the stages "read" and "prepare".

    Raises:
        UsageError: options contradict each other, or an output is an input.
        InputError: a file cannot be read.
        PlanError: ComfyUI's nodes or the workflow format do not support a size, length or value.
        PromptError: the request is strict, and the prompt competes with the audio.
        EngineRejected: the server lacks nodes or model files.
        EngineUnavailable, EngineTimedOut, EngineError: the server does not list its nodes.
        OutputError: the file cannot be written.
    """
    base = request.base
    files = filter(None, (*base.inputs.values(), request.models, request.nodes.object_info))
    check_outputs(list(files), (base.output, ".json"), (request.driver_out, ".wav"))
    with commit_together(request.driver_out, base.output) as staged:
        return _make(request, staged, report)


def _make(request: WorkflowRequest, staged: Mapping[Path, Path], report: ProgressCallback) -> WorkflowMade:
    """Write the workflow and the driver to temporary files.

    `staged` maps the path of each output to the temporary file to write (see `commit_together`).
    """
    base, recipe = request.base, RECIPES[request.recipe]
    if base.preset not in (None, *recipe.presets):
        raise UsageError(
            f"--preset {base.preset} cannot be used with recipe {request.recipe}",
            hint=f"use --preset {' or '.join(recipe.presets)}",
        )
    settings, findings = resolve(
        base.preset or recipe.presets[0], base.sampling, force=base.force, own_settings=recipe.own_settings
    )
    findings += examine_prompt(
        base.prompt,
        settings,
        negative=base.negative,
        has_image=base.image is not None,
        holds_image=base.image is not None,
    )
    findings += check_against_audio_file(base.prompt, driving_audio(base))
    server, models = read_schemas(request.nodes), read_model_names(request.models)
    image = read_image(base.image) if base.image else None
    _, size = snap_size(base.size, image.size if image else None, COMFYUI.sizes, two_stage=recipe.stages == 2)
    audio = examine_audio(
        base.recording,
        base.frame_rate,
        base.fit,
        driver=None if request.driver_out is None else staged[request.driver_out],
        convert=driver_for_clips if request.recipe == "extension" else driver_for_comfyui,
        preparation=base.preparation,
        report=report,
    )
    from lipwright.pipeline.image import check_reference  # noqa: PLC0415 - OpenCV and LiteRT

    findings += check_reference(image, size, COMFYUI, speaks=bool(audio.speech), face=base.face)
    driver = request.driver_out or base.driver
    plan, least = audio.plan, audio.plan.seconds
    extends = request.recipe == "extension"
    if extends:
        plan, least = _plan_clips(plan, audio.speech), least + PIECE_MARGIN_S
    padded = request.driver_out is not None or (driver is not None and _is_padded(driver, least))
    graph = build_graph(
        request.recipe,
        WorkflowInputs(
            driver=(driver or base.audio).name,
            driver_is_padded=padded,
            master=base.audio.name,
            image=base.image.name if base.image else None,
            size=size,
            frames=plan.frames,
            frame_rate=plan.frame_rate,
            chunks=plan.chunks if extends else (),
            guide_strength=settings.anchor_strength if extends and len(plan.chunks) > 1 else 0.0,
            for_page=request.format == "ui",
            piece=_piece(base, audio.format),
            settings=settings,
            prompt=base.prompt,
            negative=DEFAULT_NEGATIVE if base.negative is None else base.negative,
            mask=temporal_mask(base, plan),
            freeze_audio=base.freeze_audio,
            models=models,
            loras=request.loras,
            filename_prefix=request.prefix,
        ),
        server,
    )
    if graph.missing:
        raise graph.missing.error("the server")
    document = graph.to_api() if request.format == "api" else to_ui(graph)
    write_text_atomically(staged[base.output], json.dumps(document, indent=2) + "\n")
    return WorkflowMade(
        base.output,
        request.format,
        graph,
        plan,
        (*findings, *audio.findings, *_plan_findings(plan, size, driver, request.recipe), *graph.findings),
    )


def _piece(base: RenderRequest, form: AudioFormat) -> tuple[Fraction, Fraction] | None:
    recording = base.recording
    return (recording.start, form.seconds) if isinstance(recording, AudioPiece) else None


def driver_for_comfyui(driver: Waveform) -> Waveform:
    """Convert a driver to 44.1 kHz, and pad its end so that ComfyUI's encoder does not crop the driver."""
    seconds = Fraction(driver.samples.shape[-1], driver.rate_hz)
    return padded_part(resample_driver(driver), Fraction(0), seconds)


def driver_for_clips(driver: Waveform) -> Waveform:
    """Convert driving audio to 44.1 kHz, and extend it so that ComfyUI does not crop any clip's audio.

    The extension is the end of the audio, reversed. If it were silence, the model would fade the last
    frames to black.
    """
    seconds = Fraction(driver.samples.shape[-1], driver.rate_hz) + PIECE_MARGIN_S
    resampled = resample_driver(driver)
    more = seconds_to_samples(seconds, SAMPLE_RATE_HZ) - resampled.samples.shape[-1]
    longer = Waveform(np.pad(resampled.samples, ((0, 0), (0, more)), mode="reflect"), SAMPLE_RATE_HZ)
    return padded_part(longer, Fraction(0), seconds)


def _plan_clips(plan: FramePlan, speech: Sequence[Span]) -> FramePlan:
    """Return the plan with clips that begin at whole hundredths of a second, if the frame rate allows it."""
    steps = (FRAMES_PER_LATENT * TRIM_STEPS_PER_SECOND / plan.frame_rate).denominator
    multiple = FRAMES_PER_LATENT * (steps if steps <= CLIP_START_STEPS else 1)
    return replace(
        plan, chunks=lay_chunks(plan.frames, plan.frame_rate, speech=speech, start_multiple=multiple)
    )


def _is_padded(driver: Path, least: Fraction) -> bool:
    """Return True if the file `driver` has the format and length of a file that --driver-out writes.

    `least` is the length in seconds before the padding that --driver-out adds.
    """
    with open_audio(driver) as decoder:
        form = decoder.format
    samples = form.seconds * SAMPLE_RATE_HZ
    return (
        form.sample_rate_hz == SAMPLE_RATE_HZ
        and form.channels == 1
        and samples == padded_samples(seconds_to_samples(least, SAMPLE_RATE_HZ))
    )


def _plan_findings(plan: FramePlan, size: FrameSize, driver: Path | None, recipe: Recipe) -> list[Finding]:
    found = []
    if driver is None:
        # Each clip loses at most three samples by rounding.
        clips_crop = 1000 * (ROUNDING_SAMPLES - 1) / SAMPLE_RATE_HZ
        crop = clips_crop if recipe == "extension" else crop_ms(padded_trim(plan.seconds))
        found.append(DRIVER_NOT_PREPARED(crop_ms=crop))
    if recipe == "extension":
        gib = plan.frames * size.width * size.height * BYTES_PER_DECODED_PIXEL / 2**30
        if gib > LARGE_GIB:
            found.append(MEMORY_OF_CLIPS(frames=plan.frames, size=size, gib=gib))
    elif plan.frames > MAX_CLIP_FRAMES:
        found.append(LONG_CLIP(frames=plan.frames, limit=MAX_CLIP_FRAMES))
    return found
