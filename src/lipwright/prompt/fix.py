"""The prompt without what works against the sound; what describes appearance stays, word for word."""

from __future__ import annotations

import re

from lipwright.prompt import vocabulary as words
from lipwright.prompt.people import PERSON
from lipwright.prompt.rules import Match, matches, normalised

_PUNCTUATION = ",.;:!?"
_BREAK = re.compile(
    rf"[{_PUNCTUATION}\n]|--|[—–]|"
    r"\b(?:with|without|wearing|dressed|against|under|beneath|lit|illuminated|surrounded|featuring|framed|"
    r"while|and(?! (?:right|left|down|up|away|back|forth|out|in)\b)|but|"
    r"in (?:a|an|the|front|soft|warm|bright|natural|dim|golden|casual|formal)|"
    r"on (?:a|an)|at (?:a|an|her|his|the (?:desk|lectern|table|window|podium)))\b"
)
"""Where a phrase ends: what comes next may be appearance again."""

_LINKING = """and or but then while as with without by a an the some of to in on at for from into onto over is
    are was were be being been am who that which when until before after so very too her his
    their its also just still slightly both up down out back away toward towards through using
    it he she they and/or who's like such making giving has have having whose animated"""
_LINKS = frozenset(_LINKING.split())
"""Words that cannot end a phrase; what is left of them at a cut goes too."""
_JOINING = "and or but then while as also up down out off back away again of is are it"
_LEADING = frozenset(_JOINING.split())
_NOBODY = """camera shot view frame him them me us you we i this there speaker's one scene slow slowly
    smoothly gently softly please make let add keep footage picture first"""
_SPEECH = """say says said saying tell tells telling yell yells yelling shout shouts shouting whisper whispers
    whispering murmur murmurs murmuring ask asks asking sing sings singing announce announces announcing
    text line lines caption subtitle subtitles title sign script dialogue word words read reads reading
    sentence sentences phrase phrases syllable syllables speech delivery flow voice low high pause
    two-second deliver"""
"""What is left of words to be said, and of their pace."""
_BODY_WORDS = """lip lips mouth teeth tongue jaw chin head face eyes eye eyebrows eyebrow brows shoulders
    shoulder hand hands arms fingers palms hair chest body gaze cheeks"""
_PARTS = frozenset(_BODY_WORDS.split())
_BARE = _LINKS | frozenset(_NOBODY.split()) | frozenset(_SPEECH.split())
"""A phrase of these alone says nothing."""
_ALONG = (
    "in|out|off|on|onto|to|toward|towards|across|over|around|into|from|left|right|up|down|back|away|past|"
    "along|through|slowly|gently|smoothly|closer|between|of|at|him|them|forward|open|wide|begin|end|finish|tight"
)
_AFTER_CAMERA = re.compile(
    rf"(?:\s+(?:(?:{_ALONG}|[a-z]+ing)\b|her(?=\s*(?:[,.;]|$)|\s+(?:down|up|through|along|from|into)\b)))*"
)
_TO_A_FACE = re.compile(
    r"\b(?:to|on|onto|toward|towards|into|of|behind|around)\s+(?=(?:(?!to |on |of )[\w'’-]+\s+){0,4}?"
    r"(?:face|mouth|lips|chin|teeth|cheeks?|head|profile|(?:wo)?man|girl|boy|lady|person|subject|speaker|"
    rf"{PERSON})(?:'s|’s)?\b)"
)
"""Where a camera's way ends: "from the lamp to his face"."""
_BODY = re.compile(
    r"(?:lower |upper )?(?:lips?|mouth|teeth|eyes|eyebrows|hair|head|face|hands|shoulders)(?=\s+\S)"
)
_TIED = re.compile(
    r"\s*(?:with|against|beneath|under|in|on|at|by|to|for|like|from|through|over|beside|around)\s+"
    r"(?:(?:his|her|their|its|the)\s+(?!\w*\s*(?:light|lights|wall|background|backdrop|studio|style|glow|camera|"
    r"window|sun|shade|shadow|dark)\b)|in\b)"
)
"""What hung on a verb that went: "with his fist", "against the teeth"; but "in the dark" is a look."""
_HELD_BODY = re.compile(
    r"(?:\s|^)(?:with|and)\s+(?:both|his|her|their|the|one)?\s*(?:hands?|arms?|fingers?|palms?|head)\s*$"
)
_SAYING = re.compile(
    r"(?i)(?:\s+and)?(?:\s+(?:she|he|who|it))?(?:\s+is)?\s+"
    r"(?:saying|says|said|tells us|telling us|murmuring|whispering)$"
)
_LAST_WORD = re.compile(r"[\w'’/-]+\s*$")
_FIRST_WORD = re.compile(r"\s*[\w'’/-]+")
_CONTINUES = re.compile(
    r"(?:with|wearing|dressed|in|on|at|against|under|beneath|lit|talking|speaking|singing)\b"
)
_TALKS = re.compile(r"(?:(?:is |are )?(?:speak|talk)(?:s|ing)?|speech|dialogue)\s+(?=\S)")
_OPENING, _CLOSING = "\"“„«'‘`", {'"': '"', "“": "”", "„": "“”", "«": "»", "'": "'", "‘": "’", "`": "`"}


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
    phrase = _last_phrase(left)
    rest = re.compile(rf"[{_PUNCTUATION}\n]|$").search(right).start()  # type: ignore[union-attr] # $ is always found
    if not phrase.strip() and (_TIED.match(right[:rest].lower()) or _says_nothing(right[:rest])):
        right = right[rest:]
    elif _bare_part(phrase + right[:rest]) and words.FACE.search(
        normalised(left[: len(left) - len(phrase)] + right[rest:])
    ):
        left, right = left[: len(left) - len(phrase)], right[rest:]
    adverb = re.fullmatch(r"\w+ly", text[start:end].strip())  # "light gradually warms" is one clause still
    joined = _join(left, right, " " if adverb and left[-1:].isalnum() else "")
    if text[:1].isupper() and joined[:1].islower():
        joined = joined[0].upper() + joined[1:]
    return joined


def _extent(text: str, match: Match) -> tuple[int, int]:
    """The characters that go with a match."""
    plain = normalised(text)
    start, end = match.start, match.end
    stop = _next(plain, end)
    if match.rule.name == "camera":
        end = _AFTER_CAMERA.match(plain, end).end()  # type: ignore[union-attr] # may be empty, always matches
        if ending := list(_TO_A_FACE.finditer(plain, end, stop)):
            end = ending[-1].end()
        elif re.match(r"\s+(?:as )?if\b", plain[match.end : stop]):
            end = stop  # "the picture sways as if held": all of it is the camera's
    elif match.rule.name == "pacing" and (talks := _TALKS.match(plain, start, end)):
        start = talks.end()  # that somebody talks stays, at no pace
    elif match.takes == "rest":
        if body := _BODY.match(plain, start, end):
            start = body.end()  # the lips stay, what they do goes
        if match.rule.name == "mouth-in-time":
            return start, stop
        if re.fullmatch(r"[a-z]+ing", plain[match.start : end]) and re.match(rf" {PERSON}\b", plain[end:]):
            return start, end  # "fidgeting schoolboy" keeps the boy
        found = _BREAK.search(plain, end)
        end = found.start() if found else len(text)
    elif match.takes == "clause":
        if re.match(r"(?:while|whilst) \w+ing\b", plain[start:]):
            return start, start + plain[start:].index(" ")  # "while talking" keeps "talking"
        if re.match(r"as (?:the|an?) ", plain[start:]) and _says_nothing(text[:start]):
            return start, start + len("as")  # nothing else is left to say who is seen
        end = _after_quote(text, start, stop)
    return start, end


def _next(text: str, place: int) -> int:
    """Where the punctuation after a place stands."""
    found = re.compile(rf"[{_PUNCTUATION}\n]").search(text, place)
    return found.start() if found else len(text)


def _after_quote(text: str, start: int, stop: int) -> int:
    """The end of the quotation that begins before `stop`, or `stop`."""
    opened = next(
        (place for place in range(start, min(stop + 3, len(text))) if text[place] in _OPENING), None
    )
    if opened is None or (text[opened] in "'‘" and text[opened - 1 : opened].isalnum()):
        return stop
    ends = [text.find(mark, opened + 1) for mark in _CLOSING[text[opened]]]
    return max([stop, *(place + 1 for place in ends if place >= 0)])


def _last_phrase(left: str) -> str:
    """What stands after the last punctuation."""
    return left[max(left.rfind(mark) for mark in _PUNCTUATION) + 1 :]


def _bare_part(phrase: str) -> bool:
    """A part of the body and nothing said of it."""
    said = [word.lower() for word in re.findall(r"[\w'’/-]+", phrase)]
    return any(word in _PARTS for word in said) and all(word in _PARTS | _BARE for word in said)


def _trim_left(left: str) -> str:
    """What stands before a cut, less links and adverbs that hang in the air, and less a bare last phrase."""
    left = left.rstrip()
    while (last := _LAST_WORD.search(left)) and _hangs(last[0].strip()):
        left = left[: last.start()].rstrip()
    left = _SAYING.sub("", left)
    if held := _HELD_BODY.search(left):
        left = left[: held.start()]
    phrase = _last_phrase(left)
    return left[: len(left) - len(phrase)] if _says_nothing(phrase) else left


def _hangs(word: str) -> bool:
    """A link, or an adverb of the verb that went."""
    return word.lower() in _LINKS or bool(
        re.fullmatch(r"(?i)(?!only|family|lily|lovely|friendly|curly|silly)\w{2,}ly", word)
    )


def _trim_right(right: str) -> str:
    """What stands after a cut, less what only joined it."""
    right = re.sub(r"^\s*(?:a little|a bit|a lot)\b", "", right).lstrip()
    while (first := _FIRST_WORD.match(right)) and first[0].strip().lower() in _LEADING:
        right = right[first.end() :].lstrip()
    return right


def _says_nothing(phrase: str) -> bool:
    """No word of it is more than a pronoun, an article or a link."""
    return all(word.lower() in _BARE for word in re.findall(r"[\w'’/-]+", phrase))


def _join(left: str, right: str, between: str = "") -> str:
    """Both sides of a cut, with one punctuation mark between them at most, or with what is given."""
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
    pronoun = following[0].lower() in ("she", "he", "they", "it")
    joins = not pronoun and (len(following) == 1 or following[0].lower() in _LINKS)
    return f"{left}{between or (' ' if joins else ', ')}{right}"
