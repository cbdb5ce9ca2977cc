"""`lipwright workflow`: build a ComfyUI graph, or check any graph."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from lipwright.cli.options import Given, command, input_argument, input_option, one_of, output_option
from lipwright.cli.output import Output, join_lines
from lipwright.cli.progress import progress
from lipwright.cli.workflow_lint import print_checked, run_lint
from lipwright.domain.settings import ALIASES, SETTINGS, build_request
from lipwright.domain.text import pluralize
from lipwright.errors import UsageError

if TYPE_CHECKING:
    from lipwright.pipeline.workflow import WorkflowMade
    from lipwright.workflow.recipe_inputs import Lora

RECIPES = ("guide", "official", "official-2.5", "extension")
FORMATS = ("api", "ui")


@command
def workflow(
    *,
    out: Output,
    given: Given,
    audio: Annotated[
        Path | None,
        input_argument(metavar="AUDIO", help="The recording: the audio of the video."),
    ] = None,
    output: Annotated[
        Path | None,
        output_option("-o", "--output", metavar="WF.json", help="The workflow to write."),
    ] = None,
    lint: Annotated[
        Path | None,
        input_option("--lint", metavar="WF.json", help="Check this workflow instead of making one."),
    ] = None,
    fix: Annotated[
        Path | None,
        output_option(
            "--fix",
            metavar="OUT.json",
            help="With --lint: write a fixed copy of the workflow, in the same format.",
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 6 if a finding is a warning or an error.")
    ] = False,
    recipe: Annotated[
        str,
        typer.Option(
            "--recipe",
            metavar="|".join(RECIPES),
            help="guide: the graph of the lip-sync guide; official: ComfyUI's template; official-2.5: the "
            "template for LTX-2.5; extension: one video from as many clips as the recording needs.",
        ),
    ] = "guide",
    file_format: Annotated[
        str,
        typer.Option("--format", metavar="api|ui", help="api: for programs; ui: for ComfyUI's page."),
    ] = "api",
    models: Annotated[
        Path | None,
        input_option(
            "--models", metavar="FILE", help="TOML or JSON file with the names of model files on the server."
        ),
    ] = None,
    lora: Annotated[
        list[str] | None,
        typer.Option(
            "--lora", metavar="NAME[=STRENGTH]", help="LoRA to apply to the model; may be repeated."
        ),
    ] = None,
    object_info: Annotated[
        Path | None,
        input_option(
            "--object-info",
            metavar="FILE",
            help="File with a server's response to /object_info; graphs are built and checked for that "
            "server.",
            show_default="ComfyUI 0.26",
        ),
    ] = None,
    driver_out: Annotated[
        Path | None,
        output_option(
            "--driver-out",
            metavar="WAV",
            help="Write the prepared driver, the audio that the model hears, padded for ComfyUI.",
        ),
    ] = None,
    prefix: Annotated[
        str, typer.Option("--prefix", metavar="NAME", help="Name of the video in the server's output folder.")
    ] = "lipwright/video",
) -> None:
    """Write a ComfyUI workflow for a recording, or check any workflow with --lint.

    The workflow loads its files by name; copy them to the server's input folder.
    """
    from lipwright.pipeline.comfyui import SchemaSource

    options = {name: SETTINGS[name].check(given.get(name, ())) for name in ("servers", "headers")}
    nodes = SchemaSource(object_info, **options)
    if lint is not None:
        if audio is not None or output is not None:
            raise UsageError(
                "--lint checks an existing workflow, and takes neither AUDIO nor -o",
                hint="for example: lipwright workflow --lint wf.json --fix fixed.json",
            )
        run_lint(out, lint, fix, nodes, strict=strict)
        return
    if audio is None or output is None:
        raise UsageError(
            "workflow needs AUDIO and -o, or --lint",
            hint="for example: lipwright workflow voice.wav --image portrait.jpg -o wf.json",
        )
    if fix is not None:
        raise UsageError("--fix needs --lint", hint="add --lint WF.json")

    from lipwright.pipeline.workflow import WorkflowRequest, make_workflow
    from lipwright.workflow.flat import Format
    from lipwright.workflow.recipes import Recipe

    base = build_request({**given, "audio": audio, "output": output})
    if base.driver is not None and driver_out is not None:
        raise UsageError("--driver and --driver-out cannot be used together", hint="leave one out")
    request = WorkflowRequest(
        base=base,
        recipe=cast(Recipe, one_of("--recipe", ALIASES.get(recipe, recipe), RECIPES)),
        format=cast(Format, one_of("--format", file_format, FORMATS)),
        models=models,
        loras=tuple(_parse_lora(text) for text in lora or ()),
        driver_out=driver_out,
        prefix=prefix,
        nodes=nodes,
    )
    with progress(out) as report:
        made = make_workflow(request, report)
    print_checked(out, made.to_json(), _describe(made), strict=strict)


def _parse_lora(text: str) -> Lora:
    """Parse NAME or NAME=STRENGTH of a LoRA; the default strength is 1.

    Raises:
        UsageError: the name is missing, or the strength is not a number or is too large.
    """
    from lipwright.workflow.recipe_inputs import MAX_STRENGTH, Lora

    name, equals, strength = text.partition("=")
    try:
        value = float(strength) if equals else 1.0
    except ValueError:
        value = float("nan")
    if not name.strip() or not abs(value) <= MAX_STRENGTH:
        raise UsageError(
            f"--lora {text!r} is not NAME or NAME=STRENGTH, with a strength up to {MAX_STRENGTH:g}",
            hint="for example: --lora face.safetensors=0.8",
        )
    return Lora(name.strip(), value)


def _describe(made: WorkflowMade) -> str:
    plan = made.plan.to_json()
    files = [f"copy to the server's input folder: {', '.join(made.graph.input_files)}"]
    files += [f"model files: {', '.join(made.graph.model_files)}"]
    return join_lines(
        [
            f"{made.path}: recipe {made.graph.recipe}, {len(made.graph.nodes)} nodes, "
            f"{pluralize(plan['frames'], 'frame')} at {plan['fps']} fps",
            *files,
        ]
    )
