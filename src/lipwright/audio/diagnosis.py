"""Diagnose a recording: make all measurements on which findings and repairs are based."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lipwright.audio import hum_detection, speech_events
from lipwright.audio.clipping_clicks import find_clicks
from lipwright.audio.dropouts import find_dropouts, find_fade_out
from lipwright.audio.frame_features import FRAME_S, MIN_POWER, FrameFeatures, frame_features, one_power_to_db
from lipwright.audio.level import Level
from lipwright.audio.pause_trimming import find_long_pauses
from lipwright.audio.source_stats import SourceStats
from lipwright.audio.speech_events import Event
from lipwright.domain.media import Waveform
from lipwright.domain.spans import runs
from lipwright.domain.time import Span, seconds_to_samples


@dataclass(frozen=True, slots=True)
class DiagnosisThresholds:
    """Limits beyond which the preparation repairs a fault."""

    noisy_db: float = 30.0
    """Signal-to-noise ratio below which audio is denoised."""
    dc_offset: float = 0.003
    """Minimum DC offset as a share of full scale (-50 dB)."""
    edge_under_speech_db: float = 20.0
    """The audio begins or ends abruptly if its first or last 10 ms are less than this many dB below the
    speech."""
    digital_silence_s: float = 0.1
    """Minimum length of digital silence."""
    digital_silence_power: float = 1e-10
    """Mean square below which audio counts as digital silence: -100 dBFS."""


DIAGNOSIS = DiagnosisThresholds()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Measurements of a recording, most of them made after its conversion to mono at the driver's rate."""

    source: SourceStats
    level: Level
    """Level of the source recording, with noise floor and SNR."""
    speech: tuple[Span, ...]
    features: FrameFeatures
    speech_power: float
    """Mean square of the speech, or of the whole audio if nobody speaks."""
    dc: float
    rumble_db: float
    """Level between 4 and 45 Hz, relative to the speech."""
    hum: hum_detection.Hum | None
    music: tuple[Span, float] | None
    """Span of music between words, and its level in dB relative to the speech; None if there is no music."""
    clipped: NDArray[np.int64]
    """[start, end) of each clipped peak, in samples of the driver, shape (n, 2)."""
    clicks: NDArray[np.int64]
    """[start, end) of each click, in samples of the driver, shape (n, 2)."""
    plosives: tuple[Event, ...]
    breaths: tuple[Event, ...]
    sibilance_db: float | None
    """Level of the band above 5 kHz in the sharpest s sounds, in dB relative to the speech; None if nobody
    speaks."""
    quiet: tuple[Event, ...]
    """Passages of speech that are much quieter than the rest of the speech."""
    hard_start: bool
    """True if the audio begins in the middle of a sound."""
    hard_end: bool
    long_pauses: tuple[Span, ...]
    """Pauses of more than 2 s."""
    dropouts: tuple[Span, ...]
    """Silent gaps with a hard cut before and after."""
    fade_out: Span | None
    """Span of a fade-out over the last words; None if there is none."""
    digital_silence: tuple[Span, ...]
    rate_hz: int
    """Sample rate of the driver."""
    seconds: float


def diagnose(
    samples: NDArray[np.float32], rate_hz: int, speech: Sequence[Span], source: SourceStats
) -> Diagnosis:
    """Diagnose a recording.

    Args:
        samples: Shape (n,): the recording at the driver's rate.
        rate_hz: Sample rate of `samples`.
        speech: Spans of speech.
        source: Statistics measured at the recording's own sample rate.
    """
    features = frame_features(samples, rate_hz, speech)
    power = max(speech_events.speech_power(features), MIN_POWER)
    hum = hum_detection.find_hum(samples, rate_hz, power)
    loud = one_power_to_db(power) - DIAGNOSIS.edge_under_speech_db
    rumble = max(hum_detection.rumble_power(samples, rate_hz), MIN_POWER)
    return Diagnosis(
        source=source,
        level=with_noise(source.level, features),
        speech=tuple(speech),
        features=features,
        speech_power=power,
        dc=float(samples.mean(dtype=np.float64)) if len(samples) else 0.0,
        rumble_db=10 * float(np.log10(rumble / power)),
        hum=hum,
        music=hum_detection.music_between_words(samples, rate_hz, speech, power, hum) if speech else None,
        clipped=_at_rate(source.clipped, rate_hz, len(samples)),
        clicks=find_clicks(samples, rate_hz),
        plosives=tuple(speech_events.find_plosives(features)),
        breaths=tuple(speech_events.find_breaths(features)),
        sibilance_db=speech_events.sibilance_db(features),
        quiet=tuple(speech_events.find_quiet_passages(features)),
        hard_start=bool(speech) and one_power_to_db(float(features.power[0])) > loud,
        hard_end=bool(speech) and one_power_to_db(float(features.power[-1])) > loud,
        long_pauses=find_long_pauses(samples, rate_hz, speech, len(samples) / rate_hz),
        dropouts=find_dropouts(Waveform(samples[None], rate_hz)) if speech else (),
        fade_out=find_fade_out(features),
        digital_silence=tuple(
            Span(a * FRAME_S, b * FRAME_S)
            for a, b in runs(features.power < DIAGNOSIS.digital_silence_power)
            if (b - a) * FRAME_S >= DIAGNOSIS.digital_silence_s
        ),
        rate_hz=rate_hz,
        seconds=len(samples) / rate_hz,
    )


def with_noise(level: Level, features: FrameFeatures) -> Level:
    """Return a copy of `level` with its noise floor and SNR filled in, if they can be measured."""
    noise = speech_events.noise_power(features)
    if noise is None or not features.spoken.any():
        return level
    power = max(speech_events.speech_power(features), MIN_POWER)
    speech_alone = max(power - noise, power / 100)
    floor = one_power_to_db(noise)
    return replace(level, noise_floor_dbfs=floor, snr_db=10 * float(np.log10(speech_alone)) - floor)


def _at_rate(clipped: Sequence[Span], rate_hz: int, length: int) -> NDArray[np.int64]:
    """Convert spans of clipped peaks to [start, end) in samples at the driver's rate, shape (n, 2).

    Each span is extended by one sample on both sides, because resampling blurs the ends of a clipped peak.
    """
    tops = [[seconds_to_samples(edge, rate_hz) for edge in (span.start, span.end)] for span in clipped]
    wider = np.clip(np.array(tops, np.int64).reshape(-1, 2) + np.array([-1, 1]), 0, length)
    return np.asarray(wider[wider[:, 0] < wider[:, 1]])
