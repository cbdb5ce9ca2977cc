"""The faces of a still picture, looked for once: the pipeline judges them, the portrait engine draws one."""

from __future__ import annotations

import weakref

from lipwright.domain.media import Picture
from lipwright.face.landmarks import Face, FaceTracker
from lipwright.face.windows import Pixels

_known: list[tuple[weakref.ref[Pixels], tuple[Face, ...]]] = []
"""The last picture, while it lives, and its faces. Not for frames of films: their memory is used again."""


def faces_of(picture: Picture, tracker: FaceTracker) -> tuple[Face, ...]:
    """Every face in a picture, largest first, as `FaceTracker.find_faces` has them.

    Args:
        picture: Not changed after it was asked for.
        tracker: Who looks, where it is not known yet.
    """
    for seen, faces in _known:
        if seen() is picture.rgb:
            return faces
    faces = tracker.find_faces(picture)
    _known[:] = [(weakref.ref(picture.rgb), faces)]
    return faces
