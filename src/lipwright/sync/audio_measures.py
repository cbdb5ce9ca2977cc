"""Examine the audio of a video: level, clipping and dropouts, and compare it with a recording."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.dropouts import find_dropouts
from lipwright.audio.level import Level
from lipwright.domain.media import Waveform
from lipwright.domain.sync_verdict import AudioMeasures

Floats = NDArray[np.float64]

MATCH_RATE_HZ = 8000
"""Sample rate at which audio is compared with a recording."""
ENVELOPE_RATE_HZ = 100
"""Rate of the envelopes by which the audio is located in the recording."""
MAX_COMPARED_SECONDS = 120
"""Maximum length of the section in which the waveforms of audio and recording are compared; two minutes are
enough."""
MIN_OVERLAP_SECONDS = 1.0
"""Minimum overlap of video and recording, in seconds. If the video or the recording is shorter than twice
this value, half the length of the shorter of the two is the minimum."""
MAX_CANDIDATES = 6
"""Maximum number of positions in the recording, besides a shift of 0, that are compared sample by sample."""


@dataclass(frozen=True, slots=True)
class MatchThresholds:
    """Thresholds for the correlation of a video's audio with a recording."""

    same: float = 0.90
    """Minimum correlation at which the audio counts as the recording itself, whatever its codec."""
    related: float = 0.35
    """Minimum correlation at which the audio counts as made from the recording."""


MATCH = MatchThresholds()


@dataclass(frozen=True, slots=True)
class RecordingMatch:
    """Comparison of a video's audio with the recording that it should contain."""

    correlation: float
    """Correlation of the waveforms at the best shift; 1 if they are identical."""
    shift_ms: float
    """Time in the video at which the recording starts; negative if the video starts within the recording."""
    seconds_missing: float
    """Total length of the parts that the video lacks at the beginning and end of the recording. Negative if
    the video contains the whole recording and is longer."""

    @property
    def same(self) -> bool:
        """True if the audio is the recording, with any codec."""
        return self.correlation >= MATCH.same

    @property
    def unrelated(self) -> bool:
        """True if the audio was not made from the recording."""
        return self.correlation < MATCH.related


def measure_audio(audio: Waveform | None, level: Level | None) -> AudioMeasures:
    """Measure level, clipping and dropouts.

    Args:
        audio: The video's audio in mono; None if the video has no audio.
        level: Level, measured before resampling and downmixing, because resampling hides clipping.
    """
    if audio is None or level is None:
        return AudioMeasures(None, None, 0, missing=True)
    return AudioMeasures(
        peak_dbfs=level.peak_dbfs,
        lufs=level.lufs,
        clipped=level.clipped_samples,
        dropouts=find_dropouts(audio),
    )


def match_recording(video: Waveform, recording: Waveform) -> RecordingMatch:
    """Find the position of a video's audio in a recording, and compare the two there.

    A few candidate positions are found by the envelopes; the waveforms are compared at these positions.

    Args:
        video: Audio at MATCH_RATE_HZ.
        recording: Audio at MATCH_RATE_HZ.
    """
    a, b = video.mono.astype(np.float64), recording.mono.astype(np.float64)
    correlation, shift = max(
        (_correlation_near(a, b, place) for place in _candidate_shifts(a, b)), default=(0.0, 0)
    )
    outside = max(0, -shift) + max(0, len(b) - (len(a) - shift))
    missing = outside if outside else len(b) - len(a)
    return RecordingMatch(min(1.0, correlation), shift * 1000 / MATCH_RATE_HZ, missing / MATCH_RATE_HZ)


def _candidate_shifts(a: Floats, b: Floats) -> list[int]:
    """Return the shifts, in samples, at which the envelopes of two signals agree best; 0 is among them."""
    hop = MATCH_RATE_HZ // ENVELOPE_RATE_HZ
    x, y = (_envelope(signal, hop) for signal in (a, b))
    if not len(x) or not len(y):
        return [0]
    size = 1 << (len(x) + len(y)).bit_length()
    spectra = [np.fft.rfft(part, size) for part in (x, y, x * x, np.ones(len(x)), y * y, np.ones(len(y)))]
    lags = np.arange(-len(y) + 1, len(x))
    cross, x_energy, y_energy, overlap = (
        np.fft.irfft(spectra[i] * np.conj(spectra[j]), size)[lags]
        for i, j in ((0, 1), (2, 5), (3, 4), (3, 5))
    )
    needed = min(MIN_OVERLAP_SECONDS * ENVELOPE_RATE_HZ, 0.5 * min(len(x), len(y)))
    energy = np.sqrt(np.maximum(x_energy * y_energy, 1e-12))
    # Chance correlations fall with the square root of the overlap, so agreement over a longer overlap counts
    # more.
    score = np.where(overlap >= needed, cross / energy * np.sqrt(np.maximum(overlap, 0)), -np.inf)
    found = [0]
    for _ in range(MAX_CANDIDATES):
        top = int(np.argmax(score))
        if not score[top] > 0:
            break
        found.append(int(lags[top]) * hop)
        score[max(0, top - 10) : top + 11] = -np.inf
    return found


def _envelope(signal: Floats, hop: int) -> Floats:
    """Return the level in dB at ENVELOPE_RATE_HZ, minus its moving average over 1 s."""
    power = np.add.reduceat(signal**2, np.arange(0, len(signal), hop)) / hop if len(signal) else signal
    level = 10 * np.log10(power + 1e-6 * power.max(initial=0.0) + 1e-20)
    smooth = np.convolve(np.pad(level, 50, mode="edge"), np.ones(101) / 101, "valid") if len(level) else level
    return np.asarray(level - smooth)


def _correlation_near(a: Floats, b: Floats, shift: int) -> tuple[float, int]:
    """Return the highest normalized correlation within 50 ms of `shift`, and the shift at which it occurs."""
    reach = MATCH_RATE_HZ // 20
    start_a, start_b = max(0, shift), max(0, -shift)
    count = min(len(a) - start_a, len(b) - start_b, MAX_COMPARED_SECONDS * MATCH_RATE_HZ)
    if count <= 0:
        return 0.0, shift
    x, y = a[start_a : start_a + count], b[start_b : start_b + count]
    size = 1 << (2 * count).bit_length()
    cross = np.fft.irfft(np.fft.rfft(x, size) * np.conj(np.fft.rfft(y, size)), size)
    lags = np.arange(-min(reach, count - 1), min(reach, count - 1) + 1)
    near = np.abs(cross[lags])
    lag = int(lags[int(np.argmax(near))])
    x, y = x[max(0, lag) :], y[max(0, -lag) :]
    kept = min(len(x), len(y))
    energy = float(np.sqrt((x[:kept] ** 2).sum() * (y[:kept] ** 2).sum()))
    return (float(near.max()) / energy if energy > 0 else 0.0), shift + lag
