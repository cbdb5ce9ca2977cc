"""Check whether the face in a reference image is large, frontal, sharp and well lit enough for lip sync."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lipwright.domain.finding import Finding
from lipwright.domain.media import FrameSize
from lipwright.face import findings
from lipwright.face.crop import box_for
from lipwright.face.findings import LIMITS
from lipwright.face.image_ops import Box
from lipwright.face.image_quality import FaceQuality, Pose, pose_of
from lipwright.face.landmarks import Face, mouth_opening


def check_face(face: Face, quality: FaceQuality, image: FrameSize, size: FrameSize) -> tuple[Finding, ...]:
    """Return findings on everything in `face` that would spoil a video with the frame size `size`."""
    box = {"box": [round(edge) for edge in face.box]}
    return tuple(
        replace(finding, where=box)
        for check in (
            _edges(face, image),
            _scale(face, image, size),
            _pose(pose_of(face.points)),
            _mouth_and_eyes(face),
            _sharpness_and_light(quality),
        )
        for finding in check
    )


def _edges(face: Face, image: FrameSize) -> Iterator[Finding]:
    left, top, right, bottom = face.box
    inside = {"left": left, "top": top, "right": image.width - right, "bottom": image.height - bottom}
    nearest = min(inside, key=lambda edge: inside[edge])
    distance = inside[nearest] / face.height_px
    if distance < -LIMITS.cut_distance:
        yield findings.FACE_CUT_OFF(edge=nearest)
    elif distance < LIMITS.min_edge_distance:
        yield findings.FACE_NEAR_EDGE(edge=nearest, distance_px=inside[nearest])


def _scale(face: Face, image: FrameSize, size: FrameSize) -> Iterator[Finding]:
    box = box_for(image, size, face)
    enlargement = size.height / (box[3] - box[1])
    share = face.height_px / (box[3] - box[1])
    kept = (box[2] - box[0]) * (box[3] - box[1]) / (image.width * image.height)
    if face.height_px < LIMITS.min_face_px:
        yield findings.SMALL_FACE(height_px=face.height_px, limit_px=LIMITS.min_face_px)
    if share < LIMITS.min_face_share:
        yield findings.DISTANT_FACE(share=share, limit=LIMITS.min_face_share)
    if enlargement > LIMITS.max_enlargement:
        yield findings.ENLARGED_IMAGE(factor=enlargement, size=size)
    face_is_cut = _outside(face, box) > LIMITS.cut_distance * face.height_px
    if face_is_cut or 1 - kept > LIMITS.max_cropped_share:
        yield findings.CROPPED_TO_SIZE(
            severity="warning" if face_is_cut else "hint",
            size=size,
            image=image,
            share=kept,
            cut=" and cuts off part of the face" if face_is_cut else "",
        )


def _pose(pose: Pose) -> Iterator[Finding]:
    if abs(pose.yaw_deg) > LIMITS.max_yaw_deg:
        yield findings.HEAD_TURNED(degrees=abs(pose.yaw_deg), side="right" if pose.yaw_deg > 0 else "left")
    if abs(pose.pitch_deg) > LIMITS.max_pitch_deg:
        yield findings.HEAD_BENT(
            degrees=abs(pose.pitch_deg), how="raised" if pose.pitch_deg > 0 else "bent down"
        )
    if abs(pose.roll_deg) > LIMITS.max_roll_deg:
        yield findings.HEAD_TILTED(degrees=abs(pose.roll_deg))


def _mouth_and_eyes(face: Face) -> Iterator[Finding]:
    gap = mouth_opening(face)
    if gap < LIMITS.min_open_gap:
        yield findings.MOUTH_CLOSED()
    elif gap > LIMITS.max_open_gap:
        yield findings.MOUTH_WIDE_OPEN(share=gap)
    if min(face.blendshapes["eyeBlinkLeft"], face.blendshapes["eyeBlinkRight"]) > LIMITS.max_eye_blink:
        yield findings.EYES_CLOSED()


def _sharpness_and_light(quality: FaceQuality) -> Iterator[Finding]:
    if quality.blur > LIMITS.max_blur:
        yield findings.BLURRED_FACE(blur=quality.blur, limit=LIMITS.max_blur)
    if quality.highlight_luma < LIMITS.min_highlight_luma:
        yield findings.DARK_FACE(luma=quality.highlight_luma)
    if quality.blown_share > LIMITS.max_blown_share:
        yield findings.BLOWN_FACE(share=quality.blown_share)
    if abs(quality.uneven_stops) > LIMITS.max_uneven_stops:
        yield findings.UNEVEN_LIGHT(
            side="right" if quality.uneven_stops > 0 else "left", stops=abs(quality.uneven_stops)
        )


def _outside(face: Face, box: Box) -> float:
    """Return how far the face extends beyond a box, in pixels."""
    left, top, right, bottom = face.box
    return max(box[0] - left, box[1] - top, right - box[2], bottom - box[3])
