"""`lipwright dialogue`: make a video of several people who speak in turns in one recording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lipwright.cli.options import Given, command
from lipwright.cli.output import Output
from lipwright.cli.progress import progress
from lipwright.cli.render import summarize_video
from lipwright.domain.sync_verdict import offset_label
from lipwright.domain.text import pluralize

if TYPE_CHECKING:
    from lipwright.pipeline.dialogue.request import DialogueRequest
    from lipwright.pipeline.manifest import Manifest


@command
def dialogue(
    *,
    out: Output,
    given: Given,
    speaker: Annotated[
        list[str],
        typer.Option(
            "--speaker",
            metavar="NAME=IMAGE",
            help="A person and their image. With --layout together: a person and their face in --image, as "
            "left, right, a number or a point. Repeat for each person.",
        ),
    ],
    turns: Annotated[
        str | None,
        typer.Option(
            "--turns",
            metavar="FILE|channels",
            help="Who speaks when: an RTTM, CSV or JSON file, or an SRT or WebVTT file with names; or the "
            "word channels, if each channel of AUDIO has one speaker.",
            show_default="channels, if AUDIO has one per speaker",
        ),
    ] = None,
    layout: Annotated[
        str,
        typer.Option(
            "--layout",
            metavar="cut|split|together",
            help="cut: one shot per turn; split: all speakers side by side; together: one image with all "
            "faces.",
        ),
    ] = "cut",
    redo: Annotated[
        list[str] | None,
        typer.Option(
            "--redo-shot",
            metavar="N[,N...]",
            help="Make only these shots of the existing OUT.mp4 again, with --seed if given, otherwise with "
            "their next seed.",
        ),
    ] = None,
) -> None:
    """Make a video in which several people speak AUDIO, each person in their turns.

    Writes OUT.mp4 with AUDIO itself as its only audio, and OUT.json with every turn and shot.
    """
    from lipwright.pipeline.dialogue.request import build_dialogue
    from lipwright.pipeline.dialogue.run import render_dialogue

    request = build_dialogue(given, speakers=speaker, turns=turns, layout=layout, redo=redo or ())
    with progress(out) as report:
        manifest = render_dialogue(request, report)
    out.result(manifest.to_json(), "")
    out.findings(manifest.findings, hints=False)
    out.say(_summary(request, manifest))


def _summary(request: DialogueRequest, manifest: Manifest) -> str:
    """Summarize the result in a few lines."""
    parts = f"{pluralize(len(manifest.turns), 'turn')}, {pluralize(len(manifest.shots), 'shot')}"
    lines = [summarize_video(request.base, manifest, parts)]
    if manifest.sync is not None:
        measured = [turn["offset_ms"] for turn in manifest.turns if turn["offset_ms"] is not None]
        far = max(measured, key=abs, default=0.0)
        lines.append(
            f"sync {manifest.sync['verdict']}; measured in {len(measured)} of "
            f"{pluralize(len(manifest.turns), 'turn')}, at worst {offset_label(far)}"
        )
    return "\n".join(lines)
