"""`lipwright check`: is a video in sync, and if not, why."""

# ruff: noqa: PLC0415 - what is heavy waits until the command runs

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from lipwright.cli.output import DebugOption, JsonOption, Output, QuietOption
from lipwright.domain.pluralize import pluralize
from lipwright.errors import StrictError


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("check")(check)


def check(
    *,
    video: Annotated[
        Path,
        typer.Argument(metavar="VIDEO", help="The video: anything with image and audio.", readable=False),
    ],
    audio: Annotated[
        Path | None,
        typer.Option(
            "--audio",
            metavar="AUDIO",
            help="The recording that the video should deliver: is its audio missing, cut or processed?",
            readable=False,
        ),
    ] = None,
    transcript: Annotated[
        Path | None,
        typer.Option(
            "--transcript",
            metavar="FILE",
            help="What is said, in English, as plain text: the lips are then held against its words.",
            readable=False,
        ),
    ] = None,
    syncnet: Annotated[
        Path | None,
        typer.Option(
            "--syncnet", metavar="WEIGHTS", help="SyncNet's weights: its own measures beside.", readable=False
        ),
    ] = None,
    report_html: Annotated[
        Path | None,
        typer.Option(
            "--report", metavar="OUT.html", help="Write everything as one page with images.", readable=False
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 6 unless the video is in sync.")] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Measure how well a video's lips go with its audio, and say why where they do not."""
    from lipwright.cli.progress import progress
    from lipwright.pipeline.check import check_video

    output = Output(as_json, quiet)
    with progress(output) as told:
        found = check_video(
            video,
            audio=audio,
            transcript=transcript,
            syncnet=syncnet,
            report_html=report_html,
            report=told,
        ).to_json()
    wanting = None
    if strict and found["verdict"] != "in-sync":
        wanting = StrictError(
            f"the video is not in sync: {found['verdict']}",
            hint="see its causes; lipwright tune makes a video anew until it is right",
        )
    output.result(found, _text(found), wanting)
    output.findings(found["causes"])
    output.findings(found["findings"])
    if wanting:
        raise wanting


def _text(found: dict[str, Any]) -> str:
    """The answer for people, in a few lines."""
    from lipwright.domain.sync import IN_WORDS

    lines = [found["verdict"]]
    if found["offset_ms"] is None:
        means = IN_WORDS[found["verdict"]]
        lines[0] += f": {means[0].lower()}{means[1:]}"
    else:
        late = "after" if found["offset_ms"] >= 0 else "before"
        by = f"{abs(found['offset_ms']):.0f} ms {late} the lips"
        lines.append(f"the audio comes {by}, confidence {found['confidence']:.2f}")
    if found["drift_ms_per_s"]:
        lines.append(f"drift {found['drift_ms_per_s']:+.1f} ms a second")
    mouth = found["mouth"]
    words = [pluralize(len(mouth["jumps"]), "jump"), pluralize(len(mouth["repeats"]), "repeated frame")]
    if mouth["stiffness"] is not None:
        words.insert(0, f"stiffness {mouth['stiffness']:.2f}")
    lines.append("mouth: " + ", ".join(words))
    return "\n".join(lines)
