"""Split a prompt into clauses and words, the units that the rules examine and `fix` removes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lipwright.prompt.vocabulary import classes_of, vocabulary

_TOKEN = re.compile(r"\d+(?:[.,:/]\d+)*(?:[^\W_]|%)*(?:-[^\W_]+)*|[^\W_]+(?:['-][^\W_]+)*|\S|\n")
_PLAIN = str.maketrans({"‘": "'", "’": "'", "‐": "-", "‑": "-", "İ": "i", "\r": "\n", "_": " "})
_LONGEST_WORD = 30
"""Maximum number of characters of a word that is looked up in the vocabulary."""
REACH_WORDS = 12
"""Maximum distance between a verb and its subject, in words; without a limit, run time would be quadratic."""
QUOTE = '"'
"""Text and lemma of the `Word` that stands for a whole quotation."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a prompt, and its position."""

    text: str
    """The word in lower case, with straight apostrophes."""
    lemma: str
    """Base form of the word, such as "nod" for "nodding"."""
    start: int
    """Index of the word's first character in the prompt."""
    end: int
    """Index after the word's last character in the prompt."""
    classes: frozenset[str]
    """Names of the vocabulary's classes that contain the word or its base form."""

    @property
    def is_ing(self) -> bool:
        """True if the word is a participle or gerund such as "nodding"."""
        return self.text.endswith("ing") and self.lemma != self.text and "-" not in self.text

    @property
    def is_s(self) -> bool:
        """True if the word ends in the -s of a third-person verb or a plural, such as "nods"."""
        return self.text.endswith("s") and self.lemma != self.text and "'" not in self.text

    @property
    def is_plural(self) -> bool:
        """True if the word is a plural, or a third-person verb, which looks the same."""
        return self.is_s or self.text.endswith("men") or self.text in ("children", "people", "feet", "teeth")

    @property
    def is_base(self) -> bool:
        """True if the word is a base form, such as "nod"."""
        return self.text == self.lemma

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys for looking up phrases: the word itself, and its base form.

        Past forms such as "parted" describe a state, so their base form is not a key.
        """
        return (self.text, self.lemma) if self.is_ing or self.is_plural else (self.text,)


@dataclass(frozen=True, slots=True)
class Clause:
    """Words between two punctuation marks; never empty."""

    words: tuple[Word, ...]
    mark: str
    """The punctuation mark that ends the clause; empty at the end of the prompt."""

    @property
    def start(self) -> int:
        """Index of the clause's first character in the prompt."""
        return self.words[0].start

    @property
    def end(self) -> int:
        """Index after the clause's last character in the prompt."""
        return self.words[-1].end


def plain(text: str) -> str:
    """Return `text` in lower case with straight apostrophes; its length does not change."""
    translated = text.translate(_PLAIN)
    if len(lowered := translated.lower()) == len(text):
        return lowered
    return "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in translated)


@lru_cache(maxsize=65536)
def lemma(word: str) -> str:
    """Return the base form of a lower-case English word; in a compound, only the last part changes."""
    from simplemma import lemmatize  # noqa: PLC0415 - its dictionary takes 0.2 s to load

    corrected = vocabulary().corrected
    if word in corrected or len(word) > _LONGEST_WORD:
        return corrected.get(word, word)
    first, hyphen, last = word.rpartition("-")
    if last.endswith("'s"):
        last = last[:-2]
    return first + hyphen + lemmatize(last, lang="en").lower() if last.isalpha() else word


def clauses(text: str, quotes: Sequence[tuple[int, int]] = ()) -> list[Clause]:
    """Split a prompt into clauses; each quotation, given by its start and end, becomes one word.

    Clauses without words are left out.
    """
    found: list[Clause] = []
    words: list[Word] = []
    for word in _words(plain(text), quotes):
        if word.text[0].isalnum() or word.text in (QUOTE, "&", "+"):
            words.append(word)
            continue
        if words:
            found.append(Clause(tuple(words), word.text))
            words = []
    if words:
        found.append(Clause(tuple(words), ""))
    return found


def _words(text: str, quotes: Sequence[tuple[int, int]]) -> Iterator[Word]:
    place = 0
    for start, end in (*quotes, (len(text), len(text))):
        for token in _TOKEN.finditer(text, place, start):
            shown = token[0]
            base = lemma(shown) if shown[0].isalpha() else shown
            yield Word(shown, base, token.start(), token.end(), classes_of(shown, base))
        if start < end:
            yield Word(QUOTE, QUOTE, start, end, frozenset())
        place = end


def among(word: Word | None, *names: str) -> bool:
    """Return True if `word` is not None and is in one of the given classes."""
    return word is not None and not word.classes.isdisjoint(names)


def is_person(word: Word) -> bool:
    """Return True if a word names a person."""
    return "person" in word.classes or word.text.endswith(("man", "woman", "men", "women"))
