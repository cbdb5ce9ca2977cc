"""HTTP client of a ComfyUI server, with timeouts and retries for every path that lipwright uses.

Only this module uses httpx. `_translate_errors` converts httpx's exceptions without chaining them, because
they could contain a URL with secrets. A server is not trusted: every answer has a maximum size in decoded
bytes and an overall deadline, and no text from an answer becomes the name of a local file. No request has an
Origin header (ComfyUI answers 403 to a foreign origin), and no redirect is followed, because it would send
the secrets to another host.
"""

from __future__ import annotations

import ssl
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from lipwright.domain.json_text import parse_json
from lipwright.engines.comfyui.server_url import Server, bad_url
from lipwright.errors import EngineError, EngineRejected, EngineTimedOut, EngineUnavailable, InputError
from lipwright.workflow.schemas import NodeSchema, read_object_info

MIB = 1 << 20

MAX_ANSWER_BYTES = 16 * MIB
"""Maximum size of an answer in bytes; the history of a job, with its graph, is about 50 kB."""

MAX_SCHEMAS_BYTES = 128 * MIB
"""Maximum size of the answer to /object_info in bytes; the answer is 2 MB without node packs, and 30 MB with
many."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Timeouts and intervals for a server, in seconds."""

    connect_s: float = 10.0
    answer_s: float = 60.0
    """Maximum time to wait for further bytes of an answer."""
    total_s: float = 300.0
    """Timeout for a whole answer; for a file, the time that its bytes take at MIN_FILE_RATE is added."""
    poll_s: float = 2.0
    """Interval between queries of queue and history."""
    tick_s: float = 0.2
    """Interval at which `report` is called while a job runs; at each call, the user can stop the job."""
    outage_s: float = 90.0
    """Maximum time for which a server may be unreachable during a job. A server that restarts needs this time
    to load its node packs."""
    stall_s: float = 3600.0
    """Maximum time without any news of a job. It is long, because a server reports nothing while it loads a
    model."""
    retry_s: float = 1.0
    """Delay before a request is sent again after a failed attempt."""
    attempts: int = 4
    """Maximum number of attempts for a request or download that fails with a `TransientServerError`."""


MIN_FILE_RATE = 10_000
"""Minimum average speed of a download or upload, in bytes per second; a slower transfer is aborted."""

WRITE_PIECE_BYTES = 1 << 14

FILE_STATUSES = {
    httpx.codes.OK,
    httpx.codes.PARTIAL_CONTENT,
    httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE,
}

NOT_COMFYUI_HINT = (
    "check the address in --server: does ComfyUI run there, and does its proxy let API calls through?"
)


class UnexpectedStatus(EngineError):
    """The error for an HTTP status, such as 400 or 413, with which ComfyUI or its proxy refuses a request."""

    def __init__(self, address: str, status: int, body: bytes) -> None:
        super().__init__(f"{address} does not answer like ComfyUI (status {status})", hint=NOT_COMFYUI_HINT)
        self.status = status
        self.body = body

    def json(self) -> Any:  # noqa: ANN401 - JSON has no narrower type
        """Return the body of the answer as JSON values; None if it is not JSON."""
        try:
            return parse_json(self.body)
        except ValueError:
            return None


class TransientServerError(EngineUnavailable):
    """The error if a gateway answers 502, 503 or 504, or if the connection breaks: a retry may succeed."""


class Client:
    """A connection to one server, and a context manager that closes it."""

    def __init__(self, server: Server, timeouts: Timeouts) -> None:
        self.server = server
        self.timeouts = timeouts
        self._deadline = _Deadline()
        self._http = httpx.Client(
            transport=_SecretsTransport(server, self._deadline),
            timeout=httpx.Timeout(timeouts.answer_s, connect=timeouts.connect_s),
            follow_redirects=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(
        self,
        path: str,
        *,
        limit: int = MAX_ANSWER_BYTES,
        timeout_s: float | None = None,
    ) -> Any:  # noqa: ANN401 - JSON
        """Request the JSON at a path with GET.

        Raises:
            EngineUnavailable, EngineTimedOut: the server does not answer.
            EngineError: the answer is not JSON, or is too large.
        """
        options: dict[str, Any] = {} if timeout_s is None else {"timeout": timeout_s}
        return self._json("GET", path, limit=limit, again=timeout_s is None, **options)

    def post(self, path: str, value: Mapping[str, object], *, timeout_s: float | None = None) -> Any:  # noqa: ANN401
        """Send JSON to a path with POST, and return the JSON of the answer; None if the answer is empty.

        Raises:
            UnexpectedStatus: the status is 400 to 499, except 401, 403 and 407 (no access) and 408 (timeout).
            EngineUnavailable, EngineTimedOut, EngineError: see `get`.
        """
        options: dict[str, Any] = {} if timeout_s is None else {"timeout": timeout_s}
        return self._json("POST", path, json=value, limit=MAX_ANSWER_BYTES, **options)

    def upload(self, name: str, data: bytes) -> str:
        """Upload a file into the server's input folder.

        Args:
            name: The requested name.
            data: The content.

        Returns:
            The server's name for the file. Graphs must use this name.

        Raises:
            EngineRejected: the server refuses the file, for example because it is too large.
            EngineError: see `get`.
        """
        try:
            given = self._json(
                "POST",
                "/upload/image",
                files={"image": (name, data, "application/octet-stream")},
                data={"type": "input"},
                limit=MAX_ANSWER_BYTES,
                again=True,  # the server stores equal content with an equal name only once
            )
        except UnexpectedStatus as answer:
            if answer.status == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
                raise too_large(self.server, len(data)) from None
            raise EngineRejected(
                f"{self.server.label} refused an upload with status {answer.status}",
                hint="see the server's own log",
            ) from None
        answer_fields = given if isinstance(given, dict) else {}
        stored, folder = answer_fields.get("name"), answer_fields.get("subfolder", "")
        for text in (stored, folder):
            if not isinstance(text, str) or not text.isprintable() or len(text) > 1000:
                raise self.not_comfyui("/upload/image")
        if not stored:
            raise self.not_comfyui("/upload/image")
        return f"{folder}/{stored}" if folder else str(stored)

    @contextmanager
    def stream(
        self, path: str, query: Mapping[str, str], headers: Mapping[str, str]
    ) -> Iterator[httpx.Response]:
        """Request a file, or a range of it, with GET, and return the answer before its content has arrived.

        Raises:
            UnexpectedStatus: the server does not return the file.
            EngineUnavailable, EngineTimedOut: see `get`.
        """
        identity = {"Accept-Encoding": "identity"}
        with (
            self._translate_errors(),
            self._deadline.within(self.timeouts.total_s),
            self._http.stream(
                "GET", self._url(path), params=query, headers={**identity, **headers}
            ) as response,
        ):
            if response.headers.get("content-encoding", "identity") != "identity":
                raise self.not_comfyui(path)  # the file is compressed, although the request excluded that
            if response.status_code not in FILE_STATUSES:
                self._raise_for_status(path, response.status_code, b"")
            yield response

    def pieces(self, response: httpx.Response) -> Iterator[bytes]:
        """Yield the bytes of a streamed file as they arrive.

        Raises:
            EngineUnavailable, EngineTimedOut: the connection broke, or the transfer is too slow.
        """
        with self._translate_errors():
            # Raw bytes, because larger pieces that httpx collects would be lost if the connection breaks.
            for piece in response.iter_raw():
                self._deadline.extend(len(piece) / MIN_FILE_RATE)
                yield piece

    def attempts(self) -> Iterator[bool]:
        """Yield once per attempt, with delays between attempts: True for the last attempt, else False."""
        for attempt in range(1, self.timeouts.attempts + 1):
            if attempt > 1:
                time.sleep(self.timeouts.retry_s)
            yield attempt == self.timeouts.attempts

    def not_comfyui(self, path: str) -> EngineError:
        """Return the error for an answer that ComfyUI would not give."""
        return EngineError(
            f"{self.server.label}{path} does not answer like ComfyUI",
            hint=NOT_COMFYUI_HINT,
        )

    def _url(self, path: str) -> str:
        return self.server.label + path

    def _json(self, method: str, path: str, *, again: bool = False, **options: Any) -> Any:  # noqa: ANN401
        """Send a request, and return the JSON of the answer.

        With `again`, the request is repeated after transient errors.
        """
        for last in self.attempts():
            try:
                return self._request(method, path, **options)
            except TransientServerError:
                if last or not again:
                    raise
        raise AssertionError("unreachable")

    def _request(self, method: str, path: str, *, limit: int, **options: Any) -> Any:  # noqa: ANN401
        total_s = min(self.timeouts.total_s, 2 * options.get("timeout", self.timeouts.total_s))
        headers = {"Accept-Encoding": "gzip"}
        with (
            self._translate_errors(),
            self._deadline.within(total_s),
            self._http.stream(method, self._url(path), headers=headers, **options) as response,
        ):
            body = self._read(path, response, limit)
            status = response.status_code
        if status != httpx.codes.OK:
            self._raise_for_status(path, status, body)
        if not body:
            return None
        try:
            return parse_json(body)
        except ValueError:
            raise self.not_comfyui(path) from None

    def _read(self, path: str, response: httpx.Response, limit: int) -> bytes:
        """Return the body of an answer of at most `limit` decoded bytes.

        A body with a compression other than gzip is refused.
        """
        encoding = response.headers.get("content-encoding", "identity").lower()
        if encoding not in {"identity", "gzip"}:
            raise self.not_comfyui(path)
        gzip = zlib.decompressobj(16 + zlib.MAX_WBITS) if encoding == "gzip" else None
        body = bytearray()
        for piece in response.iter_raw():
            try:
                body += gzip.decompress(piece, limit + 1 - len(body)) if gzip else piece
            except zlib.error:
                raise self.not_comfyui(path) from None
            if len(body) > limit:
                raise EngineError(
                    f"{self.server.label}{path} sent an answer of more than {limit // MIB} MB",
                    hint="check the address in --server: does ComfyUI run there?",
                )
        return bytes(body)

    def _raise_for_status(self, path: str, status: int, body: bytes) -> None:
        label = self.server.label
        if status in {401, 403, 407}:
            raise EngineUnavailable(
                f"{label} requires authorization (status {status})",
                hint="add --header 'Authorization: Bearer TOKEN', or user:password@ to the URL",
            )
        if 300 <= status < 400:
            raise EngineUnavailable(
                f"{label} redirects to another address (status {status})",
                hint="use the address to which it redirects, often one with https://",
            )
        if status in {502, 503, 504}:
            raise TransientServerError(
                f"the gateway of {label} answers with status {status}",
                hint="is the server behind the gateway running?",
            )
        if status >= 500 or status == 408:
            raise EngineUnavailable(
                f"{label}{path} failed with status {status}",
                hint="wait if the server is still starting; otherwise see its log",
            )
        raise UnexpectedStatus(f"{label}{path}", status, body)

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        """Convert httpx's exceptions to ours without chaining them, because URLs can contain secrets."""
        label = self.server.label
        try:
            yield
        except httpx.TimeoutException as error:
            what = (
                "cannot be reached" if isinstance(error, httpx.ConnectTimeout) else "did not answer in time"
            )
            raise EngineTimedOut(
                f"{label} {what}", hint="is the server running, and reachable from here?"
            ) from None
        except httpx.ConnectError as error:
            if isinstance(error.__cause__ or error.__context__, ssl.SSLError) or "CERTIFICATE" in str(error):
                raise EngineUnavailable(
                    f"no secure connection to {label} is possible (its certificate or TLS failed)",
                    hint="check the host name in the URL; for your own certificate authority, set "
                    "SSL_CERT_FILE",
                ) from None
            raise EngineUnavailable(
                f"no server answers at {label}", hint="start ComfyUI there, or give --server URL"
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError) as error:
            raise TransientServerError(
                f"the connection to {label} broke ({type(error).__name__})",
                hint="try again; see the server's log",
            ) from None

    # The paths of ComfyUI's protocol.

    def schemas(self) -> dict[str, NodeSchema]:
        """Return all node classes of the server (/object_info)."""
        try:
            return read_object_info(self.get("/object_info", limit=MAX_SCHEMAS_BYTES), lists_files=True)
        except InputError:
            raise self.not_comfyui("/object_info") from None

    def features(self) -> dict[str, Any]:
        """Return the server's features (/features); empty if the server is too old for this path."""
        try:
            found = self.get("/features")
        except UnexpectedStatus:
            return {}
        return found if isinstance(found, dict) else {}

    def system(self) -> dict[str, Any]:
        """Return versions and memory of the server (/system_stats)."""
        found = self.get("/system_stats")
        if not isinstance(found, dict) or not isinstance(found.get("system"), dict):
            raise self.not_comfyui("/system_stats")
        return found

    def queue(self, timeout_s: float | None = None) -> tuple[list[str], list[str]]:
        """Return the ids of the running jobs, and of the waiting jobs in their order."""
        found = self.get("/queue", timeout_s=timeout_s)
        try:
            running, pending = found["queue_running"], sorted(found["queue_pending"], key=lambda job: job[0])
            return [str(job[1]) for job in running], [str(job[1]) for job in pending]
        except (TypeError, KeyError, IndexError):
            raise self.not_comfyui("/queue") from None

    def history(self, job: str) -> dict[str, Any] | None:
        """Return the history entry of a job; None if the job is not finished, or unknown."""
        found = self.get(f"/history/{quote(job, safe='')}")
        if not isinstance(found, dict):
            raise self.not_comfyui("/history")
        entry = found.get(job)
        return entry if isinstance(entry, dict) else None


def too_large(server: Server, size: int) -> EngineRejected:
    """Return the error for a file of `size` bytes, which is above the server's limit."""
    return EngineRejected(
        f"{server.label} does not accept a file of {size / 1e6:.1f} MB",
        hint="start ComfyUI with a larger --max-upload-size (MB), or raise its proxy's limit",
    )


class _Deadline:
    """The deadline of the current answer, which limits each read and write of the socket.

    httpx's timeouts restart with every byte that arrives, so a server that sends single bytes would never
    time out.
    """

    def __init__(self) -> None:
        self._until = float("inf")

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        self._until = time.monotonic() + seconds
        try:
            yield
        finally:
            self._until = float("inf")

    def extend(self, seconds: float) -> None:
        self._until += seconds

    def left(self, timeout: float | None) -> float:
        """Return the seconds that are left for one read or write, at most `timeout`."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if timeout is None else min(left, timeout)


class _DeadlineStream(httpcore.NetworkStream):
    """A connection whose reads and writes respect the deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # Written in pieces, because httpcore's timeout restarts with each byte that the server accepts.
        self._deadline.extend(len(buffer) / MIN_FILE_RATE)
        for start in range(0, len(buffer), WRITE_PIECE_BYTES):
            self._inner.write(buffer[start : start + WRITE_PIECE_BYTES], self._deadline.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:  # noqa: ANN401 - as httpcore has it
        return _DeadlineStream(self._inner.start_tls(*args, **kwargs), self._deadline)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as httpcore has it
        return self._inner.get_extra_info(info)


class _DeadlineBackend(httpcore.SyncBackend):
    """A backend of httpcore whose connections respect the deadline."""

    def __init__(self, deadline: _Deadline) -> None:
        self._deadline = deadline

    def connect_tcp(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:  # noqa: ANN401
        return _DeadlineStream(super().connect_tcp(*args, **kwargs), self._deadline)


class _SecretsTransport(httpx.BaseTransport):
    """A transport that adds the secrets after httpx has logged the URL, so that they are never logged."""

    def __init__(self, server: Server, deadline: _Deadline) -> None:
        self._server = server
        proxy = None
        try:
            url = httpx.URL(server.label)
        except (httpx.InvalidURL, UnicodeError):
            raise bad_url() from None
        if not server.loopback and not proxy_bypass(url.host):
            proxy = getproxies().get(url.scheme)
        # Reading the certificate authorities takes 0.1 s, and plain http does not need them.
        needs_tls = server.label.startswith("https:") or (proxy or "").startswith("https:")
        try:
            self._inner = httpx.HTTPTransport(proxy=proxy, verify=needs_tls)
        except (httpx.InvalidURL, ValueError, ImportError):
            # The error is not quoted, because a proxy's URL may contain a password.
            raise EngineUnavailable(
                f"the proxy for {server.label} cannot be used: it is not an http or https address",
                hint="check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, or add the server to NO_PROXY",
            ) from None
        # httpx has no parameter for the backend of its connection pool.
        self._inner._pool._network_backend = _DeadlineBackend(deadline)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request with the server's secrets added."""
        headers = request.headers.copy()
        for name, value in self._server.headers:
            headers[name] = value
        url = request.url
        for name, value in self._server.query:
            url = url.copy_add_param(name, value)
        with_secrets = httpx.Request(
            request.method, url, headers=headers, stream=request.stream, extensions=request.extensions
        )
        return self._inner.handle_request(with_secrets)

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()
