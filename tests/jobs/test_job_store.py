"""The store gives each job to one worker, whatever workers and disk do."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from lipwright.errors import InputError, OutputError, UsageError
from lipwright.jobs import job_store as module
from lipwright.jobs.database import STORE_NAME
from lipwright.jobs.job import Duty, NewJob
from lipwright.jobs.job_store import JobStore, worker_is_gone, worker_name


def job(row: int, *, batch: str = "b", attempts: int = 1, kind: str = "render", **fields) -> NewJob:
    return NewJob(batch, row, kind, "k", f"/{row}.mp4", {"seed": row}, attempts, **fields)


def ended_process() -> str:
    """The name of a worker of this machine that is gone."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return f"{worker_name().rpartition(':')[0]}:{ended.pid}"


def take_all(folder: Path, name: str, taken: multiprocessing.Queue) -> None:
    store = JobStore(folder)
    while (found := store.claim(name)) is not None:
        taken.put((found.id, name))
        store.finish(found.id, name, {"by": name})


def test_each_job_is_claimed_by_one_worker(tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    assert store.add(job(row) for row in range(1, 201)) == 200
    context = multiprocessing.get_context("spawn")
    taken = context.Queue()
    workers = [context.Process(target=take_all, args=(tmp_path, f"w{n}", taken)) for n in range(3)]
    for worker in workers:
        worker.start()
    got = [taken.get(timeout=60) for _ in range(200)]
    for worker in workers:
        worker.join(60)
    assert sorted(number for number, _ in got) == [found.id for found in store.jobs()]
    assert len(store.jobs(state="done")) == 200
    by_worker = {found.id: found.result["by"] for found in store.jobs()}
    assert by_worker == dict(got)


def test_open_job_is_not_queued_twice(tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    assert store.add([job(1), job(1)]) == 1
    store.claim("w")
    assert store.add([job(1)]) == 0
    assert store.add([job(1, kind="check")]) == 1
    assert store.finish(1, "w", {})
    assert store.add([job(1)]) == 1


def test_oldest_matching_job_is_claimed_first(tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    store.add([job(1, kind="check"), job(2), job(3, batch="other")])
    assert store.claim("w", duty=Duty(kinds=("render",))).row == 2
    assert store.claim("w", batch="other").row == 3
    assert store.claim("w").row == 1
    assert store.claim("w") is None


def test_worker_claims_only_jobs_of_its_resources(tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    store.add([job(1, resource="one"), job(2, resource="servers"), job(3)])
    assert store.claim("w", duty=Duty(("cores",))).row == 3
    assert store.claim("w", duty=Duty(("cores",))) is None
    assert store.claim("w", duty=Duty(("cores", "servers"))).row == 2


def test_withdraw_removes_only_abandoned_jobs(tmp_path: Path) -> None:
    """It removes jobs of ended runs and its own, never those of a running one, in any batch."""
    store = JobStore(tmp_path)
    alive, gone = f"{worker_name()}:run-2", ended_process()
    store.add([job(1, owner=gone), job(2, owner=alive), job(3), job(4, batch="other", owner=gone)])
    store.add([job(5, owner=gone)])
    store.claim("w")
    assert store.withdraw("b") == 4
    assert [found.row for found in store.jobs()] == [1, 2, 3, 4]
    store.withdraw("b", alive)
    assert [found.row for found in store.jobs()] == [1, 3, 4]


def test_impossible_job_is_recorded_as_failed(tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    store.add([job(1, error="no such file", hint="check the path"), job(2)])
    assert store.claim("w").row == 2
    assert [(found.state, found.error) for found in store.jobs(state="failed")] == [
        ("failed", "no such file")
    ]


def test_worker_without_its_lease_cannot_report(tmp_path: Path, monkeypatch) -> None:
    store = JobStore(tmp_path)
    store.add([job(1)])
    monkeypatch.setattr(module, "LEASE_S", -1.0)  # run out as soon as it is given
    store.claim("slow")
    monkeypatch.undo()
    assert store.requeue_lost() == 1
    assert store.claim("quick").attempts == 2
    assert not store.renew(1, "slow")
    assert not store.finish(1, "slow", {})
    assert not store.fail(1, "slow", "e", "h", retry=True)
    assert store.finish(1, "quick", {"seconds": 2})
    assert store.get(1).result == {"seconds": 2}


def test_renewed_lease_is_not_requeued(tmp_path: Path, monkeypatch) -> None:
    store = JobStore(tmp_path)
    store.add([job(1)])
    monkeypatch.setattr(module, "LEASE_S", -1.0)
    store.claim("elsewhere:1")
    monkeypatch.undo()
    assert store.renew(1, "elsewhere:1", {"stage": "sample", "done": 1, "total": 8})
    assert store.requeue_lost() == 0
    assert store.get(1).progress == {"stage": "sample", "done": 1, "total": 8}


def test_retries_are_limited(tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    store.add([job(1, attempts=2), job(2, attempts=2)])
    for state in ("queued", "failed"):
        assert store.claim("w", duty=Duty(kinds=("render",))).row == 1
        assert store.fail(1, "w", "no memory", "less", retry=True)
        assert store.get(1).state == state
        assert (store.get(1).error, store.get(1).hint) == ("no memory", "less")
    store.claim("w")
    store.fail(2, "w", "no face", "another image", retry=False)
    assert store.get(2).state == "failed"
    assert store.get(2).attempts == 1


def test_job_that_kills_its_workers_fails_eventually(tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    store.add([job(1)])
    lost = 0
    while store.claim("w") is not None:
        assert store.requeue_after_loss(1, "w", "the worker was lost")
        lost += 1
    assert store.get(1).state == "failed"
    assert lost == 1 + module.SPARE_ATTEMPTS


def test_cancel_retry_and_prune(tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    store.add([job(1), job(2), job(3)])
    store.claim("w")
    assert store.cancel([1, 2]) == 2
    assert not store.renew(1, "w")
    assert store.retry([1, 3]) == 1
    assert [found.state for found in store.jobs()] == ["queued", "cancelled", "queued"]
    assert store.prune(older_than_s=60) == 0
    assert store.prune() == 1
    with pytest.raises(UsageError, match="no job 2"):
        store.get(2)
    with pytest.raises(UsageError, match="no job 2"):
        store.cancel([1, 2])
    assert store.get(1).state == "queued"


def test_released_job_keeps_its_attempts(tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    store.add([job(1)])
    store.claim("w")
    assert store.release("w") == 1
    assert (store.get(1).state, store.get(1).attempts) == ("queued", 0)


def test_ended_workers_of_this_machine_are_detected() -> None:
    gone = ended_process()
    assert worker_is_gone(gone)
    assert worker_is_gone(f"{gone}:ray-3")
    assert not worker_is_gone(worker_name())
    assert not worker_is_gone(f"another-{gone}")


def test_store_of_another_version_is_refused_unchanged(tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    with sqlite3.connect(store.path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(InputError, match="version 99"):
        JobStore(tmp_path)
    with sqlite3.connect(store.path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (99,)
    connection.close()


def test_damaged_store_is_reported(tmp_path: Path) -> None:
    (tmp_path / STORE_NAME).write_bytes(b"no database at all, but long enough to be read as one" * 40)
    with pytest.raises(InputError, match="damaged"):
        JobStore(tmp_path)


FULL = """
import resource, signal, sys
from pathlib import Path
from lipwright.errors import OutputError
from lipwright.jobs.job import Duty, NewJob
from lipwright.jobs.job_store import JobStore
store = JobStore(Path(sys.argv[1]))
store.add([NewJob("b", 1, "render", "k", "/1.mp4", {})])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    store.add(NewJob("b", n, "render", "k", f"/{n}.mp4", {"prompt": "x" * 1000}) for n in range(2, 2000))
except OutputError as error:
    print(error.message)
print(len(store.jobs()))
"""


def test_full_disk_is_reported_and_loses_nothing(tmp_path: Path) -> None:
    """A limit on the size of files simulates a full disk."""
    ran = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    message, count = ran.stdout.splitlines()
    assert "cannot be written" in message
    assert count == "1"
    assert len(JobStore(tmp_path).jobs()) == 1


def test_store_in_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        JobStore(tmp_path / "none")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("options", "["),
        ("options", "[" * 100_000),
        ("options", "5"),
        ("details", "null"),
        ("created_at", 1e300),
        ("created_at", -1.0),
        ("started_at", float("inf")),
    ],
)
def test_foreign_row_in_the_store_is_reported(cli, tmp_path: Path, column: str, value: object) -> None:
    JobStore(tmp_path).add([NewJob("b", 1, "render", "k", "/1.mp4", {})])
    with closing(sqlite3.connect(tmp_path / STORE_NAME)) as connection, connection:
        connection.execute(f"UPDATE jobs SET {column} = ?", (value,))  # noqa: S608 - one of the above
    for words in (("list",), ("show", "1")):
        told = cli("jobs", *words, "--data", tmp_path)
        assert told.code == 3
        assert told.stderr.startswith("error: job 1 in the store is damaged")


def test_a_name_with_a_line_break_stays_in_its_line(cli, tmp_path: Path) -> None:
    JobStore(tmp_path).add([NewJob("b", 1, "render", "k", "/a\nerror: b.mp4", {})])
    (line,) = cli("jobs", "list", "--data", tmp_path).stdout.splitlines()
    assert line.endswith(r"/a\nerror: b.mp4")
    assert r"output: /a\nerror: b.mp4" in cli("jobs", "show", "1", "--data", tmp_path).stdout.splitlines()


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("list",), 0, "no jobs"),
        (("prune",), 0, "0 jobs removed"),
        (("show", "3"), 2, "error: there is no job 3"),
        (("cancel", "3"), 2, "error: there is no job 3"),
        (("retry", "3"), 2, "error: there is no job 3"),
        (("show", str(2**63)), 2, "error: a job number is too large"),
    ],
)
def test_jobs_commands_create_no_store(
    *, cli, tmp_path: Path, monkeypatch, words: tuple[str, ...], code: int, told: str
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    (tmp_path / "data").mkdir()
    for data in (("--data", tmp_path / "data"), ()):
        done = cli("jobs", *words, *data)
        assert (done.code, (done.stdout + done.stderr).splitlines()[0]) == (code, told)
    assert [path.name for path in tmp_path.rglob("*")] == ["data"]
