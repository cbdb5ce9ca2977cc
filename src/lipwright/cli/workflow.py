"""`lipwright workflow`: a ComfyUI graph made, or anyone's graph checked."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from lipwright.cli.options import Given, one_of, takes_settings
from lipwright.cli.output import DebugOption, JsonOption, Output, QuietOption
from lipwright.domain.pluralize import pluralize
from lipwright.domain.settings import ALIASES, SETTINGS, build_request
from lipwright.errors import StrictError, UsageError

if TYPE_CHECKING:
    from lipwright.pipeline.workflow import Nodes, WorkflowMade
    from lipwright.pipeline.workflow_lint import LintReport
    from lipwright.workflow.inputs import Lora

RECIPES = ("guide", "official")
FORMATS = ("api", "ui")


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("workflow")(workflow)


@takes_settings("workflow")
def workflow(
    *,
    given: Given,
    audio: Annotated[
        Path | None,
        typer.Argument(metavar="AUDIO", help="The recording that the video delivers.", readable=False),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="WF.json", help="The workflow to write.", readable=False),
    ] = None,
    lint: Annotated[
        Path | None,
        typer.Option("--lint", metavar="WF.json", help="Check this workflow instead.", readable=False),
    ] = None,
    fix: Annotated[
        Path | None,
        typer.Option(
            "--fix",
            metavar="OUT.json",
            help="With --lint: write the workflow with what can be mended mended, in its own format.",
            readable=False,
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 6 where a finding is a warning or an error.")
    ] = False,
    recipe: Annotated[
        str, typer.Option("--recipe", metavar="guide|official", help="The guide's graph, or ComfyUI's own.")
    ] = "guide",
    file_format: Annotated[
        str,
        typer.Option(
            "--format", metavar="api|ui", help="api is for programs and stays exact; ui opens in the page."
        ),
    ] = "api",
    models: Annotated[
        Path | None,
        typer.Option("--models", metavar="FILE", help="Names of model files, TOML or JSON.", readable=False),
    ] = None,
    lora: Annotated[
        list[str] | None,
        typer.Option("--lora", metavar="NAME[=STRENGTH]", help="A LoRA on the model; may be repeated."),
    ] = None,
    object_info: Annotated[
        Path | None,
        typer.Option(
            "--object-info",
            metavar="FILE",
            help="A server's answer of /object_info to build and check against.",
            show_default="ComfyUI 0.26",
            readable=False,
        ),
    ] = None,
    driver_out: Annotated[
        Path | None,
        typer.Option(
            "--driver-out", metavar="WAV", help="Prepare the driver and write it here.", readable=False
        ),
    ] = None,
    prefix: Annotated[
        str, typer.Option("--prefix", metavar="NAME", help="Name of the video in the server's output folder.")
    ] = "lipwright/video",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Write a ComfyUI workflow for a recording, or check anyone's workflow with --lint.

    The workflow loads its files by name: copy them to the server's input folder.
    """
    from lipwright.pipeline.workflow import Nodes

    out = Output(as_json, quiet)
    options = {name: SETTINGS[name].check(given.get(name, ())) for name in ("servers", "headers")}
    nodes = Nodes(object_info, **options)
    if lint is not None:
        if audio is not None or output is not None:
            raise UsageError(
                "--lint checks a workflow; AUDIO and -o make one",
                hint="such as: lipwright workflow --lint wf.json --fix mended.json",
            )
        _lint(out, lint, fix, nodes, strict=strict)
        return
    if audio is None or output is None:
        raise UsageError(
            "workflow takes AUDIO and -o, or --lint",
            hint="such as: lipwright workflow voice.wav --image portrait.jpg -o wf.json",
        )
    if fix is not None:
        raise UsageError("--fix mends what --lint finds", hint="add --lint WF.json")

    from lipwright.cli.progress import progress
    from lipwright.pipeline.workflow import Format, WorkflowRequest, make_workflow
    from lipwright.workflow.recipes import Recipe

    wishes = build_request({**given, "audio": audio, "output": output})
    if wishes.driver is not None and driver_out is not None:
        raise UsageError("--driver and --driver-out name two drivers", hint="leave one out")
    request = WorkflowRequest(
        wishes=wishes,
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
    _present(out, made.to_json(), _describe(made), strict=strict)


def _parse_lora(text: str) -> Lora:
    """NAME or NAME=STRENGTH.

    Raises:
        UsageError: no name, or a strength that is no number.
    """
    from math import isfinite

    from lipwright.workflow.inputs import Lora

    name, equals, strength = text.partition("=")
    try:
        value = float(strength) if equals else 1.0
    except ValueError:
        value = float("nan")
    if not name.strip() or not isfinite(value):
        raise UsageError(f"--lora {text!r} is not NAME=STRENGTH", hint="such as: --lora face.safetensors=0.8")
    return Lora(name.strip(), value)


def _lint(out: Output, lint: Path, fix: Path | None, nodes: Nodes, *, strict: bool) -> None:
    from lipwright.pipeline.workflow_lint import lint_workflow

    found = lint_workflow(lint, fix=fix, nodes=nodes)
    _present(out, found.to_json(), _describe_lint(found), strict=strict)


def _present(out: Output, value: dict[str, Any], text: str, *, strict: bool) -> None:
    """The answer and its findings.

    Raises:
        StrictError: `strict`, and one of them is worse than a hint.
    """
    rules = [finding["rule"] for finding in value["findings"] if finding["severity"] != "hint"]
    wanting = None
    if strict and rules:
        wanting = StrictError(
            f"the workflow is not as it should be: {', '.join(dict.fromkeys(rules))}",
            hint="mend it, or leave --strict out",
        )
    out.result(value, text, wanting)
    out.findings(value["findings"])
    if wanting:
        raise wanting


def _describe(made: WorkflowMade) -> str:
    plan = made.plan.to_json()
    files = [f"for the server's input folder: {', '.join(made.input_files)}"]
    files += [f"model files: {', '.join(made.model_files)}"]
    return "\n".join(
        [
            f"{made.path}: recipe {made.graph.recipe}, {len(made.graph.nodes)} nodes, "
            f"{pluralize(plan['frames'], 'frame')} at {plan['fps']} fps",
            *files,
        ]
    )


def _describe_lint(found: LintReport) -> str:
    counts = f"{pluralize(found.nodes, 'node')}, {pluralize(len(found.findings), 'finding')}"
    lines = [f"{found.path}: {found.format} format, {counts}"]
    if found.unknown:
        kinds = ", ".join(dict.fromkeys(node.class_type for node in found.unknown))
        lines.append(f"unknown nodes, followed where their types allow: {kinds}")
    if found.fixed_path is not None:
        lines.append(f"{found.fixed_path}: {len(found.fixed)} of them mended")
    return "\n".join(lines)
