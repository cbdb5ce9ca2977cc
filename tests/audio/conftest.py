"""Speech for tests: real readers, and a synthesizer that reports the times of its phones."""

from __future__ import annotations

import subprocess
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from lipwright.domain.media import Waveform
from lipwright.domain.time import Span

settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")

LIBRIVOX = Path("/usr/share/pocketsphinx/test/data/librivox")
"""Debian's pocketsphinx-testdata: real speech."""

SENTENCES = (
    "Please bring me the yellow umbrella.",
    "Bob and Pam bake big brown apple pies before breakfast.",
    "She sells sea shells by the sea shore.",
    "We measured seven thousand frames.",
    "How are you today?",
)


@dataclass(frozen=True)
class Spoken:
    """Speech, with the spans in which the mouth moves."""

    audio: Waveform
    words: tuple[Span, ...]
    """From the first phone after a pause to the last before the next."""


def read_wav(path: Path) -> Waveform:
    with wave.open(str(path)) as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        return Waveform((pcm.astype(np.float32) / 32768)[None], file.getframerate())


@pytest.fixture(scope="session")
def readers() -> list[Waveform]:
    """Five sentences of a real reader, 16 kHz."""
    sounds = [read_wav(path) for path in sorted(LIBRIVOX.glob("*.wav"))]
    assert len(sounds) == 5
    return sounds


@pytest.fixture(scope="session")
def dialogue(tmp_path_factory) -> Spoken:
    """Three voices, five sentences, pauses of 0.4 to 2.7 s, digitally silent; 16 kHz."""
    folder = tmp_path_factory.mktemp("flite")
    pieces, words, now = [], [], 0.0
    for i, sentence in enumerate(SENTENCES):
        path = folder / f"{i}.wav"
        voice = ("slt", "rms", "awb")[i % 3]
        phones = subprocess.run(
            ["flite", "-voice", voice, "-t", sentence, "-psdur", "-o", str(path)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split()
        start, spans = 0.0, []
        for name, end in (phone.split(":") for phone in phones):
            if name != "pau":
                if spans and spans[-1].end == start:
                    spans[-1] = Span(spans[-1].start, float(end))
                else:
                    spans.append(Span(start, float(end)))
            start = float(end)
        audio = read_wav(path)
        pause = 0.4 + 0.55 * i
        pieces += [audio.samples[0], np.zeros(round(pause * 16_000), np.float32)]
        words += [Span(now + span.start, now + span.end) for span in spans]
        now += audio.seconds + round(pause * 16_000) / 16_000
    return Spoken(Waveform(np.concatenate(pieces)[None], 16_000), tuple(words))


@pytest.fixture(scope="session")
def in_room():
    """Adds pink noise at a level below the speech, in dB."""

    def add(spoken: Spoken, snr_db: float, seed: int = 0) -> Waveform:
        samples, rate = spoken.audio.samples[0], spoken.audio.rate_hz
        loud = np.concatenate([samples[round(w.start * rate) : round(w.end * rate)] for w in spoken.words])
        spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(len(samples)))
        noise = np.fft.irfft(spectrum / np.sqrt(np.maximum(1, np.arange(len(spectrum)))), len(samples))
        noise *= loud.std() / noise.std() * 10 ** (-snr_db / 20)
        return Waveform((samples + noise).astype(np.float32)[None], rate)

    return add
