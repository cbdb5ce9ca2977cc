"""What is known about a model besides its weights: schedules, guidance, and the shapes of its networks.

`networks.json` has diffusers' configurations of LTX-2.3's networks, for values that a file does not state.
Sources: ltx-pipelines' constants (schedules, guidance, CRF) and diffusers' conversion script (shapes). A
checkpoint's own configuration overrides both. A new family is an entry in FAMILIES.
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
    """A generation of models; the defaults are LTX-2.3's."""

    since: tuple[int, ...]
    """Its first version."""
    image_crf: int = 33
    """H.264 quality that the reference image is compressed with."""
    distilled_eta: float = 0.0
    """Ancestral share of the steps of the distilled model's official schedule."""
    transformer: Mapping[str, Any] = field(default_factory=dict)
    """Where diffusers' configuration of its transformer differs from LTX-2.3's."""


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
    """One model. The defaults are LTX-2.3's, distilled."""

    name: str
    """Name in --model and in the manifest."""
    identity: str
    """Key of the cache of prompts: changes when the files of text encoder or connectors change."""
    family: str = "2.3"
    distilled: bool = True
    """True if trained to sample in few steps; False for the full ("dev") model."""
    tiny: bool = False
    """A model for tests: it runs on a CPU without --memory cpu."""
    audio_rate_hz: int = 16_000
    """Sample rate that the audio VAE reads."""
    audio_hop: int = 160
    """Samples from one mel frame to the next."""
    mel_bins: int = 64
    image_crf: int = 33
    """H.264 quality that the reference image is compressed with."""
    spatial_factor: int = 32
    """Pixels per video latent, in width and height."""
    sigmas: tuple[float, ...] = DISTILLED
    """Noise levels of the official schedule; empty if it is computed from the number of steps."""
    eta: float = 0.0
    """Ancestral share of the steps of the official schedule."""
    audio_cfg: float = 1.0
    """Official CFG of the audio; used only where the audio is not frozen."""
    stg_blocks: tuple[int, ...] = (28,)
    """Blocks whose self attention the perturbed pass skips, counted from 0."""


@cache
def network_configs(family: str) -> Mapping[str, Any]:
    """Read diffusers' configurations of a family's networks, by part."""
    text = (resources.files("lipwright.engines.ltx") / "networks.json").read_text(encoding="utf-8")
    configs: dict[str, Any] = json.loads(text)
    return configs | {"transformer": configs["transformer"] | FAMILIES[family].transformer}


def family_of(version: tuple[int, ...]) -> str | None:
    """The newest family that is not newer than a version; None for older versions (2.0, 0.9)."""
    known = [name for name, family in FAMILIES.items() if family.since <= version]
    return known[-1] if known else None


def make_profile(family: str, kind: Kind, *, name: str, identity: str) -> Profile:
    """Make the profile of a model of some family and kind."""
    data = FAMILIES[family]
    profile = Profile(name, identity, family, image_crf=data.image_crf)
    if kind == "distilled":
        return replace(profile, eta=data.distilled_eta)
    return replace(profile, distilled=False, sigmas=(), audio_cfg=7.0)
