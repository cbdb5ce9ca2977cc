"""Convert a row of motion to weights of the displacement fields.

Movements that exclude each other are reconciled here: pressed lips close whatever the jaw does, rounding
narrows the opening, and so on.
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
    "gaze_across",
    "gaze_down",
    "breath",  # shoulders and chest up
)
FIELD = {name: i for i, name in enumerate(FIELDS)}

JAW_WEIGHT = 1.08
"""Amplitude of the jaw: weight of the jaw fields at jawOpen 1, before the soft limit."""
MAX_JAW_WEIGHT = 1.2
"""Limit of that weight: an opening of 0.43 W. Wider mouths look as if they shouted."""
JAW_SHARE_WHEN_PRESSED = 0.35
"""Share of the jaw's drop that remains under pressed lips."""
MAX_CHANNEL = 1.4
"""Maximum value of a channel: lips drawn further look torn."""
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
        engage: 0..1; how far the mouth of an open-mouthed image is handed over to speech: at 0 a
            resting row is the image, at 1 a resting row has closed lips.
        lips: Lips of the image.
    """
    m = {name: float(np.clip(row[i], *_range(name))) for name, i in CHANNEL.items()}
    press = float(smoothstep(0, 1, m["mouthPress"]))
    tuck = min(m["mouthRollLower"], 1.0) * (1 - press)
    pucker = min(m["mouthPucker"], 1.0)
    tongue = min(m["tongueOut"], 1.0) * (1 - press)
    free = 1 - press
    # Grows evenly up to a wide vowel, and saturates beyond.
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
    # The smile of the image is undone where the lips round or the jaw drops far.
    w[FIELD["smile"]] = m["mouthSmile"] - np.clip(lips.smile / 0.07, 0, 1.2) * (
        0.8 * pucker + 0.25 * jaw * free
    )
    w[FIELD["close"]] = max(engage, press) if lips.is_open else 0.0
    w[FIELD["brow"]] = m["browInnerUp"]
    w[FIELD["yaw"]], w[FIELD["pitch"]], w[FIELD["roll"]] = m["headYaw"], m["headPitch"], m["headRoll"]
    w[FIELD["gaze_across"]], w[FIELD["gaze_down"]] = m["gazeYaw"], m["gazePitch"]
    w[FIELD["breath"]] = m["breath"]
    return w
