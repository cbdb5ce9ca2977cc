"""What a portrait is like: its faces, what the video will make of it, and how to crop it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lipwright.domain.finding import Finding
from lipwright.domain.media import FrameSize, Image
from lipwright.engines.registry import EngineEntry
from lipwright.errors import EngineUnavailable, InputError
from lipwright.face.crop import Box, cut, suggest_box
from lipwright.face.face_quality import FaceQuality, measure_face
from lipwright.face.image_checks import check_face
from lipwright.face.landmarks import Face, FaceTracker, choose_face, mouth_opening
from lipwright.face.pose import pose_of
from lipwright.face.still import faces_of
from lipwright.face.upright import Turn, find_turn, turned
from lipwright.media.image_file import read_image, write_png
from lipwright.pipeline.atomic_outputs import check_output
from lipwright.pipeline.audio_input import prefix_errors
from lipwright.planning import snap_size


@dataclass(frozen=True, slots=True)
class ImageReport:
    """An image, examined. Every box is in the pixels of the image as turned."""

    size: FrameSize
    """After turning."""
    turn_deg: Turn
    """Clockwise, to stand upright."""
    video: FrameSize
    """The size that the video would have."""
    faces: tuple[Face, ...]
    """Largest first; the first one speaks."""
    seen: FaceQuality
    """How that one looks."""
    crop: Box
    """Head and shoulders of that one, in the video's shape."""
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """The keys of `lipwright image --json`; boxes are left, top, right, bottom in pixels."""
        return {
            "size": str(self.size),
            "turn_deg": self.turn_deg,
            "video_size": str(self.video),
            "faces": [_face_json(face) for face in self.faces],
            "light": {
                "blur": round(self.seen.blur, 3),
                "highlights": round(self.seen.bright),
                "blown_share": round(self.seen.blown, 4),
                "uneven_stops": round(self.seen.uneven_stops, 2),
            },
            "crop": {
                "box": list(self.crop),
                "size": str(FrameSize(self.crop[2] - self.crop[0], self.crop[3] - self.crop[1])),
            },
            "findings": [finding.to_json() for finding in self.findings],
        }


def examine_image(image: Path, *, size: str | None = None, crop: Path | None = None) -> ImageReport:
    """Look at an image as the one who speaks.

    Args:
        image: The image.
        size: Of the video, as `render` takes it; None is the image's own shape.
        crop: Where to write the suggested crop, upright, as PNG; None writes nothing.

    Raises:
        UsageError: no such size; the crop would overwrite the image, or is no .png.
        InputError: no image, no face in it, or one too small.
        EngineUnavailable: the face model is not to be had.
        OutputError: the crop cannot be written.
    """
    if crop is not None:
        check_output(crop, [image], suffix=".png")
    original = read_image(image)
    tracker = FaceTracker()
    turn = find_turn(original, tracker)
    upright = Image(turned(original.rgb, turn)) if turn else original
    _, video = snap_size(size, upright.size, "portrait")
    faces = faces_of(upright, tracker)
    with prefix_errors(image):
        face, findings = choose_face(faces)
    seen = measure_face(upright, face)
    # Without a size the shape is free, but for extremes.
    box = suggest_box(upright.size, face, video.width / video.height if size else None)
    if crop is not None:
        write_png(crop, cut(upright, box))
    found = (*_lying(turn, face), *findings, *check_face(face, seen, upright.size, video))
    return ImageReport(upright.size, turn, video, faces, seen, box, found)


def check_reference(
    image: Image | None, size: FrameSize, entry: EngineEntry, *, speaks: bool
) -> tuple[Finding, ...]:
    """What makes a video of this image, or of none, hard for an engine.

    Args:
        image: As read; None where there is none.
        size: Of the video.
        entry: The engine. One that moves a human face raises where others, which may video a
            cartoon or a dog, have a finding.
        speaks: Somebody speaks in the audio.

    Raises:
        InputError: a face is needed, and the image has none that is upright and large enough.
        EngineUnavailable: a face is needed, and the face model is not to be had.
    """
    if image is None:
        return (_PICTURELESS,) if speaks else ()
    try:
        return _check(image, size, needs_face=entry.needs_face_model)
    except EngineUnavailable as error:
        if entry.needs_face_model:
            raise
        return (Finding("image-not-checked", "hint", f"the image was not checked: {error}", error.hint),)


_PICTURELESS = Finding(
    "dialogue-without-image",
    "hint",
    "somebody speaks, and there is no image: the face is made from the prompt alone",
    "for dialogue add --image: the first frame steadies the face and the sync; without one, explore",
)


def _check(image: Image, size: FrameSize, *, needs_face: bool) -> tuple[Finding, ...]:
    tracker = FaceTracker()
    turn = find_turn(image, tracker)
    if turn and needs_face:
        raise InputError(
            _lies(turn), hint="turn it: `lipwright image IMG --crop OUT.png` writes it upright and cropped"
        )
    upright = Image(turned(image.rgb, turn)) if turn else image
    try:
        face, findings = choose_face(faces_of(upright, tracker))
    except InputError as error:
        if needs_face:
            raise
        box = [0, 0, image.size.width, image.size.height]
        advice = f"fine for a cartoon or an animal; else {error.hint}"
        return (Finding("no-face-in-image", "warning", error.message, advice, {"box": box}),)
    if turn:  # what else could be said holds for the turned image alone
        return _lying(turn, face)
    return (*findings, *check_face(face, measure_face(image, face), image.size, size))


def _lying(turn: Turn, face: Face) -> tuple[Finding, ...]:
    if not turn:
        return ()
    return (
        Finding(
            "sideways-image",
            "warning",
            _lies(turn),
            "turn it before you render; `lipwright image IMG --crop OUT.png` writes it upright",
            {"box": [round(edge) for edge in face.box]},
        ),
    )


def _lies(turn: Turn) -> str:
    how = "is upside down" if turn == 180 else "lies on its side"
    return f"the image {how}: turned clockwise by {turn} degrees it stands upright"


def _face_json(face: Face) -> dict[str, Any]:
    pose = pose_of(face.points)
    blinks = (face.blendshapes["eyeBlinkLeft"], face.blendshapes["eyeBlinkRight"])
    return {
        "box": [round(edge, 1) for edge in face.box],
        "height_px": round(face.height_px, 1),
        "confidence": round(face.score, 4),
        "yaw_deg": round(pose.yaw_deg, 1),
        "pitch_deg": round(pose.pitch_deg, 1),
        "roll_deg": round(pose.roll_deg, 1),
        "mouth_opening": round(mouth_opening(face), 4),
        "eyes_closed": round(min(blinks), 3),
    }
