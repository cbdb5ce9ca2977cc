"""Clipping: flat tops, found at the audio's own rate; resampling would hide them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CLIP_LEVEL = 0.99
CLIP_RUN = 3
CLIP_FLATNESS = 1 / 32_768
"""Clipping is a flat top near full scale: at least 3 samples that differ by less than one
16-bit step. A sine's own top is rounder than that from 40 Hz upwards (at 48 kHz)."""
LOWERED = 0.1
"""Turned down after it was clipped, to -20 dB at most, audio has flat tops all at one height, and falls
from them as from an edge. A round top of slow waves, of high rates or of few bits looks flat as well, but:"""
EDGE = 8
"""a parabola with samples that differ by less than a step over a run falls, a run's length beyond it, by
2.3 times length and step. An edge falls by more than EDGE times that product."""
COARSE = 24
"""Nor is a fall an edge that is less than so many of the steps of which the audio is made near its top, for a
parabola as flat as one step falls by 9 there."""
ONE_HEIGHT = 0.002
MANY = 5
"""So many tops within ONE_HEIGHT of the highest: a voice's own tops differ by more."""

CROWD_LEVEL = 0.94
CROWDED = 5e-4
"""What a lossy codec leaves of flat tops is no flat top, but samples crowded against full scale. Of voices
normalised to their peak up to 0.02 % lie so high after AAC; with 0.3 % of all samples clipped 0.1 % and more
do. A hard limiter leaves as many."""


class CrowdMeter:
    """Counts samples near full scale, of audio that comes block by block."""

    def __init__(self) -> None:
        self._high = self._seen = 0

    def push(self, block: NDArray[np.float32]) -> None:
        """Take the next samples, of any shape."""
        self._seen += block.size
        if block.size and max(block.max(), -block.min()) >= CROWD_LEVEL:
            self._high += int((np.abs(block) >= CROWD_LEVEL).sum())

    @property
    def crowded(self) -> int:
        """How many there are; 0 where a loud voice has as many."""
        return self._high if self._high >= CROWDED * max(self._seen, 1) else 0


class ClippingMeter:
    """Flat tops of one channel that comes block by block."""

    def __init__(self) -> None:
        self._held = np.zeros(0, np.float32)
        self._seen = 0
        self._runs: list[NDArray[np.int64]] = []
        self._sides = (_Side(1), _Side(-1))

    def push(self, block: NDArray[np.float32], *, last: bool = False) -> None:
        """Take the next samples, shape (n,); `last` ends the audio."""
        piece = np.concatenate([self._held, block]) if len(self._held) else block
        at = self._seen - len(self._held)
        self._seen += len(block)
        # A top that reaches the block's end may go on in the next one.
        open_ = 0 if last or not len(piece) else _trailing(piece, self._lowest())
        self._held = piece[len(piece) - open_ :].copy()
        piece = piece[: len(piece) - open_]
        if len(piece) < CLIP_RUN:
            return
        for side in self._sides:
            side.push(piece, at)
        if max(piece.max(), -piece.min()) >= CLIP_LEVEL:
            self._runs.append(at + _flat(piece, np.abs(piece) >= CLIP_LEVEL))

    @property
    def runs(self) -> NDArray[np.int64]:
        """[start, end) in samples of each flat top, shape (n, 2)."""
        found = [(side.top, side.runs) for side in self._sides]
        lowered = [runs for top, runs in found if len(runs) >= MANY and top < CLIP_LEVEL]
        return np.concatenate([np.zeros((0, 2), np.int64), *self._runs, *lowered])

    def _lowest(self) -> float:
        """Samples from here on may belong to a top."""
        return min(CLIP_LEVEL, *(max(LOWERED, side.top * (1 - ONE_HEIGHT)) for side in self._sides))


class _Side:
    """The flat tops at the height of the highest sample so far, on one side of the middle."""

    def __init__(self, sign: int) -> None:
        self.top = 0.0
        self._sign = np.float32(sign)
        self._runs: list[NDArray[np.int64]] = []
        self._falls: list[NDArray[np.float64]] = []
        self._step = np.inf
        """From the top to the next sample that is lower, of all."""

    def push(self, piece: NDArray[np.float32], at: int) -> None:
        """Take samples, shape (n,); the first is number `at` of the audio."""
        top = float(piece.max() if self._sign > 0 else -piece.min())
        if top < max(LOWERED, self.top * (1 - ONE_HEIGHT)):
            return
        if top > self.top * (1 + ONE_HEIGHT):
            self._runs, self._falls = [], []
        self.top = max(self.top, top)
        up = piece * self._sign
        self._step = min(self._step, top - float(up[up < top].max(initial=-np.inf)))
        runs = _flat(up, up >= self.top * (1 - ONE_HEIGHT))
        self._runs.append(at + runs)
        self._falls.append(np.array([_fall(up, start, end) for start, end in runs.tolist()]))

    @property
    def runs(self) -> NDArray[np.int64]:
        """[start, end) of each that ends in an edge, shape (n, 2)."""
        runs = np.concatenate([np.zeros((0, 2), np.int64), *self._runs])
        falls = np.concatenate([np.zeros(0), *self._falls])
        lengths = runs[:, 1] - runs[:, 0]
        edged = falls > np.maximum(EDGE * CLIP_FLATNESS * lengths, COARSE * self._step)
        return np.asarray(runs[edged], np.int64)


def _fall(up: NDArray[np.float32], start: int, end: int) -> float:
    """How far the audio falls beside a top, within the top's own length; the farther of both sides."""
    length = end - start
    beside = up[max(0, start - length) : start], up[end : end + length]
    return max((float(up[start] - some.min()) for some in beside if len(some)), default=0.0)


def _flat(piece: NDArray[np.float32], high: NDArray[np.bool_]) -> NDArray[np.int64]:
    """[start, end) of the runs of high samples that hardly differ, shape (n, 2)."""
    places = np.flatnonzero(high)  # few, where the whole would be another copy of the block
    ends = (np.diff(places) > 1) | (np.abs(np.diff(piece[places])) >= CLIP_FLATNESS)
    firsts = places[np.concatenate([[True], ends])] if len(places) else places
    lasts = places[np.concatenate([ends, [True]])] if len(places) else places
    long = lasts + 1 - firsts >= CLIP_RUN
    return np.stack([firsts[long], lasts[long] + 1], 1)


def _trailing(piece: NDArray[np.float32], lowest: float) -> int:
    """Samples at the end that may belong to a top."""
    low = np.flatnonzero(np.abs(piece[-4096:]) < lowest)
    return min(len(piece), 4096) - 1 - int(low[-1]) if len(low) else 0
