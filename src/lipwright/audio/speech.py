"""Where somebody speaks.

The detector hears 32 ms at a time at 16 kHz. It is fed block by block, so that memory
does not grow with the length of the audio, and at a fixed level, so that a whisper is
found as surely as a shout.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import soxr
from numpy.typing import NDArray

from lipwright.audio.blocks import blocks
from lipwright.audio.downmix import fold
from lipwright.audio.silero import HOP, RATE_HZ, Silero, frames_of
from lipwright.domain.media import Waveform
from lipwright.domain.time import Span

HOP_S = HOP / RATE_HZ

RISE, ON, OFF = 0.2, 0.5, 0.35
"""Speech is what passes ON and lasts until it falls below OFF (Silero's own defaults). It
begins where it rose above RISE on its way: weak first sounds take some frames to be sure of."""
MAX_RISE = 5
"""Frames (0.16 s) that the rise may take: a murmur that stays below ON is not a word's beginning."""
MIN_SPEECH_S = 0.1
"""Shorter bursts are clicks and breaths, not words."""
MIN_SILENCE_S = 0.2
"""Shorter gaps are the closures of stops and belong to the word."""
LEAD_S = 0.03
RELEASE_S = 0.032
"""The detector is sure of a word up to a frame after it began, and lets go two frames after
it ended (medians against espeak-ng's phones). One frame is taken back at either end, not two
at the last: rather a breath too many than a consonant lost."""

DETECTOR_DBFS = -26.0
"""Level at which speech is shown to the detector, as RMS: that of its training speech."""
MAX_GAIN_DB = 70.0
GATE_DB, RELATIVE_GATE_DB = -85.0, -10.0
"""Frames below the first are silence; below the mean of the rest by the second, pauses."""
LOUDEST = 0.01
"""Share of the frames, and two more, that are too loud to be counted: clicks, a slammed door."""


def find_speech(audio: Waveform) -> tuple[Span, ...]:
    """Find where somebody speaks.

    Args:
        audio: Any rate and channels; the channels are heard together.

    Returns:
        Spans in seconds, in order, apart from each other, within [0, audio.seconds].
        Pauses under 0.2 s and bursts under 0.1 s are none.
    """
    samples = fold(audio)
    gain = _detector_gain(samples, audio.rate_hz)
    if gain == 0:
        return ()
    return _to_spans(_probabilities(samples, audio.rate_hz, gain), audio.seconds)


def find_silences(speech: Sequence[Span], seconds: float, longer_than_s: float) -> tuple[Span, ...]:
    """The stretches without speech that are longer than `longer_than_s`, edges included."""
    starts = [0.0, *(span.end for span in speech)]
    ends = [*(span.start for span in speech), seconds]
    return tuple(
        Span(start, end) for start, end in zip(starts, ends, strict=True) if end - start > longer_than_s
    )


def _detector_gain(samples: NDArray[np.float32], rate_hz: int) -> float:
    """Factor that brings the speech to DETECTOR_DBFS; 0 where there is no audio.

    Gated like loudness (BS.1770): the mean power of the frames that are not pauses, so
    that long silences do not count; without the loudest, so that clicks do not either.
    """
    hop = max(1, round(rate_hz * HOP_S))
    power = np.concatenate(
        [np.zeros(0)]
        + [
            np.einsum("ij,ij->i", rows, rows, dtype=np.float64) / rows.shape[1]
            for block in blocks(len(samples), 1024 * hop)
            for rows in _rows(samples[block], hop)
        ]
    )
    power = np.sort(power[power > 10 ** (GATE_DB / 10)])
    if not len(power):
        return 0.0
    power = power[: max(1, int(len(power) * (1 - LOUDEST)) - 2)]
    power = power[power >= power.mean() * 10 ** (RELATIVE_GATE_DB / 10)]
    gain_db = min(DETECTOR_DBFS - 10 * np.log10(power.mean()), MAX_GAIN_DB)
    return float(10 ** (gain_db / 20))


def _rows(samples: NDArray[np.float32], hop: int) -> Iterator[NDArray[np.float32]]:
    """The whole frames as rows, then what is left as one short row."""
    whole = len(samples) // hop * hop
    if whole:
        yield samples[:whole].reshape(-1, hop)
    if whole < len(samples):
        yield samples[whole:][None]


def _probabilities(samples: NDArray[np.float32], rate_hz: int, gain: float) -> NDArray[np.float32]:
    """Probability of speech in each 32 ms; the last frame is filled up with silence."""
    detector = Silero()
    levelled = (np.clip(block * np.float32(gain), -1, 1) for block in _resampled(samples, rate_hz))
    return np.concatenate([detector.probabilities(frames) for frames in frames_of(levelled)])


def _resampled(samples: NDArray[np.float32], rate_hz: int) -> Iterator[NDArray[np.float32]]:
    """The audio at 16 kHz, block by block; soxr keeps every instant where it was."""
    if rate_hz == RATE_HZ:
        yield from (samples[block] for block in blocks(len(samples), 10 * rate_hz))
        return
    stream = soxr.ResampleStream(rate_hz, RATE_HZ, 1, dtype="float32", quality="HQ")
    for block in blocks(len(samples), 10 * rate_hz):
        yield stream.resample_chunk(samples[block], last=block.stop >= len(samples))


def _to_spans(voiced: NDArray[np.float32], seconds: float) -> tuple[Span, ...]:
    """Spans from probabilities: hysteresis, short gaps closed, short bursts dropped."""
    words: list[Span] = []
    start: int | None = None
    sure = False
    for i, probability in enumerate(voiced.tolist()):
        if probability < (OFF if sure else RISE):
            if start is not None and sure:
                words.append(Span(start * HOP_S - LEAD_S, i * HOP_S - RELEASE_S))
            start, sure = None, False
        else:
            start = i if start is None else start
            if not sure and probability >= ON:
                start, sure = max(start, i - MAX_RISE), True
    if start is not None and sure:
        words.append(Span(start * HOP_S - LEAD_S, seconds))
    joined: list[Span] = []
    for word in words:
        if joined and word.start - joined[-1].end < MIN_SILENCE_S:
            joined[-1] = Span(joined[-1].start, word.end)
        else:
            joined.append(word)
    return tuple(
        Span(max(0.0, span.start), min(seconds, span.end))
        for span in joined
        if span.seconds >= min(MIN_SPEECH_S, seconds / 2)
    )
