"""Convert a row of motion to weights of the displacement fields.

Movements that exclude each other are reconciled here: for example, pressed lips close the mouth at any
position of the jaw, and rounding narrows the opening.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.motion import CHANNEL
from lipwright.face.image_ops import Floats, smoothstep
from lipwright.face.lips import Lips

FIELDS: tuple[str, ...] = (
    "jaw",  # chin and lower lip down; opens the whole lip line
    "jaw_round",  # chin and lower lip down; opens the middle half of the lip line
    "wide",
    "narrow",
    "pucker",  # red of the lips fuller
    "upper",  # upper lip up
    "lower",  # lower lip down
    "press",  # red of both lips thinner
    "roll_in",  # red of the lower lip thinner
    "seal",  # undoes the opening of "jaw"; the chin stays down
    "close",  # closes a mouth that is open in the image
    "smile",
    "brow",
    "yaw",
    "pitch",
    "roll",
    "gaze_across",
    "gaze_down",
    "breath",  # shoulders and chest up
)
FIELD = {name: i for i, name in enumerate(FIELDS)}

JAW_WEIGHT = 1.08
"""Weight of the displacement fields of the jaw when jawOpen is 1, before the soft limit."""
MAX_JAW_WEIGHT = 1.2
"""Soft limit of the weight of the jaw's displacement fields: the mouth opens by 0.43 lip widths at most. A
mouth opened wider seems to shout."""
JAW_SHARE_WHEN_PRESSED = 0.35
"""Share of the jaw's drop that remains while the lips are pressed."""
MAX_CHANNEL = 1.4
"""Maximum value of a channel; above it, lips look torn."""
MAX_TURN_RAD = 0.3


def _range(name: str) -> tuple[float, float]:
    if name.startswith(("head", "gaze")):
        return -MAX_TURN_RAD, MAX_TURN_RAD
    signed = name in ("mouthStretch", "mouthLowerDown", "mouthSmile", "browInnerUp", "breath")
    return (-MAX_CHANNEL if signed else 0.0), MAX_CHANNEL


def field_weights(row: NDArray[np.floating], engage: float, lips: Lips) -> Floats:
    """Return the weights of FIELDS for one instant.

    Args:
        row: One row of Motion.values, shape (len(CHANNELS),).
        engage: For an image with an open mouth, how far speech controls the mouth, 0..1. When the row is at
            rest, 0 leaves the mouth as open as in the image, and 1 closes the mouth.
        lips: Lips of the image.
    """
    m = {name: float(np.clip(row[i], *_range(name))) for name, i in CHANNEL.items()}
    press = float(smoothstep(0, 1, m["mouthPress"]))
    tuck = min(m["mouthRollLower"], 1.0) * (1 - press)
    pucker = min(m["mouthPucker"], 1.0)
    tongue = min(m["tongueOut"], 1.0) * (1 - press)
    free = 1 - press
    # Linear up to a wide vowel, saturated beyond.
    jaw = MAX_JAW_WEIGHT * float(np.tanh(JAW_WEIGHT * m["jawOpen"] / MAX_JAW_WEIGHT)) * (1 - 0.75 * tuck)
    round_part = 0.8 * pucker
    kept = jaw * (1 - round_part) * (free + press * JAW_SHARE_WHEN_PRESSED)
    narrow = 0.5 * pucker + 0.45 * max(-m["mouthStretch"], 0.0)

    w = np.zeros(len(FIELDS))
    w[FIELD["jaw"]] = kept
    w[FIELD["jaw_round"]] = jaw * round_part * free
    w[FIELD["seal"]] = jaw * (1 - round_part) * press * JAW_SHARE_WHEN_PRESSED
    w[FIELD["wide"]] = max(m["mouthStretch"], 0.0) * (1 - 0.7 * pucker)
    w[FIELD["narrow"]] = min(narrow, 0.8)
    w[FIELD["pucker"]] = pucker * free
    w[FIELD["upper"]] = (
        m["mouthUpperUp"] * (1 - 0.8 * pucker) * (1 - 0.5 * tuck) + 0.95 * tuck + 0.9 * pucker * jaw
    ) * free
    w[FIELD["lower"]] = (m["mouthLowerDown"] * (1 - 0.6 * pucker) * (1 - tuck) + 0.5 * tongue) * free
    w[FIELD["press"]] = press
    w[FIELD["roll_in"]] = tuck
    # Undo the smile of the image when the lips are rounded or the jaw drops far.
    w[FIELD["smile"]] = m["mouthSmile"] - np.clip(lips.smile / 0.07, 0, 1.2) * (
        0.8 * pucker + 0.25 * jaw * free
    )
    w[FIELD["close"]] = max(engage, press) if lips.is_open else 0.0
    w[FIELD["brow"]] = m["browInnerUp"]
    w[FIELD["yaw"]], w[FIELD["pitch"]], w[FIELD["roll"]] = m["headYaw"], m["headPitch"], m["headRoll"]
    w[FIELD["gaze_across"]], w[FIELD["gaze_down"]] = m["gazeYaw"], m["gazePitch"]
    w[FIELD["breath"]] = m["breath"]
    return w
