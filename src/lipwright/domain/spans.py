"""Join, cut and subtract spans of time; convert them to a mask; find runs of true values in a mask."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from lipwright.domain.time import Span


def merge_spans(spans: Sequence[Span], gap_s: float = 0.0) -> list[Span]:
    """Join spans that overlap or are at most `gap_s` seconds apart."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end + gap_s:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def clip_spans(spans: Sequence[Span], within: Span) -> list[Span]:
    """Return the parts of `spans` inside `within`; `spans` must be in order and without overlap."""
    return [Span(max(span.start, within.start), min(span.end, within.end)) for span in _near(spans, within)]


def subtract_spans(spans: Sequence[Span], removed: Sequence[Span]) -> list[Span]:
    """Return the parts of `spans` outside `removed`, which must be in order and without overlap."""
    left: list[Span] = []
    for span in spans:
        start = span.start
        for other in _near(removed, span):
            if other.start > start:
                left.append(Span(start, other.start))
            start = max(start, other.end)
        if start < span.end:
            left.append(Span(start, span.end))
    return left


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return [start, end) of each run of true values in a mask of shape (n,).

    >>> runs(np.array([True, False, True, True]))
    [(0, 1), (2, 4)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]])))
    return [(start, end) for start, end in edges.reshape(-1, 2).tolist()]


def mask_of(spans: Sequence[Span], step_s: float, count: int) -> NDArray[np.bool_]:
    """Return a mask of time steps, shape (count,): true for steps of `step_s` seconds that a span touches.

    >>> mask_of([Span(0.5, 1.5)], 1.0, 3).tolist()
    [True, True, False]
    """
    mask = np.zeros(count, bool)
    for span in spans:
        mask[max(0, int(span.start / step_s)) : max(0, int(np.ceil(span.end / step_s)))] = True
    return mask


def _near(spans: Sequence[Span], within: Span) -> Iterator[Span]:
    """Yield the spans that overlap `within`, found by a binary search; `spans` must be in order."""
    first = bisect_right(spans, within.start, key=attrgetter("end"))
    for at in range(first, len(spans)):
        if not spans[at].overlaps(within):
            break
        yield spans[at]
