"""What every engine promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # the command line reads EngineOptions, and must not load numpy for it
    from lipwright.domain.job import Render, Shot
    from lipwright.domain.progress import ProgressCallback


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """Where and on what an engine runs: nothing here changes what the video is meant to be."""

    model: str | None = None
    """Weights by name or path; None is the engine's own."""
    memory: str | None = None
    """How the GPU's memory is used; None measures and chooses."""
    loras: tuple[str, ...] = ()
    """Adapters laid over the weights, each PATH or PATH:STRENGTH."""
    servers: tuple[str, ...] = ()
    """Base URLs, for engines on somebody's server."""
    headers: tuple[tuple[str, str], ...] = ()
    """Sent with each request to a server; secrets, never written anywhere."""

    def given(self) -> dict[str, object]:
        """The options that were given, by name."""
        named = {name: getattr(self, name) for name in ("model", "memory", "loras", "servers", "headers")}
        return {name: value for name, value in named.items() if value}


class Engine(Protocol):
    """Makes frames from a shot. Engines return values; only `media` writes files."""

    name: str
    """As --engine spells it."""

    def render(self, shot: Shot, report: ProgressCallback) -> Render:
        """Sample the motion or latents, and return a stream of frames.

        Raises:
            EngineError: the engine cannot do it; nothing was written.
            Cancelled: `report` stopped the work.
        """
        ...
