"""What every engine promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from lipwright.domain.job import Render, Shot
    from lipwright.domain.progress import ProgressCallback


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
