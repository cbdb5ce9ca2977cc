"""What the lint finds, what it leaves alone, and where."""

from __future__ import annotations

from dataclasses import replace

import pytest
from prompt_examples import BAD_IN_THE_GUIDE, GOOD_IN_THE_GUIDE, INNOCENT, OFFENCES

from lipwright.prompt.lint import errors, lint
from lipwright.prompt.phrases import phrases
from lipwright.prompt.rules import (
    FAST_SYLLABLES_PER_SECOND,
    FLAT_SEMITONES,
    SLOW_SYLLABLES_PER_SECOND,
    VOICED_SHARE,
    WIDE_SEMITONES,
    Heard,
)


@pytest.mark.parametrize("text", BAD_IN_THE_GUIDE)
def test_the_guides_bad_examples_are_refused(text: str) -> None:
    assert BAD_IN_THE_GUIDE[text] <= {finding.id for finding in errors(lint(text))}


@pytest.mark.parametrize("text", GOOD_IN_THE_GUIDE, ids=lambda text: text[:30])
def test_the_guides_good_examples_have_no_finding(text: str) -> None:
    assert lint(text) == ()


@pytest.mark.parametrize(("rule", "text", "words"), OFFENCES)
def test_an_offence_is_found_at_its_place(rule: str, text: str, words: str) -> None:
    found = {
        text[finding.where["start"] : finding.where["end"]]
        for finding in lint(text)
        if (finding.id, finding.severity) == (rule, "error")
    }
    assert words in found


@pytest.mark.parametrize("text", INNOCENT)
def test_what_only_looks_like_an_offence_is_left_alone(text: str) -> None:
    assert lint(text) == ()


@pytest.mark.parametrize(
    ("text", "rule", "severity"),
    [
        ("portrait of two women", "several-people", "warning"),
        ("woman's face before a cluttered desk", "clutter", "hint"),
        ("a man seen from behind", "no-face", "warning"),
        ("soft light on a wooden table", "no-face", "hint"),
    ],
)
def test_what_only_warns(text: str, rule: str, severity: str) -> None:
    assert (rule, severity) in [(finding.id, finding.severity) for finding in lint(text)]
    assert errors(lint(text)) == ()


def test_positions_survive_typographic_quotes_breaks_and_odd_capitals() -> None:
    text = "İstanbul,\n“Hello\u00a0there”; SHE NODS"
    places = {f.id: text[f.where["start"] : f.where["end"]] for f in errors(lint(text))}
    assert places == {"quoted-speech": "“Hello\u00a0there”", "motion": "NODS"}


def test_a_image_may_show_the_face_instead() -> None:
    assert [finding.id for finding in lint("soft light")] == ["no-face"]
    assert lint("soft light", has_image=True) == ()


def test_a_negative_prompt_needs_guidance() -> None:
    def rules(cfg: float | None, negative: str) -> list[str]:
        return [finding.id for finding in lint("a face", cfg=cfg, negative=negative)]

    assert rules(1, "blurry") == ["negative-at-cfg-1"]
    assert rules(1.5, "blurry") == rules(1, " ") == rules(None, "blurry") == []


def test_words_against_the_audio() -> None:
    usual = Heard(syllables_per_second=4.3, pitch_range_semitones=6, voiced_share=0.3)

    def words(text: str, **heard: float) -> list[str]:
        return [
            text[finding.where["start"] : finding.where["end"]]
            for finding in lint(text, audio=replace(usual, **heard))
            if finding.id == "against-the-sound"
        ]

    urgent, calm = "face, urgent expression", "calm face, calm blue background"
    assert words(urgent, syllables_per_second=SLOW_SYLLABLES_PER_SECOND - 0.1) == ["urgent"]
    assert words(urgent, syllables_per_second=SLOW_SYLLABLES_PER_SECOND) == []
    assert words(calm, syllables_per_second=FAST_SYLLABLES_PER_SECOND + 0.1) == [
        "calm"
    ]  # of the person alone
    assert words(calm, syllables_per_second=FAST_SYLLABLES_PER_SECOND) == []
    excited, flat = "face of an excited fan", "deadpan face, flat expression"
    assert words(excited, pitch_range_semitones=FLAT_SEMITONES - 0.1) == ["excited"]
    assert words(excited, pitch_range_semitones=FLAT_SEMITONES) == []
    assert words(flat, pitch_range_semitones=WIDE_SEMITONES + 0.1) == ["deadpan", "flat expression"]
    assert words(flat, pitch_range_semitones=WIDE_SEMITONES) == []
    assert words("whispering mouth", voiced_share=VOICED_SHARE + 0.1) == ["whispering"]
    assert words("whispering mouth", voiced_share=VOICED_SHARE) == []
    assert words("not calm at all", syllables_per_second=9) == []
    assert lint(urgent) == ()  # nothing was measured


def test_a_image_held_firmly_needs_somebody_who_talks() -> None:
    def rules(text: str, strength: float) -> list[str]:
        return [finding.id for finding in lint(text, image_strength=strength)]

    assert rules("woman's face", 1.0) == ["no-talking"]
    assert rules("woman's face", 0.6) == rules("woman's face, talking to camera", 1.0) == []


def test_the_notation_of_verbs() -> None:
    pattern = phrases("<nod>\n    <turn!> (left|\n        right)")
    seen = ["nods", "nodding", "nodded", "they nod", "nod", "turns left", "to turn right"]
    assert [text for text in seen if not pattern.search(text)] == []
    unseen = ["a nod", "turned left", "turns", "nods-off", "snods"]
    assert [text for text in unseen if pattern.search(text)] == []


def test_a_long_prompt_does_not_take_forever() -> None:
    text = "face, " + "a very " * 300 + "grey, " * 300
    assert len(errors(lint(text))) == 0
