"""Music under speech: how far down, when, and how loud it all becomes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.gains import HOP_S, Curve
from lipwright.audio.level import from_db
from lipwright.audio.leveling import gain_for_loudness
from lipwright.audio.limiter import BLOCK_S, block_peaks, reduction
from lipwright.audio.loudness import LoudnessMeter
from lipwright.domain.time import Span

ATTACK_S = 0.3
"""The music has gone down when the word begins: the spans are known beforehand."""
RELEASE_S = 0.8
HOLD_S = 2.5
"""In pauses up to this long the music stays down: coming up and going down again is pumping."""
CEILING_DBFS = -2.0
"""Of samples; what lies between them stays under the -1 dBTP of EBU R128."""
FADE_OUT_S = 1.5


def duck_curve(speech: Sequence[Span], seconds: float, duck_db: float) -> Curve:
    """Gain of the music for each 10 ms: `duck_db` under speech, 0 dB elsewhere, straight ramps in dB.

    Args:
        speech: Where somebody speaks.
        seconds: Length of the mix.
        duck_db: At most 0.
    """
    frames = max(1, int(np.ceil(seconds / HOP_S)) + 1)
    depth = np.zeros(frames)
    at = np.arange(frames) * HOP_S
    for span in joined(speech):
        down = np.clip((at - (span.start - ATTACK_S)) / ATTACK_S, 0, 1)
        up = np.clip((span.end + RELEASE_S - at) / RELEASE_S, 0, 1)
        depth = np.maximum(depth, np.minimum(down, up))
    return np.asarray(10 ** (depth * duck_db / 20), np.float64)


def joined(speech: Sequence[Span]) -> list[Span]:
    """Speech with the pauses in which the music stays down."""
    spans: list[Span] = []
    for span in speech:
        if spans and span.start - spans[-1].end < HOLD_S:
            spans[-1] = Span(spans[-1].start, span.end)
        else:
            spans.append(span)
    return spans


class MixMeter:
    """What is needed to bring a mix to level, gathered block by block."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._rate_hz = rate_hz
        self._loudness = LoudnessMeter(rate_hz, channels)
        self._peaks: list[NDArray[np.float32]] = []

    def push(self, block: NDArray[np.float32]) -> None:
        """Take the next samples, shape (channels, n): whole milliseconds, but for the last block."""
        self._loudness.push(block)
        self._peaks.append(block_peaks(np.abs(block).max(0), self._rate_hz))

    def plan(self, ceiling_dbfs: float) -> tuple[float, NDArray[np.float32]]:
        """The gain that leads to -16 LUFS, and the limiter's gain for each 1 ms."""
        peaks = np.concatenate(self._peaks)
        highest = float(peaks.max(initial=0.0))
        if highest <= 0:
            return 1.0, np.ones(len(peaks), np.float32)
        ceiling = from_db(ceiling_dbfs)
        gain = gain_for_loudness(
            self._loudness.energies, peaks, from_db(-60) / highest, from_db(20) * ceiling / highest, ceiling
        )
        return gain, reduction(peaks, gain, ceiling)


def millisecond_gain(reduced: NDArray[np.float32], where: slice, rate_hz: int) -> NDArray[np.float32]:
    """The limiter's gain for the samples of a block, from that for each 1 ms."""
    size = rate_hz * BLOCK_S
    at = (np.arange(where.start, where.stop) + 0.5) / size - 0.5
    first = max(0, int(at[0]) - 1)
    near = reduced[first : int(at[-1]) + 3]
    return np.interp(at, first + np.arange(len(near)), near).astype(np.float32)


def in_step(*sounds: Iterator[NDArray[np.float32]], size: int) -> Iterator[list[NDArray[np.float32]]]:
    """Streams of blocks, shape (channels, any), as blocks of `size`, one of each at a time; equally long."""
    held: list[NDArray[np.float32]] = [np.zeros((0, 0), np.float32)] * len(sounds)
    while True:
        for number, audio in enumerate(sounds):
            while held[number].shape[1] < size:
                block = next(audio, None)
                if block is None:
                    break
                old = held[number]
                held[number] = np.concatenate([old, block], 1) if old.size else block
        count = min(size, *(piece.shape[1] for piece in held))
        if not count:
            return
        yield [piece[:, :count] for piece in held]
        held = [piece[:, count:] for piece in held]
