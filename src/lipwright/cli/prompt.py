"""`lipwright prompt`: check a prompt, fix it, or build one for a scenario."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lipwright.cli.options import command, input_option
from lipwright.cli.output import Output
from lipwright.domain.settings import DEFAULT_PROMPT
from lipwright.errors import StrictError, UsageError

if TYPE_CHECKING:
    from lipwright.pipeline.prompt import PromptReport


def _part(flag: str, what: str) -> Any:  # noqa: ANN401 - as typer.Option has it
    return typer.Option(flag, metavar="TEXT", help=f"{what}, for --scenario.", show_default="the scenario's")


@command
def prompt(
    *,
    out: Output,
    text: Annotated[str | None, typer.Argument(metavar="TEXT", help="The prompt.")] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Print the prompt without the words that break a rule.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 6 if the prompt competes with the audio.")
    ] = False,
    scenario: Annotated[
        str | None,
        typer.Option(
            "--scenario",
            metavar="NAME",
            help="Build a prompt for a scenario instead of checking TEXT: narrator, dialogue, education, "
            "interview, singing, news or story.",
        ),
    ] = None,
    subject: Annotated[str | None, _part("--subject", "Who speaks")] = None,
    emotion: Annotated[str | None, _part("--emotion", "The expression")] = None,
    lighting: Annotated[str | None, _part("--lighting", "The light")] = None,
    background: Annotated[str | None, _part("--background", "The background")] = None,
    style: Annotated[str | None, _part("--style", "The style of the image")] = None,
    lens: Annotated[str | None, _part("--lens", "The lens")] = None,
    audio: Annotated[
        Path | None,
        input_option(
            "--audio",
            metavar="FILE",
            help="The recording: words of the prompt that contradict it are reported, and --scenario takes "
            "the emotion from it.",
        ),
    ] = None,
    negative: Annotated[
        str,
        typer.Option(
            "--negative", metavar="TEXT", help="The negative prompt, to check whether it has an effect."
        ),
    ] = "",
    cfg: Annotated[
        float | None,
        typer.Option(
            "--cfg", metavar="X", help="CFG of the render; at 1, --negative has no effect.", show_default="4"
        ),
    ] = None,
) -> None:
    """Find words in a prompt that compete with the audio.

    The audio decides what moves and when; the prompt says how things look. Give TEXT or --scenario.
    """
    from lipwright.pipeline.prompt import judge_prompt
    from lipwright.prompt.compose import GUIDE

    parts = {
        "subject": subject,
        "emotion": emotion,
        "lighting": lighting,
        "background": background,
        "style": style,
        "lens": lens,
    }
    given = [f"--{name}" for name, value in parts.items() if value is not None]
    if (scenario is None) == (text is None) or (text is not None and not text.strip()):
        raise UsageError(
            "prompt takes either TEXT or --scenario",
            hint='for example: lipwright prompt "close-up of a woman, soft light", or --scenario narrator',
        )
    if given and not scenario:
        raise UsageError(
            f"{given[0]} needs --scenario",
            hint=f"give --scenario NAME instead of TEXT, or leave out {given[0]}",
        )
    found = judge_prompt(text or "", scenario=scenario, parts=parts, audio=audio, negative=negative, cfg=cfg)
    strict_error = None
    if strict and found.errors:
        better = f"use: {found.suggestion}" if found.suggestion else "describe how the person looks instead"
        strict_error = StrictError(
            f"the prompt competes with the audio: {', '.join(found.errors)}", hint=better
        )
    value = found.to_json()
    answer = (found.suggestion or DEFAULT_PROMPT) if fix or scenario else _verdict(found)
    out.result(value, answer, strict_error)
    if fix and not found.suggestion:
        out.say(
            "Nothing is left of the prompt, so the default prompt of a render was printed instead.\n"
            f"Describe how the person looks, such as: {GUIDE['narrator']}"
        )
    # Words that --fix removed need no message.
    out.findings([one for one in value["findings"] if not (fix and one["severity"] == "error")])
    if strict_error:
        raise strict_error


def _verdict(found: PromptReport) -> str:
    """Return the verdict on a prompt as text."""
    if not found.errors:
        return "ok"
    if found.suggestion:
        return f"not ok; better: {found.suggestion}"
    return "not ok; without the words that break a rule, nothing is left"
