"""How long each stage took."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any


class StageClock:
    """Adds up wall time by stage."""

    def __init__(self, now: Callable[[], float] = perf_counter) -> None:
        self._now = now
        self._begin = now()
        self.seconds: dict[str, float] = {}
        """Wall time of each stage, in the order of their first use."""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the time spent in the block."""
        begin = self._now()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + self._now() - begin

    def to_json(self, frames: int, video_seconds: float) -> dict[str, Any]:
        """The manifest's `timing`, from the clock's start to now.

        Args:
            frames: How many were made.
            video_seconds: Length of the video.

        Returns:
            Seconds per stage and in total, frames per second, and the real-time factor:
            working time over the video's length, below 1 where faster than real time.
        """
        total = self._now() - self._begin
        return {
            "seconds": {name: round(seconds, 4) for name, seconds in self.seconds.items()},
            "total_seconds": round(total, 4),
            "frames_per_second": round(frames / total, 3) if total > 0 else None,
            "real_time_factor": round(total / video_seconds, 4) if video_seconds > 0 else None,
        }
