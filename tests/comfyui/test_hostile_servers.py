"""Whatever a server answers at any path of the protocol, a render ends with a clear error, in time."""

from __future__ import annotations

import base64
import gzip
import json
import resource
import socket
import struct
import time
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hostile_proxy import Talk, answer, hostile_proxy, open_websocket, without_end

from lipwright.domain.progress import no_progress
from lipwright.engines.comfyui import client
from lipwright.engines.comfyui.client import Timeouts
from lipwright.engines.comfyui.engine import ComfyEngine
from lipwright.errors import EngineError

PATIENT = Timeouts(
    connect_s=1, answer_s=10, total_s=10, poll_s=0.05, tick_s=0.01, outage_s=0.05, stall_s=30, retry_s=0.01,
    attempts=2,
)  # fmt: skip
IMPATIENT = replace(PATIENT, answer_s=0.5, total_s=0.5)
"""For servers that never come to an end."""
MAX_GROWTH_MB = 500
SECRETS = ("pa55word", "t0ken", "s3cret", base64.b64encode(b"user:pa55word").decode())


def raw(data: bytes) -> Talk:
    return lambda connection, _: connection.sendall(data)


def packed(size_mb: int, window_bits: int = 31) -> bytes:
    """Compress megabytes of spaces, one of them once: its block is repeated. A checksum would be wrong."""
    packer = zlib.compressobj(9, zlib.DEFLATED, window_bits)
    first = packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + block * (size_mb - 2) + packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_SYNC_FLUSH)


OK_HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
EVIL = "\x1b]0;pwned\x07\x1b[31m\nerror: fake"

HTTP: Mapping[str, Talk] = {
    "a body that drips": without_end(OK_HEAD + b"Content-Length: 100000\r\n\r\n", b" ", 0.05),
    "headers that drip": without_end(OK_HEAD, b"X: y\r\n", 0.05),
    "chunks that drip": without_end(CHUNKED, b"1\r\n \r\n", 0.05),
    "an endless body": without_end(CHUNKED, b"100000\r\n" + bytes(1 << 20) + b"\r\n"),
    "endless continues": without_end(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.001),
    "10 MB of headers": raw(OK_HEAD + b"X: " + b"y" * (10 << 20) + b"\r\n\r\n{}"),
    "gzip of 2 GB": answer(packed(2048), "200 OK", "Content-Encoding: gzip"),
    "gzip in gzip": answer(gzip.compress(packed(256)), "200 OK", "Content-Encoding: gzip, gzip"),
    "no gzip": answer(b"{}", "200 OK", "Content-Encoding: gzip"),
    "another encoding": answer(b"{}", "200 OK", "Content-Encoding: br"),
    "16 MB of lists": answer(b"[" + b"[]," * 5_000_000 + b"[]]"),
    "deep lists": answer(b"[" * 200_000 + b"]" * 200_000),
    "deep objects": answer(b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    "5000 digits": answer(b'{"prompt_id":' + b"9" * 5000 + b"}"),
    "no JSON": answer(b"<html>hello</html>"),
    "no UTF-8": answer(b"\xff\xfe"),
    "nothing": answer(b""),
    "cut short": raw(OK_HEAD + b'Content-Length: 1000\r\n\r\n{"a": 1'),
    "a length of 10^15": raw(OK_HEAD + b"Content-Length: 1000000000000000\r\n\r\n{}"),
    "a negative length": raw(OK_HEAD + b"Content-Length: -5\r\n\r\n{}"),
    "a bad chunk": raw(CHUNKED + b"ZZZ\r\nabc\r\n"),
    "a huge chunk": raw(CHUNKED + b"FFFFFFFFFFFFFFFF\r\nabc"),
    "no HTTP": raw(b"<html>hello\r\n\r\n"),
    "hanging up": raw(b""),
    "a redirect": answer(b"", "302 Found", "Location: http://127.0.0.1:9/steal"),
    "a redirect to a file": answer(b"", "307 Temporary Redirect", "Location: file:///etc/passwd"),
    "status 204": answer(b"", "204 No Content"),
    "status 401": answer(EVIL.encode(), "401 No", "WWW-Authenticate: Basic"),
    "status 404": answer(EVIL.encode(), "404 \x1b[31mOdd"),
    "status 429": answer({"error": EVIL}, "429 Odd"),
    "status 500": answer({"error": {"message": EVIL}}, "500 Odd"),
    "status 999": answer({}, "999 Odd"),
    "an error of odd parts": answer(
        {"error": {"type": [], "message": {EVIL: EVIL}}, "node_errors": {EVIL: 5, "1": {"errors": [5]}}},
        "400 Bad Request",
    ),
    **{
        f"JSON {json.dumps(value)[:30]}": answer(value)
        for value in (
            None, 5, "x", True, [], [1, None], {}, {EVIL: EVIL}, {"name": 5}, {"name": "a\0b"},
            {"prompt_id": 5}, {"queue_running": [5], "queue_pending": None}, {"queue_running": "ab"},
            {"queue_running": [], "queue_pending": [["a", "b"], [1, "c"]]}, {"KSampler": 5},
            {"KSampler": {"input": {"required": [1]}}}, {"max_upload_size": -5}, {"node_errors": "boom"},
        )
    },
}  # fmt: skip
"""What any path may answer."""

SLOW = ("a body that drips", "headers that drip", "chunks that drip", "endless continues")

PATHS = (
    "GET /object_info", "GET /features", "POST /upload/image", "POST /prompt", "GET /queue", "GET /history",
    "GET /view",
)  # fmt: skip


def render(
    port: int, path: str, talk: Talk, shot: object, timeouts: Timeouts = PATIENT
) -> EngineError | None:
    """Render through the proxy; the error that came, checked."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin = time.monotonic()
    error = None
    with hostile_proxy(port, path, talk) as url:
        engine = ComfyEngine((url,), headers=(("X-Key", "s3cret"),), timeouts=timeouts)
        try:
            made = engine.render(shot, no_progress)
            assert len(list(made.frames)) == 17
        except EngineError as failure:
            error = failure
    assert time.monotonic() - begin < 60
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < MAX_GROWTH_MB
    if error is not None:
        told = f"{error.message}{error.hint}"
        assert told.isprintable()
        assert not any(secret in told for secret in SECRETS)
        assert "unexpected" not in told
    return error


@pytest.mark.parametrize("path", PATHS)
def test_any_answer_of_a_server_ends_in_a_readable_error(start, shot, path: str, monkeypatch) -> None:
    monkeypatch.setattr(client, "MIN_FILE_RATE", 1_000_000)  # else each slow upload may take ten seconds
    server = start()

    def try_answer(what: str) -> None:
        try:
            error = render(server.port, path, HTTP[what], shot, IMPATIENT)
        except Exception as failure:
            failure.add_note(f"{path}: {what}")
            raise
        # Servers may have no /features, and a short wait without a queue is forgiven.
        if path not in {"GET /features", "GET /queue"}:
            assert error is not None, (path, what)

    with ThreadPoolExecutor(len(SLOW)) as threads:  # these are only waited for
        waiting = threads.map(try_answer, SLOW)
        for what in HTTP:
            if what not in SLOW:
                try_answer(what)
        assert len(list(waiting)) == len(SLOW)


def history(job: bytes, outputs: object, **status: object) -> object:
    return {job.decode(): {"status": {"status_str": "success", **status}, "outputs": outputs}}


FILES: Mapping[str, object] = {
    "no outputs": {},
    "odd outputs": {"1": 5, "2": {"gifs": 5, "images": [5, None, {"filename": 5}]}},
    "100,000 images": {str(n): {"gifs": [{"filename": f"{n}.png"}]} for n in range(100_000)},
    "a path": {"1": {"gifs": [{"filename": "../../../../tmp/pwned.mp4", "subfolder": "../.."}]}},
    "a null": {"1": {"gifs": [{"filename": "a\0b.mp4", "subfolder": "x\r\nHost: evil"}]}},
    "a lone surrogate": {"1": {"gifs": [{"filename": "\ud800.mp4"}]}},
    "a long name": {"1": {"gifs": [{"filename": "x" * 200_000 + ".mp4"}]}},
    "a playlist": {"1": {"gifs": [{"filename": "a.m3u8"}]}},
    "an odd folder": {"1": {"gifs": [{"filename": "a.mp4", "type": {"a": 1}, "subfolder": ["x"]}]}},
}


@pytest.mark.parametrize("what", FILES)
def test_odd_results_are_refused(start, shot, what: str) -> None:
    def talk(connection: socket.socket, head: bytes) -> None:
        answer(history(head.split(b" ")[1].split(b"?")[0].rpartition(b"/")[2], FILES[what]))(connection, head)

    assert render(start().port, "GET /history", talk, shot) is not None


FAILURES: Mapping[str, Mapping[str, object]] = {
    "odd messages": {
        "messages": [5, ["execution_error", 5], ["execution_error", {"exception_message": EVIL}]]
    },
    "control characters": {"messages": [["execution_error", {"exception_type": EVIL, "node_id": {EVIL: 1}}]]},
    "no messages": {"messages": None},
}


@pytest.mark.parametrize("what", FAILURES)
def test_odd_failures_are_reported(start, shot, what: str) -> None:
    def talk(connection: socket.socket, head: bytes) -> None:
        job = head.split(b" ")[1].split(b"?")[0].rpartition(b"/")[2]
        answer(history(job, {}, **{"status_str": "error"} | FAILURES[what]))(connection, head)

    assert render(start().port, "GET /history", talk, shot) is not None


def frame(payload: bytes, kind: int = 1) -> bytes:
    size = len(payload)
    length = bytes([size]) if size < 126 else b"\x7e" + struct.pack(">H", size) if size < 65536 else None
    return bytes([0x80 | kind]) + (length or b"\x7f" + struct.pack(">Q", size)) + payload


def upgraded(*frames: bytes, again: bool = False, extension: str = "") -> Talk:
    """Open the socket, and send frames; `again` sends the last one without end."""

    def talk(connection: socket.socket, head: bytes) -> None:
        open_websocket(connection, head, extension)
        for one in frames:
            connection.sendall(one)
        while again:
            connection.sendall(frames[-1])
        connection.recv(1 << 16)

    return talk


def deflated(size_mb: int) -> bytes:
    whole = frame(packed(size_mb, -15)[:-4])
    return bytes([whole[0] | 0x40]) + whole[1:]


PROGRESS = b'{"type":"progress","data":{"value":1,"max":2}}'
SOCKETS: Mapping[str, Talk] = {
    "a redirect": answer(b"", "302 Found", "Location: ws://127.0.0.1:9/steal"),
    "a redirect to nowhere": answer(b"", "302 Found", "Location: ws://[::1"),
    "status 500": answer(b"", "500 Odd"),
    "no HTTP": raw(bytes(range(256)) * 8),
    "a wrong key": raw(
        b"HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n"
    ),
    "Latin-1": raw(b"HTTP/1.1 101 \xff\xfe\r\nX-\xff: \xff\r\n\r\n"),
    "headers that drip": without_end(b"HTTP/1.1 101 S\r\n", b"X: y\r\n", 0.05),
    "deep JSON": upgraded(frame(b"[" * 200_000 + b"]" * 200_000), frame(b'{"a":' * 100_000)),
    "5000 digits": upgraded(frame(b"9" * 5000)),
    "a frame of 2^62 bytes": upgraded(b"\x81\x7f" + struct.pack(">Q", 1 << 62)),
    "16 MB of lists": upgraded(frame(b"[" + b"[]," * 5_000_000 + b"[]]")),
    "no UTF-8": upgraded(frame(b"\xff\xfe\xfd")),
    "noise": upgraded(frame(bytes(1 << 20), 2), frame(b"\0", 8)),
    "a flood": upgraded(frame(PROGRESS) * 5000, again=True),
    "a compressed bomb": upgraded(
        deflated(512), extension="Sec-WebSocket-Extensions: permessage-deflate\r\n"
    ),
    "closing at once": upgraded(frame(struct.pack(">H", 1000), 8)),
}


@pytest.mark.parametrize("what", SOCKETS)
def test_no_socket_can_stop_a_render(start, shot, what: str) -> None:
    """The socket is only for progress."""
    assert render(start().port, "GET /ws", SOCKETS[what], shot) is None


def test_the_proxy_alone_changes_nothing(start, shot) -> None:
    assert render(start().port, "GET /nothing", raw(b""), shot) is None
