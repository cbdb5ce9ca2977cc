"""The video's audio is the user's own, from the file that goes in to the video that comes out."""

from __future__ import annotations

import json
import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from scipy.signal import resample_poly
from tests.decoding import decode_audio

from lipwright.domain.settings import RenderRequest
from lipwright.pipeline.render import render_video

pytestmark = pytest.mark.xdist_group("video")

PORTRAIT = Path(__file__).parents[2] / "examples" / "portrait.jpg"
RATE_HZ = 48_000


@pytest.fixture(scope="module")
def stereo(clips) -> np.ndarray:
    """2.4 seconds of speech with a quieter echo on the right, int16 at 48 kHz, shape (2, n)."""
    clip = clips[4]
    left = resample_poly(clip.samples / 32768, 320, 147)[: int(2.4 * RATE_HZ)]
    assert clip.rate_hz * 320 == RATE_HZ * 147
    right = 0.5 * np.r_[np.zeros(300), left[:-300]]
    return np.round(np.stack([left, right]) * 30_000).astype(np.int16)


@pytest.fixture(scope="module")
def recording(stereo: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("audio") / "voice.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(np.ascontiguousarray(stereo.T).tobytes())
    return path


def video_audio(audio: Path, name: str, **wishes) -> tuple[np.ndarray, dict]:
    """Decoded audio of the finished video, and the manifest's own account of it."""
    video = audio.with_name(f"{name}.mp4")
    request = RenderRequest(
        audio=audio, image=PORTRAIT, output=video, size="384x384", engine="portrait", **wishes
    )
    render_video(request)
    samples, form = decode_audio(video)
    assert form.sample_rate_hz == RATE_HZ
    manifest = json.loads(video.with_suffix(".json").read_text())
    seconds = manifest["plan"]["frames"] / 25
    assert samples.shape == (2, round(seconds * RATE_HZ))
    with av.open(str(video)) as container:
        streams = (container.streams.audio[0], container.streams.video[0])
        assert [float(s.duration * s.time_base) for s in streams] == pytest.approx([seconds] * 2, abs=1e-6)
    return samples, manifest["audio"]


def lag(video: np.ndarray, source: np.ndarray) -> int:
    """Samples by which `video` comes after `source`: every lag within 2,000 is tried."""
    middle = source[20_000:80_000].astype(float)
    tried = range(-2000, 2001)
    scores = [float(video[20_000 + k : 80_000 + k].astype(float) @ middle) for k in tried]
    return tried[int(np.argmax(scores))]


def test_encoded_audio_does_not_move(recording: Path, stereo: np.ndarray) -> None:
    samples, account = video_audio(recording, "encoded")
    assert [lag(samples[channel], stereo[channel]) for channel in (0, 1)] == [0, 0]
    assert (account["codec"], account["copied"], account["offset_samples"]) == ("aac", False, 0)
    # It is this audio, not only its timing.
    heard = min(samples.shape[1], stereo.shape[1])
    assert np.corrcoef(samples[0, :heard], stereo[0, :heard])[0, 1] > 0.99


def test_aac_is_copied(recording: Path, stereo: np.ndarray) -> None:
    source = recording.with_name("voice.m4a")
    with av.open(str(source), "w") as container:
        stream = container.add_stream("aac", rate=RATE_HZ, layout="stereo", bit_rate=128_000)
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(stereo.T).reshape(1, -1), format="s16", layout="stereo"
        )
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, 0, Fraction(1, RATE_HZ)
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    samples, account = video_audio(source, "copied")
    assert (account["codec"], account["copied"], account["offset_samples"]) == ("aac", True, 0)
    assert [lag(samples[channel], stereo[channel]) for channel in (0, 1)] == [0, 0]
    given, _ = decode_audio(source)
    heard = min(samples.shape[1], given.shape[1])
    assert heard > 2.3 * RATE_HZ
    assert np.array_equal(samples[:, :heard], given[:, :heard])


def test_alac_is_the_recording_to_the_bit(recording: Path, stereo: np.ndarray) -> None:
    samples, account = video_audio(recording, "exact", audio_codec="alac")
    assert (account["codec"], account["bit_exact"], account["offset_samples"]) == ("alac", True, 0)
    heard = min(samples.shape[1], stereo.shape[1])
    assert heard > 2.3 * RATE_HZ
    assert samples.dtype == np.int16
    assert np.array_equal(samples[:, :heard], stereo[:, :heard])
    assert not samples[:, heard:].any()
