"""Draw the report image of a sync check: the offset over time, and the range that counts as in sync."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.domain.sync_verdict import IN_SYNC_MS, SyncReport

WIDTH, HEIGHT = 960, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 80, 930, 90, 340
_MAX_MS = 300.0
"""Largest offset on the axis, in ms above and below 0; larger offsets are drawn at the axis' ends."""

_INK, _FAINT, _GOOD, _BAND, _BAD = (
    (40, 40, 40),
    (150, 150, 150),
    (30, 130, 60),
    (222, 240, 226),
    (190, 50, 40),
)


def draw_sync(found: SyncReport) -> NDArray[np.uint8]:
    """Draw the verdict, and the offset of each time window as a horizontal line.

    Args:
        found: Result of the sync check.

    Returns:
        The image, shape (400, 960, 3), RGB.
    """
    canvas = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    good = found.verdict == "in-sync"

    _write(canvas, found.verdict, (_LEFT, 40), 0.9, _GOOD if good else _BAD, 2)
    _write(canvas, f"{found.offset_text()}, confidence {found.confidence:.2f}", (_LEFT, 70), 0.5, _INK)
    cv2.rectangle(canvas, (_LEFT, _y(IN_SYNC_MS[1])), (_RIGHT, _y(IN_SYNC_MS[0])), _BAND, -1)
    for level in (-200, -100, 0, 100, 200):
        cv2.line(canvas, (_LEFT, _y(level)), (_RIGHT, _y(level)), _FAINT, 1, cv2.LINE_AA)
        _write(canvas, f"{level:+d} ms" if level else "0 ms", (8, _y(level) + 5), 0.42, _INK)
    end = max((window.span.end for window in found.windows), default=1.0) or 1.0
    for window in found.windows:
        left, right = (
            round(_LEFT + (_RIGHT - _LEFT) * at / end) for at in (window.span.start, window.span.end)
        )
        if window.offset_ms is None:
            _write(canvas, "?", ((left + right) // 2 - 5, _y(0) - 6), 0.5, _FAINT)
            continue
        inside = IN_SYNC_MS[0] <= window.offset_ms <= IN_SYNC_MS[1]
        color = _GOOD if inside else _BAD
        cv2.line(
            canvas,
            (left + 2, _y(window.offset_ms)),
            (right - 2, _y(window.offset_ms)),
            color,
            3,
            cv2.LINE_AA,
        )
    _write(canvas, "0 s", (_LEFT, _BOTTOM + 24), 0.42, _INK)
    _write(canvas, f"{end:.1f} s", (_RIGHT - 40, _BOTTOM + 24), 0.42, _INK)
    _write(
        canvas,
        "above 0: the audio comes after the lips; shaded: in sync (EBU R37)",
        (_LEFT + 200, HEIGHT - 12),
        0.42,
        _FAINT,
        1,
    )
    return canvas


def _y(offset_ms: float) -> int:
    share = (max(-_MAX_MS, min(_MAX_MS, offset_ms)) + _MAX_MS) / (2 * _MAX_MS)
    return round(_BOTTOM - share * (_BOTTOM - _TOP))


def _write(  # noqa: PLR0917 - as cv2.putText
    canvas: NDArray[np.uint8],
    text: str,
    at: tuple[int, int],
    size: float,
    color: tuple[int, int, int],
    weight: int = 1,
) -> None:
    cv2.putText(canvas, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, color, weight, cv2.LINE_AA)
