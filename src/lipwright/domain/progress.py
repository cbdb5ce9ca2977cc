"""Progress callbacks, which show how far long-running work has come, and can stop it.

A long-running function calls `report(Progress(...))` between its steps. The callback shows
the progress; to stop the work, it raises `errors.Cancelled`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # drawing a bar does not need numpy
    from lipwright.domain.media import Image


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of one stage: step `done` of `total`."""

    stage: str
    """Name of the stage in one word: "read", "prepare", "sample", "frames", ..."""
    done: int
    total: int
    preview: Image | None = None
    """A small image of the video so far; None for most steps, and for engines without previews."""
    note: str = ""
    """A one-line message to show to the user."""


ProgressCallback = Callable[[Progress], None]
"""Function called between steps; it stops the work by raising `errors.Cancelled`."""


def no_progress(progress: Progress) -> None:
    """Do nothing; a progress callback for callers that show no progress."""
