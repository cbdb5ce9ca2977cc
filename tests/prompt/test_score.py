"""The lint against labelled prompts: by others, and by the author of its rules (README.md tells which).

benchmarks/prompt_lint.py prints the figures; the floors here keep what there is.
"""

from __future__ import annotations

import pytest
from benchmarks.prompt_lint import Score, own_phrases, read_sentences, score

from lipwright.prompt.lint import lint


@pytest.mark.parametrize(
    ("split", "each", "precision", "recall"), [("dev", 3, 0.98, 0.98), ("test", 1, 0.95, 0.95)]
)
def test_labelled_prompts(split: str, each: int, precision: float, recall: float) -> None:
    sentences = read_sentences(split)[::each]  # a third of dev will do: a prompt takes some milliseconds
    reached = score((sentence["bad"], bool(lint(sentence["text"]))) for sentence in sentences)
    assert reached.precision >= precision
    assert reached.recall >= recall


def test_prompts_for_every_rule_and_what_only_looks_like_them() -> None:
    # Those of a single phrase are left to the benchmark: over a thousand. So is every other prompt.
    prompts = list(own_phrases(whole=True))[::2]
    reached = score((label != "good", bool(lint(text))) for label, text in prompts)
    assert reached.right + reached.missed > 300
    assert reached.precision >= 0.98
    assert reached.recall >= 0.95


def test_prompts_are_many_and_each_is_there_once() -> None:
    texts = [sentence["text"] for split in ("dev", "test") for sentence in read_sentences(split)]
    assert len(texts) >= 300
    assert len(texts) == len(set(texts))


def test_a_score_counts_what_it_says() -> None:
    counted = score([(True, True), (True, True), (True, False), (False, True), (False, False)])
    assert counted == Score(right=2, false=1, missed=1)
    assert (counted.precision, counted.recall) == (2 / 3, 2 / 3)
    assert score([]).precision == 0
