"""Verbs that describe a movement: who or what stands before a verb decides whether it does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from lipwright.prompt.text import Word, among, is_person

Kind = Literal["motion", "gesture", "mouth"]
Verbs = tuple[tuple[str, ...], tuple[str, ...] | None]
"""Classes of verbs that move; and classes of those that do not, where all others do."""

_ING: Mapping[str, Verbs] = {
    "person": (("person_only",), ("still",)),
    "mouth": ((), ("mouth_still",)),
    "nature": (("person_only", "moves"), ("still",)),
    "hangs": (("blown",), None),
    "hand": (("moves", "handles"), None),
    "body": (("moves",), None),
    "thing": (("moves",), None),
    "nothing": (("moves", "handles"), None),
}
"""By subject, the participles that move: "gulls wheeling", but not "curls falling"."""
_S: Mapping[str, Verbs] = {
    "pronoun": (("person_only",), ("still",)),
    "person": (("moves", "handles", "change"), None),
    "mouth": (("moves", "handles", "change"), None),
    "nature": (("person_only", "moves", "change"), None),
    "hangs": (("blown",), None),
    "hand": (("moves", "handles"), None),
    "body": (("moves",), None),
    "thing": (("moves",), None),
    "nothing": (("moves", "handles"), None),
}
"""By subject, the verbs in -s that move."""
_NOUNS = ("noun_moves", "body", "hand", "worn", "mouth")
"""Forms in -s of these are plurals as often."""


def movements(words: Sequence[Word]) -> Iterator[tuple[int, Kind]]:
    """Return the verbs of a clause that describe a movement, as word indices, and what kind each is.

    >>> from lipwright.prompt.text import clauses
    >>> [kind for _, kind in movements(clauses("a man in a grey coat nods and strokes his chin")[0].words)]
    ['motion', 'gesture']
    """
    for index, word in enumerate(words):
        if not word.text.isalpha():
            continue
        subject, is_caused = _subject(words, index)
        is_shown = subject != "pronoun" and _is_depicted(words, index)
        if not is_shown and _moves(words, index, subject, is_caused=is_caused):
            yield index, _kind(words, index, subject)


def _kind(words: Sequence[Word], index: int, subject: str) -> Kind:
    if subject == "mouth":
        return "mouth"
    later = (word for word in words[index + 1 : index + 4] if not among(word, "article", "possessive"))
    held = next(later, None)
    if subject == "hand" or among(held, "hand"):
        return "gesture"
    can_hold = subject in ("person", "pronoun", "nothing")
    is_handling = can_hold and among(words[index], "handles") and not among(words[index], "moves")
    return "gesture" if is_handling and held else "motion"


def _is_depicted(words: Sequence[Word], index: int) -> bool:
    """Whether a noun follows that only shows a movement: "a dancing-girl figurine"."""
    following = words[index + 1 : index + 3]
    return (
        bool(following) and not _goes_on(following[0]) and any(among(word, "depiction") for word in following)
    )


def _subject(words: Sequence[Word], index: int) -> tuple[str, bool]:
    """Return what stands before a verb, past adverbs and auxiliaries; and whether something makes it move."""
    place = index - 1
    is_caused = False
    while place >= 0 and (
        words[place].text.endswith("ly") or among(words[place], "adverb", "auxiliary", "modal")
    ):
        is_caused = is_caused or among(words[place], "modal")
        place -= 1
    if place < 0 or (among(words[place], "joiner") and words[place].text not in ("who", "which", "that")):
        return "nothing", is_caused
    before = words[place]
    is_caused = is_caused or any(
        among(earlier, "causative") for earlier in words[max(0, place - 3) : place + 1]
    )
    if before.text in ("he's", "she's", "which", "that") or among(before, "pronoun"):
        subject = "pronoun"
    elif among(before, "object"):
        subject = "pronoun" if is_caused else "thing"
    elif among(before, "article", "possessive", "preposition", "number", "negator"):
        subject = "attribute"
    elif is_person(before) and not before.text.endswith("'s") and not among(before, "hand", "mouth"):
        subject = "person"
    else:
        kinds = ("hand", "mouth", "nature", "hangs", "light", "body", "worn")
        subject = next((name for name in kinds if among(before, name)), "thing")
    return {"light": "hangs", "worn": "body"}.get(subject, subject), is_caused


def _goes_on(after: Word | None) -> bool:
    """Whether a verb may stand before this: its object, a place, an adverb or nothing, but no noun."""
    follows = ("preposition", "direction", "adverb", "article", "possessive", "object", "joiner", "number")
    return after is None or after.text.endswith("ly") or among(after, *follows)


def _is_in(word: Word, verbs: Verbs | None) -> bool:
    return verbs is not None and (
        among(word, *verbs[0]) or (verbs[1] is not None and not among(word, *verbs[1]))
    )


def _moves(words: Sequence[Word], index: int, subject: str, *, is_caused: bool) -> bool:
    word, after = words[index], words[index + 1] if index + 1 < len(words) else None
    if word.is_ing:
        return _ing_moves(word, subject, after)
    if word.is_s:
        if _s_moves(word, subject, after):
            return True
        # "a woman with red hair nods": the person stands further in front
        is_owned = subject in ("hangs", "body", "thing") and any(map(is_person, words[:index]))
        through = any(among(earlier, "preposition") for earlier in words[:index])
        return is_owned and through and among(word, "moves") and _s_moves(word, "person", after)
    return word.is_base and index > 0 and _base_moves(words, index, subject, is_caused=is_caused)


def _ing_moves(word: Word, subject: str, after: Word | None) -> bool:
    if subject == "pronoun":
        subject = "person"
    if not _goes_on(after):  # "nodding man", "rolling hills", "kneading dough"
        if among(word, "trait", "still"):
            return False
        of_a_body = among(after, "body") or (after is not None and is_person(after))
        return (
            among(word, "moves")
            if of_a_body
            else subject in ("person", "nothing") and _is_in(word, _ING["nothing"])
        )
    if subject == "nothing" and among(word, "still") and not among(word, "moves"):
        return among(word, "person_only") and among(after, "possessive")
    if subject == "nothing" and among(after, "possessive"):
        return True
    if subject == "thing" and among(after, "direction") and not among(word, "still"):
        return True
    return _is_in(word, _ING.get(subject))


def _s_moves(word: Word, subject: str, after: Word | None) -> bool:
    follows = after.text if after else ""
    may_follow = _goes_on(after) or among(after, "mouth", "limb") or subject == "pronoun"
    if not may_follow or follows == "of":
        return False
    is_noun = among(word, *_NOUNS)
    if among(word, *_NOUNS[1:]) and subject not in ("pronoun", "person"):
        return subject == "nothing" and follows in ("a", "an")
    moves = _is_in(word, _S.get(subject))
    if subject == "nothing":
        ahead = among(after, "possessive", "article", "mouth", "limb", "ahead") or follows.endswith("ly")
        return moves and (ahead or (among(word, "moves") and not is_noun))
    if subject == "mouth":
        return moves and not among(word, "mouth_still")
    if is_noun and subject in ("person", "nature", "thing"):
        return (
            moves
            and subject != "thing"
            and (after is not None if subject == "person" else among(after, "direction"))
        )
    return moves


def _base_moves(words: Sequence[Word], index: int, subject: str, *, is_caused: bool) -> bool:
    word, before = words[index], words[index - 1]
    after = words[index + 1] if index + 1 < len(words) else None
    if not among(word, "moves", "handles") or not _goes_on(after):
        return False
    if is_caused:
        return among(word, "moves") and subject in ("pronoun", "body", "person", "hand", "mouth")
    if subject == "pronoun":
        return before.text != "that" and not among(word, "still")
    if not before.is_plural or among(before, "article", "possessive"):
        return False
    verbs = {"hangs": ("blown",), "nature": ("moves", "person_only"), "hand": ("moves", "handles")}
    verbs["mouth"] = verbs["hand"]
    may_end = subject in ("nature", "mouth") and after is None
    return among(word, *verbs.get(subject, ("moves",))) and (
        may_end or among(after, "direction", "preposition", "adverb")
    )
