"""`lipwright models`: the model files that are not in the package."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs

from __future__ import annotations

from typing import Annotated

import typer

from lipwright.cli.output import DebugOption, JsonOption, Output, QuietOption, help_without_command

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Which one: see `lipwright models list`.")]


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
    """Tell which model files there are, and where they lie on this machine."""
    from lipwright.pipeline.models import known_models

    models = known_models()
    text = "\n".join(f"{m['name']:8} {m['path'] or 'not here yet'}  ({m['summary']})" for m in models)
    Output(as_json, quiet).result({"models": models}, text)


def pull(
    *,
    name: NameArgument,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Fetch a model file once and check its hash; does nothing where it is here already."""
    from lipwright.pipeline.models import pull_model

    output = Output(as_json, quiet)
    model = pull_model(name, output.say)
    output.result(model, model["path"])


def verify(
    *,
    name: NameArgument,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Check that a model file is here and is the right one, by its hash."""
    from lipwright.pipeline.models import verify_model

    model = verify_model(name)
    Output(as_json, quiet).result(model, f"{model['name']} is right: {model['path']}")
