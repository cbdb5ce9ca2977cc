"""The prompt without what works against the sound; what describes appearance stays, word for word."""

from __future__ import annotations

import re

from lipwright.prompt.rules import Match, matches, normalised

_PUNCTUATION = ",.;:!?"
_BREAK = re.compile(
    rf"[{_PUNCTUATION}\n]|--|[—–]|"
    r"\b(?:with|without|wearing|dressed|against|under|beneath|lit|illuminated|surrounded|featuring|framed|"
    r"while|as|and|but|in (?:a|an|the|front|soft|warm|bright|natural|dim|golden|casual|formal)|"
    r"on (?:a|an)|at (?:a|an|her|his|the (?:desk|lectern|table|window|podium)))\b"
)
"""Where a phrase ends: what comes next may be appearance again."""

_LINKING = """and or but then while as with without by a an the some of to in on at for from into onto over is
    are was were be being been am who that which when until before after so very too her his
    their its also just still slightly both up down out back away toward towards through using
    it he she they and/or who's like such making giving has have having whose"""
_LINKS = frozenset(_LINKING.split())
"""Words that cannot end a phrase; what is left of them at a cut goes too."""
_JOINING = "and or but then while as also up down out off back away again of is are it"
_LEADING = frozenset(_JOINING.split())
_NOBODY = """camera shot view frame him them me us you we i this there speaker's one scene slow slowly
    smoothly gently softly"""
_BARE = _LINKS | frozenset(_NOBODY.split())
"""A phrase of these alone says nothing."""
_AFTER_CAMERA = re.compile(
    r"(?:\s+(?:in|out|on|onto|to|toward|towards|across|over|around|into|from|left|right|up|down|back|away|"
    r"past|along|through|slowly|gently|smoothly|closer|between|of|at|him|her(?=\s*(?:[,.;]|$))|them|forward))*"
)
_BODY = re.compile(
    r"(?:lower |upper )?(?:lips?|mouth|teeth|eyes|eyebrows|hair|head|face|hands|shoulders)(?=\s+\S)"
)
_LAST_WORD = re.compile(r"[\w'’/-]+\s*$")
_FIRST_WORD = re.compile(r"\s*[\w'’/-]+")
_CONTINUES = re.compile(
    r"(?:with|wearing|dressed|in|on|at|against|under|beneath|lit|talking|speaking|singing)\b"
)


def fix(text: str) -> str:
    """Take the offending words out.

    What lints without errors comes back as it is. Otherwise words only go, none comes
    and none changes but for its capital.

    Returns:
        The prompt, without errors; empty where all of it described motion.

    >>> fix("A woman with red hair nods slowly, soft studio lighting.")
    'A woman with red hair, soft studio lighting.'
    """
    while found := matches(text, "error"):
        text = _without(text, found[0])
    return text


def _without(text: str, match: Match) -> str:
    """The text less one match and what hangs on it; always shorter."""
    start, end = _extent(text, match)
    left, right = _trim_left(text[:start]), _trim_right(text[end:])
    joined = _join(left, right)
    if text[:1].isupper() and joined[:1].islower():
        joined = joined[0].upper() + joined[1:]
    return joined


def _extent(text: str, match: Match) -> tuple[int, int]:
    """The characters that go with a match."""
    plain = normalised(text)
    start, end = match.start, match.end
    if match.rule.name == "camera":
        end = _AFTER_CAMERA.match(plain, end).end()  # type: ignore[union-attr] # may be empty, always matches
    elif match.takes == "rest":
        if body := _BODY.match(plain, start, end):
            start = body.end()  # the lips stay, what they do goes
        found = _BREAK.search(plain, end)
        end = found.start() if found else len(text)
    elif match.takes == "clause":
        if re.match(r"(?:while|whilst) \w+ing\b", plain[start:]):
            return start, start + plain[start:].index(" ")  # "while talking" keeps "talking"
        if re.match(r"as (?:the|an?) ", plain[start:]) and _says_nothing(text[:start]):
            return start, start + len("as")  # nothing else is left to say who is seen
        found = re.compile(rf"[{_PUNCTUATION}\n]").search(plain, end)
        end = found.start() if found else len(text)
    return start, end


def _trim_left(left: str) -> str:
    """What stands before a cut, less links and adverbs that hang in the air, and less a bare last phrase."""
    left = left.rstrip()
    while (last := _LAST_WORD.search(left)) and _hangs(last[0].strip()):
        left = left[: last.start()].rstrip()
    phrase = max(left.rfind(mark) for mark in _PUNCTUATION) + 1
    if _says_nothing(left[phrase:]):
        left = left[:phrase]
    return left


def _hangs(word: str) -> bool:
    """A link, or an adverb of the verb that went."""
    return word.lower() in _LINKS or bool(
        re.fullmatch(r"(?i)(?!only|family|lily|lovely|friendly|curly|silly)\w{2,}ly", word)
    )


def _trim_right(right: str) -> str:
    """What stands after a cut, less what only joined it."""
    right = right.lstrip()
    while (first := _FIRST_WORD.match(right)) and first[0].strip().lower() in _LEADING:
        right = right[first.end() :].lstrip()
    return right


def _says_nothing(phrase: str) -> bool:
    """No word of it is more than a pronoun, an article or a link."""
    return all(word.lower() in _BARE for word in re.findall(r"[\w'’/-]+", phrase))


def _join(left: str, right: str) -> str:
    """Both sides of a cut, with one punctuation mark between them at most."""
    if not re.search(r"\w", right):
        closing = "." if right.rstrip().endswith(".") or left.endswith(".") else ""
        kept = left.rstrip(_PUNCTUATION + " —–-")
        return kept + closing if kept else ""
    if not re.search(r"\w", left):
        return right.lstrip(_PUNCTUATION + " —–-")
    if right[0] in _PUNCTUATION:
        if left[-1] in _PUNCTUATION:
            left = left.rstrip(_PUNCTUATION + " ")
        return left + right
    if left[-1] in ".!?":
        return f"{left} {right[0].upper()}{right[1:]}"
    if left[-1] in _PUNCTUATION or _CONTINUES.match(right.lower()):
        return f"{left} {right}"
    following = right.split()
    joins = len(following) == 1 or following[0].lower() in _LINKS
    return f"{left} {right}" if joins else f"{left}, {right}"
