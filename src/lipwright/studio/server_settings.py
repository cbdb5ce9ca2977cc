"""The settings of a studio's server; this module imports no web framework."""

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
    """The settings of a studio's server, as its operator gives them.

    Raises:
        UsageError: a setting is out of range, or other machines can reach the host and there is no token.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = 7860
    """Port to listen on; 0 for any free port."""
    token: str = field(default="", repr=False)
    page: bool = True
    workers: int | None = None
    engine_options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The `engine_options` of `StudioService`, and `headers`: HTTP headers for requests to engine servers."""
    hosts: tuple[str, ...] = ()
    """Additional host names of the studio; localhost, the machine's name and IP addresses always work."""
    webhook_secret: str = field(default="", repr=False)
    webhook_hosts: tuple[str, ...] = ()
    max_queued: int = 100
    max_upload_bytes: int = 2 << 30
    max_storage_bytes: int = 50 << 30
    """Maximum size of all uploads and jobs together; see `storage`."""

    def __post_init__(self) -> None:
        if not self.token and not _is_loopback(self.host):
            raise UsageError(
                f"--host {self.host} can be reached by other machines, so a token is required",
                hint="set LIPWRIGHT_TOKEN, or give --token; or leave --host out",
            )
        if self.token and (len(self.token) < 8 or not self.token.isascii()):
            raise UsageError(
                "the token is shorter than 8 characters, or not ASCII", hint="use a long random token"
            )
        if not 0 <= self.port <= 65535:
            raise UsageError(f"--port {self.port} is outside 0..65535", hint="without --port, it is 7860")
        if self.workers is not None and not 1 <= self.workers <= 64:
            raise UsageError(
                f"--workers {self.workers} is outside 1..64",
                hint="leave --workers out: lipwright then chooses a number for this machine",
            )
        if min(self.max_queued, self.max_upload_bytes, self.max_storage_bytes) < 1:
            raise UsageError(
                "--max-queued, --max-upload and --max-storage must be at least 1", hint="give 1 or more"
            )


def _is_loopback(host: str) -> bool:
    if host.lower() in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
