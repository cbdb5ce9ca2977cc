"""The expression read from a voice rises with pace, pitch range and effort, and never contradicts them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lipwright.prompt.emotion import EXPRESSIONS, QUIET, arousal, expression_of
from lipwright.prompt.rules import Heard

USUAL = Heard(syllables_per_second=4.3, pitch_range_semitones=7, voiced_share=0.8, effort_db=-12)


@pytest.mark.parametrize("name", ["syllables_per_second", "pitch_range_semitones", "effort_db"])
def test_each_measure_stirs(name: str) -> None:
    more, less = (replace(USUAL, **{name: getattr(USUAL, name) + by}) for by in (1, -1))
    assert arousal(less) < arousal(USUAL) == 0 < arousal(more)


def test_every_expression_can_be_reached_in_order() -> None:
    paces = [1.0 + 0.05 * step for step in range(140)]
    said = [
        expression_of(Heard(pace, 2 + pace, voiced_share=0.8, effort_db=-20 + 2 * pace)) for pace in paces
    ]
    assert list(dict.fromkeys(said)) == [QUIET, *(words for _, words in reversed(EXPRESSIONS))]


def test_fast_and_flat_is_not_called_calm() -> None:
    flat = Heard(syllables_per_second=5.5, pitch_range_semitones=0, voiced_share=0.8, effort_db=-30)
    assert arousal(flat) < -0.35
    assert "calm" not in expression_of(flat)
