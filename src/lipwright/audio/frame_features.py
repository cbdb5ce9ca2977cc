"""Audio in frames of 10 ms: the powers that tell breath from word, and hum from room.

One pass, block by block; of an hour a few numbers per frame are kept, and no spectrum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.blocks import blocks
from lipwright.audio.filters import filtered, lowpass
from lipwright.domain.time import Span

HOP_S = 0.01
WINDOW = 512
"""Samples of a frame's spectrum: 21 ms at 24 kHz."""
FLOOR = 1e-12
"""Power called silence: -120 dB."""

LOW_HZ = 90.0
"""Bursts of breath against the microphone lie below this; voices hardly."""
HEARD_HZ = 90.0
"""Rumble and DC lie below, and are told apart."""
VOICE_HZ = (300.0, 3400.0)
SIBILANT_HZ = 5000.0
FLAT_HZ = (500.0, 6000.0)
"""Where flatness is judged."""

LOW_BAND = (LOW_HZ, 60.0)
"""Cut-off and transition of the filter that cuts the low band out."""
_FRAMES = 2000


@dataclass(frozen=True, slots=True)
class FrameFeatures:
    """Powers in each 10 ms, as mean squares; all arrays of shape (frames,)."""

    power: NDArray[np.float32]
    """Above 90 Hz."""
    low: NDArray[np.float32]
    """Below 90 Hz."""
    voice: NDArray[np.float32]
    """300 to 3400 Hz."""
    sibilant: NDArray[np.float32]
    """Above 5 kHz."""
    flatness: NDArray[np.float32]
    """Geometric over arithmetic mean of the power spectrum, 500 to 6000 Hz: noise 0.56, tones 0."""
    spoken: NDArray[np.bool_]
    """Frames that lie in speech."""

    @property
    def frames(self) -> int:
        """How many there are."""
        return len(self.power)


def frame_features(samples: NDArray[np.float32], rate_hz: int, speech: Sequence[Span]) -> FrameFeatures:
    """Look through audio.

    Args:
        samples: Shape (n,).
        rate_hz: Its rate.
        speech: Where somebody speaks, in seconds.
    """
    hop = round(rate_hz * HOP_S)
    frames = max(1, -(-len(samples) // hop))
    window = np.hanning(WINDOW).astype(np.float32)
    scale = 2 / (WINDOW * float((window**2).sum()))
    frequency = np.fft.rfftfreq(WINDOW, 1 / rate_hz)
    heard = frequency >= HEARD_HZ
    voice = (frequency >= VOICE_HZ[0]) & (frequency <= VOICE_HZ[1])
    sibilant = frequency >= SIBILANT_HZ
    flat = (frequency >= FLAT_HZ[0]) & (frequency <= FLAT_HZ[1])
    rows = {name: np.zeros(frames, np.float32) for name in ("power", "voice", "sibilant", "flatness")}
    for first, piece in _pieces(samples, hop, frames):
        spectra = np.abs(np.fft.rfft(piece * window)) ** 2
        at = slice(first, first + len(piece))
        rows["power"][at] = spectra[:, heard].sum(1) * scale
        rows["voice"][at] = spectra[:, voice].sum(1) * scale
        rows["sibilant"][at] = spectra[:, sibilant].sum(1) * scale
        judged = spectra[:, flat] + np.float32(FLOOR)
        rows["flatness"][at] = np.exp(np.log(judged).mean(1)) / judged.mean(1)
    return FrameFeatures(**rows, low=_low(samples, rate_hz, hop, frames), spoken=in_spans(speech, frames))


def in_spans(spans: Sequence[Span], frames: int) -> NDArray[np.bool_]:
    """Which frames lie in any of the spans, shape (frames,)."""
    mask = np.zeros(frames, bool)
    for span in spans:
        mask[max(0, int(span.start / HOP_S)) : max(0, int(np.ceil(span.end / HOP_S)))] = True
    return mask


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """[start, end) of each stretch of true frames in a mask of shape (frames,)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def decibels(power: NDArray[np.floating]) -> NDArray[np.float64]:
    """Mean squares of any shape in dB; never below -120."""
    return np.asarray(10 * np.log10(np.maximum(power, FLOOR)), np.float64)


def _pieces(samples: NDArray[np.float32], hop: int, frames: int) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Windows centred on each frame's middle; beyond the ends there is silence."""
    before = (WINDOW - hop) // 2
    for part in blocks(frames, _FRAMES):
        start = part.start * hop - before
        end = (part.stop - 1) * hop - before + WINDOW
        inner = samples[max(0, start) : min(end, len(samples))]
        padded = np.pad(inner, (max(0, -start), max(0, end - len(samples))))
        yield part.start, np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::hop]


def _low(samples: NDArray[np.float32], rate_hz: int, hop: int, frames: int) -> NDArray[np.float32]:
    power = np.zeros(frames)
    for where, band in filtered(samples, lowpass(rate_hz, *LOW_BAND)):
        index = np.arange(where.start, where.stop) // hop
        found = np.bincount(index - index[0], band.astype(np.float64) ** 2)
        power[index[0] : index[0] + len(found)] += found
    return (power / hop).astype(np.float32)
