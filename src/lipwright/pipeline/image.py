"""Examine a reference image: its faces, problems that would spoil the video, and a suggested crop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lipwright.domain.face_choice import left_to_right
from lipwright.domain.finding import Finding
from lipwright.domain.media import FrameSize, Image
from lipwright.engines.base import EngineDescription
from lipwright.engines.portrait.description import DESCRIPTION as PORTRAIT
from lipwright.errors import EngineUnavailable, InputError
from lipwright.face import findings
from lipwright.face.crop import cut, suggest_box
from lipwright.face.face_numbers import draw_numbers
from lipwright.face.image_checks import check_face
from lipwright.face.image_ops import Box
from lipwright.face.image_quality import FaceQuality, Turn, find_turn, measure_face, pose_of, turned
from lipwright.face.landmarks import Face, FaceTracker, mouth_opening
from lipwright.face.speaking_face import choose_face, faces_of
from lipwright.media.image_file import read_image, write_png
from lipwright.pipeline.atomic_outputs import check_outputs, commit_together
from lipwright.pipeline.audio_input import prefix_errors
from lipwright.planning import snap_size


@dataclass(frozen=True, slots=True)
class ImageReport:
    """Result of `examine_image`; boxes are in pixels of the upright image."""

    size: FrameSize
    """Size of the upright image."""
    turn_deg: Turn
    """Clockwise rotation, in degrees, by which the image was made upright."""
    video: FrameSize
    """Size of the video."""
    faces: tuple[Face, ...]
    """The faces, largest first."""
    face: Face
    """The face that speaks."""
    quality: FaceQuality
    """Sharpness and lighting of the face that speaks."""
    crop: Box
    """Suggested crop: head and shoulders of the face that speaks, in the video's aspect ratio."""
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the values of `lipwright image --json`; boxes are left, top, right, bottom in pixels."""
        number = _numbers(self.faces)
        return {
            "size": str(self.size),
            "turn_deg": self.turn_deg,
            "video_size": str(self.video),
            "faces": [_face_json(face, number[face]) for face in self.faces],
            "face": number[self.face],
            "light": {
                "blur": round(self.quality.blur, 3),
                "highlights": round(self.quality.highlight_luma),
                "blown_share": round(self.quality.blown_share, 4),
                "uneven_stops": round(self.quality.uneven_stops, 2),
            },
            "crop": {
                "box": list(self.crop),
                "size": str(FrameSize(self.crop[2] - self.crop[0], self.crop[3] - self.crop[1])),
            },
            "findings": [finding.to_json() for finding in self.findings],
        }


def examine_image(
    image: Path,
    *,
    size: str | None = None,
    face: str | None = None,
    crop: Path | None = None,
    numbers: Path | None = None,
) -> ImageReport:
    """Examine an image as the reference of a video.

    Args:
        image: The image file.
        size: Size of the video, as for `lipwright render`; None to derive it from the image.
        face: Which face speaks, in the form of `domain.face_choice`; None is the largest.
        crop: Path of a PNG file to write: the suggested crop; None to write none.
        numbers: Path of a PNG file to write: the image with the numbers of its faces; None to write none.

    Raises:
        UsageError: the size is invalid, or a file to write is the image or not a .png.
        InputError: the file is not an image, has no face, or the requested face is missing or too small.
        EngineUnavailable: the face model is not available.
        OutputError: a file cannot be written.
    """
    check_outputs([image], (crop, ".png"), (numbers, ".png"))
    original = read_image(image)
    tracker = FaceTracker()
    turn = find_turn(original, tracker)
    upright = Image(turned(original.rgb, turn)) if turn else original
    _, video = snap_size(size, upright.size, PORTRAIT.sizes)
    faces = faces_of(upright, tracker)
    with prefix_errors(image):
        speaker, several = choose_face(faces, face)
    quality = measure_face(upright, speaker)
    box = suggest_box(upright.size, speaker, video.width / video.height if size else None)
    with commit_together(crop, numbers) as staged:
        if crop is not None:
            write_png(staged[crop], cut(upright, box))
        if numbers is not None:
            write_png(staged[numbers], draw_numbers(upright, _numbers(faces), speaker))
    found = (*_sideways(turn, speaker), *several, *check_face(speaker, quality, upright.size, video))
    return ImageReport(upright.size, turn, video, faces, speaker, quality, box, found)


def check_reference(
    image: Image | None, size: FrameSize, engine: EngineDescription, *, speaks: bool, face: str | None = None
) -> tuple[Finding, ...]:
    """Check the reference image of a render before the engine starts.

    Args:
        image: The image; None if there is none.
        size: Size of the video.
        engine: The engine. If it requires a face, an image without a usable face raises an error. With other
            engines, which may animate a cartoon or a dog, such an image only causes a finding.
        speaks: True if the audio contains speech.
        face: Which face speaks, in the form of `domain.face_choice`; None is the largest.

    Raises:
        InputError: a face is required, and the image has none that is upright and large enough; or the
            requested face is missing.
        EngineUnavailable: a face is required, and the face model is not available.
    """
    if image is None:
        return (findings.DIALOGUE_WITHOUT_IMAGE(),) if speaks else ()
    try:
        return _check(image, size, engine, face)
    except EngineUnavailable as error:
        if engine.needs_face:
            raise
        return (findings.IMAGE_NOT_CHECKED(problem=error, hint=error.hint),)


def _check(
    image: Image, size: FrameSize, engine: EngineDescription, choice: str | None
) -> tuple[Finding, ...]:
    tracker = FaceTracker()
    turn = find_turn(image, tracker)
    if turn and engine.needs_face:
        sideways = findings.SIDEWAYS_IMAGE(how=_how(turn), turn_deg=turn)
        raise InputError(sideways.text, hint=sideways.advice)
    upright = Image(turned(image.rgb, turn)) if turn else image
    try:
        faces = faces_of(upright, tracker)
        face, several = choose_face(faces, choice)
    except InputError as error:
        if engine.needs_face or choice is not None:
            raise
        box = [0, 0, image.size.width, image.size.height]
        return (findings.NO_FACE_IN_IMAGE(problem=error.message, hint=error.hint, where={"box": box}),)
    if choice is not None and len(faces) > 1 and not engine.needs_face:
        several = (findings.FACE_NOT_HELD(count=len(faces), engine=engine.name, choice=choice),)
    if turn:  # the other findings are valid only for the turned image
        return _sideways(turn, face)
    return (*several, *check_face(face, measure_face(image, face), image.size, size))


def _sideways(turn: Turn, face: Face) -> tuple[Finding, ...]:
    if not turn:
        return ()
    box = [round(edge) for edge in face.box]
    return (findings.SIDEWAYS_IMAGE(how=_how(turn), turn_deg=turn, where={"box": box}),)


def _how(turn: Turn) -> str:
    return "is upside down" if turn == 180 else "is on its side"


def _numbers(faces: Sequence[Face]) -> dict[Face, int]:
    """Return the number of each face, by which `--face` chooses it."""
    order = left_to_right([face.box for face in faces])
    return {faces[index]: number for number, index in enumerate(order, 1)}


def _face_json(face: Face, number: int) -> dict[str, Any]:
    pose = pose_of(face.points)
    blinks = (face.blendshapes["eyeBlinkLeft"], face.blendshapes["eyeBlinkRight"])
    return {
        "number": number,
        "box": [round(edge, 1) for edge in face.box],
        "height_px": round(face.height_px, 1),
        "confidence": round(face.score, 4),
        "yaw_deg": round(pose.yaw_deg, 1),
        "pitch_deg": round(pose.pitch_deg, 1),
        "roll_deg": round(pose.roll_deg, 1),
        "mouth_opening": round(mouth_opening(face), 4),
        "eyes_closed": round(min(blinks), 3),
    }
