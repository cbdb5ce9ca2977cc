"""Prompts as words and clauses, and phrases found in them."""

from __future__ import annotations

import pytest

from lipwright.prompt.clauses import clauses, lemma
from lipwright.prompt.lint import lint
from lipwright.prompt.vocabulary import Phrases, vocabulary


def found(phrase: str, text: str) -> list[str]:
    classes = {"number": frozenset({"two", "three"})}
    phrases = Phrases([phrase], classes)
    return [
        text[clause.words[first].start : clause.words[last - 1].end]
        for clause in clauses(text)
        for first, last in phrases.find(clause.words)
    ]


@pytest.mark.parametrize(
    ("word", "base"),
    [
        ("nodding", "nod"),
        ("waves", "wave"),
        ("women", "woman"),
        ("close-ups", "close-up"),
        ("breathing", "breathe"),
    ],
)
def test_words_have_their_base_forms(word: str, base: str) -> None:
    assert lemma(word) == base


def test_clauses_end_at_punctuation_and_know_their_sentence() -> None:
    parsed = clauses("A nun, f/1.4 lens. SHE nods — slowly")
    assert [[word.text for word in clause.words] for clause in parsed] == [
        ["a", "nun"],
        ["f"],
        ["1.4", "lens"],
        ["she", "nods"],
        ["slowly"],
    ]


def test_a_base_form_stands_for_its_active_forms() -> None:
    text = "nod, nods, nodding, nodded"
    assert found("nod", text) == ["nod", "nods", "nodding"]
    assert found("nods", text) == ["nods"]
    assert found("nodded", text) == ["nodded"]


def test_choices_gaps_classes_and_hyphens() -> None:
    assert found("pan left/right slowly?", "pans left slowly, panning right, pan up") == [
        "pans left slowly",
        "panning right",
    ]
    assert found("@number * monks", "two old monks, three monks") == ["two old monks"]
    assert found("zoom in", "zoom-in on a face") == ["zoom-in"]
    assert found("= then", "then, then a smile") == ["then"]


def test_every_class_in_a_phrase_exists() -> None:
    assert {"camera", "several-people"} <= set(vocabulary().offends)  # an unknown class fails to load


@pytest.mark.parametrize(
    "text", ["", " ", "?", "…", "((((", "/ // _ [P]", "é", "'", '"', "“", "a\x00b", "İ" * 50]
)
def test_any_text_will_do(text: str) -> None:
    for finding in lint(text):
        assert 0 <= finding.where["start"] <= finding.where["end"] <= len(text)
