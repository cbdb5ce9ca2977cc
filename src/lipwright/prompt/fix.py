"""Remove words that compete with the audio from a prompt; descriptions of appearance stay."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Mapping, Sequence
from itertools import pairwise

from lipwright.prompt.clauses import QUOTE, Clause, Word, among, clauses, is_person
from lipwright.prompt.quoted_speech import quotations
from lipwright.prompt.rules import Offense, offenses

_MAX_PASSES = 4
"""Maximum number of passes that remove single words or phrases. One pass may not suffice, because a removal
can cause a new offense. If offenses remain after all passes, their whole clauses are removed."""


def fix(text: str) -> str:
    """Remove the offending words from a prompt.

    A prompt without errors is returned unchanged. Otherwise an offending phrase is removed, or the whole
    clause if the rest would not be meaningful. No word is added, but a new first word may be capitalized.

    Returns:
        The prompt without errors; empty if nothing is left.

    >>> fix("A woman with red hair nods slowly, soft studio lighting.")
    'A woman with red hair, soft studio lighting.'
    """
    for turn in range(_MAX_PASSES + 1):
        wrong = [offense for offense in offenses(text) if offense.kind.severity == "error"]
        if not wrong:
            return text
        text = _without(text, wrong, whole=turn == _MAX_PASSES)
    return text


def _without(text: str, wrong: Sequence[Offense], *, whole: bool) -> str:
    """Return the text without the offenses or, if `whole` is True, without the clauses that contain them."""
    parsed = clauses(text, [(start, end) for start, end, _ in quotations(text)])
    ahead = deque(wrong)
    active: list[Offense] = []
    kept: dict[int, Sequence[Word]] = {}
    for index, clause in enumerate(parsed):
        while ahead and ahead[0].start < clause.end:
            active.append(ahead.popleft())
        own = active = [offense for offense in active if offense.end > clause.start]
        rest = _rest(clause.words, own) if own and not whole else () if own else clause.words
        if rest:
            kept[index] = rest
        elif clause.words[0].text == QUOTE and index - 1 in kept and among(kept[index - 1][-1], "label"):
            kept[index - 1] = _trimmed(kept[index - 1])  # "she says:" is removed with the words said
    return _joined(text, parsed, {index: words for index, words in kept.items() if words})


def _rest(words: Sequence[Word], own: Sequence[Offense]) -> Sequence[Word]:
    """Return a clause's words without the offenses; empty if the rest is not meaningful on its own."""
    for sparing in (False, True):
        gone: set[int] = set()
        for offense in own:
            gone.update(_cut(words, offense, gone, sparing=sparing))
        left = _trimmed([word for index, word in enumerate(words) if index not in gone])
        if left and (not sparing or any(map(is_person, left))):
            return left
    return ()


def _cut(words: Sequence[Word], offense: Offense, gone: set[int], *, sparing: bool) -> range:
    """Return the range of words to remove from a clause for an offense.

    `gone` contains the indices of words that are already removed. With `sparing`, fewer words are removed,
    such as only "as" from "as she talks".
    """
    first = bisect_right(words, offense.start, key=lambda word: word.end)
    last = bisect_left(words, offense.end, key=lambda word: word.start)
    joins = first < last and (words[first].text == "while" or (sparing and among(words[first], "joiner")))
    if joins and offense.cut == "clause":
        return range(first, first + 1)  # "while talking" keeps "talking"
    while first < last and first in gone:
        first += 1
    if first >= last:
        return range(0)
    if offense.kind.id == "pacing" and last - first > 1 and among(words[first], "talking") and first:
        first += 1  # keep the word that says that somebody talks
    if offense.cut == "phrase" or (offense.kind.id == "pacing" and last - first > 1):
        last = _end_of_phrase(words, last)
    elif offense.cut == "clause":
        if offense.kind.id == "camera":
            last = _end_of_phrase(words, last) if sparing else _seen_at_the_end(words, last)
        else:
            last = len(words)
    while last < len(words) and among(words[last], "loose"):
        last += 1
    lead_in = ("dangling", "label", "says") if words[first].text == QUOTE else ("dangling",)
    while first and first - 1 not in gone and (before := words[first - 1]):
        is_adverb = before.text.endswith("ly") and not among(before, "no_adverb")
        if not is_adverb and not among(before, *lead_in):
            break
        first -= 1
    return range(first, last)


def _trimmed(words: Sequence[Word]) -> Sequence[Word]:
    """Remove words that cannot begin or end a clause; return () if the rest is not meaningful."""
    first, last = 0, len(words)
    while first < last and among(words[first], "loose"):
        first += 1
    while last > first and among(words[last - 1], "dangling"):
        last -= 1
    left = words[first:last]
    says = any(not among(word, "bare", "body", "hand", "mouth", "face") for word in left)
    return left if says else ()


def _end_of_phrase(words: Sequence[Word], last: int) -> int:
    """Return the index, from `last` on, where a verb's phrase ends and words about appearance may begin."""
    while last < len(words) and not among(words[last], "starts_a_look"):
        after = words[last + 1] if last + 1 < len(words) else None
        if among(words[last], "joiner") and not among(after, "direction"):
            break  # stop at "and smiles", but not at "and down"
        last += 1
    return last


def _seen_at_the_end(words: Sequence[Word], last: int) -> int:
    """Return the index of the word at which a camera move's target begins: "a" in "zooms in on a man"."""
    is_named = False
    for index in range(len(words) - 1, last - 1, -1):
        if is_named and among(words[index], "leads_to"):
            return index + 1
        is_named = is_named or is_person(words[index]) or among(words[index], "face", "mouth")
    return len(words)


def _joined(text: str, parsed: Sequence[Clause], kept: Mapping[int, Sequence[Word]]) -> str:
    """Join the words that are kept, with the punctuation between them."""
    gaps = [text[one.end : other.start] for one, other in pairwise(parsed)] + [text[parsed[-1].end :]]
    joined = text[: parsed[0].start] if 0 in kept else ""
    places = [*kept, len(parsed)]
    for index, following in pairwise(places):
        spelled = " ".join(text[word.start : word.end] for word in kept[index])
        if len(kept[index]) == len(parsed[index].words):
            spelled = text[parsed[index].start : parsed[index].end]
        begins = not joined.strip() or joined.rstrip()[-1] in ".!?"
        if begins and text[parsed[0].start].isupper():
            spelled = spelled[0].upper() + spelled[1:]
        passed = gaps[index:following]
        gap = next((gap for gap in passed if set(gap) & set(".!?\n")), passed[0])
        if following == len(parsed) and len(passed) > 1:
            gap = gap.strip() if gap.strip() in (".", "!", "?") else ""
        joined += spelled + gap
    return joined
