"""Scenarios lint clean, keep the user's words, and refuse those that move."""

from __future__ import annotations

import pytest

from lipwright.errors import PromptError, UsageError
from lipwright.prompt.compose import GUIDE, LOOKS, compose
from lipwright.prompt.lint import lint

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


def test_an_unknown_scenario_names_those_known() -> None:
    with pytest.raises(UsageError) as caught:
        compose("opera")
    assert "narrator" in caught.value.hint
