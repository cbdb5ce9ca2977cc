"""Verbs that describe a movement: who or what moves decides whether a verb does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from lipwright.prompt.text import Word, among, is_person

Subject = Literal["none", "pronoun", "person", "hand", "mouth", "nature", "body", "hangs", "thing", "attribute"]
Kind = Literal["motion", "gesture", "mouth"]


def movements(words: Sequence[Word]) -> Iterator[tuple[int, Kind]]:
    """Return the verbs of a clause that describe a movement, as word indices, and what kind each is.

    >>> from lipwright.prompt.text import clauses
    >>> [kind for _, kind in movements(clauses("a man in a grey coat nods and strokes his chin")[0].words)]
    ['motion', 'gesture']
    """
    for index in range(len(words)):
        if kind := _kind(words, index):
            yield index, kind


def _kind(words: Sequence[Word], index: int) -> Kind | None:
    word = words[index]
    if word.text.endswith("'s") or not word.text.isalpha():
        return None
    subject, caused = _subject(words, index)
    after = words[index + 1] if index + 1 < len(words) else None
    shown = words[index + 1 : index + 3] if not _goes_on(after) else ()
    if any(among(one, "depiction") for one in shown):
        return None
    if word.is_ing:
        moves = _ing_moves(word, subject, after)
    elif word.is_s:
        moves = _s_moves(word, subject, after) or (
            # "a woman with red hair nods": the person stands further in front
            subject in ("hangs", "body", "thing")
            and any(among(earlier, "preposition") for earlier in words[:index])
            and any(map(is_person, words[:index]))
            and _s_moves(word, "person", after)
            and among(word, "moves")
        )
    elif word.is_base:
        moves = _base_moves(word, words, index, subject, after, caused=caused)
    else:
        moves = False
    if not moves:
        return None
    if subject == "mouth":
        return "mouth"
    held = [later for later in words[index + 1 : index + 4] if not among(later, "article", "possessive")]
    gestures = among(word, "handles") and (subject == "hand" or bool(held)) and not among(word, "moves")
    if gestures and not (held and among(held[0], "limb")):
        return "gesture"
    return "gesture" if subject == "hand" or (held and among(held[0], "hand")) else "motion"


def _subject(words: Sequence[Word], index: int) -> tuple[Subject, bool]:
    """What stands before a verb, past adverbs and auxiliaries; and whether something makes it move."""
    place = index - 1
    auxiliary = caused = False
    while place >= 0 and (words[place].text.endswith("ly") or among(words[place], "adverb", "auxiliary", "modal")):
        auxiliary = auxiliary or among(words[place], "auxiliary")
        caused = caused or among(words[place], "modal")
        place -= 1
    if place < 0:
        return "none", caused
    before = words[place]
    caused = caused or any(among(earlier, "causative") for earlier in words[max(0, place - 3) : place + 1])
    if before.text in ("he", "she", "it", "they", "we", "i", "who", "which", "that", "he's", "she's"):
        return "pronoun", caused
    if among(before, "object"):
        return ("pronoun" if caused else "thing"), caused
    if among(before, "joiner"):
        return "none", caused
    if among(before, "article", "possessive", "preposition", "number", "negator"):
        return "attribute", caused
    for name in ("hand", "mouth"):
        if among(before, name):
            return name, caused  # type: ignore[return-value] # both are subjects
    if is_person(before) and not before.text.endswith("'s"):
        return "person", caused
    if among(before, "nature"):
        return "nature", caused
    if among(before, "hangs", "light"):
        return "hangs", caused
    return ("body" if among(before, "body", "worn") else "thing"), caused


def _goes_on(after: Word | None) -> bool:
    """Whether a verb may stand before this: its object, a place, an adverb or nothing, but no noun."""
    return (
        after is None
        or after.text.endswith("ly")
        or among(after, "preposition", "direction", "adverb", "article", "possessive", "object", "joiner", "number")
    )


def _ing_moves(word: Word, subject: Subject, after: Word | None) -> bool:
    if not _goes_on(after):
        if among(word, "trait", "still"):
            return False
        if among(after, "body") or (after is not None and is_person(after)):
            return among(word, "moves")
        return among(word, "handles", "moves") and subject in ("person", "pronoun", "none")
    if subject == "attribute":
        return False
    if subject in ("person", "pronoun"):
        return among(word, "person_only") or not among(word, "still")
    if subject == "none":
        if among(word, "still") and not among(word, "moves"):
            return among(word, "person_only") and among(after, "possessive")
        return among(word, "moves", "handles") or among(after, "possessive")
    if subject == "mouth":
        return not among(word, "mouth_still")
    if subject == "nature":
        return among(word, "person_only", "moves") or not among(word, "still")
    if subject == "hangs":
        return among(word, "blown")
    return among(word, "moves") or (subject == "hand" and among(word, "handles")) or (
        subject == "thing" and not among(word, "still") and among(after, "direction")
    )


def _s_moves(word: Word, subject: Subject, after: Word | None) -> bool:
    if not (_goes_on(after) or among(after, "mouth", "limb")) or (after is not None and after.text == "of"):
        return False
    noun = among(word, "noun_moves", "body", "hand", "worn", "mouth")
    if subject == "pronoun":
        return among(word, "person_only") or not among(word, "still")
    if subject == "person":
        return among(word, "moves", "handles", "change") and not (noun and after is None)
    if among(word, "body", "hand", "worn", "mouth") and subject not in ("pronoun", "person"):
        return subject == "none" and after is not None and after.text in ("a", "an")
    if subject == "none":
        if not noun and among(word, "moves"):
            return True
        ahead = among(after, "possessive", "article", "mouth", "limb") or (
            after is not None and (after.text in _AHEAD or after.text.endswith("ly"))
        )
        return among(word, "moves", "handles") and ahead
    if subject == "mouth":
        return among(word, "moves", "handles", "change") and not among(word, "mouth_still")
    if subject in ("hand", "body"):
        return among(word, "moves") or (subject == "hand" and among(word, "handles"))
    if subject == "nature":
        return among(word, "person_only", "moves", "change") and (not noun or among(after, "direction"))
    if subject == "hangs":
        return among(word, "blown")
    return subject == "thing" and among(word, "moves") and not noun


_AHEAD = frozenset("up down at to toward towards away back along off out into through us goodbye hello".split())
"""Words that follow a verb and hardly ever a plural."""


def _base_moves(
    word: Word, words: Sequence[Word], index: int, subject: Subject, after: Word | None, *, caused: bool
) -> bool:
    if not among(word, "moves", "handles") or not _goes_on(after) or index == 0:
        return False
    before = words[index - 1]
    if caused:
        return among(word, "moves") and subject in ("pronoun", "body", "person", "hand", "mouth")
    if subject == "pronoun":
        return before.text != "that" and not among(word, "still")
    plural = before.is_s or before.text in ("people", "children", "men", "women", "feet", "teeth")
    if not plural or among(before, "article", "possessive"):
        return False
    if subject == "hangs":
        return among(word, "blown") and among(after, "direction", "preposition")
    if subject == "nature":
        return among(word, "moves", "person_only") and (after is None or among(after, "direction", "preposition"))
    return (among(word, "moves") or subject in ("hand", "mouth")) and (after is None and subject == "mouth" or among(after, "direction", "preposition", "adverb"))
