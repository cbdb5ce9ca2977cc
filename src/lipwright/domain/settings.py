"""Every knob of a render in one table, and the presets.

The command line's options, the manifest's `job`, node inputs and the tuner all
read this table; a knob is added here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from lipwright.domain.finding import Finding
from lipwright.errors import UsageError

Preset = Literal["guide", "official-distilled", "official-full", "portrait"]


@dataclass(frozen=True, slots=True)
class SettingSpec:
    """What a setting means and where it is known to work."""

    help: str
    low: float = float("-inf")
    high: float = float("inf")
    """Tested range, closed; outside it a warning."""
    least: float = float("-inf")
    most: float = float("inf")
    """Closed bounds of what can still be sampled; outside them numbers overflow, and the face
    would stand still without a word. Refused."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The numbers of one sampling run. Neutral guidance is cfg 1, stg 0, modality 1, rescale 0."""

    preset: Preset = "guide"
    cfg: float = 4.0
    steps: int = 40
    eta: float = 0.2
    norming_threshold: float = 0.25
    stg: float = 0.0
    modality_scale: float = 1.0
    rescale: float = 0.0
    image_strength: float = 1.0
    seed: int = 0
    stages: int = 1

    def to_json(self) -> dict[str, Any]:
        """Plain values, for the manifest."""
        return asdict(self)


SETTINGS: Mapping[str, SettingSpec] = {
    "cfg": SettingSpec(
        "classifier-free guidance of the video; 4 is the guide's value, 5 its ceiling", 1, 5, 0, 100
    ),
    "steps": SettingSpec("sampling steps", 1, 100, 1, 1000),
    "eta": SettingSpec(
        "ancestral share of each step; 0.2 to start, 0.25 if the mouth looks stiff", 0.1, 0.3, 0, 1
    ),
    "norming_threshold": SettingSpec(
        "caps spikes of the guidance; higher is calmer, 0 switches it off", 0.1, 0.5, 0, 100
    ),
    "stg": SettingSpec("spatio-temporal guidance; 0 is neutral", 0, 2, 0, 100),
    "modality_scale": SettingSpec("weight of the audio on the image; 1 is neutral", 0, 5, 0, 100),
    "rescale": SettingSpec("pulls the guided prediction back to its own variance", 0, 1, 0, 1),
    "image_strength": SettingSpec("how firmly the first frame is held to the image", 0, 1, 0, 1),
    "seed": SettingSpec("the noise; same seed, same video"),
    "stages": SettingSpec(
        "1 samples at full size; 2 at half size, then enlarges and refines (ltx)", 1, 2, 1, 2
    ),
}

PRESETS: Mapping[Preset, Settings] = {
    "guide": Settings(),
    "official-distilled": Settings(preset="official-distilled", cfg=1.0, steps=8, eta=0.0, stages=2),
    "official-full": Settings(
        preset="official-full", cfg=3.0, steps=30, eta=0.0, stg=1.0, modality_scale=3.0, rescale=0.7
    ),
    # 8 even steps do what 12 or 16 do; the audio weighs 1.3, because at 1 the lips close too
    # seldom and move a tenth too little (training.score).
    "portrait": Settings(
        preset="portrait", cfg=1.0, steps=8, eta=0.0, norming_threshold=0.0, modality_scale=1.3
    ),
}
"""ltx-facts' three presets, and the embedded model's own."""

CFG_CEILING = 5.0
"""Above this the guide calls the video guidance out of range."""


NOTHING: Mapping[str, Any] = {}


def resolve(
    preset: Preset, overrides: Mapping[str, Any], *, force: bool = False, own: Mapping[str, Any] = NOTHING
) -> tuple[Settings, tuple[Finding, ...]]:
    """The preset with the user's numbers laid over it.

    Args:
        preset: Name of the preset to start from.
        overrides: Knob names to values; None means "as the preset has it".
        force: Accept a video CFG above 5.
        own: What the engine has instead of the preset's numbers, where the user names none.

    Raises:
        UsageError: a value that cannot work, or CFG over 5 without force.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    unknown = set(given) - {f.name for f in fields(Settings)}
    if unknown:
        raise UsageError(f"unknown setting {sorted(unknown)[0]!r}", hint=f"known: {', '.join(SETTINGS)}")
    settings = replace(PRESETS[preset], **(dict(own) | given))
    if settings.cfg > CFG_CEILING and not force:
        raise UsageError(
            f"CFG {settings.cfg:g} is above {CFG_CEILING:g}, outside the model's documented range",
            hint="use 4 for lip sync, or add --force",
        )
    if settings.steps < 1:
        raise UsageError(f"{settings.steps} sampling steps", hint="give at least 1; 40 is the guide's value")
    for name, knob in SETTINGS.items():
        if name in given and not knob.least <= given[name] <= knob.most:
            raise UsageError(
                f"{name} {given[name]:g} is outside {knob.least:g}..{knob.most:g}",
                hint=f"{knob.low:g} to {knob.high:g} is the tested range",
            )
    findings = tuple(
        Finding(
            id=f"{name.replace('_', '-')}-out-of-range",
            severity="warning",
            text=f"{name} is {given[name]:g}; {knob.low:g} to {knob.high:g} is the tested range",
            advice=knob.help,
        )
        for name, knob in SETTINGS.items()
        if name in given and not knob.low <= given[name] <= knob.high
    )
    return settings, findings
