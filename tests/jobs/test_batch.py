"""A batch by real processes: what is made, made again, left alone and told."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lipwright.jobs.store import JobStore
from lipwright.pipeline.manifest import read_manifest

SPOKEN = Path("/usr/share/pocketsphinx/test/data/cards/001.wav")
"""One second."""


@pytest.fixture
def place(tmp_path: Path, portrait: Path) -> Path:
    """Folders, a portrait and three recordings that differ."""
    for name in ("out", "data"):
        (tmp_path / name).mkdir()
    shutil.copy(portrait, tmp_path / "face.png")
    for number in (1, 2, 3):
        shutil.copy(SPOKEN.with_name(f"00{number}.wav"), tmp_path / f"{number}.wav")
    return tmp_path


PLUGIN = Path(__file__).parents[1] / "fakes" / "engine_plugin"
"""A quick engine, found by its entry point in every process of a batch."""
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join([str(PLUGIN), os.environ.get("PYTHONPATH", "")])}


def command(place: Path, table: str, *options: str) -> list[str]:
    (place / "shots.csv").write_text(table)
    return [
        *(sys.executable, "-m", "lipwright", "batch", str(place / "shots.csv"), "-o", str(place / "out")),
        *("--image", str(place / "face.png"), "--size", "160x160", "--data", str(place / "data")),
        *("--json", "--engine", "bar", *options),
    ]


def run(place: Path, table: str, *options: str, code: int = 0) -> dict:
    ran = subprocess.run(
        command(place, table, *options),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=ENVIRONMENT,
    )
    assert ran.returncode == code, ran.stderr
    return json.loads(ran.stdout)


def states(report: dict) -> list[str]:
    return [shot["state"] for shot in report["shots"]]


def test_what_is_missing_failed_or_changed_is_made_and_nothing_else(place: Path) -> None:
    table = "audio,output,seed\n1.wav,one,1\nmissing.wav,two,1\n2.wav,three,1\n"
    report = run(place, table, code=7)
    assert states(report) == ["done", "failed", "done"]
    assert (report["done"], report["failed"], report["exit_code"]) == (2, 1, 7)
    assert "missing.wav" in report["shots"][1]["error"]
    assert json.loads((place / "out" / "batch.json").read_text())["done"] == 2
    first = read_manifest(place / "out" / "one.json")
    assert first.frozen
    assert first.is_of(place / "out" / "one.mp4")
    before = {path: path.stat().st_mtime_ns for path in (place / "out").glob("*.mp4")}

    shutil.copy(place / "3.wav", place / "missing.wav")
    changed = table.replace("2.wav,three,1", "2.wav,three,2")
    report = run(place, changed)
    assert states(report) == ["skipped", "done", "done"]
    assert before[place / "out" / "one.mp4"] == (place / "out" / "one.mp4").stat().st_mtime_ns
    assert before[place / "out" / "three.mp4"] != (place / "out" / "three.mp4").stat().st_mtime_ns

    (place / "out" / "two.mp4").write_bytes(b"damaged")
    (place / "out" / "one.json").unlink()
    assert states(run(place, changed)) == ["done", "done", "skipped"]


def test_dry_run_plans_all_and_renders_nothing(place: Path) -> None:
    table = "audio,output,steps\n1.wav,one,8\n1.wav,one,8\nnone.wav,three,8\n2.wav,four,x\n"
    report = run(place, table, "--dry-run", code=7)
    assert states(report) == ["waiting"]
    assert report["shots"][0]["seconds"] == pytest.approx(1.0, abs=0.2)
    assert [(found["row"], found["line"], found["column"]) for found in report["problems"]] == [
        (2, 3, "output"),
        (3, 4, ""),
        (4, 5, "steps"),
    ]
    assert list((place / "out").iterdir()) == []


def test_rows_that_cannot_be_understood_stop_everything(place: Path) -> None:
    report = run(place, "audio,speed\n1.wav,3\n", code=3)
    assert "line 2, column speed" in report["error"]
    assert list((place / "out").iterdir()) == []


def test_checked_videos_carry_their_verdict(place: Path) -> None:
    report = run(place, "audio\n2.wav\n", "--check")
    (shot,) = report["shots"]
    assert shot["state"] == "done"
    assert shot["verdict"] == read_manifest(place / "out" / "2.json").sync["verdict"]
    page = (place / "out" / "batch.html").read_text()
    assert shot["verdict"] in page
    kinds = [job.kind for job in JobStore(place / "data").jobs()]
    assert kinds == ["render", "check"]


def test_names_on_the_page_are_text(place: Path) -> None:
    run(place, 'audio,output\n1.wav,"<b>&amp; x"\n')
    page = (place / "out" / "batch.html").read_text()
    assert "<b>&amp" not in page
    assert "&lt;b&gt;&amp;amp; x.mp4" in page


def running_worker(place: Path) -> int:
    """The process id of a worker that has a job, as soon as there is one."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for job in JobStore(place / "data").jobs(state="running"):
            return int(job.worker.rpartition(":")[2])
        time.sleep(0.05)
    pytest.fail("nothing runs")


def begin(place: Path, table: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(place, table), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
    )


SLOW = "audio,output,seed,prompt\n" + "".join(f"{1 + n % 3}.wav,shot{n},{n},sleep 1\n" for n in range(6))


def test_killed_worker_and_killed_batch_lose_nothing(place: Path) -> None:
    """Both are killed in the middle; the next run makes what is missing, and nothing twice."""
    began = begin(place, SLOW)
    killed = running_worker(place)
    os.kill(killed, signal.SIGKILL)
    deadline = time.monotonic() + 100
    while not (done := list((place / "out").glob("shot*.json"))) and time.monotonic() < deadline:
        time.sleep(0.05)
    began.kill()
    began.communicate()
    kept = {path.with_suffix(".mp4"): path.with_suffix(".mp4").stat().st_mtime_ns for path in done}
    assert kept
    report = run(place, SLOW)
    assert report["failed"] == 0
    assert report["done"] + report["skipped"] == 6
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    for n in range(6):
        assert read_manifest(place / "out" / f"shot{n}.json").is_of(place / "out" / f"shot{n}.mp4")
    assert not [path for path in (place / "out").iterdir() if path.name.startswith(".")]


def test_interrupted_batch_keeps_what_is_done(place: Path) -> None:
    began = begin(place, SLOW)
    running_worker(place)
    began.send_signal(signal.SIGINT)
    out, err = began.communicate(timeout=60)
    assert began.returncode == 130
    assert json.loads(out)["exit_code"] == 130
    assert "Traceback" not in err
    assert not JobStore(place / "data").jobs(state="running")


def test_a_shot_that_fails_or_kills_its_worker_does_not_stop_the_others(place: Path) -> None:
    table = "audio,output,prompt\n1.wav,fails,fail\n1.wav,kills,die\n2.wav,good,\n3.wav,fine,\n"
    report = run(place, table, "--retries", "1", code=7)
    assert states(report) == ["failed", "failed", "done", "done"]
    assert [shot["attempts"] for shot in report["shots"][:2]] == [2, 4]
    assert report["shots"][0]["error"] == "the engine failed"
    assert report["shots"][0]["hint"] == "ask for less"
    mended = table.replace("fail\n", "\n").replace("die", "")
    assert states(run(place, mended, "--retry-failed")) == ["done", "done", "skipped", "skipped"]


def test_two_batches_at_once_make_each_video_once(place: Path) -> None:
    both = [begin(place, SLOW) for _ in range(2)]
    reports = [json.loads(one.communicate(timeout=200)[0]) for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert all(report["failed"] == 0 for report in reports)
    finished = [job.output for job in JobStore(place / "data").jobs(state="done")]
    assert sorted(finished) == [str(place / "out" / f"shot{n}.mp4") for n in range(6)]


def test_jobs_are_listed_cancelled_and_retried(place: Path) -> None:
    began = begin(place, SLOW)
    running_worker(place)

    def jobs(*arguments: str) -> dict:
        words = [
            sys.executable,
            "-m",
            "lipwright",
            "jobs",
            *arguments,
            "--data",
            str(place / "data"),
            "--json",
        ]
        return json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)

    last = jobs("list")["jobs"][-1]
    assert jobs("cancel", str(last["id"])) == {"cancelled": 1}
    report = json.loads(began.communicate(timeout=200)[0])
    assert began.returncode == 7
    assert states(report)[last["row"] - 1] == "cancelled"
    assert jobs("show", str(last["id"]))["state"] == "cancelled"
    assert jobs("retry", str(last["id"])) == {"queued": 1}
    assert run(place, SLOW)["done"] == 1
    assert jobs("prune")["pruned"] == 6
