"""What a person sees on a terminal, as a terminal emulator shows it."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pyte
import pytest
from running import command


class Terminal:
    """A process whose three streams are a terminal, and the screen that it draws."""

    def __init__(self, *arguments: str | Path, columns: int, cwd: Path, **environment: str) -> None:
        self.screen = pyte.Screen(columns, 60)
        self.raw = b""
        self._stream = pyte.ByteStream(self.screen)
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 60, columns, 0, 0))
        inherited = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "NO_COLOR"}}
        self._ours = ours
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            command(*arguments),
            cwd=cwd,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            # so that ^C reaches it
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
            env=inherited | {"TERM": "xterm"} | environment,
        )
        os.close(theirs)

    def read(self) -> bool:
        """Take what the process wrote; False when it has ended."""
        with suppress(OSError):  # Linux answers EIO when the other end is closed
            part = os.read(self._ours, 65_536)
            self.raw += part
            self._stream.feed(part)
            return True
        return False

    def read_until(self, pattern: str) -> None:
        while not re.search(pattern, self.text):
            assert self.read(), f"ended before it showed {pattern!r}:\n{self.text}"

    def finish(self) -> int:
        while self.read():
            pass
        os.close(self._ours)
        return self.process.wait(60)

    def type(self, keys: bytes) -> None:
        os.write(self._ours, keys)

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()


@contextmanager
def terminal(*arguments: str | Path, columns: int, cwd: Path, **environment: str) -> Iterator[Terminal]:
    shown = Terminal(*arguments, columns=columns, cwd=cwd, **environment)
    try:
        yield shown
    finally:
        shown.process.kill()
        shown.process.wait()


@pytest.fixture
def folder(tmp_path: Path, long_voice: Path, portrait: Path) -> Path:
    shutil.copy(long_voice, tmp_path / "voice.wav")
    shutil.copy(portrait, tmp_path / "portrait.png")
    return tmp_path


def render(engine: str, *more: str) -> list[str]:
    return ["render", "voice.wav", "--engine", engine, "--size", "64x64", "-o", "video.mp4", *more]


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_the_time_left_can_be_read_and_no_bar_is_drawn_twice_after_ctrl_c(folder: Path, columns: int) -> None:
    with terminal(*render("slow", "--end", "1"), columns=columns, cwd=folder) as shown:
        shown.read_until(r"frames.*\d:\d\d:\d\d left")
        (line,) = (line for line in shown.text.splitlines() if "frames" in line)
        assert len(line) < columns
        shown.type(b"\x03")
        assert shown.finish() == 130
        for stage in ("read", "prepare", "sample", "frames"):
            assert len(re.findall(rf"^ *{stage} ", shown.text, re.MULTILINE)) == 1, shown.text
        assert "error: interrupted" in shown.text


def test_a_finished_step_has_no_time_left(folder: Path) -> None:
    with terminal(*render("bar"), columns=80, cwd=folder) as shown:
        assert shown.finish() == 0
        assert "left" not in shown.text
        assert re.search(r"frames.*177/177 0:00:\d\d$", shown.text, re.MULTILINE)


def test_messages_wrap_by_word(folder: Path) -> None:
    with terminal(*render("bar", "--end", "1"), columns=30, cwd=folder) as shown:
        assert shown.finish() == 0
    told = shown.text[shown.text.index("video.mp4:") :]
    assert re.search(r"\n  .*in \d+\.\d s$", told, re.MULTILINE), told


def test_batch_table_replaces_the_loading_line(monkeypatch: pytest.MonkeyPatch) -> None:
    from lipwright.cli import output
    from lipwright.cli.batch_table import batch_progress

    screen = io.StringIO()
    screen.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stderr", screen)
    output.show_status("loading ...")
    with batch_progress(output.Output()):
        assert screen.getvalue().startswith("\rloading ...\r\x1b[K")


def test_something_is_shown_before_heavy_modules_load(folder: Path) -> None:
    with terminal(*render("bar"), columns=80, cwd=folder) as shown:
        shown.read()
        assert shown.text.startswith("loading ...")
        first = time.monotonic() - shown.began
        shown.finish()
        assert first < (time.monotonic() - shown.began) / 2
        assert "loading" not in shown.text


@pytest.mark.parametrize("no_color", ["", "1"])
def test_findings_have_a_color_and_wrap_by_word(folder: Path, no_color: str) -> None:
    words = ("audio", "voice.wav")
    with terminal(*words, columns=50, cwd=folder, NO_COLOR=no_color) as shown:
        assert shown.finish() == 0
    assert (b"\x1b[36mhint\x1b[0m" in shown.raw) == (no_color == "")
    told = shown.text[shown.text.index("level of the driver") :].splitlines()[1:]
    assert max(map(len, told)) <= 50
    joined = " ".join(line.strip() for line in told)
    assert re.search(r"hint at 0\.0-7\.\d s: loudness is -24\.\d LUFS, below -20 \[quiet, AUDIO-4\]", joined)


def test_times_of_findings_have_no_sixtieth_second() -> None:
    from lipwright.cli.output import _time

    assert _time({"start": 59.97, "end": 125.25}) == " at 1:00.0-2:05.2"


def test_a_second_ctrl_c_ends_with_130(folder: Path) -> None:
    with terminal(*render("slow"), columns=80, cwd=folder) as shown:
        shown.read_until("frames")
        shown.process.send_signal(signal.SIGINT)
        shown.process.send_signal(signal.SIGINT)
        assert shown.finish() == 130


def test_nohup_keeps_the_work_running(folder: Path) -> None:
    words = [*command(*render("slow", "--audio-to", "0.8")), "--quiet"]
    with subprocess.Popen(
        ["nohup", *words], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as running:
        while not list(folder.glob(".*.mp4")):
            assert running.poll() is None
            time.sleep(0.05)
        running.send_signal(signal.SIGHUP)
        assert running.wait(60) == 0
    assert (folder / "video.mp4").stat().st_size > 0
