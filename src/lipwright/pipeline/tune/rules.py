"""The guide's answers to each problem, as data, in the guide's order.

A rule proposes points to try, given where the search stands. It says why it has none
where it cannot help: what it would set is set already, or means nothing to the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from lipwright.domain.settings import SETTINGS
from lipwright.domain.time import DEFAULT_FRAME_RATE
from lipwright.pipeline.tune.parameters import Parameters
from lipwright.pipeline.tune.scoring import Problem

ETA = (0.2, 0.25)
"""The guide's start and its answer to stiffness."""
THRESHOLD = 0.4
"""The guide's answer to jumps is 0.3 to 0.4: the end of it, for a value that is too low and one that
does nothing here look alike."""
CFG = 4.0
"""The guide's value for lip sync."""
DRIVER_NOISE_DBFS = -55.0
"""RMS of the pink floor under a driver that is too clean: some 40 dB below speech at -16 LUFS, a
quiet room. It is heard by the model alone."""
IMAGE_STRENGTH = 0.6
"""0.4 to 0.7 lets a held image go; the likeness suffers least above the middle."""
IMAGE_CRF = 33
"""H.264 compression at which LTX-2.3 knows frames of videos; a spotless still it takes for a still."""
TALKING = "talking to camera"
SEEDS = 8
"""Seeds tried at most."""


@dataclass(frozen=True, slots=True)
class TuneContext:
    """What a rule must know of the render beside the parameters."""

    engine: str
    ignores: frozenset[str] = frozenset()
    """Knobs that the engine does not read."""
    has_image: bool = True


@dataclass(frozen=True, slots=True)
class Skip:
    """A rule that has nothing to try."""

    why: str


Proposals = tuple[Parameters, ...] | Skip


@dataclass(frozen=True, slots=True)
class Rule:
    """One answer to one problem."""

    name: str
    knob: str
    """What it turns: what an engine may ignore, and what may be found inert."""
    does: str
    """What it does, in a few words, for the trace and the documents."""
    source: str
    """Where it comes from."""
    propose: Callable[[Parameters, TuneContext], Proposals]
    """Points to try, the next one first; none is tried twice."""
    draws: bool = False
    """Each try is a new draw: one that did not help says nothing about the next."""
    optional: bool = False
    """It may want what is not installed here, which is no reason to stop."""
    rung: bool = False
    """Stays although it changed nothing for the better, since causes of a still image add up:
    a held image and a prompt in which nobody talks freeze it together."""


def _plan(now: Parameters, _: TuneContext) -> Proposals:
    if now.fit == "auto":
        return Skip("the plan is the computed one: 8n+1 frames, no speech cut")
    return (replace(now, fit="auto"),)


def _rate(now: Parameters, _: TuneContext) -> Proposals:
    if now.frame_rate == DEFAULT_FRAME_RATE:
        return Skip("there are 25 frames a second already, one to each audio latent")
    return (replace(now, frame_rate=DEFAULT_FRAME_RATE),)


def _freeze(now: Parameters, _: TuneContext) -> Proposals:
    return Skip("the audio is frozen") if now.freeze_audio else (replace(now, freeze_audio=True),)


def _denoise(now: Parameters, _: TuneContext) -> Proposals:
    if now.prepare and now.preparation.denoise == "on":
        return Skip("the driver is denoised already")
    return (now.with_preparation(denoise="on"),)


def _eta(now: Parameters, _: TuneContext) -> Proposals:
    higher = tuple(now.with_settings(eta=eta) for eta in ETA if eta > now.settings.eta)
    return higher or Skip(f"eta is {now.settings.eta:g} already")


def _eta_high(now: Parameters, _: TuneContext) -> Proposals:
    if now.settings.eta >= ETA[-1]:
        return Skip(f"eta is {now.settings.eta:g} already")
    return (now.with_settings(eta=ETA[-1]),)


def _prompt(now: Parameters, situation: TuneContext) -> Proposals:
    if not now.prompt.strip():
        return Skip("there is no prompt")
    # Half a second of phrase tables, for those who wrote a prompt.
    from lipwright.prompt.compose import compose  # noqa: PLC0415
    from lipwright.prompt.fix import fix  # noqa: PLC0415

    left = fix(now.prompt)
    if left == now.prompt:
        return Skip("the prompt describes no motion and no speech")
    if not left and not situation.has_image:
        left = compose("narrator")
    return (replace(now, prompt=left),)


def _cfg(now: Parameters, _: TuneContext) -> Proposals:
    if now.settings.cfg <= CFG:
        return Skip(f"CFG is {now.settings.cfg:g}, not above {CFG:g}")
    return (now.with_settings(cfg=CFG),)


def _norming(now: Parameters, _: TuneContext) -> Proposals:
    from lipwright.diffusion.guidance_clipping import applies  # noqa: PLC0415
    from lipwright.diffusion.guiders import Guidance  # noqa: PLC0415 - numpy, when the loop runs

    s = now.settings
    if not applies(THRESHOLD, Guidance(s.cfg, s.stg, s.modality_scale, s.rescale)):
        return Skip("inert: guidance is neutral, so the norming threshold has nothing to cap")
    if s.norming_threshold >= THRESHOLD:
        return Skip(f"the norming threshold is {s.norming_threshold:g} already")
    return (now.with_settings(norming_threshold=THRESHOLD),)


def _plosives(now: Parameters, _: TuneContext) -> Proposals:
    p = now.preparation
    if now.prepare and p.deess == "on" and p.declip == "on":
        return Skip("the driver is repaired already")
    return (now.with_preparation(deess="on", declip="on"),)


def _steps(now: Parameters, _: TuneContext) -> Proposals:
    most = int(SETTINGS["steps"].tested[1])
    more = tuple(
        now.with_settings(steps=steps)
        for steps in (now.settings.steps * 2, now.settings.steps * 4)
        if steps <= most
    )
    return more or Skip(f"{now.settings.steps} steps; {most} is the most that is tested")


def _level(now: Parameters, _: TuneContext) -> Proposals:
    return Skip("the driver is brought to its level") if now.prepare else (replace(now, prepare=True),)


def _talking(now: Parameters, _: TuneContext) -> Proposals:
    if "talk" in now.prompt.lower() or "speak" in now.prompt.lower():
        return Skip("the prompt says that the person talks")
    plain = now.prompt.strip().rstrip(".,;")
    return (replace(now, prompt=f"{plain}, {TALKING}" if plain else TALKING),)


def _noise(now: Parameters, _: TuneContext) -> Proposals:
    if now.prepare and now.preparation.driver_noise_dbfs is not None:
        return Skip(f"there is noise of {now.preparation.driver_noise_dbfs:g} dBFS in the driver")
    return (now.with_preparation(driver_noise_dbfs=DRIVER_NOISE_DBFS),)


def _strength(now: Parameters, situation: TuneContext) -> Proposals:
    if not situation.has_image:
        return Skip("there is no image to hold")
    if now.settings.image_strength <= IMAGE_STRENGTH:
        return Skip(f"image strength is {now.settings.image_strength:g} already")
    return (now.with_settings(image_strength=IMAGE_STRENGTH),)


def _compression(now: Parameters, situation: TuneContext) -> Proposals:
    if not situation.has_image:
        return Skip("there is no image to compress")
    if now.image_crf is not None:
        return Skip(f"the image is compressed already, CRF {now.image_crf}")
    return (replace(now, image_crf=IMAGE_CRF),)


def _seed(now: Parameters, _: TuneContext) -> Proposals:
    return tuple(now.with_settings(seed=now.settings.seed + more) for more in range(1, SEEDS + 1))


_GUIDE_SYNC = "guide, out of sync"
_GUIDE_JUMPS = "guide, frame jumps"
_GUIDE_STIFF = "guide, stiff movement"
_LADDER = "what freezes an image"

PLAN = Rule("plan", "fit", "recompute the frame count", _GUIDE_SYNC, _plan)
RATE_25 = Rule("rate", "fps", "25 frames a second, one to each audio latent", _GUIDE_SYNC, _rate)
FREEZE = Rule("freeze", "freeze", "freeze the audio's latent", _GUIDE_SYNC, _freeze)
DENOISE = Rule("denoise", "denoise", "take the noise out of the driver", _GUIDE_SYNC, _denoise, optional=True)
NORMING = Rule("norming-threshold", "norming_threshold", "norming threshold to 0.4", _GUIDE_JUMPS, _norming)
PLOSIVES = Rule("plosives", "deess", "take plosives and clipping out of the driver", _GUIDE_JUMPS, _plosives)
ETA_HIGH = Rule("eta-high", "eta", "eta to 0.25", _GUIDE_JUMPS, _eta_high)
STEPS = Rule("steps", "steps", "twice the steps, then four times", _GUIDE_JUMPS, _steps)
ETA_UP = Rule("eta", "eta", "eta to 0.2, then 0.25", _GUIDE_STIFF, _eta)
PROMPT = Rule("prompt", "prompt", "take motion and speech out of the prompt", _GUIDE_STIFF, _prompt)
CFG_DOWN = Rule("cfg", "cfg", "CFG down to 4", _GUIDE_STIFF, _cfg)
LEVEL = Rule("level", "prepare", "bring the driver to its level", _LADDER, _level, rung=True)
TALK = Rule("talking", "talking", "say in the prompt that the person talks", _LADDER, _talking, rung=True)
NOISE = Rule("driver-noise", "driver_noise_dbfs", "faint noise into the driver", _LADDER, _noise, rung=True)
STRENGTH = Rule(
    "image-strength", "image_strength", "image strength down to 0.6", _LADDER, _strength, rung=True
)
COMPRESSION = Rule(
    "compression", "image_crf", "compress the image as videos are", _LADDER, _compression, rung=True
)
SEED = Rule("seed", "seed", "another seed", _LADDER, _seed, draws=True)

_OUT_OF_SYNC = (PLAN, FREEZE, DENOISE)

RULES: Mapping[Problem, tuple[Rule, ...]] = {
    "no-face": (PROMPT, SEED),
    "static": (LEVEL, TALK, NOISE, STRENGTH, COMPRESSION, SEED),
    "inconclusive": (*_OUT_OF_SYNC, SEED),
    "drift": (PLAN, RATE_25, FREEZE, DENOISE),
    "audio-late": _OUT_OF_SYNC,
    "audio-early": _OUT_OF_SYNC,
    "jumps": (NORMING, PLOSIVES, ETA_HIGH, STEPS),
    "stiff": (ETA_UP, PROMPT, CFG_DOWN),
}
"""For each problem, what is tried, in this order."""
