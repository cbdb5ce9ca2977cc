"""An engine that processes of a batch find by its entry point: quick, and with faults on demand."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace

import numpy as np

from lipwright.domain.progress import Progress
from lipwright.domain.shot import Render
from lipwright.engines.base import EngineDescription
from lipwright.errors import EngineError

DESCRIPTION = EngineDescription(
    name="bar", summary="gray frames, for tests", target="batch_engine:BarEngine", preset="portrait"
)
ON_A_GPU = replace(DESCRIPTION, name="bar-gpu", parallel="one")
"""The same, said to fill a GPU."""


class BarEngine:
    """Gray frames. A prompt asks for a fault: "sleep 2", "fail", "die", "memory"."""

    name = "bar"

    def render(self, shot, report):
        fault, _, seconds = shot.prompt.partition(" ")
        if fault == "sleep":
            for step in range(10):
                report(Progress("sample", step, 10))
                time.sleep(float(seconds) / 10)
        if fault == "fail":
            raise EngineError("the engine failed", hint="ask for less")
        if fault == "memory":
            raise MemoryError
        if fault == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        size = shot.size
        frames = (np.full((size.height, size.width, 3), n % 256, np.uint8) for n in range(shot.plan.frames))
        return Render(frames=frames, frozen=True, model="bar", settings=shot.settings.to_json())
