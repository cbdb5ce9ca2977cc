"""What a rule may change of a render; everything else stays as the user has it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from lipwright.domain.plan import Fit
from lipwright.domain.settings import PRESETS, SETTINGS, Preparation, RenderRequest, Settings
from lipwright.domain.time import DEFAULT_FRAME_RATE, format_frame_rate


@dataclass(frozen=True, slots=True)
class Parameters:
    """One point that the search may stand on."""

    settings: Settings = field(default_factory=Settings)
    prompt: str = ""
    fit: Fit = "auto"
    frame_rate: Fraction = DEFAULT_FRAME_RATE
    freeze_audio: bool = True
    prepare: bool = True
    preparation: Preparation = field(default_factory=Preparation)
    image_crf: int | None = None
    """Compression of the reference image; None hands it to the engine as it is."""

    @classmethod
    def of(cls, request: RenderRequest, settings: Settings) -> Parameters:
        """Where the user begins.

        Args:
            request: What the user wants.
            settings: Its preset and numbers, resolved.
        """
        return cls(
            settings=settings,
            prompt=request.prompt,
            fit=request.fit,
            frame_rate=request.frame_rate,
            freeze_audio=request.freeze_audio,
            prepare=request.prepare,
            preparation=request.preparation,
            image_crf=request.image_crf,
        )

    def applied_to(self, request: RenderRequest) -> RenderRequest:
        """The request with these parameters instead of its own."""
        preset = PRESETS[self.settings.preset]
        return replace(
            request,
            preset=self.settings.preset,
            # Only what differs is "given by hand": the rest may make no finding of its range.
            settings={
                name: getattr(self.settings, name)
                for name, spec in SETTINGS.items()
                if spec.owner is Settings and getattr(self.settings, name) != getattr(preset, name)
            },
            prompt=self.prompt,
            fit=self.fit,
            frame_rate=self.frame_rate,
            freeze_audio=self.freeze_audio,
            prepare=self.prepare,
            preparation=self.preparation,
            image_crf=self.image_crf,
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values; the keys are those of the manifest's `job`."""
        return {
            **self.settings.to_json(),
            "prompt": self.prompt,
            "fps": format_frame_rate(self.frame_rate),
            "fit": self.fit,
            "freeze": self.freeze_audio,
            "prepare": self.prepare,
            "preparation": self.preparation.to_json(),
            "image_crf": self.image_crf,
        }

    def with_settings(self, **changes: float) -> Parameters:
        """The same with other numbers."""
        return replace(self, settings=replace(self.settings, **changes))  # type: ignore[arg-type]

    def with_preparation(self, **changes: Any) -> Parameters:  # noqa: ANN401 - fields of Preparation
        """The same with another preparation, which is then switched on."""
        return replace(self, prepare=True, preparation=replace(self.preparation, **changes))


def difference(before: Parameters, after: Parameters) -> str:
    """What changed, for people: "eta 0 -> 0.2"."""
    old, new = _flat(before), _flat(after)
    return ", ".join(f"{key} {word(old[key])} -> {word(new[key])}" for key in new if new[key] != old[key])


def _flat(parameters: Parameters) -> dict[str, Any]:
    value = parameters.to_json()
    preparation: dict[str, Any] = value.pop("preparation")
    return value | preparation


def word(value: object) -> str:
    """A setting's value for people."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None else f'"{value}"' if value == "" or " " in str(value) else str(value)
