"""Clicks: jumps of a few samples that no mouth makes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.blocks import blocks

PIECE_S = 0.01
AROUND = 5
"""Pieces on either side that tell what is usual there."""
STANDS_OUT = 18.0
"""A click's second difference over the usual one (upper quartile); glottal pulses and plosives reach
13 in the recordings measured."""
LEAST = 0.01
"""Second differences below this, of full scale, are not heard as clicks."""
EDGE = 4.0
"""A click ends where the second difference is back under so many times the usual."""
LONGEST = 36
"""Samples; longer bursts are consonants (1.5 ms at 24 kHz)."""


def find_clicks(samples: NDArray[np.float32], rate_hz: int) -> NDArray[np.int64]:
    """[start, end) of each click, in order, shape (n, 2)."""
    size = round(PIECE_S * rate_hz)
    count = len(samples) // size
    if count < 2 * AROUND + 1:
        return np.zeros((0, 2), np.int64)
    highest, usual = np.zeros(count), np.zeros(count)
    for part in blocks(count, 2000):
        rows = _second_difference(samples, part.start * size, part.stop * size).reshape(-1, size)
        highest[part] = rows.max(1)
        usual[part] = np.quantile(rows, 0.75, axis=1)
    padded = np.pad(usual, AROUND, mode="edge")
    local = np.lib.stride_tricks.sliding_window_view(padded, 2 * AROUND + 1).max(1)
    found: list[tuple[int, int]] = []
    for piece in np.flatnonzero((highest > STANDS_OUT * local) & (highest > LEAST)):
        start = max(0, int(piece) * size - LONGEST)
        jumps = _second_difference(samples, start, min(len(samples), (int(piece) + 1) * size + LONGEST))
        out = np.flatnonzero(jumps > max(EDGE * local[piece], LEAST / 4))
        if len(out) and out[-1] - out[0] < LONGEST:
            begin, end = start + int(out[0]) - 2, start + int(out[-1]) + 3
            if found and begin <= found[-1][1]:
                found[-1] = (found[-1][0], max(end, found[-1][1]))
            else:
                found.append((max(0, begin), min(len(samples), end)))
    return np.array(found, np.int64).reshape(-1, 2)


def _second_difference(samples: NDArray[np.float32], start: int, stop: int) -> NDArray[np.float32]:
    """|x[n-1] - 2 x[n] + x[n+1]| for start <= n < stop; the ends continue flat."""
    piece = samples[max(0, start - 1) : stop + 1]
    piece = np.pad(piece, (max(0, 1 - start), max(0, stop + 1 - len(samples))), mode="edge")
    return np.asarray(np.abs(piece[:-2] - 2 * piece[1:-1] + piece[2:]), np.float32)
