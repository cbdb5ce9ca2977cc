"""What is known about a model besides its weights: rates, schedules, guidance, shapes of its networks.

`model_profiles/ltx-F.json` describes how family F is run; `model_profiles/ltx-F.models.json` describes its
networks, for values that a file does not state. Sources: ltx-pipelines' constants (schedules, guidance, CRF)
and diffusers' conversion script (shapes). A checkpoint's own configuration overrides both. A new family takes
two files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, Literal

from lipwright.diffusion.schedules import DISTILLED, LTX_SHIFT, LTX_TERMINAL, SECOND_STAGE

Kind = Literal["distilled", "full"]

FAMILIES = ("2.3", "2.5")
"""Families of models, oldest first."""


CrossTiming = Literal["core12", "core10", "own"]
"""Which noise level modulates attention between audio and video.

    core12  scale and shift: the stream's own level per token; gate: the other stream's scalar level
            (ltx-core 1.2, ComfyUI)
    core10  both: the other stream's scalar level (ltx-core 1.0; diffusers' use_cross_timestep=True)
    own     both: the stream's own level per token (LTX-2.0; diffusers' use_cross_timestep=False)
"""


@dataclass(frozen=True, slots=True)
class GuidanceDefaults:
    """A model's default guidance."""

    cfg: float = 1.0
    stg: float = 0.0
    modality_scale: float = 1.0
    rescale: float = 0.0
    audio_cfg: float = 1.0
    """CFG of the audio; used only where the audio is not frozen."""
    stg_blocks: tuple[int, ...] = (28,)
    """Blocks whose self attention the perturbed pass skips, counted from 0."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One model, or one kind of model. The defaults are LTX-2.3's."""

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
    audio_fft: int = 1024
    """Samples of a mel frame's window."""
    mel_bins: int = 64
    image_crf: int = 33
    """H.264 quality that the reference image is compressed with: 33 up to 2.3, 18 for 2.4 and 2.5."""
    spatial_factor: int = 32
    """Pixels per video latent, in width and height."""
    sigmas: tuple[float, ...] = DISTILLED
    """Noise levels of the official schedule; empty if it is computed from the number of steps."""
    eta: float = 0.0
    """Ancestral share of the steps of the official schedule; ltx-pipelines has 1 from 2.5 on."""
    second_stage_sigmas: tuple[float, ...] = SECOND_STAGE
    """Noise levels that refine an upsampled clip."""
    shift: float = LTX_SHIFT
    """Shift of schedules made from a number of steps."""
    terminal: float = LTX_TERMINAL
    """Last noise level above 0 of computed schedules."""
    guidance: GuidanceDefaults = GuidanceDefaults()
    cross_timing: CrossTiming = "core12"
    text_tokens: int = 1024
    """Length that prompts are padded to."""
    negative_prompt: str = ""
    """Default negative prompt; empty uses the package's."""


@cache
def family_data(family: str) -> Mapping[str, Any]:
    """Read the bundled data of a family: one of FAMILIES."""
    return _read(f"ltx-{family}.json")


@cache
def model_data(family: str) -> Mapping[str, Any]:
    """Read diffusers' configurations of a family's networks, by part."""
    return _read(f"ltx-{family}.models.json")


def family_of(version: tuple[int, ...]) -> str | None:
    """The newest family that is not newer than a version; None for older versions (2.0, 0.9)."""
    known = [family for family in FAMILIES if tuple(family_data(family)["since"]) <= version]
    return known[-1] if known else None


def make_profile(family: str, kind: Kind, *, name: str, identity: str) -> Profile:
    """Make the profile of a model from the data of its family.

    Args:
        family: One of FAMILIES.
        kind: Distilled or full.
        name: Name in the manifest.
        identity: Key of the cache of prompts.
    """
    data = family_data(family)
    kinds = data["kinds"][kind]
    plain = {key: value for key, value in data.items() if key not in {"since", "kinds"}}
    return Profile(
        name=name,
        identity=identity,
        **plain,
        distilled=kinds["distilled"],
        sigmas=tuple(kinds["sigmas"]),
        eta=kinds.get("eta", 0.0),
        second_stage_sigmas=tuple(kinds["second_stage_sigmas"]),
        guidance=_guidance(kinds["guidance"]),
    )


def with_configurations(
    profile: Profile, video_vae: Mapping[str, Any], audio_vae: Mapping[str, Any]
) -> Profile:
    """Replace values of a profile by those of the checkpoint's own configurations.

    Args:
        profile: The family's profile.
        video_vae: diffusers configuration of the video VAE.
        audio_vae: diffusers configuration of the audio VAE.
    """
    named = {
        "spatial_factor": video_vae.get("spatial_compression_ratio"),
        "audio_rate_hz": audio_vae.get("sample_rate"),
        "audio_hop": audio_vae.get("mel_hop_length"),
        "mel_bins": audio_vae.get("mel_bins"),
    }
    return replace(profile, **{key: value for key, value in named.items() if value is not None})


def _guidance(data: Mapping[str, Any]) -> GuidanceDefaults:
    return GuidanceDefaults(**{**data, "stg_blocks": tuple(data["stg_blocks"])})


def _read(name: str) -> Mapping[str, Any]:
    text = (resources.files("lipwright.engines.ltx") / "model_profiles" / name).read_text(encoding="utf-8")
    read: Mapping[str, Any] = json.loads(text)
    return read
