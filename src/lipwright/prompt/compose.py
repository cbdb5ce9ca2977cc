"""Build prompts for common scenes from the user's words, and derive an expression from the prosody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from lipwright.domain.finding import Finding
from lipwright.domain.prosody import Prosody
from lipwright.errors import PromptError, UsageError
from lipwright.prompt.lint import FAST_SYLLABLES_PER_SECOND, lint

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
"""The lip-sync guide's prompts for three scenarios, verbatim; used if the user gives no part of a prompt."""

PARTS = ("subject", "framing", "style", "lighting", "background", "emotion", "mouth", "lens", "quality")
"""Names of the parts of a prompt, in order."""
_LOOKS = """
narrator: professional male voice actor in a dark suit and tie | close-up of face from shoulders up |
    professional broadcast studio setting | crisp studio lighting | neutral background |
    serious professional expression | clear articulation visible in mouth movement | |
    high-definition broadcast quality, warm professional color grading
dialogue: woman | face in close-up | professional film quality | natural theatrical lighting |
    neutral background with warm amber glow | moment of emotional intensity visible in facial readiness |
    expressive eyes and mouth ready to deliver dialogue | | beautiful natural skin, soft lighting on face
education: instructor at desk or lectern | face clearly visible | crisp video quality |
    bright natural studio lighting | professional educational setting background |
    friendly and approachable expression | mouth articulation clear and visible for educational delivery | |
interview: interview guest seated in an armchair | medium close-up, face turned to the camera |
    documentary style, natural color grading | soft key light from the side |
    softly blurred living room background | attentive, open expression |
    lips slightly parted, ready to speak | 50mm lens, shallow depth of field on face | natural skin texture
singing: singer at a studio microphone | close-up of face, mouth unobscured by the microphone |
    cinematic color grading | warm stage lighting with soft rim light | dark plain background |
    heartfelt expression | mouth open for singing, teeth and lips clearly visible |
    85mm lens, shallow depth of field on face | natural skin texture
news: news anchor in a tailored suit behind a desk | medium close-up, looking directly at the camera |
    professional broadcast quality | even studio lighting | softly blurred newsroom background |
    composed, serious expression |
    mouth clearly visible, ready to deliver dialogue with clear articulation | |
    high-definition image, neutral color grading
story: storyteller in a knitted sweater | close-up of face from shoulders up | cozy, painterly color grading |
    warm lamplight on face | dark blurred background | warm, inviting expression |
    lips slightly parted, visible lip movement | | natural skin texture, sharp focus on face
"""
LOOKS: Mapping[str, Mapping[str, str]] = {
    name: dict(zip(PARTS, (part.strip() for part in parts.split("|")), strict=True))
    for name, parts in re.findall(r"^(\w+):((?:.+|\n    )+)", _LOOKS, re.MULTILINE)
}
"""The phrase for each part of a prompt, by scenario; the phrase is empty if the scenario omits the part."""

_NOUNS: Mapping[str, tuple[str, str]] = {
    "lighting": ("lighting", r"light|lit\b|glow|sun|lamp|candle|shadow|backlit"),
    "background": ("background", r"back|behind|bokeh|wall|room|studio|setting|office|street|interior"),
    "emotion": ("expression", r"expression|smil|mood|emotion|look|face|eyes|gaze|visible"),
    "style": ("style", r"style|grading|quality|look|film|photo|cinema|render|paint|setting|grain"),
    "lens": ("lens", r"lens|focus|depth of field|bokeh|macro|f/"),
}
"""For each part, the noun that is appended to the user's words ("urgent" becomes "urgent expression"), and a
pattern of words that make the noun unnecessary."""


def compose(scenario: str, **parts: str | None) -> str:
    """Build a prompt for a scene.

    Args:
        scenario: A key of `LOOKS`.
        **parts: The subject, emotion, lighting, background, style or lens in the user's words, such as "an
            old sailor with a white beard", "calm", "candlelight", "dark blue", "black and white film",
            "85mm". For None or a blank text, the phrase of the scenario is used.

    Raises:
        UsageError: there is no such scenario.
        PromptError: the given words, or the composed prompt, break a rule.
    """
    if scenario not in LOOKS:
        raise UsageError(f"there is no scenario {scenario!r}", hint=f"use one of {', '.join(LOOKS)}")
    given = {part: _phrase(part, words) for part, words in parts.items() if words and words.strip()}
    for part, words in given.items():
        _refuse(lint(words, has_image=True), f"--{part}")  # the face may be mentioned in another part
    if not given and scenario in GUIDE:
        return GUIDE[scenario]
    prompt = ", ".join(phrase for phrase in {**LOOKS[scenario], **given}.values() if phrase) + "."
    prompt = prompt[0].upper() + prompt[1:]
    _refuse(lint(prompt), "the composed prompt")  # harmless words can break a rule when combined
    return prompt


def _refuse(found: Iterable[Finding], where: str) -> None:
    findings = list(found)
    if findings:
        named = "; ".join(f"{finding.text} [{finding.id}]" for finding in findings)
        raise PromptError(f"{where} breaks the rules for prompts: {named}", hint=findings[0].advice)


def _phrase(part: str, words: str) -> str:
    """Convert the user's words to a part of a prompt: remove final punctuation, append a missing noun."""
    phrase = re.sub(r"\s+", " ", words).strip(" .,;:")
    noun, said = _NOUNS.get(part, ("", ""))
    return f"{phrase} {noun}" if noun and not re.search(said, phrase.lower()) else phrase


USUAL_PROSODY = {"syllables_per_second": 4.3, "pitch_range_semitones": 7.0, "effort_db": -12.0}
"""Usual value of each measurement of `Prosody`. The pace is typical of conversation (Tauroza and Allison
1990), the pitch range is typical of reading aloud."""
AROUSAL_STEPS = {"syllables_per_second": 1.0, "pitch_range_semitones": 3.5, "effort_db": 6.0}
"""Amount by which each measurement exceeds its usual value in excited speech (arousal 1)."""
AROUSAL_WEIGHTS = {"syllables_per_second": 0.4, "pitch_range_semitones": 0.4, "effort_db": 0.2}
"""Weight of each measurement in the arousal. Effort weighs less, because it depends on the microphone."""
EXPRESSIONS = (
    (0.8, "intense, vivid expression"),
    (0.25, "alert, engaged expression"),
    (-0.35, "attentive, open expression"),
    (-0.9, "calm, composed expression"),
)
"""Pairs of minimum arousal and facial expression for a prompt, from most to least excited."""
QUIET = "quiet, thoughtful expression"
"""Facial expression for an arousal below all minimums of EXPRESSIONS."""


def arousal(prosody: Prosody) -> float:
    """Return the arousal of a voice, -2..2: 0 is usual, -1 subdued, 1 excited.

    Pace, pitch range and vocal effort rise together with arousal (Scherer, Vocal communication of emotion,
    2003). They do not distinguish joy from anger.
    """
    level = 0.0
    for name, usual in USUAL_PROSODY.items():
        excess = (getattr(prosody, name) - usual) / AROUSAL_STEPS[name]
        level += AROUSAL_WEIGHTS[name] * max(-2.0, min(2.0, excess))
    return level


def expression_of(prosody: Prosody) -> str:
    """Return a facial expression that suits the voice, as words for a prompt."""
    level = arousal(prosody)
    if level < EXPRESSIONS[2][0] and prosody.syllables_per_second > FAST_SYLLABLES_PER_SECOND:
        return EXPRESSIONS[2][1]  # for fast and flat speech, because "calm" would contradict the pace
    return next((words for least, words in EXPRESSIONS if level >= least), QUIET)
