"""Tuning with the other engines: the whole loop, with the tiny model and with the fake server."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from comfy_process import ComfyProcess

from lipwright.domain.time import Span
from lipwright.media.audio_writer import write_excerpt
from lipwright.media.video_reader import read_video_frames


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sys.path.insert(0, str(Path(__file__).parents[1] / "ltx"))
    import tiny_ltx

    return tiny_ltx.build_folder(tmp_path_factory.mktemp("ltx") / "tiny-ltx")


@pytest.fixture(scope="module")
def server() -> Iterator[ComfyProcess]:
    running = ComfyProcess()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def word(voice: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of speech."""
    path = tmp_path_factory.mktemp("word") / "word.wav"
    write_excerpt(voice, Span(0.3, 1.3), path)
    return path


@pytest.mark.parametrize(
    "engine",
    [
        pytest.param("ltx", marks=pytest.mark.xdist_group("ltx")),  # its libraries load slowly, and but once
        "comfyui",
    ],
)
def test_whole_search_loop(
    *, engine: str, cli, word: Path, portrait: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Random weights and a fake server show no face: words are taken out of the prompt."""
    video, trace = tmp_path / "video.mp4", tmp_path / "trace"
    where = (
        ("--model", request.getfixturevalue("tiny_folder"), "--preset", "official-distilled", "--stages", "2")
        if engine == "ltx"
        else ("--server", request.getfixturevalue("server").url)
    )
    small = ("--size", "64x64", "--steps", "1", "--rounds", "2", "--trace", trace)
    wordy = ("--prompt", "a woman waves, close-up", "--allow-motion")
    done = cli(
        "tune", word, "--image", portrait, "-o", video, "--engine", engine, *where, *small, *wordy, "--json"
    )
    assert done.code == 0, done.stderr
    first, second = done.json["rounds"]
    assert (first["rule"], second["rule"]) == (None, "prompt")
    assert {each["measures"]["verdict"] for each in (first, second)} == {"no-face"}
    if engine == "ltx":
        assert first["settings"]["stages"] == 2
    # The fake server draws by seed and audio alone: what it does not read has no effect.
    assert second["decision"] == "no effect"
    assert ("is identical" in second["reason"]) == (engine == "comfyui")
    previews = [path.read_bytes() for path in trace.glob("preview-*.mp4")]
    assert (len(previews), len(set(previews))) == (2, 2 if engine == "ltx" else 1)
    assert sum(1 for _ in read_video_frames(video)) % 8 == 1
    assert "No face is visible" in (trace / "trace.md").read_text()
