"""Rules for the words of a prompt: find what breaks a rule, and how much of the clause `fix` removes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from typing import Literal

from lipwright.domain.finding import FindingType
from lipwright.prompt import findings
from lipwright.prompt.clauses import REACH_WORDS, Clause, Word, among, clauses, is_person
from lipwright.prompt.movement import movements
from lipwright.prompt.quoted_speech import quotations, spoken
from lipwright.prompt.vocabulary import vocabulary

Cut = Literal["words", "phrase", "clause"]
"""What `fix` removes: the offense alone, the phrase up to the next conjunction, or the rest of the clause."""
Span = tuple[int, int]  # indices in a clause of the first word and of the word after the last


@dataclass(frozen=True, slots=True)
class Offense:
    """A part of a prompt that breaks a rule."""

    kind: FindingType
    start: int
    """Index of the part's first character in the prompt."""
    end: int
    """Index after the part's last character in the prompt."""
    cut: Cut


_KINDS = {"motion": findings.MOTION, "gesture": findings.GESTURE, "mouth": findings.MOUTH_IN_TIME}
_ABOUT_TIME = {kind.id for kind in (*_KINDS.values(), findings.CAMERA, findings.PACING, findings.TEMPORAL)}
"""Ids of findings about timing. If offenses with these ids overlap, only the first is reported; if several
start together, the longest."""
_DENIAL_WORDS = 5
"""Maximum distance in words at which "no" still denies a word, as in "no sudden or large camera movement"."""
_SPEED_WORDS = 3
"""Maximum number of words from a word for speed to a word for speech: "speaking to us rather quickly"."""


@lru_cache(maxsize=256)  # lint, fix and compose request the same text
def offenses(text: str) -> tuple[Offense, ...]:
    """Find the parts of a prompt that break a rule.

    Returns:
        The offenses, in the order of the text. Run time is linear in the length of the prompt.
    """
    quotes = list(quotations(text))
    parsed = clauses(text, [(start, end) for start, end, _ in quotes])
    said = [*((start, end) for start, end, is_said in quotes if is_said), *spoken(parsed)]
    found = [Offense(findings.QUOTED_SPEECH, start, end, "words") for start, end in said]
    for clause in parsed:
        found += _in_clause(clause)
    kept: list[Offense] = []
    reach: dict[str, int] = {}
    for offense in sorted(found, key=lambda one: (one.start, -one.end)):
        group = "time" if offense.kind.id in _ABOUT_TIME else offense.kind.id
        if offense.start >= reach.get(group, 0):
            kept.append(offense)
            reach[group] = offense.end
    return tuple(kept)


def _in_clause(clause: Clause) -> Iterator[Offense]:
    words = clause.words
    for name, (kind, cut, others) in _RULES.items():
        spared = vocabulary().innocent[name].find(words)
        innocent = {index for first, last in spared for index in range(first, last)}
        for first, last in (*in_phrases(name, words), *others(words)):
            if innocent.isdisjoint(range(first, last)) and not is_denied(words, first):
                yield Offense(kind, words[first].start, words[last - 1].end, cut)
        for index, moving in movements(words) if name == "motion" else ():
            if index not in innocent and not is_denied(words, index):
                before_person = index + 1 < len(words) and is_person(words[index + 1])
                cut_here: Cut = "words" if before_person else cut
                yield Offense(_KINDS[moving], words[index].start, words[index].end, cut_here)


def in_phrases(name: str, words: Sequence[Word]) -> list[Span]:
    """Find the phrases of the rule `name` in `words`, and return their positions."""
    return list(vocabulary().offends[name].find(words))


def is_denied(words: Sequence[Word], first: int) -> bool:
    """Return True if "no" or "without" precedes a word: "no camera movement" describes no movement."""
    for index in range(first - 1, max(-1, first - 1 - _DENIAL_WORDS), -1):
        if words[index].text in ("but", "only", "except", "just"):
            return False
        if among(words[index], "negator") or words[index].text.endswith("n't"):
            return words[index + 1].lemma not in ("stop", "rest", "long", "longer", "pause", "still", "cease")
    return False


def _verb_after(words: Sequence[Word], index: int, *skipped: str) -> int:
    """Return the index of the next word that is neither an adverb nor in one of the given classes.

    If there is no such word within REACH_WORDS, `len(words)` is returned.
    """
    for place in range(index + 1, min(len(words), index + 1 + REACH_WORDS)):
        if not (among(words[place], "adverb", *skipped) or words[place].text.endswith("ly")):
            return place
    return len(words)


def _camera_moves(words: Sequence[Word]) -> Iterator[Span]:
    """Find camera movements whose subject is the camera, the shot or "we", as in "the camera pans"."""
    for index, word in enumerate(words):
        is_camera = among(word, "camera")
        if not (is_camera or word.text == "we" or among(word, "view")) or word.text.endswith("'s"):
            continue
        place = _verb_after(words, index, "auxiliary", "modal", "joiner")
        verb = words[place] if place < len(words) else None
        if verb is None or not among(verb, "camera_move"):
            continue
        after = words[place + 1].text if place + 1 < len(words) else ""
        may_be_base = word.text == "we" or place > index + 1
        is_verb = verb.is_ing or verb.is_s or (verb.is_base and may_be_base)
        if is_verb and (is_camera or after not in ("of", "on", "at")):
            yield index, place + 1


def _paces_of_speech(words: Sequence[Word]) -> Iterator[Span]:
    """Find words for speed that are near a word for speech."""
    for index, word in enumerate(words):
        near = words[max(0, index - _SPEED_WORDS) : index + _SPEED_WORDS + 1]
        if among(word, "speed") and any(among(other, "speech") for other in near if other is not word):
            yield index, index + 1


def _changes(words: Sequence[Word]) -> Iterator[Span]:
    """Find a mood or light that changes: "her smile slowly fades"."""
    for index, word in enumerate(words):
        place = _verb_after(words, index, "auxiliary")
        if place < len(words) and among(word, "state") and not word.text.endswith("'s"):
            verb = words[place]
            if among(verb, "change") and (verb.is_s or verb.is_ing or (verb.is_base and word.is_s)):
                yield index, place + 1


def _people(words: Sequence[Word]) -> Iterator[Span]:
    """Find more than one person: "two nurses", a crowd, "her husband", "an aide beside her"."""
    for index, word in enumerate(words):
        earlier, before = (None, None, *words[max(0, index - 2) : index])[-2:]
        after = words[index + 1] if index + 1 < len(words) else None
        ends = (
            after is None or after.is_ing or after.is_s or among(after, "preposition", "joiner", "auxiliary")
        )
        if word.text.endswith("'s") and after and after.text not in ("shoulder", "hand", "arm", "reflection"):
            continue
        a_group = word.text in vocabulary().classes["group"] and ends
        if is_person(word) and word.is_plural and (among(before, "number") or among(earlier, "number")):
            yield max(0, index - 1), index + 1
        elif a_group and not among(before, "preposition", "joiner", "possessive"):
            if not (among(before, "article") and among(earlier, "preposition")):
                yield index, index + 1
        elif before and before.text in ("his", "her", "their") and among(word, "relative"):
            if ends or earlier is None or among(earlier, "joiner", "preposition"):
                yield index - 1, index + 1
        elif is_person(word) and (
            _joins_another(words, index) or _stand_elsewhere(words[index + 1 : index + 9])
        ):
            yield index, index + 1


def _joins_another(words: Sequence[Word], index: int) -> bool:
    """Return True if "and", "with" or "beside" joins a person to another person named before."""
    place = index - 1
    while place > 0 and not among(words[place], "joiner", "preposition") and index - place < 4:
        place -= 1
    if place < 0 or not among(words[place], "beside"):
        return False
    if words[place].text == "with" and not among(words[place + 1], "article", "possessive", "number"):
        return False
    return any(is_person(word) and not word.text.endswith("'s") for word in words[max(0, place - 4) : place])


def _stand_elsewhere(words: Sequence[Word]) -> bool:
    """Return True if the words after a person place that person next to or behind the speaker."""
    return bool(in_phrases("beside", list(takewhile(lambda word: word.text != "with", words))))


_nothing: Callable[[Sequence[Word]], Iterable[Span]] = lambda words: ()  # noqa: E731
_RULES: Mapping[str, tuple[FindingType, Cut, Callable[[Sequence[Word]], Iterable[Span]]]] = {
    "camera": (findings.CAMERA, "clause", _camera_moves),
    "gesture": (findings.GESTURE, "phrase", _nothing),
    "mouth-in-time": (findings.MOUTH_IN_TIME, "phrase", _nothing),
    "motion": (findings.MOTION, "phrase", _nothing),
    "pacing": (findings.PACING, "words", _paces_of_speech),
    "temporal": (findings.TEMPORAL, "clause", _changes),
    "several-people": (findings.SEVERAL_PEOPLE, "phrase", _people),
    "clutter": (findings.CLUTTER, "phrase", _nothing),
    "hidden-face": (findings.NO_FACE, "phrase", _nothing),
}
"""For each rule: the finding, what `fix` removes, and a function that finds offenses that are not among the
rule's phrases. The rule names are keys of `Vocabulary.offends`."""
