"""Frames find words by their kind, and point at them."""

from __future__ import annotations

import pytest

from lipwright.prompt.grammar import frames
from lipwright.prompt.lint import lint


def found(table: str, text: str) -> list[str]:
    return [text[place.start : place.end] for place in frames(table).finditer(text)]


def test_a_class_stands_for_its_words() -> None:
    handling = "[P] <[H] [DO]>"
    assert found(handling, "a plumber scrubbing the tap, a nurse folding his shirt") == [
        "scrubbing the",
        "folding his",
    ]
    assert (
        found(handling, "a plumber holding the tap, a curtain folding his shirt") == []
    )  # a pose; no person


def test_what_stands_in_no_brackets_is_itself() -> None:
    assert found("(in|under) a [..] box", "in a big box, under a small box, on a red box") == [
        "in a big box",
        "under a small box",
    ]


def test_the_end_is_punctuation() -> None:
    alone = "[--] <[MH]> [--]"
    assert found(alone, "a face, sneezing") == found(alone, "a face, sneezing, a shawl") == ["sneezing"]
    assert found(alone, "a face, sneezing powder") == []


def test_a_word_is_not_a_part_of_another() -> None:
    assert found("on the", "upon the hill, on thee, mon-the") == []


def test_a_line_indented_further_goes_on_with_the_one_before() -> None:
    table = """
    (cat
        |dog) sat
    bird flew
    """
    assert found(table, "the cat sat, the dog sat, the bird flew, the cat flew") == [
        "cat sat",
        "dog sat",
        "bird flew",
    ]


@pytest.mark.parametrize("text", ["", " ", "?", "…", "((((", "/ // _ [P]", "é", "'"])
def test_any_text_will_do(text: str) -> None:
    assert found("[..] [--]", text) in ([], [text.strip()])
    lint(text)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("locksmith's face, prising the lid off a tin", "gesture"),
        ("close-up of a cooper, shavings fluttering past his ear", "motion"),
        ("farrier, face lit by the forge, her apprentice just behind", "several-people"),
        ("portrait, a vole in a cravat nibbling at a leaf", "motion"),
    ],
)
def test_words_that_no_list_of_phrases_has(text: str, rule: str) -> None:
    assert rule in {finding.id for finding in lint(text)}
