"""Texts of the findings that several engines share, or that the portrait engine reports."""

from __future__ import annotations

from lipwright.domain.finding import FindingType

PROMPT_WITHOUT_MOOD = FindingType(
    "prompt-without-mood",
    "hint",
    "the portrait engine uses only the mood words of a prompt, and this prompt contains none",
    "add a mood word (calm, lively, urgent, warm or serious); the person's looks come from the image",
    lip_sync_rule="PROMPT-1",
)
NORMING_INERT = FindingType(
    "norming-inert",
    "hint",
    "all guidance scales are neutral, so the norming threshold, which limits guidance, has no effect",
    "use a CFG above 1 if the threshold should have an effect",
    lip_sync_rule="SAMPLE-3",
)
WILL_NOT_BLINK = FindingType(
    "will-not-blink",
    "hint",
    "the face will not blink: its eyes are tiny, closed, painted, or behind glasses or hair",
    "if blinks matter, use an image with both eyes open, without glasses and without hair over the eyes",
)
