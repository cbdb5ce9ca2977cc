"""Face motion as numbers: one row per instant, one column per movement.

A movement has the name of the matching ARKit blendshape, if there is one. Left and right sides move together.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

LEARNED_CHANNELS: tuple[str, ...] = (
    "jawOpen",  # 0..1; 1 is the widest vowel of lively speech
    "mouthStretch",  # -1..1; + corners apart ("ee"), - corners together ("oo")
    "mouthPucker",  # 0..1; lips rounded and forward
    "mouthUpperUp",  # 0..1; upper lip raised, teeth show
    "mouthLowerDown",  # -1..1; + lower lip lowered, - raised
    "mouthPress",  # 0..1; lips pressed shut (p, b, m); closes whatever the jaw does
    "mouthRollLower",  # 0..1; lower lip under the upper teeth (f, v)
    "tongueOut",  # 0..1; tongue tip up behind or between the teeth (th, l)
    "mouthSmile",  # 0..1; corners up
    "eyeBlink",  # 0..1; lids closed at 1
    "browInnerUp",  # 0..1; brows raised
    "headYaw",  # radians; + the face turns to its own left (image's right)
    "headPitch",  # radians; + the face looks down
    "headRoll",  # radians; + clockwise as the viewer sees it
)
"""Channels that the embedded model generates; the columns of its output."""

CHANNELS: tuple[str, ...] = (
    *LEARNED_CHANNELS,
    "gazeYaw",  # radians; + the eyes turn to the image's right
    "gazePitch",  # radians; + the eyes look down
    "breath",  # 0..1; the chest raised by a breath
)
"""Columns of the motion that an image is animated with, in order. If all values are 0, the image is
unchanged."""

CHANNEL = {name: i for i, name in enumerate(CHANNELS)}
"""Column of each channel, by name."""

MOUTH = tuple(range(CHANNEL["mouthSmile"]))
"""Columns of the channels that speech drives."""


@dataclass(frozen=True, slots=True)
class Motion:
    """Motion of a face over time."""

    values: NDArray[np.float32]
    """Values, shape (frames, columns). The columns are CHANNELS, or LEARNED_CHANNELS before gestures are
    added. Row n is the motion at exactly n / frame_rate seconds."""
    frame_rate: Fraction
    """Rows per second."""
