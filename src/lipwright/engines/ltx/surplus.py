"""Sample slightly more than the video needs, and cut it off: quality decays in the model's last second.

See LTX-2 issue 148; others also render more and cut.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lipwright.domain.grid import FRAMES_PER_LATENT
from lipwright.domain.media import Waveform
from lipwright.domain.shot import Shot
from lipwright.domain.time import Span, seconds_to_samples

SURPLUS_FRAMES = FRAMES_PER_LATENT
"""Frames sampled after the end: one latent."""


def with_surplus(shot: Shot) -> Shot:
    """Return the shot with its last chunk extended by SURPLUS_FRAMES; motion at its end continues.

    The driver is extended by its own end reversed: with silence, the model would fade to black.
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
