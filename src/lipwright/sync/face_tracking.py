"""The people of a video: every face, followed from frame to frame.

A face is looked for near its last place, which costs a third of finding it anew. The whole
image is searched when nobody is followed, after a cut, and every few seconds for whoever came in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.domain.media import Image
from lipwright.face.landmarks import Face, FaceTracker
from lipwright.sync.frame_difference import FaceChange, LastImages

AT_MOST = 4
"""People followed at once: the largest."""
SEARCH_SECONDS = 3.0
"""How often the whole image is searched while somebody is followed."""
LOST_SEARCH_SECONDS = 0.4
"""And while nobody is: a video without faces must not cost more than one with."""
FORGOTTEN_SECONDS = 1.0
"""Whoever was not seen for so long is somebody new when he comes back."""
THUMB_PX = 64
"""Height of the grey image that cuts and still images are told by."""
CUT_CHANGE = 22.0
"""Mean change of grey level, of 255, that only a cut makes. On real talking heads the largest
without one was 6."""
MOST_HZ = 62.0
"""Faces are looked at so often and no oftener: twice the mouth's own band at any rate."""
SAME_PLACE = 0.35
"""Shared area, of the smaller box, from which two faces are one."""

STAYED, AS_LARGE = 0.6, 0.15
"""Shared area, and difference of the heights' logarithms, of somebody before and after a jump cut."""


@dataclass(frozen=True, slots=True)
class SeenFrame:
    """One frame of a video, looked at."""

    number: int
    seconds: float
    """When it is shown, by its own time stamp."""
    people: Mapping[int, Face]
    """Who is in it: a number per person, the same from frame to frame."""
    change: float
    """Mean change of grey level against the frame before, 0..255; 0 in the first."""
    changes: Mapping[int, FaceChange]
    """Per person, how his face's image changed from the frame before."""
    cut: bool
    """A new shot begins here."""


@dataclass(slots=True)
class _Person:
    face: Face
    last_seconds: float


@dataclass(slots=True)
class _Scene:
    people: dict[int, _Person] = field(default_factory=dict)
    before_cut: dict[int, _Person] = field(default_factory=dict)
    next_number: int = 0
    searched_seconds: float = -1e9
    looked_seconds: float = -1e9
    thumb: NDArray[np.float32] | None = None


def follow_people(
    frames: Iterable[tuple[Fraction, NDArray[np.uint8]]], tracker: FaceTracker
) -> Iterator[SeenFrame]:
    """Follow everybody through a video.

    Args:
        frames: Instants in seconds and images, shape (height, width, 3), RGB.
        tracker: Finds faces.

    Yields:
        Every frame, in order; memory does not grow.
    """
    scene = _Scene()
    images = LastImages()
    for number, (instant, rgb) in enumerate(frames):
        seconds = float(instant)
        thumb = _thumb(rgb)
        change = 0.0 if scene.thumb is None else float(np.abs(thumb - scene.thumb).mean())
        cut = change > CUT_CHANGE
        scene.thumb = thumb
        if cut:
            scene.before_cut, scene.people = scene.people, {}
        seen: dict[int, Face] = {}
        if cut or seconds - scene.looked_seconds >= 1 / MOST_HZ:
            scene.looked_seconds = seconds
            seen = _look_again(scene, tracker, rgb, seconds)
            wait = SEARCH_SECONDS if seen else LOST_SEARCH_SECONDS
            if cut or seconds - scene.searched_seconds >= wait:
                scene.searched_seconds = seconds
                seen |= _search(scene, tracker, rgb, seconds)
                scene.before_cut = {}
        images.take(rgb, cut=cut)
        changes = {name: images.change(face.box) for name, face in seen.items()}
        yield SeenFrame(number, seconds, seen, change, changes, cut)


def _look_again(
    scene: _Scene, tracker: FaceTracker, rgb: NDArray[np.uint8], seconds: float
) -> dict[int, Face]:
    seen: dict[int, Face] = {}
    for name, person in list(scene.people.items()):
        face = tracker.look_again(rgb, person.face)
        if face is not None and any(_shared(face.box, other.box) > SAME_PLACE for other in seen.values()):
            face = None  # two trackers have met on one face
        if face is not None:
            seen[name] = person.face = face
            person.last_seconds = seconds
        elif seconds - person.last_seconds > FORGOTTEN_SECONDS:
            del scene.people[name]
    return seen


def _search(scene: _Scene, tracker: FaceTracker, rgb: NDArray[np.uint8], seconds: float) -> dict[int, Face]:
    """Take in whoever is in the image and not followed yet.

    Returns:
        Who is new or found again.
    """
    found: dict[int, Face] = {}
    for face in tracker.find_faces(Image(rgb)):
        here = [person.face for person in scene.people.values() if person.last_seconds == seconds]
        if any(_shared(face.box, known.box) > SAME_PLACE for known in here):
            continue
        name = _known(face, scene.people, seconds)
        if name is None:
            name = _stayed(face, scene.before_cut)
            if name is None:
                if len(scene.people) >= AT_MOST:
                    continue
                name, scene.next_number = scene.next_number, scene.next_number + 1
        scene.people[name] = _Person(face, seconds)
        found[name] = face
    return found


def _known(face: Face, people: Mapping[int, _Person], seconds: float) -> int | None:
    """Somebody who was lost for a moment, near his last place."""
    lost = {name: person for name, person in people.items() if person.last_seconds < seconds}
    return next((n for n, person in lost.items() if _shared(face.box, person.face.box) > SAME_PLACE), None)


def _stayed(face: Face, before_cut: dict[int, _Person]) -> int | None:
    """Who stands where somebody stood before a cut, and as large, is himself: a jump cut."""
    for name, person in before_cut.items():
        as_large = abs(np.log(face.height_px / person.face.height_px)) < AS_LARGE
        if as_large and _shared(face.box, person.face.box) > STAYED:
            del before_cut[name]
            return name
    return None


def _thumb(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    width = max(8, round(THUMB_PX * rgb.shape[1] / rgb.shape[0]))
    small = cv2.resize(rgb, (width, THUMB_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.float32)


def _shared(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    """Shared area over the smaller box's."""
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return 0.0
    return wide * high / min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
