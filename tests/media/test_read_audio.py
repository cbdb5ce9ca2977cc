"""Any recording becomes one mono waveform that begins where the recording begins."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from lipwright.domain.media import mixdown_weights
from lipwright.media.audio_reader import probe_audio, read_audio

CODECS = [
    # file name, encoder, source rate, lossy, samples that the container cannot trim at the end
    ("a.wav", "pcm_s16le", 44_100, False, 0),
    ("a24.wav", "pcm_s24le", 96_000, False, 0),
    ("a32f.wav", "pcm_f32le", 48_000, False, 0),
    ("a64f.wav", "pcm_f64le", 22_050, False, 0),
    ("au8.wav", "pcm_u8", 16_000, False, 0),
    ("amulaw.wav", "pcm_mulaw", 8_000, True, 0),
    ("a.aiff", "pcm_s16be", 44_100, False, 0),
    ("a.flac", "flac", 44_100, False, 0),
    ("a.mp3", "libmp3lame", 44_100, True, 0),
    ("a.m4a", "aac", 44_100, True, 0),
    ("alac.m4a", "alac", 48_000, False, 0),
    ("a.caf", "alac", 44_100, False, 0),
    ("a.opus", "libopus", 48_000, True, 0),
    ("a.webm", "libopus", 48_000, True, 0),
    ("a.mov", "aac", 32_000, True, 0),
    ("a.mkv", "aac", 44_100, True, 1024),
    ("amp3.mkv", "libmp3lame", 48_000, True, 0),
    ("ac3.mkv", "ac3", 48_000, True, 1536),
    ("a.wv", "wavpack", 44_100, False, 0),
]


def pulse_train(rate_hz: int, seconds: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    """Band-limited pulses at odd places, which keep their instant through any rate and codec."""
    instants = np.array([0.3101, 0.9507, 1.6133])
    t = np.arange(int(rate_hz * seconds)) / rate_hz
    pulses = sum(np.exp(-0.5 * ((t - at) / 0.0008) ** 2) for at in instants)
    return (0.7 * pulses).astype(np.float32), instants


def centers(samples: np.ndarray, rate_hz: int, instants: np.ndarray) -> np.ndarray:
    """Where the pulses are found: centers of gravity of their energy, in seconds."""
    found = []
    for at in instants:
        lo, hi = int((at - 0.01) * rate_hz), int((at + 0.01) * rate_hz)
        energy = samples[lo:hi].astype(np.float64) ** 2
        energy[energy < energy.max() / 100] = 0
        found.append((np.arange(lo, hi) * energy).sum() / energy.sum() / rate_hz)
    return np.array(found)


@pytest.mark.parametrize("case", CODECS, ids=[case[0] for case in CODECS])
def test_a_pulse_stays_where_it_was(tmp_path, encode, case):
    name, codec, rate_hz, lossy, slack = case
    pulses, instants = pulse_train(rate_hz)
    audio = read_audio(encode(tmp_path / name, codec, pulses, rate_hz), rate_hz=24_000)
    samples = audio.waveform.samples[0]
    worst = np.abs(centers(samples, 24_000, instants) - instants).max()
    assert worst * 24_000 < 0.6  # libopus itself is one sample of 48 kHz early
    assert 0 <= audio.format.samples - len(pulses) <= slack
    assert len(samples) == (audio.format.samples * 24_000 * 2 // rate_hz + 1) // 2
    assert audio.format.lossy == lossy
    assert audio.format.sample_rate_hz == rate_hz


DEPTHS = [
    ("a.wav", "pcm_s16le", 16),
    ("b.wav", "pcm_s24le", 24),
    ("c.wav", "pcm_s32le", 32),
    ("d.wav", "pcm_f32le", 32),
    ("e.wav", "pcm_u8", 8),
    ("a.flac", "flac", 16),
    ("a.m4a", "alac", 24),
    ("a.mp3", "libmp3lame", None),
]


@pytest.mark.parametrize("case", DEPTHS, ids=[case[0] for case in DEPTHS])
def test_depth_and_length_are_reported(tmp_path, encode, speech, case):
    name, codec, bits = case
    format_ = probe_audio(encode(tmp_path / name, codec, speech))
    assert format_.bits == bits
    assert format_.seconds == Fraction(len(speech), 48_000)
    assert format_.codec == {"libmp3lame": "mp3"}.get(codec, codec)


def test_speech_survives_decoding_and_resampling(tmp_path, encode, speech):
    import soxr

    audio = read_audio(encode(tmp_path / "a.wav", "pcm_s24le", speech), rate_hz=24_000)
    expected = soxr.resample(speech, 48_000, 24_000)
    assert np.abs(audio.waveform.samples[0] - expected).max() < 1e-4


def test_wrong_suffix_is_ignored(tmp_path, encode, speech):
    path = encode(tmp_path / "a.wav", "pcm_s16le", speech).rename(tmp_path / "photo.mp3")
    assert read_audio(path, rate_hz=16_000).format.codec == "pcm_s16le"


def test_a_name_that_looks_like_a_protocol_is_a_file(tmp_path, encode, speech, monkeypatch):
    encode(tmp_path / "a.wav", "pcm_s16le", speech).rename(tmp_path / "concat:take 1, %03d.wav")
    monkeypatch.chdir(tmp_path)
    from pathlib import Path

    assert read_audio(Path("concat:take 1, %03d.wav"), rate_hz=16_000).format.samples == len(speech)


@pytest.mark.parametrize("codec", ["pcm_s16le", "flac", "aac", "wavpack"])
def test_eight_channels_are_mixed(tmp_path, encode, speech, codec):
    name = {"pcm_s16le": "a.wav", "flac": "a.flac", "aac": "a.m4a", "wavpack": "a.wv"}[codec]
    eight = np.stack([speech * (k + 1) / 8 for k in range(8)])
    eight[3] = 0  # LFE, where AAC keeps the lowest tones only
    audio = read_audio(encode(tmp_path / name, codec, eight), rate_hz=48_000)
    mixed, expected = audio.waveform.samples[0][: len(speech)], eight.sum(0) / 7
    assert audio.format.channels == 8
    assert np.corrcoef(mixed, expected)[0, 1] > 0.99
    assert mixed.std() == pytest.approx(expected.std(), rel=0.05)


@pytest.mark.parametrize(
    "case",
    [
        (1.0, 1.0, (0.5, 0.5)),  # the same voice on both sides
        (1.0, 0.0, (1.0, 0.0)),  # a dead right side
        (0.0, 1.0, (0.0, 1.0)),
        (1.0, -0.9, (1.0, 0.0)),  # one side with reversed polarity
        (0.5, 0.4, (0.5, 0.5)),
    ],
)
def test_mixdown_keeps_the_audible_channels(tmp_path, encode, speech, case):
    left, right, weights = case
    stereo = np.stack([left * speech, right * speech])
    audio = read_audio(encode(tmp_path / "a.wav", "pcm_s24le", stereo), rate_hz=48_000)
    assert np.abs(audio.waveform.samples[0] - np.array(weights) @ stereo).max() < 1e-4


def test_unrelated_channels_are_averaged():
    assert np.allclose(mixdown_weights(np.diag([1.0, 2.0, 3.0])), 1 / 3)


def test_audio_that_starts_after_its_image_is_preceded_by_silence(tmp_path, encode, speech):
    import av

    path = tmp_path / "video.mkv"
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25)
        video.width = video.height = 64
        audio = container.add_stream("pcm_s16le", rate=48_000, layout="mono")
        for n in range(100):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8))
            frame.pts = n
            container.mux(video.encode(frame))
        frame = av.AudioFrame.from_ndarray((speech[None, :48_000] * 32767).astype(np.int16), "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, 24_000, Fraction(1, 48_000)
        container.mux(audio.encode(frame))
        container.mux([*video.encode(None), *audio.encode(None)])
    loaded = read_audio(path, rate_hz=48_000)
    assert loaded.format.lead_samples == 24_000
    assert not loaded.waveform.samples[0, :23_900].any()
    assert np.abs(loaded.waveform.samples[0, 24_000:72_000] - speech[:48_000]).max() < 1e-3
