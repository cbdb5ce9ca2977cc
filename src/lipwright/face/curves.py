"""Two curves that every field and mask is made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def smoothstep(low: float, high: float, x: Floats | float) -> Floats:
    """0 below `low`, 1 above `high`, smooth between, for x of any shape; falls where low > high."""
    t = np.clip((np.asarray(x, np.float64) - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def bell(t: Floats | float) -> Floats:
    """exp(-t^2), for t of any shape."""
    return np.asarray(np.exp(-np.square(t)))
