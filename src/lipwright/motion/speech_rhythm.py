"""The rhythm of speech, measured in its audio: stressed syllables, pitch accents and phrases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from lipwright.audio.prosody import FRAME_SAMPLES, HOP_SAMPLES, RATE_HZ, speech_frames
from lipwright.domain.media import Waveform
from lipwright.domain.spans import runs
from lipwright.motion.visemes import CURVE_RATE_HZ

Floats = NDArray[np.float64]

PAUSE_DEPTH_DB = 26.0
"""A frame belongs to a pause if its level is more than this many dB below that of the loudest frames (99th
percentile). Only the frequency band of vowels is measured."""
MIN_PAUSE_SECONDS = 0.16
MIN_SYLLABLE_SECONDS = 0.11
MIN_ACCENT_INTERVAL_SECONDS = 0.35


@dataclass(frozen=True, slots=True, eq=False)
class SpeechRhythm:
    """The accents (stressed syllables) and phrases of a recording, with their times in seconds."""

    accents: Floats
    """Times of the accents, shape (n,)."""
    strengths: Floats
    """Strength of each accent, shape (n,): 0 for the weakest syllable of the recording, 1 for the
    strongest."""
    pitch_lift: Floats
    """How high the pitch of each accent is, shape (n,): 0 at the mean of all syllables or below, 1 at two
    standard deviations above the mean."""
    phrases: tuple[tuple[float, float], ...]
    """Start and end of each phrase, which is the speech between two pauses."""


def speech_rhythm(driver: Waveform, jaw: NDArray[np.float32]) -> SpeechRhythm:
    """Find the accents and phrases of a recording.

    `driver` is the audio that drives the face. `jaw` is the expected opening of the jaw, shape (n,), with
    CURVE_RATE_HZ values per second.
    """
    samples = driver.mono
    if driver.rate_hz != RATE_HZ:
        samples = soxr.resample(samples, driver.rate_hz, RATE_HZ)
    if len(samples) < RATE_HZ // 10:
        return SpeechRhythm(np.zeros(0), np.zeros(0), np.zeros(0), ())
    block = 30 * RATE_HZ  # bounds memory for long audio
    parts = [
        speech_frames(samples[first : first + block + FRAME_SAMPLES - HOP_SAMPLES])
        for first in range(0, max(1, len(samples) - FRAME_SAMPLES), block)
    ]
    level = np.concatenate([part.band_db for part in parts])
    hertz = np.concatenate([part.pitch_hz for part in parts])
    loudest = float(np.percentile(level, 99))
    phrases = _phrases(level > loudest - PAUSE_DEPTH_DB)
    half = round(MIN_SYLLABLE_SECONDS * CURVE_RATE_HZ)
    highest = np.max(np.lib.stride_tricks.sliding_window_view(np.pad(level, half), 2 * half + 1), 1)
    nuclei = np.flatnonzero((level >= highest) & (level > loudest - 0.8 * PAUSE_DEPTH_DB))
    if not len(nuclei):
        return SpeechRhythm(np.zeros(0), np.zeros(0), np.zeros(0), phrases)
    pitch = np.array([_pitch_at(hertz, int(n)) for n in nuclei])
    lift = np.nan_to_num(12 * np.log2(pitch / np.nanmedian(pitch))) if np.isfinite(pitch).any() else 0 * pitch
    opening = np.interp(nuclei, np.arange(len(jaw)), jaw)
    prominence = _standard(level[nuclei]) + 0.7 * _standard(lift) + 0.6 * _standard(opening)
    reach = MIN_ACCENT_INTERVAL_SECONDS * CURVE_RATE_HZ
    chosen = [
        i
        for i, value in enumerate(prominence)
        if value > -0.3 and value >= prominence[np.abs(nuclei - nuclei[i]) <= reach].max()
    ]
    rank = np.argsort(np.argsort(prominence)) / max(1, len(prominence) - 1)
    return SpeechRhythm(
        accents=nuclei[chosen] / CURVE_RATE_HZ,
        strengths=rank[chosen],
        pitch_lift=np.clip(_standard(lift)[chosen] / 2, 0, 1),
        phrases=phrases,
    )


def _phrases(talking: NDArray[np.bool_]) -> tuple[tuple[float, float], ...]:
    """Return start and end of each phrase, in seconds.

    `talking` has CURVE_RATE_HZ values per second. Phrases are separated by at least MIN_PAUSE_SECONDS.
    """
    spans: list[tuple[int, int]] = []
    for first, last in runs(talking):
        if spans and first - spans[-1][1] < MIN_PAUSE_SECONDS * CURVE_RATE_HZ:
            spans[-1] = spans[-1][0], last
        else:
            spans.append((first, last))
    return tuple(
        (first / CURVE_RATE_HZ, last / CURVE_RATE_HZ)
        for first, last in spans
        if last - first > MIN_SYLLABLE_SECONDS * CURVE_RATE_HZ
    )


def _pitch_at(hertz: Floats, frame: int) -> float:
    """Return the median pitch in Hz of the voiced frames within 60 ms of a frame; NaN if none is voiced."""
    near = hertz[max(0, frame - 6) : frame + 7]
    near = near[near > 0]
    return float(np.median(near)) if len(near) else float("nan")


def _standard(values: Floats) -> Floats:
    return np.asarray((values - values.mean()) / (values.std() + 1e-6))
