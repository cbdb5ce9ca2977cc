"""The vocabulary of the prompt rules, read once from vocabulary.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lipwright.prompt.clauses import Word


@dataclass(frozen=True, slots=True)
class _Item:
    """One position in a phrase, with the words that it accepts."""

    words: frozenset[str]
    forms: frozenset[str]
    """Accepted forms: "*" any word, "@ing" any participle, "@s" any form in -s, "@base" any base form."""
    optional: bool

    def fits(self, word: Word) -> bool:
        if not self.forms:
            return not self.words.isdisjoint(word.keys)
        forms = {"*": True, "@ing": word.is_ing, "@s": word.is_s, "@base": word.is_base}
        return any(forms[form] for form in self.forms) or not self.words.isdisjoint(word.keys)


class Phrases:
    """A set of phrases, looked up word by word, so that run time is linear in the length of the text.

    A phrase is a sequence of items. An item is a word: a base form ("nod") also matches its forms in -s and
    -ing, any other form ("nods", "parted") matches only itself. `a/b` is a choice, `a?` is optional, `@name`
    is any word of a class, `@ing`, `@s` and `@base` are any word of that form, and `*` is any word. A phrase
    with a leading `=` matches only a whole clause. Phrases of two or three words also match if the words are
    joined by hyphens.
    """

    def __init__(self, phrases: Iterable[str], classes: Mapping[str, frozenset[str]]) -> None:
        self._by_first: dict[str, list[tuple[_Item, ...]]] = {}
        self._whole: dict[str, list[tuple[_Item, ...]]] = {}
        for phrase in phrases:
            if not (written := phrase.split()):
                continue
            table = self._whole if written[0] == "=" else self._by_first
            items = [_item(item, classes) for item in written if item != "="]
            for first, item in enumerate(items):  # a phrase may begin after an optional item
                for word in item.words:
                    table.setdefault(word, []).append(tuple(items[first + 1 :]))
                if not item.optional:
                    break
            if 1 < len(items) < 4 and not any(item.forms or len(item.words) > 30 for item in items):
                for joined in product(*(item.words for item in items)):
                    table.setdefault("-".join(joined), []).append(())

    def length_at(self, words: Sequence[Word], index: int) -> int:
        """Return the number of words in the longest phrase that begins at `index`; 0 if no phrase does."""
        longest = 0
        for key in words[index].keys:
            for rest in self._by_first.get(key, ()):
                longest = max(longest, _matched(rest, words, index + 1) - index)
            for rest in self._whole.get(key, ()) if index == 0 else ():
                if _matched(rest, words, 1) == len(words):
                    longest = len(words)
        return longest

    def find(self, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
        """Yield the positions of phrases, without overlap, as half-open ranges of word indices."""
        index = 0
        while index < len(words):
            length = self.length_at(words, index)
            if length:
                yield index, index + length
            index += length or 1


def _item(written: str, classes: Mapping[str, frozenset[str]]) -> _Item:
    optional = written.endswith("?")
    choices = [choice for choice in written.removesuffix("?").split("/") if choice]
    forms = {choice for choice in choices if choice in ("*", "@ing", "@s", "@base")}
    words = {choice for choice in choices if choice[0] not in "@*"}
    for choice in choices:
        if choice[0] == "@" and choice not in forms:
            words |= classes[choice[1:]]
    return _Item(frozenset(words), frozenset(forms), optional)


def _matched(items: Sequence[_Item], words: Sequence[Word], index: int) -> int:
    """Match `items` with the words from `index`; return the index after the match, or 0 for no match."""
    if not items:
        return index
    first, rest = items[0], items[1:]
    if index < len(words) and first.fits(words[index]) and (end := _matched(rest, words, index + 1)):
        return end
    return _matched(rest, words, index) if first.optional else 0


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The word classes and phrases of the prompt rules."""

    classes: Mapping[str, frozenset[str]]
    """Base forms of the words of each class, by class name."""
    offends: Mapping[str, Phrases]
    """Phrases that break a rule, by rule name."""
    innocent: Mapping[str, Phrases]
    """Phrases that contain an offending word but break no rule, by rule name."""
    corrected: Mapping[str, str]
    """Correct base form of each verb form that the lemmatizer gets wrong."""


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """Return the vocabulary; the first call reads the file."""
    tables = tomllib.loads((files("lipwright.prompt") / "vocabulary.toml").read_text(encoding="utf-8"))
    classes = {name: frozenset(text.split()) for name, text in tables.pop("classes").items()}
    pairs = tables.pop("corrected")["pairs"].split()

    def phrases(key: str) -> dict[str, Phrases]:
        listed = {name: table.get(key, "").replace("/\n", "/").split(";") for name, table in tables.items()}
        return {name: Phrases(written, classes) for name, written in listed.items()}

    corrected = dict(zip(pairs[::2], pairs[1::2], strict=True))
    return Vocabulary(classes, phrases("offends"), phrases("innocent"), corrected)


@lru_cache(maxsize=65536)
def classes_of(text: str, lemma: str) -> frozenset[str]:
    """Return the names of the classes that contain a word or its base form."""
    return frozenset(name for name, words in vocabulary().classes.items() if text in words or lemma in words)
