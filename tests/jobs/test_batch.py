"""A batch with real processes: what is made, made again, skipped and reported."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import wave
from pathlib import Path

import pytest
from batches import ENVIRONMENT, SHOTS, SLOW, begin, command, running_worker, states
from running import children_of

from lipwright.jobs.batch_page import draw_batch_page
from lipwright.jobs.batch_report import BatchReport, ShotResult
from lipwright.jobs.job_store import JobStore
from lipwright.pipeline.manifest import read_manifest

ONE_WORKER = ("--workers", "1")


def test_only_missing_failed_or_changed_videos_are_made(batch, place: Path) -> None:
    table = "audio,output,seed\n1.wav,one,1\nmissing.wav,two,1\n2.wav,three,1\n"
    report = batch(table, code=7)
    assert states(report) == ["done", "failed", "done"]
    assert (report["done"], report["failed"], report["exit_code"]) == (2, 1, 7)
    assert "missing.wav" in report["shots"][1]["error"]
    assert json.loads((place / "out" / "batch.json").read_text())["done"] == 2
    first = read_manifest(place / "out" / "one.json")
    assert first.frozen
    assert first.is_of(place / "out" / "one.mp4")
    before = {path: path.stat().st_mtime_ns for path in (place / "out").glob("*.mp4")}

    shutil.copy(place / "3.wav", place / "missing.wav")
    report = batch(table.replace("2.wav,three,1", "2.wav,three,9"), "--retry-failed")
    assert states(report) == ["skipped", "done", "skipped"]
    changed = table.replace("2.wav,three,1", "2.wav,three,2")
    report = batch(changed)
    assert states(report) == ["skipped", "skipped", "done"]
    assert before[place / "out" / "one.mp4"] == (place / "out" / "one.mp4").stat().st_mtime_ns
    assert before[place / "out" / "three.mp4"] != (place / "out" / "three.mp4").stat().st_mtime_ns

    (place / "out" / "two.mp4").write_bytes(b"damaged")
    (place / "out" / "one.json").unlink()
    assert states(batch(changed)) == ["done", "done", "skipped"]


def test_dry_run_plans_all_and_renders_nothing(batch, place: Path) -> None:
    table = "audio,output,steps\n1.wav,one,8\n1.wav,one,8\nnone.wav,three,8\n2.wav,four,x\n"
    report = batch(table, "--dry-run", code=7)
    assert states(report) == ["waiting"]
    assert report["shots"][0]["seconds"] == pytest.approx(1.0, abs=0.2)
    assert [(found["row"], found["line"], found["column"]) for found in report["problems"]] == [
        (2, 3, "output"),
        (3, 4, ""),
        (4, 5, "steps"),
    ]
    assert list((place / "out").iterdir()) == []


def test_invalid_rows_stop_the_batch(batch, place: Path) -> None:
    report = batch("audio,speed\n1.wav,3\n", code=3)
    assert report["error"].endswith("1 row cannot be used")
    (told,) = report["details"]
    assert told.startswith("line 2, column speed: ")
    assert list((place / "out").iterdir()) == []


def test_checked_videos_have_their_verdict(batch, place: Path) -> None:
    report = batch("audio\n2.wav\n", "--check")
    (shot,) = report["shots"]
    assert shot["state"] == "done"
    assert shot["verdict"] == read_manifest(place / "out" / "2.json").sync["verdict"]
    page = (place / "out" / "batch.html").read_text()
    assert shot["verdict"] in page
    kinds = [job.kind for job in JobStore(place / "data").jobs()]
    assert kinds == ["render", "check"]
    assert states(batch("audio\n2.wav\n", "--check")) == ["skipped"]
    assert states(batch("audio,check\n2.wav,yes\n1.wav,no\n")) == ["skipped", "done"]


def test_the_real_time_factor_is_that_of_the_manifest(tmp_path: Path) -> None:
    shots = (ShotResult(1, "one.mp4", "done", seconds=6.0), ShotResult(2, "two.mp4", "done", seconds=2.0))
    assert BatchReport(tmp_path, shots, 2.0).to_json()["real_time_factor"] == 0.25
    assert "4.00 times real time" in draw_batch_page(BatchReport(tmp_path, shots, 2.0))
    before = (ShotResult(1, "one.mp4", "skipped", seconds=6.0),)
    assert BatchReport(tmp_path, before, 2.0).to_json()["real_time_factor"] is None
    assert "real time" not in draw_batch_page(BatchReport(tmp_path, before, 2.0))


def test_names_on_the_page_are_escaped(batch, place: Path) -> None:
    batch('audio,output\n1.wav,"<b>&amp; x"\n')
    page = (place / "out" / "batch.html").read_text()
    assert "<b>&amp" not in page
    assert "&lt;b&gt;&amp;amp; x.mp4" in page


def test_shots_are_assigned_to_workers_by_resource(batch, place: Path) -> None:
    """There is one worker for the GPU, whatever the first row is; checks and the other engine run in
    parallel."""
    table = "audio,output,engine,check,prompt\n1.wav,a,bar,no,sleep 1\n" + "".join(
        f"1.wav,gpu{n},bar-gpu,yes,sleep 1\n" for n in (1, 2)
    )
    assert states(batch(table, workers=None)) == ["done"] * 3
    jobs = JobStore(place / "data").jobs()
    workers = {
        kind: {job.worker for job in jobs if (job.kind, job.options["engine"]) == kind}
        for kind in [("render", "bar"), ("render", "bar-gpu"), ("check", "bar-gpu")]
    }
    assert len(workers["render", "bar-gpu"]) == 1
    assert not workers["render", "bar-gpu"] & (workers["render", "bar"] | workers["check", "bar-gpu"])
    assert len([job for job in jobs if job.kind == "check"]) == 2


def test_tune_option_tunes_each_shot(batch, place: Path) -> None:
    table = "audio,output\n1.wav,one\n"
    report = batch(table, "--tune")
    assert states(report) == ["done"]
    assert report["shots"][0]["verdict"] == read_manifest(place / "out" / "one.json").sync["verdict"]
    assert [job.kind for job in JobStore(place / "data").jobs()] == ["tune"]
    assert states(batch(table, "--tune")) == ["skipped"]
    assert states(batch(table)) == ["done"]


def test_killed_worker_and_killed_batch_lose_nothing(batch, place: Path) -> None:
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
    report = batch(SLOW)
    assert report["failed"] == 0
    assert report["done"] + report["skipped"] == SHOTS
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    for n in range(SHOTS):
        assert read_manifest(place / "out" / f"shot{n}.json").is_of(place / "out" / f"shot{n}.mp4")
    assert not [path for path in (place / "out").iterdir() if path.name.startswith(".")]


def test_interrupted_batch_keeps_finished_videos(place: Path) -> None:
    began = begin(place, SLOW)
    running_worker(place)
    began.send_signal(signal.SIGINT)
    out, err = began.communicate(timeout=60)
    assert began.returncode == 130
    told = json.loads(out)
    assert (told["exit_code"], told["hint"].split(";")[0]) == (130, "finished videos are kept")
    assert "Traceback" not in err
    assert not JobStore(place / "data").jobs(state="running")


def test_failing_shot_does_not_stop_the_others(batch, place: Path) -> None:
    table = "audio,output,prompt\n1.wav,fails,fail\n1.wav,kills,die\n2.wav,large,memory\n3.wav,fine,\n"
    report = batch(table, "--retries", "1", code=7)
    assert states(report) == ["failed", "failed", "failed", "done"]
    assert [shot["attempts"] for shot in report["shots"]] == [2, 4, 2, 1]
    told = [(shot["error"], shot["hint"]) for shot in report["shots"][:3]]
    assert told == [
        ("the engine failed", "ask for less"),
        ("the worker ended unexpectedly", "if memory ran out, use fewer --workers"),
        ("out of memory", "try fewer --workers, or a smaller --size"),
    ]
    mended = table.replace("fail\n", "\n").replace("die", "").replace("memory", "")
    assert states(batch(mended, "--retry-failed")) == ["done", "done", "done", "skipped"]


def test_concurrent_batches_make_each_video_once(place: Path) -> None:
    both = [begin(place, SLOW, *ONE_WORKER) for _ in range(2)]
    reports = [json.loads(one.communicate(timeout=200)[0]) for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert all(report["failed"] == 0 for report in reports)
    finished = [job.output for job in JobStore(place / "data").jobs(state="done")]
    assert sorted(finished) == [str(place / "out" / f"shot{n}.mp4") for n in range(SHOTS)]


def test_concurrent_batches_with_different_tables_share_a_folder(batch, place: Path) -> None:
    """Neither takes the other's shots out of the queue; a name that both want is made by the first."""
    first = begin(place, SLOW, *ONE_WORKER)
    running_worker(place)
    own = "audio,output\n1.wav,own1\n2.wav,own2\n1.wav,shot3\n"
    second = batch(own, code=7)
    assert states(second) == ["done", "done", "failed"]
    assert "another batch" in second["shots"][2]["error"]
    report = json.loads(first.communicate(timeout=200)[0])
    assert states(report) == ["done"] * SHOTS


def test_batch_requeues_jobs_withdrawn_by_another(place: Path) -> None:
    """The second waits for the first one's jobs; stopped, that takes them out of the queue."""
    both = [begin(place, SLOW, *ONE_WORKER)]
    running_worker(place)
    both.append(begin(place, SLOW, *ONE_WORKER))
    while not children_of(both[1].pid):  # its workers: it follows the jobs of the first
        assert both[1].poll() is None
        time.sleep(0.05)
    both[0].send_signal(signal.SIGINT)
    outs = [one.communicate(timeout=200)[0] for one in both]
    assert [one.returncode for one in both] == [130, 0], outs
    assert len(list((place / "out").glob("shot*.mp4"))) == SHOTS


LIMITED = "import resource, signal, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)"


@pytest.mark.parametrize(("bytes_left", "code"), [(4_000, 3), (150_000, 7)])
def test_full_disk_is_reported_and_loses_nothing(batch, place: Path, bytes_left: int, code: int) -> None:
    """A limit on the size of files simulates a full disk: for the store, or for one of the videos."""
    with wave.open(str(place / "1.wav")) as short, wave.open(str(place / "long.wav"), "wb") as long:
        long.setparams(short.getparams())
        long.writeframes(short.readframes(short.getnframes()) * 12)
    table = "audio,output,audio-codec\n1.wav,one,\nlong.wav,two,alac\n3.wav,three,\n"
    words = command(place, table, *ONE_WORKER)
    limited = (
        f"{LIMITED}; import runpy; sys.argv[1:2] = []; runpy.run_module('lipwright', run_name='__main__')"
    )
    ran = subprocess.run(
        [sys.executable, "-c", limited, str(bytes_left), *words[3:]],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=ENVIRONMENT,
    )
    assert ran.returncode == code, ran.stderr
    assert "Traceback" not in ran.stderr
    assert "hint: " in ran.stderr
    assert sorted(path.name for path in (place / "out").glob("*.mp4")) == (
        ["one.mp4", "three.mp4"] if code == 7 else []
    )
    assert not [path for path in (place / "out").iterdir() if path.name.startswith(".")]
    assert states(batch(table)).count("done") == (1 if code == 7 else 3)


def test_batch_refuses_a_store_of_another_version(batch, place: Path) -> None:
    connection = sqlite3.connect(JobStore(place / "data").path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    report = batch("audio\n1.wav\n", code=3)
    assert "version 99" in report["error"]
    assert list((place / "out").iterdir()) == []


def test_jobs_are_listed_cancelled_and_retried(batch, cli, place: Path) -> None:
    began = begin(place, SLOW, *ONE_WORKER)
    running_worker(place)

    def jobs(*arguments: str) -> dict:
        return cli("jobs", *arguments, "--data", place / "data", "--json").json

    last = jobs("list")["jobs"][-1]
    assert jobs("cancel", str(last["id"])) == {"cancelled": 1}
    report = json.loads(began.communicate(timeout=200)[0])
    assert began.returncode == 7
    assert states(report)[last["row"] - 1] == "cancelled"
    assert jobs("show", str(last["id"]))["state"] == "cancelled"
    assert jobs("retry", str(last["id"])) == {"queued": 1}
    assert batch(SLOW)["done"] == 1
    assert jobs("prune")["pruned"] == SHOTS


@pytest.mark.parametrize(("name", "target"), [("batch.json", "shots.csv"), ("batch.html", "1.wav")])
@pytest.mark.parametrize("link", ["symlink_to", "hardlink_to"])
def test_batch_files_replace_no_foreign_file(cli, place: Path, name: str, target: str, link: str) -> None:
    (place / "shots.csv").write_text("audio,output\n1.wav,one\n")
    before = (place / target).read_bytes()
    getattr(place / "out" / name, link)(place / target)
    done = cli("batch", place / "shots.csv", "-o", place / "out", "--data", place / "data")
    assert (done.code, done.stdout) == (2, "")
    assert "would overwrite the input" in done.stderr
    assert (place / target).read_bytes() == before
    assert [path.name for path in (place / "out").iterdir()] == [name]
