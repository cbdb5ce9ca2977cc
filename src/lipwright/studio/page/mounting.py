"""Mount the page on the API's application, with only those paths of Gradio that the page uses."""

# ruff: noqa: PLC0415 - Gradio is slow to import, and must be imported inside `without_stubs`

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from fastapi import FastAPI
from starlette.routing import Match, Mount
from starlette.types import Scope

if TYPE_CHECKING:
    from lipwright.studio.service import StudioService

PAGE_PATHS = re.compile(
    r"/|/(config|theme\.css|favicon\.ico|manifest\.json)|/(assets|static)/.+"
    r"|/gradio_api/(app_id|cancel|reset|startup-events|upload|upload_progress|queue/(join|data)|run/predict"
    r"|heartbeat/[^/]+|file=(?!\w\w+:/).+)"
)
"""Paths of Gradio that the page requests. All others, such as Gradio's network proxy, are not served: the API
answers 404."""


def mount_page(app: FastAPI, service: StudioService, max_file_bytes: int) -> None:
    """Serve the page at the root of an application.

    Args:
        app: The application of the API, whose own routes come first.
        service: The studio that the page shows.
        max_file_bytes: Maximum size of an uploaded file.
    """
    # Uploads are stored in the studio's folder, so that jobs can hard-link instead of copying them.
    os.environ.setdefault("GRADIO_TEMP_DIR", str(service.uploads))
    with without_stubs():
        import gradio

    from lipwright.reports.page import read_style
    from lipwright.studio.page.fragments import read_asset
    from lipwright.studio.page.layout import build_page
    from lipwright.studio.page.theme import make_theme

    page = build_page(service)
    # Gradio checks the file paths in requests only on launched pages, and a mounted page is never launched.
    # Without this, a request could name any file of this machine as its upload.
    page.has_launched = True
    gradio.processing_utils.async_ssrf_protected_get = _refuse_url
    gradio.mount_gradio_app(
        app,
        page,
        path="/",
        blocked_paths=[str(service.folder), str(service.store.path)],
        max_file_size=max_file_bytes,
        theme=make_theme(),
        css=read_style("palette.css") + read_asset("style.css"),
        js=read_asset("page.js"),
        # Nothing is loaded from the network, and nothing besides this page is served:
        ssr_mode=False,
        footer_links=[],
        run_history=False,
        show_error=True,
        pwa=False,
        mcp_server=False,
        enable_monitoring=False,
    )
    whole = app.router.routes.pop()
    if not isinstance(whole, Mount):
        raise TypeError(f"Gradio was expected to add a mount, not {whole}")
    app.router.routes.append(_PageMount("", whole.app))


async def _refuse_url(url: str) -> NoReturn:
    """Refuse to download a URL that a client sends instead of a file; replaces a function of Gradio."""
    raise ValueError(f"a file was expected, not {url}")


class _PageMount(Mount):
    """A mount that answers only the paths in PAGE_PATHS."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http" and not PAGE_PATHS.fullmatch(scope["path"]):
            return Match.NONE, {}
        return super().matches(scope)


@contextmanager
def without_stubs() -> Iterator[None]:
    """Keep Gradio from writing editor stubs while it is imported.

    Gradio writes a stub for each component class whose source file it finds, which takes half of the import
    time. This function can be removed when Gradio 6 no longer writes stubs on import.
    """
    getfile = inspect.getfile

    def getfile_of_others(thing: Any) -> str:  # noqa: ANN401 - as the original
        if type(thing).__name__ == "ComponentMeta":
            raise OSError("editor stubs are not needed")
        return getfile(thing)

    inspect.getfile = getfile_of_others  # type: ignore[assignment]
    try:
        yield
    finally:
        inspect.getfile = getfile
