"""A video of several chunks: killed and continued, one chunk made again, scored and sampled again."""

from __future__ import annotations

import json
import shutil
import time
import wave
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_engines import BRIEF
from running import start

from lipwright.domain.progress import Progress
from lipwright.domain.settings import RenderRequest
from lipwright.engines.registry import ENGINES
from lipwright.errors import Cancelled
from lipwright.pipeline.chunk_cache import ChunkCache, cache_bytes, cache_folder
from lipwright.pipeline.manifest import read_manifest
from lipwright.pipeline.render import render_video

CHUNKS = 3
SIZE = "160x160"
SHORTER = ("--audio-to", "5.4")
"""Two chunks of it."""
FULL_CHUNKS = ("--engine", "portrait", "--fps", "30")
"""Two chunks as long as chunks are; the others' are shorter, for speed."""


@pytest.fixture(scope="module")
def talk(long_voice: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """9 seconds of a woman reading: three chunks of the engine brief at 25 fps."""
    with wave.open(str(long_voice)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    path = tmp_path_factory.mktemp("talk") / "talk.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(np.tile(samples, 2)[: 9 * 16_000].tobytes())
    return path


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return cache_folder()


@dataclass(frozen=True)
class Finished:
    """A video of three chunks, made once."""

    folder: Path
    """The video and its manifest."""
    cache: Path
    """With its chunks."""
    motion: Path
    """Its motion, as CSV."""

    @property
    def manifest(self) -> dict[str, Any]:
        return json.loads((self.folder / "v.json").read_text())


@pytest.fixture(scope="module")
def finished(talk: Path, portrait: Path, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    video, cache, motion = (tmp_path_factory.mktemp(name) for name in ("finished", "chunks", "motion"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(cache))
        patch.setitem(ENGINES, BRIEF.name, BRIEF)
        request = RenderRequest(
            talk,
            video / "v.mp4",
            image=portrait,
            engine=BRIEF.name,
            size=SIZE,
            motion_out=(motion / "motion.csv",),
        )
        render_video(request)
    return Finished(video, cache, motion / "motion.csv")


@pytest.fixture
def again(finished: Finished, cache: Path, tmp_path: Path) -> Finished:
    """The same, copied to where `render` works."""
    shutil.copytree(finished.folder, tmp_path, dirs_exist_ok=True)
    shutil.copytree(finished.cache, cache.parents[1])
    return replace(finished, folder=tmp_path, cache=cache)


@pytest.fixture
def render(cli: Any, fakes: None, talk: Path, portrait: Path, tmp_path: Path) -> Any:
    def call(*options: str, code: int = 0, output: str = "v.mp4") -> Any:
        where = ("--image", portrait, "--size", SIZE, "-o", tmp_path / output)
        engine = () if "--engine" in options else ("--engine", BRIEF.name)
        done = cli("render", talk, *where, *engine, *options, "--json")
        assert done.code == code, done.stderr
        return done.json

    return call


def curves(path: Path) -> np.ndarray:
    return np.loadtxt(path, delimiter=",", skiprows=1, dtype=str)


def test_one_chunk_is_made_again_and_its_neighbors_are_untouched(render, again, tmp_path):
    after = tmp_path / "after.csv"
    first = again.manifest
    assert [chunk["number"] for chunk in first["chunks"]] == [1, 2, 3]
    assert not any(chunk["kept"] or chunk["redone"] for chunk in first["chunks"])
    done = render("--motion-out", str(after), "--redo-chunk", "2", "--seed", "7")
    assert done["job"]["seed"] == 0, "the seed of all the others"
    told = [(c["seed"], c["kept"], c["redone"]) for c in done["chunks"]]
    assert told == [(0, True, False), (7, False, True), (0, True, False)]
    was, now = curves(again.motion), curves(after)
    changed = np.flatnonzero((was != now).any(1))
    made, following = first["plan"]["chunks"][1], first["plan"]["chunks"][2]
    smoothed = 8  # frames that the slow channels are smoothed over
    assert changed.min() >= made["start_frame"] + made["overlap_frames"] - smoothed
    assert changed.max() < following["start_frame"] + smoothed
    assert len(changed) > made["frames"] / 2

    head = was.astype(float)[:, 1:], now.astype(float)[:, 1:]
    jumps = [np.abs(np.diff(values, axis=0)).max(1) for values in head]
    at = slice(following["start_frame"] - 2, following["start_frame"] + 3)
    assert jumps[1][at].max() < 2 * np.percentile(jumps[0], 99), "the seam holds"

    video = tmp_path / "v.mp4"
    others = render("--redo-chunk", "1,3", "--seed", "0")
    told = [(c["number"], c["seed"], c["kept"], c["redone"]) for c in others["chunks"]]
    assert told == [(1, 8, False, True), (2, 7, True, True), (3, 8, False, True)], (
        "the seed of the whole video is no new one"
    )
    redone = video.read_bytes()
    render(output="plain.mp4")
    assert (tmp_path / "plain.mp4").read_bytes() != redone
    plain = read_manifest(tmp_path / "plain.json")
    assert [chunk["redone"] for chunk in plain.chunks] == [False] * CHUNKS
    assert plain.video == first["video"], "the same command makes the same video"


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--redo-chunk", "99"), 2, "v.mp4 has 3 chunks"),
        (("--redo-chunk", "0"), 2, "is not the number of a chunk"),
        (("--redo-chunk", "two"), 2, "is not the number of a chunk"),
        (
            ("--redo-chunk", "2", "--expression", "2"),
            2,
            "(different settings: expression)",
        ),
        (("--redo-chunk", "2", "--audio-from", "1"), 2, "was made by another command"),
        (("--redo-chunk", "2", "-o", "none.mp4"), 2, "there is no none.json next to it"),
        (("--redo-chunk", "2", "--engine", "bar"), 2, "the bar engine cannot sample a single chunk again"),
    ],
)
def test_impossible_redo_is_refused_and_keeps_the_video(cli, fakes, finished, *, options, code, message):
    folder = finished.folder
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    job = finished.manifest["job"]
    output = [] if "-o" in options else ["-o", folder / "v.mp4"]
    engine = [] if "--engine" in options else ["--engine", BRIEF.name]
    where = ("--image", job["image"], *engine, "--size", SIZE, *output)
    options = tuple(str(folder / "none.mp4") if one == "none.mp4" else one for one in options)
    done = cli("render", job["audio"], *where, *options)
    assert done.code == code
    assert message in done.stderr
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_killed_render_continues_where_it_stopped(render, cache, talk, portrait, tmp_path):
    where = ("--image", portrait, "--engine", BRIEF.name, "--size", SIZE, "--steps", "24", *SHORTER)
    running = start("render", talk, *where, "-o", tmp_path / "v.mp4", cwd=tmp_path)
    while not list(cache.glob("*/0-0000-0.seal")):
        assert running.poll() is None, "it ended before it was killed"
        time.sleep(0.005)
    running.kill()
    running.communicate()
    assert not (tmp_path / "v.mp4").exists()
    done = render("--steps", "24", *SHORTER)
    kept = [chunk["kept"] for chunk in done["chunks"]]
    assert kept[0]
    assert not kept[-1]
    (told,) = [finding for finding in done["findings"] if finding["rule"] == "chunks-kept"]
    assert told["text"].startswith(f"reused {sum(kept)} chunk")
    fresh = render("--steps", "24", "--fresh", *SHORTER, output="fresh.mp4")
    assert not any(chunk["kept"] for chunk in fresh["chunks"])
    assert fresh["video"] == done["video"], "bit for bit what an uninterrupted run makes"


def test_stopped_render_reports_what_is_stored(talk, portrait, tmp_path):
    request = RenderRequest(
        talk, tmp_path / "v.mp4", image=portrait, engine="portrait", frame_rate=Fraction(30)
    )

    def stop(progress: Progress) -> None:
        if progress.stage == "sample" and progress.done == 8 + 1:
            raise Cancelled("interrupted", hint="nothing was written")

    with pytest.raises(Cancelled) as stopped:
        render_video(request, stop)
    assert stopped.value.hint == "no video was written; run the command again to continue (1 chunk stored)"


def test_damaged_chunks_are_resampled_and_reported(render, again, cache, cli):
    (job,) = cache.iterdir()
    chunk = job / "0-0001-0.npy"
    chunk.write_bytes(chunk.read_bytes()[:-40])
    seal = job / "0-0002-0.seal"
    seal.write_text(json.dumps(json.loads(seal.read_text()) | {"version": 0}))
    done = render(output="again.mp4")
    assert [c["kept"] for c in done["chunks"]] == [True, False, False]
    assert done["video"] == again.manifest["video"]
    (told,) = [f for f in done["findings"] if f["rule"] == "kept-chunk-unusable"]
    assert told["severity"] == "warning"
    assert told["text"].startswith("2 of the stored chunks could not be used")
    health = cli("doctor", "--json").json["chunk_cache"]
    assert health["path"] == str(cache)
    assert health["bytes"] == sum(path.stat().st_size for path in job.iterdir()) == cache_bytes()


def test_each_chunk_is_scored_by_the_measures_of_check(render):
    done = render("--retakes", "1", *SHORTER)
    assert len(done["chunks"]) == 2
    for chunk in done["chunks"]:
        score = chunk["score"]
        assert abs(score["offset_ms"]) < 40
        assert score["confidence"] > 0.9
        assert score["stiffness"] < 0.5
        assert chunk["takes"] == 1 + (score["jumps"] > 0)
    assert done["job"]["retakes"] == 1


def test_the_cache_is_bounded_and_the_oldest_job_goes_first(cache, monkeypatch):
    monkeypatch.setattr("lipwright.pipeline.chunk_cache.MAX_CACHE_BYTES", 2500)
    tokens = np.zeros((1, 100, 2), np.float32)
    for number, key in enumerate("abc"):
        job = ChunkCache(key * 64)
        job.save("0-0000-0", tokens, {"seed": number})
        time.sleep(0.02)
    assert sorted(path.name[0] for path in cache.iterdir()) == ["b", "c"]
    assert cache_bytes() <= 2500
    job.save("0-0001-0", np.zeros((1, 1000, 2), np.float32), {})
    assert [finding.id for finding in job.findings] == ["chunks-not-kept"]
    found = job.load("0-0000-0")
    assert found is not None
    assert (found[0] == tokens).all()
    assert job.load("0-0001-0") is None


def test_a_cache_that_cannot_be_written_costs_no_video(render, cache):
    cache.parent.mkdir(parents=True)
    cache.write_text("a file in its place")
    done = render(*FULL_CHUNKS)
    assert len(done["chunks"]) == 2
    assert "chunks-not-kept" in {finding["rule"] for finding in done["findings"]}
