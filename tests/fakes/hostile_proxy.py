"""A proxy in front of a server that handles requests to one path itself, and relays all others."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

Talk = Callable[[socket.socket, bytes], None]
"""Answers a request, of which it gets the head, on its connection."""


@contextmanager
def hostile_proxy(port: int, path: str, talk: Talk) -> Iterator[str]:
    """Serve on loopback; yields the URL.

    Args:
        port: Of the server behind, on loopback.
        path: What the hostile requests begin with, method included, such as "POST /prompt".
        talk: What is done with them.
    """
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

    def answer(connection: socket.socket) -> None:
        with closing(connection), suppress(OSError, ValueError):
            head, body = _read_request(connection)
            if head.startswith(path.encode()):
                talk(connection, head)
            else:
                _relay(connection, head, body, port)

    threading.Thread(target=accept, daemon=True).start()
    with closing(listener):
        yield f"http://user:pa55word@127.0.0.1:{listener.getsockname()[1]}/?token=t0ken"


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
