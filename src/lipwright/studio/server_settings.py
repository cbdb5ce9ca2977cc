"""What the operator of a studio says, and what must not be served; imports nothing of the web."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lipwright.errors import UsageError

LOOPBACK_NAMES = frozenset({"localhost", "localhost.localdomain", "ip6-localhost"})


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What the operator says."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 7860
    """Port to listen on; 0 chooses a free one."""
    token: str = field(default="", repr=False)
    page: bool = True
    workers: int | None = None
    engine_options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """As StudioService takes them, with `headers`."""
    hosts: tuple[str, ...] = ()
    """Host names of the studio, besides localhost and addresses."""
    webhook_secret: str = field(default="", repr=False)
    webhook_hosts: tuple[str, ...] = ()
    max_queued: int = 100
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
        raise UsageError("a limit of 0 refuses everything", hint="give 1 or more")


def _is_loopback(host: str) -> bool:
    if host.lower() in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
