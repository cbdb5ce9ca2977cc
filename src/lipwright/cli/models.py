"""`lipwright models`: list, download and verify the model files that are not in the package."""

from __future__ import annotations

from typing import Annotated

import typer

from lipwright.cli.options import command, command_group
from lipwright.cli.output import Output, join_lines
from lipwright.cli.progress import progress

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="Name of the model; see `lipwright models list`.")
]


models = command_group("models", "List, download and verify model files.")


@models.command("list")
@command
def list_models(*, out: Output) -> None:
    """List the model files, and where they are on this machine."""
    from lipwright.pipeline.models import known_models

    known = known_models()
    states = {"missing": "not here yet", "partial": "partly downloaded: pull again to continue"}
    lines = []
    for model in known:
        lines.append(f"{model['name']:25} {model['path'] or states[model['state']]}")
        gated = "; gated" if model["gated"] else ""
        lines.append(f"{'':25} {model['summary']}; {model['license']['name']}{gated}")
    out.result({"models": known}, join_lines(lines))


@models.command("pull")
@command
def pull(*, out: Output, name: NameArgument = "face") -> None:
    """Download a model to this machine, and verify its hashes.

    Files that are already on this machine are not downloaded again; interrupted downloads are continued.
    """
    from lipwright.pipeline.models import pull_model

    with progress(out) as report:
        model = pull_model(name, out.say, report)
    out.result(model, model["path"])


@models.command("verify")
@command
def verify(*, out: Output, name: NameArgument = "face") -> None:
    """Verify the files of a model by their hashes."""
    from lipwright.pipeline.models import verify_model

    with progress(out) as report:
        model = verify_model(name, report)
    out.result(model, f"{model['name']} is complete and undamaged: {model['path']}")
