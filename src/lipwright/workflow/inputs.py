"""What a graph is made from: names of files on the server, a plan, settings."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from lipwright.domain.media import FrameSize
from lipwright.domain.settings import Settings
from lipwright.domain.time import Span
from lipwright.errors import InputError

Export = Literal["video", "frames"]
"""video: an MP4 with the original audio, for people. frames: the image alone and close to
lossless, for a program that adds the audio itself."""

DEFAULT_NEGATIVE = "pc game, console game, video game, cartoon, childish, ugly"
"""The negative prompt of ComfyUI's own LTX-2.3 templates; it works only where CFG is above 1."""


STAGE_ONE_STRENGTH = 0.7
"""How firmly the first of two stages holds the image in ComfyUI's own template; the second has 1."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """Names of model files as the server lists them; defaults for LTX-2.3 in data/models.toml."""

    distilled: str
    """Checkpoint with the distilled model: models/checkpoints."""
    full: str
    """Checkpoint with the full (dev) model: models/checkpoints."""
    text_encoder: str
    """Gemma 3: models/text_encoders."""
    upscaler: str
    """Spatial latent upscaler x2: models/latent_upscale_models."""
    distilled_lora: str
    """Turns the full model into a distilled one: models/loras."""
    distilled_lora_strength: float


@cache
def default_models() -> ModelFiles:
    """The names in data/models.toml."""
    text = files("lipwright.workflow").joinpath("data/models.toml").read_text("utf-8")
    return ModelFiles(**tomllib.loads(text))


@dataclass(frozen=True, slots=True)
class Lora:
    """One LoRA on the model, in models/loras."""

    name: str
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class WorkflowInputs:
    """Everything that a recipe needs. Paths stay outside: files are names in the server's input folder."""

    driver: str
    """The audio that moves the mouth: mono, prepared, as long as the plan."""
    master: str
    """The audio that a video delivers."""
    size: FrameSize
    """A multiple of 32, of 64 in the official recipe."""
    frames: int
    """8n+1."""
    frame_rate: Fraction
    """Frames per second, exact."""
    settings: Settings
    prompt: str = ""
    negative: str = DEFAULT_NEGATIVE
    image: str | None = None
    """The first frame; None makes the video from the prompt alone."""
    mask: Span | None = None
    """The video moves inside it, in seconds, and rests outside; needs an image."""
    freeze_audio: bool = True
    """False samples the audio latent too; to compare only."""
    models: ModelFiles = field(default_factory=default_models)
    loras: tuple[Lora, ...] = ()
    filename_prefix: str = "lipwright/video"
    export: Export = "video"
    available: frozenset[str] | None = None
    """Classes of nodes that the server has; None where nobody asked: then every pack in the
    bundled schemas is taken to be there, and lipwright's own is not."""

    def has(self, class_type: str, *, otherwise: bool) -> bool:
        """True where the server has such a node; `otherwise` where nobody asked it."""
        return otherwise if self.available is None else class_type in self.available


def read_models(text: str) -> ModelFiles:
    """Names from a models file, TOML as data/models.toml or JSON; what it leaves out keeps its default.

    Raises:
        InputError: neither, or a key or value that makes no sense.
    """
    import json  # noqa: PLC0415 - only for those who have such a file

    hint = f"keys are {', '.join(one.name for one in fields(ModelFiles))}"
    try:
        given: Any = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"the models file is neither TOML nor JSON ({error})", hint=hint) from None
    return _overlaid(given, hint)


def _overlaid(given: Mapping[str, Any], hint: str) -> ModelFiles:
    default = default_models()
    values: dict[str, Any] = {one.name: getattr(default, one.name) for one in fields(ModelFiles)}
    for key, value in given.items():
        if key not in values:
            raise InputError(f"the models file has an unknown key {key!r}", hint=hint)
        if key == "distilled_lora_strength":
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise InputError(f"the models file: {key} is a number, not {value!r}", hint=hint)
        elif not isinstance(value, str) or not value:
            raise InputError(f"the models file: {key} is the name of a file, not {value!r}", hint=hint)
        values[key] = value
    return ModelFiles(**values)
