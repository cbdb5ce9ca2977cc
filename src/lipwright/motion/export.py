"""Format face motion for other animation software: as ARKit blendshapes or Rhubarb mouth shapes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.motion import CHANNEL, Motion

ARKIT_NAMES = (
    "eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft",
    "eyeSquintLeft", "eyeWideLeft", "eyeBlinkRight", "eyeLookDownRight", "eyeLookInRight",
    "eyeLookOutRight", "eyeLookUpRight", "eyeSquintRight", "eyeWideRight", "jawForward", "jawLeft",
    "jawRight", "jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthLeft", "mouthRight",
    "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight", "mouthDimpleLeft",
    "mouthDimpleRight", "mouthStretchLeft", "mouthStretchRight", "mouthRollLower", "mouthRollUpper",
    "mouthShrugLower", "mouthShrugUpper", "mouthPressLeft", "mouthPressRight", "mouthLowerDownLeft",
    "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight", "browDownLeft", "browDownRight",
    "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff", "cheekSquintLeft",
    "cheekSquintRight", "noseSneerLeft", "noseSneerRight", "tongueOut",
)  # fmt: skip
"""The 52 blendshapes of ARKit, in Apple's order; those that the model does not animate are 0."""

HEAD_NAMES = ("headYaw", "headPitch", "headRoll")
"""Columns with the head's rotation in radians, after the blendshapes. Positive yaw turns the face to the
person's own left, positive pitch turns it down, and positive roll is clockwise for the viewer."""

FULL_GAZE_RADIANS = np.radians(30)
"""Angle between gaze and camera at which an eyeLook blendshape, such as eyeLookUpLeft, has the value 1."""

MIN_REST_SECONDS = 0.25
"""Minimum time for which the mouth must be idle to be exported as Rhubarb's idle mouth (shape X); a shorter
time is exported as Rhubarb's closed mouth (shape A)."""
MIN_CUE_SECONDS = 0.06
"""Minimum length of a mouth cue; a shorter cue is merged into the preceding cue. Rhubarb's own cues are
seldom shorter than two video frames."""

RHUBARB_SHAPES: Mapping[str, Mapping[str, float]] = {
    "X": {"jawOpen": 0.0},
    "A": {"mouthPress": 1.0},
    "B": {"jawOpen": 0.15, "mouthStretch": 0.4, "mouthUpperUp": 0.15, "mouthLowerDown": 0.15},
    "C": {"jawOpen": 0.5, "mouthStretch": 0.4, "mouthUpperUp": 0.2, "mouthLowerDown": 0.2},
    "D": {"jawOpen": 0.95, "mouthStretch": 0.2, "mouthUpperUp": 0.2, "mouthLowerDown": 0.3},
    "E": {"jawOpen": 0.5, "mouthStretch": -0.3, "mouthPucker": 0.6},
    "F": {"jawOpen": 0.15, "mouthStretch": -0.6, "mouthPucker": 1.0},
    "G": {"mouthRollLower": 1.0, "mouthLowerDown": -0.3},
    "H": {"jawOpen": 0.25, "mouthStretch": 0.15, "tongueOut": 0.8},
}
"""Channel values of each of Rhubarb's mouth shapes; channels that are not listed are 0. Each frame is
exported as the shape that is nearest to its motion. See
https://github.com/DanielSWolf/rhubarb-lip-sync#mouth-shapes"""


def arkit_curves(motion: Motion) -> NDArray[np.float64]:
    """Convert motion to ARKit's blendshapes and the rotation of the head.

    Returns:
        Shape (frames, 55): the blendshapes of ARKIT_NAMES, each 0..1, then the angles of HEAD_NAMES, in
        radians.
    """
    now = {name: motion.values[:, at].astype(np.float64) for name, at in CHANNEL.items()}
    stretch, lower, yaw, pitch = (
        now[name] for name in ("mouthStretch", "mouthLowerDown", "gazeYaw", "gazePitch")
    )
    gaze_yaw, gaze_pitch = yaw / FULL_GAZE_RADIANS, pitch / FULL_GAZE_RADIANS
    both = {
        "eyeBlink": now["eyeBlink"],
        "eyeLookDown": gaze_pitch,
        "eyeLookUp": -gaze_pitch,
        "mouthSmile": now["mouthSmile"],
        "mouthStretch": stretch,
        "mouthPress": now["mouthPress"],
        "mouthLowerDown": lower,
        "mouthUpperUp": now["mouthUpperUp"],
    }
    curves = {f"{name}{side}": values for name, values in both.items() for side in ("Left", "Right")}
    curves |= {
        # The image's right is the person's own left.
        "eyeLookOutLeft": gaze_yaw,
        "eyeLookInRight": gaze_yaw,
        "eyeLookInLeft": -gaze_yaw,
        "eyeLookOutRight": -gaze_yaw,
        "jawOpen": now["jawOpen"],
        # ARKit's mouthClose closes the lips over an open jaw, so its value is at most that of jawOpen.
        "mouthClose": now["mouthPress"] * now["jawOpen"],
        "mouthFunnel": -stretch,
        "mouthPucker": now["mouthPucker"],
        "mouthRollLower": now["mouthRollLower"],
        "mouthShrugLower": -lower,
        "browInnerUp": now["browInnerUp"],
        "tongueOut": now["tongueOut"],
    }
    still = np.zeros(len(motion.values))
    shapes = [curves.get(name, still).clip(0, 1) for name in ARKIT_NAMES]
    return np.stack([*shapes, *(now[name] for name in HEAD_NAMES)], 1)


@dataclass(frozen=True, slots=True)
class MouthCue:
    """A mouth shape with its start and end in seconds."""

    start: float
    end: float
    shape: str


def mouth_cues(motion: Motion) -> tuple[MouthCue, ...]:
    """Convert motion to a sequence of Rhubarb's mouth shapes.

    Returns:
        Cues without gaps from 0 to the end of the last frame.
    """
    used = sorted({name for shape in RHUBARB_SHAPES.values() for name in shape})
    targets = np.array([[shape.get(name, 0.0) for name in used] for shape in RHUBARB_SHAPES.values()])
    values = motion.values[:, [CHANNEL[name] for name in used]].astype(np.float64)
    nearest = ((values[:, None] - targets) ** 2).sum(2).argmin(1)
    rate = float(motion.frame_rate)
    names = list(RHUBARB_SHAPES)
    runs: list[tuple[str, int]] = []  # shape, frames
    for number, frames in groupby(nearest):
        shape, count = names[number], len(list(frames))
        if runs and (count / rate < MIN_CUE_SECONDS or shape == runs[-1][0]):
            shape, count = runs[-1][0], runs.pop()[1] + count
        runs.append((shape, count))
    runs = [("A" if name == "X" and n / rate < MIN_REST_SECONDS else name, n) for name, n in runs]
    ends = np.cumsum([count for _, count in runs]) / rate
    starts = [0.0, *ends[:-1]]
    return tuple(
        MouthCue(float(start), float(end), shape)
        for start, end, (shape, _) in zip(starts, ends, runs, strict=True)
    )


def curves_csv(motion: Motion, audio: str) -> str:
    """Return motion as CSV: frame number and time in seconds, then the columns of `arkit_curves`.

    `audio` is not used; it is an argument because all functions in WRITERS take the same arguments.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["frame", "time", *ARKIT_NAMES, *HEAD_NAMES])
    for frame, row in enumerate(arkit_curves(motion).round(5).tolist()):
        writer.writerow([frame, float(frame / motion.frame_rate), *row])
    return text.getvalue()


def motion_json(motion: Motion, audio: str) -> str:
    """Return motion as a JSON object with `arkit_curves` and mouth cues.

    The mouth cues have the same keys as in Rhubarb's JSON. `audio` is the name of the recording, for the
    metadata.
    """
    cues = mouth_cues(motion)
    curves = arkit_curves(motion).round(5)
    document = {
        "metadata": {"soundFile": audio, "duration": round(cues[-1].end, 2) if cues else 0.0},
        "mouthCues": [
            {"start": round(cue.start, 2), "end": round(cue.end, 2), "value": cue.shape} for cue in cues
        ],
        "fps": str(motion.frame_rate),
        "times": [float(frame / motion.frame_rate) for frame in range(len(curves))],
        "names": [*ARKIT_NAMES, *HEAD_NAMES],
        "frames": curves.tolist(),
    }
    return json.dumps(document) + "\n"


def cues_tsv(motion: Motion, audio: str) -> str:
    """Return the mouth cues of a motion in Rhubarb's TSV format.

    There is one line per cue: its start in seconds, a tab, and its shape. A last line with shape X marks the
    end. `audio` is not used; it is an argument because all functions in WRITERS take the same arguments.
    """
    cues = mouth_cues(motion)
    lines = [f"{cue.start:.2f}\t{cue.shape}\n" for cue in cues]
    return "".join(lines) + (f"{cues[-1].end:.2f}\tX\n" if cues else "")


WRITERS: Mapping[str, Callable[[Motion, str], str]] = {
    ".csv": curves_csv,
    ".json": motion_json,
    ".tsv": cues_tsv,
}
"""Maps the suffix of a motion file to the function that returns the text of the file. The arguments of the
function are the motion and the name of the recording."""
