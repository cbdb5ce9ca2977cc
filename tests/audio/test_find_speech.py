"""Speech spans against the synthesizer's own phones, from clean down to 0 dB, at any level and rate."""

from __future__ import annotations

import numpy as np
import pytest
import soxr

from lipwright.audio.speech import _to_spans, find_silences, find_speech
from lipwright.domain.media import Waveform
from lipwright.domain.time import Span

FRAME_S = 0.01


def marks(spans, seconds, close_s=0.0):
    """10 ms frames with speech; gaps up to close_s count as speech."""
    times = (np.arange(int(seconds / FRAME_S)) + 0.5) * FRAME_S
    found = np.zeros(len(times), bool)
    for before, span in zip((None, *spans), spans, strict=False):
        start = before.end if before and span.start - before.end < close_s else span.start
        found |= (times >= start) & (times < span.end)
    return found


def accuracy(audio, words):
    truth = marks(words, audio.seconds, close_s=0.2)
    return (marks(find_speech(audio), audio.seconds) == truth).mean()


def test_clean_speech(dialogue):
    assert accuracy(dialogue.audio, dialogue.words) >= 0.93


@pytest.mark.parametrize(("snr_db", "floor"), [(20, 0.93), (10, 0.92), (5, 0.91), (0, 0.90)])
def test_speech_in_noise(dialogue, in_room, snr_db, floor):
    assert accuracy(in_room(dialogue, snr_db), dialogue.words) >= floor


def test_speech_cut_off_by_the_end_of_the_file_lasts_to_it(readers):
    audio = Waveform(readers[0].samples[:, : 16_000 * 5 // 2 + 123], 16_000)
    assert find_speech(audio)[-1].end == audio.seconds


def test_no_word_is_lost_or_cut_short(dialogue):
    found = find_speech(dialogue.audio)
    truth = marks(dialogue.words, dialogue.audio.seconds)
    missed = truth & ~marks(found, dialogue.audio.seconds)
    assert missed.sum() <= 0.01 * truth.sum()
    assert found[-1].end >= dialogue.words[-1].end - 0.05
    assert found[-1].end <= dialogue.words[-1].end + 0.2


@pytest.mark.parametrize("gain_db", [-45, -20, 10])
def test_a_whisper_is_found_like_a_shout(dialogue, in_room, gain_db):
    audio = in_room(dialogue, 20)
    other = Waveform(audio.samples * np.float32(10 ** (gain_db / 20)), audio.rate_hz)
    expected, found = find_speech(audio), find_speech(other)
    assert len(found) == len(expected)
    assert np.allclose([[s.start, s.end] for s in found], [[s.start, s.end] for s in expected], atol=0.033)


def test_a_loud_click_hides_nothing(dialogue, in_room):
    quiet = in_room(dialogue, 20).samples * np.float32(0.003)
    quiet[0, 1000:1016] = 1
    assert accuracy(Waveform(quiet, 16_000), dialogue.words) >= 0.92


@pytest.mark.parametrize("rate_hz", [8_000, 24_000, 44_100, 192_000])
def test_any_rate_gives_the_same_instants(dialogue, rate_hz):
    resampled = soxr.resample(dialogue.audio.samples[0], 16_000, rate_hz)
    assert accuracy(Waveform(resampled[None], rate_hz), dialogue.words) >= 0.92


def test_channels_are_mixed_for_detection(dialogue):
    stereo = np.concatenate([dialogue.audio.samples, np.zeros_like(dialogue.audio.samples)])
    assert accuracy(Waveform(stereo, 16_000), dialogue.words) >= 0.93
    inverted = np.concatenate([dialogue.audio.samples, -dialogue.audio.samples])
    assert accuracy(Waveform(inverted, 16_000), dialogue.words) >= 0.93


def test_real_readers_begin_and_end_with_a_pause(readers):
    """Each clip is one sentence: energy tells where it begins and ends, to a frame of the detector."""
    for audio in readers:
        found = find_speech(audio)
        frames = audio.samples[0, : audio.samples.shape[1] // 160 * 160].reshape(-1, 160)
        loud = np.flatnonzero(20 * np.log10(frames.std(1) + 1e-9) > 20 * np.log10(frames.std()) - 15)
        assert found[0].start <= loud[0] * 0.01 + 0.032
        assert found[-1].end >= loud[-1] * 0.01 - 0.032
        assert found[0].start >= loud[0] * 0.01 - 0.35
        assert found[-1].end <= loud[-1] * 0.01 + 0.35


@pytest.mark.parametrize("kind", ["silence", "white", "hum", "clicks", "nothing"])
def test_sounds_that_are_not_speech(kind):
    rng = np.random.default_rng(3)
    n = 16_000 * 8
    samples = {
        "silence": np.zeros(n),
        "white": 0.1 * rng.standard_normal(n),
        "hum": 0.3 * np.sin(2 * np.pi * 50 / 16_000 * np.arange(n)) + 0.001 * rng.standard_normal(n),
        "clicks": np.where(np.arange(n) % 7001 < 8, 0.8, 0.001 * rng.standard_normal(n)),
        "nothing": np.zeros(0),
    }[kind]
    assert find_speech(Waveform(samples.astype(np.float32)[None], 16_000)) == ()


def test_spans_are_in_order_and_apart(dialogue, in_room):
    audio = in_room(dialogue, 0)
    found = find_speech(audio)
    edges = [edge for span in found for edge in (span.start, span.end)]
    assert edges == sorted(edges)
    assert edges[0] >= 0
    assert edges[-1] <= audio.seconds
    assert len(found) >= 3


def test_a_murmur_before_a_word_is_not_its_beginning():
    """Doubtful frames count only right before a sure one, and not after it has let go."""
    doubtful, sure, silent = [0.4] * 60, [0.9] * 30, [0.0] * 20
    (span,) = _to_spans(np.array(doubtful + sure + silent + doubtful, np.float32), 170 * 0.032)
    assert 50 * 0.032 < span.start < 60 * 0.032
    assert 89 * 0.032 <= span.end <= 91 * 0.032


def test_silences_are_the_rest():
    speech = (Span(0.5, 1.0), Span(1.2, 4.0))
    assert find_silences(speech, 7.0, 0.4) == (Span(0.0, 0.5), Span(4.0, 7.0))
    assert find_silences((), 3.0, 2.0) == (Span(0.0, 3.0),)
    assert find_silences((Span(0.0, 3.0),), 3.0, 0.0) == ()
