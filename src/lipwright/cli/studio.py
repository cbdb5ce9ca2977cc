"""`lipwright studio`: serve the studio's web page and HTTP API on this machine."""

from __future__ import annotations

import gc
import os
import signal
from importlib.util import find_spec
from typing import Annotated

import typer

from lipwright.cli.batch import DataOption, WorkersOption, data_folder
from lipwright.cli.options import Given, command
from lipwright.cli.output import Output
from lipwright.domain.settings import SETTINGS
from lipwright.errors import EngineUnavailable, Stopped

INSTALL = "pip install 'lipwright[studio]'"


@command
def studio(
    *,
    out: Output,
    given: Given,
    host: Annotated[
        str,
        typer.Option(
            "--host",
            metavar="HOST",
            help="Address to listen on; an address that other machines can reach requires --token.",
        ),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", help="Port; 0 chooses a free one.")] = 7860,
    data: DataOption = None,
    token: Annotated[
        str | None,
        typer.Option(
            "--token",
            metavar="TEXT",
            help="Token that every client must send. Give it in LIPWRIGHT_TOKEN instead to keep it out of "
            "process lists.",
            show_default="none",
        ),
    ] = None,
    no_page: Annotated[bool, typer.Option("--no-page", help="Serve only the HTTP API.")] = False,
    workers: WorkersOption = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-host",
            metavar="NAME",
            help="Host name under which clients reach the studio; may be repeated.",
            show_default="localhost and IP addresses",
        ),
    ] = None,
    webhook_host: Annotated[
        list[str] | None,
        typer.Option(
            "--webhook-host",
            metavar="NAME",
            help="Host on a private network that webhooks may call; may be repeated.",
            show_default="only public hosts",
        ),
    ] = None,
    max_queued: Annotated[
        int,
        typer.Option(
            "--max-queued", metavar="N", help="Maximum number of queued jobs; further jobs are refused."
        ),
    ] = 100,
    max_upload: Annotated[
        int, typer.Option("--max-upload", metavar="MB", help="Maximum size of a request, in MB.")
    ] = 2048,
    max_storage: Annotated[
        int,
        typer.Option(
            "--max-storage",
            metavar="MB",
            help="Maximum size of all uploads and jobs together, in MB; beyond it uploads are refused.",
        ),
    ] = 51_200,
) -> None:
    """Serve the studio: a web page for making, checking and comparing videos, and the HTTP API behind it.

    Jobs continue when the page is closed. When the studio is stopped, unfinished jobs return to the queue.
    """
    checked = {name: SETTINGS[name].check(value) for name, value in given.items()}
    engine_options = {name: value for name, value in checked.items() if value != SETTINGS[name].default}
    from lipwright.studio.server_settings import ServerSettings

    settings = ServerSettings(
        data=data_folder(data),
        host=host,
        port=port,
        token=token or os.environ.get("LIPWRIGHT_TOKEN", ""),
        page=not no_page,
        workers=workers,
        engine_options=engine_options,
        hosts=tuple(allow_host or ()),
        webhook_secret=os.environ.get("LIPWRIGHT_WEBHOOK_SECRET", ""),
        webhook_hosts=tuple(webhook_host or ()),
        max_queued=max_queued,
        max_upload_bytes=max_upload << 20,
        max_storage_bytes=max_storage << 20,
    )
    _check_installed(page=settings.page)

    def on_ready(url: str) -> None:
        gc.freeze()
        gc.enable()
        value = {"url": url, "data": str(settings.data), "page": settings.page, "token": bool(settings.token)}
        out.result(value, f"{url}  (Ctrl-C stops it)")

    gc.disable()  # saves a fifth of the start-up time; imports leave no garbage
    try:
        from lipwright.studio.server import serve

        ended_by = serve(settings, on_ready)
    finally:
        gc.enable()
    if ended_by == signal.SIGINT:
        raise Stopped("stopped", hint="interrupted jobs are queued, and run when the studio is started again")


def _check_installed(*, page: bool) -> None:
    needed = ("fastapi", "uvicorn", "python_multipart", *(("gradio",) if page else ()))
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        raise EngineUnavailable(
            f"the studio needs packages that are not installed: {', '.join(missing)}", hint=f"run: {INSTALL}"
        )
