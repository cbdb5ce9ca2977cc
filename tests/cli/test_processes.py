"""The command line as a user meets it: a process that is interrupted, killed, out of room."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
from running import SCRIPT, command, start, wait_for

from lipwright.domain.media import Waveform
from lipwright.media.audio_reader import read_audio
from lipwright.media.audio_writer import write_wav

FAKES = SCRIPT.parent

VIDEO, MANIFEST = b"the video of before", b"its manifest"


@pytest.fixture
def folder(tmp_path: Path, voice: Path, portrait: Path) -> Path:
    """Inputs, and an existing video."""
    shutil.copy(voice, tmp_path / "voice.wav")
    shutil.copy(portrait, tmp_path / "portrait.png")
    (tmp_path / "video.mp4").write_bytes(VIDEO)
    (tmp_path / "video.json").write_bytes(MANIFEST)
    return tmp_path


def render(engine: str, *more: str, size: str = "64x64") -> list[str]:
    words = ["render", "voice.wav", "--image", "portrait.png", "--engine", engine, "-o", "video.mp4"]
    return [*words, "--size", size, *more]


def wait_for_frames(running: subprocess.Popen[str], folder: Path) -> None:
    """Wait until the video is being written."""
    while not list(folder.glob(".*.mp4")):
        assert running.poll() is None
        time.sleep(0.02)


def assert_untouched(folder: Path) -> None:
    assert (folder / "video.mp4").read_bytes() == VIDEO
    assert (folder / "video.json").read_bytes() == MANIFEST


def assert_nothing_else(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {
        "voice.wav",
        "portrait.png",
        "video.mp4",
        "video.json",
    }


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interruption_while_frames_are_made_changes_nothing(folder: Path, number: signal.Signals) -> None:
    with start(*render("slow"), cwd=folder) as running:
        wait_for(running, "frames")
        wait_for_frames(running, folder)
        running.send_signal(number)
        stdout, stderr = running.communicate(timeout=30)
    assert running.returncode == 130
    assert stdout == ""
    assert stderr == "error: interrupted\nhint: no output file was written\n"
    assert_untouched(folder)
    assert_nothing_else(folder)


def test_interruption_while_the_model_samples_changes_nothing(folder: Path, long_voice: Path) -> None:
    shutil.copy(long_voice, folder / "voice.wav")
    with start(*render("portrait", size="256x256"), cwd=folder) as running:
        wait_for(running, "sample")
        running.send_signal(signal.SIGINT)
        stdout, stderr = running.communicate(timeout=60)
    assert running.returncode == 130, stderr
    assert stdout == ""
    assert stderr.endswith("error: interrupted\nhint: no output file was written\n")
    assert_untouched(folder)
    assert_nothing_else(folder)


def test_interruption_with_json_prints_one_object(folder: Path) -> None:
    with start(*render("slow", "--json"), cwd=folder) as running:
        wait_for_frames(running, folder)
        running.send_signal(signal.SIGINT)
        stdout, _ = running.communicate(timeout=30)
    assert running.returncode == 130
    hint = "no output file was written"
    assert json.loads(stdout) == {"error": "interrupted", "hint": hint, "exit_code": 130}
    assert_untouched(folder)
    assert_nothing_else(folder)


def test_killed_render_can_be_repeated(folder: Path, cli, fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    with start(*render("slow"), cwd=folder) as running:
        wait_for_frames(running, folder)
        running.kill()
        running.communicate(timeout=30)
    assert running.returncode == -signal.SIGKILL
    assert list(folder.glob(".*.mp4")), "nothing was left behind to be removed"
    assert_untouched(folder)
    monkeypatch.chdir(folder)
    assert cli(*render("bar")).code == 0
    assert (folder / "video.mp4").read_bytes() != VIDEO
    # What the killed run left is gone.
    assert_nothing_else(folder)


def test_shortened_copy_of_a_killed_render_is_removed(
    folder: Path, cli, fakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = read_audio(folder / "voice.wav", rate_hz=16000).waveform.mono
    pause = np.zeros(3 * 16000, np.float32)
    write_wav(folder / "voice.wav", Waveform(np.concatenate([samples, pause, samples])[None], 16000))
    with start(*render("slow", "--trim-silence"), cwd=folder) as running:
        wait_for_frames(running, folder)
        running.kill()
        running.communicate(timeout=30)
    assert list(folder.glob(".*.master.wav")), "nothing was left behind to be removed"
    monkeypatch.chdir(folder)
    assert cli(*render("bar")).code == 0
    assert_nothing_else(folder)


KILLED_BETWEEN = """
    import os, signal
    from pathlib import Path
    from fake_engines import register_fakes
    from lipwright.cli.main import main

    rename = Path.replace

    def replace(path, target):
        rename(path, target)
        if Path(target).name == "video.mp4":
            os.kill(os.getpid(), signal.SIGKILL)

    Path.replace = replace
    register_fakes()
    main()
"""


def test_video_killed_before_its_manifest_is_reported(
    folder: Path, cli, fakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file system renames two files at once; the manifest identifies its video by a hash."""
    monkeypatch.chdir(folder)

    def warned() -> bool:
        found = cli("check", "video.mp4", "--json").json["findings"]
        return "manifest-of-another-video" in {finding["rule"] for finding in found}

    assert cli(*render("bar")).code == 0
    before = {name: (folder / name).read_bytes() for name in ("video.mp4", "video.json")}
    assert not warned()
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED_BETWEEN), *render("bar", "--seed", "1")],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(FAKES), os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL
    assert (folder / "video.mp4").read_bytes() != before["video.mp4"]
    assert (folder / "video.json").read_bytes() == before["video.json"]
    assert warned()
    assert cli(*render("bar", "--seed", "1")).code == 0
    assert not warned()
    assert_nothing_else(folder)


def test_full_disk_keeps_the_old_video(folder: Path, long_voice: Path) -> None:
    shutil.copy(long_voice, folder / "voice.wav")
    limit = 64 * 1024  # the video of a noisy image is larger, what is read and imported is not written

    done = subprocess.run(
        command(*render("bar", "--json", size="256x256")),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert done.returncode == 3, done.stderr
    assert "video.mp4: the file would be larger" in json.loads(done.stdout)["error"]
    assert "Traceback" not in done.stderr
    assert_untouched(folder)
    assert_nothing_else(folder)


def test_video_without_room_for_its_manifest_does_not_appear(
    folder: Path, monkeypatch: pytest.MonkeyPatch, cli, fakes
) -> None:
    """The video is whole already, and must still not appear without its manifest."""
    monkeypatch.chdir(folder)
    real = Path.write_text

    def full(path: Path, *arguments, **options):
        if ".json" in path.name:
            raise OSError(28, "No space left on device")
        return real(path, *arguments, **options)

    monkeypatch.setattr(Path, "write_text", full)
    outcome = cli(*render("bar"))
    assert outcome.code == 3
    assert "video.json: no space left" in outcome.stderr
    assert_untouched(folder)
    assert_nothing_else(folder)


@pytest.mark.parametrize(
    "arguments", [["plan", "--seconds", "5", "--json"], ["plan", "--seconds", "5"], ["--help"]]
)
def test_full_standard_output_is_reported(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command(*arguments), stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60
        )
    assert done.returncode == 3
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize("where", ["2>/dev/full", "2>&-"])
@pytest.mark.parametrize(("audio", "code"), [("voice.wav", 0), ("nix.wav", 3)])
def test_render_works_without_standard_error(folder: Path, where: str, audio: str, code: int) -> None:
    before = set(folder.iterdir())
    words = command(
        "render", audio, "--image", "portrait.png", "--engine", "bar", "-o", "new.mp4", "--size", "64x64"
    )
    done = subprocess.run(
        ["sh", "-c", f'"$@" {where}', "sh", *words], cwd=folder, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == code
    made = {folder / "new.mp4", folder / "new.json"} if code == 0 else set()
    assert set(folder.iterdir()) - before == made


@pytest.mark.parametrize(("arguments", "code"), [(["plan", "--seconds", "5"], 3), (["plan", "nix.wav"], 3)])
def test_closed_standard_output_is_reported(arguments: list[str], code: int) -> None:
    done = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *command(*arguments, "--json")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == code
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [["plan", "--seconds", "5", "--json"], ["--help"]])
def test_closed_pipe_ends_quietly(arguments: list[str]) -> None:
    running = subprocess.Popen(command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdout is not None
    running.stdout.close()
    assert running.stderr is not None
    assert running.stderr.read() == ""
    running.stderr.close()
    assert running.wait(60) == 3


def test_installed_command_reports_its_failures() -> None:
    script = Path(sys.executable).parent / "lipwright"
    done = subprocess.run(
        [script, "plan", "--frames", "125", "--json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 4
    assert json.loads(done.stdout)["exit_code"] == 4
    assert done.stderr == (
        "error: 125 frames is not 8n+1; the valid counts next to it are 121 and 129\nhint: use --frames 121\n"
    )


LOADING = """
import sys
class Interrupted:
    def find_spec(self, name, path=None, target=None):
        if name == "typer":
            exec("raise KeyboardInterrupt")  # as within a dataclass that is being defined
sys.meta_path.insert(0, Interrupted())
sys.argv = ["lipwright", "plan", "--seconds", "5", "--json"]
from lipwright.__main__ import main
main()
"""


def test_interruption_while_the_command_loads_is_reported(tmp_path: Path) -> None:
    (tmp_path / "loading.py").write_text(LOADING, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "loading"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == json.loads(done.stdout)["exit_code"] == 130
    assert done.stderr == "error: interrupted\nhint: no output file was written\n"
