"""The excerpt that each round renders: the right seconds, exact, small."""

from __future__ import annotations

import wave
from pathlib import Path

import av
import numpy as np
import pytest
from tests.decoding import decode_audio

from lipwright.domain.media import FrameSize, Waveform
from lipwright.domain.progress import no_progress
from lipwright.domain.settings import RenderRequest
from lipwright.domain.time import Span
from lipwright.engines.registry import ENGINES
from lipwright.errors import InputError, UsageError
from lipwright.media.audio_reader import read_audio
from lipwright.media.audio_writer import write_excerpt, write_wav
from lipwright.pipeline.audio_input import load_planned_audio
from lipwright.pipeline.tune.preview import PREVIEW_SECONDS, find_busiest_span, plan_preview, preview_size
from lipwright.pipeline.tune.preview_cache import PreviewCache

RATE = 16000


@pytest.fixture
def store(tmp_path: Path) -> PreviewCache:
    return PreviewCache(tmp_path, keep=False)


@pytest.fixture
def lecture(tmp_path: Path, voice: Path, long_voice: Path) -> Path:
    """A word, twelve seconds of a held note, then seven seconds of reading, then a word."""
    word, reading = (read_audio(path, rate_hz=RATE).waveform.mono for path in (voice, long_voice))
    note = 0.2 * np.sin(2 * np.pi * 150 * np.arange(12 * RATE) / RATE).astype(np.float32)
    path = tmp_path / "lecture.wav"
    write_wav(path, Waveform(np.concatenate([word, note, reading, np.zeros(6 * RATE), word])[None], RATE))
    return path


def test_the_busiest_seconds_are_found_and_cut_out(lecture: Path, portrait: Path, store) -> None:
    request = RenderRequest(lecture, Path("out.mp4"), image=portrait)
    preview = plan_preview(request, ENGINES["portrait"].sizes, store, no_progress)
    assert not preview.whole
    assert preview.span.start > 12
    assert preview.span.end < 22
    assert preview.span.seconds == pytest.approx(float(PREVIEW_SECONDS))
    excerpt = read_audio(preview.request.audio, rate_hz=RATE).waveform.mono
    whole = read_audio(lecture, rate_hz=RATE).waveform.mono
    start = round(preview.span.start * RATE)
    assert np.array_equal(excerpt, whole[start : start + len(excerpt)])
    plan = load_planned_audio(preview.request, no_progress).plan
    assert plan.frames == 129
    assert plan.trim_seconds == plan.pad_seconds == 0


def test_the_temporal_mask_bounds_the_preview(lecture: Path, portrait: Path, store) -> None:
    early = RenderRequest(lecture, Path("out.mp4"), image=portrait, start_seconds=0.0, end_seconds=4.0)
    preview = plan_preview(early, ENGINES["portrait"].sizes, store, no_progress)
    assert preview.span == Span(0.0, 4.0)
    assert preview.request.end_seconds is None
    with pytest.raises(UsageError, match="after the end of the audio"):
        plan_preview(
            RenderRequest(lecture, Path("out.mp4"), image=portrait, start_seconds=90.0),
            ENGINES["portrait"].sizes,
            store,
            no_progress,
        )


def test_a_short_recording_is_its_own_preview(voice: Path, portrait: Path, store) -> None:
    preview = plan_preview(
        RenderRequest(voice, Path("o.mp4"), image=portrait), ENGINES["portrait"].sizes, store, no_progress
    )
    assert preview.whole
    assert preview.request.audio == voice


def test_the_driver_is_cut_where_the_audio_is(lecture: Path, portrait: Path, tmp_path: Path, store) -> None:
    audio = read_audio(lecture, rate_hz=RATE).waveform
    hum = np.sin(2 * np.pi * 60 * np.arange(audio.samples.shape[1]) / RATE) * 0.1
    mix = tmp_path / "mix.wav"
    write_wav(mix, Waveform((audio.samples + hum).astype(np.float32), RATE))
    request = RenderRequest(mix, Path("o.mp4"), image=portrait, driver=lecture)
    preview = plan_preview(request, ENGINES["portrait"].sizes, store, no_progress)
    delivered, driven = (
        read_audio(path, rate_hz=RATE).waveform.mono
        for path in (preview.request.audio, preview.request.driver)
    )
    at = round(preview.span.start * RATE)
    assert np.allclose(delivered - driven, hum[at : at + len(delivered)], atol=1e-4)


def test_nobody_speaking_is_refused(tmp_path: Path, portrait: Path, store) -> None:
    path = tmp_path / "hum.wav"
    write_wav(path, Waveform(0.1 * np.sin(np.arange(3 * RATE) / 9)[None].astype(np.float32), RATE))
    with pytest.raises(InputError, match="no speech found"):
        plan_preview(
            RenderRequest(path, Path("o.mp4"), image=portrait), ENGINES["portrait"].sizes, store, no_progress
        )


def test_pauses_count_nothing() -> None:
    rng = np.random.default_rng(3)
    crackle = rng.standard_normal(20 * RATE).astype(np.float32) * (rng.random(20 * RATE) > 0.99)
    span = find_busiest_span(Waveform(crackle[None], RATE), [Span(11, 13)], 4.0, within=Span(0, 20))
    assert span.start <= 11
    assert span.end >= 13


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_a_cut_is_exact_to_the_sample(tmp_path: Path, channels: int) -> None:
    rng = np.random.default_rng(channels)
    samples = rng.integers(-9000, 9000, (48000, channels), np.int16)
    source, target = tmp_path / "source.wav", tmp_path / "cut.wav"
    with wave.open(str(source), "wb") as file:
        file.setparams((channels, 2, 44100, len(samples), "NONE", ""))
        file.writeframes(samples.astype("<i2").tobytes())
    write_excerpt(source, Span(0.25, 0.75), target)
    kept, form = decode_audio(target)
    expected = samples[11025:33075].T.astype(np.float64)
    if channels > 2:
        expected = expected.mean(0, keepdims=True)
    assert form.sample_rate_hz == 44100
    # 24 bits, left-aligned in 32; a mean of six rounds at the 24th
    assert np.abs(kept.reshape(len(expected), -1) / 65536 - expected).max() < 1 / 128


def test_excerpt_of_coded_audio_equals_its_decoded_samples(tmp_path: Path, long_voice: Path) -> None:
    coded = tmp_path / "voice.m4a"
    audio = read_audio(long_voice, rate_hz=RATE).waveform
    with av.open(str(coded), "w") as container:
        stream = container.add_stream("aac", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(audio.samples, format="fltp", layout="mono")
        frame.sample_rate = RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    heard, _ = decode_audio(coded)
    write_excerpt(coded, Span(2.0, 3.0), tmp_path / "cut.wav")
    cut = read_audio(tmp_path / "cut.wav", rate_hz=RATE).waveform.mono
    assert np.allclose(cut, heard[0][2 * RATE : 3 * RATE], atol=2**-22)


def test_a_cut_after_the_end_is_refused(tmp_path: Path, voice: Path) -> None:
    with pytest.raises(InputError, match="ends before 60 s"):
        write_excerpt(voice, Span(60.0, 65.0), tmp_path / "cut.wav")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("video", "engine", "small"),
    [
        ("512x512", "portrait", "480x480"),
        ("1080x1920", "portrait", "480x854"),
        ("192x256", "portrait", "192x256"),
        ("1920x1088", "ltx", "832x448"),
        ("832x448", "ltx", "832x448"),
        ("704x1280", "comfyui", "448x832"),
        ("1024x1024", "ltx", "448x448"),
        ("2048x256", "ltx", "2048x256"),
    ],
)
def test_previews_are_480p_in_the_videos_shape(video: str, engine: str, small: str) -> None:
    width, height = map(int, video.split("x"))
    assert str(preview_size(FrameSize(width, height), ENGINES[engine].sizes)) == small
