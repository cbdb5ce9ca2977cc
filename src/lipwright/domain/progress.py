"""How work in progress is told, and how it is stopped.

Whoever works calls `report(Progress(...))` between steps; the listener draws it,
and stops the work by raising `errors.Cancelled` from that call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # whoever only draws a bar should not load numpy for it
    from lipwright.domain.media import Image


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a stage."""

    stage: str
    """prepare, sample, frames, ... : one word for people."""
    done: int
    total: int
    preview: Image | None = None
    """What the video looks like so far, small and rough; now and then, from engines that can."""
    note: str = ""
    """What people should know before it goes on, in one line."""


ProgressCallback = Callable[[Progress], None]
"""Called between steps; may raise errors.Cancelled."""


def no_progress(progress: Progress) -> None:
    """A ProgressCallback that tells nobody."""
