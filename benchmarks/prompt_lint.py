"""How well the prompt lint tells prompts that break a rule from those that break none.

python -m benchmarks.prompt_lint
python -m benchmarks.prompt_lint --split dev --show
python -m benchmarks.prompt_lint --counts

Splits: test, by others and for scoring only; dev, by others; own, by the author of the rules.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measuring import Figure, present
from lipwright.prompt.lint import lint
WORD_RULES=()

PROMPTS = Path(__file__).parents[1] / "tests" / "prompt"
SENTENCES, PHRASES = PROMPTS / "sentences.jsonl", PROMPTS / "phrases.txt"
CRITERIA = (
    *("motion", "gesture", "camera", "pacing", "temporal", "mouth-in-time", "quoted-speech"),
    *("several-people", "clutter", "no-face"),
)
"""In the order of the criteria in tests/prompt/README.md."""
AT_LEAST = 0.95
"""Precision and recall aimed at, on the half that no rule was written against."""


@dataclass(frozen=True, slots=True)
class Score:
    """Of one question asked of every sentence."""

    right: int
    """Found, and labelled so."""
    false: int
    """Found, but labelled otherwise."""
    missed: int

    @property
    def precision(self) -> float:
        """Of what was found, the part labelled so."""
        return self.right / max(1, self.right + self.false)

    @property
    def recall(self) -> float:
        """Of what is labelled so, the part found."""
        return self.right / max(1, self.right + self.missed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=("dev", "test", "own"), default="test")
    parser.add_argument(
        "--show", action="store_true", help="print each sentence judged wrongly (not of test)"
    )
    parser.add_argument("--counts", action="store_true", help="print how many prompts each rule has, instead")
    options = parser.parse_args()
    if options.show and options.split == "test":
        parser.error("the test half is for scoring only: --show goes with --split dev or own")
    if options.counts:
        print("\n".join(counts()))
        return 0
    sentences = read_sentences(options.split)
    judged = [(sentence, {finding.id for finding in lint(sentence["text"])}) for sentence in sentences]
    bad = score((sentence["bad"], bool(found)) for sentence, found in judged)
    figures = [
        Figure("precision, bad or not", bad.precision, at_least=AT_LEAST),
        Figure("recall, bad or not", bad.recall, at_least=AT_LEAST),
    ]
    for name in (rule.name for rule in WORD_RULES):
        each = score((name in sentence["rules"], name in found) for sentence, found in judged)
        figures += [Figure(f"  {name}: precision", each.precision), Figure(f"  {name}: recall", each.recall)]
    if options.show:
        for sentence, found in judged:
            if bool(found) != sentence["bad"]:
                print(sentence["text"])
                print(f"    labelled {sentence['rules'] or 'good'}; found {sorted(found) or 'nothing'}")
    title = f"{len(sentences)} labelled prompts ({options.split}): {bad.false} false, {bad.missed} missed"
    return 0 if present(title, figures) else 1


def read_sentences(split: str) -> list[Mapping[str, Any]]:
    """The labelled prompts of one split; of `own` only the first rule is known."""
    if split == "own":
        return [
            {"text": text, "bad": label != "good", "rules": [] if label == "good" else [label]}
            for label, text in own_phrases()
        ]
    lines = SENTENCES.read_text(encoding="utf-8").splitlines()
    return [sentence for sentence in map(json.loads, lines) if sentence["split"] == split]


def own_phrases(*, whole: bool = False) -> Iterator[tuple[str, str]]:
    """Pairs of label and prompt, by the author of the rules; with `whole` none made of a single phrase."""
    for line in PHRASES.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line:
            continue
        label, mark, text = line.partition(" | ")
        if mark:
            yield label, text
        elif not whole:
            label, _, listed = line.partition(": ")
            for phrase in listed.split("; "):
                yield label, f"woman's portrait, {phrase}, plain wall"


def counts() -> Iterator[str]:
    """The table of tests/prompt/README.md."""
    splits = ("dev", "test")
    every = {split: read_sentences(split) for split in splits}

    def row(name: str, counted: Callable[[Mapping[str, Any]], bool]) -> str:
        numbers = [sum(map(counted, every[split])) for split in splits]
        return "| " + " | ".join([name, *map(str, [*numbers, sum(numbers)])]) + " |"

    yield "| rule | dev | test | all |"
    yield "| --- | --- | --- | --- |"
    for rule in CRITERIA:
        yield row(rule, lambda sentence, rule=rule: rule in sentence["rules"])  # type: ignore[misc]
    yield row("none (good)", lambda sentence: not sentence["bad"])
    yield row("prompts", lambda sentence: True)
    yield row("bad prompts", lambda sentence: bool(sentence["bad"]))


def score(answers: Iterable[tuple[bool, bool]]) -> Score:
    """Count pairs of (labelled, found)."""
    pairs = list(answers)
    return Score(pairs.count((True, True)), pairs.count((False, True)), pairs.count((True, False)))


if __name__ == "__main__":
    sys.exit(main())
