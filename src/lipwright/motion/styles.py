"""Styles of delivery (ways of speaking), which the embedded model uses instead of a text prompt."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

STYLES = ("neutral", "calm", "lively", "urgent", "warm", "serious")
"""Styles that the network was trained on, in the order of the network's style indices."""

NULL_STYLE = len(STYLES)
"""Index that means no style, for the negative pass of guidance."""

_WORDS = {
    "calm": """calm calmly relaxed peaceful gentle quiet soothing serene soft tender thoughtful
        measured slow tired sad""",
    "lively": """lively excited energetic enthusiastic cheerful playful happy joyful animated vivid
        funny laughing""",
    "urgent": """urgent intense angry dramatic tense desperate passionate fierce furious alarmed
        worried emotional""",
    "warm": """warm friendly kind smiling smile welcoming approachable loving affectionate inviting
        pleasant""",
    "serious": "serious stern formal grave solemn professional authoritative focused news broadcast",
}
_STYLE_OF = {word: style for style, words in _WORDS.items() for word in words.split()}

_THINGS = """lighting light lights color color grading tone tones focus amber background palette
    studio sun glow key fill rim"""
_NOT_EMOTION = frozenset(_THINGS.split())


def style_of_prompt(prompt: str) -> str | None:
    """Return the style that the mood words of a prompt suggest; None if it has no such words.

    "warm color grading" describes light, not the person: words before nouns like "grading" are ignored. The
    style with the most words wins; in a tie, the one that comes first in the prompt.

    >>> style_of_prompt("friendly and approachable expression"), style_of_prompt("warm color grading")
    ('warm', None)
    """
    words = re.findall(r"[a-z-]+", prompt.lower())
    votes: dict[str, int] = {}
    for word, following in pairwise([*words, ""]):
        if word in _STYLE_OF and following not in _NOT_EMOTION:
            votes[_STYLE_OF[word]] = votes.get(_STYLE_OF[word], 0) + 1
    return max(votes, key=lambda style: votes[style]) if votes else None


_CALM_JAW_OPENINGS_PER_SECOND, _LIVELY_JAW_OPENINGS_PER_SECOND = 2.4, 4.4
"""Speech with fewer jaw openings per second than the first number is calm. Speech with more than the second
number is lively. Prose read aloud has 3.5. Openings are counted in the expected motion of the jaw, where
syllables in quick succession merge into one. So these rates are lower than the syllables per second of
`audio.prosody`, which are counted in the audio."""


def style_of_audio(jaw: NDArray[np.float32], rate_hz: int, speech_seconds: float) -> str:
    """Return the style that the pace of the speech suggests: neutral, calm or lively.

    `jaw` is the expected opening of the jaw, shape (n,), with `rate_hz` values per second. `speech_seconds`
    is the total length of the speech.
    """
    if speech_seconds < 1:
        return "neutral"
    reach = max(1, rate_hz // 20)
    smooth = np.convolve(jaw, np.ones(2 * reach + 1) / (2 * reach + 1), "same")
    rising = np.diff(smooth) > 0
    peaks = rising[:-1] & ~rising[1:] & (smooth[1:-1] > 0.2)
    pace = float(peaks.sum()) / speech_seconds
    if pace < _CALM_JAW_OPENINGS_PER_SECOND:
        return "calm"
    return "lively" if pace > _LIVELY_JAW_OPENINGS_PER_SECOND else "neutral"
