"""Repair a recording before it is leveled.

The order of the repairs is: DC offset, rumble, hum, clipping, clicks, noise, plosives, sharp s sounds,
breaths, quiet passages. A repair is made only if the diagnosis or the user asks for it; the size of the
change is reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lipwright.audio import clipping_clicks, denoise, findings, hum_detection, speech_events
from lipwright.audio.diagnosis import DIAGNOSIS, Diagnosis
from lipwright.audio.dynamics import apply_curve, apply_curve_to_band
from lipwright.audio.filters import Samples, filter_in_place, highpass, lowpass, notch_in_place
from lipwright.audio.frame_features import (
    LOW_BAND_FILTER,
    SIBILANT_HZ,
    FrameFeatures,
    frame_features,
    one_power_to_db,
)
from lipwright.audio.level import from_db, to_db
from lipwright.domain.finding import Finding
from lipwright.domain.progress import Progress, ProgressCallback
from lipwright.domain.settings import Preparation

HIGHPASS_HZ, HIGHPASS_WIDTH_HZ = 55.0, 40.0
"""Cutoff and transition width of the high-pass filter: it passes 75 Hz, the lowest pitch of voices, and
removes 35 Hz."""
SIBILANT_WIDTH_HZ = 1000.0


@dataclass(frozen=True, slots=True)
class Action:
    """One step of the preparation that was applied."""

    name: str
    """Name of the step: `mono`, `resample`, `dc`, `rumble`, `hum`, `declip`, `declick`, `denoise`,
    `plosives`, `deess`, `breaths`, `quiet`, `shorten`, `trim`, `pad`, `fade`, `gain`, `limit`, `noise` or
    `dither`."""
    amount: float
    """Size of the change, in `unit`; negative if something was removed."""
    unit: str
    """Unit of `amount`: `dB`, `dBFS`, `s`, `Hz`, `samples`, `channels` or `bits`."""
    count: int = 1
    """Number of places at which the step was applied."""

    def to_json(self) -> dict[str, Any]:
        """Return an entry of `actions` in `lipwright audio --json`."""
        return {"action": self.name, "amount": self.amount, "unit": self.unit, "count": self.count}


def repair_in_place(
    samples: Samples, rate_hz: int, found: Diagnosis, options: Preparation, report: ProgressCallback
) -> tuple[list[Action], list[Finding]]:
    """Repair a recording of shape (n,) in place.

    Args:
        samples: The recording, changed in place.
        rate_hz: Samples per second.
        found: Diagnosis of the recording.
        options: Which repairs are allowed.
        report: Called after each step.

    Returns:
        The repairs that were made, in order, and findings about repairs that could not be made.

    Raises:
        EngineUnavailable: denoising was requested and is not available.
    """
    speech = options.kind == "speech" and bool(found.speech)
    actions: list[Action] = []
    actions += _dc(samples, found)
    if speech:
        actions += _rumble(samples, rate_hz, found)
        actions += _hum(samples, rate_hz, found)
    report(Progress("prepare", 1, 10))
    if options.declip != "off":
        actions += _declip(samples, found)
    if speech:
        actions += _declick(samples, rate_hz)
    report(Progress("prepare", 2, 10))
    denoised, missing = _denoise(samples, rate_hz, found, options)
    actions += denoised
    report(Progress("prepare", 6, 10))
    if speech or options.deess == "on":
        # Measure again, because denoising changes all levels.
        features = frame_features(samples, rate_hz, found.speech) if actions else found.features
        if speech:
            actions += _plosives(samples, rate_hz, features)
        actions += _deess(samples, rate_hz, features, options)
        if speech:
            actions += _breaths(samples, rate_hz, features, found)
            actions += _quiet_passages(samples, rate_hz, features)
    report(Progress("prepare", 7, 10))
    return actions, missing


def _dc(samples: Samples, found: Diagnosis) -> list[Action]:
    if abs(found.dc) <= DIAGNOSIS.dc_offset:
        return []
    samples -= np.float32(found.dc)
    return [Action("dc", to_db(abs(found.dc)), "dBFS")]


def _rumble(samples: Samples, rate_hz: int, found: Diagnosis) -> list[Action]:
    if found.rumble_db <= -hum_detection.RUMBLE.below_speech_db:
        return []
    before = hum_detection.rumble_power(samples, rate_hz)
    filter_in_place(samples, highpass(rate_hz, HIGHPASS_HZ, HIGHPASS_WIDTH_HZ))
    after = hum_detection.rumble_power(samples, rate_hz)
    return [Action("rumble", one_power_to_db(after) - one_power_to_db(before), "dB")]


def _hum(samples: Samples, rate_hz: int, found: Diagnosis) -> list[Action]:
    if found.hum is None:
        return []
    notch_in_place(samples, rate_hz, found.hum.lines_hz)
    left = hum_detection.find_hum(samples, rate_hz, found.speech_power)
    level = left.level_db if left is not None else -hum_detection.HUM.below_speech_db
    return [Action("hum", min(0.0, level - found.hum.level_db), "dB", len(found.hum.lines_hz))]


def _declip(samples: Samples, found: Diagnosis) -> list[Action]:
    if not len(found.clipped):
        return []
    changed = clipping_clicks.interpolate_in_place(samples, found.clipped, clipped=True)
    return [Action("declip", changed, "samples", len(found.clipped))] if changed else []


def _declick(samples: Samples, rate_hz: int) -> list[Action]:
    # Search for clicks again: a restored top is no click, and a filter may have hidden some clicks.
    clicks = clipping_clicks.find_clicks(samples, rate_hz)
    if not len(clicks):
        return []
    changed = clipping_clicks.interpolate_in_place(samples, clicks, clipped=False)
    return [Action("declick", changed, "samples", len(clicks))]


def _denoise(
    samples: Samples, rate_hz: int, found: Diagnosis, options: Preparation
) -> tuple[list[Action], list[Finding]]:
    snr_db = found.level.snr_db
    noisy = snr_db is not None and snr_db < DIAGNOSIS.noisy_db
    needed = options.kind == "speech" and bool(found.speech) and (noisy or found.music is not None)
    if options.denoise == "off" or (options.denoise == "auto" and not needed):
        return [], []
    missing = denoise.missing_requirement()
    if missing and options.denoise == "auto":
        return [], [findings.NOT_DENOISED(where={"start": 0.0, "end": found.seconds}, why=missing)]
    before = speech_events.noise_power(found.features)
    gain = from_db(denoise.SPEECH_DBFS) / float(np.sqrt(found.speech_power))
    denoise.denoise_in_place(samples, rate_hz, gain)
    after = speech_events.noise_power(frame_features(samples, rate_hz, found.speech))
    change = one_power_to_db(after) - one_power_to_db(before) if before and after else 0.0
    return [Action("denoise", max(-denoise.MAX_REDUCTION_DB, change), "dB")], []


def _plosives(samples: Samples, rate_hz: int, features: FrameFeatures) -> list[Action]:
    found = speech_events.find_plosives(features)
    if not found:
        return []
    curve = speech_events.plosive_curve(features, found)
    apply_curve_to_band(samples, rate_hz, curve, lowpass(rate_hz, *LOW_BAND_FILTER))
    return [Action("plosives", to_db(curve.min()), "dB", len(found))]


def _deess(samples: Samples, rate_hz: int, features: FrameFeatures, options: Preparation) -> list[Action]:
    sharp = speech_events.sibilance_db(features)
    if options.deess == "off" or sharp is None:
        return []
    if options.deess == "auto" and sharp <= speech_events.SIBILANCE.sharp_db:
        return []
    curve = speech_events.sibilant_curve(features)
    if curve.min() >= 1:
        return []
    apply_curve_to_band(samples, rate_hz, curve, highpass(rate_hz, SIBILANT_HZ, SIBILANT_WIDTH_HZ))
    places = len(speech_events.find_sibilants(features, speech_events.SIBILANCE.aim_db))
    return [Action("deess", to_db(curve.min()), "dB", max(1, places))]


def _breaths(samples: Samples, rate_hz: int, features: FrameFeatures, found: Diagnosis) -> list[Action]:
    if not found.breaths:
        return []
    curve = speech_events.breath_curve(features, found.breaths, found.features)
    if curve.min() >= 1:
        return []
    apply_curve(samples, rate_hz, curve)
    return [Action("breaths", to_db(curve.min()), "dB", len(found.breaths))]


def _quiet_passages(samples: Samples, rate_hz: int, features: FrameFeatures) -> list[Action]:
    found = speech_events.find_quiet_passages(features)
    if not found:
        return []
    curve = speech_events.quiet_passage_curve(features, found)
    apply_curve(samples, rate_hz, curve)
    return [Action("quiet", to_db(curve.max()), "dB", len(found))]
