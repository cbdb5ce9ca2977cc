"""From a recording and wishes to a ComfyUI workflow file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lipwright.domain.finding import Finding
from lipwright.domain.grid import MAX_CLIP_FRAMES
from lipwright.domain.plan import FramePlan
from lipwright.domain.progress import ProgressCallback, no_progress
from lipwright.domain.settings import Preset, RenderRequest, resolve
from lipwright.engines.comfyui.description import DESCRIPTION as COMFYUI
from lipwright.errors import InputError, UsageError
from lipwright.media.files import write_text_atomically
from lipwright.media.image_file import read_image
from lipwright.pipeline.atomic_outputs import check_output
from lipwright.pipeline.audio import examine_audio
from lipwright.pipeline.comfyui import server_schemas
from lipwright.pipeline.findings import DRIVER_NOT_PREPARED, LONG_CLIP
from lipwright.pipeline.preflight import temporal_mask
from lipwright.pipeline.prompt import check_against_audio_file, examine_prompt
from lipwright.pipeline.text_files import read_json, read_text
from lipwright.planning import snap_size
from lipwright.workflow.graph import Graph
from lipwright.workflow.inputs import (
    DEFAULT_NEGATIVE,
    Lora,
    ModelFiles,
    WorkflowInputs,
    default_models,
    read_models,
)
from lipwright.workflow.recipes import STAGES, Recipe, build_graph
from lipwright.workflow.schemas import Schemas, bundled, is_file_choice, read_object_info
from lipwright.workflow.ui import to_ui

Format = Literal["api", "ui"]

RECIPE_PRESETS: dict[Recipe, Preset] = {"guide": "guide", "official": "official-distilled"}
"""What each recipe starts from."""


@dataclass(frozen=True, slots=True)
class Nodes:
    """Whose nodes a graph is held against; ComfyUI 0.26's, which ship, where neither is given."""

    object_info: Path | None = None
    """A file with what a server's /object_info says."""
    servers: tuple[str, ...] = ()
    """One server, asked now: its URL, or a file that holds it."""
    headers: tuple[tuple[str, str], ...] = ()
    """Sent with the question."""

    @property
    def files(self) -> tuple[Path, ...]:
        """What is read."""
        return () if self.object_info is None else (self.object_info,)


@dataclass(frozen=True, slots=True)
class WorkflowRequest:
    """What the user asks for."""

    wishes: RenderRequest
    """As for a render; its `output` is the workflow file."""
    recipe: Recipe = "guide"
    format: Format = "api"
    models: Path | None = None
    """A file with the names of model files."""
    loras: tuple[Lora, ...] = ()
    driver_out: Path | None = None
    """Prepare the driver and write it here; the graph loads a file of this name."""
    prefix: str = "lipwright/video"
    nodes: Nodes = Nodes()
    """Whose nodes the graph is built for."""


@dataclass(frozen=True, slots=True)
class WorkflowMade:
    """A workflow file that was written."""

    path: Path
    format: Format
    graph: Graph
    plan: FramePlan
    findings: tuple[Finding, ...]
    input_files: tuple[str, ...]
    model_files: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The keys of `lipwright workflow --json`."""
        return {
            "path": str(self.path),
            "recipe": self.graph.recipe,
            "format": self.format,
            "nodes": len(self.graph.nodes),
            "output_node": self.graph.output_node,
            "input_files": list(self.input_files),
            "model_files": list(self.model_files),
            "plan": self.plan.to_json(),
            "findings": [finding.to_json() for finding in self.findings],
        }


def make_workflow(request: WorkflowRequest, report: ProgressCallback = no_progress) -> WorkflowMade:
    """Plan the video of a recording, and write the graph that makes it.

    Args:
        request: Paths and wishes.
        report: Told the steps of read and prepare.

    Raises:
        UsageError: wishes that contradict each other, or an output that is an input.
        InputError: a file that cannot be read.
        PlanError: a size, a length or a value that the nodes or the format do not take.
        PromptError: a prompt that works against the audio.
        EngineUnavailable: the server lacks a node or a model file, or does not answer.
        OutputError: the file cannot be written.
    """
    wishes = request.wishes
    inputs = [*wishes.inputs.values(), *_files(request)]
    check_output(wishes.output, inputs, suffix=".json")
    if request.driver_out is not None:
        check_output(request.driver_out, inputs, suffix=".wav")
    if wishes.preset not in {None, *RECIPE_PRESETS.values(), "official-full"}:
        raise UsageError(
            f"--preset {wishes.preset} is not for LTX-2.3",
            hint="use guide, official-distilled or official-full",
        )
    settings, findings = resolve(
        wishes.preset or RECIPE_PRESETS[request.recipe],
        wishes.settings,
        force=wishes.force,
        own=COMFYUI.own.get(STAGES[request.recipe], {}),
    )
    findings += examine_prompt(
        wishes.prompt,
        settings,
        negative=wishes.negative,
        has_image=wishes.image is not None,
        holds_image=wishes.image is not None,
        allow_motion=wishes.allow_motion,
    )
    findings += check_against_audio_file(wishes.prompt, wishes.driver or wishes.audio)
    schemas, models = read_schemas(request.nodes), _read_models(request.models)
    image = read_image(wishes.image) if wishes.image else None
    _, size = snap_size(
        wishes.size, image.size if image else None, COMFYUI.sizes, two_stage=request.recipe == "official"
    )
    audio = examine_audio(
        wishes.audio,
        wishes.frame_rate,
        wishes.fit,
        driver=request.driver_out,
        preparation=wishes.preparation,
        report=report,
    )
    from lipwright.pipeline.image import check_reference  # noqa: PLC0415 - OpenCV and LiteRT

    findings += check_reference(image, size, COMFYUI, speaks=bool(audio.speech))
    driver = request.driver_out or wishes.driver
    graph = build_graph(
        request.recipe,
        WorkflowInputs(
            driver=(driver or wishes.audio).name,
            master=wishes.audio.name,
            image=wishes.image.name if wishes.image else None,
            size=size,
            frames=audio.plan.frames,
            frame_rate=audio.plan.frame_rate,
            settings=settings,
            prompt=wishes.prompt,
            negative=DEFAULT_NEGATIVE if wishes.negative is None else wishes.negative,
            mask=temporal_mask(wishes, audio.plan),
            freeze_audio=wishes.freeze_audio,
            models=models,
            loras=request.loras,
            filename_prefix=request.prefix,
            available=None if schemas.bundled else frozenset(schemas),
        ),
        schemas,
    )
    document = graph.to_api() if request.format == "api" else to_ui(graph, schemas)
    write_text_atomically(wishes.output, json.dumps(document, indent=2) + "\n")
    return WorkflowMade(
        wishes.output,
        request.format,
        graph,
        audio.plan,
        (*findings, *audio.findings, *_of_the_plan(audio.plan, driver), *graph.findings),
        *_needed(graph, schemas),
    )


def _files(request: WorkflowRequest) -> list[Path]:
    return [path for path in (request.models, *request.nodes.files) if path is not None]


def read_schemas(nodes: Nodes) -> Schemas:
    """What a server says of its nodes, or a file of that; the bundled schemas where there is neither.

    Raises:
        UsageError: both are given, or several servers.
        InputError: the file cannot be read, or is no such answer.
        EngineUnavailable, EngineTimedOut, EngineError: the server does not tell.
    """
    path = nodes.object_info
    if nodes.servers:
        if path is not None:
            raise UsageError(
                "--server and --object-info both say which nodes there are", hint="leave one out"
            )
        return server_schemas(nodes.servers, nodes.headers)
    if path is None:
        return bundled()
    answer = read_json(path, "list of nodes")
    if not isinstance(answer, dict):
        raise InputError(
            f"{path}: no answer of /object_info", hint="save what the server's /object_info says"
        )
    return read_object_info(answer)


def _read_models(path: Path | None) -> ModelFiles:
    if path is None:
        return default_models()
    return read_models(read_text(path, "models file"))


def _of_the_plan(plan: FramePlan, driver: Path | None) -> list[Finding]:
    found = []
    if driver is None:
        found.append(DRIVER_NOT_PREPARED())
    if plan.frames > MAX_CLIP_FRAMES:
        found.append(LONG_CLIP(frames=plan.frames, limit=MAX_CLIP_FRAMES))
    return found


def _needed(graph: Graph, schemas: Schemas) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the files that must lie in the server's input folder, and of the model files."""
    inputs: dict[str, None] = {}
    models: dict[str, None] = {}
    for node in graph.nodes.values():
        for name, value in node.inputs.items():
            spec = schemas.nodes[node.class_type].inputs.get(name)
            if spec is None or spec.type != "COMBO" or not isinstance(value, str) or not is_file_choice(spec):
                continue
            uploaded = spec.flag("image_upload") or spec.flag("audio_upload")
            (inputs if uploaded else models)[value] = None
    return tuple(inputs), tuple(models)
