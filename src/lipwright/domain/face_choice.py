"""Choose one of several faces: `--face N|left|right|X,Y`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from lipwright.domain.text import pluralize, shorten
from lipwright.errors import InputError, UsageError

Box = tuple[float, float, float, float]
"""A rectangle in pixels: left, top, right, bottom."""

SIDES = ("left", "right")
HAIR_SHARE = 0.5
"""Margin around the box of a face's landmarks, as a share of the box's width and height. A point in this
margin still selects the face, because the landmarks end at the forehead and leave out the hair."""

_POINT = re.compile(r"(\d{1,5}(?:\.\d{1,6})?)\s*[,;]\s*(\d{1,5}(?:\.\d{1,6})?)")


def read_face_choice(given: Any) -> str:  # noqa: ANN401 - what the user or a table gave
    """Parse the choice of a face: the number of the face (from 1), its side, or a point on it in pixels.

    Returns:
        The choice as text: "2", "left" or "120,340".

    Raises:
        UsageError: `given` is neither a number, nor a side, nor a point.

    >>> read_face_choice(2), read_face_choice(" Left "), read_face_choice("120, 340")
    ('2', 'left', '120,340')
    """
    text = "" if isinstance(given, bool) else str(given).strip().lower()
    point = _POINT.fullmatch(text)
    if point:
        return f"{point[1]},{point[2]}"
    if text in SIDES or (re.fullmatch(r"\d{1,3}", text) and int(text) > 0):
        return text
    raise UsageError(
        f"--face {shorten(given)} does not choose a face",
        hint="give left, right, a point X,Y in pixels, or the number of the face, counted from left to "
        "right as `lipwright image` shows it",
    )


def left_to_right(boxes: Sequence[Box]) -> list[int]:
    """Return the indices of faces from left to right, the order in which they are numbered.

    >>> left_to_right([(50, 0, 60, 9), (10, 0, 20, 9)])
    [1, 0]
    """
    return sorted(range(len(boxes)), key=lambda i: boxes[i][0] + boxes[i][2])


def find_chosen(choice: str, boxes: Sequence[Box]) -> int:
    """Return the index in `boxes` of the chosen face.

    Raises:
        InputError: there is no such face; the hint lists the faces found.
    """
    order = left_to_right(boxes)
    if choice in SIDES:
        return order[0 if choice == "left" else -1]
    if "," not in choice:
        if int(choice) <= len(order):
            return order[int(choice) - 1]
        raise _missing(choice, boxes, order)
    x, y = map(float, choice.split(","))
    near = [i for i in order if _contains(boxes[i], x, y)]
    if not near:
        raise _missing(choice, boxes, order)
    return min(
        near,
        key=lambda i: (boxes[i][0] + boxes[i][2] - 2 * x) ** 2 + (boxes[i][1] + boxes[i][3] - 2 * y) ** 2,
    )


def _contains(box: Box, x: float, y: float) -> bool:
    left, top, right, bottom = box
    across, down = HAIR_SHARE * (right - left), HAIR_SHARE * (bottom - top)
    return left - across <= x <= right + across and top - down <= y <= bottom + down


def _missing(choice: str, boxes: Sequence[Box], order: Sequence[int]) -> InputError:
    places = "; ".join(
        f"{number} around {(boxes[i][0] + boxes[i][2]) / 2:.0f},{(boxes[i][1] + boxes[i][3]) / 2:.0f}"
        for number, i in enumerate(order, 1)
    )
    found = pluralize(len(boxes), "face")
    missing = "there is no face at this point" if "," in choice else "no face has this number"
    return InputError(
        f"--face {choice}: {missing}; found {found}", hint=f"the faces, from left to right: {places}"
    )
