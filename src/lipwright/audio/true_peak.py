"""True peak: how high the audio between the samples goes (BS.1770-4, annex 2: four times the rate)."""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray

FACTOR = 4
PIECE = 4096
"""Samples looked at together."""
MARGIN = 128
"""Samples of context on either side: the interpolator's reach."""
WORTH = 0.7
"""A piece whose samples stay below this share of the highest so far is not interpolated: what
lies between samples is less than 3 dB above them but for test signals."""


class TruePeakMeter:
    """The highest value between samples of audio that comes block by block."""

    def __init__(self, channels: int) -> None:
        self._held = np.zeros((channels, 0), np.float32)
        self._next = 0
        self.highest = 0.0
        """Amplitude so far."""

    def push(self, block: NDArray[np.float32], *, last: bool = False) -> None:
        """Take the next samples, shape (channels, n); `last` ends the audio."""
        held = np.concatenate([self._held, block], 1)
        end = held.shape[1] - (0 if last else MARGIN)
        for start in range(self._next, end, PIECE):
            for row in held:
                self._look(row, start, min(start + PIECE, end))
        self._next = max(self._next, end)
        cut = max(0, self._next - MARGIN)
        self._held, self._next = held[:, cut:].copy(), self._next - cut

    def _look(self, row: NDArray[np.float32], start: int, stop: int) -> None:
        piece = row[start:stop]
        top = float(np.abs(piece).max(initial=0.0))
        if top <= self.highest * WORTH:
            return
        around = row[max(0, start - MARGIN) : stop + MARGIN]
        padded = np.pad(around, MARGIN)
        fine = soxr.resample(padded, 1, FACTOR, quality="HQ")
        first = FACTOR * (MARGIN + start - max(0, start - MARGIN))
        fine = fine[first : first + FACTOR * (stop - start)]
        self.highest = max(self.highest, top, float(np.abs(fine).max(initial=0.0)))
