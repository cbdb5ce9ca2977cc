"""A video holds every frame at its exact instant, in its true colors, as long as its audio."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from skimage.metrics import structural_similarity

from lipwright.domain.media import FrameSize
from lipwright.errors import EngineError, PlanError
from lipwright.media.video_reader import read_video_frames
from lipwright.media.video_writer import write_video

SMALL = FrameSize(64, 64)
RATES = [
    Fraction(24),
    Fraction(25),
    Fraction(24000, 1001),
    Fraction(30000, 1001),
    Fraction(60),
    Fraction(25, 2),
]


def write(path, frames, audio, count, *, frame_rate=Fraction(25), size=SMALL):
    return write_video(path, frames, frame_rate=frame_rate, size=size, audio=audio, frame_count=count)


@pytest.fixture(scope="session")
def recordings(tmp_path_factory, encode, speech) -> dict[str, Path]:
    """Four seconds of speech in the three ways that audio is delivered."""
    folder = tmp_path_factory.mktemp("recordings")
    return {
        "encoded": encode(folder / "a.wav", "pcm_s16le", speech),
        "copied AAC": encode(folder / "a.m4a", "aac", speech[:150_000], 44_100),
        "copied ALAC": encode(folder / "b.m4a", "alac", speech),
    }


def boxes(data: bytes) -> list[tuple[bytes, bytes]]:
    """The boxes of an MP4 at one level, ISO/IEC 14496-12 4.2: names and payloads."""
    found, at = [], 0
    while at < len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        header = 8
        if size == 1:
            size, header = struct.unpack_from(">Q", data, at + 8)[0], 16
        found.append((name, data[at + header : at + size]))
        at += size
    return found


def box(data: bytes, *path: bytes) -> bytes:
    """The first box under a path of names."""
    for name in path:
        data = dict(reversed(boxes(data)))[name]
    return data


def tracks(data: bytes) -> dict[bytes, bytes]:
    """Track boxes by handler: b"vide", b"soun"."""
    moov = box(data, b"moov")
    found = [payload for name, payload in boxes(moov) if name == b"trak"]
    return {box(trak, b"mdia", b"hdlr")[8:12]: trak for trak in found}


def timescale_and_duration(header: bytes, at: int) -> tuple[int, int]:
    """Of a mvhd or mdhd box."""
    if header[0] == 1:
        return struct.unpack_from(">IQ", header, at + 8)
    return struct.unpack_from(">II", header, at)


def presented_seconds(data: bytes, trak: bytes) -> Fraction:
    """What a player shows of a track: the segment of its edit list."""
    movie_scale, _ = timescale_and_duration(box(data, b"moov", b"mvhd"), 12)
    edits = box(trak, b"edts", b"elst")
    assert struct.unpack_from(">I", edits, 4)[0] == 1
    (segment,) = struct.unpack_from(">Q" if edits[0] else ">I", edits, 8)
    return Fraction(segment, movie_scale)


@pytest.mark.parametrize("frame_rate", RATES, ids=str)
@pytest.mark.parametrize("way", ["encoded", "copied AAC", "copied ALAC"])
@pytest.mark.parametrize("end", ["trimmed", "padded"])
def test_image_and_audio_are_equally_long(tmp_path, numbered, recordings, *, frame_rate, way, end):
    count = int({"trimmed": 1, "padded": 6}[end] * frame_rate) // 8 * 8 + 1
    path = tmp_path / "video.mp4"
    delivery = write(path, numbered(count), recordings[way], count, frame_rate=frame_rate)
    length = Fraction(count) / frame_rate
    assert delivery.copied == way.startswith("copied")

    data = path.read_bytes()
    video, audio = tracks(data)[b"vide"], tracks(data)[b"soun"]
    rate_hz, _ = timescale_and_duration(box(audio, b"mdia", b"mdhd"), 12)
    video_scale, video_units = timescale_and_duration(box(video, b"mdia", b"mdhd"), 12)
    assert Fraction(video_units, video_scale) == length
    assert presented_seconds(data, video) == length
    assert abs(presented_seconds(data, audio) - length) <= Fraction(1, 2 * rate_hz)
    assert abs(delivery.seconds - length) <= Fraction(1, 2 * rate_hz)

    with av.open(str(path)) as container:
        for stream in (*container.streams.video, *container.streams.audio):
            assert abs(stream.duration * stream.time_base - length) <= Fraction(1, 2 * rate_hz)
            assert stream.start_time == 0


@pytest.mark.parametrize("frame_rate", RATES, ids=str)
def test_frame_n_is_shown_at_n_over_fps(tmp_path, numbered, recordings, frame_rate):
    path = tmp_path / "video.mp4"
    write(path, numbered(57), recordings["encoded"], 57, frame_rate=frame_rate)
    shown = list(read_video_frames(path))
    assert [at for at, _ in shown] == [Fraction(n) / frame_rate for n in range(57)]
    for (_, seen), drawn in zip(shown, numbered(57), strict=True):
        assert np.abs(seen.astype(int) - drawn).max() <= 2


def test_the_video_can_start_before_it_is_loaded(tmp_path, numbered, recordings):
    path = tmp_path / "video.mp4"
    write(path, numbered(9), recordings["encoded"], 9)
    order = [name for name, _ in boxes(path.read_bytes())]
    assert order.index(b"moov") < order.index(b"mdat")


def test_the_video_is_plain_h264_with_its_colors_named(tmp_path, moving, recordings):
    path = tmp_path / "video.mp4"
    frames = moving(64, 64, 120)
    write(path, frames, recordings["encoded"], 120)
    with av.open(str(path)) as video:
        context = video.streams.video[0].codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
        tags = (context.color_range, context.colorspace, context.color_primaries, context.color_trc)
        assert tags == (1, 1, 1, 1)  # video levels, BT.709 throughout (ISO/IEC 23091-2)
        packets = [p for p in video.demux(video=0) if p.size]
        assert all(p.pts == p.dts for p in packets)
        assert {p.duration for p in packets} == {packets[0].duration}
        assert [n for n, p in enumerate(packets) if p.is_keyframe] == [0, 50, 100]


@pytest.mark.parametrize(
    "color",
    [
        (0, 0, 0),
        (255, 255, 255),
        (128, 128, 128),
        (255, 0, 0),
        (0, 255, 0),
        (0, 0, 255),
        (224, 172, 140),
        (90, 56, 37),
    ],
)
def test_colors_round_trip(tmp_path, recordings, color):
    path = tmp_path / "video.mp4"
    patch = np.full((64, 64, 3), color, np.uint8)
    write(path, [patch] * 9, recordings["encoded"], 9)
    for _, seen in read_video_frames(path):
        assert np.abs(seen.astype(int) - patch).max() <= 3


@pytest.mark.parametrize("size", [FrameSize(512, 512), FrameSize(640, 360)], ids=str)
def test_detail_survives(tmp_path, moving, recordings, size):
    path = tmp_path / "video.mp4"
    frames = list(moving(size.width, size.height, 33))
    write(path, frames, recordings["encoded"], 33, size=size)
    weights = np.array([0.2126, 0.7152, 0.0722])  # BT.709 luma
    for number, (_, seen) in enumerate(read_video_frames(path)):
        if number % 8 == 3:
            assert structural_similarity(frames[number] @ weights, seen @ weights, data_range=255) >= 0.98


@pytest.mark.parametrize("size", [FrameSize(65, 64), FrameSize(64, 33)], ids=str)
def test_odd_sizes_are_refused(tmp_path, recordings, size):
    with pytest.raises(PlanError, match="even"):
        write(tmp_path / "a.mp4", [], recordings["encoded"], 9, size=size)


@pytest.mark.parametrize("count", [0, 8, 10])
def test_wrong_number_of_frames_is_an_engine_error(tmp_path, numbered, recordings, count):
    with pytest.raises(EngineError, match="9 frames"):
        write(tmp_path / "a.mp4", numbered(count), recordings["encoded"], 9)
    assert not list(tmp_path.iterdir())


def test_frames_of_another_size_are_refused(tmp_path, recordings):
    wrong = [np.zeros((64, 66, 3), np.uint8)] * 9
    with pytest.raises(EngineError, match="frame 0"):
        write(tmp_path / "a.mp4", wrong, recordings["encoded"], 9)
