"""`lipwright models`: the model files that are not in the package."""

# ruff: noqa: PLC0415 - heavy modules are imported when the command runs

from __future__ import annotations

from typing import Annotated

import typer

from lipwright.cli.output import (
    DebugOption,
    JsonOption,
    Output,
    QuietOption,
    help_without_command,
    join_lines,
)

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="Name of the model; see `lipwright models list`.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    models = typer.Typer(
        name="models",
        help="List, fetch and verify model files.",
        invoke_without_command=True,
        callback=help_without_command,
        rich_markup_mode=None,
    )
    models.command("list")(list_models)
    models.command("pull")(pull)
    models.command("verify")(verify)
    app.add_typer(models)


def list_models(
    *, as_json: JsonOption = False, quiet: QuietOption = False, debug: DebugOption = False
) -> None:
    """List the model files, and where they are on this machine."""
    from lipwright.pipeline.models import known_models

    models = known_models()
    states = {"missing": "not here yet", "partial": "partly here: pull again to continue"}
    lines = []
    for model in models:
        lines.append(f"{model['name']:25} {model['path'] or states[model['state']]}")
        gated = "; gated" if model["gated"] else ""
        lines.append(f"{'':25} {model['summary']}; {model['license']['name']}{gated}")
    Output(as_json, quiet).result({"models": models}, join_lines(lines))


def pull(
    *,
    name: NameArgument = "face",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Fetch a model once and check its hashes.

    Files that are already here are not downloaded again; interrupted downloads are continued.
    """
    from lipwright.cli.progress import progress
    from lipwright.pipeline.models import pull_model

    output = Output(as_json, quiet)
    with progress(output) as report:
        model = pull_model(name, output.say, report)
    output.result(model, model["path"])


def verify(
    *,
    name: NameArgument = "face",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Check that a model is here and is the right one, by its hashes."""
    from lipwright.cli.progress import progress
    from lipwright.pipeline.models import verify_model

    output = Output(as_json, quiet)
    with progress(output) as report:
        model = verify_model(name, report)
    output.result(model, f"{model['name']} is right: {model['path']}")
