"""The changes of settings that tuning tries for each sync problem, in the order of the lip-sync guide.

Given the current parameters of the search, a remedy proposes other parameters to try.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lipwright.diffusion.guidance_clipping import applies
from lipwright.diffusion.guiders import Guidance
from lipwright.domain.settings import DEFAULT_FRAME_RATE, SETTINGS
from lipwright.pipeline.tune.parameters import Parameters
from lipwright.pipeline.tune.scoring import Problem
from lipwright.prompt.fix import fix


@dataclass(frozen=True, slots=True)
class Targets:
    """The values that remedies set; [SAMPLE-2] and the like are rules in docs/lip-sync-rules.md."""

    eta: tuple[float, ...] = (0.2, 0.25)
    """The lip-sync guide's default value, then the guide's value for a stiff mouth [SAMPLE-2]."""
    modality_scale: float = 3.0
    """Value that the makers of LTX-2 recommend for video with audio [FREEZE-4]: in their docs on multimodal
    guidance, and as the default of the pipelines for the full model."""
    norming_threshold: float = 0.4
    """Threshold to try if the mouth jumps. The lip-sync guide recommends 0.3 to 0.4 [SAMPLE-3]. The
    upper end is used, because a lower threshold clips less and may have no visible effect."""
    cfg: float = 4.0
    """Value of CFG that the guide to lip sync recommends (docs/lip-sync-rules.md, SAMPLE-1)."""
    driver_noise_dbfs: float = -55.0
    """RMS level of the pink noise that is added to overly clean audio before the model hears it [AUDIO-8]:
    the level of a quiet room, about 40 dB below speech at -16 LUFS. The video does not contain the noise."""
    image_strength: float = 0.6
    """Image strength to try if nothing moves in the video [IMAGE-4]; the lip-sync guide gives
    0.4 to 0.7, and high values keep the likeness best."""
    image_crf: int = 33
    """CRF of H.264 at which LTX-2.3 treats an image as a frame of a video, not as a still image [IMAGE-3]."""
    talking: str = "talking to camera"
    """Words that are added to a prompt that does not mention talking [PROMPT-4]."""
    seeds: int = 8
    """Maximum number of seeds to try."""


TARGETS = Targets()


Proposals = Sequence[Parameters] | str
"""Sets of parameters to try, in order; or, if there are none, a text that says why."""

Proposer = Callable[[Parameters], Proposals]


@dataclass(frozen=True, slots=True)
class Remedy:
    """A remedy for a problem: a change of a setting."""

    name: str
    setting: str
    """Name of the setting that the remedy changes. If the engine ignores this setting, the remedy is
    skipped."""
    action: str
    """Short description of the change, for the trace and the documentation."""
    source: str
    """The source of the remedy, such as a rule of the lip-sync guide."""
    propose: Proposer
    """Function that proposes sets of parameters to try. The search skips a set that was tried before, or that
    equals the current one."""
    random: bool = False
    """True if the outcome of one proposal says nothing about the next, as with seeds. The next proposal is
    then tried even if the last one made the video worse."""
    needs_extra: bool = False
    """True if the remedy needs a library that may not be installed. If the library is missing, the search
    continues without the remedy."""
    keep_if_neutral: bool = False
    """True to keep a change that made no difference. A static face can have several causes at once, such as a
    high image strength and a prompt that does not mention talking. Removing only one may change nothing."""


def _fix_prompt(now: Parameters) -> Proposals:
    if not now.prompt.strip():
        return "there is no prompt"
    return [replace(now, prompt=fix(now.prompt))]


def _say_talking(now: Parameters) -> Proposals:
    if "talk" in now.prompt.lower() or "speak" in now.prompt.lower():
        return "the prompt already says that the person talks"
    prompt = now.prompt.strip().rstrip(".,;")
    return [replace(now, prompt=f"{prompt}, {TARGETS.talking}" if prompt else TARGETS.talking)]


def _norming_threshold(now: Parameters) -> Proposals:
    s, threshold = now.settings, TARGETS.norming_threshold
    if not applies(threshold, Guidance(s.cfg, s.stg, s.modality_scale, s.rescale)):
        return "no effect: without guidance there is nothing to clip"
    return [now.with_settings(norming_threshold=max(threshold, s.norming_threshold))]


def _more_steps(now: Parameters) -> Proposals:
    steps, limit = now.settings.steps, int(SETTINGS["steps"].tested[1])
    more = [now.with_settings(steps=each) for each in (2 * steps, 4 * steps) if each <= limit]
    return more or f"there are {steps} steps; twice as many would exceed {limit}, the tested maximum"


def _driver_noise(now: Parameters) -> Proposals:
    present = now.preparation.driver_noise_dbfs if now.prepare else None
    return [now.with_preparation(driver_noise_dbfs=TARGETS.driver_noise_dbfs if present is None else present)]


def _compression(now: Parameters) -> Proposals:
    return [replace(now, image_crf=TARGETS.image_crf if now.image_crf is None else now.image_crf)]


def _set(**changes: Any) -> Proposer:  # noqa: ANN401 - fields of Parameters
    return lambda now: [replace(now, **changes)]


def _prepare(**changes: Any) -> Proposer:  # noqa: ANN401 - fields of Preparation
    return lambda now: [now.with_preparation(**changes)]


def _raise(name: str, *values: float) -> Proposer:
    return lambda now: [
        now.with_settings(**{name: max(value, getattr(now.settings, name))}) for value in values
    ]


def _lower(name: str, value: float) -> Proposer:
    return lambda now: [now.with_settings(**{name: min(value, getattr(now.settings, name))})]


def _seeds(now: Parameters) -> Proposals:
    return [now.with_settings(seed=now.settings.seed + more) for more in range(1, TARGETS.seeds + 1)]


_SYNC, _JUMPS, _STIFF = "guide, out of sync", "guide, frame jumps", "guide, stiff movement"
_STATIC = "guide, static image"

PLAN = Remedy("plan", "fit", "compute the frame count", _SYNC, _set(fit="auto"))
FRAME_RATE = Remedy(
    "rate",
    "fps",
    f"use {DEFAULT_FRAME_RATE} fps, one frame per audio latent",
    _SYNC,
    _set(frame_rate=DEFAULT_FRAME_RATE),
)
FREEZE = Remedy("freeze", "freeze", "freeze the audio latent", _SYNC, _set(freeze_audio=True))
DENOISE = Remedy(
    "denoise", "denoise", "denoise the driving audio", _SYNC, _prepare(denoise="on"), needs_extra=True
)
NORMING = Remedy(
    "norming-threshold", "norming_threshold", "raise the norming threshold to 0.4", _JUMPS, _norming_threshold
)
PLOSIVES = Remedy(
    "plosives", "deess", "repair plosives and clipping", _JUMPS, _prepare(deess="on", declip="on")
)
HIGH_ETA = Remedy("eta-high", "eta", "raise eta to 0.25", _JUMPS, _raise("eta", TARGETS.eta[-1]))
STEPS = Remedy("steps", "steps", "double the steps, then double them again", _JUMPS, _more_steps)
MODALITY = Remedy(
    "modality",
    "modality_scale",
    "raise the weight of the audio to 3",
    "LTX-2's makers, multimodal guidance",
    _raise("modality_scale", TARGETS.modality_scale),
)
ETA = Remedy("eta", "eta", "raise eta to 0.2, then to 0.25", _STIFF, _raise("eta", *TARGETS.eta))
PROMPT = Remedy("prompt", "prompt", "remove motion and speech from the prompt", _STIFF, _fix_prompt)
CFG = Remedy("cfg", "cfg", "lower CFG to 4", _STIFF, _lower("cfg", TARGETS.cfg))
SEED = Remedy("seed", "seed", "try another seed", _STATIC, _seeds, random=True)
UNFREEZE_FACE = tuple(
    Remedy(name, setting, action, _STATIC, propose, keep_if_neutral=True)
    for name, setting, action, propose in (
        ("level", "prepare", "level the driving audio", _set(prepare=True)),
        ("talking", "talking", "say in the prompt that the person talks", _say_talking),
        ("driver-noise", "driver_noise_dbfs", "add faint noise to the driving audio", _driver_noise),
        (
            "image-strength",
            "image_strength",
            "lower the image strength to 0.6",
            _lower("image_strength", TARGETS.image_strength),
        ),
        ("compression", "image_crf", "compress the image like a video frame", _compression),
    )
)

REMEDIES: Mapping[Problem, tuple[Remedy, ...]] = {
    "no-face": (PROMPT, SEED),
    "static": (*UNFREEZE_FACE, SEED),
    "inconclusive": (PLAN, FREEZE, MODALITY, DENOISE, SEED),
    "drift": (PLAN, FRAME_RATE, FREEZE, DENOISE),
    "audio-late": (PLAN, FREEZE, DENOISE),
    "audio-early": (PLAN, FREEZE, DENOISE),
    "jumps": (NORMING, PLOSIVES, HIGH_ETA, STEPS),
    "stiff": (MODALITY, ETA, PROMPT, CFG),
}
"""The remedies for each problem, in the order in which they are tried."""
