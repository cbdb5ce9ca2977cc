"""Find clipped peaks and clicks, and repair both by autoregressive interpolation.

Clipping is detected at the source's own sample rate, because resampling hides it; clicks are detected in the
mono audio at the driver's rate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.filters import blocks


@dataclass(frozen=True, slots=True)
class ClippingThresholds:
    """Thresholds for clipped peaks."""

    level: float = 0.99
    """Amplitude (full scale 1) above which any flat top counts as clipped."""
    run_samples: int = 3
    """Minimum length of a flat top, in samples."""
    flatness: float = 1 / 32_768
    """Largest difference between neighboring samples of a flat top: one quantization step of 16-bit audio. At
    48 kHz, sines of 40 Hz and more have rounder tops."""
    lowest: float = 0.1
    """Minimum amplitude (-20 dBFS) of flat tops in audio that was turned down after it clipped. Such tops all
    have the same height and steep edges. Unclipped tops can be flat as well, if the wave is slow, the sample
    rate is high or the bit depth is low; but their edges are not steep (`min_edge_drop`,
    `min_edge_drop_steps`)."""
    min_edge_drop: float = 8.0
    """Minimum drop at the steeper edge of a clipped top of n samples, as a multiple of n * `flatness`. The
    drop is measured over the n samples next to the top. For a parabola that is just flat enough to count
    as a flat top of n samples, the multiple is 2.3."""
    min_edge_drop_steps: float = 24.0
    """Minimum drop at the steeper edge of a clipped top, measured as for `min_edge_drop`, but in quantization
    steps of the audio. A parabola whose top is flat to within one step drops by 9 steps."""
    same_height: float = 0.002
    """Maximum difference between the highest top and tops that count as equally high, as a share of the
    height of the highest top."""
    least_tops: int = 5
    """Minimum number of equally high flat tops from which audio is known to have clipped before it was turned
    down. Unclipped peaks of a voice differ in height."""
    near_full_scale_level: float = 0.94
    """Amplitude above which samples count as close to full scale. A lossy codec turns flat tops into many
    such samples."""
    near_full_scale_share: float = 5e-4
    """Audio counts as clipped if at least this share of its samples is above `near_full_scale_level`. After
    AAC encoding, the share is up to 2e-4 in unclipped voices with their peak at full scale, and at least 1e-3
    in voices in which 3e-3 of the samples were clipped."""


CLIPPING = ClippingThresholds()


@dataclass(frozen=True, slots=True)
class ClickThresholds:
    """Thresholds for clicks, on the second-order difference of the samples, |x[n-1] - 2 x[n] + x[n+1]|."""

    piece_s: float = 0.01
    """Length of the pieces of audio that are compared with their surroundings."""
    neighbors: int = 5
    """The usual second-order difference around a piece is computed from the piece itself and from this many
    pieces on each side."""
    over_usual: float = 18.0
    """Minimum second-order difference of a click, divided by the usual second-order difference (the upper
    quartile) of the audio around the click. In the recordings measured, glottal pulses and plosives reached
    13."""
    least: float = 0.01
    """Minimum second-order difference of a click, for samples in -1..1; smaller clicks are inaudible."""
    end: float = 4.0
    """A click ends where the second-order difference falls below this multiple of the usual second-order
    difference of the audio around the click."""
    longest_samples: int = 36
    """Maximum length of a click: 1.5 ms at 24 kHz. Longer bursts are consonants."""


CLICK = ClickThresholds()


class ClippingMeter:
    """Finds the clipped peaks of one channel, which is passed block by block."""

    def __init__(self) -> None:
        self._held = np.zeros(0, np.float32)
        self._seen = 0
        self._runs: list[NDArray[np.int64]] = []
        self._sides = (_Side(1), _Side(-1))

    def push(self, block: NDArray[np.float32], *, last: bool = False) -> None:
        """Process the next samples, shape (n,); `last` marks the end of the audio."""
        piece = np.concatenate([self._held, block]) if len(self._held) else block
        at = self._seen - len(self._held)
        self._seen += len(block)
        # A flat top that reaches the end of the block may continue in the next one.
        held = 0 if last or not len(piece) else _trailing(piece, self._lowest())
        self._held = piece[len(piece) - held :].copy()
        piece = piece[: len(piece) - held]
        if len(piece) < CLIPPING.run_samples:
            return
        for side in self._sides:
            side.push(piece, at)
        if max(piece.max(), -piece.min()) >= CLIPPING.level:
            self._runs.append(at + _flat_runs(piece, np.abs(piece) >= CLIPPING.level))

    @property
    def runs(self) -> NDArray[np.int64]:
        """[start, end) of each clipped top, in samples, shape (n, 2)."""
        found = [(side.top, side.runs) for side in self._sides]
        lowered = [runs for top, runs in found if len(runs) >= CLIPPING.least_tops and top < CLIPPING.level]
        return np.concatenate([np.zeros((0, 2), np.int64), *self._runs, *lowered])

    def _lowest(self) -> float:
        """Return the lowest amplitude that can belong to a flat top."""
        tops = (max(CLIPPING.lowest, side.top * (1 - CLIPPING.same_height)) for side in self._sides)
        return min(CLIPPING.level, *tops)


class _Side:
    """Finds the flat tops of one sign (positive or negative) that are as high as the highest top so far."""

    def __init__(self, sign: int) -> None:
        self.top = 0.0
        self._sign = np.float32(sign)
        self._runs: list[NDArray[np.int64]] = []
        self._falls: list[NDArray[np.float64]] = []
        self._step = np.inf
        """Estimated quantization step of the audio: the smallest difference found so far between the highest
        and the second-highest value of a piece."""

    def push(self, piece: NDArray[np.float32], at: int) -> None:
        """Process samples, shape (n,); the first one is sample number `at` of the audio."""
        top = float(piece.max() if self._sign > 0 else -piece.min())
        if top < max(CLIPPING.lowest, self.top * (1 - CLIPPING.same_height)):
            return
        if top > self.top * (1 + CLIPPING.same_height):
            self._runs, self._falls = [], []
        self.top = max(self.top, top)
        up = piece * self._sign
        self._step = min(self._step, top - float(up[up < top].max(initial=-np.inf)))
        runs = _flat_runs(up, up >= self.top * (1 - CLIPPING.same_height))
        self._runs.append(at + runs)
        self._falls.append(np.array([_fall(up, start, end) for start, end in runs.tolist()]))

    @property
    def runs(self) -> NDArray[np.int64]:
        """[start, end) of each flat top with a steep edge, in samples, shape (n, 2)."""
        runs = np.concatenate([np.zeros((0, 2), np.int64), *self._runs])
        falls = np.concatenate([np.zeros(0), *self._falls])
        lengths = runs[:, 1] - runs[:, 0]
        least = np.maximum(
            CLIPPING.min_edge_drop * CLIPPING.flatness * lengths, CLIPPING.min_edge_drop_steps * self._step
        )
        return np.asarray(runs[falls > least], np.int64)


def _fall(up: NDArray[np.float32], start: int, end: int) -> float:
    """Return the drop at the steeper edge of a flat top, over as many samples as the top is long."""
    length = end - start
    sides = up[max(0, start - length) : start], up[end : end + length]
    return max((float(up[start] - some.min()) for some in sides if len(some)), default=0.0)


def _flat_runs(piece: NDArray[np.float32], high: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return [start, end) of each run of almost equal samples among those marked in `high`, shape (n, 2)."""
    places = np.flatnonzero(high)  # few samples, so that the block is not copied
    ends = (np.diff(places) > 1) | (np.abs(np.diff(piece[places])) >= CLIPPING.flatness)
    firsts = places[np.concatenate([[True], ends])] if len(places) else places
    lasts = places[np.concatenate([ends, [True]])] if len(places) else places
    long = lasts + 1 - firsts >= CLIPPING.run_samples
    return np.stack([firsts[long], lasts[long] + 1], 1)


def _trailing(piece: NDArray[np.float32], lowest: float) -> int:
    """Count the samples at the end of a block that may be part of a flat top across the block boundary."""
    low = np.flatnonzero(np.abs(piece[-4096:]) < lowest)
    return min(len(piece), 4096) - 1 - int(low[-1]) if len(low) else 0


def find_clicks(samples: NDArray[np.float32], rate_hz: int) -> NDArray[np.int64]:
    """Find clicks in audio of shape (n,): jumps that last a few samples, which no voice can make.

    Returns:
        [start, end) of each click in samples, in order, shape (n, 2).
    """
    size = round(CLICK.piece_s * rate_hz)
    count = len(samples) // size
    if count < 2 * CLICK.neighbors + 1:
        return np.zeros((0, 2), np.int64)
    highest, usual = np.zeros(count), np.zeros(count)
    for part in blocks(count, 2000):
        rows = _second_difference(samples, part.start * size, part.stop * size).reshape(-1, size)
        highest[part] = rows.max(1)
        usual[part] = np.quantile(rows, 0.75, axis=1)
    padded = np.pad(usual, CLICK.neighbors, mode="edge")
    local = np.lib.stride_tricks.sliding_window_view(padded, 2 * CLICK.neighbors + 1).max(1)
    found: list[tuple[int, int]] = []
    longest = CLICK.longest_samples
    for piece in np.flatnonzero((highest > CLICK.over_usual * local) & (highest > CLICK.least)):
        start = max(0, int(piece) * size - longest)
        jumps = _second_difference(samples, start, min(len(samples), (int(piece) + 1) * size + longest))
        out = np.flatnonzero(jumps > max(CLICK.end * local[piece], CLICK.least / 4))
        if len(out) and out[-1] - out[0] < longest:
            begin, end = start + int(out[0]) - 2, start + int(out[-1]) + 3
            if found and begin <= found[-1][1]:
                found[-1] = (found[-1][0], max(end, found[-1][1]))
            else:
                found.append((max(0, begin), min(len(samples), end)))
    return np.array(found, np.int64).reshape(-1, 2)


def _second_difference(samples: NDArray[np.float32], start: int, stop: int) -> NDArray[np.float32]:
    """Return |x[n-1] - 2 x[n] + x[n+1]| for start <= n < stop; beyond the ends, the edge samples repeat."""
    piece = samples[max(0, start - 1) : stop + 1]
    piece = np.pad(piece, (max(0, 1 - start), max(0, stop + 1 - len(samples))), mode="edge")
    return np.asarray(np.abs(piece[:-2] - 2 * piece[1:-1] + piece[2:]), np.float32)


AR_ORDER = 40
"""Order of the linear prediction, in samples: 1.7 ms at 24 kHz, enough to predict speech well."""
CONTEXT_SAMPLES = 320
"""Number of undamaged samples used on each side of the damage: 13 ms at 24 kHz."""
LONGEST_REPAIR_SAMPLES = 240
"""Maximum length of damage that is repaired: 10 ms. Longer damage cannot be predicted and stays as it is."""
AR_ITERATIONS = 2
"""Number of estimation passes: the first uses the damaged audio, the second the repaired audio."""
MAX_DECLIP_GROWTH = 2.8
"""Maximum height of a restored peak, as a multiple of the clipped height (9 dB)."""


def interpolate_in_place(samples: NDArray[np.float32], bad: NDArray[np.int64], *, clipped: bool) -> int:
    """Restore clipped peaks, or replace clicks, in place.

    The damaged samples get the values that make the linear prediction error smallest: Janssen, Veldhuis and
    Vries, "Adaptive interpolation of discrete-time signals that can be modeled as autoregressive processes",
    IEEE Trans. ASSP 34, 1986. All other samples stay as they are.

    Args:
        samples: Shape (n,).
        bad: [start, end) of each peak or click, in order, shape (n, 2).
        clipped: True for clipped peaks, whose samples can only become larger; False for clicks.

    Returns:
        Number of samples changed.
    """
    changed = 0
    for start, end, where in _neighborhoods(bad, len(samples)):
        piece = samples[start:end].astype(np.float64)
        guess = _interpolated(piece, where)
        if guess is None:
            continue
        if clipped:
            held = piece[where]
            sign = np.sign(held)
            higher = guess * sign > np.abs(held)
            guess = np.where(higher, sign * np.minimum(guess * sign, MAX_DECLIP_GROWTH * np.abs(held)), held)
        samples[start + where] = guess
        changed += len(where)
    return changed


def _neighborhoods(bad: NDArray[np.int64], length: int) -> Iterator[tuple[int, int, NDArray[np.int64]]]:
    """Group damaged sections that are close together, and add CONTEXT_SAMPLES at both ends of each group.

    Yields:
        Start and end of a group with its context, in samples of the audio; and the indices of the damaged
        samples, relative to this start.
    """
    group: list[tuple[int, int]] = []
    beyond = length + 10 * CONTEXT_SAMPLES
    for begin, end in [*bad.tolist(), (beyond, beyond)]:
        apart = group and begin - group[-1][1] > AR_ORDER
        full = group and end - group[0][0] > 2 * LONGEST_REPAIR_SAMPLES
        if group and (apart or full):
            first = max(0, group[0][0] - CONTEXT_SAMPLES)
            last = min(length, group[-1][1] + CONTEXT_SAMPLES)
            where = np.unique(np.concatenate([np.arange(a, min(b, length)) for a, b in group]))
            if len(where) <= LONGEST_REPAIR_SAMPLES and last - first > 4 * AR_ORDER:
                yield first, last, where - first
            group = []
        group.append((max(0, begin), end))


def _interpolated(piece: NDArray[np.float64], where: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """Return predicted values for the damaged samples of a piece; None if prediction fails."""
    known = np.ones(len(piece), bool)
    known[where] = False
    index = np.arange(len(piece))
    guess = piece.copy()
    guess[where] = np.interp(where, index[known], piece[known])
    for _ in range(AR_ITERATIONS):
        error = _prediction_error_filter(guess)
        if error is None:
            return None
        # Row i of the prediction error is sum_k error[k] x[i + AR_ORDER - k]; take the columns of the damaged
        # samples.
        rows = len(piece) - AR_ORDER
        lag = index[AR_ORDER : AR_ORDER + rows, None] - where[None, :]
        inside = (lag >= 0) & (lag <= AR_ORDER)
        columns = np.where(inside, error[np.clip(lag, 0, AR_ORDER)], 0.0)
        rest = guess.copy()
        rest[where] = 0
        residual = np.convolve(rest, error)[AR_ORDER : AR_ORDER + rows]
        normal = columns.T @ columns
        normal[np.diag_indices_from(normal)] *= 1 + 1e-9
        guess[where] = np.linalg.solve(normal, -columns.T @ residual)
    return guess[where] if np.isfinite(guess).all() else None


def _prediction_error_filter(piece: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return the filter that gives the linear prediction error of a piece; None for silence.

    It is [1, -a1, ..., -ap], where a1 to ap are the prediction coefficients, p = AR_ORDER, estimated by the
    autocorrelation method.
    """
    windowed = piece * np.hanning(len(piece) + 2)[1:-1]
    spectrum = np.abs(np.fft.rfft(windowed, 2 * len(piece))) ** 2
    correlation = np.fft.irfft(spectrum)[: AR_ORDER + 1]
    if correlation[0] <= 0:
        return None
    correlation[0] *= 1 + 1e-9
    lags = np.abs(np.arange(AR_ORDER)[:, None] - np.arange(AR_ORDER)[None, :])
    return np.concatenate([[1.0], -np.linalg.solve(correlation[lags], correlation[1:])])
