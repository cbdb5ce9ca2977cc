"""Words are only removed, and the rest reads as language."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from benchmarks.prompt_lint import read_sentences
from hypothesis import given, settings
from hypothesis import strategies as st
from prompt_examples import BAD_IN_THE_GUIDE, GOOD_IN_THE_GUIDE, INNOCENT, OFFENSES

from lipwright.prompt.fix import fix
from lipwright.prompt.lint import errors, lint

APPEARANCE = [
    "a woman with red hair",
    "soft studio light",
    "Close-up of a man's face",
    "neutral background",
    "dark suit",
]
OFFENDING = [*BAD_IN_THE_GUIDE, *(text for _, text, _ in OFFENSES)]
CLOSED = [*BAD_IN_THE_GUIDE, *(text for rule, text, _ in OFFENSES if rule != "quoted-speech")]
"""A quotation without a closing mark takes the rest of its sentence along."""
PIECES = st.sampled_from([*APPEARANCE, *OFFENDING, *INNOCENT])
PROMPTS = st.lists(st.tuples(PIECES, st.sampled_from([", ", ". ", "; ", " and ", " while ", " ", "\n"]))).map(
    lambda parts: "".join(piece + mark for piece, mark in parts)
)


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))


@given(PROMPTS | st.text())
@settings(max_examples=25, deadline=None)
def test_clean_again_the_same_and_no_word_added(text: str) -> None:
    fixed = fix(text)
    assert errors(lint(fixed)) == ()
    assert fix(fixed) == fixed
    assert words(fixed) <= words(text)
    if not errors(lint(text)):
        assert fixed == text


@given(st.permutations(APPEARANCE), st.sampled_from(CLOSED), st.integers(0, len(APPEARANCE)))
@settings(max_examples=30, deadline=None)
def test_appearance_is_kept(looks: list[str], offense: str, place: int) -> None:
    fixed = fix(", ".join([*looks[:place], offense, *looks[place:]])).lower()
    assert [look for look in looks if look.lower() not in fixed] == []
    assert not re.search(r"[,.;]\s*[,.;]|\s[,.;]|\s\s|^[\s,.;]|[\s,;]$", fixed)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("A person speaking quickly with animated gestures", "A person speaking"),
        ("Camera slowly zooms in as the speaker delivers the line", "The speaker delivers the line"),
        ("The character nods while talking and then turns away", "The character talking"),
        ("Slow pan across the speaker's face as they speak softly", "The speaker's face"),
        (
            "A woman with red hair nods slowly, soft studio lighting.",
            "A woman with red hair, soft studio lighting.",
        ),
        ("Close-up of a man. He shakes his head. Warm light.", "Close-up of a man. Warm light."),
        ("She smiles, 'I am here', soft light", "She smiles, soft light"),
        ("red lips moving with every word, studio light", "red lips, studio light"),
        ('the camera zooms in, she says "hello"', ""),
        ('Teacher, warm smile, she says "Good morning, all", lamp', "Teacher, warm smile, lamp"),
        ("slow push-in on a bald man's face, film noir", "a bald man's face, film noir"),
        ("her hands dance as she explains, lips clear", "lips clear"),
        ("Restless, fidgeting schoolboy, gap teeth", "Schoolboy, gap teeth"),
        ("a bald man strokes his chin and smiles, dark library", "a bald man smiles, dark library"),
        ("Rapid speech with excited hand movements", ""),
        ('a sign that says "OPEN", a man talking to camera', "a man talking to camera"),
        ("A nun. Dialogue: we are, as ever, late. Grey wall.", "A nun. Grey wall."),
    ],
)
def test_fix_keeps_the_remaining_words(text: str, left: str) -> None:
    assert fix(text) == left


def test_labeled_prompts_are_clean_and_read_as_english() -> None:
    dangling = re.compile(r"(?i)\b(?:and|the|an?|of|with|is|are|who)\s*(?:[,.;]|$)")
    broken = re.compile(r"[,.;]\s*[,;]|\s[,.;]|\s\s|^[\s,.;]|[\s,;]$")
    whole_clauses = 0
    for sentence in read_sentences("dev")[::3]:
        text = sentence["text"]
        found = errors(lint(text))
        fixed = fix(text)
        assert errors(lint(fixed)) == ()
        if not found:
            continue
        assert not dangling.search(fixed), fixed
        assert not broken.search(fixed) or broken.search(text), fixed
        first = min(finding.where["start"] for finding in found)
        before = text[:first].rpartition(",")[0]  # clauses before the first offense stay as they are
        assert fixed.lower().startswith(before.rpartition(",")[0].lower()), (text, fixed)
        whole_clauses += bool(before.rpartition(",")[0])
    assert whole_clauses > 50


@pytest.mark.parametrize("text", GOOD_IN_THE_GUIDE, ids=lambda text: text[:30])
def test_valid_prompt_is_unchanged(text: str) -> None:
    assert fix(text) == text
