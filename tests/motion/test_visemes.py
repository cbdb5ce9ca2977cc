"""The rule from phones to motion: every phone has a mouth, and the mouth is in time."""

from __future__ import annotations

import subprocess
import unicodedata

import numpy as np
import pytest
from training.held_out import to_arpabet

from lipwright.domain.motion import CHANNEL, LEARNED_CHANNELS, MOUTH
from lipwright.motion.visemes import (
    LEAD_SECONDS,
    VISEMES,
    Phone,
    arpabet_visemes,
    ipa_visemes,
    mouth_curves,
    sample_curves,
)

LANGUAGES = """
    en-us en en-gb-x-rp en-gb-x-gbclan en-gb-x-gbcwmd en-gb-scotland en-029 en-us-nyc
    de fr es it pt-br nl pl sv ru fi cs tr da nb hu ro el hr hi ar ja cmn ko uk
"""
"""All that the training speaks, and a few that users will."""

NUMBERS_AND_LETTERS = (
    "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 30 40 50 60 70 80 90 100 1000 1000000. "
    "a b c d e f g h i j k l m n o p q r s t u v w x y z"
)
"""Every language reads these aloud in its own words."""

NEUTRAL_VOWELS = set("əʌɘᵊɐ")
"""The only sounds whose mouth is the one that unknown symbols are given too."""


def letters(phones: str) -> set[str]:
    """The letters in a string of IPA; stress, length, tones and other marks are none."""
    return {c for c in unicodedata.normalize("NFD", phones) if unicodedata.category(c) in ("Ll", "Lu", "Lo")}


def unknown(symbols: set[str]) -> set[str]:
    return {c for c in symbols if ipa_visemes(c) == ("@",) and c not in NEUTRAL_VOWELS}


@pytest.mark.parametrize("language", LANGUAGES.split())
def test_every_phone_of_espeak_has_a_viseme(language: str) -> None:
    command = ["espeak-ng", "-q", "-v", language, "--ipa", NUMBERS_AND_LETTERS]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    # Where a number's name is in another language, espeak says so: (en)...(de).
    spoken = letters("".join(part.rpartition(")")[2] for part in said.split("(")))
    assert len(spoken) > 12
    assert unknown(spoken) == set()


def test_every_phone_of_hibari_has_a_viseme() -> None:
    import hibari

    pangrams = (
        "The quick brown fox jumps over the lazy dog. A mad boxer shot a quick, gloved jab to the jaw. "
        "Joy, pure air, and oil: the vision of those thick things, here and there, how we hear you. "
        "A butterfly's little bottle. Uh oh! Genre, loch, rouge."
    )
    spoken = letters("".join(hibari.Hibari().phonemize(pangrams)))
    assert len(spoken) > 30
    assert unknown(spoken) == set()


def test_every_phone_of_the_aligner_has_a_viseme() -> None:
    cmu = (
        "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH"
    )
    assert len(cmu.split()) == 39
    neutral = [phone for phone in cmu.split() if arpabet_visemes(phone) == ("@",)]
    assert neutral == ["AH"]
    assert arpabet_visemes("AA1") == arpabet_visemes("AA")
    assert arpabet_visemes("SIL") == arpabet_visemes("pau") == ("rest",)


BOTH_SPELL = "p b m f v θ ð s z ʃ ʒ tʃ dʒ k ɡ ŋ l w j h iː ɪ ɛ æ uː ʊ aɪ aʊ oʊ ɔɪ eɪ"


@pytest.mark.parametrize("ipa", BOTH_SPELL.split())
def test_both_alphabets_mean_the_same_visemes(ipa: str) -> None:
    (arpabet,) = to_arpabet(ipa)
    assert ipa_visemes(ipa) == arpabet_visemes(arpabet)


@pytest.mark.parametrize("phone", ["p", "b", "m", "pʰ", "mˈ"])
def test_stress_marks_change_nothing(phone: str) -> None:
    assert ipa_visemes(phone) == ("mbp",)


def test_a_diphthong_passes_through_two_visemes() -> None:
    phones = [Phone(0.2, 0.6, "aʊ")]
    curves = mouth_curves(phones, 1.0, ipa_visemes)
    jaw, round_ = curves[:, CHANNEL["jawOpen"]], curves[:, CHANNEL["mouthPucker"]]
    assert jaw.argmax() < 40 < round_.argmax() + 3


def test_lips_lead_the_audio() -> None:
    curves = mouth_curves([Phone(0.40, 0.60, "ɑ")], 1.0, ipa_visemes)
    jaw = curves[:, CHANNEL["jawOpen"]].astype(float)
    middle = float((jaw * np.arange(len(jaw))).sum() / jaw.sum()) / 100
    assert middle == pytest.approx(0.5 - LEAD_SECONDS, abs=0.006)
    assert 0.02 <= LEAD_SECONDS <= 0.06


@pytest.mark.parametrize("consonant", ["p", "b", "m"])
def test_lips_close_between_open_vowels(consonant: str) -> None:
    phones = [Phone(0.1, 0.4, "ɑ"), Phone(0.4, 0.48, consonant), Phone(0.48, 0.8, "ɑ")]
    curves = mouth_curves(phones, 1.0, ipa_visemes)
    at = round((0.44 - LEAD_SECONDS) * 100)
    assert curves[at, CHANNEL["mouthPress"]] > 0.8
    assert curves[at, CHANNEL["jawOpen"]] < 0.1
    assert curves[[22, 60], CHANNEL["jawOpen"]].min() > 0.9
    assert curves[[22, 60], CHANNEL["mouthPress"]].max() < 0.02


def test_lips_rest_in_silence() -> None:
    phones = [Phone(0.0, 0.3, "ɑ"), Phone(0.3, 0.9, ""), Phone(1.5, 1.8, "iː")]
    curves = mouth_curves(phones, 2.4, ipa_visemes)
    assert np.abs(curves[50:120]).max() < 1e-3  # silence said, then silence left out
    assert np.abs(curves[200:]).max() < 1e-3


def test_shape_and_range() -> None:
    phones = [Phone(i * 0.1, i * 0.1 + 0.1, name) for i, name in enumerate("pɑtʃiːfuθoʊlwə")]
    curves = mouth_curves(phones, 1.234, ipa_visemes)
    assert curves.shape == (124, len(LEARNED_CHANNELS))
    targets = np.array(list(VISEMES.values()))
    assert targets.shape[1] == len(MOUTH)
    assert (curves[:, list(MOUTH)] >= targets.min(0) - 1e-6).all()
    assert (curves[:, list(MOUTH)] <= targets.max(0) + 1e-6).all()
    assert not curves[:, len(MOUTH) :].any()


def test_curves_are_read_between_their_rows() -> None:
    curves = np.array([[0, 4], [1, 2], [3, 0]], np.float32)
    read = sample_curves(curves, [0.0, 0.01, 0.015, 0.02, -1.0, 5.0])
    assert np.allclose(read, [[0, 4], [1, 2], [2, 1], [3, 0], [0, 4], [3, 0]])
