"""Presets, which are named sets of sampling settings, and how the user's values override them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lipwright.domain.finding import Finding
from lipwright.domain.settings import SETTINGS, Preset, SamplingSettings
from lipwright.errors import UsageError

CFG_CEILING = 5.0
"""Highest video CFG that the lip-sync guide accepts."""

PRESETS: Mapping[Preset, SamplingSettings] = {
    "guide": SamplingSettings(),
    "official-distilled": SamplingSettings(preset="official-distilled", cfg=1.0, steps=8, eta=0.0, stages=2),
    "official-full": SamplingSettings(
        preset="official-full", cfg=3.0, steps=30, eta=0.0, stg=1.0, modality_scale=3.0, rescale=0.7
    ),
    # 8 even steps give the same quality as 12 or 16. The audio has weight 1.3, because at 1 the lips close
    # too seldom and move 10 % too little (training.score).
    "portrait": SamplingSettings(
        preset="portrait", cfg=1.0, steps=8, eta=0.0, norming_threshold=0.0, modality_scale=1.3
    ),
}
"""Sampling settings by preset name: those of the lip-sync guide, of the official LTX pipelines, and of the
portrait engine's model."""


def resolve(
    preset: Preset,
    overrides: Mapping[str, Any],
    *,
    force: bool = False,
    own_settings: Mapping[str, Any] | None = None,
) -> tuple[SamplingSettings, tuple[Finding, ...]]:
    """Replace values of a preset with the user's values.

    Args:
        preset: Name of the preset to start from.
        overrides: Values keyed by setting name; None keeps the preset's value.
        force: Accept a video CFG above 5.
        own_settings: The engine's own values, which replace those of the preset unless the user gives a
            value.

    Returns:
        The settings, and a finding for each given value outside its tested range.

    Raises:
        UsageError: a value is invalid, or CFG is above 5 without `force`.
    """
    given = {name: SETTINGS[name].check(value) for name, value in overrides.items() if value is not None}
    settings = replace(PRESETS[preset], **{**(own_settings or {}), **given})
    if settings.cfg > CFG_CEILING and not force:
        raise UsageError(
            f"CFG {settings.cfg:g} is above {CFG_CEILING:g}, outside the model's documented range",
            hint="use CFG 4 for lip sync, or add --force",
        )
    findings = []
    for name, value in given.items():
        low, high = SETTINGS[name].tested
        if not low <= value <= high:
            findings.append(SETTINGS[name].out_of_range(value=value))
    return settings, tuple(findings)
