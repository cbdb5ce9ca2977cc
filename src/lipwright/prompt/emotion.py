"""The expression that fits a voice."""

from __future__ import annotations

from lipwright.prompt.rules import FAST_SYLLABLES_PER_SECOND, Heard

USUAL_PACE, PACE_STEP = 4.3, 1.0
"""Syllables a second of conversation, and a step that is heard as faster (Tauroza and Allison 1990)."""
USUAL_SPAN, SPAN_STEP = 7.0, 3.5
"""Semitones of readers and talkers, and as much again between dull and lively ones."""
USUAL_EFFORT_DB, EFFORT_STEP_DB = -12.0, 6.0
"""Of recordings of people who talk; a step from talking to calling out."""
WEIGHTS = (0.4, 0.4, 0.2)
"""Effort counts half: microphones differ."""

EXPRESSIONS = (
    (0.8, "intense, vivid expression"),
    (0.25, "alert, engaged expression"),
    (-0.35, "attentive, open expression"),
    (-0.9, "calm, composed expression"),
)
"""From how much arousal on each fits; below the last, a quiet one."""
QUIET = "quiet, thoughtful expression"


def arousal(heard: Heard) -> float:
    """How stirred a voice sounds: 0 is usual, -1 subdued, 1 stirred.

    Pace, pitch range and vocal effort rise together with arousal (Scherer, Vocal communication of
    emotion, 2003). What is felt, joy or anger, is not in these numbers, and not guessed.
    """
    steps = (
        (heard.syllables_per_second - USUAL_PACE) / PACE_STEP,
        (heard.pitch_range_semitones - USUAL_SPAN) / SPAN_STEP,
        (heard.effort_db - USUAL_EFFORT_DB) / EFFORT_STEP_DB,
    )
    return sum(weight * max(-2.0, min(2.0, step)) for weight, step in zip(WEIGHTS, steps, strict=True))


def expression_of(heard: Heard) -> str:
    """An expression for a prompt that goes with the voice.

    >>> expression_of(Heard(syllables_per_second=3.0, pitch_range_semitones=5, voiced_share=0.8))
    'calm, composed expression'
    """
    level = arousal(heard)
    if level < -0.35 and heard.syllables_per_second > FAST_SYLLABLES_PER_SECOND:
        return EXPRESSIONS[2][1]  # fast and flat: calm would be said against the pace
    return next((words for least, words in EXPRESSIONS if level >= least), QUIET)
