"""The prompt of a render: what the lint finds in it, and when it is refused."""

from __future__ import annotations

from lipwright.domain.finding import Finding
from lipwright.domain.settings import Settings
from lipwright.errors import PromptError


def examine_prompt(
    text: str, settings: Settings, *, has_picture: bool, holds_picture: bool, allow_motion: bool
) -> tuple[Finding, ...]:
    """What the lint finds, refusing a prompt that works against the sound.

    Args:
        text: The prompt; an empty one has no findings.
        settings: Of the render, resolved.
        has_picture: A picture shows the face.
        holds_picture: The engine holds its first frame to the picture by `image_strength`, so that a
            prompt in which nobody talks may freeze the film.
        allow_motion: Refuse nothing.

    Raises:
        PromptError: it describes motion, time or words to be said, and motion is not allowed.
    """
    if not text.strip():
        return ()
    # Half a second of phrase tables, for those who wrote a prompt.
    from lipwright.prompt.lint import errors, lint  # noqa: PLC0415

    findings = lint(
        text,
        cfg=settings.cfg,
        image_strength=settings.image_strength if holds_picture else None,
        has_picture=has_picture,
    )
    refused = errors(findings)
    if refused and not allow_motion:
        raise PromptError(
            "the prompt works against the sound: "
            + "; ".join(f"{finding.text} [{finding.rule}]" for finding in refused),
            hint=f"{_instead(text)}; or add --allow-motion",
        )
    return findings


def _instead(text: str) -> str:
    """The advice: what is left of the prompt, or another one."""
    from lipwright.prompt.compose import compose  # noqa: PLC0415
    from lipwright.prompt.fix import fix  # noqa: PLC0415

    left = fix(text)
    if left:
        return f"use: {left}"
    return f"all of it goes; describe how the person looks, such as: {compose('narrator')}"
