"""Servers that lie, send byte by byte or never stop: answers are bounded, and secrets are not leaked."""

# ruff: noqa: SIM117 - what is expected to fail stands by itself

from __future__ import annotations

import gzip
import json
import os
import socket
import subprocess
import sys
import threading
import time
import zlib

import pytest
from hostile_proxy import answer, open_websocket, serving, without_end

from lipwright.engines.comfyui.client import Client, Timeouts
from lipwright.engines.comfyui.events import Listener
from lipwright.engines.comfyui.progress import ProgressTracker
from lipwright.engines.comfyui.server_errors import clean_text, failure_error
from lipwright.engines.comfyui.server_url import parse_server
from lipwright.engines.comfyui.status import server_status
from lipwright.errors import EngineError, EngineTimedOut
from lipwright.system import remove_abandoned

SHORT = Timeouts(connect_s=2, answer_s=2, total_s=1.0, retry_s=0.01, attempts=1)

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_an_endless_body_is_bounded():
    block = b"10000\r\n" + b" " * 65536 + b"\r\n"
    patient = Timeouts(attempts=1)
    with serving(without_end(CHUNKED, block)) as url, Client(parse_server(url), patient) as client:
        with pytest.raises(EngineError, match="more than 16 MB"):
            client.system()


def test_bounds_count_decoded_bytes():
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(64)) + packer.flush()
    assert len(bomb) < 1 << 20
    for body, encoding, match in (
        (bomb, "gzip", "more than 16 MB"),
        (gzip.compress(bomb), "gzip, gzip", "does not answer like ComfyUI"),
        (b"not gzip", "gzip", "does not answer like ComfyUI"),
        (b"{}", "br", "does not answer like ComfyUI"),
    ):
        talk = answer(body, "200 OK", f"Content-Encoding: {encoding}")
        with serving(talk) as url, Client(parse_server(url), Timeouts(attempts=1)) as client:
            with pytest.raises(EngineError, match=match):
                client.system()


def test_gzip_once_is_read():
    body = gzip.compress(json.dumps({"system": {"comfyui_version": "1"}}).encode())
    with serving(answer(body, "200 OK", "Content-Encoding: gzip")) as url:
        with Client(parse_server(url), SHORT) as client:
            assert client.system()["system"]["comfyui_version"] == "1"


def test_the_socket_carries_no_secret_to_another_host():
    heard: list[bytes] = []

    def steal(_connection: socket.socket, request: bytes) -> None:
        heard.append(request)

    with serving(steal) as elsewhere:
        place = elsewhere.replace("http", "ws")

        asked = threading.Semaphore(0)

        def redirect(connection: socket.socket, _request: bytes) -> None:
            asked.release()
            head = f"HTTP/1.1 302 Found\r\nLocation: {place}/steal\r\nContent-Length: 0\r\n\r\n"
            connection.sendall(head.encode())

        with serving(redirect) as url:
            server = parse_server(url, (("Authorization", "Bearer secret"),))
            with Listener(server, "me", Timeouts(connect_s=1, retry_s=0.1)):
                for _ in range(3):  # asked again: the first answers have been read
                    assert asked.acquire(timeout=30)
    assert heard == []


def test_unread_events_are_bounded():
    """A server may send any number of them while it delays its answer to another request."""
    sent = threading.Event()

    def flood(connection: socket.socket, request: bytes) -> None:
        open_websocket(connection, request)
        for size, count in ((1 << 20, 40), (100_000, 600)):  # the first are too large to be kept
            message = b'{"type": "x", "data": {"a": "' + b"x" * size + b'"}}'
            for _ in range(count):
                connection.sendall(b"\x81\x7f" + len(message).to_bytes(8) + message)
        sent.set()
        time.sleep(1)

    with serving(flood) as url, Listener(parse_server(url), "me", Timeouts(connect_s=2)) as listener:
        assert sent.wait(20)
        kept = []
        while (event := listener.next(0.5)) is not None:
            kept += [len(event.data["a"])] if event.kind == "x" else []
        assert set(kept) == {100_000}
        assert 100 < len(kept) < 300  # some more come from the socket's buffers


def test_an_upload_that_is_read_too_slowly_is_given_up_in_time(monkeypatch):
    monkeypatch.setattr("lipwright.engines.comfyui.client.MIN_FILE_RATE", 1 << 30)

    def sip(connection: socket.socket, _request: bytes) -> None:
        while connection.recv(1000):
            time.sleep(0.05)

    with serving(sip) as url, Client(parse_server(url), SHORT) as client:
        begin = time.monotonic()
        with pytest.raises(EngineTimedOut):
            client.upload("a.wav", bytes(32 << 20))
        assert time.monotonic() - begin < 5


def test_control_characters_of_a_server_never_reach_the_terminal():
    evil = "\x1b]0;pwned\x07\x1b[2J1.0\nerror: fake"
    state = {
        "system": {"comfyui_version": evil, "python_version": evil},
        "devices": [{"name": evil}, 5, None],
    }

    def talk(connection: socket.socket, request: bytes) -> None:
        bodies = {b"/system_stats": state, b"/object_info": {}, b"/features": {"max_upload_size": True}}
        queue = {"queue_running": [], "queue_pending": []}
        path = request.split(b" ")[1]
        answer(bodies.get(path, queue))(connection, request)

    with serving(talk) as url:
        found = server_status(parse_server(url), Timeouts(attempts=1))
    assert found["reachable"]
    assert "\x1b" not in str(found) and "\\x1b" not in str(found) and "\\n" not in str(found)
    error = failure_error("here", {"exception_type": evil, "exception_message": evil, "node_id": {"a": evil}})
    assert error.message.isprintable()
    assert clean_text("x" * 10_000).endswith(" ...")


def test_malformed_events_are_ignored():
    from lipwright.engines.comfyui.events import Event

    told: list[object] = []
    tracker = ProgressTracker({"1": {"class_type": "SamplerCustomAdvanced"}}, 4, told.append)
    for value in ("x", float("nan"), float("inf"), 10**400, -1, None, [], True):
        tracker.take(Event("progress", {"node": "1", "value": value, "max": 5}))
        tracker.take(Event("progress", {"node": "1", "value": 1, "max": value}))
        tracker.take(
            Event("progress_state", {"nodes": {"1": {"state": "running", "value": value, "max": 5}}})
        )
    assert told == []


def test_the_folder_of_a_killed_process_is_removed_by_the_next_one(tmp_path, monkeypatch):
    code = (
        "import tempfile, time; tempfile.tempdir = " + repr(str(tmp_path)) + "\n"
        "from lipwright.system import TemporaryFolder\n"
        "folder = TemporaryFolder('face'); (folder.path / 'video.mp4').touch(); print('made', flush=True)\n"
        "time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "made\n"
        (left,) = tmp_path.iterdir()
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        os.utime(left, (0, 0))
        remove_abandoned()
        assert left.exists()  # its process lives
        process.kill()
    remove_abandoned()
    assert not left.exists()
