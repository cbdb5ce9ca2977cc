"""A batch on a real Ray cluster of two nodes: actors, a node and the driver die, and nothing is lost."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from batches import ENVIRONMENT, SHOTS, SLOW, begin, command, run, states, wait_for_jobs

from lipwright.errors import EngineUnavailable, UsageError
from lipwright.jobs.job_store import JobStore
from lipwright.jobs.ray_cluster import check_address
from lipwright.pipeline.manifest import read_manifest

pytestmark = pytest.mark.xdist_group("ray")
NODES = Path(__file__).parents[1] / "fakes" / "ray_nodes.py"


class Cluster:
    """Two nodes of one core each."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(NODES)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=ENVIRONMENT,
        )
        self.address = self._answer()

    def order(self, word: str) -> None:
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        assert self._answer() == "done"

    def _answer(self) -> str:
        """The next line that is ours; Ray prints there too."""
        for line in self.process.stdout:
            if line.strip() == "done" or line.startswith("127.0.0.1:"):
                return line.strip()
        raise AssertionError("the cluster ended")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    started = Cluster()
    yield started
    started.process.communicate(timeout=60)


def test_ray_nodes_make_the_same_as_processes(place: Path, cluster: Cluster) -> None:
    """Inputs and results travel, without a shared disk. A shot that kills its actor stops no other."""
    table = (
        "audio,output,check,prompt\n1.wav,sub/one,yes,\n2.wav,two,,\n"
        "missing.wav,three,,\n1.wav,fails,,fail\n3.wav,kills,,die\n"
    )
    report = run(place, table, "--ray", cluster.address, "--retries", "0", code=7)
    assert states(report) == ["done", "done", "failed", "failed", "failed"]
    assert [shot["attempts"] for shot in report["shots"]] == [1, 1, 0, 1, 3]
    assert report["shots"][3]["error"] == "the engine failed"
    assert "lost" in report["shots"][4]["error"]
    manifest = read_manifest(place / "out" / "sub" / "one.json")
    assert manifest.is_of(place / "out" / "sub" / "one.mp4")
    assert manifest.sync["verdict"] == report["shots"][0]["verdict"]
    assert [entry["path"] for entry in manifest.inputs] == [str(place / "1.wav"), str(place / "face.png")]
    assert manifest.job["output"] == str(place / "out" / "sub" / "one.mp4")


def test_killed_ray_node_and_driver_lose_nothing(place: Path, cluster: Cluster) -> None:
    ray = ("--ray", cluster.address)
    began = begin(place, SLOW, *ray)
    wait_for_jobs(place, "running", 2)  # one on each node
    cluster.order("kill")
    done = wait_for_jobs(place, "done", 2)
    began.kill()
    began.communicate()
    kept = {path: path.stat().st_mtime_ns for path in (Path(job.output) for job in done)}
    cluster.order("add")
    report = run(place, SLOW, *ray, "--shared-paths")
    assert report["failed"] == 0
    assert report["done"] + report["skipped"] == SHOTS
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    for n in range(SHOTS):
        assert read_manifest(place / "out" / f"shot{n}.json").is_of(place / "out" / f"shot{n}.mp4")
    assert not [path for path in (place / "out").iterdir() if path.name.startswith(".")]


def test_interrupted_ray_batch_releases_its_shots(place: Path, cluster: Cluster) -> None:
    began = begin(place, SLOW, "--ray", cluster.address)
    wait_for_jobs(place, "running", 1)
    began.send_signal(signal.SIGINT)
    out, err = began.communicate(timeout=60)
    assert began.returncode == 130
    assert json.loads(out)["exit_code"] == 130
    assert "Traceback" not in err
    assert not JobStore(place / "data").jobs(state="running")


def test_missing_ray_names_its_install_command(place: Path, tmp_path: Path) -> None:
    (tmp_path / "absent").mkdir()
    (tmp_path / "absent" / "ray.py").write_text("raise ImportError('no Ray')")
    path = os.pathsep.join([str(tmp_path / "absent"), ENVIRONMENT["PYTHONPATH"]])
    ran = subprocess.run(
        command(place, "audio\n1.wav\n", "--ray", "local"),
        capture_output=True,
        text=True,
        check=False,
        env=ENVIRONMENT | {"PYTHONPATH": path},
    )
    assert ran.returncode == 5
    assert "pip install 'lipwright[ray]'" in json.loads(ran.stdout)["hint"]


def test_unreachable_ray_address_is_reported(place: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"127.0.0.1:{closed.getsockname()[1]}"
    report = run(place, "audio\n1.wav\n", "--ray", address, code=5)
    assert address in report["error"]
    assert "ray start" in report["hint"]


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_ray_address_of_another_service_is_reported(answer: bytes, monkeypatch) -> None:
    """A server that says nothing, and one of the web; Ray itself would wait for minutes."""
    monkeypatch.setattr("lipwright.jobs.ray_cluster.CONNECT_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        accepted, _ = server.accept()  # the first is not ours; the second waits in the backlog
        address = f"127.0.0.1:{server.getsockname()[1]}"
        if answer:
            answering = subprocess.Popen(
                [sys.executable, "-c", ANSWER, str(server.fileno()), answer.decode()],
                pass_fds=[server.fileno()],
            )
        with pytest.raises(EngineUnavailable, match="does not answer"):
            check_address(address)
        if answer:
            assert answering.wait(30) == 0
        client.close()
        accepted.close()


ANSWER = (
    "import socket, sys; server = socket.socket(fileno=int(sys.argv[1]));"
    " server.accept()[0].sendall(sys.argv[2].encode())"
)


@pytest.mark.parametrize("address", ["", "nonsense", "ray://127.0.0.1:10001", "127.0.0.1:port", ":6379"])
def test_invalid_ray_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="address"):
        check_address(address)
