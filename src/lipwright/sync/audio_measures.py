"""What became of the audio in a video: levels, clipping, gaps, and whether it is the right one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.audio.level import Level
from lipwright.domain.media import Waveform
from lipwright.domain.sync import AudioMeasures
from lipwright.domain.time import Span

HOP_SECONDS = 0.005
GAP_DBFS = -75.0
"""Below this there is nothing, not even a room; of 16 bits it is the last two or three."""
GAP_BELOW_DB = 35.0
"""And so far below what is heard around it: audio that fades out is no gap."""
GAP_SECONDS = 0.02
"""Shorter gaps are closures or a codec's own."""
LONGEST_GAP_SECONDS = 2.0
"""Longer ones are pauses that somebody silenced."""
EDGE_HOPS, EDGE_OVER_DB = 2, 12.0
"""Within so little of a gap, 10 ms, there is audio, so much over nothing: dropouts are cut. Closures and
pauses fade into silence, and over 30 ms at least, a synthesizer's too."""
FALL_HOPS, FALL_DB = 6, 25.0
"""Or, within so little of it, 30 ms, the audio falls by so much from one hop to the next: a codec lets what
was cut ring for as long as its block, some 40 dB below."""
QUIET_LUFS = -30.0
SAME = 0.90
"""Correlation with the recording from which audio is that recording, encoded."""
RELATED = 0.35
"""And from which it is at least made of it."""
MATCH_RATE_HZ = 8000
SEARCH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Match:
    """A video's audio against the recording it should deliver."""

    correlation: float
    """Of the waveforms, at the best shift; 1 is the same."""
    shift_ms: float
    """Positive: the video's audio comes later than in the recording."""
    seconds_missing: float
    """How much of the recording the video lacks at its end; negative: how much it has more."""

    @property
    def same(self) -> bool:
        """The recording itself, whatever codec carried it."""
        return self.correlation >= SAME

    @property
    def foreign(self) -> bool:
        """Another audio altogether."""
        return self.correlation < RELATED


def measure_audio(audio: Waveform | None, level: Level | None) -> AudioMeasures:
    """Levels, clipping and gaps of a video's audio.

    Args:
        audio: In mono; None where the video has none.
        level: As it was measured at the audio's own rate, in its own channels; clipping shows nowhere else.
    """
    if audio is None or level is None:
        return AudioMeasures(None, None, 0, missing=True)
    return AudioMeasures(
        peak_dbfs=level.peak_dbfs,
        lufs=level.lufs,
        clipped=level.clipped_samples,
        dropouts=find_dropouts(audio),
    )


def find_dropouts(audio: Waveform) -> tuple[Span, ...]:
    """Gaps that were cut into the audio: there before, there after, nothing between."""
    mono = audio.mono
    hop = max(1, round(audio.rate_hz * HOP_SECONDS))
    frames = len(mono) // hop
    if frames < 8:
        return ()
    rows = mono[: frames * hop].reshape(frames, hop)
    power = np.einsum("ij,ij->i", rows, rows, dtype=np.float64) / hop  # no squared copy of the audio
    level = 10 * np.log10(power + 1e-20)
    silent = level < GAP_DBFS
    edges = np.flatnonzero(np.diff(np.concatenate([[False], silent, [False]]).astype(np.int8)))
    found = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        length = (end - start) * HOP_SECONDS
        if start == 0 or end == frames or not GAP_SECONDS <= length <= LONGEST_GAP_SECONDS:
            continue
        before, after = level[:start][::-1], level[end:]  # outwards
        loudest = max(float(side[:EDGE_HOPS].max()) for side in (before, after))
        if loudest > GAP_DBFS + GAP_BELOW_DB and _is_cut(before) and _is_cut(after):
            found.append(Span(round(float(start * HOP_SECONDS), 3), round(float(end * HOP_SECONDS), 3)))
    return tuple(found)


def _is_cut(level: NDArray[np.float64]) -> bool:
    """Whether the audio beside a gap ends abruptly.

    Args:
        level: dBFS of each hop, from the gap outwards.
    """
    near = np.maximum(level[: FALL_HOPS + 1], GAP_DBFS)
    stands = near[:EDGE_HOPS].max() > GAP_DBFS + EDGE_OVER_DB
    return bool(stands or np.max(np.diff(near), initial=0.0) > FALL_DB)


def match_sounds(video: Waveform, recording: Waveform) -> Match:
    """Compare a video's audio with the recording it was made from.

    Args:
        video: At MATCH_RATE_HZ.
        recording: At MATCH_RATE_HZ.
    """
    a, b = video.mono.astype(np.float64), recording.mono.astype(np.float64)
    missing = (len(b) - len(a)) / MATCH_RATE_HZ
    most = 120 * MATCH_RATE_HZ  # two minutes tell as much as an hour
    a, b = a[:most], b[:most]
    size = 1 << (len(a) + len(b)).bit_length()
    cross = np.fft.irfft(np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size)), size)
    reach = round(SEARCH_SECONDS * MATCH_RATE_HZ)
    lags = np.concatenate([np.arange(reach + 1), np.arange(-reach, 0)])
    near: NDArray[np.float64] = cross[lags]
    best = int(np.argmax(np.abs(near)))
    shift = int(lags[best])
    left, right = a[max(0, shift) :], b[max(0, -shift) :]
    n = min(len(left), len(right))
    energy = float(np.sqrt((left[:n] ** 2).sum() * (right[:n] ** 2).sum()))
    correlation = float(abs(near[best])) / energy if energy > 0 else 0.0
    return Match(min(1.0, correlation), shift * 1000 / MATCH_RATE_HZ, missing)
