"""Find the spans of speech.

Audio is passed to the detector in small blocks, so that memory does not grow with the length of the audio.
Before that, the level of the audio is adjusted to the level of the detector's training data, so that a
whisper is found as reliably as a shout.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from lipwright.audio.filters import blocks
from lipwright.audio.frame_features import mean_squares
from lipwright.audio.silero import FRAME_SAMPLES, RATE_HZ, Silero, frames_of
from lipwright.domain.media import Waveform
from lipwright.domain.spans import merge_spans, subtract_spans
from lipwright.domain.time import Span

FRAME_S = FRAME_SAMPLES / RATE_HZ


@dataclass(frozen=True, slots=True)
class SpeechThresholds:
    """Thresholds for converting probabilities to spans of speech."""

    on: float = 0.5
    """Probability above which speech is certain (Silero's default)."""
    off: float = 0.35
    """Speech lasts until the probability falls below this (Silero's default)."""
    rise: float = 0.2
    """If the probability rises to `on`, speech begins where it first exceeded this lower value, because the
    detector needs several frames to recognize a weak first speech sound."""
    max_rise_frames: int = 5
    """Maximum number of frames for the rise of the probability to `on` (0.16 s); a longer murmur before a
    word is not part of the word."""
    min_speech_s: float = 0.1
    """Minimum length of speech; shorter bursts are clicks and breaths."""
    min_silence_s: float = 0.2
    """Minimum length of a pause; shorter gaps are closures of stop consonants and belong to the word."""
    lead_s: float = 0.03
    """Time by which the start of speech is shifted earlier. For every first speech sound that espeak-ng can
    synthesize, the median delay of the detected start is at most one frame (32 ms)."""
    release_s: float = 0.032
    """Time by which the end of speech is shifted earlier: one frame. In speech by espeak-ng, the median delay
    of the detected end is two frames, whatever the last speech sound is. The shift is only one frame, so that
    no final consonant is lost."""


SPEECH = SpeechThresholds()


@dataclass(frozen=True, slots=True)
class DetectorLevel:
    """Level to which audio is brought for the detector; measured with gating, like loudness in BS.1770."""

    rms_dbfs: float = -26.0
    """Level of the speech that the detector was trained on."""
    max_gain_db: float = 70.0
    gate_dbfs: float = -85.0
    """Level below which frames count as silence."""
    relative_gate_db: float = -10.0
    """Level below which frames count as pauses, relative to the mean of the frames that are not silent."""
    ignored_share: float = 0.01
    """The loudest frames are ignored, because they may be clicks or a slammed door: this share of the frames
    above `gate_dbfs`, plus two more frames."""


LEVEL = DetectorLevel()


def find_speech(audio: Waveform) -> tuple[Span, ...]:
    """Find the spans of speech in audio of any rate and channels.

    Returns:
        Spans in order, without overlap, within [0, audio.seconds]. Pauses under 0.2 s do not divide speech;
        bursts under 0.1 s are not speech.
    """
    samples = audio.mono
    gain = _detector_gain(samples, audio.rate_hz)
    if gain == 0:
        return ()
    return _to_spans(_probabilities(samples, audio.rate_hz, gain), audio.seconds)


def find_silences(speech: Sequence[Span], seconds: float, longer_than_s: float) -> tuple[Span, ...]:
    """Return the spans without speech that are longer than `longer_than_s`, including those at the ends."""
    silences = subtract_spans([Span(0.0, seconds)], speech)
    return tuple(silence for silence in silences if silence.seconds > longer_than_s)


def _detector_gain(samples: NDArray[np.float32], rate_hz: int) -> float:
    """Return the factor that brings the speech to `LEVEL.rms_dbfs` for the detector; 0 for silence."""
    hop = max(1, round(rate_hz * FRAME_S))
    power = mean_squares(samples, hop)
    rest = samples[len(power) * hop :]
    power = np.append(power, mean_squares(rest, max(1, len(rest))))
    power = np.sort(power[power > 10 ** (LEVEL.gate_dbfs / 10)])
    if not len(power):
        return 0.0
    power = power[: max(1, int(len(power) * (1 - LEVEL.ignored_share)) - 2)]
    power = power[power >= power.mean() * 10 ** (LEVEL.relative_gate_db / 10)]
    gain_db = min(LEVEL.rms_dbfs - 10 * np.log10(power.mean()), LEVEL.max_gain_db)
    return float(10 ** (gain_db / 20))


def _probabilities(samples: NDArray[np.float32], rate_hz: int, gain: float) -> NDArray[np.float32]:
    """Return the probability of speech in each 32 ms; the last frame is padded with silence."""
    detector = Silero()
    leveled = (np.clip(block * np.float32(gain), -1, 1) for block in _resampled(samples, rate_hz))
    return np.concatenate([detector.probabilities(frames) for frames in frames_of(leveled)])


def _resampled(samples: NDArray[np.float32], rate_hz: int) -> Iterator[NDArray[np.float32]]:
    """Resample to 16 kHz block by block, without delay."""
    if rate_hz == RATE_HZ:
        yield from (samples[block] for block in blocks(len(samples), 10 * rate_hz))
        return
    stream = soxr.ResampleStream(rate_hz, RATE_HZ, 1, dtype="float32", quality="HQ")
    for block in blocks(len(samples), 10 * rate_hz):
        yield stream.resample_chunk(samples[block], last=block.stop >= len(samples))


def _to_spans(voiced: NDArray[np.float32], seconds: float) -> tuple[Span, ...]:
    """Convert probabilities to spans of speech, with hysteresis; close short gaps and drop short bursts."""
    words: list[Span] = []
    start: int | None = None
    sure = False
    for i, probability in enumerate(voiced.tolist()):
        if probability < (SPEECH.off if sure else SPEECH.rise):
            if start is not None and sure:
                words.append(Span(start * FRAME_S - SPEECH.lead_s, i * FRAME_S - SPEECH.release_s))
            start, sure = None, False
        else:
            start = i if start is None else start
            if not sure and probability >= SPEECH.on:
                start, sure = max(start, i - SPEECH.max_rise_frames), True
    if start is not None and sure:
        words.append(Span(start * FRAME_S - SPEECH.lead_s, seconds))
    return tuple(
        Span(max(0.0, span.start), min(seconds, span.end))
        for span in merge_spans(words, SPEECH.min_silence_s)
        if span.seconds >= min(SPEECH.min_speech_s, seconds / 2)
    )
