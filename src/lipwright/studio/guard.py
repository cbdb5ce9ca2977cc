"""Access control of the page and the API: who may send requests, from where, and how large.

- **Host**: a malicious web page can make its own host name resolve to this machine (DNS rebinding). A browser
  would then give that page the rights of the studio's own page. So the `Host` of a request must be an IP
  address, `localhost`, the name of this machine, or a name that the operator gave.
- **Origin**: a request is refused if the browser's headers say that it comes from another site.
- **Token**: if a token is set, every request needs it, as `Authorization: Bearer TOKEN`, or in a browser as
  the cookie that the form at /login sets. The cookie contains a hash, and no URL ever contains the token.
- **Size**: a body that is larger than allowed is refused while it is received, and uploads are received only
  while the disk has space for them.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import socket
from collections.abc import Collection
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lipwright.errors import LipwrightError
from lipwright.reports.page import render_page
from lipwright.studio.api_errors import problem_of, problem_response
from lipwright.studio.storage import Storage

COOKIE = "lipwright-studio"
OPEN_PATHS = frozenset({"/v1/health", "/login"})
"""Paths that need no token."""
MAX_LOGIN_BYTES = 10_000
SAFE_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # with no-referrer, browsers send the origin "null" with our own forms
    "x-frame-options": "SAMEORIGIN",
    "cross-origin-resource-policy": "same-origin",
}


class _TooLarge(Exception):
    """The body of a request is larger than allowed."""


class Guard:
    """The outermost ASGI middleware, which checks every request before the studio's application sees it.

    Args:
        app: The application to protect.
        token: The token that requests need; empty if they need none.
        hosts: Host names of the studio, besides localhost, the name of this machine and IP addresses.
        max_body_bytes: Maximum size of a request body.
        storage: The disk space for uploaded files.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        token: str = "",
        hosts: Collection[str] = (),
        max_body_bytes: int,
        storage: Storage,
    ) -> None:
        self._app, self._token, self._max_body_bytes, self._storage = app, token, max_body_bytes, storage
        self._hosts = {"localhost", socket.gethostname().lower(), *(host.lower() for host in hosts)}
        self._session = hmac.new(token.encode(), b"lipwright studio", hashlib.sha256).hexdigest()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to the application, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # the studio has no WebSockets
            await send({"type": "websocket.close", "code": 1008})
            return
        headers, send = Headers(scope=scope), _with_headers(send)
        refused = self._refuse(scope, headers)
        if refused is not None:
            await refused(scope, receive, send)
        elif self._token and scope["path"] == "/login":
            await _bounded(self._login, MAX_LOGIN_BYTES, scope, receive, send)
        elif headers.get("content-type", "").lower().startswith("multipart/"):
            await self._receive_files(scope, headers, receive, send)
        else:
            await _bounded(self._app, self._max_body_bytes, scope, receive, send)

    async def _receive_files(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        size = int(headers.get("content-length", self._max_body_bytes))
        try:
            await asyncio.to_thread(self._storage.reserve, size)
        except LipwrightError as error:
            refused: Response = problem_of(error)
            if not scope["path"].startswith("/v1/"):  # the page shows this plain text as it is
                refused = PlainTextResponse(f"{error.message}; {error.hint}", refused.status_code)
            await refused(scope, receive, send)
            return
        try:
            await _bounded(self._app, self._max_body_bytes, scope, receive, send)
        finally:
            self._storage.release(size)

    def _refuse(self, scope: Scope, headers: Headers) -> Response | None:
        host = headers.get("host", "")
        if not self._is_ours(host):
            return problem_response(
                421,
                "the host name in the request does not belong to this studio",
                "use the IP address of the studio, or start it with --allow-host NAME",
            )
        origin = headers.get("origin")
        is_foreign = origin is not None and urlsplit(origin).netloc.lower() != host.lower()
        if is_foreign or headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
            # A link on another site may open the page; all other requests from other sites are refused.
            opens_page = origin is None and headers.get("sec-fetch-mode") == "navigate"
            if not (opens_page and scope["method"] in {"GET", "HEAD"}):
                return problem_response(
                    403, "requests from other sites are refused", "use the page of the studio itself"
                )
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > self._max_body_bytes:
            return _too_large(self._max_body_bytes)
        if not self._token or scope["path"] in OPEN_PATHS or self._knows_token(headers):
            return None
        if "text/html" in headers.get("accept", "") and scope["method"] == "GET":
            return RedirectResponse("/login", 303)
        return problem_response(
            401, "this studio needs a token", "send it as: Authorization: Bearer TOKEN",
            {"www-authenticate": "Bearer"},
        )  # fmt: skip

    def _is_ours(self, host: str) -> bool:
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            return False
        if name in self._hosts:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    def _knows_token(self, headers: Headers) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and _equal(given.strip(), self._token):
            return True
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            return False
        return cookie is not None and _equal(cookie.value, self._session)

    async def _login(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Show the form for the token, or read the submitted form."""
        request = Request(scope, receive)
        response: Response = HTMLResponse(_login_page(wrong=False))
        if request.method == "POST":
            given = parse_qs((await request.body()).decode(errors="replace")).get("token", [""])[0]
            if _equal(given.strip(), self._token):
                response = RedirectResponse("/", 303)
                response.set_cookie(
                    COOKIE, self._session, httponly=True, samesite="strict", secure=scope["scheme"] == "https"
                )
            else:
                response = HTMLResponse(_login_page(wrong=True), 401)
        await response(scope, receive, send)


async def _bounded(app: ASGIApp, max_bytes: int, scope: Scope, receive: Receive, send: Send) -> None:
    """Pass a request on; if its body has more than `max_bytes`, answer 413 in place of the app's answer."""
    left, started = max_bytes, False

    async def counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise _TooLarge
        return message

    async def sent(message: Message) -> None:
        nonlocal started
        if left >= 0 or started:
            started = True
            await send(message)

    with suppress(_TooLarge):
        await app(scope, counted, sent)
    if left < 0 and not started:
        await _too_large(max_bytes)(scope, receive, send)


def _too_large(max_bytes: int) -> Response:
    size = f"{max_bytes >> 20} MB" if max_bytes >= 1 << 20 else f"{max_bytes} bytes"
    return problem_response(
        413, f"a request may have at most {size}", "send a shorter recording, or a smaller image",
        {"connection": "close"},
    )  # fmt: skip


def _login_page(*, wrong: bool) -> str:
    return render_page("login.html.j2", name="Studio", wrong=wrong)


def _equal(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SAFE_HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sent
