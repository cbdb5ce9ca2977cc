"""Remedies for a take: those that `tune` tries, for the causes that `check` found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lipwright.domain.settings import SETTINGS, build_request
from lipwright.errors import LipwrightError
from lipwright.pipeline.preflight import preflight
from lipwright.pipeline.tune import rules
from lipwright.pipeline.tune.parameters import Parameters, describe_change
from lipwright.studio.exchange import OPTIONS
from lipwright.studio.job import Job
from lipwright.sync import findings

_TALKING, _NOISE, _STRENGTH = (
    next(rule for rule in rules.UNFREEZE_FACE if rule.name == name)
    for name in ("talking", "driver-noise", "image-strength")
)
REMEDIES: Mapping[str, rules.Rule] = {
    findings.FRAME_COUNT.id: rules.PLAN,
    findings.LENGTHS_DIFFER.id: rules.PLAN,
    findings.FRAME_RATE.id: rules.FRAME_RATE,
    findings.LATENT_NOT_FROZEN.id: rules.FREEZE,
    findings.NOISE_UNDER_SPEECH.id: rules.DENOISE,
    findings.NOBODY_TALKS_IN_PROMPT.id: _TALKING,
    findings.IMAGE_STRENGTH.id: _STRENGTH,
    findings.STILL_MOUTH.id: _NOISE,
    findings.SLOW_ZOOM.id: _NOISE,
    findings.NORMING_THRESHOLD.id: rules.NORMING,
    findings.PLOSIVES.id: rules.PLOSIVES,
    findings.FEW_STEPS.id: rules.STEPS,
    findings.LOW_ETA.id: rules.ETA,
    findings.STIFF.id: rules.ETA,
    findings.PROMPT_MOTION.id: rules.PROMPT,
    findings.LIPS_MOVE_IN_SILENCE.id: rules.PROMPT,
}
"""Rules of `tune` by the id of the cause that they remedy."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """A cause, and the change that remedies it."""

    cause: Mapping[str, Any]
    """The finding of the check."""
    action: str
    """What the change does; empty if no setting helps."""
    change: str
    """The change, such as "eta 0 -> 0.2"."""
    options: Mapping[str, Any]
    """Options that override the take's."""


def find_remedies(job: Job, causes: list[dict[str, Any]]) -> Iterator[Remedy]:
    """Yield every cause with its remedy.

    Args:
        job: The take.
        causes: Causes found by its check, as JSON values.
    """
    try:
        given = {name: value for name, value in job.options.items() if name in SETTINGS}
        request = build_request({**given, **job.inputs, "output": job.folder / "next.mp4"})
        ready = preflight(request)
    except LipwrightError:  # an engine that is no longer here: causes can be shown all the same
        for cause in causes:
            yield Remedy(cause, "", "", {})
        return
    now, ignored = Parameters.of(request, ready.settings), ready.choice.description.ignores
    for cause in causes:
        rule = REMEDIES.get(cause["rule"])
        proposals = [] if rule is None or rule.setting in ignored else rule.propose(now)
        points = [] if isinstance(proposals, str) else [point for point in proposals if point != now]
        options = _difference(now, points[0]) if points else {}
        if rule is None or not options or not options.keys() <= OPTIONS:
            yield Remedy(cause, "", "", {})
        else:
            yield Remedy(cause, rule.action, describe_change(now, points[0]), options)


def _difference(now: Parameters, then: Parameters) -> dict[str, Any]:
    """Return what differs, by the names of the settings."""
    names = {spec.job_key or name: name for name, spec in SETTINGS.items()}
    old, new = now.to_json(), then.to_json()
    old, new = ({**one, **one.pop("preparation")} for one in (old, new))
    return {names[key]: value for key, value in new.items() if value != old[key]}
