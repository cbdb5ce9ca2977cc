"""`lipwright tune`: tune the settings on previews, then make the video."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lipwright.cli.options import Given, command, input_option
from lipwright.cli.output import Output
from lipwright.cli.progress import progress
from lipwright.domain.settings import DEFAULT_ROUNDS, build_request

if TYPE_CHECKING:
    from lipwright.pipeline.tune.run import Tuned
    from lipwright.pipeline.tune.search import SkippedRemedy


@command
def tune(
    *,
    out: Output,
    given: Given,
    rounds: Annotated[
        int, typer.Option("--rounds", metavar="N", help="Maximum number of previews.")
    ] = DEFAULT_ROUNDS,
    trace: Annotated[
        str | None,
        typer.Option(
            "--trace",
            metavar="DIR",
            help="Folder for a log of the search: trace.md, trace.json, previews, reports.",
        ),
    ] = None,
    transcript: Annotated[
        Path | None,
        input_option(
            "--transcript",
            metavar="FILE",
            help="Text file with the spoken English words; the lips of the final video are compared with it.",
        ),
    ] = None,
) -> None:
    """Tune the settings on short previews until a preview is in sync, then make the video.

    The search starts with the given options.
    Writes OUT.mp4 and OUT.json as render does, with the best settings found.
    """
    from lipwright.pipeline.tune.run import tune_video

    request = build_request(given)
    with progress(out) as report:
        tuned = tune_video(
            request,
            report,
            rounds=rounds,
            trace=trace,
            transcript=transcript,
            on_round=lambda done: out.say(
                f"{_skipped(done.skipped)}round {done.number}, {done.decision}. {done.reason}"
            ),
        )
    out.result(tuned.to_json(), "")
    out.findings(tuned.manifest.findings, hints=False)
    out.say(_summary(tuned, trace))


def _skipped(skipped: tuple[SkippedRemedy, ...]) -> str:
    return "".join(f"  skipped {item.remedy.name}: {item.why}\n" for item in skipped)


def _summary(tuned: Tuned, trace: str | None) -> str:
    """Summarize why the search ended and how good the video is, and say where the details are."""
    from lipwright.pipeline.tune.trace import ENDINGS

    found = tuned.found
    verdict = tuned.final["summary"] or "its sync could not be measured"
    story = f"; trace {Path(trace) / 'trace.md'}" if trace else ""
    return (
        f"{_skipped(found.skipped)}search ended after round {len(found.rounds)}: {ENDINGS[found.ending]}\n"
        f"{tuned.request.output}: {verdict}; made with the settings of round {found.best.number}\n"
        f"manifest {tuned.request.manifest}{story}"
    )
