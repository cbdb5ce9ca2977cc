"""Every exception of PyAV becomes one of ours."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from threading import Timer

import av.error
import pytest

from lipwright.errors import InputError, OutputError
from lipwright.media.atomic_files import file_sha256
from lipwright.media.audio_decoder import open_audio
from lipwright.media.file_errors import reading, writing

FOREIGN = sorted(
    {
        kind
        for kind in vars(av.error).values()
        if isinstance(kind, type) and issubclass(kind, av.error.FFmpegError)
    },
    key=lambda kind: kind.__name__,
)


def test_a_pipe_is_not_waited_for(tmp_path):
    """A fingerprint of what has no end would never be done."""
    pipe = tmp_path / "voice.wav"
    os.mkfifo(pipe)
    writer = os.open(pipe, os.O_RDWR)  # so that opening it does not wait
    Timer(0.3, os.close, [writer]).start()
    with pytest.raises(InputError, match="a pipe or a device"):
        file_sha256(pipe)


def test_foreign_exceptions_exist():
    assert len(FOREIGN) > 40


@pytest.mark.parametrize("kind", [*FOREIGN, OSError, PermissionError, MemoryError])
@pytest.mark.parametrize(("translate", "ours"), [(reading, InputError), (writing, OutputError)])
def test_every_foreign_exception_is_translated(kind, translate, ours):
    with pytest.raises(ours) as caught, translate(Path("video.mp4")):
        raise kind(1, "message of FFmpeg")
    assert caught.value.message.startswith("video.mp4: ")
    assert caught.value.hint
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("kind", [FileNotFoundError, IsADirectoryError, PermissionError])
def test_pyav_errors_read_like_pythons(kind):
    messages = []
    for twin in (kind, getattr(av.error, kind.__name__)):
        with pytest.raises(InputError) as caught, reading(Path("a.wav")):
            raise twin(1, "message")
        messages.append(caught.value.message)
    assert messages[0] == messages[1]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EFBIG, errno.EACCES, errno.EROFS, errno.ENOENT])
def test_a_write_that_fails_says_why(code):
    texts = []
    for error in (OSError(code, "message"), av.error.FFmpegError(code, "message")):
        with pytest.raises(OutputError) as caught, writing(Path("a.mp4")):
            raise error
        texts.append((caught.value.message, caught.value.hint))
    assert texts[0] == texts[1]
    assert "message" not in texts[0][0]


def test_our_own_errors_pass_untouched():
    ours = InputError("a.wav: silent", hint="speak")
    with pytest.raises(InputError) as caught, writing(Path("b.mp4")), reading(Path("a.wav")):
        raise ours
    assert caught.value is ours


def test_what_fails_while_a_file_is_read_is_not_blamed_on_the_file(voice):
    with pytest.raises(BrokenPipeError), open_audio(voice) as decoder:
        for _ in decoder.blocks():
            raise BrokenPipeError("the terminal is gone")
