"""Find words to be spoken or shown: in quotation marks, after a label ("Script:"), or after "he says"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lipwright.prompt.clauses import QUOTE, Clause, Word, among, plain
from lipwright.prompt.vocabulary import vocabulary

_MARKS = re.compile(r"[\"“”„«»'`.!?]")
_CLOSING = {'"': '"”', "“": '”"', "„": '“”"', "«": "»", "'": "'", "`": "`"}
_NEARBY = 40
"""Number of characters around a quotation that are examined, to distinguish a name from speech."""


def quotations(text: str) -> Iterator[tuple[int, int, bool]]:
    """Find quotations.

    Yields:
        Start and end in characters, and True if the words are to be said or shown, False if they name a
        style. A quotation without a closing mark ends with its sentence.
    """
    shown = plain(text)
    opened = -1
    sentence_end = 0
    found: list[tuple[int, int]] = []
    for one in _MARKS.finditer(shown):
        mark, place = one[0], one.start()
        if opened >= 0 and mark in ".!?":
            sentence_end = sentence_end or place + 1
        elif opened >= 0 and mark in _CLOSING[shown[opened]] and not _opens(shown, place):
            found.append((opened, place + 1))
            opened = -1
        elif mark in _CLOSING and _opens(shown, place) and (opened < 0 or mark != "'"):
            if opened >= 0 and shown[opened] != "'":
                found.append((opened, sentence_end or place))
            opened, sentence_end = place, 0
    if opened >= 0 and shown[opened] != "'":
        found.append((opened, sentence_end or len(shown.rstrip())))
    for start, end in found:
        if re.search(r"\w", shown[start:end]):
            yield start, end, not _is_name(shown, start, end)


def _opens(shown: str, place: int) -> bool:
    """Return True if a mark begins a quotation; False for 6'2", '80s and o'clock."""
    before, after = shown[place - 1 : place], shown[place + 1 : place + 2]
    if shown[place] in "“„«":
        return shown[place] != "“" or not before.strip() or bool(after.strip())
    return not before.isalnum() and bool(after.strip()) and not re.match(r"'\d0s", shown[place : place + 4])


def _is_name(shown: str, start: int, end: int) -> bool:
    """Return True if up to three quoted words name a style, as in "film noir" lighting."""
    words = re.findall(r"[\w'&-]+", shown[start + 1 : min(end, start + 2 * _NEARBY)].rstrip("\"'`”»"))
    classes = vocabulary().classes
    before = re.findall(r"[\w'-]+|:", shown[max(0, start - _NEARBY) : start])
    after = re.match(r"\s+([a-z-]+)", shown[end : end + _NEARBY])
    if len(words) > 3 or (before and before[-1] in classes["label"]):
        return False
    if after and after[1] in classes["name_cue"]:
        return True
    if any(word in classes["not_a_name"] for word in words):
        return False
    cue = next((word for word in reversed(before) if word not in ("the", "a", "an", "of", ":")), "")
    return cue in classes["name_cue"] or (after is not None and (not before or before[-1] != ":"))


def spoken(parsed: Sequence[Clause]) -> Iterator[tuple[int, int]]:
    """Find words that are to be said but have no quotation marks; yield start and end in characters."""
    labels = vocabulary().classes["label"]
    end = 0
    for index, clause in enumerate(parsed):
        if clause.start < end:
            continue
        label = next((word for word in clause.words[-5:] if word.text in labels), None)
        idiom = [word.text for word in clause.words[-3:]] == ["so", "to", "speak"]
        following = parsed[index + 1] if index + 1 < len(parsed) else None
        if label and following and clause.mark in (":", "-", "–", "—") and not idiom:
            if following.words[0].text != QUOTE:
                last = index + 1
                while last < len(parsed) - 1 and parsed[last].mark not in ".!?\n":
                    last += 1
                end = parsed[last].end
                yield label.start, end
        elif (place := _reported(clause.words)) is not None:
            yield clause.words[place].start, clause.end


def _reported(words: Sequence[Word]) -> int | None:
    """Return the index of a verb, such as "says", that introduces spoken words; None without such a verb."""
    classes = vocabulary().classes
    for index, word in enumerate(words[:-1]):
        after, rest = words[index + 1], words[index + 2 : index + 3]
        neutral = after.text in {*classes["not_said"], QUOTE} or among(after, "preposition")
        follows = rest and (
            rest[0].text == "that" or not among(rest[0], "article", "possessive", "preposition")
        )
        if (
            (word.text in classes["says"] and not neutral and not after.text.endswith("ly"))
            or (word.lemma == "tell" and after.text in ("us", "me", "them", "everyone") and follows)
            or (among(word, "asks") and after.text in classes["asked"])
            or (word.text in ("the", "with") and after.text in ("words", "word") and follows)
        ):
            return index
    return None
