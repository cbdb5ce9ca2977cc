"""The picture side of a render: the face that will speak, cropped to the film."""

from __future__ import annotations

from lipwright.domain.finding import Finding
from lipwright.domain.media import FrameSize, Picture
from lipwright.face.crop import fit_picture
from lipwright.face.landmarks import FaceTracker, choose_face


def fit_portrait(picture: Picture, size: FrameSize) -> tuple[Picture, tuple[Finding, ...]]:
    """The picture in the film's size, cropped around the face that will speak.

    Args:
        picture: As it was read.
        size: Of the film.

    Returns:
        A picture of exactly `size`, and what was noticed.

    Raises:
        InputError: no face, or one too small.
        EngineUnavailable: the face model is not to be had.
    """
    face, findings = choose_face(FaceTracker().find_faces(picture))
    return fit_picture(picture, size, face), findings
