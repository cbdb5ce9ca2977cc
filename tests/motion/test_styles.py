"""Words of a prompt, and the pace of a delivery, become a style."""

from __future__ import annotations

import numpy as np
import pytest

from lipwright.motion.styles import STYLES, style_of_audio, style_of_prompt

# The guide's own example prompts: what they say of the person, not of light and lens.
PROMPTS = {
    "Close-up of a woman's face, lips slightly parted, natural skin texture, neutral expression ready to "
    "speak.": None,
    "Actor delivering intense, urgent dialogue with visible emotion in facial expression.": "urgent",
    "Soft studio lighting, warm color grading, shallow depth of field on face.": None,
    "Neutral blurred background, focus sharp on face.": None,
    "Close-up of man's face, mouth naturally positioned, professional studio lighting with soft key light, "
    "neutral background, warm color grading, ready to deliver dialogue with clear articulation and visible "
    "lip movement. Natural skin texture, minimal makeup, professional appearance.": "serious",
    "Professional male voice actor, close-up of face from shoulders up, professional broadcast studio "
    "setting, crisp studio lighting, neutral background, dark suit and tie, serious professional "
    "expression, clear articulation visible in mouth movement, high-definition broadcast quality, warm "
    "professional color grading.": "serious",
    "Woman's face in close-up, natural theatrical lighting, expressive eyes and mouth ready for emotional "
    "performance, neutral background with warm amber glow, beautiful natural skin, soft lighting on face, "
    "professional video quality, moment of emotional intensity visible in facial readiness.": "urgent",
    "Instructor at desk or lectern, face clearly visible, friendly and approachable expression, bright "
    "natural studio lighting, professional educational setting background, crisp video quality, mouth "
    "articulation clear and visible for educational delivery.": "warm",
    "": None,
}


@pytest.mark.parametrize("prompt", PROMPTS, ids=[prompt[:24] for prompt in PROMPTS])
def test_the_guides_prompts(prompt: str) -> None:
    assert style_of_prompt(prompt) == PROMPTS[prompt]


@pytest.mark.parametrize(
    ("prompt", "style"),
    [
        ("A CALM, relaxed woman", "calm"),
        ("she is happy and warm and joyful", "lively"),
        ("angry warm", "urgent"),
        ("a grave man in warm light", "serious"),
        ("wärme, ruhig", None),
    ],
)
def test_the_word_said_most_often_wins_and_the_first_at_a_tie(prompt: str, style: str | None) -> None:
    assert style_of_prompt(prompt) == style


def strokes(per_second: float, seconds: float = 10.0) -> np.ndarray:
    """A jaw that opens so often."""
    at = np.arange(round(seconds * 100)) / 100
    return (0.5 - 0.5 * np.cos(2 * np.pi * per_second * at)).astype(np.float32)


@pytest.mark.parametrize(("pace", "style"), [(1.5, "calm"), (3.5, "neutral"), (6.0, "lively")])
def test_the_pace_suggests_a_style(pace: float, style: str) -> None:
    assert style_of_audio(strokes(pace), 100, 10.0) == style
    assert style in STYLES


def test_less_than_a_second_suggests_nothing() -> None:
    assert style_of_audio(strokes(6.0, 0.9), 100, 0.9) == "neutral"
