"""What cannot be used is refused in plain words, whatever is wrong with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import av
import numpy as np
import pytest

from lipwright.domain.media import Waveform
from lipwright.errors import InputError
from lipwright.media.audio_reader import read_audio
from lipwright.media.audio_writer import write_wav
from lipwright.media.input_containers import MAX_ID3_BYTES, id3_bytes


def refusal(path) -> str:
    with pytest.raises(InputError) as caught:
        read_audio(path, rate_hz=24_000)
    assert caught.value.hint
    assert str(path) in caught.value.message
    return caught.value.message


def test_a_missing_file_is_refused(tmp_path):
    assert "no such file" in refusal(tmp_path / "nothing.wav")


def test_a_folder_is_refused(tmp_path):
    assert "folder" in refusal(tmp_path)


def test_a_path_through_a_file_is_refused(tmp_path):
    (tmp_path / "a").write_text("x")
    assert "not a folder" in refusal(tmp_path / "a" / "b.wav")


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "a.wav").touch()
    assert "empty" in refusal(tmp_path / "a.wav")


def test_pipe_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "a.wav")
    assert "regular file" in refusal(tmp_path / "a.wav")


@pytest.mark.parametrize("name", ["notes.txt", "notes.wav", "notes.mp3", "notes.m4a"])
def test_a_text_file_is_refused(tmp_path, name):
    (tmp_path / name).write_text("Sense and Sensibility, chapter 1\n" * 200)
    words = refusal(tmp_path / name)
    assert "audio" in words
    assert "typewriter" not in words  # FFmpeg's idea of what a text is


@pytest.mark.parametrize("name", ["list.ffconcat", "list.wav"])
def test_a_list_of_other_files_is_refused(tmp_path, name):
    write_wav(tmp_path / "a.wav", Waveform(np.zeros((1, 24_000), np.float32), 24_000))
    (tmp_path / name).write_text("ffconcat version 1.0\nfile a.wav\n")
    assert "list of other files" in refusal(tmp_path / name)


@pytest.mark.parametrize("name", ["a.wav", "a.mp3", "a.m4a", "a"])
def test_random_bytes_are_refused(tmp_path, name):
    (tmp_path / name).write_bytes(np.random.default_rng(1).bytes(100_000))
    refusal(tmp_path / name)


def test_an_image_instead_of_audio_is_refused(tmp_path, photograph):
    from PIL import Image

    Image.fromarray(photograph).save(tmp_path / "a.png")
    assert "contains no audio" in refusal(tmp_path / "a.png")


CUT = [
    ("a.wav", "pcm_s16le"),
    ("a.aiff", "pcm_s16be"),
    ("a.flac", "flac"),
    ("a.mp3", "libmp3lame"),
    ("a.m4a", "aac"),
    ("b.m4a", "alac"),
    ("a.opus", "libopus"),
    ("a.webm", "libopus"),
    ("a.mkv", "aac"),
    ("a.aac", "aac"),
]
NAMES = [name for name, _ in CUT]


@pytest.mark.parametrize("case", CUT, ids=NAMES)
@pytest.mark.parametrize("part", [0.5, 0.9])
def test_a_truncated_file_is_refused(tmp_path, encode, speech, case, part):
    path = encode(tmp_path / case[0], case[1], speech)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    refusal(path)


CHECKED = [case for case in CUT if case[1] not in {"pcm_s16le", "pcm_s16be", "alac"}]
"""PCM and ALAC carry no checksum: noise in their middle is audio like any other."""


@pytest.mark.parametrize("case", CHECKED, ids=[name for name, _ in CHECKED])
def test_a_file_overwritten_in_the_middle_is_refused(tmp_path, encode, speech, case):
    path = encode(tmp_path / case[0], case[1], speech)
    damaged = bytearray(path.read_bytes())
    middle = len(damaged) // 2
    damaged[middle : middle + 2000] = np.random.default_rng(1).bytes(2000)
    path.write_bytes(damaged)
    refusal(path)


@pytest.mark.parametrize("length", [b"\xff\xff\xff\xff", b"\x00\x00\x00\x00"])
def test_a_wav_written_into_a_pipe_is_whole(tmp_path, encode, speech, length):
    path = encode(tmp_path / "a.wav", "pcm_s16le", speech)
    whole = path.read_bytes()
    at = whole.index(b"data")
    path.write_bytes(whole[:4] + length + whole[8 : at + 4] + length + whole[at + 8 :])
    assert read_audio(path, rate_hz=24_000).format.samples == len(speech)


@pytest.mark.parametrize("samples", [1, 100, 9_000])
def test_too_short_audio_is_refused(tmp_path, encode, speech, samples):
    assert "0.2 s" in refusal(encode(tmp_path / "a.wav", "pcm_s16le", speech[20_000 : 20_000 + samples]))


@pytest.mark.parametrize("level", [0.0, 5e-5])
def test_silent_audio_is_refused(tmp_path, encode, speech, level):
    assert "silent" in refusal(encode(tmp_path / "a.wav", "pcm_s24le", level * speech))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("share", [1, 48_000])
def test_samples_that_are_not_finite_are_refused(tmp_path, encode, speech, value, share):
    samples = speech.copy()
    samples[::share] = value
    assert "not numbers" in refusal(encode(tmp_path / "a.wav", "pcm_f32le", samples))


def test_more_than_four_hours_are_refused(tmp_path, encode):
    hour = np.tile(np.int16([0, 9000, 0, -9000]), 1000 * 3600 // 4)
    path = encode(tmp_path / "a.flac", "flac", np.concatenate([hour] * 5), 1000)
    assert "hours" in refusal(path)


def test_a_stream_that_appears_later_does_not_stop_the_reading(tmp_path, encode, speech):
    """A damaged transport stream holds a packet of a stream that PyAV has not seen at its start."""
    path = encode(tmp_path / "a.ts", "aac", speech)
    data = bytearray(path.read_bytes())
    begins = [at for at in range(0, len(data), 188) if data[at + 1] & 0x5F == 0x41 and data[at + 2] == 0]
    data[begins[-2] + 2] = 0x3E  # the id of the stream, 0x100 until here
    path.write_bytes(data)
    with av.open(str(path)) as container, pytest.raises(IndexError):
        list(container.demux(container.streams.audio[0]))
    assert read_audio(path, rate_hz=16_000).format.seconds > 1


def seven_bit(number: int) -> bytes:
    return bytes((number >> shift) & 127 for shift in (21, 14, 7, 0))


def id3(frame_count: int, size: int) -> bytes:
    """A tag of user-defined texts with names of their own."""
    frames = b"".join(
        b"TXXX" + seven_bit(size) + b"\0\0" + (b"\0%06d\0" % number).ljust(size)
        for number in range(frame_count)
    )
    return b"ID3\4\0\0" + seven_bit(len(frames)) + frames


@pytest.mark.parametrize("tags", [[(2000, 1000)], [(20_000, 20)] * 3])
def test_large_id3_tags_are_skipped(tmp_path, encode, speech, tags):
    """FFmpeg takes 15 s to read 20 MB of small frames, and minutes for 18 MB of smaller ones in 20 tags."""
    whole = encode(tmp_path / "a.mp3", "libmp3lame", speech)
    tagged = tmp_path / "tagged.mp3"
    head = b"".join(id3(*one) for one in tags)
    tagged.write_bytes(head + whole.read_bytes())
    assert id3_bytes(tagged) == len(head) + id3_bytes(whole) > MAX_ID3_BYTES
    found, plain = (read_audio(path, rate_hz=16_000) for path in (tagged, whole))
    assert found.format.samples == plain.format.samples


IMPATIENT = """
from lipwright.cli.main import main
from lipwright.media import input_containers
input_containers.MAX_OPEN_CPU_S = 0.3
main()
"""


def test_a_file_that_ffmpeg_does_not_finish_opening_is_refused(tmp_path, encode, speech):
    """Minutes for a million tags, in any format: here in a chunk of a WAV."""
    path = encode(tmp_path / "a.wav", "pcm_s16le", speech)
    data, tag = path.read_bytes(), id3(150_000, 20)
    path.write_bytes(b"RIFF" + (len(data) + len(tag)).to_bytes(4, "little") + data[8:36]
                     + b"id3 " + len(tag).to_bytes(4, "little") + tag + data[36:])  # fmt: skip
    words = [sys.executable, "-c", IMPATIENT, "plan", str(path), "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert done.stderr.startswith(f"error: {path}: opening the file takes too long")
    assert json.loads(done.stdout)["exit_code"] == 3
