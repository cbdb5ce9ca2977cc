"""Every row of the exit codes: code, message, hint, JSON, and nothing written or lost."""

from __future__ import annotations

import os
import shutil
import wave
from pathlib import Path

import pytest
from PIL import Image

pytestmark = pytest.mark.usefixtures("fakes")


@pytest.fixture
def folder(tmp_path: Path, voice: Path, portrait: Path) -> Path:
    """A folder with inputs, an existing video, and files that are not inputs."""
    shutil.copy(voice, tmp_path / "voice.wav")
    shutil.copy(portrait, tmp_path / "portrait.png")
    (tmp_path / "video.mp4").write_bytes(b"the video of before")
    (tmp_path / "video.json").write_bytes(b"its manifest")
    (tmp_path / "empty.wav").touch()
    (tmp_path / "words.wav").write_text("this is a text file\n" * 100)
    (tmp_path / "cut.wav").write_bytes(voice.read_bytes()[:30])
    with wave.open(str(tmp_path / "faint.wav"), "wb") as faint:
        faint.setparams((1, 2, 8000, 0, "NONE", ""))
        faint.writeframes(bytes((4, 0, 252, 255)) * 8000)
    (tmp_path / "taken.mp4").mkdir()
    (tmp_path / "taken2.json").mkdir()
    (tmp_path / "link.mp4").symlink_to("voice.wav")
    (tmp_path / "pair.json").symlink_to("pair.mp4")
    (tmp_path / "graph.json").symlink_to("graph.wav")
    (tmp_path / "twin.wav").write_bytes(b"a driver of before")
    (tmp_path / "twin2.wav").hardlink_to(tmp_path / "twin.wav")
    (tmp_path / "page.html").symlink_to("twin.wav")
    (tmp_path / "ring.mp4").symlink_to("ring.mp4")
    (tmp_path / "ring.wav").symlink_to("ring.wav")
    shutil.copy(voice, tmp_path / "voice.mp4")
    Image.new("RGB", (200, 200), "gray").save(tmp_path / "gray.png")
    shutil.copy(portrait, tmp_path / "portrait.json")
    return tmp_path


def contents(folder: Path) -> dict[str, bytes | None]:
    """Every file below a folder, hidden ones too."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


RENDER = ["render", "voice.wav", "--image", "portrait.png", "--engine", "bar", "-o", "video.mp4"]


SMALL = ["--size", "64x64"]


def instead(**changes: str) -> list[str]:
    """RENDER with other values: audio, image, engine, output."""
    named = {"audio": "voice.wav", "image": "portrait.png", "engine": "bar", "output": "video.mp4"} | changes
    return [
        "render",
        named["audio"],
        "--image",
        named["image"],
        "--engine",
        named["engine"],
        "-o",
        named["output"],
    ]


ROWS = {
    # 2: usage
    "no command": ([], 2, None),
    "unknown command": (["sing"], 2, "no such command 'sing'"),
    "unknown option": (["plan", "--sing"], 2, "no such option: --sing"),
    "missing argument": (["render", "-o", "video.mp4"], 2, "missing argument"),
    "missing output": (["render", "voice.wav"], 2, "missing option"),
    "not a number": (["plan", "--frames", "many"], 2, "--frames"),
    "nothing to plan": (["plan"], 2, "exactly one of"),
    "two things to plan": (["plan", "--frames", "9", "--seconds", "5"], 2, "exactly one of"),
    "no length": (["plan", "--seconds", "long"], 2, "'long' is not a length"),
    "unknown fit": (["plan", "--seconds", "5", "--fit", "loose"], 2, "--fit 'loose' is not known"),
    "no rate": (["plan", "--seconds", "5", "--fps", "fast"], 2, "'fast' is not a number"),
    "rate out of range": (["plan", "--seconds", "5", "--fps", "1000"], 2, "outside 1..240"),
    "unknown model": (["models", "pull", "voice"], 2, "no model 'voice'"),
    "unknown engine": (instead(engine="steam"), 2, "no engine 'steam'"),
    "unknown preset": ([*RENDER, "--preset", "wild"], 2, "'wild' is not known"),
    "unknown audio codec": ([*RENDER, "--audio-codec", "mp3"], 2, "'mp3' is not known"),
    "no size": ([*RENDER, "--size", "huge"], 2, "'huge'"),
    "CFG above 5": ([*RENDER, "--cfg", "5.5"], 2, "CFG 5.5 is above 5"),
    "CFG is no number": ([*RENDER, "--cfg", "nan"], 2, "--cfg 'nan' is not a number"),
    "negative seed": ([*RENDER, "--seed", "-1"], 2, "--seed -1 is outside 0.."),
    "no steps": ([*RENDER, "--steps", "0"], 2, "--steps 0 is outside 1..1000"),
    "too many steps": ([*RENDER, "--steps", "1000000"], 2, "--steps 1000000 is outside 1..1000"),
    "CFG beyond all force": ([*RENDER, "--cfg", "1e308", "--force"], 2, "--cfg 1e+308 is outside 0..100"),
    "CFG below zero": ([*RENDER, "--cfg", "-1"], 2, "--cfg -1 is outside"),
    "eta below zero": ([*RENDER, "--eta", "-1"], 2, "--eta -1 is outside 0..1"),
    "eta above one": ([*RENDER, "--eta", "1.5"], 2, "--eta 1.5 is outside 0..1"),
    "threshold below zero": ([*RENDER, "--norming-threshold", "-1"], 2, "--norming-threshold -1 is outside"),
    "guidance that overflows": ([*RENDER, "--stg", "1e308"], 2, "--stg 1e+308 is outside 0..100"),
    "a weight that overflows": (
        [*RENDER, "--modality-scale", "1e308"],
        2,
        "--modality-scale 1e+308 is outside 0..100",
    ),
    "an image held backward": (
        [*RENDER, "--image-strength", "-1"],
        2,
        "--image-strength -1 is outside 0..1",
    ),
    "half a step": ([*RENDER, "--steps", "1.5"], 2, "--steps 1.5 is not a whole number"),
    "a number of 400 digits": ([*RENDER, "--seed", "9" * 400], 2, "is not a number"),
    "a rate that fills the memory": ([*RENDER, "--fps", "1e999999999"], 2, "'1e999999999' is not a number"),
    "a length that fills the memory": (["plan", "--seconds", "1e-999999999"], 2, "is not a length"),
    "frames of 400 digits": (["plan", "--frames", "9" * 400], 4, "4 hours"),
    "an image without a name": ([*RENDER, "--image", ""], 2, "--image is empty"),
    "not an MP4": (instead(output="video.avi"), 2, "does not end in .mp4"),
    "output is the audio": (instead(audio="voice.mp4", output="voice.mp4"), 2, "would overwrite the input"),
    "output is a link to the audio": (instead(output="link.mp4"), 2, "would overwrite the input"),
    "output is the audio, spelled otherwise": (
        instead(audio="voice.mp4", output="taken.mp4/../voice.mp4"),
        2,
        "would overwrite the input",
    ),
    "manifest is the image": (
        instead(image="portrait.json", output="portrait.mp4"),
        2,
        "would overwrite the input",
    ),
    "manifest is a link to the video": (instead(output="pair.mp4"), 2, "are the same file"),
    "driver and recording are one by a hard link": (
        ["audio", "voice.wav", "--trim-silence", "-o", "twin.wav", "--master-out", "twin2.wav"],
        2,
        "are the same file",
    ),
    "driver and report are one by a link": (
        ["audio", "voice.wav", "-o", "twin.wav", "--report", "page.html"],
        2,
        "are the same file",
    ),
    "graph and driver are one by a link": (
        ["workflow", "voice.wav", "-o", "graph.json", "--driver-out", "graph.wav"],
        2,
        "are the same file",
    ),
    "output is a folder by its slash": (instead(output="new.mp4/"), 2, "names a folder"),
    "driver is a folder by its slash": (["audio", "voice.wav", "-o", "new.wav/"], 2, "names a folder"),
    "mask turned round": ([*RENDER, "--start", "2", "--end", "1"], 2, "--end 1 is not after --start 2"),
    "mask before the video": ([*RENDER, "--start", "-1"], 2, "--start -1 is below 0"),
    "mask is no number": ([*RENDER, "--end", "nan"], 2, "--end 'nan' is not a number"),
    "mask after the video": ([*RENDER, "--start", "60"], 2, "after the video's end"),
    "portrait without an image": (
        ["render", "voice.wav", "--engine", "portrait", "-o", "video.mp4"],
        2,
        "needs an image",
    ),
    "another engine's option": ([*RENDER, "--server", "localhost"], 2, "--server is for --engine comfyui"),
    "weights that are not there": ([*RENDER, "--model", "big"], 2, "--model is for --engine ltx or comfyui"),
    "driver is the audio": (["audio", "voice.wav", "-o", "voice.wav"], 2, "would overwrite the input"),
    "driver is no WAV": (["audio", "voice.wav", "-o", "driver.mp3"], 2, "does not end in .wav"),
    "driver of 20 bits": (["audio", "voice.wav", "--bits", "20"], 2, "--bits 20"),
    # 3: inputs and outputs
    "no such audio": (instead(audio="nix.wav"), 3, "nix.wav"),
    "audio is a folder": (instead(audio="."), 3, "folder"),
    "empty audio": (instead(audio="empty.wav"), 3, "empty.wav"),
    "audio is a text": (instead(audio="words.wav"), 3, "words.wav"),
    "truncated audio": (instead(audio="cut.wav"), 3, "cut.wav"),
    "audio is an image": (instead(audio="portrait.png"), 3, "no audio"),
    "no such image": (instead(image="nix.png"), 3, "nix.png"),
    "image is audio": (instead(image="voice.wav"), 3, "voice.wav"),
    "no such driver": ([*RENDER, "--driver", "nix.wav"], 3, "nix.wav"),
    "no such folder": (instead(output="nix/video.mp4"), 3, "there is no folder nix"),
    "output is a folder": (instead(output="taken.mp4"), 3, "folder"),
    "output is a link to itself": (instead(output="ring.mp4"), 3, "ring.mp4"),
    "audio is a link to itself": (instead(audio="ring.wav"), 3, "ring.wav"),
    "output's name is too long": (instead(output="x" * 300 + ".mp4"), 3, "too long"),
    "manifest is a folder": (instead(output="taken2.mp4"), 3, "folder"),
    "plan of no audio": (["plan", "nix.wav"], 3, "nix.wav"),
    "audio of no audio": (["audio", "words.wav"], 3, "words.wav"),
    "driver in no folder": (["audio", "voice.wav", "-o", "nix/driver.wav"], 3, "there is no folder nix"),
    "no such portrait": (["image", "nix.png"], 3, "nix.png"),
    "no face in it": (["image", "gray.png"], 3, "no face"),
    "a size that leaves no face": (
        [*instead(engine="portrait"), "--size", "64x64"],
        3,
        "portrait.png: at 64x64 the face is",
    ),
    "a size that cuts the face": (
        [*instead(engine="portrait"), "--size", "2048x64"],
        3,
        "portrait.png: a video of size 2048x64 cuts off part of the face",
    ),
    "music too quiet": (
        ["mix", "voice.wav", "faint.wav", "-o", "mix.wav"],
        3,
        "faint.wav: the audio is too quiet to be mixed",
    ),
    # 4: plans
    "not 8n+1": (["plan", "--frames", "125"], 4, "121 and 129"),
    "too long": (["plan", "--seconds", "15000"], 4, "4 hours"),
    # 5: engines
    "ltx without a model": ([*instead(engine="ltx"), "--model", "nix"], 5, "nix"),
    "comfyui without a server": (
        [*instead(engine="comfyui"), "--server", "http://127.0.0.1:9"],
        5,
        "no server answers",
    ),
    "engine fails midway": ([*instead(engine="failing"), *SMALL], 5, "12 GB are needed"),
    "engine gives too little": ([*instead(engine="short"), *SMALL], 5, "49 frames were planned"),
    "engine gives too much": ([*instead(engine="long"), *SMALL], 5, "49 frames were planned"),
    "engine gives another size": ([*instead(engine="misshapen"), *SMALL], 5, "frame 0"),
    "interrupted in a library": ([*instead(engine="swallowing"), *SMALL], 130, "interrupted"),
    "a defect": ([*instead(engine="broken"), *SMALL], 5, "unexpected ZeroDivisionError"),
}


# The engine ltx imports PyTorch for seconds: where the tests of ltx have it already.
LTX = pytest.mark.xdist_group("ltx")


@pytest.mark.parametrize("row", [pytest.param(row, marks=LTX if "ltx" in row else ()) for row in ROWS])
def test_failure_has_its_code_and_hint_and_changes_nothing(
    row: str, cli, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    before = contents(folder)
    arguments, code, words = ROWS[row]

    for_people = cli(*arguments)
    assert for_people.code == code, for_people.stderr
    assert for_people.stdout == ""
    assert "Traceback" not in for_people.stderr
    if words is not None:
        told = [line for line in for_people.stderr.splitlines() if line.startswith(("error: ", "hint: "))]
        assert [line.partition(":")[0] for line in told] == ["error", "hint"]
        assert words in told[0]

        for_programs = cli(*arguments, "--json")
        assert for_programs.code == code
        failure = for_programs.json
        assert set(failure) == {"error", "hint", "exit_code"}
        assert failure["exit_code"] == code
        assert words in failure["error"]
        assert failure["hint"]
    assert contents(folder) == before


def test_debug_shows_the_traceback(cli, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    outcome = cli(*instead(engine="broken"), "--debug")
    assert outcome.code == 5
    assert "Traceback" in outcome.stderr
    assert "fake_engines.py" in outcome.stderr
    assert "error: unexpected ZeroDivisionError" in outcome.stderr


def test_force_accepts_cfg_above_five(cli, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    outcome = cli(*RENDER, *SMALL, "--cfg", "5.5", "--force", "--json")
    assert outcome.code == 0
    assert outcome.json["job"]["cfg"] == 5.5
    assert [f["rule"] for f in outcome.json["findings"] if f["severity"] == "warning"] == ["cfg-out-of-range"]


def test_a_write_protected_video_is_kept(cli, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    # To root everything is writable, so the answer of the system is stood in for.
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "video.mp4" and real(path, mode))
    before = contents(folder)
    outcome = cli(*RENDER)
    assert outcome.code == 3
    assert "write-protected" in outcome.stderr
    assert contents(folder) == before
