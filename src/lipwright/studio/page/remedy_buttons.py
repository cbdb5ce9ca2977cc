"""Buttons for the causes of poor sync in a take; each button makes the change that `tune` would try."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lipwright.domain.settings import SETTINGS, build_request
from lipwright.errors import LipwrightError
from lipwright.pipeline.preflight import preflight
from lipwright.pipeline.tune import remedies
from lipwright.pipeline.tune.parameters import Parameters, describe_change
from lipwright.studio.exchange import OPTIONS
from lipwright.studio.job_view import Job
from lipwright.sync import findings

_TALKING, _NOISE, _STRENGTH = (
    next(remedy for remedy in remedies.UNFREEZE_FACE if remedy.name == name)
    for name in ("talking", "driver-noise", "image-strength")
)
REMEDY_OF_CAUSE: Mapping[str, remedies.Remedy] = {
    findings.FRAME_COUNT.id: remedies.PLAN,
    findings.LENGTHS_DIFFER.id: remedies.PLAN,
    findings.FRAME_RATE.id: remedies.FRAME_RATE,
    findings.LATENT_NOT_FROZEN.id: remedies.FREEZE,
    findings.NOISE_UNDER_SPEECH.id: remedies.DENOISE,
    findings.NOBODY_TALKS_IN_PROMPT.id: _TALKING,
    findings.IMAGE_STRENGTH.id: _STRENGTH,
    findings.STILL_MOUTH.id: _NOISE,
    findings.SLOW_ZOOM.id: _NOISE,
    findings.NORMING_THRESHOLD.id: remedies.NORMING,
    findings.PLOSIVES.id: remedies.PLOSIVES,
    findings.FEW_STEPS.id: remedies.STEPS,
    findings.LOW_ETA.id: remedies.ETA,
    findings.STIFF.id: remedies.ETA,
    findings.PROMPT_MOTION.id: remedies.PROMPT,
    findings.LIPS_MOVE_IN_SILENCE.id: remedies.PROMPT,
}
"""The remedy that `tune` would try, by the id of the finding about the cause."""


@dataclass(frozen=True, slots=True)
class RemedyButton:
    """A cause of poor sync, and the change of settings that may remedy it."""

    cause: Mapping[str, Any]
    """The finding of the sync check that states the cause, as JSON values."""
    action: str
    """Description of what the change does; empty if no setting helps."""
    change: str
    """Text of the change, such as "eta 0 -> 0.2"."""
    options: Mapping[str, Any]
    """Options for the next take that replace those of this take; empty if no setting helps."""


def find_remedies(job: Job, causes: list[dict[str, Any]]) -> Iterator[RemedyButton]:
    """Yield a button for every cause, with its remedy if it has one.

    Args:
        job: The take.
        causes: Causes that the take's sync check found, as JSON values.
    """
    try:
        given = {name: value for name, value in job.options.items() if name in SETTINGS}
        request = build_request({**given, **job.inputs, "output": job.folder / "next.mp4"})
        ready = preflight(request)
    except LipwrightError:  # the engine is no longer available: show the causes without remedies
        for cause in causes:
            yield RemedyButton(cause, "", "", {})
        return
    now, ignored = Parameters.of(request, ready.settings), ready.choice.description.ignores
    for cause in causes:
        remedy = REMEDY_OF_CAUSE.get(cause["rule"])
        proposals = [] if remedy is None or remedy.setting in ignored else remedy.propose(now)
        points = [] if isinstance(proposals, str) else [point for point in proposals if point != now]
        options = _difference(now, points[0]) if points else {}
        if remedy is None or not options or not options.keys() <= OPTIONS:
            yield RemedyButton(cause, "", "", {})
        else:
            yield RemedyButton(cause, remedy.action, describe_change(now, points[0]), options)


def _difference(now: Parameters, then: Parameters) -> dict[str, Any]:
    """Return the new values of the settings that differ, by setting name."""
    names = {spec.job_key or name: name for name, spec in SETTINGS.items()}
    old, new = now.to_json(), then.to_json()
    old, new = ({**one, **one.pop("preparation")} for one in (old, new))
    return {names[key]: value for key, value in new.items() if value != old[key]}
