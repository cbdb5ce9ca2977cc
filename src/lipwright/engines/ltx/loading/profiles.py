"""The bundled data of each family: rates, schedules, factors, and the shapes of its models.

`profiles/ltx-F.json` says how a family is run, `profiles/ltx-F.models.json` what its
models look like where a file does not say so itself. Sources: ltx-pipelines'
constants (schedules, guidance, CRF) and diffusers' conversion script (shapes). A
checkpoint's own configuration wins over both. A new family is two files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any, Literal

from lipwright.engines.ltx.profile import GuidanceDefaults, Profile

Kind = Literal["distilled", "full"]

FAMILIES = ("2.3", "2.5")
"""Oldest first."""


@cache
def family_data(family: str) -> Mapping[str, Any]:
    """What the bundled file says of a family: one of FAMILIES."""
    return _read(f"ltx-{family}.json")


@cache
def model_data(family: str) -> Mapping[str, Any]:
    """Configurations of a family's models, as diffusers takes them, by part."""
    return _read(f"ltx-{family}.models.json")


def family_of(version: tuple[int, ...]) -> str | None:
    """The newest family that a declared version is at or above; None for older ones (2.0, 0.9)."""
    known = [family for family in FAMILIES if tuple(family_data(family)["since"]) <= version]
    return known[-1] if known else None


def make_profile(family: str, kind: Kind, *, name: str, identity: str) -> Profile:
    """The profile of a model.

    Args:
        family: One of FAMILIES.
        kind: Distilled or full.
        name: As the manifest tells it.
        identity: What its caches are keyed by.
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
        second_stage_sigmas=tuple(kinds["second_stage_sigmas"]),
        guidance=_guidance(kinds["guidance"]),
    )


def overlaid(profile: Profile, video_vae: Mapping[str, Any], audio_vae: Mapping[str, Any]) -> Profile:
    """The profile with what the checkpoint's own configurations say laid over it.

    Args:
        profile: Of the family.
        video_vae: diffusers configuration of the video VAE.
        audio_vae: diffusers configuration of the audio VAE.
    """
    named = {
        "spatial_factor": video_vae.get("spatial_compression_ratio"),
        "temporal_factor": video_vae.get("temporal_compression_ratio"),
        "audio_rate_hz": audio_vae.get("sample_rate"),
        "audio_hop": audio_vae.get("mel_hop_length"),
        "mel_bins": audio_vae.get("mel_bins"),
    }
    return replace(profile, **{key: value for key, value in named.items() if value is not None})


def _guidance(data: Mapping[str, Any]) -> GuidanceDefaults:
    return GuidanceDefaults(**{**data, "stg_blocks": tuple(data["stg_blocks"])})


def _read(name: str) -> Mapping[str, Any]:
    text = (resources.files("lipwright.engines.ltx") / "profiles" / name).read_text(encoding="utf-8")
    read: Mapping[str, Any] = json.loads(text)
    return read
