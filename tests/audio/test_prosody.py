"""Pace against counted syllables, pitch against known tones, and nothing against the level."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soxr

from lipwright.audio.prosody import MAX_SPEECH_S, RATE_HZ, measure_prosody
from lipwright.audio.speech import find_speech
from lipwright.domain.media import Waveform
from lipwright.domain.prosody import Prosody
from lipwright.domain.time import Span
from lipwright.media.audio_reader import read_audio

LIBRIVOX = Path("/usr/share/pocketsphinx/test/data/librivox")
SAID = (
    "The old man put his hat on the table and looked out at the gray water. Nobody had told him about "
    "the letter, and he was not going to ask. My brother lives in a small apartment above the bakery."
)


def syllables(text: str) -> int:
    """Vowels and diphthongs in espeak-ng's transcription."""
    ipa = subprocess.run(
        ["espeak-ng", "-q", "--ipa", "-v", "en-us", text], capture_output=True, text=True, check=True
    ).stdout
    return len(re.findall(r"[aeiouæɐɑɒɔəɚɛɜɝɪʊʌᵻ]+[ːɪʊə]*|[lnm]̩", ipa))


def read_speech(path: Path) -> tuple[Waveform, tuple[Span, ...]]:
    audio = read_audio(path, rate_hz=24_000).waveform
    return audio, find_speech(audio)


@pytest.mark.parametrize("words_per_minute", [110, 160, 230])
@pytest.mark.parametrize("voice", ["en-us", "en-us+f3"])
def test_pace_of_a_synthesizer_at_any_speed(tmp_path: Path, voice: str, words_per_minute: int) -> None:
    path = tmp_path / "said.wav"
    subprocess.run(["espeak-ng", "-v", voice, "-s", str(words_per_minute), "-w", str(path), SAID], check=True)
    audio, speech = read_speech(path)
    truth = syllables(SAID) / sum(span.seconds for span in speech)
    found = measure_prosody(audio, speech)
    assert found.syllables_per_second == pytest.approx(truth, rel=0.12)
    assert (150 < found.pitch_hz < 300) == ("f3" in voice)


def test_pace_of_a_reader() -> None:
    counted, measured = 0, 0.0
    for said, name in re.findall(r"<s> (.*) </s> \((\S+)\)", (LIBRIVOX / "transcription").read_text()):
        audio, speech = read_speech(LIBRIVOX / f"{name}.wav")
        found = measure_prosody(audio, speech)
        assert found.voiced_share > 0.6
        assert found.syllables_per_second * found.speech_seconds == pytest.approx(syllables(said), rel=0.25)
        counted += syllables(said)
        measured += found.syllables_per_second * found.speech_seconds
    assert counted > 80
    assert measured == pytest.approx(counted, rel=0.12)


def hummed(hertz: np.ndarray) -> Waveform:
    """A voice-like tone: ten harmonics that fall by 9 dB an octave."""
    phase = 2 * np.pi * np.cumsum(hertz) / RATE_HZ
    tone = sum(np.sin(k * phase) / k**1.5 for k in range(1, 11))
    return Waveform((0.1 * tone)[None].astype(np.float32), RATE_HZ)


@pytest.mark.parametrize("hertz", [80.0, 120.0, 210.0, 330.0])
def test_pitch_of_a_tone(hertz: float) -> None:
    found = measure_prosody(hummed(np.full(2 * RATE_HZ, hertz)), (Span(0, 2),))
    assert found.pitch_hz == pytest.approx(hertz, rel=0.02)
    assert found.pitch_range_semitones < 0.5
    assert found.voiced_share > 0.95


@pytest.mark.parametrize("semitones", [4, 8])
def test_range_of_a_glide(semitones: float) -> None:
    glide = 120 * 2 ** (np.linspace(0, semitones, 3 * RATE_HZ) / 12)
    found = measure_prosody(hummed(glide), (Span(0, 3),))
    assert found.pitch_range_semitones == pytest.approx(0.8 * semitones, abs=0.4)  # 10th to 90th percentile


def numbers(found: Prosody) -> list[float]:
    return [found.syllables_per_second, found.pitch_hz, found.pitch_range_semitones, found.effort_db]


def test_level_rate_and_channels_do_not_matter(long_voice: Path) -> None:
    audio, speech = read_speech(long_voice)
    usual = measure_prosody(audio, speech)
    quiet = measure_prosody(Waveform(audio.samples * np.float32(0.01), audio.rate_hz), speech)
    assert numbers(quiet) == pytest.approx(numbers(usual), rel=0.02)
    wide = soxr.resample(audio.mono, audio.rate_hz, 44_100)
    stereo = measure_prosody(Waveform(np.stack([wide, wide]), 44_100), speech)
    assert numbers(stereo) == pytest.approx(numbers(usual), rel=0.1)


def test_a_raised_voice_has_more_effort(long_voice: Path) -> None:
    audio, speech = read_speech(long_voice)
    spectrum = np.fft.rfft(audio.mono)
    hertz = np.fft.rfftfreq(len(audio.mono), 1 / audio.rate_hz)
    raised = np.fft.irfft(spectrum * np.where(hertz > 1000, 2, 1), len(audio.mono)).astype(np.float32)
    gained = measure_prosody(Waveform(raised[None], audio.rate_hz), speech).effort_db
    assert gained - measure_prosody(audio, speech).effort_db == pytest.approx(6, abs=0.5)


def test_a_whisper_has_no_voice(long_voice: Path) -> None:
    """The same spectrum over time, with noise where the vocal cords were."""
    audio, speech = read_speech(long_voice)
    rng = np.random.default_rng(1)
    size, hop = 512, 128
    window = np.hanning(size)
    out = np.zeros(len(audio.mono) + size)
    for start in range(0, len(audio.mono) - size, hop):
        magnitude = np.abs(np.fft.rfft(audio.mono[start : start + size] * window))
        smooth = np.convolve(magnitude, np.ones(15) / 15, mode="same")  # the harmonics go
        phase = np.exp(2j * np.pi * rng.random(len(smooth)))
        out[start : start + size] += np.fft.irfft(smooth * phase, size) * window
    whispered = measure_prosody(Waveform(out[None].astype(np.float32), audio.rate_hz), speech)
    assert whispered.voiced_share < 0.3 < measure_prosody(audio, speech).voiced_share


def test_too_little_speech_has_no_prosody(voice: Path) -> None:
    audio, _ = read_speech(voice)
    assert measure_prosody(audio, ()) is None
    assert measure_prosody(audio, (Span(0.2, 0.9),)) is None
    assert measure_prosody(audio, (Span(0.2, 0.5), Span(0.6, 0.61), Span(1.9, 50))) is None


def test_long_speech_is_measured_in_part() -> None:
    tone = hummed(np.full(RATE_HZ * 62, 120.0))
    found = measure_prosody(tone, (Span(0, 30), Span(30.5, 62)))
    assert found.speech_seconds == pytest.approx(MAX_SPEECH_S, abs=0.1)
