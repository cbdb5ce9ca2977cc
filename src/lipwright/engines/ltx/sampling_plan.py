"""Settings and a model's profile as schedules and guidance."""

from __future__ import annotations

from dataclasses import dataclass

from lipwright.diffusion import guidance_clipping
from lipwright.diffusion.chunked_sampling import SamplerSettings
from lipwright.diffusion.guiders import Guidance
from lipwright.diffusion.latent_scaling import StepFactors
from lipwright.diffusion.sample import NO_SCALING
from lipwright.diffusion.schedules import shifted
from lipwright.domain.finding import Finding
from lipwright.domain.settings import Settings
from lipwright.engines.findings import NORMING_INERT
from lipwright.engines.ltx import findings
from lipwright.engines.ltx.profile import Profile

NODE_FACTORS = StepFactors(audio=(1.0, 1.0, 0.25, 1.0, 1.0, 0.25, 1.0, 1.0))
"""What LTXVNormalizingSampler does unless told otherwise (its own defaults): nothing to the video,
and the audio only where it is generated, since frozen latents are never scaled here."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One sampling run over the video."""

    scale: int
    """The video's size over this stage's: 2 is half as wide and high."""
    sampler: SamplerSettings


@dataclass(frozen=True, slots=True)
class SamplingPlan:
    """How a video is sampled."""

    stages: tuple[Stage, ...]
    stg_blocks: tuple[int, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def guided(self) -> bool:
        """Whether a negative prompt is needed."""
        return any(stage.sampler.video.cfg != 1 or stage.sampler.audio.cfg != 1 for stage in self.stages)


def make_sampling_plan(
    settings: Settings, profile: Profile, *, freeze_audio: bool = True, can_enlarge: bool = True
) -> SamplingPlan:
    """Work out the stages.

    Args:
        settings: Preset with overrides.
        profile: The model's.
        freeze_audio: Guidance and factors for the audio are of use only without.
        can_enlarge: The latent upsampler is there; without it the video is made in one stage.
    """
    found = _remarks(settings, profile)
    two = settings.stages == 2
    if two and not can_enlarge:
        two = False
        found.append(findings.ONE_STAGE())
    video = Guidance(settings.cfg, settings.stg, settings.modality_scale, settings.rescale)
    audio = video
    if settings.preset == "official-full":
        audio = Guidance(
            max(profile.guidance.audio_cfg, 1.0), settings.stg, settings.modality_scale, settings.rescale
        )
    first = SamplerSettings(
        sigmas=schedule(settings, profile),
        video=video,
        audio=Guidance() if freeze_audio else audio,
        eta=settings.eta,
        norming_threshold=settings.norming_threshold,
        step_factors=NODE_FACTORS if settings.preset == "guide" else NO_SCALING,
    )
    # The second stage is the official one whatever the preset: few plain steps, without guidance.
    second = SamplerSettings(profile.second_stage_sigmas, Guidance(), Guidance())
    stages = (Stage(2, first), Stage(1, second)) if two else (Stage(1, first),)
    return SamplingPlan(stages, profile.guidance.stg_blocks, tuple(found))


def schedule(settings: Settings, profile: Profile) -> tuple[float, ...]:
    """Noise levels: the model's own list where the preset is the official one, else made from the steps.

    They are passed on as numbers: diffusers' scheduler would shift them by the clip's size.
    """
    if settings.preset == "official-distilled" and settings.steps == len(profile.sigmas) - 1:
        return profile.sigmas
    return shifted(settings.steps, shift=profile.shift, terminal=profile.terminal)


def _remarks(settings: Settings, profile: Profile) -> list[Finding]:
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
