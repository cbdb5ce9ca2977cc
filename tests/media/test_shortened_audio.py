"""The recording with stretches left out: bit for bit what it was, in its own rate and depth."""

from __future__ import annotations

import errno
import wave
from fractions import Fraction

import numpy as np
import pytest
from tests.decoding import decode_audio

from lipwright.errors import InputError
from lipwright.media.audio_decoder import AudioDecoder
from lipwright.media.audio_writer import write_shortened


def write(path, rate_hz, channels, width, samples):
    data = np.random.default_rng(0).integers(0, 256, samples * channels * width, dtype=np.uint8)
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, width, rate_hz, 0, "NONE", ""))
        file.writeframes(data.tobytes())
    return data.reshape(samples, channels * width)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("channels", [1, 2])
def test_stretches_are_the_recordings_own(tmp_path, width, channels):
    rate_hz, samples = 8_000, 200_001
    given = write(tmp_path / "in.wav", rate_hz, channels, width, samples)
    kept = [
        (Fraction(0), Fraction(5)),
        (Fraction(9), Fraction(16)),
        (Fraction(20), Fraction(samples, rate_hz)),
    ]
    count = write_shortened(tmp_path / "in.wav", tmp_path / "out.wav", kept)
    assert count == (5 + 7 - 20) * rate_hz + samples
    with wave.open(str(tmp_path / "out.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (rate_hz, channels, width)
        ours = np.frombuffer(file.readframes(count + 1), np.uint8).reshape(-1, channels * width)
    assert len(ours) == count
    fade, at = rate_hz // 100, 0
    for number, (start, end) in enumerate(kept):
        a, b = round(start * rate_hz), round(end * rate_hz)
        inner = b - a - (fade if number < 2 else 0)
        assert np.array_equal(ours[at : at + inner], given[a : a + inner])
        at += b - a


def test_nothing_left_out_is_a_copy(tmp_path):
    given = write(tmp_path / "in.wav", 44_100, 2, 2, 100_000)
    assert write_shortened(tmp_path / "in.wav", tmp_path / "out.wav", []) == 100_000
    ours, _ = decode_audio(tmp_path / "out.wav")
    assert np.array_equal(ours.T.astype("<i2").reshape(-1), given.reshape(-1).view("<i2"))


def test_a_recording_that_cannot_be_read_on_is_not_a_failed_write(tmp_path, monkeypatch):
    write(tmp_path / "in.wav", 44_100, 1, 2, 300_000)
    whole = AudioDecoder._within_piece

    def failing(decoder):
        for block in whole(decoder):
            yield block
            if decoder.samples > 150_000:
                raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(AudioDecoder, "_within_piece", failing)
    with pytest.raises(InputError):
        write_shortened(tmp_path / "in.wav", tmp_path / "out.wav", [])
    assert not (tmp_path / "out.wav").exists()
