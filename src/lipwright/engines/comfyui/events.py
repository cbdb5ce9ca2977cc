"""The WebSocket through which a server reports its progress.

Only this module uses websockets. A thread listens and puts messages into a queue. If the socket breaks, it is
closed before a new one is opened, because a second socket with the same client id would receive nothing. No
result depends on the socket: `server_job` also polls, because a socket can be silent behind a proxy.
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
"""Maximum size of a message, such as a preview image, in bytes; a larger message closes the socket."""

MAX_TEXT_LENGTH, MAX_WAITING = 1 << 17, 128
"""Maximum length of a message in the queue, in characters, and maximum number of messages in the queue.

With both limits, the queue takes up to about 16 MB. It contains messages as text, which takes a twentieth of
the memory of parsed JSON. A message that is too long, or arrives while the queue is full, is dropped; polling
makes up for it."""

# At debug level, the library logs whole requests, including secrets.
_SILENT_LOGGER = logging.Logger("lipwright.comfyui.socket", logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class Event:
    """A message from the server."""

    kind: str
    """Type of the message, such as execution_start, executing, progress, progress_state, executed or
    execution_success; lipwright itself adds "socket-lost"."""
    data: Mapping[str, Any]


class _Connection(reconnect):
    """A connection that does not follow redirects, which would send the secrets to another host."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class Listener:
    """A context manager that receives a server's messages during its `with` block."""

    def __init__(self, server: Server, client_id: str, timeouts: Timeouts) -> None:
        self._server, self._client_id, self._timeouts = server, client_id, timeouts
        self._waiting: queue.SimpleQueue[Event | str] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._ready = threading.Event()
        self._socket: ClientConnection | None = None
        self._thread = threading.Thread(target=self._listen, name="comfyui-events", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        # The socket must be open before the job is submitted, or its first events are lost. The timeout is
        # for servers whose socket does not work.
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
        """Return the next message; None if none arrives within `timeout_s`."""
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
                        continue  # this message is a preview image, or too long
                    if self._waiting.qsize() < MAX_WAITING:
                        self._waiting.put(message)
            finally:
                self._socket = None
                if not self._stop.is_set():
                    self._waiting.put(Event("socket-lost", {}))


def _parse(message: str) -> Event | None:
    """Return the event in a message; None if the message is not an event."""
    try:
        value = parse_json(message)
    except ValueError:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("data"), dict):
        return None
    return Event(str(value.get("type", "")), value["data"])
