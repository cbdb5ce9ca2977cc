"""`lipwright tune` as people and scripts call it."""

from __future__ import annotations

import json
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from running import start, wait_for

from lipwright.domain.time import Span
from lipwright.media.audio_writer import write_excerpt
from lipwright.media.video_reader import read_video_frames


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "lipwright" / "tune"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--engine", "portrait"), 2),
        (("--rounds", "0"), 2),
        (("--rounds", "many"), 2),
        (("--engine", "bar", "--cfg", "9"), 2),
        (("--engine", "bar", "--size", "huge"), 2),
        (("--engine", "bar", "--driver", "nix.wav"), 3),
        (("--engine", "bar", "--trace", "no/such/folder"), 3),
        (("--engine", "bar", "--prompt", "the camera zooms in on his hands", "--strict"), 4),
        (("--engine", "broken"), 5),
    ],
)
def test_failures_have_their_exit_codes_and_leave_nothing(
    *, cli, fakes, voice: Path, tmp_path: Path, arguments: tuple[str, ...], code: int
) -> None:
    done = cli("tune", voice, "-o", tmp_path / "video.mp4", *arguments)
    assert done.code == code, done.stderr
    assert done.stderr.startswith("error: ") or "\nerror: " in done.stderr
    assert "hint: " in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir() if path.name != "cache"] == []


def test_video_without_a_face_is_reported_and_delivered(cli, fakes, voice: Path, tmp_path: Path) -> None:
    video = tmp_path / "video.mp4"
    done = cli("tune", voice, "--engine", "bar", "--size", "64x64", "--rounds", "2", "-o", video)
    assert done.code == 0, done.stderr
    assert done.stdout == ""
    assert "round 1, start. no-face" in done.stderr
    assert "seed 0 -> 1" in done.stderr
    assert "the limit of rounds is reached" in done.stderr
    manifest = json.loads(video.with_suffix(".json").read_text())
    assert "hint" in {finding["severity"] for finding in manifest["findings"]}
    assert "hint" not in done.stderr  # they ask for nothing to be done


def test_json_is_one_object(cli, fakes, voice: Path, tmp_path: Path) -> None:
    video = tmp_path / "video.mp4"
    done = cli("tune", voice, "--engine", "bar", "--size", "64x64", "--rounds", "1", "-o", video, "--json")
    assert done.stderr == ""
    assert {"settings", "measures", "decision", "reason"} <= done.json["rounds"][0].keys()
    assert done.json["final"]["path"] == str(video)
    assert json.loads(video.with_suffix(".json").read_text())["sync"]["verdict"] == "no-face"


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_an_interrupted_run_continues_where_it_stopped(
    *, cli, fakes, voice: Path, tmp_path: Path, cache: Path, how: signal.Signals, code: int
) -> None:
    video = tmp_path / "video.mp4"
    command = ("tune", voice, "--engine", "pattern", "--size", "64x64", "--rounds", "3", "-o", video)
    running = start(*command, cwd=tmp_path)
    wait_for(running, "round 1, start")
    running.send_signal(how)
    running.communicate(timeout=60)
    assert running.returncode == code
    assert not video.exists()
    again = cli(*command, "--json")
    assert again.code == 0, again.stderr
    assert again.json["rounds"][0]["reused"]
    assert not again.json["rounds"][2]["reused"]
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize(
    ("spoken", "fps", "why"),
    [("long_voice", "1", "too few frames per second"), ("voice", "25", "too little speech")],
)
def test_search_ends_early_with_a_reason_if_no_setting_helps(
    request: pytest.FixtureRequest, cli, portrait: Path, tmp_path: Path, *, spoken: str, fps: str, why: str
) -> None:
    video, audio = tmp_path / "video.mp4", request.getfixturevalue(spoken)
    command = ("tune", audio, "--image", portrait, "--engine", "portrait", "--size", "256x256")
    done = cli(*command, "--fps", fps, "-o", video, "--json")
    assert done.code == 0, done.stderr
    assert [each["decision"] for each in done.json["rounds"]] == ["start"]
    assert done.json["ending"] == "cannot be measured"
    assert why in done.json["final"]["summary"]


def test_the_portrait_engine_killed_twice_makes_the_video_of_a_run_that_was_not(
    *, cli, monkeypatch: pytest.MonkeyPatch, long_voice: Path, portrait: Path, tmp_path: Path
) -> None:
    """Killed while the second preview's frames are written, then while the video's are."""
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for folder in (whole, killed):
        folder.mkdir()
        write_excerpt(long_voice, Span(0.2, 6.0), folder / "voice.wav")  # longer than a preview
        shutil.copy(portrait, folder / "portrait.png")
    command = ("tune", "voice.wav", "--image", "portrait.png", "--engine", "portrait", "--size", "160x160")
    command += ("--fps", "12", "--no-freeze", "--rounds", "2", "--trace", "trace", "-o", "video.mp4")

    def videos() -> dict[str, tuple[int, bytes]]:
        found = (killed / "trace").glob("preview-*.mp4")
        return {video.name: (video.stat().st_mtime_ns, video.read_bytes()) for video in found}

    def kill_while(part: str, previews: int) -> None:
        with start(*command, "--quiet", cwd=killed) as running:
            while len(videos()) < previews or not list(killed.glob(part)):
                assert running.poll() is None, "nothing was left to be killed"
                time.sleep(0.005)
            running.kill()
            running.communicate(timeout=60)
        assert running.returncode == -signal.SIGKILL
        assert not (killed / "video.mp4").exists()
        assert list(killed.glob(part)), "the kill came too late: nothing was left in part"
        assert len(videos()) == previews

    kill_while("trace/.*.mp4", 1)
    first = videos()
    story = json.loads((killed / "trace" / "trace.json").read_text())
    assert ([each["reused"] for each in story["rounds"]], story["final"]) == ([False], None)

    kill_while(".*.mp4", 2)
    both = videos()
    assert first.items() < both.items(), "the first preview was rendered again"
    story = json.loads((killed / "trace" / "trace.json").read_text())
    assert ([each["reused"] for each in story["rounds"]], story["final"]) == ([True, False], None)

    def run_in(folder: Path) -> Any:
        monkeypatch.chdir(folder)
        return cli(*command, "--json")

    again, at_once = map(run_in, (killed, whole))
    assert (again.code, at_once.code) == (0, 0), again.stderr + at_once.stderr
    assert videos() == both, "a preview was rendered again"
    story = again.json
    assert [each.pop("reused") for each in story["rounds"]] == [True, True]
    expected = at_once.json
    assert [each.pop("reused") for each in expected["rounds"]] == [False, False]
    assert story == expected
    assert (killed / "video.mp4").read_bytes() == (whole / "video.mp4").read_bytes()
    manifest = json.loads((killed / "video.json").read_text())
    assert sum(1 for _ in read_video_frames(killed / "video.mp4")) == manifest["plan"]["frames"]
    names = {path.name for path in whole.rglob("*")}
    assert {path.name for path in killed.rglob("*")} == names, "what the killed runs left is not gone"
