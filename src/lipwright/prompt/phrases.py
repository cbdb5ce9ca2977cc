"""A notation for word patterns, so that the vocabulary can be read as a list of phrases.

One phrase a line; a line indented further goes on with the one before. A phrase is a regular
expression over lower-case text in which

    (a|b)    groups and captures nothing
    <nod>    stands for the verb: nods, nodding, nodded, and "nod" where it must be a verb
    <turn!>  the same without the past form, which would tell a pose: "head turned"
    {her}    stands for one of the named lists below

Phrases match whole words; a space matches any run of spaces.
"""

from __future__ import annotations

import re
from itertools import groupby

_IRREGULAR = {
    "begin": "begins beginning began",
    "blow": "blows blowing blew",
    "break": "breaks breaking broke",
    "drink": "drinks drinking drank",
    "drive": "drives driving drove",
    "eat": "eats eating ate",
    "fall": "falls falling fell",
    "fly": "flies flying flew",
    "get": "gets getting got",
    "lie": "lies lying lay",
    "ride": "rides riding rode",
    "rise": "rises rising rose",
    "run": "runs running ran",
    "say": "says saying said",
    "shake": "shakes shaking shook",
    "sing": "sings singing sang",
    "sit": "sits sitting sat",
    "speak": "speaks speaking spoke",
    "spin": "spins spinning spun",
    "stand": "stands standing stood",
    "swim": "swims swimming swam",
    "swing": "swings swinging swung",
    "throw": "throws throwing threw",
}

_DOUBLING = re.compile("[^aeiou]*[aeiou][^aeiouwxy]")
"""One short syllable: "nod" becomes "nodding"; "look" and "turn" stay."""

_BEFORE_A_VERB = """to they who and then will would can should must you we i people men women children
    characters speakers actors hands eyes eyebrows arms fingers cars leaves lips camera let
    tears lights clouds waves flames candles curtains trees petals brows shoulders feet
    slowly quickly suddenly gently softly briefly"""
"""A base form after one of these, or at the start of a sentence, is a verb: "they nod", not "a nod"."""

_AFTER_ADVERB = "".join(
    ["(?<=ly )", *(f"(?<!{word} )" for word in ("friendly", "lovely", "family", "curly"))]
)
"""So is one after an adverb: "eyes slowly close", but not "friendly nod"."""

# A lookbehind has a fixed width, so there is one for the words of each length. There are hundreds of verbs:
# one for each word would take a third longer to compile.
_BY_LENGTH = [list(words) for _, words in groupby(sorted(_BEFORE_A_VERB.split(), key=len), len)]
_LEAD = "|".join(
    [*(rf"(?<=\b(?:{'|'.join(words)}) )" for words in _BY_LENGTH), "^", r"(?<=[.!?;:] )", _AFTER_ADVERB]
)

_VERB = re.compile("<(?P<verb>[a-z]+)(?P<pose>!?)>")
_GROUP = re.compile(rf"\((?!\?)([^()]*{_VERB.pattern}[^()]*)\)")

LISTS = {
    "her": "(?:her|his|their|its|my|your|the|a|an|one|both|each)",
    "own": "(?:her|his|their|its|my|your)",
    "she": "(?:she|he|they|it|we|you)",
    "person": (
        "(?:speaker|person|character|woman|man|girl|boy|actor|actress|narrator|presenter|host|anchor|singer"
        "|teacher|instructor|subject|figure|lady|guy|speech|voice|audio|music|song|camera|light|scene|shot"
        "|conversation|dialogue|story|sun|mood|reporter|interviewee|guest|protagonist|doctor|chef)"
    ),
    "adverb": "(?:(?:[a-z]+ly|very|then|also|just|again) )*",
    "way": (
        "(?:up|down|left|right|in|out|back|away|around|across|along|over|toward|towards|forward|forwards"
        "|backward|backwards|to|into|onto|from|past|through|upward|upwards|downward|downwards|off|by|closer"
        "|sideways|aside)"
    ),
    "speed": (
        "(?:fast|quick|rapid|slow|brisk|swift|speedy|hurried|rushed|unhurried|leisurely|hasty|breathless)"
    ),
    "speaking": (
        "(?:speak(?:s|ing)?|spoke|talk(?:s|ing|ed)?|say(?:s|ing)?|deliver(?:s|ing|y)?|narrat(?:es?|ing|ion)"
        "|sing(?:s|ing)?|recit(?:es?|ing)|read(?:s|ing)?|explain(?:s|ing)?|speech|dialogue|conversation)"
    ),
    # Light, hair and clothes: they lie, fall and cover by themselves, and nobody makes a gesture with them.
    "lying": (
        "(?:light|sun|sunlight|daylight|glow|rays?|beams?|shadows?|shade|lamp|neon|flash|sunbeams?|moonlight"
        "|glare|reflections?|hair|curls?|locks?|strands?|fringe|bangs|waves|ponytail|braids?|veil|scarf"
        "|lace|collar|brim|hat|cap|beard|moustache|lines?|scars?|wrinkles?|freckles|paint|makeup|stubble"
        "|tattoos?|gradient|colou?rs?|tones?|highlights?|haze|mist|fog|smoke|darkness|background|backdrop"
        "|framing|crop|frame|lens|lenses|bokeh|dress|fabric|coat|straps?|earrings?|necklace|chain|glasses"
        "|jacket|shirt|cloak|cape|hood|hem|pattern)"
    ),
    # Up to three words that name neither light nor a feeling: "full of warmth, hope and light" is no clutter.
    "thing": (
        r"(?:(?!(?:light|shadow|haze|mist|fog|glow|dark|bokeh|silen|calm|warm|soft|grief|hope|joy|sorrow|love"
        r"|emotion|life|pride|fear|doubt|wisdom|colou?r|texture))[\w-]+ ?){1,3}"
    ),
}


def inflections(verb: str) -> tuple[str, str, str]:
    """The -s, -ing and past forms.

    >>> inflections("nod"), inflections("wave"), inflections("carry")
    (('nods', 'nodding', 'nodded'), ('waves', 'waving', 'waved'), ('carries', 'carrying', 'carried'))
    """
    if verb in _IRREGULAR:
        third, gerund, past = _IRREGULAR[verb].split()
        return third, gerund, past
    if verb.endswith("e"):
        return verb + "s", verb[:-1] + "ing", verb + "d"
    if re.search("[^aeiou]y$", verb):
        return verb[:-1] + "ies", verb + "ing", verb[:-1] + "ied"
    stem = verb + verb[-1] if _DOUBLING.fullmatch(verb) else verb
    third = verb + ("es" if re.search("(?:s|x|z|ch|sh)$", verb) else "s")
    return third, stem + "ing", stem + "ed"


def _forms(verb: str, no_past: str) -> list[str]:
    """Those that are a verb wherever they stand."""
    third, gerund, past = inflections(verb)
    return [third, gerund, *([] if no_past else [past])]


def _verb(match: re.Match[str]) -> str:
    """The expression for `<verb>` or `<verb!>`."""
    verb = match["verb"]
    return f"(?:{'|'.join(_forms(verb, match['pose']))}|(?:{_LEAD}){verb})"


def _verbs(match: re.Match[str]) -> str:
    """The expression for a group with verbs in it: their base forms share the look back.

    It is long: sharing it halves the time to compile all phrases.
    """
    others, bases = [], []
    for alternative in match[1].split("|"):
        if found := _VERB.fullmatch(alternative):
            others += _forms(found["verb"], found["pose"])
            bases.append(found["verb"])
        else:
            others.append(alternative)
    if bases:
        others.append(f"(?:{_LEAD})(?:{'|'.join(bases)})")
    return f"({'|'.join(others)})"


def phrases(table: str) -> re.Pattern[str]:
    """The pattern that matches any line of the table, as whole words."""
    unfolded = re.sub(r"\n {8,}", "", table)
    alternatives = []
    for line in unfolded.strip().splitlines():
        shared = _GROUP.sub(_verbs, line.strip())
        grouped = re.sub(r"\((?!\?)", "(?:", shared)
        listed = re.sub(r"\{([a-z]+)\}", lambda match: LISTS[match[1]], grouped)
        spelled = _VERB.sub(_verb, listed)
        # A space that may be missing stays one; so does the last of a lookbehind, whose width is fixed.
        alternatives.append(re.sub(r" (?![)?*])", " +", spelled))
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w|-\w)")
