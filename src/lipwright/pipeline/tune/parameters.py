"""The parameters of a render that tuning may change."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from typing import Any

from lipwright.domain.plan import Fit
from lipwright.domain.presets import PRESETS
from lipwright.domain.settings import (
    DEFAULT_FRAME_RATE,
    SETTINGS,
    Preparation,
    RenderRequest,
    SamplingSettings,
)


@dataclass(frozen=True, slots=True)
class Parameters:
    """The values of all parameters in one round of the search.

    All fields except `settings` are fields of `RenderRequest`.
    """

    settings: SamplingSettings = field(default_factory=SamplingSettings)
    prompt: str = ""
    fit: Fit = "auto"
    frame_rate: Fraction = DEFAULT_FRAME_RATE
    freeze_audio: bool = True
    prepare: bool = True
    preparation: Preparation = field(default_factory=Preparation)
    image_crf: int | None = None

    @classmethod
    def of(cls, request: RenderRequest, settings: SamplingSettings) -> Parameters:
        """Return the parameters with which the search starts: those of the user's request."""
        return cls(settings, **{name: getattr(request, name) for name in _REQUEST_FIELDS})

    def applied_to(self, request: RenderRequest) -> RenderRequest:
        """Return a copy of the request with these parameters."""
        preset = PRESETS[self.settings.preset]
        # Values of the preset are left out, because an explicit value could cause a finding about its range.
        changed = {
            name: getattr(self.settings, name)
            for name, spec in SETTINGS.items()
            if spec.owner is SamplingSettings and getattr(self.settings, name) != getattr(preset, name)
        }
        own = {name: getattr(self, name) for name in _REQUEST_FIELDS}
        return replace(request, preset=self.settings.preset, sampling=changed, **own)

    def to_json(self) -> dict[str, Any]:
        """Return JSON-serializable values, with the keys of the manifest's `job`."""
        return {
            **self.settings.to_json(),
            "prompt": self.prompt,
            "fps": str(self.frame_rate),
            "fit": self.fit,
            "freeze": self.freeze_audio,
            "prepare": self.prepare,
            "preparation": self.preparation.to_json(),
            "image_crf": self.image_crf,
        }

    def with_settings(self, **changes: float) -> Parameters:
        """Return a copy with changed sampling settings."""
        return replace(self, settings=replace(self.settings, **changes))  # type: ignore[arg-type]

    def with_preparation(self, **changes: Any) -> Parameters:  # noqa: ANN401 - fields of Preparation
        """Return a copy with changed settings of the audio preparation, and with preparation switched on."""
        return replace(self, prepare=True, preparation=replace(self.preparation, **changes))


_REQUEST_FIELDS = tuple(each.name for each in fields(Parameters))[1:]


def describe_change(before: Parameters, after: Parameters) -> str:
    """Describe the difference between two sets of parameters, such as "eta 0 -> 0.2"."""
    old, new = _flat(before), _flat(after)
    return ", ".join(
        f"{key} {format_value(old[key])} -> {format_value(new[key])}" for key in new if new[key] != old[key]
    )


def _flat(parameters: Parameters) -> dict[str, Any]:
    value = parameters.to_json()
    preparation: dict[str, Any] = value.pop("preparation")
    return value | preparation


def format_value(value: object) -> str:
    """Format the value of a setting for a message: on, off, none, 0.25, "a quoted prompt"."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None else f'"{value}"' if value == "" or " " in str(value) else str(value)
