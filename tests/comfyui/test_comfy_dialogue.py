"""`lipwright dialogue` on servers: each shot is a job, driven by its speaker's voice alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks.made_dialogue import make_images, speaker_options
from comfy_process import ComfyProcess
from talk import Talk, make_talk

from lipwright.media.video_reader import read_video_frames

SIDE = 64
BAR = slice(SIDE // 4 + 2, SIDE // 2 - 2)
"""Columns of the bar that the server draws: as high as the driver is loud."""


@pytest.fixture(scope="module")
def made(long_voice: Path, tmp_path_factory: pytest.TempPathFactory) -> Talk:
    return make_talk(long_voice, tmp_path_factory.mktemp("talk"), 3.4)


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    return make_images(tmp_path_factory.mktemp("faces"), 256)


def graphs(*servers: ComfyProcess) -> list[dict[str, Any]]:
    """The jobs of the servers."""
    return [request["json"]["prompt"] for server in servers for request in server.seen("/prompt")]


def loaded(graph: dict[str, Any]) -> dict[str, str]:
    """The files that a job loads, by kind."""
    kinds = {"LoadAudio": "audio", "LoadImage": "image"}
    return {
        kind: node["inputs"][kind]
        for node in graph.values()
        if (kind := kinds.get(node["class_type"], "")) and node["inputs"].get(kind)
    }


def bar_heights(video: Path, panel: int) -> np.ndarray:
    """Height of one panel's bar in each frame, as a fraction of the height."""
    columns = slice(panel * SIDE + BAR.start, panel * SIDE + BAR.stop)
    frames = [frame[:, columns] > 150 for _, frame in read_video_frames(video)]
    return np.array([frame.mean() for frame in frames])


def during(made: Talk, speaker: str, heights: np.ndarray, rate: float) -> float:
    """Mean height of the bar while somebody speaks."""
    turn = made.turns[speaker]
    return float(heights[round(turn.start * rate) : round(turn.end * rate)].mean())


def test_each_shot_of_a_cut_is_a_job_on_one_of_the_servers(made, images, start, cli, tmp_path: Path) -> None:
    servers = [start("--step-seconds", "0.2"), start("--step-seconds", "0.2")]
    video = tmp_path / "talk.mp4"
    done = cli(
        *("dialogue", made.mix, "--turns", made.table, *speaker_options("cut", images), "-o", video),
        *("--engine", "comfyui", *(part for one in servers for part in ("--server", one.url))),
        *("--size", f"{SIDE}x{SIDE}", "--json"),
    )
    assert done.code == 0, done.stderr
    jobs = graphs(*servers)
    assert [len(graphs(one)) for one in servers] == [1, 1], "both work at the same time"
    assert len({loaded(graph)["image"] for graph in jobs}) == 2
    lengths = {
        node["inputs"]["length"]
        for graph in jobs
        for node in graph.values()
        if node["class_type"] == "EmptyLTXVLatentVideo"
    }
    assert lengths == {shot["sampled_frames"] for shot in done.json["shots"]}
    assert done.json["frozen"] is True
    assert done.json["audio"]["offset_samples"] == 0
    heights, rate = bar_heights(video, 0), 25.0
    assert len(heights) == sum(shot["frames"] for shot in done.json["shots"])
    assert min(during(made, name, heights, rate) for name in ("Joe", "Jim")) > 0.1


def test_panels_of_a_split_are_made_in_chunks_and_rest_in_the_turns_of_others(
    made, images, start, cli, tmp_path: Path
) -> None:
    server, video, rate = start(), tmp_path / "talk.mp4", 50
    done = cli(
        *("dialogue", made.mix, "--turns", made.table, *speaker_options("split", images), "-o", video),
        *("--layout", "split", "--engine", "comfyui", "--server", server.url, "--fps", rate),
        *("--size", f"{2 * SIDE}x{SIDE}", "--json"),
    )
    assert done.code == 0, done.stderr
    jobs = graphs(server)
    assert len(jobs) == 2 * len(done.json["plan"]["chunks"]) == 4
    assert len({loaded(graph)["audio"] for graph in jobs}) == 4
    for panel, (speaker, other) in enumerate([("Joe", "Jim"), ("Jim", "Joe")]):
        heights = bar_heights(video, panel)
        assert len(heights) == done.json["plan"]["frames"]
        assert during(made, speaker, heights, rate) > 0.1
        pause = heights[: round(made.turns["Joe"].start * rate)].mean()
        assert during(made, other, heights, rate) < pause + 1 / SIDE


@pytest.mark.parametrize("order", [1, -1])
def test_a_shot_that_fails_stops_the_others(*, made, images, start, cli, tmp_path: Path, order: int) -> None:
    """At once, whichever is waited for: both start at the same time, and either may get the broken server."""
    slow = start("--step-seconds", "0.5", "--steps", "200")
    servers = [start("--fault", "error"), slow][::order]
    done = cli(
        *("dialogue", made.mix, "--turns", made.table, *speaker_options("cut", images)),
        *("--engine", "comfyui", *(part for one in servers for part in ("--server", one.url))),
        *("--size", f"{SIDE}x{SIDE}", "-o", tmp_path / "talk.mp4", "--json"),
    )
    assert done.code == 5
    assert re.match(r"shot (1 \(Joe\)|2 \(Jim\)): ", done.json["error"])
    assert done.json["error"].endswith("RuntimeError: shapes do not match")
    ended = slow.wait(lambda told: told["running"] is None)
    assert sum(ended["job_seconds"]) < 200 * 0.5, "it ran to its end before the failure was noticed"
    assert not list(tmp_path.iterdir())
