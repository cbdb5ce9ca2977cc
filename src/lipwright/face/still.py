"""The faces of a still image, looked for once: the pipeline judges them, the portrait engine draws one."""

from __future__ import annotations

import weakref

from lipwright.domain.media import Image
from lipwright.face.landmarks import Face, FaceTracker
from lipwright.face.windows import Pixels

_known: list[tuple[weakref.ref[Pixels], tuple[Face, ...]]] = []
"""The last image, while it lives, and its faces. Not for frames of videos: their memory is used again."""


def faces_of(image: Image, tracker: FaceTracker) -> tuple[Face, ...]:
    """Every face in an image, largest first, as `FaceTracker.find_faces` has them.

    Args:
        image: Not changed after it was asked for.
        tracker: Who looks, where it is not known yet.
    """
    for seen, faces in _known:
        if seen() is image.rgb:
            return faces
    faces = tracker.find_faces(image)
    _known[:] = [(weakref.ref(image.rgb), faces)]
    return faces
