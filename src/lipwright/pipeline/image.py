"""What a portrait is like: its size, and the faces in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lipwright.domain.finding import Finding
from lipwright.domain.media import FrameSize
from lipwright.face.landmarks import Face, FaceTracker, choose_face
from lipwright.media.picture import read_picture


@dataclass(frozen=True, slots=True)
class ImageReport:
    """A picture, examined."""

    size: FrameSize
    faces: tuple[Face, ...]
    """Largest first; the first one speaks."""
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """The keys of `lipwright image --json`; boxes are left, top, right, bottom in pixels."""
        return {
            "size": str(self.size),
            "faces": [
                {
                    "box": [round(edge, 1) for edge in face.box],
                    "height_px": round(face.height_px, 1),
                    "confidence": round(face.score, 4),
                }
                for face in self.faces
            ],
            "findings": [finding.to_json() for finding in self.findings],
        }


def examine_image(image: Path) -> ImageReport:
    """Look for the face that will speak.

    Raises:
        InputError: no picture, no face in it, or one too small.
        EngineUnavailable: the face model is not to be had.
    """
    picture = read_picture(image)
    faces = FaceTracker().find_faces(picture)
    _, findings = choose_face(faces)
    return ImageReport(picture.size, faces, findings)
