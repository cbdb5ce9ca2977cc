"""Check a shot, and extend it by surplus frames that are cut off later."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lipwright.domain.grid import FRAMES_PER_LATENT, is_valid_frames, nearest_frames
from lipwright.domain.media import FrameSize, Waveform
from lipwright.domain.shot import Shot
from lipwright.domain.time import Span, seconds_to_samples
from lipwright.errors import EngineRejected, PlanError

SURPLUS_FRAMES = FRAMES_PER_LATENT
"""Number of frames that are sampled past the end, and later cut off: one latent frame. The end of a sampled
video is of poor quality (LTX-2 issue 148)."""


def check_shot(shot: Shot) -> None:
    """Check that the model supports a shot, before anything is loaded.

    Raises:
        PlanError: The model does not support the size or frame count.
        EngineRejected: There is a temporal mask, but no image.
    """
    multiple = 64 if shot.settings.stages == 2 else 32
    width, height = shot.size.width, shot.size.height
    if width % multiple or height % multiple or not width or not height:
        nearest = FrameSize(*(max(multiple, round(side / multiple) * multiple) for side in (width, height)))
        reason = " in two stages" if multiple == 64 else ""
        raise PlanError(
            f"width and height must be multiples of {multiple}{reason}, got {shot.size}",
            hint=f"use --size {nearest}",
        )
    for frames in (shot.plan.frames, *(chunk.frames for chunk in shot.plan.chunks)):
        if not is_valid_frames(frames):
            raise PlanError(
                f"LTX makes 8n+1 frames, got {frames}",
                hint=f"the nearest valid count is {nearest_frames(frames)}; "
                "`lipwright plan` makes valid plans",
            )
    if shot.mask is not None and shot.image is None:
        raise EngineRejected(
            "--start and --end need an image, which the video shows before --start and after --end",
            hint="add --image, or leave --start and --end out",
        )


def with_surplus(shot: Shot) -> Shot:
    """Return a shot whose last chunk is longer by SURPLUS_FRAMES.

    The audio that drives the model is extended by its last part, reversed, so that the motion continues: with
    silence, the model would fade to black.
    """
    plan, driver, mask = shot.plan, shot.driver, shot.mask
    last = plan.chunks[-1]
    chunks = (*plan.chunks[:-1], replace(last, frames=last.frames + SURPLUS_FRAMES))
    longer = replace(plan, frames=plan.frames + SURPLUS_FRAMES, chunks=chunks)
    missing = seconds_to_samples(longer.seconds, driver.rate_hz) - len(driver.mono)
    samples = np.pad(driver.mono, (0, missing), mode="reflect")[None]
    if mask is not None and mask.end >= float(plan.seconds):
        mask = Span(mask.start, float(longer.seconds))
    return replace(shot, plan=longer, driver=Waveform(samples, driver.rate_hz), mask=mask)
