"""What is wrong with a recording, measured; what to say and what to do about it is told elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lipwright.audio import events, hum_detection
from lipwright.audio.clicks import find_clicks
from lipwright.audio.events import Event
from lipwright.audio.frame_features import FLOOR, FrameFeatures, decibels, frame_features, runs
from lipwright.audio.level import Level
from lipwright.audio.source_stats import SourceStats
from lipwright.domain.time import Span, seconds_to_samples

DIGITAL_SILENCE_S = 0.1
QUIET_LOUDEST_DB = 20.0
"""Audio begins or ends hard where its first or last 10 ms are less than this below the speech."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A recording, examined as the model will hear it: mono, 24 kHz."""

    source: SourceStats
    level: Level
    """Of the source, with noise floor and SNR."""
    speech: tuple[Span, ...]
    seen: FrameFeatures
    speech_power: float
    """Mean square of the speech, or of everything where nobody speaks."""
    dc: float
    rumble_db: float
    """4 to 45 Hz, relative to the speech."""
    hum: hum_detection.Hum | None
    music: tuple[Span, float] | None
    """Where there is music between the words, and its level relative to the speech."""
    clipped: NDArray[np.int64]
    """[start, end) of each clipped top, in samples of the driver, shape (n, 2)."""
    clicks: NDArray[np.int64]
    """[start, end) of each click, in samples of the driver, shape (n, 2)."""
    plosives: tuple[Event, ...]
    breaths: tuple[Event, ...]
    sibilance_db: float | None
    quiet: tuple[Event, ...]
    """Passages of speech far under the rest."""
    hard_start: bool
    hard_end: bool
    """The audio begins or ends in the middle of something."""
    digital_silence: tuple[Span, ...]
    """Stretches in which nothing was recorded."""
    seconds: float

    @property
    def snr_db(self) -> float | None:
        """Speech over noise."""
        return self.level.snr_db


def diagnose(
    samples: NDArray[np.float32], rate_hz: int, speech: Sequence[Span], source: SourceStats
) -> Diagnosis:
    """Examine a recording.

    Args:
        samples: Shape (n,): the recording at the driver's rate; not changed.
        rate_hz: That rate.
        speech: Where somebody speaks, in seconds.
        source: What was measured at the recording's own rate.
    """
    seen = frame_features(samples, rate_hz, speech)
    power = max(events.speech_power(seen), FLOOR)
    level = with_noise(source.level, seen)
    hum = hum_detection.find_hum(samples, rate_hz, power)
    edges = decibels(np.array([seen.power[0], seen.power[-1]])) - 10 * np.log10(power)
    return Diagnosis(
        source=source,
        level=level,
        speech=tuple(speech),
        seen=seen,
        speech_power=power,
        dc=float(samples.mean(dtype=np.float64)) if len(samples) else 0.0,
        rumble_db=10 * float(np.log10(max(hum_detection.rumble_power(samples, rate_hz), FLOOR) / power)),
        hum=hum,
        music=hum_detection.music_between_words(samples, rate_hz, speech, power, hum) if speech else None,
        clipped=_at_rate(source.clipped, rate_hz, len(samples)),
        clicks=find_clicks(samples, rate_hz),
        plosives=tuple(events.find_plosives(seen)),
        breaths=tuple(events.find_breaths(seen)),
        sibilance_db=events.sibilance_db(seen),
        quiet=tuple(events.find_quiet_passages(seen)),
        hard_start=bool(edges[0] > -QUIET_LOUDEST_DB) and bool(speech),
        hard_end=bool(edges[1] > -QUIET_LOUDEST_DB) and bool(speech),
        digital_silence=_digital_silence(seen),
        seconds=len(samples) / rate_hz,
    )


def with_noise(level: Level, seen: FrameFeatures) -> Level:
    """A level with noise floor and SNR, as heard in a survey."""
    noise = events.noise_power(seen)
    if noise is None or not seen.spoken.any():
        return level
    power = max(events.speech_power(seen), FLOOR)
    speech_alone = max(power - noise, power / 100)
    floor = float(decibels(np.array([noise]))[0])
    return replace(level, noise_floor_dbfs=floor, snr_db=10 * float(np.log10(speech_alone)) - floor)


def _at_rate(clipped: Sequence[Span], rate_hz: int, length: int) -> NDArray[np.int64]:
    """Flat tops in samples of another rate, with the one sample on either side that resampling smears."""
    ends = [
        (
            max(0, seconds_to_samples(s.start, rate_hz) - 1),
            min(length, seconds_to_samples(s.end, rate_hz) + 1),
        )
        for s in clipped
    ]
    return np.array([end for end in ends if end[0] < end[1]], np.int64).reshape(-1, 2)


def _digital_silence(seen: FrameFeatures) -> tuple[Span, ...]:
    return tuple(
        Event(a, b, -120.0).span for a, b in runs(seen.power < 1e-10) if (b - a) * 0.01 >= DIGITAL_SILENCE_S
    )
