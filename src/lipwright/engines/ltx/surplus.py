"""Sample a little more than the video needs: the model's last second decays, so it is cut off again.

Seen in LTX-2 issue 148 and by others, who also render more and cut.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lipwright.domain.grid import FRAMES_PER_LATENT
from lipwright.domain.job import Shot
from lipwright.domain.media import Waveform
from lipwright.domain.time import Span, seconds_to_samples

SURPLUS_FRAMES = FRAMES_PER_LATENT
"""Frames sampled after the end: one latent."""


def with_surplus(shot: Shot) -> Shot:
    """Return the shot with its last chunk longer by SURPLUS_FRAMES; what moves at its end moves on.

    The driver goes on with its own end backwards: silence would make the model fade to black.
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
