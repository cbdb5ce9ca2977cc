"""The page's prompt card: as the user types, it checks the prompt for words that compete with the voice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lipwright.domain.prosody import Prosody
from lipwright.pipeline.prompt import judge_prompt
from lipwright.studio.page.fragments import draw
from lipwright.studio.page.voice import Light, light_of


def examine_prompt(text: str, delivery: Prosody | None, *, has_image: bool, reads: str) -> tuple[Light, str]:
    """Check a prompt; return its status light, and its findings as HTML.

    Args:
        text: The prompt.
        delivery: Prosody of the voice; None if there is no voice.
        has_image: True if there is a portrait.
        reads: Which part of a prompt the engine reads: "all", "mood" or "none".
    """
    if not text.strip():
        return "off", draw("prompt.html.j2", findings=[], reads=reads, empty=True)
    report = judge_prompt(text, delivery=delivery, has_image=has_image)
    findings = [finding.to_json() | {"handled": ""} for finding in report.findings]
    card = draw(
        "prompt.html.j2",
        empty=False,
        reads=reads,
        findings=findings,
        pieces=_marked(text, findings),
        suggestion=report.suggestion if report.errors else None,
    )
    return light_of(findings), card


def _marked(text: str, findings: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """Divide a text into pieces with and without a finding.

    Returns:
        Text and severity of each piece, in order; the severity is "" without a finding. Empty if there are no
        findings in the text.
    """
    places = sorted(
        (finding["where"]["start"], finding["where"]["end"], finding["severity"])
        for finding in findings
        if "start" in finding["where"] and finding["where"]["end"] - finding["where"]["start"] < len(text)
    )
    pieces, done = [], 0
    for start, end, severity in places:
        if start >= done:
            pieces += [(text[done:start], ""), (text[start:end], severity)]
            done = end
    return [*pieces, (text[done:], "")] if pieces else []
