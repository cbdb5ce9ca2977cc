"""The WebSocket on which a server reports its progress.

Only this module uses websockets. A thread listens and puts messages into a queue. When the socket breaks it
is closed and then opened again: a second one with the same client id, opened before the first closes, would
receive nothing. Nothing depends on it: `job` polls as well, since a socket can be silent behind a proxy.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, reconnect

from lipwright.domain.json_text import parse_json
from lipwright.engines.comfyui.client import Timeouts
from lipwright.engines.comfyui.server_url import Server

MAX_MESSAGE_BYTES = 8 << 20
"""Maximum size of a message, which may be a preview image; a larger one closes the socket."""

MAX_TEXT_LENGTH, MAX_WAITING = 1 << 17, 128
"""Maximum size of a message that is kept, and maximum number of unread ones: 16 MB. They wait as text, which
takes a twentieth of the memory of parsed JSON. Polling makes up for those that are dropped."""

# The library logs whole requests, secrets included, if a program asks for debug messages.
_SILENT_LOGGER = logging.Logger("lipwright.comfyui.socket", logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class Event:
    """One message of the server."""

    kind: str
    """execution_start, executing, progress, progress_state, executed, execution_success and so on;
    "socket-lost" is our own."""
    data: Mapping[str, Any]


class _Connection(reconnect):
    """A connection that follows no redirect: that would carry the secrets to another host."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class Listener:
    """Listens from `__enter__` to `__exit__`."""

    def __init__(self, server: Server, client_id: str, timeouts: Timeouts) -> None:
        self._server, self._client_id, self._timeouts = server, client_id, timeouts
        self._waiting: queue.SimpleQueue[Event | str] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._ready = threading.Event()
        self._socket: ClientConnection | None = None
        self._thread = threading.Thread(target=self._listen, name="comfyui-events", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        # Open it before the job is submitted, or its first events are lost. The timeout is for servers whose
        # socket does not work.
        self._ready.wait(self._timeouts.connect_s)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        socket = self._socket
        if socket is not None:
            with suppress(OSError, WebSocketException, RuntimeError):
                socket.close()
        self._thread.join(self._timeouts.connect_s + 1)

    def next(self, timeout_s: float) -> Event | None:
        """Return the next message, or None if none comes in that time."""
        end = time.monotonic() + timeout_s
        while True:
            try:
                message = self._waiting.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                return None
            event = message if isinstance(message, Event) else _parse(message)
            if event is not None:
                return event

    def _listen(self) -> None:
        while not self._stop.is_set():
            with suppress(OSError, WebSocketException, TimeoutError, EOFError, ValueError):
                self._read_socket()
            self._ready.set()
            self._stop.wait(self._timeouts.retry_s)

    def _read_socket(self) -> None:
        with _Connection(
            self._server.socket_url(self._client_id),
            additional_headers=dict(self._server.headers),
            compression=None,
            open_timeout=self._timeouts.connect_s,
            close_timeout=1.0,
            max_size=MAX_MESSAGE_BYTES,
            logger=_SILENT_LOGGER,
            proxy=None if self._server.loopback else True,
        ) as socket:
            self._socket = socket
            self._ready.set()
            try:
                for message in socket:
                    if self._stop.is_set():
                        return
                    if isinstance(message, bytes) or len(message) > MAX_TEXT_LENGTH:
                        continue  # a preview image
                    if self._waiting.qsize() < MAX_WAITING:
                        self._waiting.put(message)
            finally:
                self._socket = None
                if not self._stop.is_set():
                    self._waiting.put(Event("socket-lost", {}))


def _parse(message: str) -> Event | None:
    """Return the event in a message; None for anything else."""
    try:
        value = parse_json(message)
    except ValueError:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("data"), dict):
        return None
    return Event(str(value.get("type", "")), value["data"])
