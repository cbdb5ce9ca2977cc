"""Format the log of a search, as JSON and as a Markdown page."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lipwright.pipeline.tune.parameters import format_value
from lipwright.pipeline.tune.preview import Preview
from lipwright.pipeline.tune.search import Ending, Round, SearchResult, SkippedRemedy

ENDINGS: Mapping[Ending, str] = {
    "no problems left": "in sync, no jumps, not stiff",
    "round limit reached": "the limit of rounds is reached; the best round is used",
    "nothing left to try": "no remedy is left that could help; the best round is used",
    "cannot be measured": "the sync cannot be measured, whatever the settings; the best round is used",
}
"""Text for each reason why the search ended."""


def account(
    rounds: tuple[Round, ...],
    preview: Preview,
    result: SearchResult | None = None,
    final: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the log of the search as JSON, with the rounds so far.

    `result` is None while the search is running. `final` contains path, settings and measurements of the
    video; it is None until the video is made.
    """
    return {
        "rounds": [done.to_json() for done in rounds],
        "final": final,
        "ending": result.ending if result else None,
        "skipped": [skipped.to_json() for skipped in result.skipped] if result else [],
        "preview": {
            "start": preview.span.start,
            "end": preview.span.end,
            "whole": preview.whole,
            "size": preview.request.size,
        },
    }


def markdown_page(
    rounds: tuple[Round, ...],
    preview: Preview,
    folder: Path,
    result: SearchResult | None = None,
    final: Mapping[str, Any] | None = None,
) -> str:
    """Return the log of the search as Markdown.

    Links are relative to `folder`, in which the page will be written; the other arguments are those of
    `account`. External text, such as prompts, file names and messages of engines, is escaped, so that it is
    not interpreted as HTML.
    """
    shown = (
        f"the whole recording, {preview.span.seconds:.2f} s"
        if preview.whole
        else f"{preview.span.start:.2f} to {preview.span.end:.2f} s of the recording "
        "(the part with the most speech)"
    )
    lines = ["# Tuning", "", f"Each preview shows {shown}, at {preview.request.size}.", ""]
    lines += ["| round | change | verdict | offset | stiffness | jumps | repeats | decision |"]
    lines += ["| --- | --- | --- | --- | --- | --- | --- | --- |"]
    lines += [_row(done, folder) for done in rounds]
    for done in rounds:
        lines += _round(done)
    if result:
        if result.skipped:
            lines += ["", "## Nothing left to try", "", *_skipped(result.skipped)]
        lines += ["", "## The video", "", f"The search ended: {ENDINGS[result.ending]}.", ""]
        lines += _final(final, folder) if final else ["It is being rendered."]
    return "\n".join(lines) + "\n"


def _row(done: Round, folder: Path) -> str:
    if done.trial is None:
        return f"| {done.number} | {_escape(done.change)} | - | - | - | - | - | {done.decision} |"
    report = done.trial.report
    offset = "-" if report.offset_ms is None else report.offset_label()
    stiffness = "-" if report.mouth.stiffness is None else f"{report.mouth.stiffness:.2f}"
    html = done.trial.html
    verdict = f"[{report.verdict}]({_link(html, folder)})" if html else report.verdict
    return (
        f"| [{done.number}]({_link(done.trial.video, folder)}) | {_escape(done.change) or 'as requested'} | "
        f"{verdict} | {offset} | {stiffness} | {len(report.mouth.jumps)} | {len(report.mouth.repeats)} | "
        f"{done.decision} |"
    )


def _round(done: Round) -> list[str]:
    name = done.remedy.name if done.remedy else "as requested"
    lines = ["", f"## Round {done.number}: {name}, {done.decision}", "", f"{_escape(done.reason)}."]
    if done.skipped:
        lines += ["", "Skipped before this round:", "", *_skipped(done.skipped)]
    if done.trial and done.assessment and done.assessment.problems and done.trial.report.causes:
        lines += ["", "Possible causes, from the check:", ""]
        lines += [f"- {_escape(f'{cause.text} ({cause.evidence})')}" for cause in done.trial.report.causes]
    if done.trial and done.trial.reused:
        lines += ["", "The preview was rendered by an earlier run, which was interrupted."]
    return lines


def _skipped(skipped: tuple[SkippedRemedy, ...]) -> list[str]:
    return [f"- {item.remedy.action}: {_escape(item.why)}" for item in skipped]


def _final(final: Mapping[str, Any], folder: Path) -> list[str]:
    path = Path(final["path"])
    summary = final["summary"] or "its sync could not be measured"
    lines = [f"[{_escape(path.name)}]({_link(path, folder)}): {_escape(summary)}."]
    lines += ["", "| setting | value |", "| --- | --- |"]
    settings = {key: value for key, value in final["settings"].items() if key != "preparation"}
    settings |= final["settings"]["preparation"]
    return lines + [f"| {key} | {_escape(format_value(value))} |" for key, value in settings.items()]


def _escape(text: str) -> str:
    """Escape what Markdown or HTML would interpret, and keep the text on one line."""
    text = text.encode("utf-8", "backslashreplace").decode()  # for file names that are not UTF-8
    return re.sub(r"([\\`*\[\]<|&~])", r"\\\1", " ".join(text.split()))


def _link(path: Path, folder: Path) -> str:
    try:
        relative = os.path.relpath(path.resolve(), folder.resolve())
    except ValueError:  # it is on another drive
        relative = str(path)
    return quote(os.fsencode(relative.replace(os.sep, "/")))
