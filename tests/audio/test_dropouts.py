"""Holes in speech and fades over the last words are found; pauses, gates and proper fades are not."""

from __future__ import annotations

import subprocess
from itertools import pairwise

import numpy as np
import pytest
from benchmarks.made_videos import speak

from lipwright.audio.diagnosis import diagnose
from lipwright.audio.driver import to_driver_rate
from lipwright.audio.dropouts import find_dropouts, find_fade_out
from lipwright.audio.frame_features import frame_features
from lipwright.audio.source_stats import measure_source
from lipwright.audio.speech import find_speech
from lipwright.domain.media import Waveform
from lipwright.media.audio_reader import read_audio

RATE = 24_000


@pytest.fixture(scope="module")
def room(dialogue, in_room):
    """Two sentences in a room, ending with the last word."""
    audio = to_driver_rate(in_room(dialogue, 40))
    pauses = [a.end for a, b in pairwise(dialogue.words) if b.start - a.end > 0.35]
    return audio.samples[0, : round(pauses[1] * RATE) + 600]


def fade_of(samples):
    audio = Waveform(samples[None].astype(np.float32), RATE)
    return find_fade_out(frame_features(audio.samples[0], RATE, find_speech(audio)))


def test_holes_in_words_are_found(room, dialogue):
    samples, places = room.copy(), []
    for word in dialogue.words[:2]:
        middle = (word.start + word.end) / 2
        samples[round(middle * RATE) : round((middle + 0.3) * RATE)] = 0
        places.append(middle)
    audio = Waveform(samples[None], RATE)
    found = find_dropouts(audio)
    assert [span.start for span in found] == pytest.approx(places, abs=0.02)
    assert [span.end for span in found] == pytest.approx([at + 0.3 for at in places], abs=0.02)
    reported = diagnose(samples, RATE, find_speech(audio), measure_source(audio))
    assert reported.dropouts == found


def test_speech_without_a_room_has_no_holes(dialogue, readers):
    for audio in (dialogue.audio, *readers):
        assert find_dropouts(to_driver_rate(audio)) == ()


@pytest.mark.parametrize("voice", ["en", "de", "fr", "it"])
def test_closures_of_a_synthesized_voice_are_not_holes(voice, tmp_path):
    path = tmp_path / "tts.wav"
    text = "Good morning. Today we look at the weather, the traffic and a pocket book. Stop, take a break."
    subprocess.run(["espeak-ng", "-v", voice, "-w", str(path), text], check=True)
    audio = read_audio(path, rate_hz=48_000).waveform
    assert find_dropouts(audio) == ()
    louder = Waveform(audio.samples * 0.7 + 10 ** (-62 / 20) * noise_like(audio), 48_000)
    start = 48_000  # a hole in the middle of a word, in the same voice in a room
    louder.samples[:, start : start + 9_600] = 0
    assert len(find_dropouts(louder)) == 1


def test_quiet_pauses_of_a_neural_voice_do_not_hide_holes():
    """Its pauses hold noise of -90 dBFS, and it makes as many of them as a synthesizer makes closures."""
    text = (
        "Hop over the fence, and plunge in. Back to basics, a cup of tea, please. Mesh wire keeps chicks in."
    )
    ((audio, _),) = speak("joe", [text])
    samples = to_driver_rate(audio).samples.copy()
    assert find_dropouts(Waveform(samples, RATE)) == ()
    level = np.convolve(samples[0] ** 2, np.ones(RATE // 50), "same")
    hole = round(0.15 * RATE)
    loudness = np.minimum(level[:-hole], level[hole:])  # at both sides
    first = int(loudness.argmax())
    loudness[max(0, first - RATE) : first + RATE] = 0
    starts = sorted((first, int(loudness.argmax())))
    for start in starts:
        samples[0, start : start + hole] = 0
    found = find_dropouts(Waveform(samples, RATE))
    assert [span.start for span in found] == pytest.approx([start / RATE for start in starts], abs=0.02)


def noise_like(audio):
    return np.random.default_rng(0).standard_normal(audio.samples.shape).astype(np.float32)


def test_quiet_gaps_of_24_bits_are_not_holes(dialogue):
    """Between words lies noise of -95 dBFS, as in a very clean 24-bit recording."""
    speech = to_driver_rate(dialogue.audio).samples
    noise = np.random.default_rng(0).standard_normal(speech.shape) * 10 ** (-95 / 20)
    steps = np.rint((speech + noise) * 2**23) / 2**23
    assert find_dropouts(Waveform(steps.astype(np.float32), RATE)) == ()


@pytest.mark.parametrize("seconds", [2.5, 3.4])
@pytest.mark.parametrize("shape", [1, 0.5])
def test_a_fade_over_the_last_words_is_found(room, seconds, shape):
    length = round(seconds * RATE)
    samples = room.copy()
    samples[-length:] *= np.linspace(1, 0, length) ** shape
    found = fade_of(samples)
    assert found is not None
    assert found.end == pytest.approx(len(samples) / RATE, abs=0.02)
    assert len(samples) / RATE - seconds - 0.5 < found.start < found.end - 0.5


SHAPES = {"linear": lambda x: 1 - x, "equal power": lambda x: np.cos(x * np.pi / 2)}


@pytest.mark.parametrize(
    ("seconds", "shape"),
    [
        *((seconds, "linear") for seconds in (1.1, 1.25, 1.5, 2.0)),
        (1.75, "equal power"),
        (2.0, "equal power"),
    ],
)
def test_a_short_fade_is_found_where_the_room_fades_too(readers, seconds, shape):
    length = round(seconds * RATE)
    for audio in readers:
        whole = to_driver_rate(audio).samples[0]
        samples = whole[: round(find_speech(Waveform(whole[None], RATE))[-1].end * RATE)].copy()
        edge = samples.copy()
        samples[-length:] *= SHAPES[shape](np.linspace(0, 1, length))
        edge[-RATE // 5 :] *= np.linspace(1, 0, RATE // 5)
        assert fade_of(samples) is not None
        assert fade_of(edge) is None


def test_fade_after_the_last_word_is_not_reported(dialogue, in_room, readers):
    whole = to_driver_rate(in_room(dialogue, 40)).samples[0]
    faded = whole.copy()
    faded[-RATE:] *= np.linspace(1, 0, RATE)
    ends = [whole, faded, whole[: round(dialogue.words[-1].end * RATE) + 600]]
    ends += [to_driver_rate(audio).samples[0] for audio in readers]
    assert [fade_of(samples) for samples in ends] == [None] * len(ends)
