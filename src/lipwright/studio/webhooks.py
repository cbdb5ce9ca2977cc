"""Webhooks: a signed POST to the client's URL when a job has ended.

The format follows https://www.standardwebhooks.com, for which most languages have a library. The headers are
`webhook-id`, `webhook-timestamp` and `webhook-signature`, which is `v1,` followed by the base64 of an
HMAC-SHA256 over `id.timestamp.body`.

The URL comes from a client, so it may point anywhere: only public addresses are called, unless the operator
allows the host by name. The call goes to the address that was checked, even if the name has another address a
moment later. Redirects are not followed, and the body of the answer is not read.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from urllib.parse import SplitResult, urlsplit

from lipwright.errors import LipwrightError, UsageError
from lipwright.jobs.job_store import JobStore

SECRET_VARIABLE = "LIPWRIGHT_WEBHOOK_SECRET"  # noqa: S105 - the name of a variable
TIMEOUT_S = 10.0
"""Maximum duration of a whole call. Without it, a receiver that answers byte by byte would delay other
calls."""
PAUSES_S = (0.0, 5.0, 60.0, 600.0)
"""Pause in seconds before each attempt. After the last attempt, the client has to ask for the job's state."""
POLL_S = 0.5
MAX_URL_CHARACTERS = 2000


class Webhooks:
    """The webhooks of a studio's jobs.

    Args:
        store: The store with the jobs.
        secret: Key for the signatures; if empty, webhooks are disabled.
        hosts: Names of hosts that may be called even though their addresses are private.
        describe: Returns the body for a job number, as JSON.
    """

    def __init__(
        self,
        store: JobStore,
        secret: str,
        hosts: Collection[str],
        describe: Callable[[int], bytes],
    ) -> None:
        self._store, self._secret, self._describe = store, secret.encode(), describe
        self._hosts = frozenset(host.lower() for host in hosts)
        self._attempts: dict[int, tuple[int, float]] = {}
        """Number of attempts so far and time of the next attempt, by job number."""

    def check(self, url: str) -> str:
        """Return the URL of a webhook after checking that it may be called.

        Raises:
            UsageError: the URL may not be called.
        """
        if not self._secret:
            raise UsageError(
                "this studio has no secret to sign webhooks with",
                hint=f"the operator can set {SECRET_VARIABLE}",
            )
        if len(url) > MAX_URL_CHARACTERS:
            raise UsageError(
                "the webhook's URL is too long", hint=f"send a URL of at most {MAX_URL_CHARACTERS} characters"
            )
        _address(_parts(url), self._hosts)
        return url

    def call_next(self) -> None:
        """Make the next webhook call that is due, if there is one.

        The server runs this method every POLL_S seconds.
        """
        if not self._secret:
            return
        for job in self._store.jobs_with_webhook_due():
            attempt, at = self._attempts.get(job.id, (0, 0.0))
            if time.monotonic() < at:
                continue
            delivered = self._send(job.webhook or "", job.id)
            if delivered or attempt + 1 == len(PAUSES_S):
                self._attempts.pop(job.id, None)
                self._store.webhook_settled(job.id)
            else:
                self._attempts[job.id] = attempt + 1, time.monotonic() + PAUSES_S[attempt + 1]
            return

    def _send(self, url: str, job_id: int) -> bool:
        try:
            parts = _parts(url)
            address = _address(parts, self._hosts)
            body = self._describe(job_id)
            return 200 <= _post(parts, address, body, self._headers(f"job-{job_id}", body)) < 300
        except (LipwrightError, OSError, HTTPException):  # job deleted, or host unreachable or private
            return False

    def _headers(self, message_id: str, body: bytes) -> dict[str, str]:
        stamp = str(int(time.time()))
        signed = b".".join((message_id.encode(), stamp.encode(), body))
        digest = hmac.new(self._secret, signed, hashlib.sha256).digest()
        return {
            "content-type": "application/json",
            "user-agent": "lipwright",
            "webhook-id": message_id,
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
        }


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        raise UsageError(
            "the webhook is not a URL", hint="send a URL such as https://example.org/done"
        ) from None
    is_sendable = url.isascii() and url.isprintable() and " " not in url
    has_host = bool(parts.hostname) and not parts.username and port_is_valid
    if parts.scheme not in {"http", "https"} or not has_host or not is_sendable:
        raise UsageError(
            "the webhook is not an http or https URL", hint="send a URL such as https://example.org/done"
        )
    return parts


def _address(parts: SplitResult, hosts: Collection[str]) -> str:
    """Look up the host of a URL, and return an IP address that may be called.

    Raises:
        UsageError: the host has no address, or has an address that may not be called.
    """
    host = (parts.hostname or "").lower()
    try:
        found = socket.getaddrinfo(host, _port(parts), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise UsageError("the webhook's host has no address", hint="check the name of the host") from None
    addresses = [str(entry[4][0]) for entry in found]
    if host not in hosts and not all(_is_public(address) for address in addresses):
        raise UsageError(
            "the webhook's host is not on the public internet",
            hint="the studio's operator can allow it: --webhook-host NAME",
        )
    return addresses[0]


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_global and not parsed.is_multicast


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _post(parts: SplitResult, address: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Send a POST for a URL to an IP address, and return the HTTP status of the answer."""
    host, port = parts.hostname or "", _port(parts)
    connection = HTTPConnection(host, port)
    sock = socket.create_connection((address, port), timeout=TIMEOUT_S)
    if parts.scheme == "https":
        context = ssl.create_default_context()
        sock = context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
    with closing(sock), closing(connection), _ended_after(sock, TIMEOUT_S):
        if isinstance(sock, ssl.SSLSocket):
            sock.do_handshake()
        connection.sock = sock
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body, dict(headers))
        return connection.getresponse().status


@contextmanager
def _ended_after(sock: socket.socket, seconds: float) -> Iterator[None]:
    """Shut a socket down if a `with` block takes longer than `seconds`.

    The timeout of the socket itself does not suffice, because it restarts with each byte.
    """

    def end() -> None:
        with suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
