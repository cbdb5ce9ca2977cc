"""What the lint finds, what it leaves alone, and where."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from prompt_examples import BAD_IN_THE_GUIDE, GOOD_IN_THE_GUIDE, INNOCENT, OFFENSES

from lipwright.prompt.lint import errors, lint


@dataclass(frozen=True)
class Measured:
    """A prosody."""

    syllables_per_second: float = 4.3
    pitch_range_semitones: float = 6.0
    voiced_share: float = 0.3
    effort_db: float = -12.0


@pytest.mark.parametrize("text", BAD_IN_THE_GUIDE)
def test_the_guides_bad_examples_have_errors(text: str) -> None:
    assert BAD_IN_THE_GUIDE[text] <= {finding.id for finding in errors(lint(text))}


@pytest.mark.parametrize("text", GOOD_IN_THE_GUIDE, ids=lambda text: text[:30])
def test_the_guides_good_examples_have_no_finding(text: str) -> None:
    assert lint(text) == ()


@pytest.mark.parametrize(("rule", "text", "words"), OFFENSES)
def test_an_offense_is_found_at_its_place(rule: str, text: str, words: str) -> None:
    found = [
        text[finding.where["start"] : finding.where["end"]]
        for finding in lint(text)
        if (finding.id, finding.severity) == (rule, "error")
    ]
    assert any(words in place for place in found), found


@pytest.mark.parametrize("text", INNOCENT)
def test_harmless_phrases_are_not_reported(text: str) -> None:
    assert lint(text) == ()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("portrait of two women", "prompt-several-people"),
        ("a judge's face, her clerk beside her", "prompt-several-people"),
        ("woman's face before a cluttered desk", "clutter"),
        ("man's face, a room crammed with boxes", "clutter"),
        ("a man seen from behind", "prompt-no-face"),
        ("soft light on a wooden table", "prompt-no-face"),
    ],
)
def test_warnings_are_not_errors(text: str, rule: str) -> None:
    assert (rule, "warning") in [(finding.id, finding.severity) for finding in lint(text)]
    assert errors(lint(text)) == ()


def test_positions_survive_typographic_quotes_breaks_and_odd_capitals() -> None:
    text = "İstanbul,\n“Hello\u00a0there”; SHE NODS"
    places = {f.id: text[f.where["start"] : f.where["end"]] for f in errors(lint(text))}
    assert places == {"quoted-speech": "“Hello\u00a0there”", "motion": "NODS"}


def test_an_image_may_show_the_face_instead() -> None:
    assert [finding.id for finding in lint("soft light")] == ["prompt-no-face"]
    assert lint("soft light", has_image=True) == ()


def test_a_negative_prompt_needs_guidance() -> None:
    def rules(cfg: float | None, negative: str) -> list[str]:
        return [finding.id for finding in lint("a face", cfg=cfg, negative=negative)]

    assert rules(1, "blurry") == ["negative-at-cfg-1"]
    assert rules(1.5, "blurry") == rules(1, " ") == rules(None, "blurry") == []


@pytest.mark.parametrize(
    ("text", "measure", "clashes", "fits", "words"),
    [
        # lectures have 3.2 syllables a second, conversation 4.3
        ("face, urgent expression", "syllables_per_second", 3.1, 3.3, ["urgent"]),
        (
            "calm face, calm blue background",
            "syllables_per_second",
            5.4,
            5.2,
            ["calm"],
        ),  # of the person alone
        ("face of an excited fan", "pitch_range_semitones", 2.9, 3.1, ["excited"]),
        ("deadpan face, flat expression", "pitch_range_semitones", 9.1, 8.9, ["deadpan", "flat expression"]),
        ("whispering mouth", "voiced_share", 0.6, 0.4, ["whispering"]),
        ("face, not calm at all", "syllables_per_second", 9.0, 4.3, []),
    ],
)
def test_words_against_the_recording_are_found(
    text: str, measure: str, clashes: float, fits: float, words: list[str]
) -> None:
    def found(value: float) -> list[str]:
        heard = replace(Measured(), **{measure: value})
        return [
            text[finding.where["start"] : finding.where["end"]]
            for finding in lint(text, prosody=heard)
            if finding.id == "against-the-audio"
        ]

    assert found(clashes) == words
    assert found(fits) == []
    assert "against-the-audio" not in {finding.id for finding in lint(text)}  # nothing was measured


def test_high_image_strength_needs_a_talking_prompt() -> None:
    def rules(text: str, strength: float) -> list[str]:
        return [finding.id for finding in lint(text, image_strength=strength)]

    assert rules("woman's face", 1.0) == ["no-talking"]
    assert rules("woman's face", 0.6) == rules("woman's face, talking to camera", 1.0) == []


def test_negated_movement_is_not_reported() -> None:
    assert errors(lint("no sudden or large camera movement, face")) == ()
    assert errors(lint("face, she never stops nodding")) != ()


def test_one_offense_is_reported_once() -> None:
    assert [finding.id for finding in lint("a bald man strokes his chin")] == ["gesture"]
