"""`lipwright tune`: previews until the video is in sync, then the video."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lipwright.cli.options import Given, takes_settings
from lipwright.cli.output import DebugOption, JsonOption, Output, QuietOption
from lipwright.domain.settings import build_request

if TYPE_CHECKING:
    from lipwright.pipeline.tune.results import Round
    from lipwright.pipeline.tune.run import Tuned


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("tune")(tune)


@takes_settings("tune")
def tune(
    *,
    given: Given,
    rounds: Annotated[
        int, typer.Option("--rounds", metavar="N", help="Previews at most, the first included.")
    ] = 6,
    trace: Annotated[
        Path | None,
        typer.Option(
            "--trace",
            metavar="DIR",
            help="Keep the story there: trace.md, trace.json, previews and their reports.",
            readable=False,
        ),
    ] = None,
    transcript: Annotated[
        Path | None,
        typer.Option(
            "--transcript",
            metavar="FILE",
            help="What is said, as text: the finished video is measured with it.",
            readable=False,
        ),
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Make a video, and short previews of it before, changing one setting at a time until it is in sync.

    The options say where it begins.
    Writes OUT.mp4 and OUT.json as render does, with the settings that were found best.
    """
    request = build_request(given)
    from lipwright.cli.progress import progress
    from lipwright.pipeline.tune.run import tune_video

    out = Output(as_json, quiet)
    with progress(out) as report:
        tuned = tune_video(
            request,
            report,
            rounds=rounds,
            trace=trace,
            final_checker=_with_transcript(transcript),
            on_round=lambda done: out.say(_line(done)),
        )
    if as_json:
        out.result(tuned.to_json(), "")
        return
    out.findings(tuned.manifest.findings)
    out.say(_summary(tuned, trace))


def _with_transcript(transcript: Path | None) -> Any:  # noqa: ANN401 - a Checker, whose module is heavy
    """The check of the finished video: previews say a part of the text alone."""
    if transcript is None:
        return None
    from lipwright.pipeline.sync_check import standard_checker

    return partial(standard_checker(), transcript=transcript)


def _line(done: Round) -> str:
    skipped = "".join(f"  skipped {item.rule.name}: {item.why}\n" for item in done.skipped)
    return f"{skipped}round {done.number}, {done.decision}. {done.reason}"


def _summary(tuned: Tuned, trace: Path | None) -> str:
    """What was found, what was made of it, and where to read on."""
    from lipwright.pipeline.tune.scoring import describe
    from lipwright.pipeline.tune.trace import ENDINGS

    found = tuned.found
    skipped = "".join(f"  skipped {item.rule.name}: {item.why}\n" for item in found.skipped)
    verdict = describe(tuned.sync) if tuned.sync else "its sync could not be measured"
    story = f"; the story: {trace / 'trace.md'}" if trace else ""
    return (
        f"{skipped}ended in round {len(found.rounds)}: {ENDINGS[found.ending]}\n"
        f"{tuned.request.output}: {verdict}; made with the settings of round {found.best.number}\n"
        f"manifest {tuned.request.manifest}{story}"
    )
