"""One request, one answer: every path of ComfyUI's protocol that lipwright uses.

httpx lives here alone. Its exceptions become ours in `_talking`, without a chain:
a chained one could carry a URL. Answers are read up to a bound and are data, never
names of local files. No request carries an Origin (a foreign one is answered 403),
and no redirect is followed: it would carry the secrets elsewhere.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote
from urllib.request import getproxies, proxy_bypass

import httpx

from lipwright.engines.comfyui.server_url import Server
from lipwright.errors import EngineError, EngineRejected, EngineTimedOut, EngineUnavailable

MAX_ANSWER_BYTES = 16 << 20
"""Bound of an answer; a job's history with its graph has some 50 kB."""

MAX_SCHEMAS_BYTES = 128 << 20
"""Bound of /object_info, which has 2 MB bare and 30 MB with many packs."""

_UP_TO = 1 << 20


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what, in seconds."""

    connect_s: float = 10.0
    answer_s: float = 60.0
    """For one answer, or the next piece of a file."""
    poll_s: float = 2.0
    """Between looks at queue and history while the socket speaks or is quiet."""
    tick_s: float = 0.2
    """Between looks at whether somebody wants to stop."""
    outage_s: float = 90.0
    """How long a server may be gone in the middle of a job: a restart loads many packs."""
    stall_s: float = 3600.0
    """How long a job may run without a sign of life; loading a large model gives none."""
    retry_s: float = 1.0
    """Between attempts to reach a server that is gone."""
    attempts: int = 4
    """At one request that a gateway answered instead of the server, or at a file that broke off."""


class Answer(Exception):
    """A status other than 200."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(status)
        self.status = status
        self.body = body

    def json(self) -> Any:  # noqa: ANN401 - JSON has no narrower type
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Stumbled(EngineUnavailable):
    """A gateway answered 502, 503 or 504, or the connection broke: it may work in a moment."""


class Client:
    """A connection to one server; a context manager."""

    def __init__(self, server: Server, patience: Patience) -> None:
        self.server = server
        self.patience = patience
        timeout = httpx.Timeout(patience.answer_s, connect=patience.connect_s)
        self._http = httpx.Client(transport=_Sealed(server), timeout=timeout, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, *, limit: int = MAX_ANSWER_BYTES, timeout_s: float | None = None) -> Any:  # noqa: ANN401
        """GET a path's JSON.

        Raises:
            EngineUnavailable, EngineTimedOut: no answer.
            EngineError: an answer that is no JSON, or too large.
        """
        options: dict[str, Any] = {} if timeout_s is None else {"timeout": timeout_s}
        return self._json("GET", path, limit=limit, again=timeout_s is None, **options)

    def post(self, path: str, value: Mapping[str, object], *, timeout_s: float | None = None) -> Any:  # noqa: ANN401
        """POST JSON; the answer's JSON, None where it is empty.

        Raises:
            Answer: a status of 400 to 499 but for 401, 403, 407 and 408, which mean the server or its
                proxy lets nobody in.
            EngineUnavailable, EngineTimedOut, EngineError: as `get`.
        """
        options: dict[str, Any] = {} if timeout_s is None else {"timeout": timeout_s}
        return self._json("POST", path, json=value, limit=MAX_ANSWER_BYTES, **options)

    def upload(self, name: str, data: bytes) -> str:
        """Put a file into the server's input folder.

        Args:
            name: The name wished for.
            data: Its content.

        Returns:
            The name that the server gave it, which is the one to use.

        Raises:
            EngineRejected: it is larger than the server takes.
            EngineError: as `get`.
        """
        files = {"image": (name, data, "application/octet-stream")}
        try:
            given = self._json(
                "POST",
                "/upload/image",
                files=files,
                data={"type": "input"},
                limit=MAX_ANSWER_BYTES,
                again=True,  # the same content under the same name stays one file
            )
        except Answer as answer:
            if answer.status == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
                raise too_large(self.server, len(data)) from None
            raise EngineRejected(
                f"{self.server.label} refused an upload with status {answer.status}"
            ) from None
        wanted, folder = (
            (given.get("name"), given.get("subfolder", "")) if isinstance(given, dict) else ("", "")
        )
        if not isinstance(wanted, str) or not wanted or not isinstance(folder, str):
            raise self.nonsense("/upload/image")
        return f"{folder}/{wanted}" if folder else wanted

    @contextmanager
    def stream(
        self, path: str, query: Mapping[str, str], headers: Mapping[str, str]
    ) -> Iterator[httpx.Response]:
        """GET a file piece by piece; the caller looks at the status."""
        with (
            self._talking(),
            self._http.stream("GET", self._url(path), params=query, headers=dict(headers)) as response,
        ):
            yield response

    def pieces(self, response: httpx.Response) -> Iterator[bytes]:
        """The bytes of a streamed file.

        Raises:
            EngineUnavailable, EngineTimedOut: the connection broke.
        """
        with self._talking():
            # As they come: what httpx collected to larger pieces would be lost with the connection.
            yield from response.iter_bytes()

    def nonsense(self, path: str) -> EngineError:
        """The error for an answer that ComfyUI would not give."""
        return EngineError(
            f"{self.server.label}{path} does not answer as ComfyUI does",
            hint="check the address: is ComfyUI there, and lets its proxy API calls through?",
        )

    def _url(self, path: str) -> str:
        return self.server.label + path

    def _json(self, method: str, path: str, *, again: bool = False, **options: Any) -> Any:  # noqa: ANN401
        """One request; repeated where a gateway stumbles, if it may be (`again`)."""
        for attempt in range(1, self.patience.attempts + 1):
            try:
                return self._once(method, path, **options)
            except Stumbled:
                if not again or attempt == self.patience.attempts:
                    raise
                time.sleep(self.patience.retry_s)
        raise AssertionError("unreachable")

    def _once(self, method: str, path: str, *, limit: int, **options: Any) -> Any:  # noqa: ANN401
        with self._talking(), self._http.stream(method, self._url(path), **options) as response:
            body = bytearray()
            for piece in response.iter_bytes():
                body += piece
                if len(body) > limit:
                    raise EngineError(
                        f"{self.server.label}{path} answered more than {limit // _UP_TO} MB",
                        hint="check the address: is ComfyUI there?",
                    )
            status = response.status_code
        if status != httpx.codes.OK:
            self._judge(path, status, bytes(body))
        if not body:
            return None
        try:
            return json.loads(body)
        except ValueError:
            raise self.nonsense(path) from None

    def _judge(self, path: str, status: int, body: bytes) -> None:
        label = self.server.label
        if status in {401, 403, 407}:
            raise EngineUnavailable(
                f"{label} lets nobody in without leave (status {status})",
                hint="give --header 'Authorization: Bearer TOKEN', or user:password@ in the URL",
            )
        if 300 <= status < 400:
            raise EngineUnavailable(
                f"{label} points elsewhere (status {status})",
                hint="give the address it points to, often https://",
            )
        if status in {502, 503, 504}:
            raise Stumbled(
                f"{label}: its gateway answers with status {status}", hint="is the server behind it running?"
            )
        if status >= 500 or status == 408:
            raise EngineUnavailable(
                f"{label}{path} failed with status {status}",
                hint="see the server's own log; is it still starting?",
            )
        raise Answer(status, body)

    @contextmanager
    def _talking(self) -> Iterator[None]:
        """Turn what httpx raises into our errors; nothing is chained, for URLs can hold secrets."""
        label = self.server.label
        try:
            yield
        except httpx.TimeoutException as error:
            what = (
                "cannot be reached" if isinstance(error, httpx.ConnectTimeout) else "did not answer in time"
            )
            raise EngineTimedOut(f"{label} {what}", hint="is it running, and reachable from here?") from None
        except httpx.ConnectError as error:
            if isinstance(error.__cause__ or error.__context__, ssl.SSLError) or "CERTIFICATE" in str(error):
                raise EngineUnavailable(
                    f"{label}: no safe connection (its certificate or TLS failed)",
                    hint="check the name in the URL; for your own authority set SSL_CERT_FILE",
                ) from None
            raise EngineUnavailable(
                f"no server answers at {label}", hint="start ComfyUI there, or give --server URL"
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise Stumbled(
                f"the connection to {label} broke ({type(error).__name__})",
                hint="try again; see the server's log",
            ) from None

    # What the protocol offers, one method each.

    def schemas(self) -> dict[str, Any]:
        """Every node that the server has, by class: /object_info."""
        found = self.get("/object_info", limit=MAX_SCHEMAS_BYTES)
        if not isinstance(found, dict) or not all(isinstance(item, dict) for item in found.values()):
            raise self.nonsense("/object_info")
        return found

    def features(self) -> dict[str, Any]:
        """What the server can: /features; empty where it is older than that path."""
        try:
            found = self.get("/features")
        except Answer:
            return {}
        return found if isinstance(found, dict) else {}

    def system(self) -> dict[str, Any]:
        """Versions and memory: /system_stats."""
        try:
            found = self.get("/system_stats")
        except Answer:
            raise self.nonsense("/system_stats") from None
        if not isinstance(found, dict) or not isinstance(found.get("system"), dict):
            raise self.nonsense("/system_stats")
        return found

    def queue(self, timeout_s: float | None = None) -> tuple[list[str], list[str]]:
        """Ids of the jobs that run, and of those that wait, next first."""
        try:
            found = self.get("/queue", timeout_s=timeout_s)
            running, pending = (found[f"queue_{name}"] for name in ("running", "pending"))
            return [str(job[1]) for job in running], [
                str(job[1]) for job in sorted(pending, key=lambda job: job[0])
            ]
        except (Answer, TypeError, KeyError, IndexError):
            raise self.nonsense("/queue") from None

    def history(self, job: str) -> dict[str, Any] | None:
        """What became of a job; None while it is not finished, or forgotten."""
        try:
            found = self.get(f"/history/{quote(job, safe='')}")
        except Answer:
            raise self.nonsense("/history") from None
        if not isinstance(found, dict):
            raise self.nonsense("/history")
        entry = found.get(job)
        return entry if isinstance(entry, dict) else None


def too_large(server: Server, size: int) -> EngineRejected:
    """The error for a file above the server's limit."""
    return EngineRejected(
        f"{server.label} takes no file of {size / 1e6:.1f} MB",
        hint="start ComfyUI with a larger --max-upload-size (MB), or raise its proxy's limit",
    )


class _Sealed(httpx.BaseTransport):
    """Adds the secrets below everything that logs: httpx itself logs the URL above this point."""

    def __init__(self, server: Server) -> None:
        self._server = server
        proxy = None
        host = httpx.URL(server.label).host
        if not server.loopback and not proxy_bypass(host):
            proxy = getproxies().get(httpx.URL(server.label).scheme)
        # Reading the authorities takes 0.1 s, and plain http never asks them.
        safe = server.label.startswith("https:") or (proxy or "").startswith("https:")
        self._inner = httpx.HTTPTransport(proxy=proxy, verify=safe)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a copy that carries what the server asks for."""
        headers = request.headers.copy()
        for name, value in self._server.headers:
            headers[name] = value
        url = request.url
        for name, value in self._server.query:
            url = url.copy_add_param(name, value)
        sealed = httpx.Request(
            request.method, url, headers=headers, stream=request.stream, extensions=request.extensions
        )
        return self._inner.handle_request(sealed)

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()
