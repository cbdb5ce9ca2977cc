"""Shots for the fake ComfyUI server, and little timeouts with it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from lipwright.domain.media import FrameSize, Image, Waveform
from lipwright.domain.plan import Chunk, FramePlan
from lipwright.domain.presets import PRESETS
from lipwright.domain.shot import Shot
from lipwright.engines.comfyui.client import Timeouts

HASTY = Timeouts(
    connect_s=5, answer_s=10, poll_s=0.2, tick_s=0.02, outage_s=1.5, stall_s=20, retry_s=0.05, attempts=4
)


def make_shot(frames: int, *, chunks: tuple[Chunk, ...] = (), preset: str = "guide") -> Shot:
    frame_rate = Fraction(25)
    count = round(frames / frame_rate * 24_000)
    swell = np.linspace(0, 1, count) * np.sin(np.arange(count) / 5)
    rng = np.random.default_rng(0)
    return Shot(
        driver=Waveform((0.3 * swell)[None].astype(np.float32), 24_000),
        speech=(),
        plan=FramePlan(frames, frame_rate, frames / frame_rate, "nearest", chunks or (Chunk(0, frames, 1),)),
        size=FrameSize(64, 64),
        settings=PRESETS[preset],
        image=Image(rng.integers(0, 255, (64, 64, 3), np.uint8)),
        prompt="a woman talking to camera",
    )
