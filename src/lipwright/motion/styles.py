"""Styles of delivery: what stands in the place of a text prompt for the embedded model."""

from __future__ import annotations

import re

STYLES = ("neutral", "calm", "lively", "urgent", "warm", "serious")
"""Learnt styles; the null style of guidance comes after them."""

NULL_STYLE = len(STYLES)
"""Index of "no style at all": the negative pass."""

_WORDS = {
    "calm": "calm calmly relaxed peaceful gentle quiet soothing serene soft tender thoughtful measured slow tired sad",
    "lively": "lively excited energetic enthusiastic cheerful playful happy joyful animated bright vivid funny laughing",
    "urgent": "urgent intense angry dramatic tense desperate passionate fierce furious alarmed worried emotional",
    "warm": "warm friendly kind smiling smile welcoming approachable loving affectionate inviting pleasant",
    "serious": "serious stern formal grave solemn professional authoritative neutral-faced focused news broadcast",
}
_STYLE_OF = {word: style for style, words in _WORDS.items() for word in words.split()}
_NOT_EMOTION = {"lighting", "light", "lights", "color", "colour", "grading", "tone", "tones", "focus", "amber", "background", "palette", "studio", "sun", "glow"}


def style_of_prompt(prompt: str) -> str | None:
    """The style that a prompt's emotion words ask for; None where it has none.

    "warm color grading" speaks of light, not of the person: words before such nouns do not count.
    The style named most often wins, the first named at a tie.

    >>> style_of_prompt("friendly and approachable expression"), style_of_prompt("warm color grading")
    ('warm', None)
    """
    words = re.findall(r"[a-z-]+", prompt.lower())
    votes: dict[str, int] = {}
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word in _STYLE_OF and following not in _NOT_EMOTION:
            votes[_STYLE_OF[word]] = votes.get(_STYLE_OF[word], 0) + 1
    return max(votes, key=lambda style: votes[style]) if votes else None
