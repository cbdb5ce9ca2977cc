"""Servers in processes of their own, and a shot for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from comfy_process import ComfyProcess
from comfy_shots import make_shot

from lipwright.domain.shot import Shot


@pytest.fixture
def start() -> Iterator[Callable[..., ComfyProcess]]:
    """Starts servers: start("--fault", "502"); they end with the test."""
    servers: list[ComfyProcess] = []

    def begin(*arguments: str) -> ComfyProcess:
        servers.append(ComfyProcess(*arguments))
        return servers[-1]

    yield begin
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def shot() -> Shot:
    """17 frames at 64x64 of a tone that swells."""
    return make_shot(17)
