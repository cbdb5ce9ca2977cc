"""Frames: what a prompt says by its grammar, whatever the words.

`vocabulary` lists phrases; a frame is a sentence with holes, filled from classes of words: "[H] [..] on
[O]" is "dabbing powder on her cheek" and "pinning a badge on his coat". The text is written out as its
words with the letters of their classes, "dabbing/HI powder/ on/J her/DO cheek/", and a frame is a regular
expression over that, with its own notation (`frames` takes one apart):

    on       the word itself, or a "," or ":"
    [DO]     a word of class D or O
    [..]     any word
    [--]     any punctuation mark, or the end of the text
    <...>    what the finding points at; without it, the whole line

The rest ("|", "?", "*", groups, lookaheads) is as in regular expressions; spaces mean nothing. A line
indented further goes on with the one before. The frames themselves stand in `frames`.

The classes, a word often being in several:

    D determiner            O possessive             J preposition or adverb of place
    P person                Q people                 B part of the body that moves
    M moving, m moves       H handling, h handles    C changing, c changes       V move, handle
    U a participle that tells a look ("glowing"), or a word that only ends like one
    A adjective of a move   F framing of a shot      N number
    Y ...ly   G ...'s   E ...ed   I ...ing   S ...s: by the ending alone
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from lipwright.prompt.people import (
    CHANGING_VERBS,
    HANDLING_VERBS,
    KNOWN_PEOPLE,
    MOVING_VERBS,
    STILL_VERBS,
)
from lipwright.prompt.phrases import inflections

_CLASSES = {
    "D": "a an the this that these those her his their its my our your one another each every some both",
    "O": "her his their its my our your",
    "J": """in on at by with of from to into onto off over across through along against under beneath behind
        beside near between among around toward towards past up down out away back for as like upon
        round about overhead inside outside""",
    "A": """slow gentle smooth quick sudden soft fast sideways long steady subtle dramatic swift lazy creeping
        graceful jerky hard rapid brief""",
    "F": "wide close close-up closeup medium long full macro shot",
    "U": """
        according adding ageing aging allowing anything backing backlighting bathing beginning being
        belonging blending blurring bordering bouncing bowing boxing bringing building bulging capturing
        carving cascading casting catching ceiling changing cling clinging clothing coloring colouring
        combining coming complementing concerning contrasting covering creating crossing crouching crowning
        curling curving dangling dating depending dividing draping drawing drooping during echoing edging
        emerging emphasising emphasizing ending evening everything evoking excluding extending facing fading
        falling feeling filling filtering flaking flanking flowing following framing giving glinting
        glossing glowing going grading graying grazing greying gripping growing hailing hanging having
        hiding highlighting hugging hunching illuminating including isolating jutting keeping king kissing
        kneeling lacking leaving letting lifting lighting lining living looping matching meeting minding
        missing mixing morning nestled nestling nothing opening outlining overlapping painting peeking
        peeling peeping poking pooling posing pouring protruding puckering raking ranging reaching reading
        recalling receding reflecting regarding resting revealing rimming ring rings rising running sagging
        sculpting seeing separating setting shading shooting showing sidelighting sitting slanting sleeping
        sling sloping slouching softening something sparkling spilling spreading spring sprouting squatting
        starting sticking stooping streaming stretching string styling suggesting surrounding sweeping
        swelling swing tapering thinking thinning tinting topping touching tracking trailing using washing
        wedding wing wrapping writing
    """,
    "B": """head chin brow brows eyebrow eyebrows hand hands palm palms finger fingers fist fists thumb thumbs
        arm arms elbow elbows shoulder shoulders leg legs knee knees foot feet knuckles fingertips fingertip
        wrist wrists""",
}
_ENDINGS = {"Y": ("ly",), "G": ("'s", "’s", "s'", "s’"), "E": ("ed",), "I": ("ing",), "S": ("s",)}
_NO_PEOPLE = """
    ace age angel baby bear bearer beauty bench big black blazer blonde blue board body bomber bore boxer
    breeches brunette butter card case cast cat catch chair character charmer chicken chin church classic
    close closer coaster company contact cooler counter cover cream crisp crown cutter dark darling dear
    defender diffuser dish dog doll double draw dresser duster extreme eye face fair fighter figure focus
    fox freckle full gallery gem general gold gothic gray green grey hand hanger hard head holder honey
    house image jumper junior kid lamb layer lens light lily liner lion loafer long look lookout major mark
    master medium minor model monkey mouse native natural number opener original painter pale pansy part
    parts peach pearl pet pig plain pointer portrait poster precious press primary private professional
    projector protector public pumps range ranger rat realist red redhead reflector regular relief ringer
    roller romantic rose ruler runner second senior shrimp silver slipper smoker snake soft softener
    spectacle squirrel star stock stoic stud subject supporter sweater sweet tan throne tiger toast topper
    trainer treasure trimmer twin type violet white wide wolf world
"""
"""What WordNet calls a person first, and a prompt something else."""


def _verbs() -> Iterator[tuple[str, str]]:
    """Pairs of a form of a verb and its letter; what people only are or look is in none."""
    still = set(STILL_VERBS)
    yield from ((inflections(verb)[1], "U") for verb in still)
    for letter, listed in (("M", MOVING_VERBS), ("H", HANDLING_VERBS), ("C", CHANGING_VERBS)):
        for verb in set(listed) - still:
            third, gerund, _ = inflections(verb)
            yield from ((third, letter.lower()), (gerund, letter))
            if letter != "C":
                yield verb, "V"


def _people() -> Iterator[tuple[str, str]]:
    """Pairs of a noun and its letter."""
    for noun in {*KNOWN_PEOPLE} - set(_NO_PEOPLE.split()):
        yield from ((noun, "P"), (noun[:-3] + "men" if noun.endswith("man") else inflections(noun)[0], "Q"))


@lru_cache(maxsize=1)  # 30 ms, and most programs that import lipwright look at no prompt
def _lexicon() -> Mapping[str, str]:
    """The letters of each word that has any."""
    listed = ((word, letter) for letter, words in _CLASSES.items() for word in words.split())
    letters: defaultdict[str, str] = defaultdict(str)
    for word, letter in (*listed, *_people(), *_verbs()):
        letters[word] += letter
    return dict(letters)


def _letters(word: str) -> str:
    """The classes of a word; "_" for punctuation."""
    if not word[0].isalnum():
        return "_"
    by_ending = (letter for letter, endings in _ENDINGS.items() if word.endswith(endings))
    return _lexicon().get(word, "") + "".join(by_ending) + ("N" if word[0].isdigit() else "")


_WORD = re.compile(r"[a-z0-9]\w*(?:['’.-]\w+)*['’]?|[^\w\s]")


@lru_cache(maxsize=64)  # every frame looks at the same text
def _written(plain: str) -> tuple[str, list[int], list[tuple[int, int]]]:
    """The text with its classes; where each word begins in that; and its characters in `plain`."""
    found = list(_WORD.finditer(plain))
    parts = [f"{word[0]}/{_letters(word[0])} " for word in found]
    begins = list(accumulate(map(len, parts), initial=len(_END)))
    return _END + "".join(parts) + _END, begins[:-1], [word.span() for word in found]


_END = "./_ "
"""The end of a text counts as punctuation; before the first word it is only what a match looks back on."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a frame stands, told as a match of `re` tells it: half-open characters."""

    start: int
    end: int
    lastindex: None = None

    def span(self, group: int = 0) -> tuple[int, int]:
        """First character, and the one after the last."""
        return self.start, self.end


@dataclass(frozen=True, slots=True)
class Frame:
    """A pattern over words and their classes."""

    pattern: re.Pattern[str]

    def finditer(self, plain: str) -> Iterator[Place]:
        """Where the frame stands in normalised text."""
        written, begins, spans = _written(plain)
        for found in self.pattern.finditer(written):
            start, end = found.span(found.lastindex or 0)
            first, last = bisect_right(begins, start) - 1, bisect_right(begins, end - 1) - 1
            if spans and first <= last:
                yield Place(spans[max(first, 0)][0], spans[last][1])


_A_WORD = "[a-z0-9éñ]+(?:['-][a-zé]+)*"
_ITEM = re.compile(
    rf"\((?P<look>\?[!=])?(?P<choice>{_A_WORD}(?:\|{_A_WORD})+)\)|\[(?P<letters>[A-Za-z]+)\]"
    rf"|(?P<word>{_A_WORD}|[,:=])|\[(?:\.\.|--)\]|\((?:\?[!=])?|[<>]|\s+"
)
_SPELLED = {
    "[..]": r"(?:[^ /]+/(?!_)\w* )",
    "[--]": "(?:[^ /]+/_ )",
    "(": "(?:",
    "(?=": "(?=",
    "(?!": "(?!",
    "<": "(",
    ">": ")",
}


def _spelled(item: re.Match[str]) -> str:
    """The regular expression for one item of a frame."""
    if item["choice"]:  # one alternative for many words compiles in a third of the time
        return f"({item['look'] or '?:'}(?:{item['choice']})/\\S* )"
    if item["word"]:
        return rf"(?:{item['word']}/\S* )"
    if item["letters"]:
        return rf"(?:[^ /]+/\w*[{item['letters']}]\w* )"
    return _SPELLED.get(item[0], "")


def frames(table: str) -> Frame:
    """The frame that is any line of the table."""
    lines = [line.strip() for line in re.sub(r"\n {8,}", " ", table).replace(" |", "|").strip().splitlines()]
    pointed = (line if "<" in line else f"<{line}>" for line in lines)
    return Frame(re.compile(f"(?<= )(?:{'|'.join(_ITEM.sub(_spelled, line) for line in pointed)})"))
