"""The studio's server: API and page behind the guard, the workers beside it, until it is told to stop."""

# ruff: noqa: PLC0415 - the page's libraries are imported where there is a page

from __future__ import annotations

import ipaddress
import logging
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI

from lipwright.errors import UsageError
from lipwright.studio import api_models
from lipwright.studio.api import make_api
from lipwright.studio.background import Workers
from lipwright.studio.guard import Guard
from lipwright.studio.service import MAX_QUEUED, StudioService
from lipwright.studio.webhooks import Webhooks

GRACE_S = 10
"""How long requests that are being answered may take once the server is told to stop."""
LOOPBACK_NAMES = frozenset({"localhost", "localhost.localdomain", "ip6-localhost"})


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What the operator says."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 7860
    """0 takes one that is free."""
    token: str = field(default="", repr=False)
    page: bool = True
    workers: int | None = None
    engine_options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """As StudioService takes them, with `headers`."""
    hosts: tuple[str, ...] = ()
    """Names under which it may be asked, besides localhost and addresses."""
    webhook_secret: str = field(default="", repr=False)
    webhook_hosts: tuple[str, ...] = ()
    max_queued: int = MAX_QUEUED
    max_upload_bytes: int = 2 << 30


def check_settings(settings: ServerSettings) -> None:
    """Refuse what must not be served.

    Raises:
        UsageError: a host beyond this machine without a token, or numbers that make no sense.
    """
    if not settings.token and not _is_loopback(settings.host):
        raise UsageError(
            f"--host {settings.host} can be reached by other machines, and there is no token",
            hint="set LIPWRIGHT_TOKEN, or give --token; or leave --host out",
        )
    if settings.token and (len(settings.token) < 8 or not settings.token.isascii()):
        raise UsageError(
            "the token is shorter than 8 characters, or not ASCII", hint="take a long random one"
        )
    if not 0 <= settings.port <= 65535:
        raise UsageError(f"--port {settings.port} is outside 0..65535", hint="7860 is usual")
    if settings.workers is not None and not 1 <= settings.workers <= 64:
        raise UsageError(f"--workers {settings.workers} is outside 1..64", hint="leave it out for what fits")
    if settings.max_queued < 1 or settings.max_upload_bytes < 1:
        raise UsageError("a limit of nothing refuses everything", hint="give 1 or more")


def serve(settings: ServerSettings, on_ready: Callable[[str], None]) -> int | None:
    """Serve until a signal says to stop.

    Args:
        settings: What the operator says.
        on_ready: Called with the URL when requests are answered.

    Returns:
        The signal that ended it.

    Raises:
        UsageError: as `check_settings`; the port is taken; another studio works in the folder.
        EngineUnavailable: the page's libraries are missing.
    """
    check_settings(settings)
    listening = _listen(settings.host, settings.port)
    engine_options = dict(settings.engine_options)
    headers = engine_options.pop("headers", ())
    service = StudioService(settings.data, engine_options=engine_options, max_queued=settings.max_queued)
    webhooks = Webhooks(
        service.store,
        settings.webhook_secret,
        settings.webhook_hosts,
        lambda number: api_models.describe(service.job(number)).model_dump(),
    )
    workers = Workers(
        service, engine=engine_options.get("engine") or "auto", headers=headers, count=settings.workers
    )
    workers.start()  # they load while this process imports what it needs
    try:
        app = make_app(service, webhooks, settings)
        webhooks.start()
        server = _Server(
            uvicorn.Config(
                app, log_config=None, access_log=False, server_header=False, lifespan="on",
                timeout_graceful_shutdown=GRACE_S, timeout_keep_alive=30,
            ),
            lambda: on_ready(_url(settings.host, listening)),
        )  # fmt: skip
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
        with _stopped_by_signals(server) as stopped_by:
            server.run(sockets=[listening])
        webhooks.stop()
    finally:
        workers.stop()
        listening.close()
    return stopped_by[0] if stopped_by else None


def make_app(service: StudioService, webhooks: Webhooks, settings: ServerSettings) -> Guard:
    """Put the API, the page and the guard together."""
    app = make_api(service, webhooks)
    if settings.page:
        app = _with_page(app, service, settings)
    return Guard(
        app,
        token=settings.token,
        hosts=(settings.host, *settings.hosts),
        max_body_bytes=settings.max_upload_bytes,
    )


def _with_page(app: FastAPI, service: StudioService, settings: ServerSettings) -> FastAPI:
    import gradio

    from lipwright.studio.page import build_page, page_options

    mounted: FastAPI = gradio.mount_gradio_app(
        app,
        build_page(service),
        path="/",
        **page_options(),
        allowed_paths=[str(service.folder)],
        blocked_paths=[str(service.store.path)],
        max_file_size=settings.max_upload_bytes,
    )
    return mounted


def _is_loopback(host: str) -> bool:
    if host.lower() in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _listen(host: str, port: int) -> socket.socket:
    """Take the port.

    Raises:
        UsageError: it is taken, or the host has no address here.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(
            f"{host}, port {port}, cannot be listened on ({reason})", hint="give another --port or --host"
        ) from error
    return listening


def _url(host: str, listening: socket.socket) -> str:
    port = listening.getsockname()[1]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}"


class _Server(uvicorn.Server):
    """uvicorn, which says when it is ready, and leaves the signals to us."""

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
    """Let SIGINT, SIGTERM and SIGHUP end the server in order; a second one ends it at once."""
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
            if handler is not signal.SIG_IGN:  # nohup
                signal.signal(number, stop)
        yield stopped_by
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
