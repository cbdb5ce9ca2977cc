"""Batches as processes of their own, with a quick engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lipwright.jobs.job import StoredJob
from lipwright.jobs.job_store import JobStore

PLUGIN = Path(__file__).with_name("engine_plugin")
"""A quick engine, found by its entry point in every process of a batch."""
ENVIRONMENT = os.environ | {
    "PYTHONPATH": os.pathsep.join([str(PLUGIN), os.environ.get("PYTHONPATH", "")]),
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # a cluster of Ray on loopback alone
}


def words(place: Path, table: str, *options: str) -> list[str]:
    """The command line that makes the videos of a table."""
    (place / "shots.csv").write_text(table)
    return [
        *("batch", str(place / "shots.csv"), "-o", str(place / "out")),
        *("--image", str(place / "face.png"), "--size", "160x160", "--data", str(place / "data")),
        *("--json", "--engine", "bar", *options),
    ]


def command(place: Path, table: str, *options: str) -> list[str]:
    return [sys.executable, "-m", "lipwright", *words(place, table, *options)]


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


def begin(place: Path, table: str, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(place, table, *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )


SHOTS = 4
SLOW = "audio,output,seed,prompt\n" + "".join(f"1.wav,shot{n},{n},sleep 1\n" for n in range(SHOTS))


def running_worker(place: Path) -> int:
    """The process id of a worker that has a job, as soon as there is one."""
    return int(wait_for_jobs(place, "running", 1)[0].worker.split(":")[1])


def wait_for_jobs(place: Path, state: str, count: int) -> list[StoredJob]:
    """The jobs in this state, as soon as there are so many."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        found = JobStore(place / "data").jobs(state=state)
        if len(found) >= count:
            return list(found)
        time.sleep(0.05)
    pytest.fail(f"{count} jobs are not {state}")
