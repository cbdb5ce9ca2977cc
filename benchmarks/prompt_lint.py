"""How well the prompt lint tells prompts that break a rule from those that break none.

python -m benchmarks.prompt_lint
python -m benchmarks.prompt_lint --split dev --show
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measuring import Figure, present
from lipwright.prompt.lint import lint
from lipwright.prompt.rules import WORD_RULES

SENTENCES = Path(__file__).parents[1] / "tests" / "prompt" / "sentences.jsonl"
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
    parser.add_argument("--split", choices=("dev", "test"), default="test")
    parser.add_argument("--show", action="store_true", help="print each sentence judged wrongly (dev only)")
    options = parser.parse_args()
    if options.show and options.split == "test":
        parser.error("the test half is for scoring only: --show goes with --split dev")
    sentences = read_sentences(options.split)
    judged = [(sentence, {finding.rule for finding in lint(sentence["text"])}) for sentence in sentences]
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
    """The labelled prompts of one half."""
    lines = SENTENCES.read_text(encoding="utf-8").splitlines()
    return [sentence for sentence in map(json.loads, lines) if sentence["split"] == split]


def score(answers: Iterable[tuple[bool, bool]]) -> Score:
    """Count pairs of (labelled, found)."""
    pairs = list(answers)
    return Score(pairs.count((True, True)), pairs.count((False, True)), pairs.count((True, False)))


if __name__ == "__main__":
    sys.exit(main())
