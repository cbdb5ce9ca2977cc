"""An output appears whole or not at all, and what was there before stays until then."""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
import textwrap
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from lipwright.domain.media import FrameSize, Waveform
from lipwright.errors import Cancelled, InputError, OutputError
from lipwright.media.atomic_files import (
    check_target,
    hidden_sibling,
    remove_leftovers,
    replacing,
    same_file,
    write_text_atomically,
)
from lipwright.media.audio_writer import write_wav, write_wav_blocks
from lipwright.media.video_writer import write_video

SIZE = FrameSize(64, 64)
RATE = Fraction(25)
OLD = b"the video of yesterday"


@pytest.fixture
def recording(tmp_path_factory, encode, speech) -> Path:
    return encode(tmp_path_factory.mktemp("in") / "a.wav", "pcm_s16le", speech)


@pytest.fixture
def video(tmp_path) -> Path:
    """A video that exists already."""
    path = tmp_path / "video.mp4"
    path.write_bytes(OLD)
    return path


def untouched(video: Path) -> bool:
    """The old video is there, and nothing else."""
    return video.read_bytes() == OLD and list(video.parent.iterdir()) == [video]


def write(video: Path, frames, recording: Path, **options) -> None:
    write_video(video, frames, frame_rate=RATE, size=SIZE, audio=recording, frame_count=81, **options)


def test_a_video_replaces_the_old_one(video, numbered, recording):
    write(video, numbered(81), recording)
    assert video.read_bytes() != OLD
    assert list(video.parent.iterdir()) == [video]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, OSError, MemoryError, Cancelled])
def test_exception_of_the_frames_leaves_no_file(video, numbered, recording, error):
    def failing():
        yield from numbered(50)
        raise error("stop")

    with pytest.raises(error, match="stop"):
        write(video, failing(), recording)
    assert untouched(video)


def test_cancelled_write_leaves_no_file(video, numbered, recording):
    def report(progress):
        if progress.done == 40:
            raise Cancelled("interrupted")

    with pytest.raises(Cancelled):
        write(video, numbered(81), recording, report=report)
    assert untouched(video)


def test_recording_damaged_midway_leaves_no_file(video, numbered, recording):
    def vanishing():
        for n, frame in enumerate(numbered(81)):
            if n == 20:
                recording.write_bytes(b"")
            yield frame

    with pytest.raises(InputError):
        write(video, vanishing(), recording)
    assert untouched(video)


@pytest.mark.parametrize("limit_kib", [0, 20, 60])
def test_a_file_size_limit_is_reported_and_leaves_no_file(video, recording, limit_kib):
    """The system refuses to let the file grow, in a process of its own."""
    program = f"""
        import resource, signal, sys
        import numpy as np
        from fractions import Fraction
        from pathlib import Path
        from lipwright.domain.media import FrameSize
        from lipwright.errors import OutputError
        from lipwright.media.video_writer import write_video

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, ({limit_kib} * 1024, {limit_kib} * 1024))
        noise = np.random.default_rng(0)
        frames = (noise.integers(0, 255, (64, 64, 3), np.uint8) for _ in range(81))
        try:
            write_video(Path({str(video)!r}), frames, frame_rate=Fraction(25), size=FrameSize(64, 64),
                       audio=Path({str(recording)!r}), frame_count=81)
        except OutputError as error:
            print(error.message, "|", error.hint)
            sys.exit(3)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (3, "")
    assert "larger than the file system allows" in done.stdout
    assert untouched(video)


def test_full_disk_is_reported(video):
    with pytest.raises(OutputError, match="no space"), replacing(video) as part:
        part.write_bytes(b"x")
        from lipwright.media.file_errors import writing

        with writing(video):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert untouched(video)


CHILD = """
    import signal, sys, time
    import numpy as np
    from fractions import Fraction
    from pathlib import Path
    from lipwright.domain.media import FrameSize
    from lipwright.media.video_writer import write_video

    # A parent that runs in the background of a shell hands "ignore" down.
    signal.signal(signal.SIGINT, signal.default_int_handler)

    def frames():
        for n in range(81):
            if n == 40:
                print("half", flush=True)
                time.sleep(60)
            yield np.full((64, 64, 3), n, np.uint8)

    write_video(Path(sys.argv[1]), frames(), frame_rate=Fraction(25), size=FrameSize(64, 64),
               audio=Path(sys.argv[2]), frame_count=81)
"""


@pytest.fixture
def half_done(video, recording):
    """A process that is in the middle of writing the video."""
    command = [sys.executable, "-c", textwrap.dedent(CHILD), str(video), str(recording)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout.readline() == b"half\n"
        assert len(list(video.parent.iterdir())) == 2
        yield process
        process.kill()


def test_ctrl_c_leaves_no_file(video, half_done):
    half_done.send_signal(signal.SIGINT)
    assert half_done.wait(20) != 0
    assert untouched(video)


def test_leftovers_of_a_killed_writer_are_removed(video, half_done, numbered, recording):
    half_done.kill()
    half_done.wait(20)
    assert video.read_bytes() == OLD
    assert len(list(video.parent.iterdir())) == 2
    write(video, numbered(81), recording)
    assert list(video.parent.iterdir()) == [video]


def test_files_of_a_running_writer_are_left_alone(video, half_done, numbered, recording):
    write(video, numbered(81), recording)
    assert half_done.poll() is None
    assert len(list(video.parent.iterdir())) == 2


def test_leftovers_of_an_earlier_process_with_the_same_id_are_removed(tmp_path):
    """In a container every run may have the same process id."""
    leftover_of(f"{os.getpid()}-0a58cf13-f410ba46", tmp_path / "video.mp4")
    with replacing(tmp_path / "video.mp4") as outer, replacing(tmp_path / "video.mp4") as inner:
        outer.write_bytes(b"x")
        inner.write_bytes(b"y")
        assert sorted(tmp_path.iterdir()) == sorted([outer, inner])


def leftover_of(writer: str, target: Path) -> Path:
    """A half-written file of another process."""
    mine = hidden_sibling(target, "part.mp4")
    path = mine.with_name(re.sub(r"\d+-\w+-\w+", writer, mine.name))
    path.write_bytes(b"half")
    return path


def dead_writer() -> str:
    with subprocess.Popen(["true"]) as process:
        process.wait()
        return f"{process.pid}-0a58cf13-f410ba46"


def test_leftovers_of_other_targets_are_left_alone(tmp_path):
    neighbor = leftover_of(dead_writer(), tmp_path / "video.mp4.mp4")
    with replacing(tmp_path / "video.mp4") as part:
        part.write_bytes(b"x")
    assert neighbor.exists()


def test_parts_of_hidden_files_are_cleared_with_their_target(tmp_path):
    target = tmp_path / "video.mp4"
    leftover_of(dead_writer(), leftover_of(dead_writer(), target))
    remove_leftovers(target)
    assert list(tmp_path.iterdir()) == []


def test_the_folder_must_be_there(tmp_path):
    with pytest.raises(OutputError, match="there is no folder"):
        check_target(tmp_path / "none" / "a.mp4")
    assert not list(tmp_path.iterdir())


def test_the_target_must_not_be_a_folder(tmp_path):
    with pytest.raises(OutputError, match="folder"):
        check_target(tmp_path)


def test_a_device_is_not_replaced():
    with pytest.raises(OutputError, match="regular file"):
        check_target(Path("/dev/null"))


def test_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "a").touch()
    with pytest.raises(OutputError, match="folder"):
        check_target(tmp_path / "a" / "b.mp4")


def test_folder_without_write_permission_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # the superuser may write anywhere
    with pytest.raises(OutputError, match="no permission"):
        check_target(tmp_path / "a.mp4")


def test_too_long_name_is_refused(tmp_path):
    with pytest.raises(OutputError, match="too long"):
        check_target(tmp_path / ("a" * 300 + ".mp4"))


@pytest.mark.parametrize("stem", ["a" * 251, "é" * 125, "嘴" * 83])
def test_the_longest_name_works(tmp_path, stem):
    target = tmp_path / f"{stem}.mp4"
    write_text_atomically(target, "x")
    assert target.read_text() == "x"


def test_a_link_keeps_pointing(tmp_path):
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to("real.json")
    write_text_atomically(tmp_path / "link.json", "new é\n")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_bytes() == "new é\n".encode()


def test_one_file_by_many_names(tmp_path, monkeypatch):
    (tmp_path / "a.wav").touch()
    (tmp_path / "link.wav").symlink_to("a.wav")
    (tmp_path / "hard.wav").hardlink_to(tmp_path / "a.wav")
    monkeypatch.chdir(tmp_path)
    for other in ["a.wav", "./a.wav", "link.wav", "hard.wav", str(tmp_path / "x" / ".." / "a.wav")]:
        assert same_file(tmp_path / "a.wav", Path(other))
    assert not same_file(tmp_path / "a.wav", tmp_path / "b.wav")
    assert same_file(tmp_path / "b.wav", Path("b.wav"))


@pytest.mark.parametrize("bits", [16, 24])
@pytest.mark.parametrize("channels", [1, 2])
def test_wav_holds_what_was_given(tmp_path, speech, bits, channels):
    from tests.decoding import decode_audio

    samples = np.stack([speech, -speech])[:channels]
    write_wav(tmp_path / "a.wav", Waveform(samples, 24_000), bits=bits)
    found, format_ = decode_audio(tmp_path / "a.wav")
    full_scale = 2.0 ** (8 * found.dtype.itemsize - 1)
    assert np.abs(found / full_scale - samples).max() <= 0.5 / 2 ** (bits - 1) + 1e-9
    assert (format_.sample_rate_hz, format_.bits, format_.channels) == (24_000, bits, channels)


def test_wav_clips_rather_than_wraps(tmp_path):
    from tests.decoding import decode_audio

    write_wav(tmp_path / "a.wav", Waveform(np.float32([[1.5, -1.5, 1.0, -1.0]]), 24_000))
    assert decode_audio(tmp_path / "a.wav")[0].tolist() == [[32767, -32768, 32767, -32768]]


def test_dither_is_triangular_and_can_be_repeated(tmp_path):
    from tests.decoding import decode_audio

    tone = np.full((1, 200_000), 0.3 / 32768, np.float32)
    for name in "ab":
        write_wav_blocks(tmp_path / name, [tone[:, :70_000], tone[:, 70_000:]], 24_000, 1, bits=16)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    found = decode_audio(tmp_path / "a")[0][0].astype(float)
    assert found.mean() == pytest.approx(0.3, abs=0.01)  # plain rounding would give 0
    assert found.var() == pytest.approx(2 / 12 + 1 / 12, abs=0.01)  # two uniforms, and the rounding
