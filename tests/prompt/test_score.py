"""The lint against labeled prompts that no rule was written against (README.md describes them)."""

from __future__ import annotations

import pytest
from benchmarks.prompt_lint import (
    MIN_PRECISION,
    MIN_RECALL,
    SLOW_UNITS,
    Score,
    _milliseconds,
    found_in,
    own_phrases,
    read_sentences,
    score,
)

from lipwright.prompt.fix import fix


def test_blind_prompts() -> None:
    sentences = read_sentences("test")
    reached = score((sentence["bad"], bool(found_in(sentence["text"]))) for sentence in sentences)
    assert (MIN_PRECISION, MIN_RECALL) == (0.95, 0.80)
    assert reached.precision >= 0.95
    assert reached.recall >= 0.80


def test_the_innocent_prompts_of_the_author_stay_innocent() -> None:
    texts = [text for label, text in own_phrases(whole=True) if label == "good"]
    assert len(texts) > 300
    assert sum(bool(found_in(text)) for text in texts) <= len(texts) // 20


def test_prompts_are_many_and_each_is_there_once() -> None:
    texts = [sentence["text"] for split in ("dev", "test") for sentence in read_sentences(split)]
    assert len(texts) >= 300
    assert len(texts) == len(set(texts))


def test_score_counts_correctly() -> None:
    counted = score([(True, True), (True, True), (True, False), (False, True), (False, False)])
    assert counted == Score(right=2, false=1, missed=1)
    assert (counted.precision, counted.recall) == (2 / 3, 2 / 3)
    assert score([]).precision == 0


@pytest.mark.parametrize("name", SLOW_UNITS)
def test_time_grows_with_the_length_alone(name: str) -> None:
    found_in("a woman nods")  # loads the vocabulary
    short, long = (
        min(_milliseconds(SLOW_UNITS[name], length) for _ in range(3)) for length in (4_000, 32_000)
    )
    assert long < 24 * max(short, 2)  # 8 times the length; a quadratic one takes 64 times as long


def test_a_long_prompt_is_fixed_in_no_time() -> None:
    assert fix("the camera zooms in, " * 1_000) == ""
