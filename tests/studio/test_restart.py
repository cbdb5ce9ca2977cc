"""A studio that is killed or stopped loses nothing."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any

import pytest
from running import children_of
from studio_process import READY_S, Studio

pytestmark = pytest.mark.xdist_group("studio")


def test_jobs_resume_after_a_killed_server_and_its_workers_end_with_it(
    tmp_path: Path, long_voice: Path, clip: Path, portrait: Path, process: Any
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    studio = Studio(data).start()
    second = process("studio", "--no-page", "--port", "0", "--data", data)
    assert second.code == 2
    assert "another studio" in second.stderr
    long = studio.submit(long_voice, portrait, check=False).json()["links"]["self"]
    short = studio.submit(clip, portrait, check=False, key="short").json()["links"]["self"]
    left = data / "studio" / "incoming-0"
    left.mkdir()
    studio.wait(long, "running")
    workers = children_of(studio.process.pid)
    assert len(workers) >= 2  # one with a job, the others without

    assert studio.stop(signal.SIGKILL) == -signal.SIGKILL
    end = time.monotonic() + READY_S
    while any(Path("/proc", str(worker)).exists() for worker in workers):
        assert time.monotonic() < end
        time.sleep(0.1)
    again = Studio(data).start()
    assert not left.exists()
    states = [again.client.get(path).json()["state"] for path in (long, short)]
    assert set(states) <= {"queued", "running"}
    # The one that ran is taken first again, and what was asked for is known.
    assert again.submit(clip, portrait, check=False, key="short").json()["links"]["self"] == short
    assert again.wait(long)["state"] == "done"
    running = again.wait(short, "running", "done")
    assert again.stop() == 0
    if running["state"] == "running":
        third = Studio(data).start()
        assert third.wait(short)["state"] == "done"
        assert third.stop(signal.SIGINT) == 130
    assert len(list(data.glob("studio/*/video.mp4"))) == 2


def test_a_stopped_studio_has_printed_one_object(tmp_path: Path) -> None:
    studio = Studio(tmp_path).start()
    studio.process.send_signal(signal.SIGINT)
    assert studio.process.stdout.read() == ""
    assert studio.stop() == 130
    assert "error: stopped" in studio.log.read_text()
