"""Draw the movements of a talking face other than the mouth's: blinks, brows, head and smile, by style.

There is no truth for them; they are drawn at random around the stresses of the audio, so that the model
learns to move in time with the voice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks

from lipwright.domain.motion import CHANNEL
from lipwright.motion.mel import RATE_HZ
from lipwright.motion.styles import STYLES
from lipwright.motion.visemes import CURVE_RATE_HZ


@dataclass(frozen=True)
class Manner:
    """Size and frequency of the movements of one style."""

    articulation: float = 1.0
    """Size of the mouth's movement."""
    head: float = 1.0
    """Size of head movement."""
    nod: float = 0.35
    """Share of stresses that come with a nod."""
    brow: float = 0.3
    """Share of stresses that raise the brows."""
    smile: float = 0.05
    """Resting smile."""
    blinks_per_minute: float = 17.0
    pace: float = 1.0
    """Speed of the speech."""


MANNERS = {
    "neutral": Manner(),
    "calm": Manner(
        articulation=0.9, head=0.6, nod=0.2, brow=0.12, smile=0.08, blinks_per_minute=13, pace=0.88
    ),
    "lively": Manner(
        articulation=1.1, head=1.45, nod=0.55, brow=0.5, smile=0.22, blinks_per_minute=20, pace=1.08
    ),
    "urgent": Manner(
        articulation=1.12, head=1.2, nod=0.6, brow=0.55, smile=0.0, blinks_per_minute=24, pace=1.18
    ),
    "warm": Manner(
        articulation=1.0, head=0.9, nod=0.35, brow=0.3, smile=0.45, blinks_per_minute=16, pace=0.97
    ),
    "serious": Manner(
        articulation=0.95, head=0.55, nod=0.25, brow=0.08, smile=-0.0, blinks_per_minute=12, pace=0.95
    ),
}
if tuple(MANNERS) != STYLES:
    raise ImportError("manners and styles differ")


def stresses(samples: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the loudness envelope (0..1, at CURVE_RATE_HZ) and the rows of its peaks, stressed syllables."""
    hop = RATE_HZ // CURVE_RATE_HZ
    count = len(samples) // hop + 1
    power = np.pad(samples.astype(np.float64) ** 2, (0, count * hop - len(samples)))
    envelope = gaussian_filter1d(np.sqrt(power.reshape(count, hop).mean(1)), 5)
    envelope /= envelope.max() + 1e-9
    peaks, _ = find_peaks(envelope, height=0.35, distance=30, prominence=0.15)
    return envelope.astype(np.float32), peaks


def enliven(
    curves: NDArray[np.float32], samples: NDArray[np.float32], style: str, rng: np.random.Generator
) -> None:
    """Add everything but the mouth to `curves` (rows at CURVE_RATE_HZ), in place."""
    manner, count = MANNERS[style], len(curves)
    envelope, peaks = stresses(samples)
    rows = np.arange(count)
    talking = np.interp(rows, np.arange(len(envelope)), gaussian_filter1d(envelope, 40))
    talking = np.clip(talking * 4, 0, 1)
    curves[:, : CHANNEL["mouthSmile"]] *= manner.articulation * rng.uniform(0.95, 1.05)
    smile = manner.smile * (0.75 + 0.5 * rng.random()) + 0.08 * _wander(count, 1.5, rng) * (manner.smile > 0)
    settle = np.clip(rows / 60, 0, 1)
    curves[:, CHANNEL["mouthSmile"]] = np.clip(smile, 0, 1) * settle
    for peak in peaks:
        if rng.random() < manner.brow:
            _bump(curves, "browInnerUp", peak - 6, 18, rng.uniform(0.25, 0.8))
        if rng.random() < manner.nod:
            _bump(curves, "headPitch", peak + 2, 13, rng.uniform(0.015, 0.05) * manner.head)
    moving = (0.35 + 0.65 * talking) * manner.head
    curves[:, CHANNEL["headYaw"]] += 0.045 * _wander(count, 0.9, rng) * moving
    curves[:, CHANNEL["headPitch"]] += 0.026 * _wander(count, 0.7, rng) * moving
    curves[:, CHANNEL["headRoll"]] += 0.022 * _wander(count, 1.1, rng) * moving
    _blink(curves, peaks, manner.blinks_per_minute, rng)


def _wander(count: int, sigma_seconds: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return smooth noise of unit variance."""
    noise = gaussian_filter1d(rng.standard_normal(count + 800), sigma_seconds * CURVE_RATE_HZ / 2.5)[400:-400]
    return noise / (noise.std() + 1e-9)


def _bump(curves: NDArray[np.float32], channel: str, center: int, sigma_rows: float, height: float) -> None:
    shape = height * np.exp(-0.5 * ((np.arange(len(curves)) - center) / sigma_rows) ** 2)
    column = curves[:, CHANNEL[channel]]
    column += (shape * (1 - np.clip(np.abs(column) / (abs(height) + 1e-6), 0, 0.7))).astype(np.float32)


def _blink(
    curves: NDArray[np.float32], peaks: NDArray[np.int64], per_minute: float, rng: np.random.Generator
) -> None:
    """Add blinks, often just after a stress: lids fall in 60-80 ms and rise in 120-160 ms."""
    at = rng.exponential(60 / per_minute) * CURVE_RATE_HZ
    while at < len(curves) - 30:
        center = at
        if len(peaks) and rng.random() < 0.5:
            nearest = peaks[np.abs(peaks - at).argmin()] + 12
            center = nearest if abs(nearest - at) < 80 else at
        if center > 12:
            rows = np.arange(len(curves)) - center
            down, up = rng.uniform(3.0, 4.0), rng.uniform(6.0, 8.0)
            lid = np.where(rows < 0, 1 + rows / (2 * down), 1 - rows / (2 * up))
            lid = np.clip(lid, 0, 1)
            lid = lid * lid * (3 - 2 * lid)
            column = curves[:, CHANNEL["eyeBlink"]]
            np.maximum(column, lid, out=column)
        at += max(60, rng.exponential(60 / per_minute) * CURVE_RATE_HZ)
