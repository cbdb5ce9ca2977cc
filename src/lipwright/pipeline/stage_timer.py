"""Measure the time of each stage, and separate the engine's time from that of writing the video."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.plan import FramePlan
from lipwright.errors import EngineError, EngineOutOfMemory


class StageClock:
    """Sums up the wall time of each stage."""

    def __init__(self) -> None:
        self._begin = perf_counter()
        self.seconds: dict[str, float] = {}
        """Wall time of each stage in seconds, in the order of first use."""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time spent in the block to a stage."""
        begin = perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + perf_counter() - begin

    def to_json(self, plan: FramePlan) -> dict[str, Any]:
        """Return the value of `timing` in the manifest.

        The total time is the time since the clock was created. The real-time factor is the total time divided
        by the length of the video; below 1 means faster than real time.
        """
        total = perf_counter() - self._begin
        return {
            "seconds": {name: round(seconds, 4) for name, seconds in self.seconds.items()},
            "total_seconds": round(total, 4),
            "frames_per_second": round(plan.frames / total, 3) if total > 0 else None,
            "real_time_factor": round(total / float(plan.seconds), 4),
        }


def timed(frames: Iterator[NDArray[np.uint8]], clock: StageClock) -> Iterator[NDArray[np.uint8]]:
    """Yield the frames of an engine, and count the time spent in the engine as the stage "frames".

    Exceptions of the engine are converted to engine errors, so that they are not mistaken for failures to
    write the video.

    Raises:
        EngineOutOfMemory: for MemoryError.
        EngineError: for OSError.
    """
    while True:
        with clock.stage("frames"):
            try:
                frame = next(frames, None)
            except MemoryError as error:
                raise EngineOutOfMemory(
                    "the engine ran out of memory", hint="use a smaller --size"
                ) from error
            except OSError as error:
                raise EngineError(f"the engine failed: {error}", hint="try again") from error
        if frame is None:
            return
        yield frame
