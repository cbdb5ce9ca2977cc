"""Music under speech: in step, ducked, as loud as asked, and no pumping."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soxr

from lipwright.pipeline.mix import mix_files

RATE = 48_000


def read(path: Path):
    with wave.open(str(path)) as file:
        raw = np.frombuffer(file.readframes(file.getnframes()), np.uint8)
        width, channels = file.getsampwidth(), file.getnchannels()
        whole = np.zeros((len(raw) // width, 4), np.uint8)
        whole[:, 4 - width :] = raw.reshape(-1, width)
        return (whole.view("<i4") / 2**31).reshape(-1, channels), file.getframerate()


def write(path: Path, samples, rate_hz: int) -> Path:
    pcm = (np.clip(samples, -1, 1) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setparams((1 if pcm.ndim == 1 else pcm.shape[1], 2, rate_hz, 0, "NONE", ""))
        file.writeframes(pcm.tobytes())
    return path


@pytest.fixture(scope="module")
def scene(long_voice, tmp_path_factory):
    """Words, six seconds of nothing, words; a chord in stereo at another rate."""
    folder = tmp_path_factory.mktemp("mix")
    speech, frame_rate = read(long_voice)
    speech = speech[:, 0]
    gap = np.zeros(6 * frame_rate)
    voice = np.concatenate([gap[: 2 * frame_rate], speech, gap, speech, gap[: 1000 + frame_rate]])
    t = np.arange(44_100 * 20) / 44_100
    chord = sum(np.sin(2 * np.pi * f * t) for f in (4000.0, 5000.0, 6300.0)) * 0.1
    return (
        write(folder / "voice.wav", voice, frame_rate),
        write(folder / "music.wav", np.stack([chord, chord], 1), 44_100),
        len(voice) / frame_rate,
        folder,
    )


def test_mix_is_ducked_and_as_loud_as_the_voice(scene):
    voice, music, seconds, folder = scene
    made = mix_files(voice, music, folder / "mix.wav")
    mix, frame_rate = read(folder / "mix.wav")
    assert frame_rate == RATE
    assert mix.shape == (round(seconds * RATE), 2)
    loud = pyloudnorm.Meter(RATE).integrated_loudness(mix)
    assert loud == pytest.approx(-16, abs=0.5)
    assert made.level.lufs == pytest.approx(loud, abs=0.2)
    fine = soxr.resample(mix, RATE, 8 * RATE, quality="VHQ")
    assert 20 * np.log10(np.abs(fine).max()) < -1  # true peak, by a finer measure than ours

    # The chord lies above the words of a 16 kHz reading at these lines: its level is the music's.
    def music_db(start: float, end: float) -> float:
        part = mix[round(start * RATE) : round(end * RATE), 0]
        n = np.arange(len(part))
        turn = np.hanning(len(part)) * np.exp(-2j * np.pi * 6300 / RATE * n)
        return 20 * np.log10(abs((part * turn).mean()))

    first, second = made.ducked
    free = music_db(first.end + 1, second.start - 0.5)
    under = music_db(first.start + 0.2, first.end - 0.2)
    assert free - under == pytest.approx(18, abs=2)
    # No pumping: within a stretch of speech the music keeps its level.
    steps = [music_db(first.start + i * 0.5, first.start + i * 0.5 + 1) for i in range(1, 9)]
    assert np.ptp(steps) < 4
    assert [f.id for f in made.findings] == (["music-short"] if seconds > 20 else [])

    # In step: the voice lies where it lay.
    given, given_rate = read(voice)
    theirs = soxr.resample(given[:, 0], given_rate, RATE)
    part = slice(round(first.start * RATE), round(first.end * RATE))
    cross = np.fft.irfft(np.fft.rfft(mix[part, 0], 1 << 20) * np.fft.rfft(theirs[part], 1 << 20).conj())
    assert int(cross.argmax()) == 0


def test_depth_of_ducking_is_as_requested(scene, cli):
    voice, music, _, folder = scene
    done = cli("mix", voice, music, "-o", folder / "deep.wav", "--duck", "-30", "--json")
    assert done.code == 0
    assert done.json["duck_db"] == -30
    assert cli("mix", voice, music, "-o", folder / "deep.wav", "--duck", "3").code == 2
    assert cli("mix", voice, music, "-o", voice).code == 2
    assert cli("mix", voice, folder / "none.wav", "-o", folder / "x.wav").code == 3
    assert not (folder / "x.wav").exists()
