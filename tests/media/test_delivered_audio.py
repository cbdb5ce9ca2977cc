"""The audio in the video is the user's own: copied, exact, or reported as neither."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from tests.decoding import decode_audio, deliver

from lipwright.media.aac_alac import is_plain_aac, silent_packet

RATE = Fraction(25)


def payloads(path: Path) -> list[bytes]:
    """The packets of a file's audio."""
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


def lag(video: np.ndarray, source: np.ndarray) -> int:
    """Samples by which `video` comes after `source`, found by an independent exhaustive search."""
    middle = len(source) // 2
    window = source[middle : middle + 8192]
    scores = {k: video[middle + k : middle + k + 8192] @ window for k in range(-3000, 3001)}
    return max(scores, key=scores.__getitem__)


pytestmark = pytest.mark.xdist_group("delivered")
CONTAINERS = ["a.m4a", "a.mov", "a.mkv", "a.ts", "a.aac"]


@pytest.fixture(scope="module", params=[16_000, 44_100, 48_000])
def rate_hz(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture(scope="module", params=CONTAINERS)
def stereo_aac(request: pytest.FixtureRequest, rate_hz: int, encode, speech, tmp_path_factory) -> Path:
    """3.62 s of speech in stereo."""
    stereo = np.stack([speech, -0.5 * speech])[:, : int(3.62 * rate_hz)]
    return encode(tmp_path_factory.mktemp("aac") / request.param, "aac", stereo, rate_hz)


@pytest.mark.parametrize("frames", [25, 89, 161], ids=["trimmed", "nearly whole", "padded"])
def test_aac_is_copied_to_the_sample(tmp_path, stereo_aac, *, rate_hz, frames):
    source, name = stereo_aac, stereo_aac.name
    delivery, video = deliver(source, frames, tmp_path)
    assert (delivery.codec, delivery.copied, delivery.findings) == ("aac", True, ())
    assert (delivery.offset_samples, delivery.bit_exact) == (0, True)
    given, _ = decode_audio(source)
    audible = min(given.shape[1], video.shape[1])
    assert video.shape[1] == frames * rate_hz // 25
    assert (video[:, :audible] == given[:, :audible]).all()
    # What follows is silence, once the last packet's overlap is over.
    assert np.abs(video[:, audible + 3 * 1024 :]).max(initial=0) < 1e-4
    if name not in {"a.ts", "a.aac"}:
        ours, theirs = payloads(tmp_path / "video.mp4"), payloads(source)
        kept = min(len(theirs), len(ours))
        assert ours[: kept - 1] == theirs[: kept - 1]


@pytest.mark.parametrize("sample_type", [np.int16, np.int32])
@pytest.mark.parametrize("name", ["a.m4a", "a.mov", "a.caf"])
@pytest.mark.parametrize("frames", [25, 161], ids=["trimmed", "padded"])
def test_alac_is_copied_bit_by_bit(tmp_path, encode, speech, *, sample_type, name, frames):
    whole = integers(speech, sample_type)
    delivery, video = deliver(encode(tmp_path / name, "alac", whole), frames, tmp_path)
    assert (delivery.codec, delivery.copied, delivery.findings) == ("alac", True, ())
    assert (delivery.offset_samples, delivery.bit_exact) == (0, True)
    audible = min(len(whole), video.shape[1])
    assert (video[0, :audible] == whole[:audible]).all()
    assert not video[0, audible:].any()


def integers(samples: np.ndarray, kind: Any) -> np.ndarray:
    """16 bits, or 24 bits left-aligned in 32."""
    if kind == np.int16:
        return (samples * 32767).astype(np.int16)
    return (samples * (2**23 - 1)).astype(np.int32) << 8


@pytest.mark.parametrize(
    "case",
    [("a.wav", "pcm_s16le", np.int16), ("a.wav", "pcm_s24le", np.int32), ("a.flac", "flac", np.int16)],
    ids=["wav 16", "wav 24", "flac"],
)
@pytest.mark.parametrize("rate_hz", [44_100, 96_000, 192_000])
@pytest.mark.parametrize("frames", [9, 161])
def test_integers_become_alac_bit_by_bit(tmp_path, encode, speech, *, case, rate_hz, frames):
    name, codec, sample_type = case
    stereo = np.stack([integers(speech, sample_type), integers(speech[::-1], sample_type)])
    delivery, video = deliver(encode(tmp_path / name, codec, stereo, rate_hz), frames, tmp_path, "alac")
    assert (delivery.codec, delivery.copied, delivery.findings) == ("alac", False, ())
    assert (delivery.offset_samples, delivery.bit_exact) == (0, True)
    audible = min(stereo.shape[1], video.shape[1])
    assert (video[:, :audible] == stereo[:, :audible]).all()
    assert not video[:, audible:].any()


@pytest.mark.parametrize("case", [("a.wav", "pcm_f32le"), ("a.wav", "pcm_s32le"), ("a.mp3", "libmp3lame")])
def test_rounding_to_24_bits_is_reported(tmp_path, encode, speech, case):
    source = encode(tmp_path / case[0], case[1], 0.77 * speech)
    delivery, video = deliver(source, 89, tmp_path, "alac")
    assert [finding.id for finding in delivery.findings] == ["not-bit-exact"]
    assert (delivery.offset_samples, delivery.bit_exact) == (0, False)
    given = decode_audio(source)[0][0]
    given = given.astype(np.float64) / (2.0**31 if given.dtype == np.int32 else 1.0)
    assert np.abs(video[0] / 2.0**31 - given[: video.shape[1]]).max() <= 2.0**-23


ENCODED = [
    ("a.wav", "pcm_s16le", 44_100, 44_100, "hint"),
    ("a.wav", "pcm_f32le", 48_000, 48_000, "hint"),
    ("a.flac", "flac", 96_000, 96_000, "hint"),
    ("a.flac", "flac", 192_000, 96_000, "hint"),
    ("a.wav", "pcm_s16le", 37_800, 44_100, "hint"),
    ("a.wav", "pcm_s16le", 8_000, 8_000, "hint"),
    ("a.mp3", "libmp3lame", 44_100, 44_100, "warning"),
    ("a.opus", "libopus", 48_000, 48_000, "warning"),
]


@pytest.mark.parametrize("case", ENCODED, ids=[f"{c[1]}-{c[2]}" for c in ENCODED])
def test_other_codecs_become_aac_without_a_shift(tmp_path, encode, speech, case):
    name, codec, rate_hz, delivered_hz, severity = case
    source = encode(tmp_path / name, codec, speech[: 3 * rate_hz], rate_hz)
    delivery, video = deliver(source, 73, tmp_path)
    assert (delivery.codec, delivery.copied, delivery.bit_exact) == ("aac", False, False)
    assert [(f.id, f.severity) for f in delivery.findings] == [("master-reencoded", severity)]
    assert delivery.offset_samples == 0
    assert video.shape[1] == 73 * delivered_hz // 25
    if rate_hz == delivered_hz:
        assert lag(video[0], _float(decode_audio(source)[0][0])) == 0


def _float(samples: np.ndarray) -> np.ndarray:
    return samples / (1.0 if samples.dtype.kind == "f" else np.iinfo(samples.dtype).max)


@pytest.mark.parametrize(
    ("channels", "layout"), [(3, "2.1"), (4, "quad"), (6, "5.1"), (8, "7.1"), (8, "8 channels")]
)
def test_many_channels_are_delivered(tmp_path, encode, speech, channels, layout):
    voices = np.stack([speech * 0.1 * (k + 1) for k in range(channels)])
    delivery, video = deliver(encode(tmp_path / "a.wav", "pcm_s16le", voices, layout=layout), 73, tmp_path)
    assert delivery.offset_samples == 0
    assert len(video) == (6 if layout == "5.1" else 2)
    assert 0.01 < np.abs(video).max() <= 1.0
    mixed = any("stereo" in finding.text for finding in delivery.findings)
    assert mixed == (layout != "5.1")


def test_mixing_is_reported_for_alac_too(tmp_path, encode, speech):
    voices = np.stack([speech * 0.1 * (k + 1) for k in range(8)])
    source = encode(tmp_path / "a.wav", "pcm_s16le", voices, layout="8 channels")
    delivery, video = deliver(source, 73, tmp_path, "alac")
    assert (len(video), delivery.bit_exact) == (2, False)
    (finding,) = delivery.findings
    assert finding.id == "not-bit-exact"
    assert "8 channels to stereo" in finding.text


def test_the_user_can_ask_for_aac(tmp_path, encode, speech):
    delivery, _ = deliver(encode(tmp_path / "a.m4a", "alac", speech), 73, tmp_path, "aac")
    assert (delivery.codec, delivery.copied) == ("aac", False)


def test_the_measured_offset_is_not_a_constant(tmp_path, encode, speech):
    """A video with changed audio is detected."""
    from lipwright.media.audio_compare import compare_audio
    from lipwright.media.audio_conversion import AudioTarget

    late = np.concatenate([np.zeros(700, np.float32), speech])
    video, master = (
        encode(tmp_path / "a.wav", "pcm_s24le", late),
        encode(tmp_path / "b.wav", "pcm_s24le", speech),
    )
    proof = compare_audio(
        video,
        master,
        AudioTarget(48_000, "mono", downmixed=False),
        source_samples=len(speech),
        samples=len(speech),
    )
    assert (proof.offset_samples, proof.bit_exact) == (700, False)


def test_only_plain_configurations_are_padded():
    assert is_plain_aac(bytes.fromhex("1210"))
    assert is_plain_aac(bytes.fromhex("121056e500"))
    assert not is_plain_aac(bytes.fromhex("131056e598"))  # HE-AAC
    assert not is_plain_aac(bytes.fromhex("eb098800"))  # HE-AAC v2, explicit
    assert not is_plain_aac(bytes.fromhex("1214"))  # 960 samples per packet
    assert not is_plain_aac(bytes.fromhex("1200"))  # channel map of its own
    assert not is_plain_aac(b"")
    assert silent_packet("aac", bytes.fromhex("1210"), 44_100, "mono") is None
    assert silent_packet("alac", bytes(48), 44_100, "mono") is None
