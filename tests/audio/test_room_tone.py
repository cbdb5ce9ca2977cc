"""Padding sounds like the room: its level and color, no loop, no click, no words, never digital silence."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from lipwright.audio.noise_synthesis import room_tone
from lipwright.audio.speech import find_speech
from lipwright.domain.time import Span

RATE = 24_000


def room(seconds, level=0.003, seed=1):
    """Noise that falls 6 dB an octave above 300 Hz, and mains hum."""
    n = round(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(n))
    frequency = np.fft.rfftfreq(n, 1 / RATE)
    noise = np.fft.irfft(spectrum / np.maximum(1, frequency / 300), n)
    hum = np.sin(2 * np.pi * 100 / RATE * np.arange(n))
    return (level * (noise / noise.std() + hum)).astype(np.float32)


def bands_db(samples):
    """Power in seven octaves from 60 Hz."""
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2 / len(samples)
    frequency = np.fft.rfftfreq(len(samples), 1 / RATE)
    edges = 60 * 2 ** np.arange(8)
    return np.array(
        [10 * np.log10(power[(frequency >= a) & (frequency < b)].sum()) for a, b in itertools.pairwise(edges)]
    )


@pytest.fixture(scope="module")
def recording():
    """Ten seconds of room with two loud words in it."""
    samples = room(10)
    words = (Span(1.0, 4.0), Span(4.6, 8.0))
    for word in words:
        at = slice(round(word.start * RATE), round(word.end * RATE))
        samples[at] += 0.3 * np.sin(2 * np.pi * 180 / RATE * np.arange(at.stop - at.start))
    return samples, words


def test_tone_has_the_level_and_color_of_the_room(recording):
    samples, words = recording
    tone, recorded = room_tone(samples, RATE, words, 5 * RATE, seed=0)
    assert recorded
    assert np.abs(bands_db(tone) - bands_db(room(5, seed=9))).max() < 3
    assert 20 * np.log10(tone.std() / room(5).std()) == pytest.approx(0, abs=1.5)


def test_tone_is_steady(recording):
    """No pulse where frames meet: the level of any 50 ms stays near the mean."""
    tone, _ = room_tone(*_arguments(recording), 10 * RATE, seed=0)
    levels = 20 * np.log10(tone.reshape(-1, RATE // 20).std(1))
    assert np.ptp(levels) < 8
    reference = 20 * np.log10(room(10, seed=5).reshape(-1, RATE // 20).std(1))
    assert np.ptp(levels) < np.ptp(reference) + 4


def test_tone_is_not_a_loop(recording):
    tone, _ = room_tone(*_arguments(recording), 10 * RATE, seed=0)
    spectrum = np.abs(np.fft.rfft(tone, 2 * len(tone))) ** 2
    # Without the hum and its neighbors, which repeat by nature.
    spectrum[: round(400 / RATE * 2 * len(tone))] = 0
    echo = np.fft.irfft(spectrum)[: len(tone)]
    assert np.abs(echo[RATE // 10 :]).max() < 0.1 * echo[0]


def test_the_seed_decides_the_tone(recording):
    first, again, other = (room_tone(*_arguments(recording), RATE, seed=seed)[0] for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_tone_has_no_words(readers):
    samples = readers[0].samples[0]
    speech = find_speech(readers[0])
    tone, recorded = room_tone(samples, 16_000, speech, 16_000, seed=0)
    assert recorded
    spoken = np.concatenate([samples[round(s.start * 16_000) : round(s.end * 16_000)] for s in speech])
    assert tone.std() < 0.1 * spoken.std()
    quiet = samples[: len(samples) // 1600 * 1600].reshape(-1, 1600).std(1).min()
    assert quiet / 2 < tone.std() < 2 * quiet


@pytest.mark.parametrize("case", ["digital silence around words", "words all through"])
def test_without_recorded_quiet_there_is_faint_noise(case):
    samples = np.zeros(3 * RATE, np.float32)
    word = Span(1.0, 2.0) if "silence" in case else Span(0.0, 3.0)
    at = slice(round(word.start * RATE), round(word.end * RATE))
    samples[at] = 0.5 * np.sin(np.arange(at.stop - at.start) * 0.05)
    tone, recorded = room_tone(samples, RATE, [word], RATE, seed=0)
    assert not recorded
    assert -75 < 20 * np.log10(tone.std()) < -55
    assert (np.abs(tone) < 1e-6).mean() < 0.02


@pytest.mark.parametrize("length", [0, 1, 2, 239, 240, 241, 100_000])
@pytest.mark.parametrize("source", [1, 100, 2400, 30_000])
def test_any_length_from_any_length(length, source):
    tone, _ = room_tone(room(source / RATE + 1)[:source], RATE, [], length, seed=0)
    assert tone.shape == (length,)
    assert np.isfinite(tone).all()


def _arguments(recording):
    samples, words = recording
    return samples, RATE, words
