"""Measure prosody: speaking rate, pitch, vocal effort.

This needs no transcript. Syllables are counted by their nuclei, the peaks of the vowel band (de Jong and
Wempe, "Praat script to detect syllable nuclei and measure speech rate automatically", 2009). Pitch is
estimated from the autocorrelation (Boersma 1993, without the search for the best path).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from lipwright.domain.media import Waveform
from lipwright.domain.prosody import Prosody
from lipwright.domain.time import Span

RATE_HZ = 16_000
HOP_SAMPLES = RATE_HZ // 100
"""Distance between frames: 10 ms."""
FRAME_SAMPLES = 4 * HOP_SAMPLES
"""Length of a frame: 40 ms, two periods of the deepest voice."""
MAX_SPEECH_S = 60.0
"""Maximum length of speech to measure: enough to characterize a speaker, without using much memory."""
MIN_SPEECH_S = 1.0
"""Minimum length of speech: shorter speech has too few syllables for measuring their rate."""

VOWEL_BAND_HZ = (300.0, 3300.0)
"""Band that contains the formants of vowels: above the fundamental of the voice, below the hiss of s."""
NUCLEUS_DIP_DB = 2.0
"""Minimum dip in level between two syllable nuclei (de Jong and Wempe)."""
NUCLEUS_RANGE_DB = 25.0
"""Peaks more than this many dB below the loudest frames (99th percentile) do not count as nuclei."""
SMOOTH_FRAMES = 5
PITCH_HZ = (65.0, 420.0)
VOICED_CORRELATION = 0.45
"""Minimum normalized autocorrelation of a voiced frame at its pitch period (Praat's threshold)."""


def measure_prosody(audio: Waveform, speech: Sequence[Span]) -> Prosody | None:
    """Measure the prosody of audio of any sample rate; None if there is less than a second of speech."""
    stretches, seconds = [], 0.0
    for part in _speech_of(audio, speech):
        stretches.append(speech_frames(part))
        seconds += len(part) / RATE_HZ
    if seconds < MIN_SPEECH_S:
        return None
    band = np.concatenate([each.band_db for each in stretches])
    floor = float(np.percentile(band, 99)) - NUCLEUS_RANGE_DB
    nuclei = sum(_count_nuclei(each, floor) for each in stretches)
    pitch = np.concatenate([each.pitch_hz for each in stretches])
    voiced = pitch > 0
    low, high = (np.concatenate([getattr(each, name) for each in stretches]) for name in ("low", "high"))
    hertz = _without_octave_errors(pitch[voiced]) if voiced.any() else np.ones(1)
    bottom, top = np.percentile(hertz, (10, 90))
    return Prosody(
        syllables_per_second=nuclei / seconds,
        pitch_hz=float(np.median(hertz)) if voiced.any() else 0.0,
        pitch_range_semitones=float(12 * np.log2(top / bottom)),
        effort_db=float(10 * np.log10((high[voiced].sum() + 1e-12) / (low[voiced].sum() + 1e-12))),
        voiced_share=float(voiced[band > floor].mean()),
        speech_seconds=seconds,
    )


def _speech_of(audio: Waveform, speech: Sequence[Span]) -> Iterator[NDArray[np.float32]]:
    """Yield the first MAX_SPEECH_S seconds of speech, span by span, at RATE_HZ."""
    samples, left = audio.mono, MAX_SPEECH_S
    for span in speech:
        end = min(span.end, span.start + left)
        part = samples[int(span.start * audio.rate_hz) : int(end * audio.rate_hz)]
        resampled = soxr.resample(part, audio.rate_hz, RATE_HZ) if len(part) else part
        if len(resampled) >= FRAME_SAMPLES:
            yield resampled
        left -= end - span.start
        if left <= 0:
            return


@dataclass(frozen=True, slots=True, eq=False)
class SpeechFrames:
    """Features of one section of speech, one value per 10 ms frame."""

    band_db: NDArray[np.float64]
    """Energy of the vowel band, in dB, smoothed."""
    low: NDArray[np.float64]
    """Energy below 1 kHz."""
    high: NDArray[np.float64]
    """Energy above 1 kHz."""
    pitch_hz: NDArray[np.float64]
    """Pitch; 0 in unvoiced frames."""


def speech_frames(part: NDArray[np.float32]) -> SpeechFrames:
    """Measure mono speech of shape (n,) at RATE_HZ, one frame every 10 ms."""
    frames = np.lib.stride_tricks.sliding_window_view(part.astype(np.float32), FRAME_SAMPLES)[::HOP_SAMPLES]
    frames = (frames - frames.mean(1, keepdims=True)) * np.hanning(FRAME_SAMPLES).astype(np.float32)
    power = np.abs(np.fft.rfft(frames, 2 * FRAME_SAMPLES, axis=1)) ** 2
    hertz = np.fft.rfftfreq(2 * FRAME_SAMPLES, 1 / RATE_HZ)

    def between(low: float, high: float) -> NDArray[np.float64]:
        return np.asarray(power[:, (hertz >= low) & (hertz < high)].sum(1), np.float64)

    band = between(*VOWEL_BAND_HZ)
    kernel = np.hanning(SMOOTH_FRAMES + 2)[1:-1]
    smooth = np.convolve(np.pad(band, SMOOTH_FRAMES // 2, mode="edge"), kernel / kernel.sum(), mode="valid")
    return SpeechFrames(
        band_db=10 * np.log10(smooth + 1e-10),
        low=between(50, 1000),
        high=between(1000, 5000),
        pitch_hz=_pitch(power),
    )


def _pitch(power: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the pitch of each frame in Hz, 0 if unvoiced, from power spectra of frames.

    The autocorrelation of a frame is divided by the autocorrelation of the window.
    """
    correlation = np.fft.irfft(power, axis=1)[:, :FRAME_SAMPLES]
    window = np.hanning(FRAME_SAMPLES)
    own = np.fft.irfft(np.abs(np.fft.rfft(window, 2 * FRAME_SAMPLES)) ** 2)[:FRAME_SAMPLES]
    shortest, longest = int(RATE_HZ / PITCH_HZ[1]), int(RATE_HZ / PITCH_HZ[0])
    normal = correlation[:, shortest:longest] / np.maximum(correlation[:, :1], 1e-10)
    normal = normal / (own[shortest:longest] / own[0])
    # Favor short periods a little; without this, twice the period would often win (Boersma's octave cost).
    lags = np.arange(shortest, longest)
    best = (normal - 0.02 * np.log2(lags / shortest)).argmax(1)
    strength = normal[np.arange(len(normal)), best]
    return np.where(strength > VOICED_CORRELATION, RATE_HZ / lags[best], 0.0)


def _without_octave_errors(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keep pitches between 0.75 times the first quartile and 1.5 times the third quartile.

    De Looze and Hirst, "Detecting changes in key and range for the automatic modelling and coding of
    intonation", 2008.
    """
    first, third = np.percentile(hertz, (25, 75))
    return np.asarray(hertz[(hertz >= 0.75 * first) & (hertz <= 1.5 * third)])


def _count_nuclei(frames: SpeechFrames, floor_db: float) -> int:
    """Count the syllable nuclei: voiced peaks above the floor with a dip of NUCLEUS_DIP_DB on either side."""
    peaks, rising = [], True
    peak = valley = float(frames.band_db[0])
    place = 0
    for i, level in enumerate([*frames.band_db.tolist(), -np.inf]):  # the end counts as a dip
        if rising and level > peak:
            peak, place = level, i
        elif rising and level < peak - NUCLEUS_DIP_DB:
            peaks.append((peak, place))
            rising, valley = False, level
        elif not rising and level < valley:
            valley = level
        elif not rising and level > valley + NUCLEUS_DIP_DB:
            rising, peak, place = True, level, i
    return sum(level > floor_db and bool(frames.pitch_hz[max(0, i - 2) : i + 3].any()) for level, i in peaks)
