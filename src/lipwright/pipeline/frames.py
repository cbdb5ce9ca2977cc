"""The stream of frames on its way from an engine to the file: timed, and its failures named."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lipwright.errors import EngineError, EngineOutOfMemory
from lipwright.pipeline.stage_timer import StageClock


def timed(frames: Iterator[NDArray[np.uint8]], clock: StageClock) -> Iterator[NDArray[np.uint8]]:
    """Pass frames on, counting the engine's share of the time as the stage "frames".

    What fails here is the engine, though it fails while the video is written.

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
