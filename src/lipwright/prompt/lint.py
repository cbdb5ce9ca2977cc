"""Whether a prompt works with the sound or against it."""

from __future__ import annotations

from lipwright.domain.finding import Finding
from lipwright.prompt.rules import RULES, Context, Heard


def lint(
    text: str,
    *,
    cfg: float | None = None,
    negative: str = "",
    audio: Heard | None = None,
    image_strength: float | None = None,
    has_image: bool = False,
) -> tuple[Finding, ...]:
    """Hold a prompt against every rule.

    Args:
        text: The prompt.
        cfg: Guidance of the video; None where unknown.
        negative: The negative prompt.
        audio: What was measured in the speech; None where it is not known.
        image_strength: How firmly the reference picture is held, 0 to 1.
        has_image: A reference picture shows the face.

    Returns:
        Findings in the order of the text; `where` holds start and end in characters of
        `text`, half-open. Severity error is what `render` refuses.

    >>> [(finding.id, finding.where) for finding in lint("A smiling woman nods")]
    [('motion', {'start': 16, 'end': 20})]
    """
    context = Context(cfg, negative, audio, image_strength, has_image)
    found = [finding for rule in RULES for finding in rule(text, context)]
    return tuple(sorted(found, key=lambda finding: finding.where.get("start", len(text))))


def errors(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Those that make a prompt refused."""
    return tuple(finding for finding in findings if finding.severity == "error")
