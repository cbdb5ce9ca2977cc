"""Servers that answer anything: alone, or as a proxy that relays all requests but those to one path."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

Talk = Callable[[socket.socket, bytes], None]
"""Answers a request, of which it gets the head, on its connection."""


def answer(body: bytes | object, status: str = "200 OK", *headers: str) -> Talk:
    """Answer with bytes, or any other value as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(data)}", "Connection: close", *headers])
    return lambda connection, _: connection.sendall(head.encode("latin-1") + b"\r\n\r\n" + data)


def without_end(head: bytes, piece: bytes, pause_s: float = 0.0) -> Talk:
    """Send a piece over and over."""

    def talk(connection: socket.socket, _: bytes) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(piece)
            time.sleep(pause_s)

    return talk


def open_websocket(connection: socket.socket, head: bytes, extension: str = "") -> None:
    """Accept the WebSocket that was asked for."""
    key = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
    accepted = key.split(b": ")[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    digest = base64.b64encode(hashlib.sha1(accepted, usedforsecurity=False).digest()).decode()
    connection.sendall(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"{extension}Sec-WebSocket-Accept: {digest}\r\n\r\n".encode()
    )


@contextmanager
def listening(handle: Callable[[socket.socket], None]) -> Iterator[int]:
    """Serve on loopback, each connection in a thread; yields the port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    def serve(connection: socket.socket) -> None:
        with closing(connection), suppress(OSError, ValueError):
            handle(connection)

    threading.Thread(target=accept, daemon=True).start()
    with closing(listener):
        yield listener.getsockname()[1]


@contextmanager
def serving(talk: Talk) -> Iterator[str]:
    """A server that does `talk` with each request; yields its URL."""
    with listening(lambda connection: talk(connection, connection.recv(65536))) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def hostile_proxy(port: int, path: str, talk: Talk) -> Iterator[str]:
    """A proxy in front of a server; yields its URL, with secrets.

    Args:
        port: Of the server behind, on loopback.
        path: What the hostile requests begin with, method included, such as "POST /prompt".
        talk: What is done with them.
    """

    def handle(connection: socket.socket) -> None:
        head, body = _read_request(connection)
        if head.startswith(path.encode()):
            talk(connection, head)
        else:
            _relay(connection, head, body, port)

    with listening(handle) as own_port:
        yield f"http://user:pa55word@127.0.0.1:{own_port}/?token=t0ken"


def _read_request(connection: socket.socket) -> tuple[bytes, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            raise OSError
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    length = int(lengths[0].split(b":")[1]) if lengths else 0
    while len(body) < length:
        body += connection.recv(65536)
    return head, body


def _relay(connection: socket.socket, head: bytes, body: bytes, port: int) -> None:
    """Send one request on, and its answer back; a WebSocket stays open."""
    is_socket = head.startswith(b"GET /ws")
    lines = [
        line
        for line in head.split(b"\r\n")
        if is_socket or not line.lower().startswith((b"connection:", b"authorization:"))
    ]
    lines += [] if is_socket else [b"Connection: close"]
    with socket.create_connection(("127.0.0.1", port)) as behind:
        behind.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        if is_socket:
            threading.Thread(target=_pump, args=(connection, behind), daemon=True).start()
        _pump(behind, connection)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
