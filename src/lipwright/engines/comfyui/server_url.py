"""The address of a server, and the secrets that are sent only to it.

A secret may be in a header, in the user:password of the URL, or in its query (?token=...). It never appears
in `label`, a repr, a message or a log line: the transport in `client` adds secrets below all logging.
"""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from lipwright.errors import InputError, UsageError
from lipwright.media.text_files import read_text

DEFAULT_SERVER = "http://127.0.0.1:8188"
"""Address at which ComfyUI listens by default."""

MAX_SERVERS_FILE_BYTES = 1 << 20

Headers = tuple[tuple[str, str], ...]

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""Pattern of a header's name (RFC 9110, 5.6.2)."""


@dataclass(frozen=True, slots=True)
class Server:
    """The address of a ComfyUI server, with its secrets."""

    label: str
    """The URL without user, password and query, for messages and the manifest."""
    headers: Headers = field(default=(), repr=False)
    """Headers of each request, including Authorization from user and password in the URL."""
    query: Headers = field(default=(), repr=False)
    """Parameters that are added to the query of each request."""

    @property
    def loopback(self) -> bool:
        """True if the server is on this machine, so that no proxy is used."""
        host = urlsplit(self.label).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    def socket_url(self, client_id: str) -> str:
        """Return the URL of the WebSocket, including the secrets in the query."""
        query = urlencode([("clientId", client_id), *self.query])
        return f"ws{self.label.removeprefix('http')}/ws?{query}"


def parse_server(url: str, headers: Headers = ()) -> Server:
    """Parse the URL of a server.

    Args:
        url: An http or https URL, optionally with user:password@ and ?token=; host:port alone means http.
        headers: Headers for each request.

    Raises:
        UsageError: the URL is invalid, or a header cannot be sent. The message does not quote the URL or the
            header, because they may contain secrets.
    """
    text = url.strip()
    if "://" not in text:
        text = f"http://{text}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise bad_url() from None
    host = parts.hostname
    if parts.scheme not in {"http", "https"} or not host or re.search(r"\s", text):
        raise bad_url()
    shown_host = f"[{host}]" if ":" in host else host
    netloc = shown_host if port is None else f"{shown_host}:{port}"
    sent = [(name, value) for name, value in headers]
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        sent.append(("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}"))
    for name, value in sent:
        if not _TOKEN.fullmatch(name) or re.search(r"[\r\n\0]", value) or not value.isascii():
            raise UsageError(
                "a header cannot be sent: its name or value contains invalid characters",
                hint="write it in ASCII, such as: --header 'Authorization: Bearer TOKEN'",
            )
    label = urlunsplit((parts.scheme, netloc, parts.path.rstrip("/"), "", ""))
    return Server(label, tuple(sent), tuple(parse_qsl(parts.query, keep_blank_values=True)))


def parse_servers(texts: Iterable[str], headers: Headers = ()) -> tuple[Server, ...]:
    """Return the given servers in order, without duplicates.

    Args:
        texts: URLs, or files with URLs, given as @servers.txt or as an existing path. If empty,
            DEFAULT_SERVER is used.
        headers: Headers for all servers.

    Raises:
        UsageError: one of the texts is not a URL.
        InputError: a file cannot be read, or lists no server.
    """
    servers: dict[str, Server] = {}
    for text in tuple(texts) or (DEFAULT_SERVER,):
        path = _file_of(text)
        if path is None:
            found: Iterable[Server] = (parse_server(text, headers),)
        else:
            found = tuple(_read_servers(path, headers))
            if not found:
                raise InputError(f"{path} lists no server", hint="write one URL per line")
        for server in found:
            servers.setdefault(server.label, server)
    return tuple(servers.values())


def _file_of(text: str) -> Path | None:
    if text.startswith("@"):
        return Path(text[1:])
    if "://" in text:
        return None
    path = Path(text)
    try:
        return path if path.is_file() else None
    except OSError:
        return None


def _read_servers(path: Path, headers: Headers) -> Iterator[Server]:
    """Yield the servers in a file with one URL per line.

    The headers of a server follow its URL in the same line, or are on indented lines below it. A comment
    starts with #.
    """
    url, own = "", [*headers]
    text = read_text(path, "list of servers", MAX_SERVERS_FILE_BYTES)
    for number, line in enumerate(text.splitlines(), 1):
        words = line.strip()
        if not words or words.startswith("#"):
            continue
        indented = line[0].isspace()
        if not indented:
            if url:
                yield _server_at(path, number, url, own)
            url, _, words = words.partition(" ")
            own = [*headers]
        if words.strip():
            name, colon, value = words.partition(":")
            if not colon or not url:
                raise InputError(
                    f"{path}, line {number}: expected a header, as NAME: VALUE",
                    hint="write headers after the URL of their server, or on indented lines below it",
                )
            own.append((name.strip(), value.strip()))
    if url:
        yield _server_at(path, number, url, own)


def _server_at(path: Path, number: int, url: str, headers: list[tuple[str, str]]) -> Server:
    try:
        return parse_server(url, tuple(headers))
    except UsageError as error:
        raise InputError(f"{path}, line {number} or above: {error.message}", hint=error.hint) from None


def bad_url() -> UsageError:
    """Return the error for an invalid server URL, which is not quoted because it may contain secrets."""
    return UsageError(
        "--server is not the URL of a server",
        hint="for example --server http://127.0.0.1:8188, or --server @FILE with one URL per line",
    )
