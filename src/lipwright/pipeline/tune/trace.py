"""The story of a tuning: JSON for programs, a page of Markdown for people."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from lipwright.pipeline.tune.parameters import word
from lipwright.pipeline.tune.preview import Preview
from lipwright.pipeline.tune.results import Round, Skipped

ENDINGS = {
    "tight": "in sync, no jumps, stiffness in bounds",
    "rounds spent": "the rounds are spent; the best of them is taken",
    "nothing left to try": "no rule is left that could help; the best round is taken",
    "cannot be told": "whether it is in sync cannot be told, whatever is set; the best round is taken",
}
"""Why the search ended, for people."""


def page(
    story: dict[str, Any],
    rounds: tuple[Round, ...],
    skipped: tuple[Skipped, ...],
    preview: Preview,
    folder: Path,
) -> str:
    """The story as Markdown.

    Args:
        story: What `tune` prints as JSON; `final` is None while the video is not made.
        rounds: So far.
        skipped: Rules passed over after the last one.
        preview: What each round showed.
        folder: Where the page will lie: links are relative to it.
    """
    lines = ["# Tuning", "", _about(preview), "", *_table(rounds, folder), ""]
    for done in rounds:
        lines += _round(done)
    if skipped:
        lines += ["## Nothing left to try", "", *_skipped(skipped), ""]
    if story["ending"]:
        lines += ["## The video", "", f"The search ended: {ENDINGS[story['ending']]}.", ""]
        lines += _final(story, folder)
    return "\n".join(lines).rstrip() + "\n"


def _about(preview: Preview) -> str:
    shows = (
        f"the whole recording, {preview.span.seconds:.2f} s"
        if preview.whole
        else f"{preview.span.start:.2f} to {preview.span.end:.2f} s of the recording, where most is said"
    )
    return f"Each preview shows {shows}, at {preview.request.size}."


def _table(rounds: tuple[Round, ...], folder: Path) -> list[str]:
    rows = ["| round | change | verdict | offset | stiffness | jumps | repeats | decision |"]
    rows.append("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for done in rounds:
        if done.trial is None:
            rows.append(f"| {done.number} | {done.change} | - | - | - | - | - | {done.decision} |")
            continue
        report = done.trial.report
        offset = "-" if report.offset_ms is None else f"{report.offset_ms:+.0f} ms"
        stiff = "-" if report.mouth.stiffness is None else f"{report.mouth.stiffness:.2f}"
        video = f"[{done.number}]({_link(done.trial.video, folder)})"
        verdict = (
            f"[{report.verdict}]({_link(done.trial.html, folder)})" if done.trial.html else report.verdict
        )
        rows.append(
            f"| {video} | {_cell(done.change) or 'as asked'} | {verdict} | {offset} | {stiff} | "
            f"{len(report.mouth.jumps)} | {len(report.mouth.repeats)} | {done.decision} |"
        )
    return rows


def _round(done: Round) -> list[str]:
    name = done.rule.name if done.rule else "as asked"
    lines = [f"## Round {done.number}: {name}, {done.decision}", "", f"{done.reason}.", ""]
    if done.skipped:
        lines += ["Passed over on the way:", "", *_skipped(done.skipped), ""]
    if done.trial and done.judgement and done.judgement.problems and done.trial.report.causes:
        lines += ["What the check thinks of it:", ""]
        lines += [f"- {cause.text} ({cause.evidence})" for cause in done.trial.report.causes]
        lines += [""]
    if done.trial and done.trial.reused:
        lines += ["The preview lay there from a run that was interrupted.", ""]
    return lines


def _skipped(skipped: tuple[Skipped, ...]) -> list[str]:
    return [f"- {item.rule.does}: {item.why}" for item in skipped]


def _final(story: dict[str, Any], folder: Path) -> list[str]:
    final = story["final"]
    if final is None:
        return ["It is being rendered."]
    path = Path(final["path"])
    measures = final["measures"]
    verdict = "its sync could not be measured" if measures is None else final["summary"]
    lines = [f"[{path.name}]({_link(path, folder)}): {verdict}.", "", "| setting | value |", "| --- | --- |"]
    settings = dict(final["settings"])
    settings |= settings.pop("preparation")
    lines += [f"| {key} | {_cell(word(value))} |" for key, value in settings.items()]
    return lines


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _link(path: Path, folder: Path) -> str:
    try:
        relative = os.path.relpath(path.resolve(), folder.resolve())
    except ValueError:  # another drive
        relative = str(path)
    return relative.replace("\\", "/").replace(" ", "%20")
