"""Measure how well and how fast the prompt lint finds prompts that break a rule.

python -m benchmarks.prompt_lint
python -m benchmarks.prompt_lint --split dev --show
python -m benchmarks.prompt_lint --counts

Splits: test, by others and for scoring only (the default); dev, by others; own, by the author of the rules.
A prompt counts as found if it has an error or a warning. `tests/prompt/README.md` describes the data.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measuring import Figure, present
from lipwright.prompt import findings
from lipwright.prompt.lint import lint
from lipwright.prompt.rules import offenses

PROMPTS = Path(__file__).parents[1] / "tests" / "prompt"
SENTENCES, PHRASES = PROMPTS / "sentences.jsonl", PROMPTS / "phrases.txt"
LABELS = {
    "motion": findings.MOTION,
    "gesture": findings.GESTURE,
    "camera": findings.CAMERA,
    "pacing": findings.PACING,
    "temporal": findings.TEMPORAL,
    "mouth-in-time": findings.MOUTH_IN_TIME,
    "quoted-speech": findings.QUOTED_SPEECH,
    "several-people": findings.SEVERAL_PEOPLE,
    "clutter": findings.CLUTTER,
    "no-face": findings.NO_FACE,
}
"""The finding for each label of the data, in the order of tests/prompt/README.md."""
MIN_PRECISION, MIN_RECALL = 0.95, 0.80
"""Limits for errors and warnings together, on prompts that were not used for writing the rules."""
SLOW_UNITS = {
    "words": "a very gray face ",
    "nods": "she nods and waves, ",
    "open quotes": "'a \"b ",
    "says": "he says: ",
    "denials": "no not without ",
    "hyphens": "a-",
    "people": "with her and two men beside ",
}
"""Parts of prompts that are meant to be slow."""
LENGTHS = (2_000, 8_000, 32_000)
MAX_MS_PER_2000 = 100
"""Maximum time for a prompt of 2,000 characters, on a busy machine."""
MAX_GROWTH = 2.0
"""Maximum ratio of the time per character in the longest and the shortest prompt; quadratic time has 16."""


@dataclass(frozen=True, slots=True)
class Score:
    """Score of one yes-or-no question about every sentence."""

    right: int
    """Found, and labeled so."""
    false: int
    """Found, but labeled otherwise."""
    missed: int

    @property
    def precision(self) -> float:
        """Share of the found sentences that are labeled so."""
        return self.right / max(1, self.right + self.false)

    @property
    def recall(self) -> float:
        """Share of the labeled sentences that were found."""
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
        parser.error("the test split is for scoring only: --show goes with --split dev or own")
    if options.counts:
        print("\n".join(counts()))
        return 0
    sentences = read_sentences(options.split)
    judged = [(sentence, found_in(sentence["text"])) for sentence in sentences]
    bad = score((sentence["bad"], bool(found)) for sentence, found in judged)
    figures = [
        Figure("precision, errors and warnings", bad.precision, at_least=MIN_PRECISION),
        Figure("recall, errors and warnings", bad.recall, at_least=MIN_RECALL),
    ]
    for label, kind in LABELS.items():
        each = score((label in sentence["rules"], kind.id in found) for sentence, found in judged)
        figures += [
            Figure(f"  {label}: precision", each.precision),
            Figure(f"  {label}: recall", each.recall),
        ]
    if options.show:
        for sentence, found in judged:
            if bool(found) != sentence["bad"]:
                print(sentence["text"])
                print(f"    labeled {sentence['rules'] or 'good'}; found {sorted(found) or 'nothing'}")
    title = f"{len(sentences)} labeled prompts ({options.split}): {bad.false} false, {bad.missed} missed"
    passed = present(title, figures)
    return 0 if present("time of prompts made to be slow", list(timings())) and passed else 1


def found_in(text: str) -> set[str]:
    """Ids of the errors and warnings of a prompt."""
    return {finding.id for finding in lint(text) if finding.severity != "hint"}


def timings() -> Iterator[Figure]:
    """Measure the time of the lint by length of the prompt, for each kind that is made to be slow."""
    lint("a woman nods")  # loads the vocabulary
    for name, unit in SLOW_UNITS.items():
        spent = [min(_milliseconds(unit, length) for _ in range(3)) for length in LENGTHS]
        yield Figure(f"{name}, {LENGTHS[0]:,} characters", spent[0], "ms", at_most=MAX_MS_PER_2000)
        growth = spent[-1] / max(spent[0], 1.0) / (LENGTHS[-1] / LENGTHS[0])
        told = ", ".join(f"{ms:.0f} ms" for ms in spent[1:])
        yield Figure(f"  then {told}: growth per character", growth, at_most=MAX_GROWTH)


def _milliseconds(unit: str, length: int) -> float:
    offenses.cache_clear()
    text = (unit * (length // len(unit) + 1))[:length]
    start = time.process_time()
    lint(text)
    return (time.process_time() - start) * 1000


def read_sentences(split: str) -> list[Mapping[str, Any]]:
    """Read the labeled prompts of one split; those of `own` have only their first rule as label."""
    if split == "own":
        return [
            {"text": text, "bad": label != "good", "rules": [] if label == "good" else [label]}
            for label, text in own_phrases()
        ]
    lines = SENTENCES.read_text(encoding="utf-8").splitlines()
    return [sentence for sentence in map(json.loads, lines) if sentence["split"] == split]


def own_phrases(*, whole: bool = False) -> Iterator[tuple[str, str]]:
    """Read pairs of label and prompt, by the author of the rules; with `whole`, without single phrases."""
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
    """Yield the lines of the table in tests/prompt/README.md."""
    splits = ("dev", "test")
    every = {split: read_sentences(split) for split in splits}

    def row(name: str, counted: Callable[[Mapping[str, Any]], bool]) -> str:
        numbers = [sum(map(counted, every[split])) for split in splits]
        return "| " + " | ".join([name, *map(str, [*numbers, sum(numbers)])]) + " |"

    yield "| rule | dev | test | all |"
    yield "| --- | --- | --- | --- |"
    for label in LABELS:
        yield row(label, lambda sentence, label=label: label in sentence["rules"])  # type: ignore[misc]
    yield row("none (good)", lambda sentence: not sentence["bad"])
    yield row("prompts", lambda sentence: True)
    yield row("bad prompts", lambda sentence: bool(sentence["bad"]))


def score(answers: Iterable[tuple[bool, bool]]) -> Score:
    """Count pairs of (labeled, found)."""
    pairs = list(answers)
    return Score(pairs.count((True, True)), pairs.count((False, True)), pairs.count((True, False)))


if __name__ == "__main__":
    sys.exit(main())
