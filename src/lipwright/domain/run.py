"""How work in progress is told, and how it is stopped.

Whoever works calls `report(Progress(...))` between steps; the listener draws it,
and stops the work by raising `errors.Cancelled` from that call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a stage."""

    stage: str
    """prepare, sample, frames, ... : one word for people."""
    done: int
    total: int


Report = Callable[[Progress], None]
"""Called between steps; may raise errors.Cancelled."""


def silent(progress: Progress) -> None:
    """A Report that tells nobody."""
