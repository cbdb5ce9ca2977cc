"""The studio's server: it serves the API and the page behind the guard, and runs the workers."""

# ruff: noqa: PLC0415 - the page's libraries are imported only for a server with a page

from __future__ import annotations

import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from types import FrameType

import uvicorn
from fastapi.responses import RedirectResponse

from lipwright.errors import UsageError
from lipwright.studio.api import make_api
from lipwright.studio.background import only_studio_of, running_workers
from lipwright.studio.guard import Guard
from lipwright.studio.server_settings import ServerSettings
from lipwright.studio.service import StudioService
from lipwright.studio.storage import Storage
from lipwright.studio.webhooks import POLL_S, Webhooks
from lipwright.system import repeating

GRACE_S = 10
"""Maximum time in seconds for completing open requests when the server stops."""


def serve(settings: ServerSettings, on_ready: Callable[[str], None]) -> int | None:
    """Run the server until a signal stops it.

    Args:
        settings: The operator's settings.
        on_ready: Called with the studio's URL as soon as requests are answered.

    Returns:
        The signal that ended the server; None without a signal.

    Raises:
        UsageError: the port is taken, or another studio uses the folder.
        EngineUnavailable: the page's libraries are missing.
    """
    engine_options = dict(settings.engine_options)
    headers = engine_options.pop("headers", ())
    with closing(_listen(settings.host, settings.port)) as listening, only_studio_of(settings.data):
        service = StudioService(settings.data, engine_options=engine_options, max_queued=settings.max_queued)
        webhooks = Webhooks(
            service.store,
            settings.webhook_secret,
            settings.webhook_hosts,
            lambda number: service.job(number).model_dump_json().encode(),
        )
        server = _Server(
            uvicorn.Config(
                make_app(service, webhooks, settings), log_config=None, access_log=False, server_header=False,
                lifespan="on", timeout_graceful_shutdown=GRACE_S, timeout_keep_alive=30,
            ),
            lambda: on_ready(_url(settings.host, listening)),
        )  # fmt: skip
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
        with (
            _stopped_by_signals(server) as stopped_by,
            running_workers(
                service,
                engine=engine_options.get("engine") or "auto",
                headers=headers,
                count=settings.workers,
            ),
            repeating(webhooks.call_next, POLL_S),
        ):
            server.run(sockets=[listening])
    return stopped_by[0] if stopped_by else None


def make_app(service: StudioService, webhooks: Webhooks, settings: ServerSettings) -> Guard:
    """Put the API, the page and the guard together."""
    app = make_api(service, webhooks)
    if settings.page:
        from lipwright.studio.page.mounting import mount_page

        mount_page(app, service, settings.max_upload_bytes)
    else:
        app.add_api_route("/", lambda: RedirectResponse("/docs"), include_in_schema=False)
    return Guard(
        app,
        token=settings.token,
        hosts=(settings.host, *settings.hosts),
        max_body_bytes=settings.max_upload_bytes,
        storage=Storage(service.folder, service.uploads, settings.max_storage_bytes),
    )


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that is bound to a host and port.

    Raises:
        UsageError: the port is taken, or the host has no address on this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(
            f"the studio cannot listen on {host}, port {port} ({reason})",
            hint="give another --port or --host",
        ) from error
    return listening


def _url(host: str, listening: socket.socket) -> str:
    port = listening.getsockname()[1]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}"


class _Server(uvicorn.Server):
    """A uvicorn server that reports when it is ready, and does not handle signals."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextmanager
def _stopped_by_signals(server: _Server) -> Iterator[list[int]]:
    """Let SIGINT, SIGTERM and SIGHUP stop a server during a `with` block.

    After the first signal the server completes its open requests; a second signal stops it immediately. The
    `with` statement yields a list, to which the number of each received signal is appended.
    """
    stopped_by: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        del frame
        server.force_exit = bool(stopped_by)
        server.should_exit = True
        stopped_by.append(number)

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    try:
        for number, handler in before.items():
            if handler is not signal.SIG_IGN:  # a signal that nohup ignores stays ignored
                signal.signal(number, stop)
        yield stopped_by
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
