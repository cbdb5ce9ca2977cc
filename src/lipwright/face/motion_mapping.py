"""From a row of motion to the weights of the displacement fields.

The channels are speech's, the fields are geometry's; this is the one place that
knows both, and where movements that exclude each other are reconciled: pressed
lips close whatever the jaw does, rounding narrows the opening, and so on.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.motion import CHANNEL
from lipwright.face.image_ops import Floats, smoothstep
from lipwright.face.lips import Lips

FIELDS: tuple[str, ...] = (
    "jaw",  # chin and lower lip down, opening the whole line
    "jaw_round",  # the same, opening the middle half only
    "wide",
    "narrow",
    "pucker",  # red of the lips fuller
    "upper",  # upper lip up
    "lower",  # lower lip down
    "press",  # red of both lips thinner
    "roll_in",  # red of the lower lip thinner
    "seal",  # takes back the opening that "jaw" makes, chin staying
    "close",  # shuts a mouth that the image shows open
    "smile",
    "brow",
    "yaw",
    "pitch",
    "roll",
)
FIELD = {name: i for i, name in enumerate(FIELDS)}

JAW = 0.7
"""jawOpen 1 in parts of the field's 0.36 W: an opening of 0.25 W. The whole of it is shouting."""
JAW_KEPT_IN_PRESS = 0.35
"""Pressed lips leave the chin this part of its drop."""


MOST = 1.4
"""Channels are cut off here: lips drawn further look torn."""
MOST_TURN_RAD = 0.3


def _range(name: str) -> tuple[float, float]:
    if name.startswith("head"):
        return -MOST_TURN_RAD, MOST_TURN_RAD
    signed = name in ("mouthStretch", "mouthLowerDown", "mouthSmile", "browInnerUp")
    return (-MOST if signed else 0.0), MOST


def field_weights(row: NDArray[np.floating], engage: float, lips: Lips) -> Floats:
    """Weights of FIELDS for one instant.

    Args:
        row: One row of Motion.values, shape (len(CHANNELS),).
        engage: 0..1; how far an open-mouthed image's mouth is handed over to speech.
            At 0 a still row is the image, at 1 a still row has closed lips.
        lips: The image's lips.
    """
    m = {name: float(np.clip(row[i], *_range(name))) for name, i in CHANNEL.items()}
    press = float(smoothstep(0, 1, m["mouthPress"]))
    tuck = min(m["mouthRollLower"], 1.0) * (1 - press)
    pucker = min(m["mouthPucker"], 1.0)
    tongue = min(m["tongueOut"], 1.0) * (1 - press)
    free = 1 - press
    jaw = JAW * m["jawOpen"] * (1 - 0.75 * tuck)
    round_part = 0.8 * pucker
    kept = jaw * (1 - round_part) * (free + press * JAW_KEPT_IN_PRESS)
    narrow = 0.5 * pucker + 0.45 * max(-m["mouthStretch"], 0.0)

    w = np.zeros(len(FIELDS))
    w[FIELD["jaw"]] = kept
    w[FIELD["jaw_round"]] = jaw * round_part * free
    w[FIELD["seal"]] = jaw * (1 - round_part) * press * JAW_KEPT_IN_PRESS
    w[FIELD["wide"]] = max(m["mouthStretch"], 0.0) * (1 - 0.7 * pucker)
    w[FIELD["narrow"]] = min(narrow, 0.8)
    w[FIELD["pucker"]] = pucker * free
    w[FIELD["upper"]] = (
        m["mouthUpperUp"] * (1 - 0.8 * pucker) * (1 - 0.5 * tuck) + 0.95 * tuck + 0.9 * pucker * jaw
    ) * free
    w[FIELD["lower"]] = (m["mouthLowerDown"] * (1 - 0.6 * pucker) * (1 - tuck) + 0.5 * tongue) * free
    w[FIELD["press"]] = press
    w[FIELD["roll_in"]] = tuck
    # A smile in the image is taken back where the lips round.
    w[FIELD["smile"]] = m["mouthSmile"] - np.clip(lips.smile / 0.07, 0, 1.2) * 0.8 * pucker
    w[FIELD["close"]] = max(engage, press) if lips.is_open else 0.0
    w[FIELD["brow"]] = m["browInnerUp"]
    w[FIELD["yaw"]], w[FIELD["pitch"]], w[FIELD["roll"]] = m["headYaw"], m["headPitch"], m["headRoll"]
    return w
