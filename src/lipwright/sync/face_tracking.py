"""Follow every face through a video.

A search for a face near its last position takes a third of the time of a search of the whole image. The whole
image is searched after a cut, while nobody is tracked, and every few seconds to find new people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.domain.media import Image
from lipwright.face.landmarks import Face, FaceTracker, shared_area
from lipwright.sync.face_appearance import measure_appearance
from lipwright.sync.frame_difference import FaceDifference, FrameHistory

MAX_PEOPLE = 4
"""Maximum number of people tracked at the same time: the largest faces."""
SEARCH_SECONDS = 3.0
"""Time between searches of the whole image while somebody is tracked."""
SEARCH_SECONDS_WITHOUT_FACE = 0.4
"""Time between searches of the whole image while nobody is tracked, so that a video without faces takes no
longer than a video with faces."""
MAX_ABSENCE_SECONDS = 1.0
"""Maximum time for which a person can be out of sight and keep the same number in `TrackedFrame.people`."""
THUMBNAIL_HEIGHT_PX = 64
"""Height of the gray image used to detect cuts and still images."""
MIN_CUT_DIFFERENCE = 22.0
"""Minimum mean gray-level difference (0..255) from the previous frame at which a frame starts a new shot. In
videos of real talking heads, the difference reaches 6 without a cut."""
MAX_TRACKING_HZ = 62.0
"""Maximum rate at which faces are located: more than twice the bandwidth of mouth motion."""
MIN_OVERLAP_SAME_FACE = 0.35
"""Minimum overlap of two detections of the same face, as a share of the smaller box."""
MIN_OVERLAP_JUMP_CUT, MAX_LOG_SIZE_RATIO_JUMP_CUT = 0.6, 0.15
"""Two faces before and after a jump cut belong to the same person if their boxes overlap by at least the
first value, as a share of the smaller box, and the logarithms of their heights differ by less than the second
value."""


@dataclass(frozen=True, slots=True)
class TrackedFrame:
    """Faces found in one frame."""

    number: int
    seconds: float
    """Presentation time, from the time stamp of the frame."""
    people: Mapping[int, Face]
    """Face of each visible person, by the person's number, which stays the same from frame to frame."""
    difference: float
    """Mean gray-level difference from the previous frame, 0..255; 0 in the first frame."""
    face_differences: Mapping[int, FaceDifference]
    """Gray-level difference of each person's face from the previous frame."""
    appearances: Mapping[int, NDArray[np.float32]]
    """Result of `measure_appearance` for each person's face."""
    cut: bool
    """True for the first frame of a new shot."""


@dataclass(slots=True)
class _Person:
    face: Face
    last_seconds: float


@dataclass(slots=True)
class _State:
    people: dict[int, _Person] = field(default_factory=dict)
    before_cut: dict[int, _Person] = field(default_factory=dict)
    next_number: int = 0
    searched_seconds: float = -1e9
    tracked_seconds: float = -1e9
    thumbnail: NDArray[np.float32] | None = None


def track_faces(
    frames: Iterable[tuple[Fraction, NDArray[np.uint8]]], tracker: FaceTracker
) -> Iterator[TrackedFrame]:
    """Follow all faces through a video.

    Args:
        frames: Presentation time in seconds, and RGB image of shape (height, width, 3), of each frame.
        tracker: Finds faces.

    Yields:
        The result for each frame, in order. Memory does not grow with the length of the video.
    """
    state = _State()
    history = FrameHistory()
    for number, (instant, rgb) in enumerate(frames):
        seconds = float(instant)
        thumbnail = _thumbnail(rgb)
        difference = 0.0 if state.thumbnail is None else float(np.abs(thumbnail - state.thumbnail).mean())
        cut = difference > MIN_CUT_DIFFERENCE
        state.thumbnail = thumbnail
        if cut:
            state.before_cut, state.people = state.people, {}
        visible: dict[int, Face] = {}
        if cut or seconds - state.tracked_seconds >= 1 / MAX_TRACKING_HZ:
            state.tracked_seconds = seconds
            visible = _track(state, tracker, rgb, seconds)
            wait = SEARCH_SECONDS if visible else SEARCH_SECONDS_WITHOUT_FACE
            if cut or seconds - state.searched_seconds >= wait:
                state.searched_seconds = seconds
                visible |= _search(state, tracker, rgb, seconds)
                state.before_cut = {}
        history.push(rgb, cut=cut)
        face_differences = {name: history.face_difference(face.box) for name, face in visible.items()}
        appearances = {name: measure_appearance(rgb, face) for name, face in visible.items()}
        yield TrackedFrame(number, seconds, visible, difference, face_differences, appearances, cut)


def _track(state: _State, tracker: FaceTracker, rgb: NDArray[np.uint8], seconds: float) -> dict[int, Face]:
    """Find the people of the previous frames near their last positions."""
    visible: dict[int, Face] = {}
    for name, person in list(state.people.items()):
        face = tracker.look_again(rgb, person.face)
        if face is not None and any(_same_face(face, other) for other in visible.values()):
            face = None  # two people were found at the same face
        if face is not None:
            visible[name] = person.face = face
            person.last_seconds = seconds
        elif seconds - person.last_seconds > MAX_ABSENCE_SECONDS:
            del state.people[name]
    return visible


def _search(state: _State, tracker: FaceTracker, rgb: NDArray[np.uint8], seconds: float) -> dict[int, Face]:
    """Search the whole image; return the people who are new or found again."""
    found: dict[int, Face] = {}
    for face in tracker.find_faces(Image(rgb)):
        here = [person.face for person in state.people.values() if person.last_seconds == seconds]
        if any(_same_face(face, known) for known in here):
            continue
        name = _recently_lost(face, state.people, seconds)
        if name is None:
            name = _before_jump_cut(face, state.before_cut)
            if name is None:
                if len(state.people) >= MAX_PEOPLE:
                    continue
                name, state.next_number = state.next_number, state.next_number + 1
        state.people[name] = _Person(face, seconds)
        found[name] = face
    return found


def _recently_lost(face: Face, people: Mapping[int, _Person], seconds: float) -> int | None:
    """Return the number of a person who was recently lost at the position of `face`; None without a match."""
    lost = {name: person for name, person in people.items() if person.last_seconds < seconds}
    return next((name for name, person in lost.items() if _same_face(face, person.face)), None)


def _before_jump_cut(face: Face, before_cut: dict[int, _Person]) -> int | None:
    """Return the number of the person whose face before a jump cut had about the position and size of `face`.

    The person is removed from `before_cut`. None without a match.
    """
    for name, person in before_cut.items():
        log_ratio = abs(np.log(face.height_px / person.face.height_px))
        overlap = shared_area(face.box, person.face.box)
        if log_ratio < MAX_LOG_SIZE_RATIO_JUMP_CUT and overlap > MIN_OVERLAP_JUMP_CUT:
            del before_cut[name]
            return name
    return None


def _thumbnail(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    width = max(8, round(THUMBNAIL_HEIGHT_PX * rgb.shape[1] / rgb.shape[0]))
    small = cv2.resize(rgb, (width, THUMBNAIL_HEIGHT_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.float32)


def _same_face(a: Face, b: Face) -> bool:
    return shared_area(a.box, b.box) > MIN_OVERLAP_SAME_FACE
