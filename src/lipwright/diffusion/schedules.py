"""Schedules: lists of noise levels that descend from at most 1 to 0.

A schedule of n steps has n + 1 levels. Levels are plain floats, for numpy and torch alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from math import exp

from lipwright.errors import UsageError

DISTILLED = (1.0, 0.99375, 0.9875, 0.98125, 0.975, 0.909375, 0.725, 0.421875, 0.0)
"""Levels of the 8 steps that LTX-2's distilled model was trained for (diffusers, pipelines.ltx2.utils)."""

SECOND_STAGE = (0.909375, 0.725, 0.421875, 0.0)
"""Levels of the 3 steps that refine an upsampled clip (diffusers, pipelines.ltx2.utils)."""

LTX_SHIFT = 2.05
"""Shift of the official scheduler, the same for all sizes of a clip. In diffusers' scheduler, the shift grows
with the number of tokens, to 5.62 at 14,080 tokens; therefore, that scheduler is not used."""

LTX_TERMINAL = 0.1
"""Last level above 0 in the official schedule."""


def linear(steps: int) -> tuple[float, ...]:
    """Return steps + 1 evenly spaced levels from 1 to 0.

    >>> linear(4)
    (1.0, 0.75, 0.5, 0.25, 0.0)
    """
    if steps < 1:
        raise UsageError(f"there must be at least 1 sampling step, got {steps}")
    return tuple(1 - i / steps for i in range(steps + 1))


def shifted(steps: int) -> tuple[float, ...]:
    """Return LTX-2's official schedule of steps + 1 levels (ltx-core, LTX2Scheduler).

    Each evenly spaced level t is shifted toward 1: sigma = e^s / (e^s + (1/t - 1)) with s = LTX_SHIFT. Then
    the distances of the levels from 1 are scaled so that the last level above 0 is LTX_TERMINAL. A single
    step goes from 1 to 0.

    Raises:
        UsageError: `steps` is below 1.
    """
    levels = [exp(LTX_SHIFT) / (exp(LTX_SHIFT) + (1 / t - 1)) for t in linear(steps)[:-1]]
    if steps > 1:
        stretch = (1 - LTX_TERMINAL) / (1 - levels[-1])
        levels = [1 - (1 - level) * stretch for level in levels]
    return (*levels, 0.0)


def from_list(levels: Iterable[float]) -> tuple[float, ...]:
    """Check a list of noise levels, and return it as a schedule.

    Raises:
        UsageError: The levels are not strictly descending, do not start within (0, 1], or do not end in 0.
    """
    sigmas = tuple(float(level) for level in levels)
    descends = all(a > b for a, b in pairwise(sigmas))
    if len(sigmas) < 2 or not 0 < sigmas[0] <= 1 or sigmas[-1] != 0 or not descends:
        came = ", ".join(f"{sigma:g}" for sigma in sigmas) or "none"
        raise UsageError(
            f"noise levels must descend from at most 1 to 0, got {came}",
            hint="list the levels in descending order and end with 0, such as 1, 0.75, 0.4, 0",
        )
    return sigmas
