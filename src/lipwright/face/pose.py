"""Which way a face looks, from its landmarks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lipwright.face.windows import Floats

EAR_LEFT, EAR_RIGHT = 234, 454
"""The face's edges before the ears, from the image's left to its right."""
FOREHEAD, CHIN = 10, 152


@dataclass(frozen=True, slots=True)
class Pose:
    """How a head is turned; all 0 looks straight into the camera."""

    yaw_deg: float
    """Positive: turned towards the right of the image."""
    pitch_deg: float
    """Positive: the chin is raised."""
    roll_deg: float
    """Positive: tilted clockwise, as the viewer sees it."""


def pose_of(points: Floats) -> Pose:
    """The pose of a face.

    Two lines span the face: from edge to edge before the ears, and from forehead to chin.
    In MediaPipe's canonical face both lie square to the line of sight (within 0.7 degrees), so that
    their cross product is where the face looks.

    Args:
        points: Landmarks, shape (478, 3): x right, y down, z towards the back, in one unit.
    """
    across = points[EAR_RIGHT] - points[EAR_LEFT]
    down = points[CHIN] - points[FOREHEAD]
    ahead = np.cross(down, across)  # x right, y down, z back: this one points at the viewer
    ahead /= np.linalg.norm(ahead)
    # The eyes' line, not the edges': it is the one that the mesh places best.
    return Pose(
        yaw_deg=math.degrees(math.atan2(ahead[0], -ahead[2])),
        pitch_deg=-math.degrees(math.asin(ahead[1])),
        roll_deg=math.degrees(math.atan2(across[1], across[0])),
    )
