"""Prompts for usual scenes, built from a few words about how things look."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Literal

from lipwright.domain.finding import Finding
from lipwright.errors import PromptError, UsageError
from lipwright.prompt.lint import lint

Scenario = Literal["narrator", "dialogue", "education", "interview", "singing", "news", "story"]


@dataclass(frozen=True, slots=True)
class Look:
    """How a scene looks, each part a phrase; the order is that of the finished prompt."""

    subject: str
    framing: str
    style: str
    lighting: str
    background: str
    emotion: str
    mouth: str
    lens: str
    quality: str


GUIDE: Mapping[str, str] = {
    "narrator": "Professional male voice actor, close-up of face from shoulders up, professional broadcast "
    "studio setting, crisp studio lighting, neutral background, dark suit and tie, serious professional "
    "expression, clear articulation visible in mouth movement, high-definition broadcast quality, warm "
    "professional color grading.",
    "dialogue": "Woman's face in close-up, natural theatrical lighting, expressive eyes and mouth ready for "
    "emotional performance, neutral background with warm amber glow, beautiful natural skin, soft lighting "
    "on face, professional film quality, moment of emotional intensity visible in facial readiness.",
    "education": "Instructor at desk or lectern, face clearly visible, friendly and approachable expression, "
    "bright natural studio lighting, professional educational setting background, crisp video quality, mouth "
    "articulation clear and visible for educational delivery.",
}
"""The guide's three scenarios in its own words, given where nothing else is asked for."""

LOOKS: Mapping[Scenario, Look] = {
    "narrator": Look(
        subject="professional male voice actor in a dark suit and tie",
        framing="close-up of face from shoulders up",
        style="professional broadcast studio setting",
        lighting="crisp studio lighting",
        background="neutral background",
        emotion="serious professional expression",
        mouth="clear articulation visible in mouth movement",
        lens="",
        quality="high-definition broadcast quality, warm professional color grading",
    ),
    "dialogue": Look(
        subject="woman",
        framing="face in close-up",
        style="professional film quality",
        lighting="natural theatrical lighting",
        background="neutral background with warm amber glow",
        emotion="moment of emotional intensity visible in facial readiness",
        mouth="expressive eyes and mouth ready to deliver dialogue",
        lens="",
        quality="beautiful natural skin, soft lighting on face",
    ),
    "education": Look(
        subject="instructor at desk or lectern",
        framing="face clearly visible",
        style="crisp video quality",
        lighting="bright natural studio lighting",
        background="professional educational setting background",
        emotion="friendly and approachable expression",
        mouth="mouth articulation clear and visible for educational delivery",
        lens="",
        quality="",
    ),
    "interview": Look(
        subject="interview guest seated in an armchair",
        framing="medium close-up, face turned to the camera",
        style="documentary style, natural color grading",
        lighting="soft key light from the side",
        background="softly blurred living room background",
        emotion="attentive, open expression",
        mouth="lips slightly parted, ready to speak",
        lens="50mm lens, shallow depth of field on face",
        quality="natural skin texture",
    ),
    "singing": Look(
        subject="singer at a studio microphone",
        framing="close-up of face, mouth unobscured by the microphone",
        style="cinematic color grading",
        lighting="warm stage lighting with soft rim light",
        background="dark plain background",
        emotion="heartfelt expression",
        mouth="mouth open for singing, teeth and lips clearly visible",
        lens="85mm lens, shallow depth of field on face",
        quality="natural skin texture",
    ),
    "news": Look(
        subject="news anchor in a tailored suit behind a desk",
        framing="medium close-up, looking directly at the camera",
        style="professional broadcast quality",
        lighting="even studio lighting",
        background="softly blurred newsroom background",
        emotion="composed, serious expression",
        mouth="mouth clearly visible, ready to deliver dialogue with clear articulation",
        lens="",
        quality="high-definition picture, neutral color grading",
    ),
    "story": Look(
        subject="storyteller in a knitted sweater",
        framing="close-up of face from shoulders up",
        style="cozy, painterly color grading",
        lighting="warm lamplight on face",
        background="dark blurred background",
        emotion="warm, inviting expression",
        mouth="lips slightly parted, visible lip movement",
        lens="",
        quality="natural skin texture, sharp focus on face",
    ),
}

_NOUNS: Mapping[str, tuple[str, str]] = {
    "lighting": ("lighting", r"light|lit\b|glow|sun|lamp|candle|shadow|backlit"),
    "background": (
        "background",
        r"background|backdrop|behind|bokeh|wall|room|studio|setting|office|street|interior",
    ),
    "emotion": ("expression", r"expression|smil|mood|emotion|look|face|eyes|gaze|visible"),
    "style": ("style", r"style|grading|quality|look|film|photo|cinema|render|paint|setting|grain"),
    "lens": ("lens", r"lens|focus|depth of field|bokeh|macro|f/"),
}
"""What a bare word of the user's becomes: "urgent" an "urgent expression", unless it says so itself."""


def compose(
    scenario: str,
    *,
    subject: str | None = None,
    emotion: str | None = None,
    lighting: str | None = None,
    background: str | None = None,
    style: str | None = None,
    lens: str | None = None,
) -> str:
    """A prompt for a scene.

    Args:
        scenario: One of `Scenario`.
        subject: Who speaks, such as "an old sailor with a white beard"; None is the scenario's own,
            and so for the others.
        emotion: Such as "calm" or "a worried look".
        lighting: Such as "candlelight".
        background: Such as "dark blue".
        style: Such as "black and white film".
        lens: Such as "85mm".

    Raises:
        UsageError: there is no such scenario.
        PromptError: the words given do not lint clean.
    """
    if scenario not in LOOKS:
        raise UsageError(f"there is no scenario {scenario!r}", hint=f"one of {', '.join(LOOKS)}")
    wishes = {
        "subject": subject,
        "emotion": emotion,
        "lighting": lighting,
        "background": background,
        "style": style,
        "lens": lens,
    }
    given = {part: _phrase(part, words) for part, words in wishes.items() if words and words.strip()}
    for part, words in given.items():
        refuse(lint(words, has_image=True), f"--{part}")  # whether a face shows, the whole must tell
    if not given and scenario in GUIDE:
        return GUIDE[scenario]
    look = LOOKS[scenario]  # type: ignore[index] # checked above
    parts = [given.get(part.name, getattr(look, part.name)) for part in fields(Look)]
    prompt = ", ".join(part for part in parts if part) + "."
    prompt = prompt[0].upper() + prompt[1:]
    refuse(lint(prompt), "the prompt composed")  # words that are harmless apart may not be so together
    return prompt


def refuse(findings: Iterable[Finding], where: str) -> None:
    """Raise for findings: what is composed has none, not even hints.

    Args:
        findings: Of the words.
        where: Whose words these are, for the message.

    Raises:
        PromptError: naming the words.
    """
    found = list(findings)
    if found:
        named = "; ".join(f"{finding.text} [{finding.id}]" for finding in found)
        raise PromptError(f"{where} would not lint clean: {named}", hint=found[0].advice)


def _phrase(part: str, words: str) -> str:
    """The user's words as a part of the list: no mark at the end, and a noun where it is missing."""
    phrase = re.sub(r"\s+", " ", words).strip(" .,;:")
    noun, said = _NOUNS.get(part, ("", ""))
    return f"{phrase} {noun}" if noun and not re.search(said, phrase.lower()) else phrase
