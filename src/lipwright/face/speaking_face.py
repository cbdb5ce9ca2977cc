"""Choose the face that speaks among the faces found in an image; an image without a face is an error."""

from __future__ import annotations

import weakref
from collections.abc import Sequence

from lipwright.domain.face_choice import find_chosen
from lipwright.domain.finding import Finding
from lipwright.domain.media import Image
from lipwright.errors import InputError
from lipwright.face import findings
from lipwright.face.image_ops import Pixels
from lipwright.face.landmarks import MIN_FACE_PX, Face, FaceTracker


def choose_face(faces: Sequence[Face], choice: str | None = None) -> tuple[Face, tuple[Finding, ...]]:
    """Choose the face that speaks: the requested face, or the largest face if no face is requested.

    If there are several faces and none of them is requested, the result includes a finding.

    Args:
        faces: Result of `find_faces`.
        choice: Number of the face ("2"), its side ("left") or a point on it in pixels ("120,340"), as
            returned by `read_face_choice`; None for the largest face.

    Raises:
        InputError: `faces` is empty or does not contain the requested face, or the face is too small for
            drawing a mouth.
    """
    if not faces:
        raise InputError(
            "no face found in the image",
            hint="give an upright image of one person who faces the camera, with eyes and mouth uncovered "
            f"and a face at least {MIN_FACE_PX} pixels high",
        )
    face = faces[0] if choice is None else faces[find_chosen(choice, [face.box for face in faces])]
    if face.height_px < MIN_FACE_PX:
        raise InputError(
            f"the face is {face.height_px:.0f} pixels high; at least {MIN_FACE_PX} are needed",
            hint="give a larger image, or crop it to head and shoulders and scale it up",
        )
    if len(faces) == 1 or choice is not None:
        return face, ()
    box = [round(edge) for edge in face.box]
    return face, (findings.SEVERAL_FACES(count=len(faces), where={"box": box}),)


_last_image: tuple[weakref.ref[Pixels], tuple[Face, ...]] | None = None


def faces_of(image: Image, tracker: FaceTracker) -> tuple[Face, ...]:
    """Return `tracker.find_faces(image)`, cached so that the pipeline and the engine search only once.

    Only the result for the last image is cached, as long as that image exists. The cache does not notice if
    the pixels of the image change. So do not use this function for the frames of a video.
    """
    global _last_image  # noqa: PLW0603 - one entry of cache
    if _last_image is not None and _last_image[0]() is image.rgb:
        return _last_image[1]
    faces = tracker.find_faces(image)
    _last_image = weakref.ref(image.rgb), faces
    return faces
