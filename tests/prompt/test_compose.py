"""Scenarios lint clean, keep the user's words, and refuse those that move."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.errors import PromptError, UsageError
from lipwright.prompt.compose import EXPRESSIONS, GUIDE, LOOKS, QUIET, arousal, compose, expression_of
from lipwright.prompt.lint import lint


@dataclass(frozen=True)
class Measured:
    """A prosody; what is usual."""

    syllables_per_second: float = 4.3
    pitch_range_semitones: float = 7.0
    voiced_share: float = 0.8
    effort_db: float = -12.0


WISHES = {
    "subject": "an old sailor with a white beard",
    "emotion": "worried",
    "lighting": "candlelight",
    "background": "dark blue",
    "style": "black and white film",
    "lens": "85mm",
}


@pytest.mark.parametrize("scenario", LOOKS)
def test_every_scenario_lints_clean_bare_and_dressed(scenario: str) -> None:
    assert lint(compose(scenario)) == ()
    assert lint(compose(scenario, **WISHES)) == ()
    for part, words in WISHES.items():
        assert lint(compose(scenario, **{part: words})) == ()


@pytest.mark.parametrize("scenario", LOOKS)
def test_the_users_words_stand_in_it(scenario: str) -> None:
    prompt = compose(scenario, **WISHES)
    assert prompt.startswith("An old sailor with a white beard, ")
    for phrase in (
        "worried expression",
        "candlelight",
        "dark blue background",
        "black and white film",
        "85mm lens",
    ):
        assert phrase in prompt


@pytest.mark.parametrize("scenario", GUIDE)
def test_the_guides_scenarios_are_given_word_for_word(scenario: str) -> None:
    assert compose(scenario) == GUIDE[scenario]
    assert compose(scenario, emotion=" ") == GUIDE[scenario]


def test_a_noun_that_is_there_is_not_doubled() -> None:
    prompt = compose("news", emotion="a calm smile.", background="brick wall")
    assert "a calm smile, " in prompt
    assert "brick wall, " in prompt


@pytest.mark.parametrize("part", WISHES)
def test_words_that_move_are_refused_by_name(part: str) -> None:
    with pytest.raises(PromptError, match=f"--{part} .*'nods'"):
        compose("story", **{part: "who nods"})


PARTS = {
    "subject": [
        "a fisherman",
        "young woman with freckles",
        "An elderly teacher, grey beard.",
        "boy in a red cap",
    ],
    "emotion": ["calm", "worried look", "a gentle smile", "fierce", "tired eyes"],
    "lighting": ["candlelight", "neon", "overcast daylight", "hard sun from the left"],
    "background": ["brick wall", "navy", "blurred library", "empty stage"],
    "style": ["oil painting", "35mm film", "noir", "documentary"],
    "lens": ["85mm", "f/1.8", "macro", "anamorphic"],
}
WISHED = st.fixed_dictionaries({}, optional={part: st.sampled_from(words) for part, words in PARTS.items()})
PROSODY = st.builds(
    Measured,
    syllables_per_second=st.floats(0.5, 10),
    pitch_range_semitones=st.floats(0, 24),
    voiced_share=st.floats(0, 1),
    effort_db=st.floats(-30, 10),
)


@given(st.sampled_from(list(LOOKS)), WISHED, PROSODY)
@settings(max_examples=25, deadline=None)
def test_composed_prompts_have_no_findings(scenario: str, wished: dict[str, str], heard: Measured) -> None:
    assert lint(compose(scenario, **wished)) == ()
    read = wished | {"emotion": expression_of(heard)}
    assert lint(compose(scenario, **read), prosody=heard) == ()


@given(
    st.sampled_from(list(LOOKS)),
    st.sampled_from(list(WISHES)),
    st.sampled_from(["two women", "crowd", "nods", "from behind", "busy street", "quickly", "zoom in"])
    | st.text(),
)
@settings(max_examples=25, deadline=None)
def test_user_words_that_break_a_rule_are_refused(scenario: str, part: str, words: str) -> None:
    try:
        prompt = compose(scenario, **{part: words})
    except PromptError as refused:
        assert refused.hint
    else:
        assert lint(prompt) == ()


def test_an_unknown_scenario_names_those_known() -> None:
    with pytest.raises(UsageError) as caught:
        compose("opera")
    assert "narrator" in caught.value.hint


@pytest.mark.parametrize("name", ["syllables_per_second", "pitch_range_semitones", "effort_db"])
def test_each_measure_counts_towards_arousal(name: str) -> None:
    usual = Measured()
    more, less = (replace(usual, **{name: getattr(usual, name) + by}) for by in (1, -1))
    assert arousal(less) < arousal(usual) == 0 < arousal(more)


def test_every_expression_can_be_reached_in_order() -> None:
    paces = [1.0 + 0.05 * step for step in range(140)]
    said = [expression_of(Measured(pace, 2 + pace, effort_db=-20 + 2 * pace)) for pace in paces]
    assert list(dict.fromkeys(said)) == [QUIET, *(words for _, words in reversed(EXPRESSIONS))]


def test_fast_and_flat_is_not_called_calm() -> None:
    flat = Measured(syllables_per_second=5.5, pitch_range_semitones=0, effort_db=-30)
    assert arousal(flat) < -0.35
    assert "calm" not in expression_of(flat)
