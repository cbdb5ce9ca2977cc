"""Damaged samples made anew from their neighbours: clipped tops and clicks.

Speech is predicted well by its last two milliseconds. The samples known to be bad are chosen so that
the prediction error of the stretch around them is least (Janssen, Veldhuis and Vries,
"Adaptive interpolation of discrete-time signals that can be modeled as autoregressive
processes", IEEE Trans. ASSP 34, 1986). All other samples stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

ORDER = 40
CONTEXT = 320
"""Samples looked at on either side: 13 ms at 24 kHz."""
LONGEST = 240
"""A bad stretch longer than 10 ms cannot be guessed; it is left as it is."""
ROUNDS = 2
"""The prediction is estimated from a stretch that holds the guess: once more improves it."""
MAX_GROWTH = 2.8
"""No restored top is more than 9 dB above what was clipped."""


def restore_clipped(samples: NDArray[np.float32], bad: NDArray[np.int64]) -> int:
    """Give clipped tops their height back, in place.

    Args:
        samples: Shape (n,).
        bad: [start, end) of each clipped top, in order, shape (n, 2).

    Returns:
        How many samples were changed.
    """
    return _restore(samples, bad, clipped=True)


def remove_clicks(samples: NDArray[np.float32], bad: NDArray[np.int64]) -> int:
    """Replace clicks, in place; as restore_clipped."""
    return _restore(samples, bad, clipped=False)


def _restore(samples: NDArray[np.float32], bad: NDArray[np.int64], *, clipped: bool) -> int:
    changed = 0
    for start, end, where in _stretches(bad, len(samples)):
        piece = samples[start:end].astype(np.float64)
        guess = _interpolated(piece, where)
        if guess is None:
            continue
        if clipped:
            held = piece[where]
            sign = np.sign(held)
            higher = guess * sign > np.abs(held)
            guess = np.where(higher, sign * np.minimum(guess * sign, MAX_GROWTH * np.abs(held)), held)
        samples[start + where] = guess
        changed += len(where)
    return changed


def _stretches(bad: NDArray[np.int64], length: int) -> Iterator[tuple[int, int, NDArray[np.int64]]]:
    """Neighbouring bad runs, worked on together: the stretch, and the bad samples within it."""
    group: list[tuple[int, int]] = []
    for begin, end in [*bad.tolist(), (length + 10 * CONTEXT, length + 10 * CONTEXT)]:
        apart = group and begin - group[-1][1] > ORDER
        full = group and end - group[0][0] > 2 * LONGEST
        if group and (apart or full):
            first, last = max(0, group[0][0] - CONTEXT), min(length, group[-1][1] + CONTEXT)
            where = np.unique(np.concatenate([np.arange(a, min(b, length)) for a, b in group]))
            if len(where) <= LONGEST and last - first > 4 * ORDER:
                yield first, last, where - first
            group = []
        group.append((max(0, begin), end))


def _interpolated(piece: NDArray[np.float64], where: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """The bad samples of a stretch as prediction wants them; None where it says nothing."""
    known = np.ones(len(piece), bool)
    known[where] = False
    index = np.arange(len(piece))
    guess = piece.copy()
    guess[where] = np.interp(where, index[known], piece[known])
    for _ in range(ROUNDS):
        error = _prediction_error_filter(guess)
        if error is None:
            return None
        # Row i of the error is sum_k error[k] x[i + ORDER - k]: its columns of the bad samples.
        rows = len(piece) - ORDER
        lag = index[ORDER : ORDER + rows, None] - where[None, :]
        inside = (lag >= 0) & (lag <= ORDER)
        columns = np.where(inside, error[np.clip(lag, 0, ORDER)], 0.0)
        rest = guess.copy()
        rest[where] = 0
        residual = np.convolve(rest, error)[ORDER : ORDER + rows]
        normal = columns.T @ columns
        normal[np.diag_indices_from(normal)] *= 1 + 1e-9
        guess[where] = np.linalg.solve(normal, -columns.T @ residual)
    return guess[where] if np.isfinite(guess).all() else None


def _prediction_error_filter(piece: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """[1, -a1, ..., -ap] of the autocorrelation method."""
    windowed = piece * np.hanning(len(piece) + 2)[1:-1]
    spectrum = np.abs(np.fft.rfft(windowed, 2 * len(piece))) ** 2
    correlation = np.fft.irfft(spectrum)[: ORDER + 1]
    if correlation[0] <= 0:
        return None
    correlation[0] *= 1 + 1e-9
    lags = np.abs(np.arange(ORDER)[:, None] - np.arange(ORDER)[None, :])
    return np.concatenate([[1.0], -np.linalg.solve(correlation[lags], correlation[1:])])
