"""The rules of a prompt. What moves, and when, is the sound's to say; the prompt says how it looks.

`WORD_RULES` are those that a list of phrases decides; the functions after them look at
more than words. Only what works against the sound is an error, and only errors make
`render` refuse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from lipwright.domain.finding import Finding, Severity
from lipwright.prompt import frames
from lipwright.prompt import vocabulary as words
from lipwright.prompt.grammar import Frame
from lipwright.prompt.people import ACTING, GOING_ON, HANDLING, MOVING_PARTS, PEOPLE
from lipwright.prompt.phrases import LISTS

Takes = Literal["words", "noun", "rest", "clause"]
"""What `fix` takes out with a match: the words alone; a noun with its adjectives and its "with"; a
verb with the rest of its phrase; a clause up to the next punctuation."""


@dataclass(frozen=True, slots=True)
class Table:
    """Phrases or frames that go the same way."""

    pattern: re.Pattern[str] | Frame
    takes: Takes = "words"

    def places(self, plain: str) -> Iterator[tuple[int, int]]:
        """Where they stand in normalised text: characters, half-open."""
        for found in self.pattern.finditer(plain):
            yield found.span(found.lastindex or 0)  # the offence alone, where the pattern looks at more


@dataclass(frozen=True, slots=True)
class WordRule:
    """A rule that is a list of phrases."""

    name: str
    severity: Severity
    says: str
    """What such words do, after "..."."""
    advice: str
    tables: tuple[Table, ...]
    innocent: tuple[Table, ...]
    """What only looks like it."""
    can_be_denied: bool = True
    """False where "no ..." offends as well."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was measured in the sound, over speech alone."""

    syllables_per_second: float
    pitch_range_semitones: float
    """Between the 10th and the 90th percentile."""
    voiced_share: float
    """Of the loud parts, 0..1."""
    effort_db: float = -12.0
    """Energy above 1 kHz over that below: a raised voice has more."""


@dataclass(frozen=True, slots=True)
class Context:
    """What stands beside the prompt; None is unknown."""

    cfg: float | None = None
    negative: str = ""
    audio: Heard | None = None
    """How the speech sounds."""
    image_strength: float | None = None
    has_image: bool = False
    """A reference picture shows the face, so that the prompt need not."""


@dataclass(frozen=True, slots=True)
class Match:
    """Where a word rule was broken: characters, half-open."""

    rule: WordRule
    start: int
    end: int
    takes: Takes


_LOOKS = "describe how the person looks and leave the movement to the sound"
_NOT_SHOWN = Table(frames.NOT_SHOWN)
_TIMED = "leave out when things happen: the sound sets the time"

WORD_RULES: tuple[WordRule, ...] = (
    WordRule(
        "camera",
        "error",
        "describes what the camera does",
        "name a fixed framing, such as close-up, instead of a camera move",
        (Table(words.CAMERA), Table(frames.CAMERA)),
        (Table(words.CAMERA_INNOCENT), _NOT_SHOWN),
    ),
    WordRule(
        "gesture",
        "error",
        "describes a gesture",
        _LOOKS,
        (Table(words.GESTURE, "rest"), Table(HANDLING, "rest"), Table(frames.GESTURE, "rest")),
        (Table(words.GESTURE_INNOCENT), _NOT_SHOWN),
    ),
    WordRule(
        "mouth-in-time",
        "error",
        "describes the mouth in time",
        "tell how the mouth looks (lips slightly parted, visible lip movement), not what it does when",
        (Table(words.MOUTH_IN_TIME, "rest"), Table(frames.MOUTH_IN_TIME, "rest")),
        (Table(words.MOUTH_INNOCENT), _NOT_SHOWN),
    ),
    WordRule(
        "motion",
        "error",
        "describes motion",
        _LOOKS,
        (
            Table(words.MOTION, "rest"),
            Table(ACTING, "rest"),
            Table(MOVING_PARTS, "rest"),
            Table(GOING_ON, "rest"),
            Table(frames.MOTION, "rest"),
        ),
        (Table(words.MOTION_INNOCENT), _NOT_SHOWN),
    ),
    WordRule(
        "pacing",
        "error",
        "sets a pace of its own",
        "leave the pace to the recording",
        (Table(words.PACING), Table(frames.PACING)),
        (Table(words.PACING_INNOCENT), _NOT_SHOWN),
    ),
    WordRule(
        "temporal",
        "error",
        "tells what happens in time",
        _TIMED,
        (
            Table(words.TEMPORAL_WORDS),
            Table(words.TEMPORAL_VERBS, "rest"),
            Table(words.TEMPORAL_CLAUSES, "clause"),
            Table(frames.TEMPORAL),
        ),
        (Table(words.TEMPORAL_INNOCENT), _NOT_SHOWN),
    ),
    WordRule(
        "quoted-speech",
        "error",
        "holds words to be said",
        "take the words out: quoted text ends as burnt-in subtitles, and the sound holds them already",
        (
            Table(words.QUOTES),
            Table(words.QUOTED_CALLS, "clause"),
            Table(frames.QUOTED, "clause"),
        ),
        (Table(words.QUOTED_NAMES),),
        can_be_denied=False,
    ),
    WordRule(
        "several-people",
        "warning",
        "names more than one person",
        "describe only the one who speaks: with two faces both may talk",
        (Table(words.SEVERAL_PEOPLE, "noun"), Table(PEOPLE, "noun"), Table(frames.SEVERAL_PEOPLE, "noun")),
        (Table(words.SEVERAL_PEOPLE_INNOCENT), _NOT_SHOWN),
    ),
    WordRule(
        "clutter",
        "hint",
        "fills the background",
        "keep the background plain: a cluttered one takes the eye off the mouth",
        (Table(words.CLUTTER, "noun"), Table(frames.CLUTTER, "noun")),
        (Table(words.CLUTTER_INNOCENT), _NOT_SHOWN),
    ),
    WordRule(
        "no-face",
        "warning",
        "hides the face or makes it small",
        "show the face and the mouth: a close-up, turned to the camera, uncovered",
        (Table(words.HIDDEN_FACE, "noun"), Table(frames.HIDDEN_FACE, "noun")),
        (Table(words.HIDDEN_FACE_INNOCENT), Table(frames.HIDDEN_FACE_INNOCENT), _NOT_SHOWN),
    ),
)

_DENIED = re.compile(
    r"(?:\b(?:no|not|nothing|none|without(?: any)?|never|free of|lack of|zero|non|neither|nor|devoid of)|n't)"
    r"[ -]+(?!stops?\b|longer\b|only\b|but\b|except\b|haste\b|hurry\b)(?:[\w-]+,? ){0,4}$"
)
"""Just before a match: "no camera movement" describes none. Four words leave room for a list."""
_DENIED_AT_ONCE = re.compile(_DENIED.pattern.replace(",?", ""))
"""The same without a list: "without a helmet, all of a sudden" does happen suddenly."""

_STRAIGHTENED = str.maketrans(
    {
        **dict.fromkeys("\t\n\r\v\f\u00a0", " "),
        **dict.fromkeys("“”„", '"'),
        **dict.fromkeys("«»", "`"),
        "‘": "'",
        "’": "'",
    }
)
_KEPT_LONG = re.compile("[İ]")  # the one capital that lower() makes longer


def normalised(text: str) -> str:
    """Lower case with plain quotes and spaces, as long as `text`: positions stay."""
    return _KEPT_LONG.sub("i", text.translate(_STRAIGHTENED)).lower()


def matches(text: str, severity: Severity | None = None) -> list[Match]:
    """Where word rules are broken, in the order of the text.

    Of overlapping matches it is the first, or the longer, where their rules object to the same thing:
    "strokes his chin" is a gesture, and "strokes" no second finding of motion.
    """
    return [match for match in _all_matches(text) if severity in (None, match.rule.severity)]


@lru_cache(maxsize=256)  # tens of milliseconds; lint, fix and compose ask for the same text
def _all_matches(text: str) -> tuple[Match, ...]:
    plain = normalised(text)
    found = [match for rule in WORD_RULES for match in _matches_of(rule, plain)]
    told: list[Match] = []
    for match in sorted(found, key=lambda match: (match.start, -match.end)):
        if not any(_alike(match, other) and match.start < other.end for other in told):
            told.append(match)
    return tuple(match for match in told if not _goes_with_a_move(match, told, plain))


_MOVES = frozenset({"camera", "gesture", "mouth-in-time", "motion"})
_TIMES = frozenset({"pacing", "temporal"})
_ADVERB = re.compile(r"(?:very |too |really )?[a-z]+ly")
_TALKING_BEFORE = re.compile(rf"{LISTS['speaking']} (?:[a-z]+ )?$")


def _alike(one: Match, other: Match) -> bool:
    """Two rules that object to movement or its time, so that one of them is enough."""
    alike = _MOVES | _TIMES
    return one.rule is not other.rule and {one.rule.name, other.rule.name} <= alike


def _goes_with_a_move(match: Match, told: Sequence[Match], plain: str) -> bool:
    """An adverb beside a verb that moves is a part of that: "slowly zooms", but not "speaks slowly"."""
    if match.rule.name != "pacing" or not _ADVERB.fullmatch(plain, match.start, match.end):
        return False
    if _TALKING_BEFORE.search(plain[: match.start]):
        return False
    return any(
        other.rule.name in _MOVES and (other.end == match.start - 1 or other.start == match.end + 1)
        for other in told
    )


def _matches_of(rule: WordRule, plain: str) -> Iterator[Match]:
    spared = [span for table in rule.innocent for span in table.places(plain)]
    denied = _DENIED_AT_ONCE if rule.name in _TIMES else _DENIED
    end = 0
    hits = sorted((start, -end, table.takes) for table in rule.tables for start, end in table.places(plain))
    for start, minus_end, takes in hits:
        stop = -minus_end
        innocent = any(first <= start < last for first, last in spared)
        if innocent or start < end or (rule.can_be_denied and denied.search(plain[:start][-80:])):
            continue
        end = stop
        yield Match(rule, start, stop, takes)


def broken_words(text: str, context: Context) -> Iterator[Finding]:
    """Every word rule that the text breaks, at its place."""
    for match in matches(text):
        said = " ".join(text[match.start : match.end].split())
        yield Finding(
            match.rule.name,
            match.rule.severity,
            f"{said!r} {match.rule.says}",
            match.rule.advice,
            {"start": match.start, "end": match.end},
        )


def no_face(text: str, context: Context) -> Iterator[Finding]:
    """Nothing in the prompt shows a face, and no picture does."""
    if not context.has_image and text.strip() and not words.FACE.search(normalised(text)):
        yield Finding(
            "no-face",
            "hint",
            "the prompt shows no face",
            "say how face and mouth look, such as: close-up of a woman's face, lips slightly parted",
            {"start": 0, "end": len(text)},
        )


def no_talking(text: str, context: Context) -> Iterator[Finding]:
    """The picture is held at full strength and nothing says that somebody talks: the film may freeze."""
    if (context.image_strength or 0) >= 1 and not words.TALKING.search(normalised(text)):
        yield Finding(
            "no-talking",
            "hint",
            f"image strength {context.image_strength:g}, and no word that the person talks: "
            "the film may freeze",
            "add: talking to camera; or lower the image strength to between 0.4 and 0.7",
            {"start": 0, "end": len(text)},
        )


def negative_at_cfg_1(text: str, context: Context) -> Iterator[Finding]:
    """Without guidance nobody reads the negative prompt."""
    if context.negative.strip() and context.cfg is not None and context.cfg <= 1:
        yield Finding(
            "negative-at-cfg-1",
            "warning",
            f"the negative prompt does nothing at CFG {context.cfg:g}",
            "use a CFG above 1 (the guide has 4), or leave the negative prompt out",
        )


SLOW_SYLLABLES_PER_SECOND, FAST_SYLLABLES_PER_SECOND = 3.2, 5.3
"""Below and above is slow and fast for English: conversation has about 260 syllables a minute,
lectures 190 (Tauroza and Allison 1990); 5.3 is as far above conversation as lectures are below."""
FLAT_SEMITONES, WIDE_SEMITONES = 3.0, 9.0
"""Readers of a novel span 6 to 11 between the percentiles, a monotonous synthesizer 3 to 4."""
VOICED_SHARE = 0.5
"""A whisper has no voiced sounds; speech 0.7 to 0.95."""


def against_the_audio(text: str, context: Context) -> Iterator[Finding]:
    """Words of a delivery that is not the one heard: urgent over slow speech, flat over lively."""
    heard = context.audio
    if heard is None:
        return
    pace, span = heard.syllables_per_second, heard.pitch_range_semitones
    plain = normalised(text)
    spared = [found.span() for found in words.NOT_OF_THE_PERSON.finditer(plain)]
    for pattern, clashes, measured in (
        (words.URGENT, pace < SLOW_SYLLABLES_PER_SECOND, f"slow: {pace:.1f} syllables a second"),
        (words.UNHURRIED, pace > FAST_SYLLABLES_PER_SECOND, f"fast: {pace:.1f} syllables a second"),
        (words.LIVELY, span < FLAT_SEMITONES, f"flat: its pitch spans {span:.1f} semitones"),
        (words.FLAT, span > WIDE_SEMITONES, f"lively: its pitch spans {span:.1f} semitones"),
        (words.WHISPERED, heard.voiced_share > VOICED_SHARE, f"voiced, to {heard.voiced_share:.0%}"),
    ):
        for found in pattern.finditer(plain) if clashes else ():
            inside = any(first <= found.start() and found.end() <= last for first, last in spared)
            if not inside and not _DENIED.search(plain[: found.start()][-80:]):
                yield Finding(
                    "against-the-sound",
                    "warning",
                    f"{found[0]!r}, but the speech is {measured}",
                    "describe the mood that is heard, or leave it out",
                    {"start": found.start(), "end": found.end()},
                )


RULES: tuple[Callable[[str, Context], Iterator[Finding]], ...] = (
    broken_words,
    no_face,
    no_talking,
    negative_at_cfg_1,
    against_the_audio,
)
