"""Engines for tests: as small as an engine can be, and each fault an engine can have."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.progress import Progress, ProgressCallback
from lipwright.domain.shot import Render, Shot
from lipwright.engines.base import EngineDescription
from lipwright.engines.registry import ENGINES
from lipwright.errors import EngineOutOfMemory


class BarEngine:
    """Draws a bar whose height is the audio's level at each frame, over noise of the seed."""

    name = "bar"

    def render(self, shot: Shot, report: ProgressCallback) -> Render:
        report(Progress("sample", 0, 1))
        report(Progress("sample", 1, 1))
        return Render(
            frames=self.frames(shot),
            frozen=shot.freeze_audio,
            model="bar",
            versions={"numpy": np.__version__},
            settings=shot.settings.to_json(),
        )

    def frames(self, shot: Shot) -> Iterator[NDArray[np.uint8]]:
        height, width = shot.size.height, shot.size.width
        noise = np.random.default_rng(shot.settings.seed).integers(0, 40, (height, width, 3), np.uint8)
        samples = shot.driver.mono
        for index in range(shot.plan.frames):
            at = int(index / shot.plan.frame_rate * shot.driver.rate_hz)
            level = float(np.abs(samples[at : at + 960]).max(initial=0.0))
            frame = noise.copy()
            frame[height - int(level * height) :, width // 4 : width // 2] = 200
            yield frame


class PatternEngine(BarEngine):
    """Every setting shows in its noise, not the seed alone."""

    name = "pattern"

    def frames(self, shot: Shot) -> Iterator[NDArray[np.uint8]]:
        seed = crc32(repr(shot.settings).encode())
        return super().frames(replace(shot, settings=replace(shot.settings, seed=seed)))


class SlowEngine(BarEngine):
    """Takes a tenth of a second for every frame."""

    name = "slow"

    def frames(self, shot: Shot) -> Iterator[NDArray[np.uint8]]:
        for frame in super().frames(shot):
            time.sleep(0.1)
            yield frame


class FailingEngine(BarEngine):
    """Runs out of memory after ten frames."""

    name = "failing"

    def frames(self, shot: Shot) -> Iterator[NDArray[np.uint8]]:
        for index, frame in enumerate(super().frames(shot)):
            if index == 10:
                raise EngineOutOfMemory("the GPU has 8 GB, 12 GB are needed", hint="use --memory low")
            yield frame


class BrokenEngine(BarEngine):
    """Has a defect."""

    name = "broken"

    def render(self, shot: Shot, report: ProgressCallback) -> Render:
        raise ZeroDivisionError("a defect of ours")


class SwallowingEngine(BarEngine):
    """Is interrupted inside a library that makes another failure of it, as extensions do while they load."""

    name = "swallowing"

    def render(self, shot: Shot, report: ProgressCallback) -> Render:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise ImportError("initialization failed") from None
        raise AssertionError("nobody was interrupted")


class ShortEngine(BarEngine):
    """Gives one frame too few."""

    name = "short"

    def frames(self, shot: Shot) -> Iterator[NDArray[np.uint8]]:
        frames = list(super().frames(shot))
        yield from frames[:-1]


class LongEngine(BarEngine):
    """Gives one frame too many."""

    name = "long"

    def frames(self, shot: Shot) -> Iterator[NDArray[np.uint8]]:
        for frame in super().frames(shot):
            yield frame
        yield frame


class MisshapenEngine(BarEngine):
    """Gives frames of another size."""

    name = "misshapen"

    def frames(self, shot: Shot) -> Iterator[NDArray[np.uint8]]:
        for frame in super().frames(shot):
            yield frame[:-2]


FAKES = (
    BarEngine,
    PatternEngine,
    SlowEngine,
    FailingEngine,
    BrokenEngine,
    SwallowingEngine,
    ShortEngine,
    LongEngine,
    MisshapenEngine,
)


BRIEF = replace(
    ENGINES["portrait"],
    name="brief",
    summary="the portrait engine in chunks of four seconds",
    auto_rank=None,
    max_clip_frames=97,
)


def descriptions() -> list[EngineDescription]:
    """The engines bar, slow, ..., and brief, which is none of them but the real one."""
    fakes = [
        EngineDescription(
            name=fake.name, summary="a fake", target=f"{__name__}:{fake.__name__}", preset="portrait"
        )
        for fake in FAKES
    ]
    return [*fakes, BRIEF]


def register_fakes() -> None:
    """Make --engine bar, slow, ... work in this process."""
    ENGINES.update({description.name: description for description in descriptions()})
