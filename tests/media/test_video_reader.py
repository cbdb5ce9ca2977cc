"""Videos are read upright, with square pixels and in one size; cover images are no videos."""

from __future__ import annotations

import gc
import struct
from fractions import Fraction

import av
import numpy as np
import pytest

from lipwright.domain.media import FrameSize
from lipwright.errors import InputError
from lipwright.media.video_reader import (
    VideoInfo,
    count_frames,
    last_frames,
    read_video_frames,
    received_frames,
    video_facts,
)


def quarters(width, height):
    """An image whose corners tell how it is turned: red, green, blue and white."""
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 2, : width // 2] = (200, 0, 0)
    image[: height // 2, width // 2 :] = (0, 200, 0)
    image[height // 2 :, : width // 2] = (0, 0, 200)
    image[height // 2 :, width // 2 :] = (200, 200, 200)
    return image


def write(path, frames, *, rotation=0, aspect=None, rate=25, codec="libx264", format_=None):
    with av.open(str(path), "w", format=format_) as out:
        stream = out.add_stream(codec, rate=rate, options={"crf": "10", "bf": "0"})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        if aspect:
            stream.codec_context.sample_aspect_ratio = aspect
        if rotation:
            stream.set_display_rotation(rotation)
        for frame in frames:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        out.mux(stream.encode(None))
    return path


def every_reader(path):
    yield next(read_video_frames(path))[1]
    yield next(received_frames(path))
    yield last_frames(path, 1)[0]


@pytest.mark.parametrize("turns", [1, 2, 3])
@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_rotated_phone_video_is_read_upright(tmp_path, turns, suffix):
    upright = quarters(64, 96)
    stored = np.ascontiguousarray(np.rot90(upright, -turns))
    path = write(tmp_path / f"a{suffix}", [stored] * 2, rotation=90 * turns)
    for frame in every_reader(path):
        assert frame.shape == upright.shape
        middles = np.ix_([24, 72], [16, 48])
        assert np.abs(frame[middles].astype(int) - upright[middles]).max() < 40
    assert str(count_frames(path).size) == "64x96"
    small = next(read_video_frames(path, longest_px=48, exact=False))[1]
    assert small.shape == (48, 32, 3)


def test_what_is_not_the_planned_video_is_decoded_no_further(tmp_path):
    path = write(tmp_path / "a.mp4", [quarters(64, 96)] * 9)
    size = FrameSize(64, 96)
    assert count_frames(path, VideoInfo(9, size)) == count_frames(path) == VideoInfo(9, size)
    assert count_frames(path, VideoInfo(4, size)).frames == 5
    assert count_frames(path, VideoInfo(9, FrameSize(64, 64))) == VideoInfo(1, size)


MIRRORED = {  # a, b, c, d of the display matrix, and how the image is stored
    "left and right": ((-1, 0, 0, 1), lambda image: image[:, ::-1]),
    "top and bottom": ((1, 0, 0, -1), lambda image: image[::-1]),
    "the diagonal": ((0, 1, 1, 0), lambda image: image.swapaxes(0, 1)),
}


@pytest.mark.parametrize("axis", MIRRORED)
def test_frames_of_a_camera_that_mirrors_are_shown_upright(tmp_path, axis):
    """As phones store videos of their front camera: the track's display matrix mirrors them."""
    matrix, stored = MIRRORED[axis]
    upright = quarters(64, 96)
    path = write(tmp_path / "a.mp4", [np.ascontiguousarray(stored(upright))] * 2)
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40  # the nine numbers of the matrix, 16.16 fixed-point
    a, b, c, d = (round(value * 65536) for value in matrix)
    struct.pack_into(">9i", data, at, a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    for frame in every_reader(path):
        assert frame.shape == upright.shape
        middles = np.ix_([24, 72], [16, 48])
        assert np.abs(frame[middles].astype(int) - upright[middles]).max() < 40


def test_frames_that_were_read_are_freed_at_once(tmp_path):
    """PyAV's side data, if it is read from each frame, holds frames until the garbage collector runs."""

    def frames_in_memory():
        return sum(isinstance(thing, av.VideoFrame) for thing in gc.get_objects())

    path = write(tmp_path / "a.mp4", [quarters(64, 32)] * 60)
    gc.collect()
    before = frames_in_memory()
    gc.disable()
    try:
        for _ in read_video_frames(path):
            assert frames_in_memory() - before < 10
    finally:
        gc.enable()


@pytest.mark.parametrize(("aspect", "width"), [(Fraction(2), 128), (Fraction(1, 2), 32), (Fraction(100), 64)])
def test_pixels_that_are_not_square_are_resampled(tmp_path, aspect, width):
    """A ratio of 100 is a mistake in the file."""
    path = write(tmp_path / "a.mp4", [quarters(64, 96)] * 2, aspect=aspect)
    for frame in every_reader(path):
        assert frame.shape == (96, width, 3)


def test_a_resolution_that_changes_midway(tmp_path):
    """Frames keep the first size, and times go on where the clock of a second part begins anew."""
    parts = [
        write(tmp_path / f"{w}.ts", [quarters(w, w)] * 25, format_="mpegts").read_bytes() for w in (64, 128)
    ]
    path = tmp_path / "a.ts"
    path.write_bytes(b"".join(parts))
    times, shapes = zip(*((at, rgb.shape) for at, rgb in read_video_frames(path)), strict=True)
    assert set(shapes) == {(64, 64, 3)}
    assert len(times) >= 49
    assert (np.diff([float(at) for at in times]) > 0).all()
    assert float(times[-1]) == pytest.approx(2.0, abs=0.1)


def test_a_cover_image_is_not_a_video(tmp_path, encode, speech):
    audio = encode(tmp_path / "a.mp3", "libmp3lame", speech)
    song = tmp_path / "song.mp3"
    with av.open(str(audio)) as given, av.open(str(song), "w") as out:
        copy = out.add_stream_from_template(given.streams.audio[0])
        cover = out.add_stream("mjpeg", rate=1)
        cover.width = cover.height = 64
        cover.pix_fmt = "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        pictures = cover.encode(av.VideoFrame.from_ndarray(quarters(64, 64), format="rgb24"))
        out.start_encoding()
        for picture in [*pictures, *cover.encode(None)]:
            out.mux(picture)
        for packet in given.demux(given.streams.audio[0]):
            if packet.size:
                packet.stream = copy
                out.mux(packet)
    for read in (video_facts, lambda path: next(read_video_frames(path))):
        with pytest.raises(InputError, match="no video track"):
            read(song)


def test_huge_frames_are_refused(tmp_path):
    path = write(tmp_path / "a.mkv", [np.zeros((16, 8208, 3), np.uint8)], codec="ffv1")
    with pytest.raises(InputError, match="8208x16; at most 8192"):
        next(read_video_frames(path))
