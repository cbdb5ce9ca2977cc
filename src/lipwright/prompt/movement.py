"""Find verbs that describe a movement.

A verb can describe a movement or an appearance, depending on its subject: gulls move in "gulls wheeling", but
curls do not move in "curls falling".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from lipwright.prompt.clauses import REACH_WORDS, Word, among, is_person

Kind = Literal["motion", "gesture", "mouth"]

_MOVING: Mapping[str, tuple[str, ...]] = {
    "person": ("person_only", "moves", "handles", "change"),
    "mouth": ("moves", "handles", "change"),
    "nature": ("person_only", "moves", "change"),
    "hangs": ("blown",),
    "hand": ("moves", "handles"),
    "body": ("moves",),
    "thing": ("moves",),
    "nothing": ("moves", "handles"),
    "attribute": (),
}
"""For each kind of subject, the classes of verbs that describe a movement: "gulls wheeling" is a movement,
"curls falling" is not."""
_NOUNS = ("noun_moves", "body", "hand", "worn", "mouth")
"""Word classes of verbs whose forms in -s are often plural nouns."""


def movements(words: Sequence[Word]) -> Iterator[tuple[int, Kind]]:
    """Find the verbs of a clause that describe a movement; yield word index and kind of movement.

    >>> from lipwright.prompt.clauses import clauses
    >>> [kind for _, kind in movements(clauses("a man in a gray coat nods and strokes his chin")[0].words)]
    ['motion', 'gesture']
    """
    for index, word in enumerate(words):
        if not among(word, "moves", "handles", "change", "person_only", "blown"):
            continue
        subject, is_caused = _subject(words, index)
        if _moves(words, index, subject, is_caused=is_caused):
            yield index, _kind(words, index, subject)


def _kind(words: Sequence[Word], index: int, subject: str) -> Kind:
    if subject == "mouth":
        return "mouth"
    later = (word for word in words[index + 1 : index + 4] if not among(word, "article", "possessive"))
    held = next(later, None)
    if subject == "hand" or among(held, "hand"):
        return "gesture"
    is_handling = among(words[index], "handles") and not among(words[index], "moves")
    return "gesture" if is_handling and held and subject in ("person", "pronoun", "nothing") else "motion"


def _subject(words: Sequence[Word], index: int) -> tuple[str, bool]:
    """Return the kind of a verb's subject, and True if a modal or causative precedes the verb.

    Examples are "will nod" and "makes her nod". Adverbs and auxiliaries before the verb are skipped.
    """
    place, nearest = index - 1, max(0, index - REACH_WORDS)
    is_caused = False
    while place >= nearest and (
        words[place].text.endswith("ly") or among(words[place], "adverb", "auxiliary", "modal")
    ):
        is_caused = is_caused or among(words[place], "modal")
        place -= 1
    if place < nearest or (
        among(words[place], "joiner") and words[place].text not in ("who", "which", "that")
    ):
        return "nothing", is_caused
    before = words[place]
    is_caused = is_caused or any(
        among(earlier, "causative") for earlier in words[max(0, place - 3) : place + 1]
    )
    if before.text in ("he's", "she's", "which", "that") or among(before, "pronoun"):
        return "pronoun", is_caused
    if among(before, "object"):
        return "pronoun" if is_caused else "thing", is_caused
    if is_person(before) and not before.text.endswith("'s") and not among(before, "hand", "mouth"):
        return "person", is_caused
    modifiers = ("article", "possessive", "preposition", "number", "negator")
    kinds = (*modifiers, "hand", "mouth", "nature", "hangs", "light", "body", "worn")
    subject = next((name for name in kinds if among(before, name)), "thing")
    same = dict.fromkeys(modifiers, "attribute") | {"light": "hangs", "worn": "body"}
    return same.get(subject, subject), is_caused


def _may_follow_verb(after: Word | None) -> bool:
    """Return True for a word that can follow a verb but not a noun, and for None, the end of a clause."""
    follows = ("preposition", "direction", "adverb", "article", "possessive", "object", "joiner", "number")
    return after is None or after.text.endswith("ly") or among(after, *follows)


def _moves(words: Sequence[Word], index: int, subject: str, *, is_caused: bool) -> bool:
    word, after = words[index], words[index + 1] if index + 1 < len(words) else None
    moves = among(word, *_MOVING.get(subject, _MOVING["person"]))
    if word.is_ing:
        return _ing_moves(word, subject, after, moves=moves)
    if word.is_s:
        # "a woman with red hair nods": the person is named further ahead
        may_be = among(word, "moves") and subject in ("hangs", "body", "thing")
        front = words[max(0, index - 8) : index] if may_be else ()
        owned = any(map(is_person, front)) and any(among(one, "preposition") for one in front)
        own = _s_moves(word, subject, after, moves=moves)
        return own or (owned and _s_moves(word, "person", after, moves=True))
    return word.is_base and index > 0 and _base_moves(words, index, subject, is_caused=is_caused)


def _ing_moves(word: Word, subject: str, after: Word | None, *, moves: bool) -> bool:
    if not _may_follow_verb(after):  # "nodding man", "rolling hills", "kneading dough"
        if among(after, "body") or (after is not None and is_person(after)):
            return among(word, "moves") and not among(word, "trait")
        return moves and not among(word, "trait") and subject in ("person", "pronoun", "nothing")
    if subject == "nothing":
        return moves or (among(word, "person_only") and among(after, "possessive"))
    return moves and not (subject == "mouth" and among(word, "mouth_still"))


def _s_moves(word: Word, subject: str, after: Word | None, *, moves: bool) -> bool:
    follows = after.text if after else ""
    may_follow = _may_follow_verb(after) or among(after, "mouth", "limb") or subject == "pronoun"
    if not (moves and may_follow) or follows == "of":
        return False
    is_noun = among(word, *_NOUNS)
    if among(word, *_NOUNS[1:]) and subject not in ("pronoun", "person"):
        return subject == "nothing" and follows in ("a", "an")
    if subject == "nothing":
        ahead = among(after, "possessive", "article", "mouth", "limb", "ahead") or follows.endswith("ly")
        return ahead or (among(word, "moves") and not is_noun)
    if subject == "mouth":
        return not among(word, "mouth_still")
    if is_noun and subject in ("person", "nature", "thing"):
        return subject == "person" or (subject == "nature" and among(after, "direction"))
    return True


def _base_moves(words: Sequence[Word], index: int, subject: str, *, is_caused: bool) -> bool:
    word, before = words[index], words[index - 1]
    after = words[index + 1] if index + 1 < len(words) else None
    if not among(word, "moves", "handles") or not _may_follow_verb(after):
        return False
    if is_caused:
        return among(word, "moves") and subject in ("pronoun", "body", "person", "hand", "mouth")
    if subject == "pronoun":
        return before.text != "that"
    still = subject == "mouth" and among(word, "mouth_still")
    if still or not before.is_plural or among(before, "article", "possessive"):
        return False
    may_end = subject in ("nature", "mouth") and after is None
    return among(word, *_MOVING[subject]) and (may_end or among(after, "direction", "preposition", "adverb"))
