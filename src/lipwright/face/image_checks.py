"""Whether an image will do as the one who speaks: the guide's advice on the first frame, as findings.

Thresholds were set on the people in this repository's tests, their degraded copies, and some thirty
photos and generated portraits of people of every colour; tests stand on both sides of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lipwright.domain.finding import Finding
from lipwright.domain.media import FrameSize
from lipwright.face.crop import Box, box_for
from lipwright.face.face_quality import FaceQuality
from lipwright.face.landmarks import Face, mouth_opening
from lipwright.face.pose import Pose, pose_of

SMALL_FACE_PX = 100
"""Forehead to chin. Under it the mouth is less than about 37 pixels wide, and teeth are a smear."""
FAR_SHARE = 0.16
"""Of the video's height; a face in a medium shot (to the waist) has about 0.2."""
ENLARGED = 1.5
"""Times; what is enlarged further looks soft."""
TURNED_DEG, BENT_DEG, TILTED_DEG = 35.0, 30.0, 25.0
"""From the first on the far corner of the mouth is foreshortened to two thirds and less."""
CLOSED, WIDE = 0.012, 0.15
"""Inner lip gap in face heights: lips that touch measure 0.000 to 0.009, a toothy smile 0.06, an "ah" 0.2."""
SHUT_EYES = 0.5
"""Blendshape eyeBlink of both eyes: open ones measure up to 0.3."""
BLURRED = 0.72
"""Sharp faces measure 0.40 to 0.65; a Gaussian blur of 1.5 % of a face's height 0.73 to 0.84."""
DARK = 60.0
"""Luma of the highlights. Well-lit faces of very dark skin have 80 and more."""
BLOWN_SHARE = 0.12
UNEVEN_STOPS = 2.5
"""Portrait light with one strong side has up to 2.3."""
EDGE_SHARE = 0.08
"""Of the face's height: the least air around forehead, chin and cheeks."""
CUT_SHARE = 0.02
"""Of the face's height: landmarks stand that far beyond an edge that cuts nothing."""
LOST_SHARE = 0.25
"""Of the image, cropped away to reach the video's shape."""

_TALKING = "the guide's first frame shows a neutral or slightly open mouth"


def check_face(face: Face, seen: FaceQuality, image: FrameSize, size: FrameSize) -> tuple[Finding, ...]:
    """What the image makes hard for the video.

    Args:
        face: Of the one who speaks.
        seen: How it looks in the image.
        image: Size of the image.
        size: Of the video.
    """
    pose = pose_of(face.points)
    box = {"box": [round(edge) for edge in face.box]}
    return tuple(
        replace(finding, where=box)
        for check in (
            _edges(face, image),
            _scale(face, image, size),
            _pose(pose),
            _mouth_and_eyes(face),
            _sharpness_and_light(seen),
        )
        for finding in check
    )


def _edges(face: Face, image: FrameSize) -> Iterator[Finding]:
    left, top, right, bottom = face.box
    inside = {"left": left, "top": top, "right": image.width - right, "bottom": image.height - bottom}
    nearest = min(inside, key=lambda edge: inside[edge])
    air = inside[nearest] / face.height_px
    if air < -CUT_SHARE:
        yield Finding(
            "face-cut-off",
            "warning",
            f"the {nearest} edge of the image cuts the face",
            "give an image with the whole face and some air around it",
        )
    elif air < EDGE_SHARE:
        yield Finding(
            "face-near-edge",
            "hint",
            f"the face is {inside[nearest]:.0f} pixels from the {nearest} edge of the image",
            "leave air around the face, or its movement is cut off",
        )


def _scale(face: Face, image: FrameSize, size: FrameSize) -> Iterator[Finding]:
    box = box_for(image, size, face)
    enlarged = size.height / (box[3] - box[1])
    share = face.height_px / (box[3] - box[1])
    lost = 1 - (box[2] - box[0]) * (box[3] - box[1]) / (image.width * image.height)
    if face.height_px < SMALL_FACE_PX:
        yield Finding(
            "small-face",
            "warning",
            f"the face is {face.height_px:.0f} pixels high; from {SMALL_FACE_PX} on teeth and lips are clear",
            "give a larger image, or one taken closer",
        )
    if share < FAR_SHARE:
        yield Finding(
            "distant-face",
            "warning",
            f"the face takes {share:.0%} of the video's height",
            "crop the image to head and shoulders: lipwright image IMG --crop OUT.png",
        )
    if enlarged > ENLARGED:
        yield Finding(
            "enlarged-image",
            "hint",
            f"the image is enlarged {enlarged:.1f} times for a video of {size}",
            "give a larger image or a smaller --size, or the video looks soft",
        )
    if _beyond(face, box) > CUT_SHARE * face.height_px:
        yield Finding(
            "cropped-to-size",
            "warning",
            f"a video of {size} cuts the face out of an image of {image}",
            "choose a --size of the image's shape, or crop the image yourself",
        )
    elif lost > LOST_SHARE:
        yield Finding(
            "cropped-to-size",
            "hint",
            f"a video of {size} shows {1 - lost:.0%} of an image of {image}",
            "choose a --size of the image's shape if the rest matters",
        )


def _pose(pose: Pose) -> Iterator[Finding]:
    advice = "give an image in which the person faces the camera: the mouth must be seen whole"
    if abs(pose.yaw_deg) > TURNED_DEG:
        way = "right" if pose.yaw_deg > 0 else "left"
        yield Finding(
            "head-turned",
            "warning",
            f"the head is turned {abs(pose.yaw_deg):.0f} degrees to the image's {way}",
            advice,
        )
    if abs(pose.pitch_deg) > BENT_DEG:
        way = "raised" if pose.pitch_deg > 0 else "bent down"
        yield Finding(
            "head-bent", "warning", f"the head is {way} by {abs(pose.pitch_deg):.0f} degrees", advice
        )
    if abs(pose.roll_deg) > TILTED_DEG:
        yield Finding(
            "head-tilted",
            "hint",
            f"the head is tilted by {abs(pose.roll_deg):.0f} degrees",
            "turn the image until the eyes are level, if the tilt is not meant",
        )


def _mouth_and_eyes(face: Face) -> Iterator[Finding]:
    gap = mouth_opening(face)
    if gap < CLOSED:
        yield Finding(
            "mouth-closed",
            "hint",
            "the mouth is closed: models then tend to move it less",
            f"{_TALKING}; the portrait engine is not affected",
        )
    elif gap > WIDE:
        yield Finding(
            "mouth-wide-open",
            "warning",
            f"the mouth is wide open: {gap:.0%} of the face's height",
            f"{_TALKING}: lips and teeth keep their shape from there",
        )
    if min(face.blendshapes["eyeBlinkLeft"], face.blendshapes["eyeBlinkRight"]) > SHUT_EYES:
        yield Finding(
            "eyes-closed",
            "warning",
            "the eyes are closed, and will stay so",
            "give an image with open eyes",
        )


def _sharpness_and_light(seen: FaceQuality) -> Iterator[Finding]:
    if seen.blur > BLURRED:
        yield Finding(
            "blurred-face",
            "warning",
            f"the face is blurred: {seen.blur:.2f}, where sharp ones have up to {BLURRED:g}",
            "give an image that is sharp on the face: lips and teeth are drawn from it",
        )
    if seen.bright < DARK:
        yield Finding(
            "dark-face",
            "warning",
            f"the face is dark: its highlights reach {seen.bright:.0f} of 255",
            "brighten the image, or give one with light on the face",
        )
    if seen.blown > BLOWN_SHARE:
        yield Finding(
            "blown-face",
            "warning",
            f"{seen.blown:.0%} of the face is overexposed",
            "give an image with less light on the face: what is white has no detail left to move",
        )
    if abs(seen.uneven_stops) > UNEVEN_STOPS:
        side = "right" if seen.uneven_stops > 0 else "left"
        yield Finding(
            "uneven-light",
            "hint",
            f"the face's {side} side lies {abs(seen.uneven_stops):.1f} stops darker than the other",
            "soft light from the front shows both corners of the mouth",
        )


def _beyond(face: Face, box: Box) -> float:
    """How far the face stands out of a box, in pixels."""
    left, top, right, bottom = face.box
    return max(box[0] - left, box[1] - top, right - box[2], bottom - box[3])
