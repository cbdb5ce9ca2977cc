"""Plan the sampling stages, with schedules and guidance, from the settings and the model's profile."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lipwright.diffusion import guidance_clipping
from lipwright.diffusion.chunked_sampling import SamplerSettings
from lipwright.diffusion.guiders import Guidance
from lipwright.diffusion.schedules import SECOND_STAGE, shifted
from lipwright.domain.finding import Finding
from lipwright.domain.settings import SamplingSettings
from lipwright.engines.findings import NORMING_INERT
from lipwright.engines.ltx import findings
from lipwright.engines.ltx.profile import Profile

DEFAULT_NODE_FACTORS = (1.0, 1.0, 0.25, 1.0, 1.0, 0.25)
"""Factors for `scale_clean_part`, applied to generated audio in the first six steps. They are the defaults of
ComfyUI-LTXVideo's LTXVNormalizingSampler. Frozen audio is not changed."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A sampling run over the whole video."""

    scale: int
    """Width of the video divided by the width of this stage, 1 or 2."""
    sampler: SamplerSettings


@dataclass(frozen=True, slots=True)
class SamplingPlan:
    """The stages in which a video is sampled."""

    stages: tuple[Stage, ...]
    stg_blocks: tuple[int, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def guided(self) -> bool:
        """True if any stage needs a negative prompt."""
        return any(stage.sampler.video.cfg != 1 or stage.sampler.audio.cfg != 1 for stage in self.stages)


def make_sampling_plan(
    settings: SamplingSettings, profile: Profile, *, freeze_audio: bool = True, can_upsample: bool = True
) -> SamplingPlan:
    """Plan the stages of the sampling, with findings about settings that do not suit the model.

    Frozen audio is not guided. If `can_upsample` is False, there is only one stage.
    """
    found = _findings_of(settings, profile)
    two = settings.stages == 2
    if two and not can_upsample:
        two = False
        found.append(findings.ONE_STAGE(family=profile.family))
    video = Guidance(settings.cfg, settings.stg, settings.modality_scale, settings.rescale)
    audio = video
    if settings.preset == "official-full":
        audio = replace(video, cfg=profile.audio_cfg)
    first = SamplerSettings(
        sigmas=schedule(settings, profile),
        video=video,
        audio=Guidance() if freeze_audio else audio,
        eta=settings.eta or (profile.eta if settings.preset == "official-distilled" else 0.0),
        norming_threshold=settings.norming_threshold,
        audio_factors=DEFAULT_NODE_FACTORS if settings.preset == "guide" else (),
    )
    # For all presets, the second stage is the official one, with few steps and without guidance.
    second = SamplerSettings(SECOND_STAGE, Guidance(), Guidance())
    stages = (Stage(2, first), Stage(1, second)) if two else (Stage(1, first),)
    return SamplingPlan(stages, profile.stg_blocks, tuple(found))


def schedule(settings: SamplingSettings, profile: Profile) -> tuple[float, ...]:
    """Return the model's official noise levels, or levels computed from the number of steps.

    The official levels are used only for the preset official-distilled with the official number of steps.
    diffusers' scheduler is not used, because its levels depend on the size of the clip.
    """
    if settings.preset == "official-distilled" and settings.steps == len(profile.sigmas) - 1:
        return profile.sigmas
    return shifted(settings.steps)


def _findings_of(settings: SamplingSettings, profile: Profile) -> list[Finding]:
    found = []
    guidance = Guidance(settings.cfg, settings.stg, settings.modality_scale)
    if settings.norming_threshold and not guidance_clipping.applies(settings.norming_threshold, guidance):
        found.append(NORMING_INERT())
    meant = {"official-distilled": True, "official-full": False}.get(settings.preset)
    if meant is not None and meant != profile.distilled:
        found.append(
            findings.PRESET_FOR_OTHER_MODEL(
                preset=settings.preset,
                meant="distilled" if meant else "full",
                model=profile.name,
                kind="full" if meant else "distilled",
                other="official-full" if meant else "official-distilled",
            )
        )
    return found
