"""Properties of a model besides its weights: schedules, guidance, and the shapes of its networks.

`networks.json` contains diffusers' configurations of LTX-2.3's networks, for values that a checkpoint does
not state. Sources are ltx-pipelines' constants (schedules, guidance, CRF) and diffusers' conversion script
(shapes). A checkpoint's own configuration overrides these values. A new family needs an entry in FAMILIES.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Any, Literal

from lipwright.diffusion.schedules import DISTILLED

Kind = Literal["distilled", "full"]


@dataclass(frozen=True, slots=True)
class Family:
    """A generation of models; the defaults are those of LTX-2.3."""

    since: tuple[int, ...]
    """First version of the family."""
    image_crf: int = 33
    """H.264 CRF with which the reference image is compressed; a lower CRF is better quality."""
    distilled_eta: float = 0.0
    """Eta (share of fresh noise) of the official schedule for the distilled model."""
    transformer: Mapping[str, Any] = field(default_factory=dict)
    """Values in diffusers' configuration of the transformer that differ from LTX-2.3."""


FAMILIES = {
    "2.3": Family(since=(2, 3)),
    "2.5": Family(
        since=(2, 4),
        image_crf=18,
        distilled_eta=1.0,
        transformer={"ff_bias": False, "use_keyframes_abs_pos_embedding": True},
    ),
}
"""Families of models, oldest first."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The properties of one model; the defaults are those of the distilled LTX-2.3."""

    name: str
    """Name of the model in --model and in the manifest."""
    identity: str
    """Key for the prompt cache; it changes if the files of the text encoder or the connectors change."""
    family: str = "2.3"
    distilled: bool = True
    """True if the model is trained to sample in few steps; False for the full ("dev") model."""
    tiny: bool = False
    """True for a tiny model for tests, which runs on a CPU without --memory cpu."""
    audio_rate_hz: int = 16_000
    """Sample rate of the audio VAE's input, in Hz."""
    audio_hop: int = 160
    """Number of audio samples from one mel frame to the next."""
    mel_bins: int = 64
    image_crf: int = 33
    """H.264 CRF with which the reference image is compressed; a lower CRF is better quality."""
    spatial_factor: int = 32
    """Number of pixels per video latent, in width and in height."""
    sigmas: tuple[float, ...] = DISTILLED
    """Noise levels of the official schedule; empty if the schedule is computed from the number of steps."""
    eta: float = 0.0
    """Eta (share of fresh noise) of the official schedule."""
    audio_cfg: float = 1.0
    """Official CFG of the audio, which is used only if the audio is not frozen."""
    stg_blocks: tuple[int, ...] = (28,)
    """Indices, from 0, of the blocks whose self-attention is skipped in the perturbed pass of STG."""


@cache
def network_configs(family: str) -> Mapping[str, Any]:
    """Return diffusers' configurations of a family's networks, by network."""
    text = (resources.files("lipwright.engines.ltx") / "networks.json").read_text(encoding="utf-8")
    configs: dict[str, Any] = json.loads(text)
    return configs | {"transformer": configs["transformer"] | FAMILIES[family].transformer}


def family_of(version: tuple[int, ...]) -> str | None:
    """Return the latest family that starts at or before `version`; None if `version` is before 2.3."""
    known = [name for name, family in FAMILIES.items() if family.since <= version]
    return known[-1] if known else None


def make_profile(family: str, kind: Kind, *, name: str, identity: str) -> Profile:
    """Return the profile of a model of a family and kind."""
    data = FAMILIES[family]
    profile = Profile(name, identity, family, image_crf=data.image_crf)
    if kind == "distilled":
        return replace(profile, eta=data.distilled_eta)
    return replace(profile, distilled=False, sigmas=(), audio_cfg=7.0)
